//! Petitioners' records are sealed, and portals' ids of them hashed. What came before keeps version 0, not sealed yet,
//! with the portal's id in the record: only the program has the key.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

use crate::schema::run;

/// See the file.
#[derive(Debug, DeriveMigrationName)]
pub struct Migration;

const UP: &str = "
create table petitioner_new (
    petition uuid primary key,
    masked_name text not null,
    signatories integer not null,
    kind text not null,
    key_version integer not null,
    sealed bytea not null,
    portal uuid,
    subject_hash bytea,
    email_hash bytea,
    phone_hash bytea
);
insert into petitioner_new
    select petition, masked_name, signatories, kind, 0, RECORD, portal, null, null, null from petitioner;
drop table petitioner;
alter table petitioner_new rename to petitioner;
create index petitioner_portal_user on petitioner (portal, subject_hash, petition) where subject_hash is not null;
create index petitioner_key on petitioner (key_version, petition)
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let record = match manager.get_database_backend() {
            DbBackend::Sqlite => "cast(json_set(record, '$.subject', subject) as blob)",
            _ => "convert_to((record::jsonb || jsonb_build_object('subject', subject))::text, 'UTF8')",
        };
        run(manager, &UP.replace("RECORD", record)).await
    }
}
