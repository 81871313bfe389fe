//! On SQLite, pages that were committed to the journal are copied into the database beside the writer, so that no caller
//! waits for it. The writer does it by itself only when the journal has grown long in spite of this.

use std::time::Duration;

use sea_orm::ConnectionTrait as _;
use tokio::sync::mpsc;

use super::connect::Connections;

/// From a commit to the copying: pages that every commit touches are copied once for all that come meanwhile.
const AFTER: Duration = Duration::from_millis(100);

/// Tells that something was committed.
#[derive(Debug, Clone)]
pub(super) struct Committed(mpsc::Sender<()>);

impl Committed {
    pub(super) fn tell(&self) {
        // Told already: the copying that is to come takes this too.
        let _ = self.0.try_send(());
    }
}

/// Begins to copy; ends when nobody is left to tell of a commit.
pub(super) fn begin(connections: &Connections) -> Committed {
    let (told, mut committed) = mpsc::channel(1);
    if let Some(connection) = connections.copy.clone() {
        tokio::spawn(async move {
            while committed.recv().await.is_some() {
                tokio::time::sleep(AFTER).await;
                // What could not be copied stays in the journal, for the next time or for the writer.
                if let Err(error) = connection.execute_unprepared("pragma wal_checkpoint(passive)").await {
                    tracing::debug!(%error, "not copied from the journal");
                }
            }
        });
    }
    Committed(told)
}
