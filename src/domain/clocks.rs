//! The clocks of a round as they stand: what replaying their ledger gives. The ledger itself is in the events.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::{
    deadline::Count,
    event::ClockEntry,
    ids::UnitId,
    reference::Reference,
    time::{Due, Instant},
    words::{Clock, ClockRun, ClockStep},
};

/// The clocks of a round.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Clocks(BTreeMap<Clock, Standing>);

/// One clock as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// Whether it runs.
    pub run: ClockRun,
    /// When it is due; kept after it stopped.
    pub due: Due,
    /// All that the due follows from; none in ledgers older than it.
    pub count: Option<Count>,
    /// Version of the policy.
    pub policy: String,
    /// Version of the calendar.
    pub calendar: String,
}

impl Standing {
    /// Until when it stands still if no reply comes; none if it runs or has stopped.
    pub fn still_until(&self) -> Option<Instant> {
        let pause = self.count.as_ref().filter(|_| self.run == ClockRun::Paused)?.last_pause()?;
        // Where nothing was left to count, or where it was chosen anew meanwhile, it may be due before.
        Some(pause.to.min(self.due.at))
    }

    /// Whether it runs at `now`: what is used up is no pause any more, also while no reply has come.
    pub fn run_at(&self, now: Instant) -> ClockRun {
        if self.still_until().is_some_and(|until| until <= now) { ClockRun::Running } else { self.run }
    }
}

impl Clocks {
    /// A clock, if it was ever started in the round.
    pub fn get(&self, clock: Clock) -> Option<&Standing> {
        self.0.get(&clock)
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = (Clock, &Standing)> {
        self.0.iter().map(|(clock, standing)| (*clock, standing))
    }

    /// The clocks that have not stopped.
    pub fn going(&self) -> impl Iterator<Item = (Clock, &Standing)> {
        self.iter().filter(|(_, standing)| standing.run != ClockRun::Stopped)
    }

    /// Clocks that were to stand still until one instant do so until another, but for so long at the most.
    pub(super) fn stand_still(&mut self, (from, to): (Instant, Instant), longest: TimeDelta) {
        for standing in self.0.values_mut().filter(|standing| standing.run == ClockRun::Paused) {
            let pause = standing.count.as_mut().and_then(Count::last_pause_mut);
            if let Some(pause) = pause.filter(|pause| pause.to == from) {
                pause.to = to.min(pause.from + longest);
            }
        }
    }

    /// The clocks that have not stopped and that the calendars as they are would move: which, what they then count,
    /// from when to when. A due that has passed never moves later.
    pub fn recount(
        &self,
        reference: &Reference,
        (focal, holder): (UnitId, UnitId),
        now: Instant,
    ) -> Vec<(Clock, Count, Due, Due)> {
        let mut moves: Vec<(Clock, Count, Due, Due)> = Vec::new();
        // ANSWER before UNIT, which is never later.
        let answer = self.going().filter(|(clock, _)| *clock == Clock::Answer);
        for (clock, standing) in answer.chain(self.going().filter(|(clock, _)| *clock != Clock::Answer)) {
            let calendar = reference.calendar(if clock == Clock::Unit { holder } else { focal });
            let Some(mut count) = standing.count.clone() else { continue };
            let answer = moves.iter().find(|(clock, ..)| *clock == Clock::Answer).map(|(.., to)| *to);
            let capped = clock == Clock::Unit && answer.is_some();
            // What stands still may do so for longer by now.
            if standing.calendar == calendar.version && !capped && standing.run != ClockRun::Paused {
                continue;
            }
            if clock == Clock::Unit {
                count.not_after = answer.or_else(|| self.get(Clock::Answer).map(|standing| standing.due));
            }
            let due = count.due(calendar, reference.zone);
            if due != standing.due && (now < standing.due.at || due.at <= standing.due.at) {
                moves.push((clock, count, standing.due, due));
            }
        }
        moves
    }

    /// Applies an entry of the ledger.
    pub(super) fn wind(&mut self, entry: &ClockEntry) {
        let run = match entry.step {
            ClockStep::Start | ClockStep::Resume => ClockRun::Running,
            ClockStep::Pause => ClockRun::Paused,
            ClockStep::Stop => ClockRun::Stopped,
            // Neither stops a clock nor sets it going again.
            ClockStep::Extend | ClockStep::Recalculate => {
                self.get(entry.clock).map_or(ClockRun::Running, |standing| standing.run)
            }
        };
        let count = entry.count.clone().or_else(|| self.get(entry.clock).and_then(|standing| standing.count.clone()));
        let (policy, calendar) = (entry.policy.clone(), entry.calendar.clone());
        self.0.insert(entry.clock, Standing { run, due: entry.due, count, policy, calendar });
    }
}
