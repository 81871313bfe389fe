//! Watching: what has reached a level is raised, told to those whom it concerns, and gathered into digests.

use chrono::NaiveTime;
use futures::future::join_all;

use super::{
    App,
    error::{Error, Result},
};
use crate::{
    domain::{
        account::Actor,
        command::Command,
        decide::{Context, decide},
        ids::LetterId,
        petition::Petition,
        reference::Reference,
        refusal::Refusal,
        time::Instant,
    },
    store::Lost,
};

/// Petitions that one step raises, in one transaction.
const STRIDE: u64 = 128;
/// Persons whose notices one step gathers.
const PERSONS: u64 = 64;

impl App {
    /// Raises what has been reached, longest ago first; returns how many petitions had something raised. Zero when
    /// nothing is left, or other processes are at it.
    ///
    /// # Errors
    /// When the store fails; what was raised stays raised.
    pub async fn escalate(&self) -> Result<usize> {
        let now = self.clock.now();
        let reached = self.store.watched(now, STRIDE).await?;
        let reference = self.store.reference();
        let raised = join_all(reached.iter().map(|petition| self.raise(petition, &reference, now))).await;
        let mut count = 0;
        for raised in raised {
            count += usize::from(raised?);
        }
        if count > 0 {
            self.nudge.notify_waiters();
        }
        Ok(count)
    }

    /// False when somebody was faster: whoever that was has looked at it.
    async fn raise(&self, petition: &Petition, reference: &Reference, now: Instant) -> Result<bool> {
        let context = Context {
            now: now.max(petition.changed_at),
            actor: &Actor::system(),
            reference,
            source: self.source.as_ref(),
            version: None,
            request: None,
            delivered: None,
        };
        let change = match decide(petition, Command::Escalate, &context) {
            Ok(change) => change,
            Err(Refusal::Rule { .. }) => return Ok(false),
            Err(refusal) => return Err(refusal.into()),
        };
        match self.store.commit(change).await {
            Ok(_) => Ok(true),
            Err(Lost::Reference) => {
                self.store.refresh_reference().await?;
                Ok(false)
            }
            Err(Lost::Moved | Lost::CodeTaken | Lost::Requested) => Ok(false),
            Err(Lost::Failed(error)) => Err(Error::from(error)),
        }
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
