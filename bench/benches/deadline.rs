//! What counting costs: a due date whatever the span, and explaining a year. Run by `cargo bench`.
#![allow(clippy::panic, reason = "a bench ends by panicking")]

use chrono::{DateTime, TimeDelta, Utc};
use divan::{Bencher, black_box};
use pakn::domain::{
    calendar::Calendar,
    deadline::{Count, Extension, Pause, Span},
    time::Zone,
};

fn main() {
    divan::main();
}

fn vietnam() -> (Calendar, Zone) {
    let calendar = Calendar::shipped().unwrap_or_else(|faults| panic!("{faults:?}"));
    (calendar, Zone("Asia/Ho_Chi_Minh".parse().unwrap_or_else(|error| panic!("{error}"))))
}

fn morning() -> DateTime<Utc> {
    DateTime::from_timestamp(1_642_000_000, 0).unwrap_or_default()
}

fn due(bencher: Bencher<'_, '_>, count: &Count) {
    let (calendar, zone) = vietnam();
    bencher.bench_local(|| black_box(count).due(black_box(&calendar), zone));
}

#[divan::bench(args = [5, 60, 1_000])]
fn due_in_working_days(bencher: Bencher<'_, '_>, days: u32) {
    due(bencher, &Count::plain(morning(), Span::WorkingDays(days)));
}

#[divan::bench(args = [20, 365, 1_460])]
fn due_in_calendar_days(bencher: Bencher<'_, '_>, days: u32) {
    due(bencher, &Count::plain(morning(), Span::CalendarDays(days)));
}

#[divan::bench(args = [4, 400, 3_660])]
fn due_in_working_hours(bencher: Bencher<'_, '_>, hours: u32) {
    due(bencher, &Count::plain(morning(), Span::WorkingHours(hours)));
}

#[divan::bench]
fn due_with_pauses_and_an_extension(bencher: Bencher<'_, '_>) {
    let pause = |day| Pause { from: morning() + TimeDelta::days(day), to: morning() + TimeDelta::days(day + 3) };
    let mut count = Count::plain(morning(), Span::WorkingDays(60));
    count.pauses = vec![pause(2), pause(9), pause(20)];
    count.extensions = vec![Extension { days: 20, pauses: Vec::new() }];
    due(bencher, &count);
}

#[divan::bench]
fn explaining_a_year(bencher: Bencher<'_, '_>) {
    let (calendar, zone) = vietnam();
    let count = Count::plain(morning(), Span::CalendarDays(365));
    bencher.bench_local(|| black_box(&count).explain(black_box(&calendar), zone));
}
