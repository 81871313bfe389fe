//! How SQLite would go about a statement, for tests of what must not read whole tables.

use sea_orm::{ConnectionTrait as _, Database, Statement};
use sea_orm_migration::MigratorTrait as _;

/// The steps that it would take in a database of today's tables.
pub(super) async fn plan(statement: Statement) -> Vec<String> {
    let db = Database::connect("sqlite::memory:").await.unwrap();
    pakn_migrations::Migrator::up(&db, None).await.unwrap();
    let explain = Statement { sql: format!("explain query plan {}", statement.sql), ..statement };
    let rows = db.query_all_raw(explain).await.unwrap();
    rows.iter().map(|row| row.try_get_by_index(3).unwrap()).collect()
}
