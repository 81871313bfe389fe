//! Rows of `notice`; the columns are those of the migration.

use sea_orm::entity::prelude::*;

/// What a person is to be told of a petition; in a letter, once one gathered it.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "notice")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub account: Uuid,
    pub petition: Uuid,
    pub code: String,
    pub level: String,
    pub due_date: Date,
    pub raised_at: DateTimeUtc,
    pub letter: Option<Uuid>,
}

/// None: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
