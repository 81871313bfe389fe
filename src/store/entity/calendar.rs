//! Rows of `calendar`; the columns are those of the migration.

use sea_orm::entity::prelude::*;

/// A version of a calendar.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "calendar")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub version: String,
    pub name: String,
    pub number: i32,
    pub unit: Option<Uuid>,
    pub active: bool,
    pub content: String,
    pub created_at: DateTimeUtc,
    pub created_by: Option<Uuid>,
}

/// None: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
