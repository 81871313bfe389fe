//! Rows of `standing`; the columns are those of the migration.

use sea_orm::entity::prelude::*;

/// What figures see of a round, from `since` to `until`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "standing")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub petition: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub seq: i64,
    pub round: i32,
    pub data_request: bool,
    pub since: DateTimeUtc,
    pub until: Option<DateTimeUtc>,
    pub received_at: DateTimeUtc,
    pub holder: Uuid,
    pub field: Option<String>,
    pub class: Option<String>,
    pub due_at: DateTimeUtc,
    pub due_date: Date,
    pub provisional: bool,
    pub extended: bool,
    pub ended_at: Option<DateTimeUtc>,
    pub ended_as: Option<String>,
    pub verdict: Option<String>,
    pub published: bool,
}

/// None: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
