//! Rows of `unit`; the columns are those of the migration.

use sea_orm::entity::prelude::*;

/// A unit.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "unit")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub code: String,
    pub parent: Option<Uuid>,
    pub level: String,
    pub name: String,
    pub short_name: String,
    pub name_en: String,
    pub mailbox: String,
    pub focal: bool,
    pub national_code: String,
    pub short_name_en: String,
    pub valid_from: Option<Date>,
    pub closed_on: Option<Date>,
    pub state: String,
    pub successors: Option<String>,
}

/// None: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
