//! The job that counts open rounds anew after a calendar was applied, and says anew when what was answered is to be
//! published: resumable, in bounded steps, on any number of processes.

use super::{App, error::Result};
use crate::domain::{command::Command, reference::Reference, watch};

/// Open rounds that one step looks at.
const STRIDE: u64 = 512;

impl App {
    /// Takes one step of the job, if there is one to take; returns whether there may be more.
    ///
    /// # Errors
    /// When the store is away, or nothing of the step could be written; it is then taken again. One round that cannot be
    /// counted while others are is logged and passed over.
    pub async fn recalculate(&self) -> Result<bool> {
        let Some(job) = self.store.recalculation().await? else { return Ok(false) };
        // What was applied by another process must be known before it is said that nothing moves.
        self.store.refresh_reference().await?;
        let reference = self.store.reference();
        let now = self.clock.now();
        let rounds = self.store.open_rounds(job.done_to, STRIDE).await?;
        let Some(last) = rounds.last().map(|round| (round.answer_due, round.id)) else {
            self.watch_anew(&reference).await?;
            self.store.end_job(&job, now).await?;
            return Ok(false);
        };
        let moving = rounds.iter().filter(|round| {
            let units = (round.focal, round.holder);
            !round.clocks.recount(&reference, units, now).is_empty()
        });
        let moving = self.store.petitions_by_id(moving.map(|round| round.id).collect()).await?;
        self.perform_together(&moving, &Command::Recalculate).await?;
        self.store.advance_job(&job, last).await?;
        Ok(true)
    }

    /// What waits for its publication has no clock that is counted anew: it is looked at when its days were over by the
    /// calendar before. Where that has changed, it is said now.
    async fn watch_anew(&self, reference: &Reference) -> Result<()> {
        let mut after = None;
        loop {
            let (waiting, last) = self.store.ended_watched(after, STRIDE).await?;
            if last.is_none() {
                return Ok(());
            }
            let moved: Vec<_> =
                waiting.into_iter().filter(|petition| watch::next(petition, reference) != petition.watch_at).collect();
            self.perform_together(&moved, &Command::Escalate).await?;
            after = last;
        }
    }
}
