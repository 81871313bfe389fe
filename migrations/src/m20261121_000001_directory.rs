//! Units, accounts, grants, tokens, fields, under one version row, with their own trail.

use sea_orm_migration::prelude::*;

use crate::schema::run;

/// See the file.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const UP: &str = "

create table reference (
    id integer primary key check (id = 1),
    version bigint not null,
    head bytea not null
);
insert into reference (id, version, head) values (1, 0, ZEROES);
create table setting (
    name text primary key,
    value bytea not null
);
create table unit (
    id uuid primary key,
    code text not null unique,
    parent uuid references unit (id),
    level text not null,
    name text not null,
    short_name text not null,
    name_en text not null,
    mailbox text not null,
    focal boolean not null
);
create table account (
    id uuid primary key,
    login text not null unique,
    unit uuid not null references unit (id),
    name text not null,
    email text not null
);
create table account_grant (
    id uuid primary key,
    account uuid not null references account (id),
    role text not null,
    unit uuid not null references unit (id),
    unique (account, role, unit)
);
create table token (
    id uuid primary key,
    account uuid not null references account (id),
    hash bytea not null unique,
    label text not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    revoked_at timestamptz
);
create table field (
    code text primary key,
    parent text not null,
    name text not null,
    name_en text not null,
    position bigint not null
);
create table directory_event (
    seq bigint primary key,
    kind text not null,
    at timestamptz not null,
    actor uuid,
    stored text not null,
    hash bytea not null
);
create index directory_event_at on directory_event (at)
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
