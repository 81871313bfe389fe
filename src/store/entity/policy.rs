//! Rows of `policy`; the columns are those of the migration.

use sea_orm::entity::prelude::*;

/// A version of a deadline policy.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "policy")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub version: String,
    pub name: String,
    pub number: i32,
    pub valid_from: DateTimeUtc,
    pub scope: String,
    pub terms: String,
    pub created_at: DateTimeUtc,
}

/// None: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
