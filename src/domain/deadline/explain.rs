//! A due date day by day: counted, or skipped and why. Walks; what it arrives at is what folding gives.

use chrono::{NaiveDate, NaiveTime, TimeDelta};

use super::{Count, Pause, Span, given, hours};
use crate::domain::{
    calendar::{Calendar, DayOff, LAST},
    time::{self, Due, Zone},
};

/// A due date with the days that lead to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// The span, then one for each extension.
    pub stretches: Vec<Stretch>,
    /// Where the last one ends.
    pub due: Due,
}

impl Explanation {
    /// Whether it leads past what a calendar knows: it then says no more than that it is due after that.
    pub fn ends_beyond(&self) -> bool {
        NaiveDate::from_ymd_opt(LAST, 12, 31).is_none_or(|last| last <= self.due.date)
    }
}

/// One span or extension, walked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stretch {
    /// What is counted.
    pub span: Span,
    /// Each day from that of the event, or of the due so far, to the last.
    pub lines: Vec<Line>,
}

/// A day of the walk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Which.
    pub date: NaiveDate,
    /// What it is to the count.
    pub mark: Mark,
    /// Why it is not worked; none for a working day.
    pub off: Option<DayOff>,
    /// What a moved working day, or a day off that counts all the same, is called.
    pub name: Option<String>,
}

/// What a day is to a count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// The day of the event, or of the due so far: not counted.
    Event,
    /// The event came after the cut-off, or on a day off where there is one, and counts as one of a later day.
    AfterCutOff,
    /// Counted.
    Counted {
        /// Its number.
        n: u32,
        /// Of how many.
        of: u32,
    },
    /// Hours of it are counted.
    Hours {
        /// Minutes of this day.
        minutes: i64,
        /// Minutes so far, with those of this day.
        so_far: i64,
        /// Of how many.
        of: i64,
    },
    /// Skipped: not worked.
    Off,
    /// Skipped: the clock stood still, in the pause of this number, from 1.
    Paused(u32),
    /// The last day was not worked, so the end moved past this one, to the first that is.
    Moved,
    /// The end moved to this day.
    MovedTo,
    /// The end is held to this day: it is never later than the answer.
    Held,
}

/// Days that an explanation lists at the most.
const LONGEST: usize = 40_000;

impl Count {
    /// Walks to the due date.
    pub fn explain(&self, calendar: &Calendar, zone: Zone) -> Explanation {
        let mut pause = 0;
        let mut stretches = vec![match self.span {
            Span::WorkingHours(_) => {
                pause += u32::try_from(self.pauses.len()).unwrap_or(u32::MAX);
                self.walk_hours(calendar, zone)
            }
            span => {
                let event = zone.date(self.from);
                let start = self.start(calendar, zone);
                let mut lines =
                    vec![line(calendar, event, if start == event { Mark::Event } else { Mark::AfterCutOff })];
                let between = event.iter_days().skip(1).take_while(|day| *day <= start);
                lines.extend(
                    between.map(|day| line(calendar, day, if day == start { Mark::Event } else { Mark::AfterCutOff })),
                );
                walk_days(calendar, zone, (start, span), self.begun(calendar, zone), &mut pause, &mut lines);
                Stretch { span, lines }
            }
        }];
        for extension in &self.extensions {
            let start = last_day(&stretches, zone.date(self.from));
            let span = Span::CalendarDays(extension.days);
            let mut lines = vec![line(calendar, start, Mark::Event)];
            let pauses = extension.begun(start, calendar, zone);
            walk_days(calendar, zone, (start, span), pauses, &mut pause, &mut lines);
            stretches.push(Stretch { span, lines });
        }
        let date = last_day(&stretches, zone.date(self.from));
        let at = match (self.span, self.extensions.is_empty()) {
            // The hour at which hours end is not a matter of days.
            (Span::WorkingHours(_), true) => self.due_with(0, calendar, zone).at,
            _ => zone.end_of(date),
        };
        let years = zone.year(self.from)..=chrono::Datelike::year(&date);
        let provisional = years.into_iter().any(|year| !calendar.publishes(year));
        let due = self.capped(Due { date, at, provisional });
        if due.at < at {
            hold(&mut stretches, due.date);
        }
        Explanation { stretches, due }
    }

    fn walk_hours(&self, calendar: &Calendar, zone: Zone) -> Stretch {
        let from = hours::opening(calendar, zone, self.from, self.cutoff);
        let of = TimeDelta::hours(i64::from(self.span.amount()));
        let (mut so_far, mut lines) = (TimeDelta::zero(), Vec::new());
        let event = zone.date(self.from);
        lines.extend(
            event.iter_days().take_while(|day| *day < from.date()).map(|day| line(calendar, day, Mark::AfterCutOff)),
        );
        let mut since = from;
        while so_far < of && lines.len() < LONGEST {
            let date = since.date();
            let midnight = time::next(date).and_time(NaiveTime::MIN);
            let paused = |pause: &Pause| {
                let (from, to) = (zone.local(pause.from).max(since), zone.local(pause.to).min(midnight));
                if from < to { hours::on(calendar, from, to) } else { TimeDelta::zero() }
            };
            let still: TimeDelta = self.pauses.iter().map(paused).sum();
            let worked = (hours::worked_after(calendar, since) - still).min(of - so_far);
            so_far += worked;
            let pause = self.pauses.iter().position(|pause| paused(pause) > TimeDelta::zero());
            let mark = match (worked > TimeDelta::zero(), pause) {
                (true, _) => {
                    Mark::Hours { minutes: worked.num_minutes(), so_far: so_far.num_minutes(), of: of.num_minutes() }
                }
                (false, Some(place)) => Mark::Paused(u32::try_from(place + 1).unwrap_or(u32::MAX)),
                (false, None) if calendar.works(date) => Mark::Event,
                (false, None) => Mark::Off,
            };
            lines.push(line(calendar, date, mark));
            since = midnight;
        }
        Stretch { span: self.span, lines }
    }
}

/// Walks from the day after `start` until all countable days have passed, those of pauses too, and the end is on a
/// working day.
fn walk_days(
    calendar: &Calendar,
    zone: Zone,
    (start, span): (NaiveDate, Span),
    pauses: &[Pause],
    numbered: &mut u32,
    lines: &mut Vec<Line>,
) {
    let of = span.amount();
    let last = of.saturating_add(given(calendar, zone, (start, span), pauses));
    let all_days = matches!(span, Span::CalendarDays(_));
    let (mut n, mut passed) = (0, 0);
    for date in start.iter_days().skip(1).take(LONGEST) {
        let worked = calendar.works(date);
        let countable = passed < last && (worked || all_days);
        passed += u32::from(countable);
        let pause = pauses.iter().position(|pause| zone.date(pause.from) < date && date <= zone.date(pause.to));
        let mark = match pause {
            Some(place) if countable => Mark::Paused(*numbered + u32::try_from(place + 1).unwrap_or(u32::MAX)),
            // All are counted, but the end has moved and a pause began before it: its days are still to come.
            None if countable && n >= of => Mark::Moved,
            None if countable => {
                n += 1;
                Mark::Counted { n, of }
            }
            _ if passed < last => Mark::Off,
            _ if worked => Mark::MovedTo,
            _ => Mark::Moved,
        };
        lines.push(line(calendar, date, mark));
        if passed >= last && worked {
            break;
        }
    }
    *numbered += u32::try_from(pauses.len()).unwrap_or(u32::MAX);
}

/// Ends an explanation on an earlier day; the day of the event stays in any case.
fn hold(stretches: &mut Vec<Stretch>, end: NaiveDate) {
    let first = |stretch: &Stretch| stretch.lines.first().map(|line| line.date);
    let begun = stretches.iter().filter(|stretch| first(stretch).is_some_and(|date| date <= end)).count();
    stretches.truncate(begun.max(1));
    if let Some(last) = stretches.last_mut() {
        let kept = last.lines.iter().take_while(|line| line.date <= end).count();
        last.lines.truncate(kept.max(1));
        if let Some(line) = last.lines.last_mut() {
            line.mark = Mark::Held;
        }
    }
}

fn line(calendar: &Calendar, date: NaiveDate, mark: Mark) -> Line {
    Line { date, mark, off: calendar.day_off(date), name: calendar.name(date).map(str::to_owned) }
}

fn last_day(stretches: &[Stretch], otherwise: NaiveDate) -> NaiveDate {
    stretches.last().and_then(|stretch| stretch.lines.last()).map_or(otherwise, |line| line.date)
}
