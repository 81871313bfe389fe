//! Delegations of approval: who approves for whom, over which unit, in what capacity, until when.

use sea_orm_migration::prelude::*;

use crate::schema::run;

/// See the file.
#[derive(Debug, DeriveMigrationName)]
pub struct Migration;

const UP: &str = "
create table delegation (
    id uuid primary key,
    approver_grant uuid not null,
    delegator uuid not null references account (id),
    delegate uuid not null references account (id),
    unit uuid not null references unit (id),
    capacity text not null check (capacity in ('DEPUTY', 'BY_ORDER', 'AUTHORISED')),
    valid_from timestamptz not null,
    valid_until timestamptz not null
);
create index delegation_delegator on delegation (delegator, delegate, unit)
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
