//! Petitioners' records are sealed, and portals' ids of them hashed. What came before keeps version 0, not sealed yet,
//! with the portal's id in the record, and a setting says so: only the program has the key. What was kept of requests
//! and of letters that were sent could be guessed from by whoever has the database; it is keyed from now on.

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
insert into setting (name, value) select 'identities-unsealed', MARK from petitioner limit 1;
delete from request;
update letter set sent_salt = null, sent_hash = null where sent_hash is not null;
create index petitioner_portal_user on petitioner (portal, subject_hash, petition) where subject_hash is not null
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let (record, mark) = match manager.get_database_backend() {
            DbBackend::Sqlite => ("cast(json_set(record, '$.subject', subject) as blob)", "x'31'"),
            _ => {
                // Nobody who still runs the program of before may add one that would be dropped with the table.
                run(manager, "lock table petitioner in access exclusive mode").await?;
                let record = "convert_to((record::jsonb || jsonb_build_object('subject', subject))::text, 'UTF8')";
                (record, "decode('31', 'hex')")
            }
        };
        run(manager, &UP.replace("RECORD", record).replace("MARK", mark)).await
    }
}
