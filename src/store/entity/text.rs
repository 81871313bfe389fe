//! Rows of `text`; the columns are those of the migration.

use sea_orm::entity::prelude::*;

/// A text.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "text")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub petition: Uuid,
    pub kind: String,
    pub salt: Vec<u8>,
    pub title: String,
    pub body: String,
    pub folded: String,
}

/// None: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
