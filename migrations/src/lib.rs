//! The database of pakn: one file a change, each whole or not at all, on PostgreSQL and SQLite alike.
//!
//! Knows nothing of the program. A migration that has landed is never edited.

mod m20261121_000001_directory;
mod m20261121_000002_petitions;
mod m20261121_000003_letters;
mod m20261121_000004_publications;
mod m20261121_000005_compression;
mod m20261122_000006_time;
mod m20261122_000007_watch;
mod m20261122_000008_once;
mod m20261122_000009_sealed;
mod m20261122_000010_reveals;
mod m20261126_000011_units;
mod m20261126_000012_erasure;
mod m20261126_000013_routing;
mod m20261126_000017_policy_ends;
mod m20261127_000015_delegations;
mod m20261127_000016_copies;
mod m20261127_000018_data_requests;
mod m20261127_000019_accounts;
mod m20261127_000020_notices;
mod schema;

use sea_orm_migration::prelude::*;

/// All changes, in order.
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261121_000001_directory::Migration),
            Box::new(m20261121_000002_petitions::Migration),
            Box::new(m20261121_000003_letters::Migration),
            Box::new(m20261121_000004_publications::Migration),
            Box::new(m20261121_000005_compression::Migration),
            Box::new(m20261122_000006_time::Migration),
            Box::new(m20261122_000007_watch::Migration),
            Box::new(m20261122_000008_once::Migration),
            Box::new(m20261122_000009_sealed::Migration),
            Box::new(m20261122_000010_reveals::Migration),
            Box::new(m20261126_000011_units::Migration),
            Box::new(m20261126_000012_erasure::Migration),
            Box::new(m20261126_000013_routing::Migration),
            Box::new(m20261127_000015_delegations::Migration),
            Box::new(m20261127_000016_copies::Migration),
            Box::new(m20261126_000017_policy_ends::Migration),
            Box::new(m20261127_000018_data_requests::Migration),
            Box::new(m20261127_000019_accounts::Migration),
            Box::new(m20261127_000020_notices::Migration),
        ]
    }
}
