//! Sealed identities: put under another master key, step by step.

use super::{App, error::Result};
use crate::store::DirectoryStep;

/// Records that one step seals.
const STRIDE: u64 = 200;

impl App {
    /// Versions of the master key: the one that seals, and the highest given.
    pub fn master_keys(&self) -> (u32, u32) {
        (self.store.sealing_key(), self.store.highest_key())
    }

    /// Has the highest master key given seal from now on, on every process; what others have sealed is opened still.
    /// Whoever has no such key takes no petition in from now on.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn rotate_master_key(&self) -> Result<()> {
        let (sealing, highest) = self.master_keys();
        if highest > sealing {
            self.direct_as(None, &[DirectoryStep::SealWith(highest)]).await?;
        }
        Ok(())
    }

    /// Takes one step of sealing anew what is under an earlier key, or under none; returns how many. None are left when
    /// that is 0. Can be broken off anywhere, and begun by any number of processes.
    ///
    /// # Errors
    /// When the store fails, or an earlier key is missing.
    pub async fn seal_anew(&self) -> Result<usize> {
        Ok(self.store.reseal(STRIDE).await?)
    }

    /// Forgets the keys that seal nothing any more; returns their versions.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn retire_master_keys(&self) -> Result<Vec<u32>> {
        Ok(self.store.retire_keys().await?)
    }

    /// Has the database give back what it kept of records as they were before. Everybody else waits meanwhile.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn sweep(&self) -> Result<()> {
        Ok(self.store.sweep().await?)
    }
}
