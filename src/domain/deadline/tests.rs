//! The law's worked examples, and what must hold of every count.

use chrono::TimeDelta;
use proptest::prelude::*;

use super::{explain::Mark, *};
use crate::domain::calendar::{Content, Day};

const ZONE: Zone = Zone(chrono_tz::Asia::Ho_Chi_Minh);

fn at(date: NaiveDate) -> Instant {
    ZONE.midnight(date) + TimeDelta::hours(9)
}

fn instant(local: &str) -> Instant {
    ZONE.instant(local.parse().unwrap())
}

fn day(date: &str) -> NaiveDate {
    date.parse().unwrap()
}

fn shipped() -> Calendar {
    Calendar::shipped().unwrap()
}

/// The shipped calendar with a day of its own.
fn with(date: NaiveDate, worked: bool) -> Calendar {
    let mut content: Content = shipped().content().clone();
    let year = content.years.entry(date.year()).or_insert_with(crate::domain::calendar::Year::unpublished);
    year.days.insert(date, Day { worked, name: "khác".to_owned() });
    Calendar::new("other", content).unwrap()
}

#[test]
fn the_worked_examples_of_the_law_come_out() {
    let calendar = shipped();
    for line in include_str!("../../../data/deadline-vectors.csv").lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let amount = cells[1].parse().unwrap();
        let span = match cells[2] {
            "working_day" => Span::WorkingDays(amount),
            "calendar_day" => Span::CalendarDays(amount),
            other => panic!("{other}"),
        };
        let count = Count::plain(at(day(cells[0])), span);
        let due = count.due(&calendar, ZONE);
        assert_eq!(due.date.to_string(), cells[3], "{line}");
        assert_eq!(due.at, ZONE.midnight(time::next(due.date)), "{line}");
        assert_eq!(count.explain(&calendar, ZONE).due, due, "{line}");
    }
}

#[test]
fn a_year_that_is_not_published_is_provisional() {
    let calendar = shipped();
    let from = at(day("2026-12-20"));
    assert!(due(&calendar, ZONE, from, Span::CalendarDays(20)).provisional);
    assert!(!due(&calendar, ZONE, from, Span::WorkingDays(2)).provisional);
}

#[test]
fn office_hours_run_from_the_moment_and_have_breaks() {
    let calendar = shipped();
    let hours =
        |from: &str, hours| ZONE.local(due(&calendar, ZONE, instant(from), Span::WorkingHours(hours)).at).to_string();
    // A Monday morning; over the break; to its very end; over the night; over a weekend; before and after hours.
    assert_eq!(hours("2026-03-02T08:15:30", 2), "2026-03-02 10:15:30");
    assert_eq!(hours("2026-03-02T10:00:00", 4), "2026-03-02 15:00:00");
    assert_eq!(hours("2026-03-02T08:00:00", 4), "2026-03-02 12:00:00");
    assert_eq!(hours("2026-03-02T16:00:00", 4), "2026-03-03 11:00:00");
    assert_eq!(hours("2026-03-06T16:30:00", 8), "2026-03-09 16:30:00");
    assert_eq!(hours("2026-03-01T22:00:00", 4), "2026-03-02 12:00:00");
    assert_eq!(hours("2026-03-02T12:30:00", 1), "2026-03-02 14:00:00");
    // Tết lies between: 13 February is a Friday, 23 February the next working day.
    assert_eq!(hours("2026-02-13T16:00:00", 2), "2026-02-23 09:00:00");
}

#[test]
fn after_the_cut_off_the_next_working_day_is_the_day_of_the_event() {
    let calendar = shipped();
    let count =
        |from: &str, span| Count { cutoff: NaiveTime::from_hms_opt(17, 0, 0), ..Count::plain(instant(from), span) };
    let date = |from, span| count(from, span).due(&calendar, ZONE).date.to_string();
    assert_eq!(date("2026-03-02T16:59:59", Span::WorkingDays(1)), "2026-03-03");
    assert_eq!(date("2026-03-02T17:00:00", Span::WorkingDays(1)), "2026-03-04");
    // Friday evening counts as Monday.
    assert_eq!(date("2026-03-06T18:00:00", Span::WorkingDays(2)), "2026-03-11");
    assert_eq!(date("2026-03-06T18:00:00", Span::CalendarDays(2)), "2026-03-11");
    let marks: Vec<Mark> = count("2026-03-06T18:00:00", Span::WorkingDays(1)).explain(&calendar, ZONE).stretches[0]
        .lines
        .iter()
        .map(|line| line.mark)
        .collect();
    let after = Mark::AfterCutOff;
    assert_eq!(marks, [after, after, after, Mark::Event, Mark::Counted { n: 1, of: 1 }]);
    let hours = count("2026-03-06T18:00:00", Span::WorkingHours(4)).due(&calendar, ZONE);
    assert_eq!(ZONE.local(hours.at).to_string(), "2026-03-09 12:00:00");
}

#[test]
fn the_end_moves_past_days_off_and_says_so() {
    let count = Count::plain(at(day("2026-04-07")), Span::CalendarDays(20));
    let explained = count.explain(&shipped(), ZONE);
    let last: Vec<Mark> = explained.stretches[0].lines.iter().rev().take(3).map(|line| line.mark).collect();
    assert_eq!(last, [Mark::MovedTo, Mark::Counted { n: 20, of: 20 }, Mark::Counted { n: 19, of: 20 }]);
}

fn any_span() -> impl Strategy<Value = Span> {
    prop_oneof![
        (1u32..90).prop_map(Span::WorkingDays),
        (1u32..90).prop_map(Span::CalendarDays),
        (1u32..300).prop_map(Span::WorkingHours),
    ]
}

/// A count with pauses that begin before its due and follow each other, and perhaps extensions.
fn any_count() -> impl Strategy<Value = Count> {
    let pauses = proptest::collection::vec((0i64..400, 1i64..600), 0..4);
    let cutoff = proptest::option::of(Just(NaiveTime::from_hms_opt(16, 30, 0).unwrap()));
    (0i64..40_000, any_span(), cutoff, pauses, proptest::collection::vec(1u32..30, 0..2)).prop_map(
        |(hour, span, cutoff, pauses, extensions)| {
            let calendar = shipped();
            let from = instant("2022-01-05T07:10:00") + TimeDelta::hours(hour);
            let mut count = Count { cutoff, ..Count::plain(from, span) };
            let mut free = from;
            for (place, (wait, length)) in pauses.into_iter().enumerate() {
                let begin = free + TimeDelta::hours(wait);
                if begin < count.due(&calendar, ZONE).at {
                    free = begin + TimeDelta::hours(length);
                    count.pause(Pause { from: begin, to: free }, &calendar, ZONE);
                }
                if let Some(days) = extensions.get(place)
                    && free < count.due(&calendar, ZONE).at
                {
                    count.extensions.push(Extension { days: *days, pauses: Vec::new() });
                }
            }
            count
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn folding_an_explanation_gives_the_due(count in any_count()) {
        let explained = count.explain(&shipped(), ZONE);
        prop_assert_eq!(explained.due, count.due(&shipped(), ZONE));
        for stretch in &explained.stretches {
            let counted = stretch.lines.iter().filter(|line| matches!(line.mark, Mark::Counted { .. })).count();
            if !matches!(stretch.span, Span::WorkingHours(_)) {
                prop_assert_eq!(counted, stretch.span.amount() as usize);
            }
        }
    }

    #[test]
    fn due_is_after_receipt_on_a_worked_day_and_monotone(day in 0u64..1_700, span in any_span()) {
        let calendar = shipped();
        let start = at(NaiveDate::from_ymd_opt(2022, 1, 1).unwrap() + Days::new(day));
        let now = due(&calendar, ZONE, start, span);
        let more = match span {
            Span::WorkingDays(n) => Span::WorkingDays(n + 1),
            Span::CalendarDays(n) => Span::CalendarDays(n + 1),
            Span::WorkingHours(n) => Span::WorkingHours(n + 1),
        };
        prop_assert!(calendar.works(now.date) && now.at > start);
        prop_assert!(due(&calendar, ZONE, start + TimeDelta::days(1), span).at >= now.at);
        prop_assert!(due(&calendar, ZONE, start, more).at >= now.at);
    }

    #[test]
    fn a_day_off_inside_never_makes_it_earlier(count in any_count(), place in 0usize..60) {
        let plain = count.due(&shipped(), ZONE);
        let off = ZONE.date(count.from) + Days::new(place as u64);
        prop_assert!(count.due(&with(off, false), ZONE).at >= plain.at);
    }

    #[test]
    fn a_moved_saturday_strictly_inside_makes_it_one_working_day_earlier(start in 0u64..1_700, days in 2u32..60, place in 0usize..20) {
        let calendar = shipped();
        let from = at(NaiveDate::from_ymd_opt(2022, 1, 1).unwrap() + Days::new(start));
        let plain = due(&calendar, ZONE, from, Span::WorkingDays(days));
        let inside = ZONE.date(from).iter_days().skip(1).take_while(|day| *day < plain.date);
        let off: Vec<NaiveDate> = inside.filter(|day| !calendar.works(*day)).collect();
        if let Some(moved) = off.get(place % off.len().max(1)) {
            let earlier = due(&with(*moved, true), ZONE, from, Span::WorkingDays(days));
            prop_assert_eq!(with(*moved, true).between(earlier.date, plain.date), 1);
        }
    }

    /// Counted by another road than the code: day after day, those countable that no pause took.
    #[test]
    fn pauses_give_back_their_countable_days(count in any_count()) {
        let calendar = shipped();
        let countable = |day: &NaiveDate| matches!(count.span, Span::CalendarDays(_)) || calendar.works(*day);
        let stood = |day: &NaiveDate| count.pauses.iter().any(|p| ZONE.date(p.from) < *day && *day <= ZONE.date(p.to));
        if count.extensions.is_empty() && !matches!(count.span, Span::WorkingHours(_)) {
            let after = || count.start(&calendar, ZONE).iter_days().skip(1);
            let base = after().filter(countable).nth(count.span.amount() as usize - 1).unwrap();
            let mut back = after().take(3_000).filter(|day| countable(day) && stood(day)).count();
            if matches!(count.span, Span::CalendarDays(_)) {
                // Days off past which the end had moved before a pause began.
                let mut end = base;
                for pause in &count.pauses {
                    let (from, to) = (ZONE.date(pause.from), ZONE.date(pause.to));
                    let moved = end.iter_days().take_while(|day| from > end && !calendar.works(*day)).count();
                    back += moved;
                    end = end + Days::new(moved as u64) + (to - from);
                }
            }
            let last = after().filter(countable).nth(count.span.amount() as usize + back - 1).unwrap();
            let due = last.iter_days().find(|day| calendar.works(*day)).unwrap();
            prop_assert!(last >= base);
            prop_assert_eq!(count.due(&calendar, ZONE).date, due);
        }
    }

    /// A reply on a later day is never after the due that it leads to, where every day counts.
    #[test]
    fn a_pause_never_ends_after_the_due(count in any_count()) {
        if let (Span::CalendarDays(_), true) = (count.span, count.extensions.is_empty()) {
            let due = count.due(&shipped(), ZONE);
            prop_assert!(count.pauses.iter().all(|pause| pause.to < due.at), "{due:?}");
        }
    }

    /// Minute after minute, those of office hours that no pause took.
    #[test]
    fn hours_agree_with_walking_the_minutes(count in any_count()) {
        if let (Span::WorkingHours(hours), true) = (count.span, count.extensions.is_empty()) {
            let calendar = shipped();
            let (mut left, mut at) = (hours * 60, ZONE.local(count.from));
            if count.start(&calendar, ZONE) != at.date() {
                at = count.start(&calendar, ZONE).and_time(NaiveTime::MIN);
            }
            while left > 0 {
                let minute = at.signed_duration_since(at.date().and_time(NaiveTime::MIN)).num_minutes();
                let hours = &calendar.week(chrono::Datelike::year(&at)).hours;
                let open = calendar.works(at.date()) && hours.iter().any(|h| (i64::from(h.from)..i64::from(h.to)).contains(&minute));
                let still = count.pauses.iter().any(|p| ZONE.local(p.from) <= at && at < ZONE.local(p.to));
                left -= u32::from(open && !still);
                at += TimeDelta::minutes(1);
            }
            prop_assert_eq!(count.due(&calendar, ZONE).at, ZONE.instant(at));
            let explained = count.explain(&calendar, ZONE);
            let minutes = |line: &explain::Line| match line.mark { Mark::Hours { minutes, .. } => minutes, _ => 0 };
            prop_assert_eq!(explained.stretches[0].lines.iter().map(minutes).sum::<i64>(), i64::from(hours) * 60);
        }
    }

    #[test]
    fn a_later_receipt_is_never_due_earlier(minutes in 0i64..2_000_000, more in 1i64..3_000, span in any_span()) {
        let cutoff = NaiveTime::from_hms_opt(16, 30, 0);
        let due = |minutes| {
            let from = instant("2022-01-05T00:00:00") + TimeDelta::minutes(minutes);
            Count { cutoff, ..Count::plain(from, span) }.due(&shipped(), ZONE).at
        };
        prop_assert!(due(minutes) <= due(minutes + more));
    }

    /// Held to another due, it ends there, and so does its explanation.
    #[test]
    fn what_is_held_ends_where_it_is_held(count in any_count(), days in 0u64..120) {
        let calendar = shipped();
        let date = calendar.roll(ZONE.date(count.from) + Days::new(days));
        let cap = Due { date, at: ZONE.end_of(date), provisional: false };
        let held = Count { not_after: Some(cap), ..count.clone() };
        let (free, due) = (count.due(&calendar, ZONE), held.due(&calendar, ZONE));
        prop_assert_eq!(due, if cap.at < free.at { cap } else { free });
        let explained = held.explain(&calendar, ZONE);
        prop_assert_eq!(explained.due, due);
        let last = explained.stretches.last().and_then(|stretch| stretch.lines.last()).unwrap();
        prop_assert_eq!(last.mark == Mark::Held, cap.at < free.at);
        prop_assert!(last.date == due.date || cap.at < free.at);
    }
}
