//! When things happened: instants that a ministry's working days would give, the same at every run of a day.

use chrono::{Days, NaiveDate, TimeDelta};

use crate::domain::{reference::Reference, time::Instant};

/// What is planned ends at least this long before now.
const MARGIN: TimeDelta = TimeDelta::minutes(2);
/// What came today came at least this long before now, so that something could be done with it.
const LATEST: TimeDelta = TimeDelta::minutes(25);

/// Walks forward in time, step by step.
pub(super) struct Diary<'a> {
    reference: &'a Reference,
    chance: u64,
    /// Where it stands.
    pub(super) at: Instant,
    received: Instant,
}

impl<'a> Diary<'a> {
    /// Begins on the day of receipt, at office hours, before `now`. The key decides what is left to chance.
    pub(super) fn new(reference: &'a Reference, key: &str, day: NaiveDate, now: Instant) -> Self {
        let chance = key
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        let mut diary = Self { reference, chance, at: now, received: now };
        let minutes = diary.office_minute();
        diary.at = (reference.zone.midnight(day) + minutes).min(now - LATEST - TimeDelta::minutes(diary.up_to(15)));
        diary.received = diary.at;
        diary
    }

    /// A number from 0 to `most`.
    pub(super) fn up_to(&mut self, most: u32) -> i64 {
        self.chance = self.chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from((self.chance >> 33) % (u64::from(most) + 1)).unwrap_or(0)
    }

    /// Minutes after midnight, between 08:00 and 12:00 or 13:30 and 17:00.
    fn office_minute(&mut self) -> TimeDelta {
        let minute = self.up_to(449);
        TimeDelta::minutes(480 + minute + if minute >= 240 { 90 } else { 0 })
    }

    /// Some minutes later.
    pub(super) fn minutes(&mut self, least: i64, more: u32) -> Instant {
        let minutes = least + self.up_to(more);
        self.at += TimeDelta::minutes(minutes);
        self.at
    }

    /// Working days later, at office hours.
    pub(super) fn working_days(&mut self, days: u32) -> Instant {
        let mut date = self.reference.zone.date(self.at);
        if days > 0 {
            date = self.reference.calendars.installation().plus(date, days);
        }
        self.on(date)
    }

    /// Days of the calendar later: petitioners write on Sundays too.
    pub(super) fn days(&mut self, days: u32) -> Instant {
        let date = self.reference.zone.date(self.at);
        self.on(date.checked_add_days(Days::new(u64::from(days))).unwrap_or(date))
    }

    /// So many days after receipt, if that is still to come.
    pub(super) fn days_after_receipt(&mut self, days: u32) {
        let date = self.reference.zone.date(self.received);
        self.on(date.checked_add_days(Days::new(u64::from(days))).unwrap_or(date));
    }

    /// At office hours of a day, never back in time.
    fn on(&mut self, date: NaiveDate) -> Instant {
        let at = self.reference.zone.midnight(date) + self.office_minute();
        self.at = at.max(self.at + TimeDelta::minutes(7));
        self.at
    }
}

/// Draws a plan together where it would reach into the future: what remains of the time is shared out alike.
pub(super) fn fit(instants: &mut [Instant], now: Instant) {
    let (Some(first), Some(last)) = (instants.first().copied(), instants.last().copied()) else {
        return;
    };
    let latest = now - MARGIN;
    if last <= latest {
        return;
    }
    let (planned, there_is) = ((last - first).num_seconds().max(1), (latest - first).num_seconds().max(0));
    for at in instants {
        let seconds = i128::from((*at - first).num_seconds()) * i128::from(there_is) / i128::from(planned);
        *at = first + TimeDelta::seconds(i64::try_from(seconds).unwrap_or(0));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_reaches_into_the_future_is_drawn_together() {
        let at = |hours| Instant::UNIX_EPOCH + TimeDelta::hours(hours);
        let mut plan = [at(0), at(10), at(40)];
        fit(&mut plan, at(20) + MARGIN);
        assert_eq!(plan, [at(0), at(5), at(20)]);
        fit(&mut plan, at(100));
        assert_eq!(plan[2], at(20));
    }
}
