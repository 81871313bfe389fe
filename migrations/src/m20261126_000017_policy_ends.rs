//! A version of a deadline policy may end without another of its name to follow it. Those that come with the program have
//! no row of their own, so ends have a table.

use sea_orm_migration::prelude::*;

use crate::schema::run;

/// See the file.
#[derive(Debug, DeriveMigrationName)]
pub struct Migration;

const UP: &str = "
create table policy_end (
    version text primary key,
    valid_until timestamptz not null,
    created_at timestamptz not null
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
