//! Sealed identities: put under another master key, step by step.

use super::{App, error::Result};
use crate::store::{Direction, DirectoryStep, Resealed};

/// Records that one step seals.
const STRIDE: u64 = 200;

impl App {
    /// Versions of the master key: the one that seals, and the highest given.
    pub fn master_keys(&self) -> (u32, u32) {
        (self.store.sealing_key(), self.store.highest_key())
    }

    /// Puts a database that is under no master key yet under the highest given.
    ///
    /// # Errors
    /// When it is under another one by now.
    pub async fn take_master_key(&self) -> Result<()> {
        Ok(self.store.take_master_key().await?)
    }

    /// Has the highest master key given seal from now on, on every process; what others have sealed is opened still.
    /// Whoever has no such key takes no petition in from now on. False when it seals already.
    ///
    /// # Errors
    /// When the store fails; when somebody else changes the key or the directory at the same time.
    pub async fn rotate_master_key(&self) -> Result<bool> {
        self.refresh().await?;
        let (sealing, highest) = self.master_keys();
        if highest > sealing {
            let upon = Some(self.reference().version);
            let direction = Direction { upon, ..Direction::default() };
            self.store.direct(&[DirectoryStep::SealWith(highest)], &direction, self.clock.now()).await?;
        }
        Ok(highest > sealing)
    }

    /// Takes one step of sealing anew what is under an earlier key, or under none, after the place where the step before
    /// ended. Can be broken off anywhere, and begun by any number of processes.
    ///
    /// # Errors
    /// When the store fails, or the key that seals is missing.
    pub async fn seal_anew(&self, before: &Resealed) -> Result<Resealed> {
        Ok(self.store.reseal(before.done_to, STRIDE).await?)
    }

    /// Forgets the keys that seal nothing any more; returns their versions.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn retire_master_keys(&self) -> Result<Vec<u32>> {
        Ok(self.store.retire_keys().await?)
    }

    /// Has the database give back what it kept of records that were never sealed. Everybody else waits meanwhile.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn sweep(&self) -> Result<()> {
        Ok(self.store.sweep().await?)
    }
}
