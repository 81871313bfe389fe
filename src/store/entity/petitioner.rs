//! Rows of `petitioner`; the columns are those of the migration.

use sea_orm::entity::prelude::*;

/// Who brought a petition.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "petitioner")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub petition: Uuid,
    pub masked_name: String,
    pub signatories: i32,
    pub kind: String,
    pub key_version: i32,
    pub sealed: Vec<u8>,
    pub portal: Option<Uuid>,
    pub subject_hash: Option<Vec<u8>>,
    pub email_hash: Option<Vec<u8>>,
    pub phone_hash: Option<Vec<u8>>,
    pub reveals: i64,
    pub head: Option<Vec<u8>>,
    pub erased_at: Option<DateTimeUtc>,
    pub compared: bool,
}

/// None: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
