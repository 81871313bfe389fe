//! What happens to petitions by itself: questions lapse, windows close, request ids are forgotten.

use super::{
    App,
    error::Result,
    perform::{Acting, Asked, REMEMBERED},
    together::settled,
};
use crate::domain::{command::Command, petition::Petition};

/// Petitions that one step looks at.
const STRIDE: u64 = 200;

impl App {
    /// Sends petitions whose question has lapsed back to where they came from; returns how many.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn lapse_questions(&self) -> Result<usize> {
        let lapsed = self.store.lapsed(self.clock.now(), STRIDE).await?;
        self.perform_together(&lapsed, &Command::LapseInformation).await
    }

    /// Closes answered petitions whose reopening window has passed; returns how many.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn close_windows(&self) -> Result<usize> {
        // Counted from delivery, so never before this many days from the answer.
        let reference = self.store.reference();
        let days = reference.policies.all().iter().map(|policy| policy.terms.reopening.least_days()).min().unwrap_or(0);
        let before = self.clock.now() - chrono::TimeDelta::days(i64::from(days));
        let (mut closed, mut after) = (0, None);
        loop {
            let answered = self.store.answered_before(before, after, STRIDE).await?;
            let Some(last) = answered.last() else { return Ok(closed) };
            after = last.ended_at.map(|at| (at, last.id));
            closed += self.close_each(&answered).await?;
        }
    }

    /// One after another: each asks first whether its letters were delivered.
    async fn close_each(&self, petitions: &[Petition]) -> Result<usize> {
        let mut closed = 0;
        for petition in petitions {
            let asked = Asked { version: Some(petition.version), ..Asked::once("system") };
            let done = self.perform(&petition.code, Acting::System, &asked, Command::Close).await;
            closed += usize::from(settled(done.map(|_| true))?);
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
