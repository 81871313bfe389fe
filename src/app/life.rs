//! What happens to petitions by itself: questions lapse, windows close, request ids are forgotten.

use super::{
    App,
    error::Result,
    perform::{Acting, Asked, REMEMBERED},
    together::{passing, settled},
};
use crate::domain::{command::Command, ids::PetitionId, petition::Petition, time::Instant};

/// Petitions that one step looks at.
const STRIDE: u64 = 200;
/// Steps that questions lapse in, at the most, in one look.
const LAPSES: usize = 50;

/// Where a look stopped: the last petition that it saw, and the instant by which it stands in order.
pub type Mark = (Instant, PetitionId);

impl App {
    /// Sends petitions whose question has lapsed back to where they came from, so many at the most that nobody else waits
    /// long; returns how many.
    ///
    /// # Errors
    /// When the store is away, or nothing could be written where something was to be.
    pub async fn lapse_questions(&self) -> Result<usize> {
        let (mut lapsed, mut after, mut failed) = (0, None, None);
        for _ in 0..LAPSES {
            let (found, last) = self.store.lapsed(self.clock.now(), after, STRIDE).await?;
            if last.is_none() {
                break;
            }
            after = last;
            match self.perform_together(&found, &Command::LapseInformation).await {
                Ok(some) => lapsed += some,
                Err(error) if passing(&error) => return Err(error),
                // Those after them are not to wait for what cannot move.
                Err(error) => failed = Some(error),
            }
        }
        match failed {
            Some(error) if lapsed == 0 => Err(error),
            _ => Ok(lapsed),
        }
    }

    /// Closes answered petitions whose reopening window has passed, of some after a mark; returns how many, and the mark
    /// to go on from, if there may be more.
    ///
    /// # Errors
    /// When the store is away.
    pub async fn close_windows(&self, after: Option<Mark>) -> Result<(usize, Option<Mark>)> {
        // Counted from delivery, so never before this many days from it.
        let reference = self.store.reference();
        let days = reference.policies.all().iter().map(|policy| policy.terms.reopening.least_days()).min().unwrap_or(0);
        let now = self.clock.now();
        let before = now - chrono::TimeDelta::days(i64::from(days));
        let (mut delivered, last) = self.store.delivered_before(before, after, STRIDE).await?;
        // Nor by its own policy before the window that would have begun with the answer.
        delivered.retain(|petition| {
            petition.ended_at.is_none_or(|answered| reference.reopening_ends(petition, answered) <= now)
        });
        Ok((self.close_each(&delivered).await?, last))
    }

    /// One after another: each asks first whether its letters were delivered.
    async fn close_each(&self, petitions: &[Petition]) -> Result<usize> {
        let mut closed = 0;
        for petition in petitions {
            let asked = Asked { version: Some(petition.version), ..Asked::once("system") };
            let done = self.perform(&petition.code, Acting::System, &asked, Command::Close).await;
            match settled(done.map(|_| true)) {
                Ok(one) => closed += usize::from(one),
                Err(error) if passing(&error) => return Err(error),
                // One that cannot be closed must not keep the others open.
                Err(error) => {
                    let error = &error as &dyn std::error::Error;
                    tracing::error!(code = petition.code, error, "a petition was not closed");
                }
            }
        }
        Ok(closed)
    }

    /// Has the database give up what it kept of what was erased; false if there is nothing, or it is to be done again.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn sweep_erased(&self) -> Result<bool> {
        Ok(self.store.sweep_erased().await?)
    }

    /// Forgets request ids that are older than 30 days; returns how many.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn forget_requests(&self) -> Result<u64> {
        Ok(self.store.forget_requests(self.clock.now() - REMEMBERED).await?)
    }
}
