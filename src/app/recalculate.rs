//! The jobs that count open rounds anew after a calendar was applied, and say anew when what was answered is to be
//! published: resumable, in bounded steps, on any number of processes.

use super::{App, error::Result};
use crate::{
    domain::{command::Command, watch},
    store::JobName,
};

impl App {
    /// The same application; one step of a job looks at so many rounds.
    #[must_use]
    pub fn with_job_stride(&self, job_stride: u64) -> Self {
        Self { job_stride, ..self.clone() }
    }

    /// Takes one step of the jobs, if there is one to take; returns whether there may be more.
    ///
    /// # Errors
    /// When the store is away, or nothing of the step could be written; it is then taken again. One round that cannot be
    /// counted while others are is logged and passed over.
    pub async fn recalculate(&self) -> Result<bool> {
        Ok(self.count_anew().await? || self.watch_anew().await?)
    }

    async fn count_anew(&self) -> Result<bool> {
        let Some(job) = self.store.job(JobName::Recalculate).await? else { return Ok(false) };
        // What was applied by another process must be known before it is said that nothing moves.
        self.store.refresh_reference().await?;
        let reference = self.store.reference();
        let now = self.clock.now();
        let (rounds, last) = self.store.open_rounds(job.done_to, self.job_stride).await?;
        let Some(last) = last else {
            self.store.end_job(&job, now).await?;
            return Ok(true);
        };
        let moving = rounds.iter().filter(|round| {
            let units = (round.focal, round.holder);
            // Whether the day of a reply moves, its row says.
            let asked = round.reply_by.is_some_and(|at| now < at);
            asked || !round.clocks.recount(&reference, units, now).is_empty()
        });
        let moving = self.store.petitions_by_id(moving.map(|round| round.id).collect()).await?;
        self.perform_together(&moving, &Command::Recalculate).await?;
        self.store.advance_job(&job, last).await?;
        Ok(true)
    }

    /// What waits for its publication has no clock that is counted anew: it is looked at when its days were over by the
    /// calendar before. Where that has changed, it is said now.
    async fn watch_anew(&self) -> Result<bool> {
        let Some(job) = self.store.job(JobName::WatchAnew).await? else { return Ok(false) };
        self.store.refresh_reference().await?;
        let reference = self.store.reference();
        let (waiting, last) = self.store.ended_watched(job.done_to, self.job_stride).await?;
        let Some(last) = last else {
            self.store.end_job(&job, self.clock.now()).await?;
            return Ok(false);
        };
        let moved: Vec<_> =
            waiting.into_iter().filter(|petition| watch::next(petition, &reference) != petition.watch_at).collect();
        self.perform_together(&moved, &Command::Escalate).await?;
        self.store.advance_job(&job, last).await?;
        Ok(true)
    }
}
