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
    recount::{self, last_moment},
    time::{Due, Instant},
    words::{Clock, ClockRun, ClockStep, State},
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
        let count = Count { cutoff: policy.terms.cutoff_of(clock), ..Count::plain(from, policy.terms.span(clock)?) };
        let calendar = self.reference.calendar(unit);
        let due = count.due(calendar, self.reference.zone);
        Some(entry(clock, ClockStep::Start, from, (due, Some(count)), (policy.version.clone(), calendar)))
    }

    /// UNIT from now on for the unit that a petition is given to.
    pub(super) fn start_unit(&self, matter: &Matter, unit: UnitId) -> Option<ClockEntry> {
        self.start(Clock::Unit, unit, self.now, self.reference.policy(matter))
    }

    /// UNIT runs for the assignment that lasts, from its beginning and as if it had never stopped, by the policy for the
    /// matter; none if it runs already, or that leaves a unit the whole time to answer.
    pub(super) fn unit_on(&self, petition: &Petition, matter: &Matter) -> Option<ClockEntry> {
        let (policy, assigned_at) = (self.reference.policy(matter), petition.assigned_at?);
        let of_this = |standing: &&Standing| standing.count.as_ref().is_none_or(|count| count.from >= assigned_at);
        let standing = petition.clocks.get(Clock::Unit).filter(of_this);
        let span = policy.terms.unit.filter(|_| standing.is_none_or(|standing| standing.run == ClockRun::Stopped))?;
        let begun = standing.map_or(Some(assigned_at), |standing| standing.count.as_ref().map(|count| count.from));
        let unmoved = |standing| same(Clock::Unit, ClockStep::Resume, self.now, standing);
        let Some(from) = begun else { return standing.map(unmoved) };
        // It stood still whenever the answer did.
        let answer = petition.clocks.get(Clock::Answer).and_then(|standing| standing.count.as_ref());
        let pauses = answer.into_iter().flat_map(Count::all_pauses).filter(|pause| from <= pause.from).copied();
        let count = Count { pauses: pauses.collect(), ..Count::plain(from, span) };
        let calendar = self.reference.calendar(petition.holder);
        let due = count.due(calendar, self.reference.zone);
        let step = if standing.is_some() { ClockStep::Resume } else { ClockStep::Start };
        let entry = entry(Clock::Unit, step, from, (due, Some(count)), (policy.version.clone(), calendar));
        Some(standing.filter(|standing| !self.may_move(standing, due)).map_or(entry, unmoved))
    }

    /// UNIT as the policy for what the petition is now said to be has it, if a unit has the petition: it stops where
    /// that has none, and runs from the assignment where only that has one.
    pub(super) fn unit_rechosen(&self, petition: &Petition, matter: &Matter) -> Vec<ClockEntry> {
        let policy = self.reference.policy(matter);
        if policy.terms.unit.is_none() {
            let stopped = self.stop(Clock::Unit, petition);
            return stopped.map(|entry| ClockEntry { policy: policy.version.clone(), ..entry }).into_iter().collect();
        }
        // What awaits approval has been submitted: it runs on if that is sent back.
        let works = matches!(petition.resume.unwrap_or(petition.state), State::Assigned | State::InProgress);
        let begun = works.then(|| self.unit_on(petition, matter)).flatten();
        let still = petition.clocks.get(Clock::Answer).is_some_and(|answer| answer.run == ClockRun::Paused);
        let paused = begun.clone().filter(|_| still);
        let paused = paused.map(|begun| ClockEntry { step: ClockStep::Pause, at: self.now, ..begun });
        begun.into_iter().chain(paused).collect()
    }

    /// The entries of a step with UNIT held to ANSWER: it is never due later, and goes with it when it moves. A due
    /// that has passed never moves later.
    pub(super) fn held(&self, petition: Option<&Petition>, mut entries: Vec<ClockEntry>) -> Vec<ClockEntry> {
        let moved = entries.iter().rev().find(|entry| entry.clock == Clock::Answer).map(|entry| entry.due);
        let Some(answer) = moved.or_else(|| petition.map(|petition| petition.answer_due)) else { return entries };
        let standing = petition.and_then(|petition| petition.clocks.get(Clock::Unit));
        let anew = entries.iter().any(|entry| entry.clock == Clock::Unit && entry.step == ClockStep::Start);
        if let Some(entry) = entries.iter_mut().rev().find(|entry| entry.clock == Clock::Unit) {
            // A clock that begins anew owes nothing to the one before it.
            let before = standing.filter(|_| !anew);
            let count = entry.count.clone().or_else(|| before.and_then(|standing| standing.count.clone()));
            if let (Some(count), true) = (count, entry.step != ClockStep::Stop) {
                self.hold(entry, count, answer, before);
            }
        } else if let Some(standing) = standing.filter(|standing| standing.run != ClockRun::Stopped)
            && let Some(count) = standing.count.clone()
        {
            let mut entry = same(Clock::Unit, ClockStep::Recalculate, self.now, standing);
            self.hold(&mut entry, count, answer, Some(standing));
            if entry.due != standing.due {
                entries.push(entry);
            }
        }
        entries
    }

    fn hold(&self, entry: &mut ClockEntry, mut count: Count, answer: Due, before: Option<&Standing>) {
        let Some(version) = self.reference.calendars.version(&entry.calendar) else { return };
        count.not_after = Some(answer);
        let due = count.due(&version.calendar, self.reference.zone);
        if before.is_none_or(|standing| self.may_move(standing, due)) {
            (entry.due, entry.count) = (due, Some(count));
        } else if let Some(standing) = before {
            (entry.due, entry.count) = (standing.due, None);
        }
    }

    /// A due that has passed never moves later.
    fn may_move(&self, standing: &Standing, to: Due) -> bool {
        self.now < standing.due.at || to.at <= standing.due.at
    }

    /// A clock ends; its due is kept.
    pub(super) fn stop(&self, clock: Clock, petition: &Petition) -> Option<ClockEntry> {
        let standing = petition.clocks.get(clock).filter(|standing| standing.run != ClockRun::Stopped)?;
        let unmoved = self.unpaused(standing);
        Some(beside(unmoved, same(clock, ClockStep::Stop, self.now, standing)))
    }

    /// The due that a clock which stands still would have without that, by the calendar that it was last counted by.
    fn unpaused(&self, standing: &Standing) -> Option<Due> {
        let count = standing.count.as_ref().filter(|_| standing.run == ClockRun::Paused)?.without_last_pause();
        let version = self.reference.calendars.version(&standing.calendar)?;
        Some(count.due(&version.calendar, self.reference.zone))
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
            count.cutoff = policy.terms.cutoff_of(clock);
        }
        let by_calendar = chosen.and_then(|_| self.due_by_now(petition, clock, standing.count.as_ref()));
        let mut entry = self.moved(petition, clock, ClockStep::Resume, (standing, count));
        if chosen.is_some() {
            entry = beside(by_calendar, self.chosen(petition, policy, entry));
        }
        entry.at = from;
        Some(if entry.due != standing.due && self.may_move(standing, entry.due) { entry } else { unmoved })
    }

    /// Clocks stand still until a reply, if the policy has it so and the round has pauses left. A clock whose due has
    /// passed runs on. The due is what it will be if the reply comes at the last moment; it comes nearer if it comes
    /// earlier, so that it cannot pass meanwhile.
    pub(super) fn pause(&self, petition: &Petition, reply_by: Due) -> Vec<ClockEntry> {
        let terms = self.terms(petition);
        let taken = petition.clocks.get(Clock::Answer).and_then(|standing| standing.count.as_ref());
        if taken.map_or(0, |count| count.all_pauses().count()) >= terms.pauses as usize {
            return Vec::new();
        }
        let longest = self.now + TimeDelta::days(i64::from(terms.pause_days));
        let pause = Pause { from: self.now, to: last_moment(reply_by).min(longest) };
        let running = petition.clocks.going().filter(|(_, standing)| standing.run == ClockRun::Running);
        let running = running.filter(|(clock, standing)| *clock != Clock::Update && self.now < standing.due.at);
        running
            .filter_map(|(clock, standing)| {
                let mut count = standing.count.clone()?;
                count.pause(pause, self.calendar_of(petition, clock), self.reference.zone);
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
                let pause = count.last_pause_mut()?;
                pause.to = pause.to.min(self.now);
                let unpaused = self.due_by_now(petition, clock, Some(&count.without_last_pause()));
                let entry = self.moved(petition, clock, ClockStep::Resume, (standing, count));
                Some(if self.may_move(standing, entry.due) {
                    beside(unpaused, entry)
                } else {
                    beside(self.unpaused(standing), same(clock, ClockStep::Resume, self.now, standing))
                })
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
                let (span, cutoff) = (policy.terms.span(clock)?, policy.terms.cutoff_of(clock));
                let count = Count { span, cutoff, ..standing.count.clone()? };
                let entry = self.moved(petition, clock, ClockStep::Recalculate, (standing, count));
                let entry = self.chosen(petition, policy, entry);
                let entry = beside(self.due_by_now(petition, clock, standing.count.as_ref()), entry);
                self.may_move(standing, entry.due).then_some(entry)
            })
            .collect()
    }

    /// The clocks that the calendars as they are move, if the day of the reply moves to `reply_by`.
    pub(super) fn recount(&self, petition: &Petition, reply_by: Option<Due>) -> Vec<ClockEntry> {
        let moves = recount::clocks(petition, reply_by, self.reference, self.now);
        let entry = |(clock, count, ..): (Clock, Count, Due, Due)| {
            let standing = petition.clocks.get(clock)?;
            Some(self.moved(petition, clock, ClockStep::Recalculate, (standing, count)))
        };
        moves.into_iter().filter_map(entry).collect()
    }

    /// An entry by a policy chosen anew, with the due that this gives by itself.
    fn chosen(&self, petition: &Petition, policy: &Policy, entry: ClockEntry) -> ClockEntry {
        let count = entry.count.as_ref().filter(|_| entry.clock == Clock::Answer);
        let plain = count.map(|count| Count { cutoff: count.cutoff, ..Count::plain(count.from, count.span) });
        let original = self.due_by_now(petition, entry.clock, plain.as_ref());
        ClockEntry { policy: policy.version.clone(), original, ..entry }
    }

    /// The calendar that a clock goes by.
    fn calendar_of(&self, petition: &Petition, clock: Clock) -> &Calendar {
        self.reference.calendar(if clock == Clock::Unit { petition.holder } else { petition.focal })
    }

    /// When a count is due by the calendar as it is now.
    fn due_by_now(&self, petition: &Petition, clock: Clock, count: Option<&Count>) -> Option<Due> {
        Some(count?.due(self.calendar_of(petition, clock), self.reference.zone))
    }

    /// An entry with a new count, on the calendar as it is now.
    fn moved(&self, petition: &Petition, clock: Clock, step: ClockStep, to: (&Standing, Count)) -> ClockEntry {
        let (standing, count) = to;
        let calendar = self.calendar_of(petition, clock);
        let due = count.due(calendar, self.reference.zone);
        entry(clock, step, self.now, (due, Some(count)), (standing.policy.clone(), calendar))
    }
}

/// An entry, and the due that the calendar alone would have led to, if that is another.
fn beside(unmoved: Option<Due>, entry: ClockEntry) -> ClockEntry {
    ClockEntry { unmoved: unmoved.filter(|unmoved| unmoved.at != entry.due.at), ..entry }
}

/// An entry that moves no due.
fn same(clock: Clock, step: ClockStep, at: Instant, standing: &Standing) -> ClockEntry {
    let (policy, calendar) = (standing.policy.clone(), standing.calendar.clone());
    ClockEntry { clock, step, at, due: standing.due, unmoved: None, original: None, count: None, policy, calendar }
}

fn entry(
    clock: Clock,
    step: ClockStep,
    at: Instant,
    (due, count): (Due, Option<Count>),
    (policy, calendar): (String, &Calendar),
) -> ClockEntry {
    ClockEntry {
        clock,
        step,
        at,
        due,
        unmoved: None,
        original: None,
        count,
        policy,
        calendar: calendar.version.clone(),
    }
}
