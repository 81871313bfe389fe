//! Rows of `delegation`; the columns are those of the migration.

use sea_orm::entity::prelude::*;

/// A delegation of approval.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "delegation")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub approver_grant: Uuid,
    pub delegator: Uuid,
    pub delegate: Uuid,
    pub unit: Uuid,
    pub capacity: String,
    pub valid_from: DateTimeUtc,
    pub valid_until: DateTimeUtc,
}

/// None: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
