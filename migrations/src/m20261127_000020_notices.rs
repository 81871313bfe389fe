//! What a commit has persons told is a row a person: a list of petitions with what each has reached.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

use crate::schema::run;

/// See the file.
#[derive(Debug, DeriveMigrationName)]
pub struct Migration;

const UP: &str = "

create table notice_new (
    id uuid primary key,
    account uuid not null,
    told text not null,
    letter uuid
);
insert into notice_new select id, account, TOLD, letter from notice;
drop table notice;
alter table notice_new rename to notice;
create index notice_waiting on notice (account, id) where letter is null;
create index notice_letter on notice (letter, id) where letter is not null
";

const PAIRS: &str = "'code', code, 'level', level, 'due_date', due_date";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let told = if manager.get_database_backend() == DbBackend::Sqlite {
            format!("json_array(json_object('petition', lower(hex(petition)), {PAIRS}))")
        } else {
            format!("jsonb_build_array(jsonb_build_object('petition', petition, {PAIRS}))::text")
        };
        run(manager, &UP.replace("TOLD", &told)).await
    }
}
