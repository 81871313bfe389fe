//! Rows of `redacted_copy`; the columns are those of the migration.

use sea_orm::entity::prelude::*;

/// A redacted copy: where it belongs. What it says is a text of the petition.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "redacted_copy")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub petition: Uuid,
    pub unit: Uuid,
    pub shared_on: Date,
}

/// None: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
