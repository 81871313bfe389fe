//! Units with a code in the national list, validity and successors; grants with validity, of which one may follow
//! another over the same unit.

use sea_orm_migration::prelude::*;

use crate::schema::run;

/// See the file.
#[derive(Debug, DeriveMigrationName)]
pub struct Migration;

const UP: &str = "
alter table unit add column national_code text not null default '';
alter table unit add column short_name_en text not null default '';
alter table unit add column valid_from date;
alter table unit add column closed_on date;
alter table unit add column state text not null default 'OPEN' check (state in ('PLANNED', 'OPEN', 'CLOSED'));
alter table unit add column successors text;
create table account_grant_with_validity (
    id uuid primary key,
    account uuid not null references account (id),
    role text not null,
    unit uuid not null references unit (id),
    valid_from timestamptz,
    valid_until timestamptz
);
insert into account_grant_with_validity (id, account, role, unit) select id, account, role, unit from account_grant;
drop table account_grant;
alter table account_grant_with_validity rename to account_grant;
create index account_grant_account on account_grant (account, role, unit)
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
