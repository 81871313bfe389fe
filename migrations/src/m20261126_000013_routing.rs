//! Rules that say which unit is competent, fields that assign by themselves, and petitions that no rule catches.

use sea_orm_migration::prelude::*;

use crate::schema::run;

/// See the file.
#[derive(Debug, DeriveMigrationName)]
pub struct Migration;

const UP: &str = "
alter table field add column assigns_itself boolean not null default false;
create table routing_rule (
    code text primary key,
    name text not null,
    focal uuid not null references unit (id),
    unit uuid not null references unit (id),
    priority integer not null,
    valid_from timestamptz,
    valid_until timestamptz,
    conditions text not null,
    position bigint not null
);
alter table petition add column unrouted boolean not null default false;
create index petition_unrouted on petition (answer_due_at, id) where unrouted
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, UP).await
    }
}
