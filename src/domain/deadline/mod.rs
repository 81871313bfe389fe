//! Due dates by the Civil Code (Art. 145 to 148): the day of the event is not counted; a last day that is not
//! worked moves to the next that is; the last day ends at 24:00 local time. Hours run from the moment set, inside
//! office hours.
//!
//! [`Count`] is all that a due follows from. It is folded here, in a time that does not depend on how long it is, and
//! walked day by day in [`explain`].

pub mod explain;
mod hours;

use chrono::{Datelike as _, Days, NaiveDate, NaiveTime};
use serde::{Deserialize, Serialize};

use super::{
    calendar::Calendar,
    time::{self, Due, Instant, Zone},
};

/// An amount of time to count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "unit", content = "amount", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Span {
    /// Days that are worked.
    #[serde(rename = "WORKING_DAY")]
    WorkingDays(u32),
    /// Days of the calendar, the last rolling forward to a worked one.
    #[serde(rename = "CALENDAR_DAY")]
    CalendarDays(u32),
    /// Office hours.
    #[serde(rename = "WORKING_HOUR")]
    WorkingHours(u32),
}

/// Days or hours that a span may have at the most.
pub const LONGEST: u32 = 3_660;

impl Span {
    /// Its number of days or hours.
    pub const fn amount(self) -> u32 {
        match self {
            Self::WorkingDays(amount) | Self::CalendarDays(amount) | Self::WorkingHours(amount) => amount,
        }
    }

    /// Fewer days than this never pass before it ends.
    pub const fn least_days(self) -> u32 {
        match self {
            Self::WorkingDays(days) | Self::CalendarDays(days) => days,
            Self::WorkingHours(_) => 0,
        }
    }
}

/// A stretch during which a clock stood still.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    /// When it began.
    pub from: Instant,
    /// When it ended, or when it ends at the latest.
    pub to: Instant,
}

/// More time, given by decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extension {
    /// Calendar days, counted from the due so far, the last rolling forward.
    pub days: u32,
    /// Pauses after it was given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pauses: Vec<Pause>,
}

/// All that a due follows from, beside the calendar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    /// The event that it counts from.
    pub from: Instant,
    /// How much is counted.
    pub span: Span,
    /// The local time of day from which on an event counts as one of the next working day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cutoff: Option<NaiveTime>,
    /// Pauses before any extension, oldest first, one after the other.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pauses: Vec<Pause>,
    /// Extensions, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub extensions: Vec<Extension>,
    /// Never later than this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_after: Option<Due>,
}

impl Extension {
    /// When it ends from the due so far, by some of its pauses.
    fn due(&self, from: NaiveDate, pauses: &[Pause], calendar: &Calendar, zone: Zone) -> Due {
        let span = Span::CalendarDays(self.days);
        let days = self.days.saturating_add(given(calendar, zone, (from, span), pauses));
        end(calendar, zone, calendar.roll(plus(from, days)))
    }

    /// Its pauses that begin before it ends.
    fn begun(&self, from: NaiveDate, calendar: &Calendar, zone: Zone) -> &[Pause] {
        begun(&self.pauses, |pauses| self.due(from, pauses, calendar, zone))
    }
}

impl Count {
    /// A span from an event, without cut-off, pause or extension.
    pub const fn plain(from: Instant, span: Span) -> Self {
        Self { from, span, cutoff: None, pauses: Vec::new(), extensions: Vec::new(), not_after: None }
    }

    /// When it is due. The cost does not grow with the span.
    pub fn due(&self, calendar: &Calendar, zone: Zone) -> Due {
        self.capped(self.due_with(self.extensions.len(), calendar, zone))
    }

    fn capped(&self, due: Due) -> Due {
        self.not_after.filter(|cap| cap.at < due.at).unwrap_or(due)
    }

    /// When it is due by the first so many of its extensions.
    fn due_with(&self, extensions: usize, calendar: &Calendar, zone: Zone) -> Due {
        let mut due = self.base(self.begun(calendar, zone), calendar, zone);
        for extension in self.extensions.iter().take(extensions) {
            due = extension.due(due.date, extension.begun(due.date, calendar, zone), calendar, zone);
        }
        let first = zone.year(self.from);
        due.provisional = !calendar.publishes_all(first, due.date.year());
        due
    }

    /// When its span ends by some of its pauses.
    fn base(&self, pauses: &[Pause], calendar: &Calendar, zone: Zone) -> Due {
        let start = self.start(calendar, zone);
        match self.span {
            Span::WorkingHours(hours) => {
                let from = hours::opening(calendar, zone, self.from, self.cutoff);
                let begun = |pause: &Pause| Pause { from: pause.from.max(zone.instant(from)), to: pause.to };
                let given = pauses.iter().map(|pause| hours::between(calendar, zone, begun(pause))).sum();
                hours::after(calendar, zone, from, hours, given)
            }
            Span::WorkingDays(days) => {
                let days = days.saturating_add(given(calendar, zone, (start, self.span), pauses));
                end(calendar, zone, calendar.plus(start, days))
            }
            Span::CalendarDays(days) => {
                let days = days.saturating_add(given(calendar, zone, (start, self.span), pauses));
                end(calendar, zone, calendar.roll(plus(start, days)))
            }
        }
    }

    /// The pauses of the span that begin before it ends: after it there is nothing to give back. They may lie after it
    /// where the span was chosen anew and is shorter now.
    fn begun(&self, calendar: &Calendar, zone: Zone) -> &[Pause] {
        begun(&self.pauses, |pauses| self.base(pauses, calendar, zone))
    }

    /// The local day that is not counted: that of the event. Where there is a cut-off, the next working day when it came
    /// after it or on a day off: else Saturday's receipt would be due before that of Friday night.
    fn start(&self, calendar: &Calendar, zone: Zone) -> NaiveDate {
        let local = zone.local(self.from);
        match self.cutoff {
            Some(cutoff) if local.time() >= cutoff => calendar.roll(time::next(local.date())),
            Some(_) => calendar.roll(local.date()),
            None => local.date(),
        }
    }

    /// Puts a pause in that begins before the due: into the stretch that is being counted then.
    pub fn pause(&mut self, pause: Pause, calendar: &Calendar, zone: Zone) {
        let stretch = (0..self.extensions.len()).find(|place| pause.from < self.due_with(*place, calendar, zone).at);
        let extension = stretch.unwrap_or(self.extensions.len()).checked_sub(1);
        match extension.and_then(|place| self.extensions.get_mut(place)) {
            Some(extension) => extension.pauses.push(pause),
            None => self.pauses.push(pause),
        }
    }

    /// Every pause that it has had.
    pub fn all_pauses(&self) -> impl Iterator<Item = &Pause> {
        self.pauses.iter().chain(self.extensions.iter().flat_map(|extension| &extension.pauses))
    }

    /// The pause that began last.
    pub fn last_pause(&self) -> Option<&Pause> {
        self.all_pauses().max_by_key(|pause| pause.from)
    }

    /// The same without the pause that began last.
    pub fn without_last_pause(&self) -> Self {
        let (mut count, last) = (self.clone(), self.last_pause().copied());
        let later = count.extensions.iter_mut().map(|extension| &mut extension.pauses);
        std::iter::once(&mut count.pauses).chain(later).for_each(|pauses| pauses.retain(|pause| Some(*pause) != last));
        count
    }

    /// The pause that began last, to be ended.
    pub fn last_pause_mut(&mut self) -> Option<&mut Pause> {
        let later = self.extensions.iter_mut().flat_map(|extension| &mut extension.pauses);
        self.pauses.iter_mut().chain(later).max_by_key(|pause| pause.from)
    }
}

/// Those pauses that begin before the due to which the ones before them lead.
fn begun(pauses: &[Pause], due: impl Fn(&[Pause]) -> Due) -> &[Pause] {
    let late = |place: &usize| pauses.get(*place).is_some_and(|pause| pause.from >= due(&pauses[..*place]).at);
    &pauses[..(0..pauses.len()).find(late).unwrap_or(pauses.len())]
}

/// Days that pauses give back: the countable ones `d` with paused day < d <= resumed day, of those after `start`. Where
/// the end had moved past days off by the time a pause began, they come on top: what is given back is given back from
/// the day to which it had moved.
fn given(calendar: &Calendar, zone: Zone, (start, span): (NaiveDate, Span), pauses: &[Pause]) -> u32 {
    let mut given: u32 = 0;
    for pause in pauses {
        let (from, to) = (zone.date(pause.from).max(start), zone.date(pause.to));
        let days = match span {
            Span::CalendarDays(days) => {
                let end = plus(start, days.saturating_add(given));
                let moved = if from > end { (calendar.roll(end) - end).num_days() } else { 0 };
                u32::try_from(moved + (to - from).num_days()).unwrap_or(0)
            }
            _ => calendar.between(from, to),
        };
        given = given.saturating_add(days);
    }
    given
}

/// The due at the end of a day. Whether it is provisional depends on where it was counted from.
fn end(calendar: &Calendar, zone: Zone, date: NaiveDate) -> Due {
    Due { date, at: zone.end_of(date), provisional: !calendar.publishes(date.year()) }
}

/// Counts a span from an event.
pub fn due(calendar: &Calendar, zone: Zone, from: Instant, span: Span) -> Due {
    Count::plain(from, span).due(calendar, zone)
}

fn plus(date: NaiveDate, days: u32) -> NaiveDate {
    date.checked_add_days(Days::new(u64::from(days))).unwrap_or(NaiveDate::MAX)
}

#[cfg(test)]
mod tests;
