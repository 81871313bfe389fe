//! Watching: what has reached a level is raised, told to those whom it concerns, and gathered into digests.

use chrono::NaiveTime;

use super::{App, error::Result};
use crate::domain::{command::Command, ids::LetterId};

/// Petitions that one step raises.
const STRIDE: u64 = 128;
/// Persons whose notices one step gathers.
const PERSONS: u64 = 64;

impl App {
    /// Raises what has been reached, longest ago first; returns how many petitions had something raised. Zero when
    /// nothing is left, or other processes are at it.
    ///
    /// # Errors
    /// When the store is away, or nothing could be raised that was reached; what was raised stays raised.
    pub async fn escalate(&self) -> Result<usize> {
        let reached = self.store.watched(self.clock.now(), STRIDE).await?;
        self.perform_together(&reached, &Command::Escalate).await
    }

    /// From a local time of day on, gathers the notices of some persons into a letter each, one a person a day;
    /// returns how many.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn digest(&self, from: NaiveTime) -> Result<usize> {
        let now = self.clock.now();
        let local = self.store.reference().zone.local(now);
        if local.time() < from {
            return Ok(0);
        }
        let mut gathered = 0;
        for account in self.store.undigested(local.date(), PERSONS).await? {
            let letter = LetterId(self.source.id(now));
            gathered += usize::from(self.store.digest(account, local.date(), letter, now).await?);
        }
        if gathered > 0 {
            self.nudge.notify_waiters();
        }
        Ok(gathered)
    }
}
