//! A database for one test: a SQLite file in a folder of its own, or a fresh database on the PostgreSQL server
//! that `PAKN_TEST_POSTGRES` names.

use std::path::Path;

use sea_orm::ConnectionTrait as _;
use tempfile::TempDir;
use uuid::Uuid;

/// A database that goes away when dropped.
pub struct Database {
    /// Where it is.
    pub url: String,
    folder: TempDir,
    /// Server and name, on PostgreSQL.
    on_server: Option<(String, String)>,
}

impl Database {
    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("pakn.db").display());
        Self { url, folder, on_server: None }
    }

    pub async fn postgres() -> Self {
        let Ok(server) = std::env::var("PAKN_TEST_POSTGRES") else {
            panic!(
                "PAKN_TEST_POSTGRES is not set: run scripts/test, or set it to postgres://user@host:port/postgres \
                 of a server on which tests may create databases"
            );
        };
        // Tests must not meet in a database, nor with those of another run.
        #[expect(clippy::disallowed_methods, reason = "names a database outside the world")]
        let name = format!("pakn_test_{}", Uuid::now_v7().simple());
        run(&server, &format!("create database {name}")).await.expect("PAKN_TEST_POSTGRES");
        let (base, _) = server.rsplit_once('/').expect("PAKN_TEST_POSTGRES ends in /database");
        let url = format!("{base}/{name}");
        Self { url, folder: tempfile::tempdir().unwrap(), on_server: Some((server, name)) }
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

async fn run(server: &str, sql: &str) -> Result<(), sea_orm::DbErr> {
    let connection = sea_orm::Database::connect(server).await?;
    connection.execute_unprepared(sql).await?;
    connection.close().await
}

impl Drop for Database {
    fn drop(&mut self) {
        let Some((server, name)) = self.on_server.take() else { return };
        // Best effort: a database that stays behind disturbs nobody.
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            let sql = format!("drop database if exists {name} with (force)");
            let _ = runtime.block_on(run(&server, &sql));
            std::io::Result::Ok(())
        });
        let _ = dropping.join();
    }
}
