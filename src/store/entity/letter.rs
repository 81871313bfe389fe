//! Rows of `letter`; the columns are those of the migration.

use sea_orm::entity::prelude::*;

/// A letter owed.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "letter")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub petition: Option<Uuid>,
    pub account: Option<Uuid>,
    pub kind: String,
    pub recipient: String,
    pub medium: String,
    pub status: String,
    pub texts: String,
    pub facts: String,
    pub ordered_at: DateTimeUtc,
    pub attempts: i32,
    pub next_attempt_at: DateTimeUtc,
    pub lease: Option<Uuid>,
    pub lease_until: Option<DateTimeUtc>,
    pub sending_since: Option<DateTimeUtc>,
    pub settled_at: Option<DateTimeUtc>,
    pub last_reply: String,
    pub address_hash: Option<Vec<u8>>,
    pub template_version: Option<i32>,
    pub sent_salt: Option<Vec<u8>>,
    pub sent_hash: Option<Vec<u8>>,
}

/// None: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
