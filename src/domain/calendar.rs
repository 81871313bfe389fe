//! Which days are worked. The shipped calendar of Vietnam, 2022 to 2026, comes from `data/calendar-vn.csv`.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike as _, NaiveDate, Weekday};

const SHIPPED: &str = include_str!("../../data/calendar-vn.csv");

/// Days off and moved working days, by year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    /// Names the version in ledgers.
    pub version: String,
    exceptions: BTreeMap<NaiveDate, Exception>,
    published: BTreeSet<i32>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Exception {
    worked: bool,
    name: String,
}

/// Why a calendar could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("calendar line {line}: {what}")]
pub struct Malformed {
    /// Line in the file, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub what: String,
}

impl Calendar {
    /// The calendar that comes with the program.
    ///
    /// # Errors
    /// Never for the file as shipped; a test reads it.
    pub fn shipped() -> Result<Self, Malformed> {
        Self::parse("vn-2026-1", SHIPPED)
    }

    /// Reads `date,status,name` lines under a header; status is `off` or `worked`. The years named are published.
    ///
    /// # Errors
    /// The first line that is not as described, or a day named twice.
    pub fn parse(version: &str, csv: &str) -> Result<Self, Malformed> {
        let mut exceptions = BTreeMap::new();
        let mut published = BTreeSet::new();
        for (index, line) in csv.lines().enumerate().skip(1) {
            let malformed = |what: &str| Malformed { line: index + 1, what: what.to_owned() };
            let mut cells = line.splitn(3, ',');
            let (Some(date), Some(status), Some(name)) = (cells.next(), cells.next(), cells.next()) else {
                return Err(malformed("expected date,status,name"));
            };
            let date = date.parse::<NaiveDate>().map_err(|_| malformed("not a date"))?;
            let worked = match status {
                "off" => false,
                "worked" => true,
                _ => return Err(malformed("status is neither off nor worked")),
            };
            published.insert(date.year());
            let exception = Exception { worked, name: name.to_owned() };
            if exceptions.insert(date, exception).is_some() {
                return Err(malformed("day named twice"));
            }
        }
        Ok(Self { version: version.to_owned(), exceptions, published })
    }

    /// Whether the day is worked. A year that is not published counts its weekdays.
    pub fn works(&self, date: NaiveDate) -> bool {
        match self.exceptions.get(&date) {
            Some(exception) => exception.worked,
            None => !matches!(date.weekday(), Weekday::Sat | Weekday::Sun),
        }
    }

    /// Whether the year has been published.
    pub fn publishes(&self, year: i32) -> bool {
        self.published.contains(&year)
    }

    /// The last year that has been published.
    pub fn horizon(&self) -> Option<i32> {
        self.published.last().copied()
    }

    /// The name of a day off or of a moved working day.
    pub fn name(&self, date: NaiveDate) -> Option<&str> {
        self.exceptions.get(&date).map(|exception| exception.name.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_years_have_the_working_days_of_the_decisions() {
        let calendar = Calendar::shipped().unwrap();
        for (year, expected) in [(2022, 249), (2023, 249), (2024, 251), (2025, 250), (2026, 249)] {
            let days = NaiveDate::from_ymd_opt(year, 1, 1).unwrap().iter_days();
            let worked = days.take_while(|d| d.year() == year).filter(|d| calendar.works(*d)).count();
            assert_eq!(worked, expected, "{year}");
        }
        assert!(!calendar.publishes(2027));
    }
}
