//! Rows of `publication`; the columns are those of the migration.

use sea_orm::entity::prelude::*;

/// A public copy.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "publication")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub field: String,
    pub unit: String,
    pub title: String,
    pub question: String,
    pub answer: String,
    pub outcome: String,
    pub answered_on: Date,
    pub published_at: DateTimeUtc,
    pub folded: String,
}

/// None: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
