//! Texts compressed with LZ4 where the PostgreSQL server can: pglz takes a quarter of its time on a submission.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

/// See the file.
#[derive(Debug, DeriveMigrationName)]
pub struct Migration;

const UP: &str = "
do $$
begin
    alter table text alter column body set compression lz4, alter column folded set compression lz4;
    alter table event alter column stored set compression lz4;
    alter table publication
        alter column question set compression lz4,
        alter column answer set compression lz4,
        alter column folded set compression lz4;
exception when feature_not_supported then
    raise notice 'this server was built without lz4; texts stay with pglz';
end
$$
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() == DbBackend::Postgres {
            manager.get_connection().execute_unprepared(UP).await?;
        }
        Ok(())
    }
}
