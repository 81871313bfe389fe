//! The job that counts open rounds anew after a calendar was applied: resumable, in bounded steps, on any number of
//! processes.

use futures::future::join_all;

use super::{
    App,
    error::{Error, Result},
    perform::{Acting, Asked},
};
use crate::domain::{command::Command, refusal::Refusal};

/// Open rounds that one step looks at.
const STRIDE: u64 = 200;

impl App {
    /// Takes one step of the job, if there is one to take; returns whether there may be more.
    ///
    /// # Errors
    /// When the store fails; the step is then taken again.
    pub async fn recalculate(&self) -> Result<bool> {
        let Some(job) = self.store.recalculation().await? else { return Ok(false) };
        // What was applied by another process must be known before it is said that nothing moves.
        self.store.refresh_reference().await?;
        let reference = self.store.reference();
        let now = self.clock.now();
        let rounds = self.store.open_rounds(job.done_to, STRIDE).await?;
        let Some(last) = rounds.last().map(|round| (round.answer_due, round.id)) else {
            self.store.end_recalculation(&job, now).await?;
            return Ok(false);
        };
        let moving = rounds.iter().filter(|round| {
            let units = (round.focal, round.holder);
            !round.clocks.recount(&reference, units, now).is_empty()
        });
        let moved = join_all(moving.map(|round| self.recalculate_one(&round.code))).await;
        for one in moved {
            one?;
        }
        self.store.advance_recalculation(&job, last).await?;
        Ok(true)
    }

    async fn recalculate_one(&self, code: &str) -> Result<()> {
        match self.perform(code, Acting::System, &Asked::once("system"), Command::Recalculate).await {
            // Somebody ended the round, or has counted it anew already.
            Ok(_) | Err(Error::Refused(Refusal::State { .. } | Refusal::Rule { .. })) => Ok(()),
            Err(error) => Err(error),
        }
    }
}
