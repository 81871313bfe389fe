//! Rows of `petition`; the columns are those of the migration.

use sea_orm::entity::prelude::*;

/// The present row of a petition: what is searched, ordered and compared has columns of its own, all of it is in
/// `detail`. Columns that repeat the detail are written from the same petition at the same time, and audited.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "petition")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub code: String,
    pub seq: i64,
    pub head: Vec<u8>,
    pub state: String,
    pub open: bool,
    pub kind: String,
    pub about: Option<String>,
    pub class: Option<String>,
    pub field: Option<String>,
    pub channel: String,
    pub priority: String,
    pub focal: Uuid,
    pub holder: Uuid,
    pub handler: Option<Uuid>,
    pub co_units: String,
    pub concerned: Option<Uuid>,
    pub received_at: DateTimeUtc,
    pub submission: Uuid,
    pub register_unit: Option<Uuid>,
    pub register_year: Option<i32>,
    pub register_number: Option<i64>,
    pub answer_due_at: DateTimeUtc,
    pub reply_by_at: Option<DateTimeUtc>,
    pub ended_at: Option<DateTimeUtc>,
    pub watch_at: Option<DateTimeUtc>,
    pub publication: String,
    pub unrouted: bool,
    pub clocks: String,
    pub detail: String,
}

/// None: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
