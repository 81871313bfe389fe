//! Rows of `field`; the columns are those of the migration.

use sea_orm::entity::prelude::*;

/// A field.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "field")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub code: String,
    pub parent: String,
    pub name: String,
    pub name_en: String,
    pub assigns_itself: bool,
    pub position: i64,
}

/// None: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
