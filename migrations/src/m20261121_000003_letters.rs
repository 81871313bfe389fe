//! Letters without bodies, and the attempts at delivering them.

use sea_orm_migration::prelude::*;

use crate::schema::run;

/// See the file.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const UP: &str = "

create table letter (
    id uuid primary key,
    petition uuid not null,
    kind text not null,
    recipient text not null,
    medium text not null,
    status text not null,
    texts text not null,
    facts text not null,
    ordered_at timestamptz not null,
    attempts integer not null,
    next_attempt_at timestamptz not null,
    lease uuid,
    lease_until timestamptz,
    sending_since timestamptz,
    settled_at timestamptz,
    last_reply text not null,
    address_hash bytea,
    template_version integer,
    sent_salt bytea,
    sent_hash bytea,
    check (status in ('PENDING', 'ACCEPTED', 'REJECTED', 'UNKNOWN', 'ABANDONED', 'HANDOVER', 'POSTED'))
);
create index letter_petition on letter (petition, id);
create index letter_pending on letter (next_attempt_at, id) where status = 'PENDING';
create index letter_owed on letter (id) where status in ('PENDING', 'REJECTED', 'UNKNOWN', 'HANDOVER');
create index letter_address on letter (address_hash, settled_at) where address_hash is not null;
create table attempt (
    letter uuid not null,
    number integer not null,
    started_at timestamptz not null,
    ended_at timestamptz not null,
    outcome text not null,
    reply text not null,
    primary key (letter, number)
)
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
