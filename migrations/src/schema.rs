//! One way to write a table for both databases: PostgreSQL's words, put into SQLite's where they differ.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

/// Runs statements that are parted by `;`. `ZEROES` stands for 32 zero bytes.
pub(crate) async fn run(manager: &SchemaManager<'_>, statements: &str) -> Result<(), DbErr> {
    let sqlite = manager.get_database_backend() == DbBackend::Sqlite;
    for statement in statements.split(';').map(str::trim).filter(|statement| !statement.is_empty()) {
        let statement = if sqlite {
            statement
                .replace(" timestamptz", " text")
                .replace(" bytea", " blob")
                .replace(" uuid", " blob")
                .replace("ZEROES", "zeroblob(32)")
        } else {
            statement.replace("ZEROES", "decode(repeat('00', 32), 'hex')")
        };
        manager.get_connection().execute_unprepared(&statement).await?;
    }
    Ok(())
}
