//! Redacted copies of conduct cases, by ids of their own, for the units complained of.

use sea_orm_migration::prelude::*;

use crate::schema::run;

/// See the file.
#[derive(Debug, DeriveMigrationName)]
pub struct Migration;

const UP: &str = "
create table redacted_copy (
    id uuid primary key,
    petition uuid not null references petition (id),
    unit uuid not null references unit (id),
    shared_on date not null
);
create index redacted_copy_unit on redacted_copy (unit, shared_on, id);
create index redacted_copy_petition on redacted_copy (petition)
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
