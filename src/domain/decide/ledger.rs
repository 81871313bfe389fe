//! What a decision enters in the ledger of clocks. Every entry states its result and all that it follows from.

use chrono::TimeDelta;

use super::Context;
use crate::domain::{
    calendar::Calendar,
    clocks::Standing,
    deadline::{Count, Extension, Pause},
    event::ClockEntry,
    ids::UnitId,
    petition::Petition,
    policy::{Matter, Policy, Terms},
    time::{Due, Instant},
    words::{Clock, ClockRun, ClockStep},
};

impl Context<'_> {
    /// The terms of a petition's present round.
    pub(super) fn terms(&self, petition: &Petition) -> &Terms {
        self.reference.terms(petition)
    }

    /// INTAKE, FORWARD and ANSWER from receipt.
    pub(super) fn start_clocks(&self, matter: &Matter) -> Vec<ClockEntry> {
        let policy = self.reference.policy(matter);
        [Clock::Intake, Clock::Forward, Clock::Answer]
            .into_iter()
            .filter_map(|clock| self.start(clock, matter.focal, matter.received_at, policy))
            .collect()
    }

    /// A clock from an instant, if the policy has it.
    pub(super) fn start(&self, clock: Clock, unit: UnitId, from: Instant, policy: &Policy) -> Option<ClockEntry> {
        let mut count = policy.terms.count(policy.terms.span(clock)?, from);
        if matches!(clock, Clock::Unit | Clock::Update) {
            // The cut-off is for receipts.
            count.cutoff = None;
        }
        let calendar = self.reference.calendar(unit);
        let due = count.due(calendar, self.reference.zone);
        Some(entry(clock, ClockStep::Start, from, (due, Some(count)), (policy.version.clone(), calendar)))
    }

    /// UNIT from now on for the unit that a petition is given to: never later than the answer.
    /// `answer` is the entry by which the answer's due moves in the same step.
    pub(super) fn start_unit(
        &self,
        petition: &Petition,
        matter: &Matter,
        unit: UnitId,
        answer: Option<&ClockEntry>,
    ) -> Option<ClockEntry> {
        let mut entry = self.start(Clock::Unit, unit, self.now, self.reference.policy(matter))?;
        self.cap(&mut entry, answer.map_or(petition.answer_due, |answer| answer.due), unit);
        Some(entry)
    }

    /// A unit's due is never later than that of the answer.
    fn cap(&self, entry: &mut ClockEntry, answer: Due, unit: UnitId) {
        if let Some(count) = &mut entry.count {
            count.not_after = Some(answer);
            entry.due = count.due(self.reference.calendar(unit), self.reference.zone);
        }
    }

    /// Where entries move the answer, the unit's due goes with it, unless it has passed.
    pub(super) fn with_unit(&self, petition: &Petition, mut entries: Vec<ClockEntry>) -> Vec<ClockEntry> {
        let answer = entries.iter().rev().find(|entry| entry.clock == Clock::Answer).map(|entry| entry.due);
        let unit = petition.clocks.going().find(|(clock, _)| *clock == Clock::Unit);
        if let (Some(answer), Some((_, standing))) = (answer, unit)
            && let Some(count) = standing.count.clone()
        {
            let place = entries.iter().position(|entry| entry.clock == Clock::Unit);
            let mut entry = match place {
                Some(place) => entries.remove(place),
                None => self.moved(petition, Clock::Unit, ClockStep::Recalculate, (standing, count)),
            };
            self.cap(&mut entry, answer, petition.holder);
            if place.is_some() || (entry.due != standing.due && self.may_move(standing, entry.due)) {
                entries.push(entry);
            }
        }
        entries
    }

    /// A due that has passed never moves later.
    fn may_move(&self, standing: &Standing, to: Due) -> bool {
        self.now < standing.due.at || to.at <= standing.due.at
    }

    /// A clock ends; its due is kept.
    pub(super) fn stop(&self, clock: Clock, petition: &Petition) -> Option<ClockEntry> {
        let standing = petition.clocks.get(clock).filter(|standing| standing.run != ClockRun::Stopped)?;
        Some(same(clock, ClockStep::Stop, self.now, standing))
    }

    /// Every clock ends.
    pub(super) fn stop_all(&self, petition: &Petition) -> Vec<ClockEntry> {
        Clock::ALL.iter().filter_map(|clock| self.stop(*clock, petition)).collect()
    }

    /// A clock runs on as if it had never stopped, by the policy and the calendar as they are by now.
    pub(super) fn run_on(&self, clock: Clock, petition: &Petition) -> Option<ClockEntry> {
        let standing = petition.clocks.get(clock).filter(|standing| standing.run == ClockRun::Stopped)?;
        let from = standing.count.as_ref().map_or(petition.round_at, |count| count.from);
        let unmoved = same(clock, ClockStep::Resume, from, standing);
        let policy = self.reference.policy(&Matter::of(petition));
        let Some(mut count) = standing.count.clone() else { return Some(unmoved) };
        let chosen = policy.terms.span(clock).filter(|_| policy.version != standing.policy && clock != Clock::Update);
        if let Some(span) = chosen {
            count.span = span;
        }
        let mut entry = self.moved(petition, clock, ClockStep::Resume, (standing, count));
        if chosen.is_some() {
            entry.policy.clone_from(&policy.version);
        }
        entry.at = from;
        Some(if entry.due != standing.due && self.may_move(standing, entry.due) { entry } else { unmoved })
    }

    /// Clocks stand still until a reply, if the policy has it so and the round has pauses left. A clock whose due has
    /// passed runs on. The due is what it will be if the reply comes at the last moment; it comes nearer if it comes
    /// earlier, so that it cannot pass meanwhile.
    pub(super) fn pause(&self, petition: &Petition, reply_by: Due) -> Vec<ClockEntry> {
        let terms = self.terms(petition);
        let taken = petition.clocks.get(Clock::Answer).and_then(|standing| standing.count.as_ref()).map_or(0, pauses);
        if taken >= terms.pauses as usize {
            return Vec::new();
        }
        let longest = self.now + TimeDelta::days(i64::from(terms.pause_days));
        let pause = Pause { from: self.now, to: (reply_by.at - TimeDelta::microseconds(1)).min(longest) };
        let running = petition.clocks.going().filter(|(_, standing)| standing.run == ClockRun::Running);
        let running = running.filter(|(clock, standing)| *clock != Clock::Update && self.now < standing.due.at);
        running
            .filter_map(|(clock, standing)| {
                let mut count = standing.count.clone()?;
                count.pause(pause, self.reference.calendar(petition.focal), self.reference.zone);
                Some(self.moved(petition, clock, ClockStep::Pause, (standing, count)))
            })
            .collect()
    }

    /// Clocks that stood still run on: the days are given back.
    pub(super) fn resume(&self, petition: &Petition) -> Vec<ClockEntry> {
        let paused = petition.clocks.going().filter(|(_, standing)| standing.run == ClockRun::Paused);
        paused
            .filter_map(|(clock, standing)| {
                let mut count = standing.count.clone()?;
                let pause = count.last_pause()?;
                pause.to = pause.to.min(self.now);
                let entry = self.moved(petition, clock, ClockStep::Resume, (standing, count));
                let unmoved = || same(clock, ClockStep::Resume, self.now, standing);
                Some(if self.may_move(standing, entry.due) { entry } else { unmoved() })
            })
            .collect()
    }

    /// The answer has more time.
    pub(super) fn lengthen(&self, petition: &Petition, days: u32) -> Option<ClockEntry> {
        let standing = petition.clocks.get(Clock::Answer)?;
        let mut count = standing.count.clone()?;
        count.extensions.push(Extension { days, pauses: Vec::new() });
        Some(self.moved(petition, Clock::Answer, ClockStep::Extend, (standing, count)))
    }

    /// The clocks that run on, counted from receipt by the policy for what the petition is now said to be. A due that
    /// has passed never moves later.
    pub(super) fn rechoose(&self, petition: &Petition, matter: &Matter, stopping: &[Clock]) -> Vec<ClockEntry> {
        let policy = self.reference.policy(matter);
        let going = petition.clocks.going().filter(|(clock, _)| !stopping.contains(clock));
        let going = going.filter(|(clock, standing)| *clock != Clock::Update && standing.policy != policy.version);
        going
            .filter_map(|(clock, standing)| {
                let count =
                    Count { span: policy.terms.span(clock)?, cutoff: policy.terms.cutoff, ..standing.count.clone()? };
                let mut entry = self.moved(petition, clock, ClockStep::Recalculate, (standing, count));
                entry.policy.clone_from(&policy.version);
                self.may_move(standing, entry.due).then_some(entry)
            })
            .collect()
    }

    /// The clocks that the calendars as they are move.
    pub(super) fn recount(&self, petition: &Petition) -> Vec<ClockEntry> {
        let moves = petition.clocks.recount(self.reference, (petition.focal, petition.holder), self.now);
        let entry = |(clock, count, ..): (Clock, Count, Due, Due)| {
            let standing = petition.clocks.get(clock)?;
            Some(self.moved(petition, clock, ClockStep::Recalculate, (standing, count)))
        };
        moves.into_iter().filter_map(entry).collect()
    }

    /// An entry with a new count, on the calendar as it is now.
    fn moved(&self, petition: &Petition, clock: Clock, step: ClockStep, to: (&Standing, Count)) -> ClockEntry {
        let (standing, count) = to;
        let unit = if clock == Clock::Unit { petition.holder } else { petition.focal };
        let calendar = self.reference.calendar(unit);
        let due = count.due(calendar, self.reference.zone);
        entry(clock, step, self.now, (due, Some(count)), (standing.policy.clone(), calendar))
    }
}

/// Pauses that a count has had.
fn pauses(count: &Count) -> usize {
    count.pauses.len() + count.extensions.iter().map(|extension| extension.pauses.len()).sum::<usize>()
}

/// An entry that moves no due.
fn same(clock: Clock, step: ClockStep, at: Instant, standing: &Standing) -> ClockEntry {
    let (policy, calendar) = (standing.policy.clone(), standing.calendar.clone());
    ClockEntry { clock, step, at, due: standing.due, count: None, policy, calendar }
}

fn entry(
    clock: Clock,
    step: ClockStep,
    at: Instant,
    (due, count): (Due, Option<Count>),
    (policy, calendar): (String, &Calendar),
) -> ClockEntry {
    ClockEntry { clock, step, at, due, count, policy, calendar: calendar.version.clone() }
}
