//! Calendars and deadline policies as versioned data; the ledger's present standing beside each petition; jobs.

use sea_orm_migration::prelude::*;

use crate::schema::run;

/// See the file.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const UP: &str = "

create table calendar (
    version text primary key,
    name text not null,
    number integer not null,
    unit uuid references unit (id),
    active boolean not null,
    content text not null,
    created_at timestamptz not null,
    created_by uuid,
    unique (name, number)
);
create table policy (
    version text primary key,
    name text not null,
    number integer not null,
    valid_from timestamptz not null,
    scope text not null,
    terms text not null,
    created_at timestamptz not null,
    unique (name, number)
);
create table job (
    name text primary key,
    done_to uuid,
    done_to_at timestamptz,
    started_at timestamptz not null,
    ended_at timestamptz
);
alter table petition add column clocks text not null default '{}';
alter table petition add column prolonged boolean not null default false;
update petition set prolonged = true where extensions > 0
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
