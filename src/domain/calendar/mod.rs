//! Which days are worked, and when in them. Versioned: a version that a ledger names never changes.
//!
//! The shipped calendar of Vietnam, 2022 to 2026, comes from `data/calendar-vn.csv`.

mod count;
pub mod csv;
pub mod ical;
mod versions;
mod year;

use std::collections::BTreeMap;

use chrono::{Datelike as _, NaiveDate, Weekday};
use serde::{Deserialize, Serialize};

use self::{count::Counts, year::worked_by};
pub use self::{
    csv::{Said, Special},
    versions::{Calendars, Version},
    year::{Day, Hours, Week, Year},
};

/// The first year that a calendar knows.
pub const FIRST: i32 = 1900;
/// The last year that a calendar knows.
pub const LAST: i32 = 2200;

/// Special days of a calendar at the most: every day of ten years.
const MOST_DAYS: usize = 3_660;

/// What a calendar says, as it is kept and sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// Weeks of every year that has none of its own.
    pub week: Week,
    /// The years about which something is known.
    pub years: BTreeMap<i32, Year>,
}

/// A version of a calendar, ready to count with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    /// Names the version in ledgers, `vn-2026-1`.
    pub version: String,
    content: Content,
    counts: Counts,
}

/// Why a day is not worked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DayOff {
    /// A Saturday, a Sunday, or another day of the week that is not worked.
    Weekday(Weekday),
    /// A day off by its name.
    Named(String),
}

impl Calendar {
    /// The version that comes with the program.
    pub const SHIPPED: &'static str = "vn-2026-1";

    /// The calendar that comes with the program.
    ///
    /// # Errors
    /// Never for the file as shipped; a test reads it.
    pub fn shipped() -> Result<Self, Vec<String>> {
        let said = csv::read(include_str!("../../../data/calendar-vn.csv"))?;
        let mut content = Content { week: Week::usual(), years: BTreeMap::new() };
        content.put(said)?;
        Self::new(Self::SHIPPED, content)
    }

    /// A calendar, once it is found to make sense.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn new(version: &str, content: Content) -> Result<Self, Vec<String>> {
        let faults = content.faults();
        if !faults.is_empty() {
            return Err(faults);
        }
        let counts = Counts::new(&content.week, &content.years);
        Ok(Self { version: version.to_owned(), content, counts })
    }

    /// What it says.
    pub const fn content(&self) -> &Content {
        &self.content
    }

    /// Whether the day is worked. A year that is not known has its weeks alone.
    pub fn works(&self, date: NaiveDate) -> bool {
        self.day(date).map_or_else(|| worked_by(self.week(date.year()).mask(), date), |day| day.worked)
    }

    /// Why a day is not worked; none for one that is.
    pub fn day_off(&self, date: NaiveDate) -> Option<DayOff> {
        match self.day(date) {
            Some(day) if day.worked => None,
            Some(day) => Some(DayOff::Named(day.name.clone())),
            None if self.works(date) => None,
            None => Some(DayOff::Weekday(date.weekday())),
        }
    }

    /// How a year's weeks are worked.
    pub fn week(&self, year: i32) -> &Week {
        self.content.years.get(&year).and_then(|year| year.week.as_ref()).unwrap_or(&self.content.week)
    }

    /// Whether the year has been published.
    pub fn publishes(&self, year: i32) -> bool {
        self.content.years.get(&year).is_some_and(|year| year.published)
    }

    /// Whether all years from one to another have been published.
    pub fn publishes_all(&self, from: i32, to: i32) -> bool {
        (from..=to).all(|year| self.publishes(year))
    }

    /// The last year that has been published.
    pub fn horizon(&self) -> Option<i32> {
        self.content.years.iter().filter(|(_, year)| year.published).map(|(number, _)| *number).next_back()
    }

    /// The name of a special day.
    pub fn name(&self, date: NaiveDate) -> Option<&str> {
        self.day(date).map(|day| day.name.as_str()).filter(|name| !name.is_empty())
    }

    /// The first worked day on or after a day.
    pub fn roll(&self, date: NaiveDate) -> NaiveDate {
        self.counts.nth(self.counts.before(date))
    }

    /// The worked day that is `days` of them after a day; `days` is at least 1.
    pub fn plus(&self, date: NaiveDate, days: u32) -> NaiveDate {
        let through = self.counts.before(date) + u32::from(self.works(date));
        self.counts.nth(through.saturating_add(days.saturating_sub(1)))
    }

    /// Worked days `d` with `after < d <= through`.
    pub fn between(&self, after: NaiveDate, through: NaiveDate) -> u32 {
        let through = self.counts.before(through) + u32::from(self.works(through));
        through.saturating_sub(self.counts.before(after) + u32::from(self.works(after)))
    }

    fn day(&self, date: NaiveDate) -> Option<&Day> {
        self.content.years.get(&date.year()).and_then(|year| year.days.get(&date))
    }
}

impl Content {
    /// Puts special days in, in place of all that the years of which something is said had; those years are published,
    /// unless that is said otherwise.
    ///
    /// # Errors
    /// A day named twice.
    pub fn put(&mut self, said: Said) -> Result<(), Vec<String>> {
        let mut fresh: BTreeMap<i32, BTreeMap<NaiveDate, Day>> =
            said.published.keys().map(|year| (*year, BTreeMap::new())).collect();
        let mut faults = Vec::new();
        for Special { date, day } in said.days {
            let year = fresh.entry(date.year()).or_default();
            match year.get(&date) {
                Some(other) if other.worked != day.worked => faults.push(format!("{date} is both off and worked")),
                Some(_) => faults.push(format!("{date} is named twice")),
                None => {
                    year.insert(date, day);
                }
            }
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        for (number, days) in fresh {
            let year = self.years.entry(number).or_insert_with(Year::unpublished);
            year.days = days;
            year.published = said.published.get(&number).copied().unwrap_or(true);
        }
        Ok(())
    }

    fn faults(&self) -> Vec<String> {
        let mut faults = self.week.faults();
        if self.years.values().map(|year| year.days.len()).sum::<usize>() > MOST_DAYS {
            faults.push(format!("has more than {MOST_DAYS} special days"));
            return faults;
        }
        for (number, year) in &self.years {
            if !(FIRST..=LAST).contains(number) {
                faults.push(format!("{number} is not between {FIRST} and {LAST}"));
                continue;
            }
            let week = year.week.as_ref().unwrap_or(&self.week);
            if year.week.is_some() {
                faults.extend(week.faults().into_iter().map(|fault| format!("{number}: {fault}")));
            }
            faults.extend(
                year.days.keys().filter(|day| day.year() != *number).map(|day| format!("{day} is not in {number}")),
            );
            if year.worked(*number, week) == 0 {
                faults.push(format!("{number}: nothing is a working day"));
            }
        }
        faults
    }
}

#[cfg(test)]
mod tests {
    use chrono::Days;
    use proptest::prelude::*;

    use super::*;

    fn said(days: Vec<Special>) -> Said {
        Said { days, ..Said::default() }
    }

    #[test]
    fn the_shipped_years_have_the_working_days_of_the_decisions() {
        let calendar = Calendar::shipped().unwrap();
        for (year, expected) in [(2022, 249), (2023, 249), (2024, 251), (2025, 250), (2026, 249)] {
            let days = NaiveDate::from_ymd_opt(year, 1, 1).unwrap().iter_days();
            let worked = days.take_while(|d| d.year() == year).filter(|d| calendar.works(*d)).count();
            assert_eq!(worked, expected, "{year}");
        }
        assert!(!calendar.publishes(2027));
        assert_eq!(calendar.horizon(), Some(2026));
    }

    #[test]
    fn a_calendar_without_a_working_day_is_refused() {
        let mut content = Content { week: Week::usual(), years: BTreeMap::new() };
        let first = NaiveDate::from_ymd_opt(2030, 1, 1).unwrap();
        let off = |date| Special { date, day: Day { worked: false, name: "nghỉ".to_owned() } };
        content.put(said(first.iter_days().take(365).map(off).collect())).unwrap();
        assert_eq!(Calendar::new("x", content.clone()).unwrap_err(), ["2030: nothing is a working day"]);
        content.week.days.clear();
        content.week.hours.push(Hours { from: 16 * 60, to: 18 * 60 });
        content.years.insert(2300, Year::unpublished());
        let faults = Calendar::new("x", content).unwrap_err().join("; ");
        for part in ["no working day of the week", "16:00-18:00 begin before", "2300 is not between"] {
            assert!(faults.contains(part), "{faults}");
        }
    }

    /// Some days off and some moved into work, over a few years, one of them with weeks of its own.
    fn any_calendar() -> impl Strategy<Value = Calendar> {
        let day = (0u64..1_500, any::<bool>());
        (proptest::collection::btree_map(0u64..1_500, any::<bool>(), 0..80), day).prop_map(|(days, _)| {
            let first = NaiveDate::from_ymd_opt(2023, 1, 1).unwrap();
            let mut content = Content { week: Week::usual(), years: BTreeMap::new() };
            let special =
                |(day, worked)| Special { date: first + Days::new(day), day: Day { worked, name: "ngày".to_owned() } };
            content.put(said(days.into_iter().map(special).collect())).unwrap();
            let mut week = Week::usual();
            week.days.push(Weekday::Sat);
            content.years.entry(2024).or_insert_with(Year::unpublished).week = Some(week);
            Calendar::new("x", content).unwrap()
        })
    }

    proptest! {
        #[test]
        fn counting_agrees_with_walking(calendar in any_calendar(), start in 0u64..1_400, days in 1u32..300) {
            let start = NaiveDate::from_ymd_opt(2022, 6, 1).unwrap() + Days::new(start);
            let mut worked = start.iter_days().skip(1).filter(|day| calendar.works(*day));
            prop_assert_eq!(calendar.plus(start, days), worked.nth(days as usize - 1).unwrap());
            prop_assert_eq!(calendar.roll(start), start.iter_days().find(|day| calendar.works(*day)).unwrap());
            prop_assert_eq!(calendar.between(start, calendar.plus(start, days)), days);
        }
    }
}
