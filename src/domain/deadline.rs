//! Due dates by the Civil Code (Art. 145 to 148): the day of the event is not counted; a last day that is not
//! worked moves to the next that is; the last day ends at 24:00 local time.

use chrono::{Datelike as _, Days, NaiveDate};

use super::{
    calendar::Calendar,
    time::{self, Due, Instant, Zone},
};

/// An amount of time to count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Span {
    /// Days that are worked.
    WorkingDays(u32),
    /// Days of the calendar, the last rolling forward to a worked one.
    CalendarDays(u32),
}

/// A calendar without a worked day in ten years would never end a span.
const ROLL_LIMIT: u32 = 3_660;

/// Counts a span from the local day of an event.
pub fn due(calendar: &Calendar, zone: Zone, from: Instant, span: Span) -> Due {
    let start = zone.date(from);
    let date = match span {
        Span::CalendarDays(days) => roll(calendar, plus(start, days)),
        Span::WorkingDays(days) => (0..days).fold(start, |date, _| roll(calendar, time::next(date))),
    };
    let provisional = (start.year()..=date.year()).any(|year| !calendar.publishes(year));
    Due { date, at: zone.end_of(date), provisional }
}

/// Moves a due later by calendar days, rolling forward.
pub fn extend(calendar: &Calendar, zone: Zone, due: Due, days: u32) -> Due {
    let date = roll(calendar, plus(due.date, days));
    let provisional = due.provisional || !calendar.publishes(date.year());
    Due { date, at: zone.end_of(date), provisional }
}

fn plus(date: NaiveDate, days: u32) -> NaiveDate {
    date.checked_add_days(Days::new(u64::from(days))).unwrap_or(NaiveDate::MAX)
}

fn roll(calendar: &Calendar, date: NaiveDate) -> NaiveDate {
    date.iter_days().take(ROLL_LIMIT as usize).find(|day| calendar.works(*day)).unwrap_or(date)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ZONE: Zone = Zone(chrono_tz::Asia::Ho_Chi_Minh);

    fn at(date: NaiveDate) -> Instant {
        ZONE.midnight(date) + chrono::TimeDelta::hours(9)
    }

    #[test]
    fn the_worked_examples_of_the_law_come_out() {
        let calendar = Calendar::shipped().unwrap();
        for line in include_str!("../../data/deadline-vectors.csv").lines().skip(1) {
            let cells: Vec<&str> = line.split(',').collect();
            let amount = cells[1].parse().unwrap();
            let span = match cells[2] {
                "working_day" => Span::WorkingDays(amount),
                "calendar_day" => Span::CalendarDays(amount),
                other => panic!("{other}"),
            };
            let due = due(&calendar, ZONE, at(cells[0].parse().unwrap()), span);
            assert_eq!(due.date.to_string(), cells[3], "{line}");
            assert_eq!(due.at, ZONE.midnight(time::next(due.date)), "{line}");
        }
    }

    #[test]
    fn a_year_that_is_not_published_is_provisional() {
        let calendar = Calendar::shipped().unwrap();
        let from = at(NaiveDate::from_ymd_opt(2026, 12, 20).unwrap());
        assert!(due(&calendar, ZONE, from, Span::CalendarDays(20)).provisional);
        assert!(!due(&calendar, ZONE, from, Span::WorkingDays(2)).provisional);
    }

    proptest! {
        #[test]
        fn due_is_a_worked_day_after_receipt_and_monotone(day in 0u64..1_700, amount in 1u32..60) {
            let calendar = Calendar::shipped().unwrap();
            let start = NaiveDate::from_ymd_opt(2022, 1, 1).unwrap() + Days::new(day);
            for span in [Span::WorkingDays as fn(u32) -> Span, Span::CalendarDays] {
                let due_now = due(&calendar, ZONE, at(start), span(amount));
                prop_assert!(calendar.works(due_now.date) && due_now.date > start);
                prop_assert!(due(&calendar, ZONE, at(time::next(start)), span(amount)).at >= due_now.at);
                prop_assert!(due(&calendar, ZONE, at(start), span(amount + 1)).at >= due_now.at);
            }
        }
    }
}
