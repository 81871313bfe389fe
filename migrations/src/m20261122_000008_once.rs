//! Request ids of changes to the directory, and what came of each.

use sea_orm_migration::prelude::*;

use crate::schema::run;

/// See the file.
#[derive(Debug, DeriveMigrationName)]
pub struct Migration;

const UP: &str = "
create table directory_request (
    account uuid not null,
    rpc text not null,
    id uuid not null,
    content bytea not null,
    subject text not null,
    at timestamptz not null,
    primary key (account, rpc, id)
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
