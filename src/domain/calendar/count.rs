//! Counting working days without walking them: a sum at the start of each year, and within a year weeks by
//! division and special days by search. Any span costs the same.

use std::collections::BTreeMap;

use chrono::{Datelike as _, Days, NaiveDate};

use super::{
    FIRST, LAST,
    year::{Week, Year, worked_by},
};

/// Working days before each day, ready to be looked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Counts {
    /// Working days before the first of January of each year from [`FIRST`], and after the last.
    sums: Vec<u32>,
    /// The years that are not just weeks.
    special: BTreeMap<i32, Special>,
    mask: u8,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Special {
    mask: u8,
    /// Special days that differ from their weekday, by ordinal from 0, with the days gained up to and with each.
    gained: Vec<(u32, i32)>,
}

impl Counts {
    pub(super) fn new(week: &Week, years: &BTreeMap<i32, Year>) -> Self {
        let special: BTreeMap<i32, Special> = years
            .iter()
            .map(|(number, year)| (*number, Special::new(year, year.week.as_ref().unwrap_or(week).mask())))
            .collect();
        let mut counts = Self { sums: vec![0], special, mask: week.mask() };
        let mut sum = 0;
        for year in FIRST..=LAST {
            sum += counts.within(year, days_in(year));
            counts.sums.push(sum);
        }
        counts
    }

    /// Working days before a day, from the first of January of [`FIRST`]; days outside the years are moved into them.
    pub(super) fn before(&self, day: NaiveDate) -> u32 {
        let year = day.year();
        if year < FIRST {
            return 0;
        }
        match self.sums.get(usize::try_from(year - FIRST).unwrap_or(usize::MAX)) {
            Some(sum) if year <= LAST => sum + self.within(year, day.ordinal0()),
            _ => self.sums.last().copied().unwrap_or(0),
        }
    }

    /// The working day that has `number` working days before it, or the last day of [`LAST`].
    pub(super) fn nth(&self, number: u32) -> NaiveDate {
        let place = self.sums.partition_point(|sum| *sum <= number).saturating_sub(1);
        let year = FIRST + i32::try_from(place).unwrap_or(0);
        if year > LAST {
            return NaiveDate::from_ymd_opt(LAST, 12, 31).unwrap_or(NaiveDate::MAX);
        }
        let wanted = number - self.sums[place];
        // The first day before which and on which there are more than `wanted`.
        let (mut low, mut high) = (0, days_in(year));
        while low < high {
            let middle = u32::midpoint(low, high);
            if self.within(year, middle + 1) > wanted { high = middle } else { low = middle + 1 }
        }
        let first = NaiveDate::from_ymd_opt(year, 1, 1).unwrap_or(NaiveDate::MIN);
        first.checked_add_days(Days::new(u64::from(low))).unwrap_or(NaiveDate::MAX)
    }

    /// Working days among the first `days` of a year.
    fn within(&self, year: i32, days: u32) -> u32 {
        let special = self.special.get(&year);
        let mask = special.map_or(self.mask, |special| special.mask);
        let first = NaiveDate::from_ymd_opt(year, 1, 1).map_or(0, |first| first.weekday().num_days_from_monday());
        let whole = days / 7 * mask.count_ones();
        let rest: u32 = (0..days % 7).map(|day| u32::from((mask >> ((first + day) % 7)) & 1)).sum();
        let gained = special.map_or(0, |special| special.gained_before(days));
        (whole + rest).saturating_add_signed(gained)
    }
}

impl Special {
    fn new(year: &Year, mask: u8) -> Self {
        let mut sum = 0;
        let differing = year.days.iter().filter_map(|(date, day)| {
            let gain = i32::from(day.worked) - i32::from(worked_by(mask, *date));
            sum += gain;
            (gain != 0).then_some((date.ordinal0(), sum))
        });
        Self { mask, gained: differing.collect() }
    }

    fn gained_before(&self, ordinal: u32) -> i32 {
        let place = self.gained.partition_point(|(day, _)| *day < ordinal);
        place.checked_sub(1).map_or(0, |last| self.gained[last].1)
    }
}

fn days_in(year: i32) -> u32 {
    if NaiveDate::from_ymd_opt(year, 2, 29).is_some() { 366 } else { 365 }
}
