//! Counting in office hours. They run from the moment set, stand still outside office hours, and end at an hour.

use chrono::{Datelike as _, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};

use super::Pause;
use crate::domain::{
    calendar::{Calendar, Hours},
    time::{self, Due, Instant, Zone},
};

/// The local time from which hours count: that of the event, or the morning of the next working day when it came
/// after the cut-off.
pub(super) fn opening(calendar: &Calendar, zone: Zone, from: Instant, cutoff: Option<NaiveTime>) -> NaiveDateTime {
    let local = zone.local(from);
    match cutoff {
        Some(cutoff) if local.time() >= cutoff => calendar.roll(time::next(local.date())).and_time(NaiveTime::MIN),
        _ => local,
    }
}

/// The due that lies `hours` and `given` office time after a local time.
pub(super) fn after(calendar: &Calendar, zone: Zone, from: NaiveDateTime, hours: u32, given: TimeDelta) -> Due {
    let mut left = TimeDelta::hours(i64::from(hours)) + given;
    let today = worked_after(calendar, from);
    let (mut date, mut since) = (from.date(), from);
    if left > today {
        left -= today;
        date = calendar.roll(time::next(date));
        // Whole days, a year at a time: within one they are equally long.
        loop {
            let daily = daily(calendar, date.year());
            let last = NaiveDate::from_ymd_opt(date.year(), 12, 31).unwrap_or(date);
            let in_year = calendar.between(before(date), last);
            let whole =
                u32::try_from((left.num_microseconds().unwrap_or(0) - 1) / daily.num_microseconds().unwrap_or(1));
            let whole = whole.unwrap_or(0);
            if whole < in_year || date.year() >= crate::domain::calendar::LAST {
                left -= daily * i32::try_from(whole).unwrap_or(0);
                date = if whole == 0 { date } else { calendar.plus(date, whole) };
                break;
            }
            left -= daily * i32::try_from(in_year).unwrap_or(0);
            date = calendar.roll(time::next(last));
        }
        since = date.and_time(NaiveTime::MIN);
    }
    let at = stretches(calendar, date, since).find_map(|(open, close)| {
        let fits = left <= close - open;
        let at = open + left;
        left = (left - (close - open)).max(TimeDelta::zero());
        fits.then_some(at)
    });
    let at = at.unwrap_or_else(|| time::next(date).and_time(NaiveTime::MIN));
    Due { date, at: zone.instant(at), provisional: !calendar.publishes(date.year()) }
}

/// Office time in a pause.
pub(super) fn between(calendar: &Calendar, zone: Zone, pause: Pause) -> TimeDelta {
    let (from, to) = (zone.local(pause.from), zone.local(pause.to));
    if to <= from {
        return TimeDelta::zero();
    }
    if from.date() == to.date() {
        return on(calendar, from, to);
    }
    let mut sum = worked_after(calendar, from) + on(calendar, to.date().and_time(NaiveTime::MIN), to);
    let mut day = from.date();
    while time::next(day) < to.date() {
        let last = NaiveDate::from_ymd_opt(time::next(day).year(), 12, 31).unwrap_or(day).min(before(to.date()));
        sum += daily(calendar, last.year()) * i32::try_from(calendar.between(day, last)).unwrap_or(0);
        day = last;
    }
    sum
}

/// Office time of one day between two local times of it.
pub(super) fn on(calendar: &Calendar, from: NaiveDateTime, to: NaiveDateTime) -> TimeDelta {
    stretches(calendar, from.date(), from).map(|(open, close)| (close.min(to) - open).max(TimeDelta::zero())).sum()
}

/// Office time left of a day.
pub(super) fn worked_after(calendar: &Calendar, from: NaiveDateTime) -> TimeDelta {
    stretches(calendar, from.date(), from).map(|(open, close)| close - open).sum()
}

/// Stretches of office hours of a day from a local time on; none if the day is not worked.
fn stretches(
    calendar: &Calendar,
    date: NaiveDate,
    since: NaiveDateTime,
) -> impl Iterator<Item = (NaiveDateTime, NaiveDateTime)> + '_ {
    let hours: &[Hours] = if calendar.works(date) { &calendar.week(date.year()).hours } else { &[] };
    let at = move |minute: u16| date.and_time(NaiveTime::MIN) + TimeDelta::minutes(i64::from(minute));
    hours.iter().map(move |hours| (at(hours.from).max(since), at(hours.to))).filter(|(open, close)| open < close)
}

fn daily(calendar: &Calendar, year: i32) -> TimeDelta {
    TimeDelta::minutes(i64::from(calendar.week(year).minutes()).max(1))
}

fn before(date: NaiveDate) -> NaiveDate {
    date.pred_opt().unwrap_or(date)
}
