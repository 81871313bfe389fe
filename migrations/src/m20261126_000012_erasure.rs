//! Petitioners who were erased keep their row, which says so and holds the chain of looks. Petitions that resemble each
//! other are found by keys that are written beside submissions, some time after.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

use crate::schema::run;

/// See the file.
#[derive(Debug, DeriveMigrationName)]
pub struct Migration;

const UP: &str = "
alter table petitioner add column erased_at timestamptz;
alter table petitioner add column compared boolean not null default false;
create index petitioner_to_compare on petitioner (petition) where not compared;
create table likeness (
    key bigint not null,
    petition uuid not null,
    primary key (key, petition)
) COMPACT;
create index likeness_petition on likeness (petition)
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let compact = if manager.get_database_backend() == DbBackend::Sqlite { "without rowid" } else { "" };
        run(manager, &UP.replace("COMPACT", compact)).await
    }
}
