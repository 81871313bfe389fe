//! What is kept. The only room that says sea_orm or SQL.
//!
//! Petitions are written through [`Store::commit`] and through nothing else. Letters move between leases and
//! settlements here, reference data through [`Store::direct`]; each of the three is whole or not at all.

mod accounts;
mod batch;
mod checkpoint;
mod commit;
mod companions;
mod connect;
mod copies;
mod delegations;
mod directory;
mod door;
mod entity;
mod erasure;
mod error;
mod follow;
mod gather;
mod identity;
mod letters;
mod list;
mod moved;
mod notices;
mod pinned;
#[cfg(test)]
mod plan;
mod publication;
mod read;
mod reference;
mod report;
mod requests;
mod reveals;
mod rounds;
mod routing;
mod rows;
mod seal;
mod sending;
mod setting;
mod similar;
mod step;
mod stranded;
mod told;
mod trail;
mod units;
mod waiting;

use std::sync::Arc;

use sea_orm_migration::MigratorTrait as _;

use self::{connect::Connections, door::Door, gather::Gather, reference::Cache};
pub use self::{
    connect::Options,
    directory::{Direction, DirectoryError},
    door::Lost,
    error::{Error, Result},
    identity::Resealed,
    letters::{Attempt, AttemptOutcome, LetterFilter, StoredLetter},
    list::{By, Concealed, Filter, Held, Key, Scope},
    notices::StoredNotice,
    read::{Dossier, MaskedPetitioner, StoredText},
    report::{Counted, Period},
    requests::UsedRequest,
    reveals::RevealFilter,
    rounds::{Job, JobName, OpenRound},
    routing::Received,
    seal::Keys,
    sending::{Address, Marked, Settlement},
    similar::Similar,
    step::DirectoryStep,
    stranded::OpenPlaces,
    told::ToldLetter,
    trail::{Broken, DirectoryEvent, TrailFilter, Verified},
};
use crate::domain::{
    change::Change,
    ids::PetitionId,
    petition::Petition,
    reference::Reference,
    time::{Instant, Zone},
};

/// The database, open.
#[derive(Debug, Clone)]
pub struct Store {
    connections: Connections,
    door: Door,
    petitions: Gather<String, Petition>,
    dossiers: Gather<String, Dossier>,
    told: Gather<PetitionId, Vec<ToldLetter>>,
    reference: Arc<Cache>,
}

/// Tasks that answer gathered reads of one kind.
const READERS: usize = 2;

/// How a database stands.
#[derive(Debug, Clone, Copy, Default)]
pub struct Standing {
    /// Changes that wait to be applied; the rest is known only when none does.
    pub pending: usize,
    /// It is under master keys.
    pub has_keys: bool,
    /// Identities are kept that were never sealed.
    pub has_unsealed: bool,
}

impl Store {
    /// Opens a database that has been migrated, with the master keys of its identities. One that is under none yet is
    /// put under the highest by [`Store::take_master_key`]; nothing can be submitted before.
    ///
    /// # Errors
    /// When it is away, or has not been migrated; `Keys` when a master key is missing or wrong, and nothing is touched.
    pub async fn open(url: &str, options: &Options, zone: Zone, keys: Keys) -> Result<Self> {
        let connections = connect::open(url, options, keys).await?;
        let known = pinned::pinned(&connections.read).await.map_err(Error::of("look at the master keys"))?;
        known.admits(&connections.keys)?;
        let reference = Arc::new(Cache::open(&connections, zone).await?);
        let (rows, whole, letters) = (connections.clone(), connections.clone(), connections.clone());
        Ok(Self {
            door: Door::open(&connections, options),
            petitions: Gather::open(READERS, move |codes| {
                let connections = rows.clone();
                async move { read::petitions(&connections, codes).await }
            }),
            dossiers: Gather::open(READERS, move |codes| {
                let connections = whole.clone();
                async move { read::dossiers(&connections, codes).await }
            }),
            told: Gather::open(READERS, move |petitions| {
                let connections = letters.clone();
                async move { told::told(&connections, petitions).await }
            }),
            reference,
            connections,
        })
    }

    /// Brings a database to the present shape; returns how many changes were applied.
    ///
    /// # Errors
    /// When it is away, or a change fails; a change that failed has left nothing behind.
    pub async fn migrate(url: &str) -> Result<usize> {
        let failed = || Error::of("migrate");
        let options = Options { writers: 1, readers: 1, ..Options::default() };
        let connections = connect::open(url, &options, Keys::none()).await?;
        let pending =
            pakn_migrations::Migrator::get_pending_migrations(&connections.write).await.map_err(failed())?.len();
        pakn_migrations::Migrator::up(&connections.write, None).await.map_err(failed())?;
        connections.write.clone().close().await.map_err(failed())?;
        connections.read.clone().close().await.map_err(failed())?;
        Ok(pending)
    }

    /// How a database stands, before it is opened. Changes nothing.
    ///
    /// # Errors
    /// When it is away.
    pub async fn standing(url: &str) -> Result<Standing> {
        let failed = || Error::of("look at the database");
        let options = Options { writers: 1, readers: 1, ..Options::default() };
        let connections = connect::open(url, &options, Keys::none()).await?;
        let pending = pakn_migrations::Migrator::get_pending_migrations(&connections.write).await.map_err(failed())?;
        let mut standing = Standing { pending: pending.len(), ..Standing::default() };
        if standing.pending == 0 {
            let known = pinned::pinned(&connections.read).await.map_err(failed())?;
            (standing.has_keys, standing.has_unsealed) = (known.sealing.is_some(), known.unsealed);
        }
        Ok(standing)
    }

    /// The reference data as last loaded.
    pub fn reference(&self) -> Arc<Reference> {
        self.reference.get()
    }

    /// Loads the reference data anew if it has moved.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn refresh_reference(&self) -> Result<()> {
        self.reference.refresh(&self.connections).await
    }

    /// As [`Store::refresh_reference`], ten times in a second at the most, however many ask.
    ///
    /// # Errors
    /// When the database is away, or was a moment ago.
    pub async fn refresh_reference_seldom(&self) -> Result<()> {
        self.reference.refresh_seldom(&self.connections).await
    }

    /// Writes a decision, whole or not at all; the one door through which petitions are written. Gives it back
    /// as it was written.
    ///
    /// # Errors
    /// Why it was lost; nothing of it was written, unless the database went away at the very end, when a
    /// request id tells.
    pub async fn commit(&self, change: Change) -> Result<Change, Lost> {
        // Told before it holds up those that it would be gathered with.
        if change.subjects.iter().any(|subject| subject.petitioner.is_some()) {
            self.connections.keys.fit().map_err(|fault| Error::Keys(fault.to_string()))?;
        }
        self.door.commit(change).await
    }

    /// As [`Store::commit`], for decisions that were taken together: each is whole or not at all, and as many as fit go
    /// into one transaction. What became of each, in their order.
    pub async fn commit_all(&self, changes: Vec<Change>) -> Vec<Result<Change, Lost>> {
        self.door.commit_all(changes).await
    }

    /// Takes steps on the directory and loads it anew.
    ///
    /// # Errors
    /// `Conflict` when something is there already, `Moved` when the directory is not at the version that the steps rest
    /// on, `Requested` when the request id was used; nothing was written.
    pub async fn direct(
        &self,
        steps: &[DirectoryStep],
        direction: &Direction,
        now: Instant,
    ) -> Result<(), DirectoryError> {
        directory::take(&self.connections, steps, direction, now).await?;
        self.refresh_reference().await?;
        Ok(())
    }

    /// Whether the database answers, and petitions can be taken in.
    ///
    /// # Errors
    /// When it does not; when the master key that seals by now is not given.
    pub async fn ping(&self) -> Result<()> {
        self.connections.read.ping().await.map_err(Error::of("ping"))?;
        self.connections.keys.fit().map_err(|fault| Error::Keys(fault.to_string()))?;
        Ok(())
    }
}
