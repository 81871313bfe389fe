//! What dissolving a unit leads to: at local midnights units begin and end, and the job moves the open petitions of those
//! that have ended to their successors: resumable, in bounded steps, on any number of processes.

use super::{App, error::Result};
use crate::{
    domain::{command::Command, succession, unit::Unit},
    store::{Direction, DirectoryError, DirectoryStep, JobName},
};

/// Open petitions that one step looks at.
const STRIDE: u64 = 512;

impl App {
    /// Takes one step of the job, if there is one to take; returns whether there may be more.
    ///
    /// # Errors
    /// When the store is away, or nothing of the step could be written; it is then taken again. One petition that cannot
    /// be moved while others are is logged and passed over.
    pub async fn succeed(&self) -> Result<bool> {
        self.turn_units().await?;
        let Some(job) = self.store.job(JobName::Succeed).await? else { return Ok(false) };
        // What was dissolved by another process must be known before it is said that nothing moves.
        self.store.refresh_reference().await?;
        let units = &self.store.reference().units;
        let open = self.store.open_places(job.done_to, STRIDE).await?;
        let Some(last) = open.last().map(|petition| (petition.answer_due, petition.id)) else {
            self.store.end_job(&job, self.clock.now()).await?;
            return Ok(false);
        };
        let stranded = open.iter().filter(|open| succession::any_closed(open.units.iter().copied(), units));
        let moving = self.store.petitions_by_id(stranded.map(|open| open.id).collect()).await?;
        if self.perform_together(&moving, &Command::MoveToSuccessor).await? > 0 {
            // Who has it by now may have a calendar of its own.
            self.store.begin_job(JobName::Recalculate, self.clock.now()).await?;
        }
        self.store.advance_job(&job, last).await?;
        Ok(true)
    }

    /// Begins the job anew where a petition names a unit that is dissolved: it was reopened, or its answer was
    /// recalled, after the job had passed by.
    ///
    /// # Errors
    /// When the store is away.
    pub async fn find_stranded(&self) -> Result<()> {
        let going = self.store.job(JobName::Succeed).await?.is_some();
        let reference = self.store.reference();
        let units = &reference.units;
        if units.any_closed() && !going && self.store.is_any_stranded(units).await? {
            self.store.begin_job(JobName::Succeed, self.clock.now()).await?;
        }
        Ok(())
    }

    /// Makes of units what their validity makes of them today.
    async fn turn_units(&self) -> Result<()> {
        let (reference, now) = (self.store.reference(), self.clock.now());
        let today = reference.zone.date(now);
        let turned = |unit: &Unit| Unit { state: unit.state_on(today), ..unit.clone() };
        // Forward alone: of two clocks at midnight the one that is behind takes nothing back.
        let due = reference.units.all().filter(|unit| unit.state_on(today) > unit.state);
        let steps: Vec<_> = due.map(|unit| DirectoryStep::TurnUnit(turned(unit))).collect();
        if steps.is_empty() {
            return Ok(());
        }
        let direction = Direction { upon: Some(reference.version), ..Direction::default() };
        match self.store.direct(&steps, &direction, now).await {
            Ok(()) => Ok(()),
            // Another process was faster, or something else has moved: look again.
            Err(DirectoryError::Moved) => self.refresh().await,
            Err(error) => Err(error.into()),
        }
    }
}
