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
        change::Change,
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

/// Times that the reference data may move under a step.
const TRIES: usize = 8;

/// What became of looking at a petition.
enum Looked {
    /// Something was raised.
    Raised,
    /// There is nothing to do, by now.
    Settled,
    /// The reference data has moved; to be looked at again.
    Stale,
}

impl App {
    /// Raises what has been reached, longest ago first; returns how many petitions had something raised. Zero when
    /// nothing is left, or other processes are at it.
    ///
    /// # Errors
    /// When the store fails; what was raised stays raised, and one that fails does not keep the others waiting.
    pub async fn escalate(&self) -> Result<usize> {
        for _ in 0..TRIES {
            let now = self.clock.now();
            let reached = self.store.watched(now, STRIDE).await?;
            let reference = self.store.reference();
            // All are decided before the first is committed, so that they go into one transaction.
            let decided: Vec<_> =
                reached.iter().map(|petition| self.decide_escalation(petition, &reference, now)).collect();
            let looked = join_all(decided.into_iter().map(|decided| self.raise(decided))).await;
            let raised = looked.iter().filter(|one| matches!(one, Ok(Looked::Raised))).count();
            if raised > 0 {
                self.nudge.notify_waiters();
                return Ok(raised);
            }
            let stale = looked.iter().any(|one| matches!(one, Ok(Looked::Stale)));
            looked.into_iter().collect::<Result<Vec<_>>>()?;
            if !stale {
                return Ok(0);
            }
            self.store.refresh_reference().await?;
        }
        Ok(0)
    }

    fn decide_escalation(&self, petition: &Petition, reference: &Reference, now: Instant) -> Result<Change, Refusal> {
        let context = Context {
            now: now.max(petition.changed_at),
            actor: &Actor::system(),
            reference,
            source: self.source.as_ref(),
            version: None,
            request: None,
            delivered: None,
        };
        decide(petition, Command::Escalate, &context)
    }

    async fn raise(&self, decided: Result<Change, Refusal>) -> Result<Looked> {
        let change = match decided {
            Ok(change) => change,
            Err(Refusal::Rule { .. }) => return Ok(Looked::Settled),
            Err(refusal) => return Err(refusal.into()),
        };
        match self.store.commit(change).await {
            Ok(_) => Ok(Looked::Raised),
            Err(Lost::Reference) => Ok(Looked::Stale),
            // Somebody was faster: whoever that was has looked at it, or will.
            Err(Lost::Moved | Lost::CodeTaken | Lost::Requested) => Ok(Looked::Settled),
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
