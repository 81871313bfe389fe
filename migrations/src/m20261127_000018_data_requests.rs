//! Kinds of petitions, and which are requests of data subjects, about which other petition; figures tell them apart.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

use crate::schema::run;

/// See the file.
#[derive(Debug, DeriveMigrationName)]
pub struct Migration;

const UP: &str = "
alter table petition add column kind text not null default 'FEEDBACK'
    check (kind in ('FEEDBACK', 'PROPOSAL', 'DATA_REQUEST'));
alter table petition add column about text;
update petition set kind = KIND where KIND <> 'FEEDBACK';
create index petition_about on petition (about, id) where about is not null;
create index petition_data_request on petition (answer_due_at, id) where about is not null;
alter table standing add column data_request boolean not null default false
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let kind = match manager.get_database_backend() {
            DbBackend::Sqlite => "json_extract(detail, '$.kind')",
            _ => "(detail::json ->> 'kind')",
        };
        run(manager, &UP.replace("KIND", kind)).await
    }
}
