//! What everybody may read; the one table that public doors look at.

use sea_orm_migration::prelude::*;

use crate::schema::run;

/// See the file.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const UP: &str = "

create table publication (
    id uuid primary key,
    field text not null,
    unit text not null,
    title text not null,
    question text not null,
    answer text not null,
    outcome text not null,
    answered_on date not null,
    published_at timestamptz not null,
    folded text not null
);
create index publication_newest on publication (published_at, id)
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
