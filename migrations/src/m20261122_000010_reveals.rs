//! Looks at sealed identities: a chain of their own for each petitioner.

use sea_orm_migration::prelude::*;

use crate::schema::run;

/// See the file.
#[derive(Debug, DeriveMigrationName)]
pub struct Migration;

const UP: &str = "
create table reveal (
    petition uuid not null,
    seq bigint not null,
    at timestamptz not null,
    account uuid not null,
    stored text not null,
    hash bytea not null,
    primary key (petition, seq)
);
create index reveal_account on reveal (account, at);
create index reveal_at on reveal (at, petition, seq);
alter table petitioner add column reveals bigint not null default 0;
alter table petitioner add column head bytea
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
