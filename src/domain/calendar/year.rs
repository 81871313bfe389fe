//! One year of a calendar: its weekly working days, office hours, and the days that differ.

use std::collections::BTreeMap;

use chrono::{Datelike as _, NaiveDate, Weekday};
use serde::{Deserialize, Serialize};

/// How a week is worked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Week {
    /// The days of the week that are worked.
    pub days: Vec<Weekday>,
    /// Office hours, in order, without overlap; what lies between them is a break.
    pub hours: Vec<Hours>,
}

/// A stretch of office hours, in minutes from midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hours {
    /// From this minute.
    pub from: u16,
    /// To this one, exclusive; at most 1440.
    pub to: u16,
}

/// A day that is not as its weekday says, or that has a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Day {
    /// Whether it is worked: a day moved into work is, a day off is not.
    pub worked: bool,
    /// Its name.
    pub name: String,
}

/// A year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Year {
    /// Whether it has been published. What counts through a year that is not is provisional.
    pub published: bool,
    /// Its weeks, where they differ from those of the calendar.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub week: Option<Week>,
    /// Its special days.
    pub days: BTreeMap<NaiveDate, Day>,
}

impl Week {
    /// Monday to Friday, 08:00 to 12:00 and 13:00 to 17:00.
    pub fn usual() -> Self {
        use Weekday::{Fri, Mon, Thu, Tue, Wed};
        let hours = vec![Hours { from: 8 * 60, to: 12 * 60 }, Hours { from: 13 * 60, to: 17 * 60 }];
        Self { days: vec![Mon, Tue, Wed, Thu, Fri], hours }
    }

    /// Working minutes of a day.
    pub fn minutes(&self) -> u32 {
        self.hours.iter().map(|hours| u32::from(hours.to) - u32::from(hours.from)).sum()
    }

    /// A bit for each weekday that is worked, Monday the lowest.
    pub(super) fn mask(&self) -> u8 {
        self.days.iter().fold(0, |mask, day| mask | (1 << day.num_days_from_monday()))
    }

    /// What is wrong with it, in words.
    pub(super) fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        if self.days.is_empty() {
            faults.push("names no working day of the week".to_owned());
        }
        if self.hours.is_empty() {
            faults.push("has no office hours".to_owned());
        }
        let mut free_from = 0;
        for hours in &self.hours {
            if hours.from >= hours.to || hours.to > 1_440 {
                faults.push(format!("office hours {hours} do not end after they begin, by 24:00 at the latest"));
            } else if hours.from < free_from {
                faults.push(format!("office hours {hours} begin before those ahead of them end"));
            }
            free_from = hours.to;
        }
        faults
    }
}

impl std::fmt::Display for Hours {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let clock = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
        write!(f, "{}-{}", clock(self.from), clock(self.to))
    }
}

impl std::str::FromStr for Hours {
    type Err = String;

    /// Reads `08:00-12:00`.
    fn from_str(text: &str) -> Result<Self, String> {
        let minute = |text: &str| {
            let (hour, minute) = text.trim().split_once(':')?;
            let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
            ((hour < 24 && minute < 60) || (hour == 24 && minute == 0)).then_some(hour * 60 + minute)
        };
        let read = text.split_once('-').and_then(|(from, to)| Some(Self { from: minute(from)?, to: minute(to)? }));
        read.ok_or_else(|| format!("`{text}` is not of the form 08:00-12:00"))
    }
}

impl Year {
    /// A year of which nothing is known yet.
    pub const fn unpublished() -> Self {
        Self { published: false, week: None, days: BTreeMap::new() }
    }

    /// Days of the year that are worked, when its weeks are `week`.
    pub(super) fn worked(&self, year: i32, week: &Week) -> usize {
        let mask = week.mask();
        let first = NaiveDate::from_ymd_opt(year, 1, 1);
        let days = first.into_iter().flat_map(|first| first.iter_days()).take_while(|day| day.year() == year);
        days.filter(|day| self.days.get(day).map_or(worked_by(mask, *day), |special| special.worked)).count()
    }
}

/// Whether a weekday mask says that a day is worked.
pub(super) fn worked_by(mask: u8, day: NaiveDate) -> bool {
    (mask >> day.weekday().num_days_from_monday()) & 1 == 1
}
