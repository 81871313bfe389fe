//! Connections: one writer and a few readers on SQLite, a few of each on PostgreSQL.

use std::{sync::Arc, time::Duration};

use sea_orm::{ConnectOptions, Database, DatabaseConnection, DbBackend, SqliteTransactionMode, TransactionOptions};
use serde::{Deserialize, Serialize};

use super::{
    error::{Error, Result},
    seal::Keys,
};

/// How the database is reached and used.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// Connections for writing, 1 to 16; SQLite has one in any case.
    pub writers: u32,
    /// Connections for reading, 1 to 64.
    pub readers: u32,
    /// Changes that one transaction gathers at most, 1 to 512.
    pub batch: usize,
    /// Seconds to wait for a connection.
    pub acquire_seconds: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self { writers: 2, readers: 4, batch: 128, acquire_seconds: 5 }
    }
}

/// The two pools, and what opens the identities in them.
#[derive(Debug, Clone)]
pub(super) struct Connections {
    pub(super) write: DatabaseConnection,
    pub(super) read: DatabaseConnection,
    /// What copies an embedded database's journal.
    pub(super) copy: Option<DatabaseConnection>,
    pub(super) backend: DbBackend,
    pub(super) keys: Arc<Keys>,
}

const STATEMENTS: usize = 512;
/// Bytes of an embedded database that are mapped at the most; as many as `.cargo/config.toml` lets SQLite map.
const MAPPED: &str = "1099511627776";

pub(super) async fn open(url: &str, options: &Options, keys: Keys) -> Result<Connections> {
    let sqlite = url.starts_with("sqlite:");
    let writers = if sqlite { 1 } else { options.writers.clamp(1, 16) };
    let write = pool(url, writers, options).await?;
    let read =
        if url.contains(":memory:") { write.clone() } else { pool(url, options.readers.clamp(1, 64), options).await? };
    let backend = write.get_database_backend();
    let copy = if sqlite && !url.contains(":memory:") { Some(pool(url, 1, options).await?) } else { None };
    Ok(Connections { write, read, copy, backend, keys: Arc::new(keys) })
}

async fn pool(url: &str, size: u32, options: &Options) -> Result<DatabaseConnection> {
    let mut connect = ConnectOptions::new(url);
    connect
        .max_connections(size)
        .min_connections(1)
        .acquire_timeout(Duration::from_secs(options.acquire_seconds.max(1)))
        .test_before_acquire_if_idle_for(Duration::from_secs(5))
        .set_application_name("pakn")
        .record_stmt_in_spans(false)
        .sqlx_logging(false)
        .map_sqlx_postgres_opts(|opts| opts.statement_cache_capacity(STATEMENTS))
        .map_sqlx_sqlite_opts(|opts| {
            use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
            opts.create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .foreign_keys(true)
                .busy_timeout(Duration::from_secs(10))
                .statement_cache_capacity(STATEMENTS)
                .pragma("cache_size", "-16384")
                // What was erased is not to be found in the file.
                .pragma("secure_delete", "on")
                // Pages are read where the system keeps them: with many petitions a read touches a dozen that are in no
                // cache of ours.
                .pragma("mmap_size", MAPPED)
                // The journal is copied into the database beside the writer; who writes does it when it is 64 MiB long.
                .pragma("wal_autocheckpoint", "16384")
        });
    Database::connect(connect).await.map_err(Error::of("connect"))
}

/// A transaction that takes SQLite's lock at once.
pub(super) fn immediate() -> TransactionOptions {
    TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    }
}
