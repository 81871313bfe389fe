//! Instants, local days and dues. Reads no clock.

use chrono::{DateTime, Datelike as _, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone as _, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

/// A point in time, truncated to microseconds.
pub type Instant = DateTime<Utc>;

/// Truncates to microseconds, the precision of both databases.
pub fn truncate(instant: Instant) -> Instant {
    DateTime::from_timestamp_micros(instant.timestamp_micros()).unwrap_or(instant)
}

/// The installation's time zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Zone(pub Tz);

impl Zone {
    /// The local day of an instant.
    pub fn date(self, instant: Instant) -> NaiveDate {
        instant.with_timezone(&self.0).date_naive()
    }

    /// The local day and time of an instant.
    pub fn local(self, instant: Instant) -> NaiveDateTime {
        instant.with_timezone(&self.0).naive_local()
    }

    /// The instant of a local day and time; where a change of clocks skips it, the first instant after it.
    pub fn instant(self, local: NaiveDateTime) -> Instant {
        (0..=24)
            .find_map(|hour| {
                let local = local.checked_add_signed(TimeDelta::hours(hour))?;
                self.0.from_local_datetime(&local).earliest()
            })
            .map_or_else(|| local.and_utc(), |found| found.with_timezone(&Utc))
    }

    /// The local year of an instant.
    pub fn year(self, instant: Instant) -> i32 {
        self.date(instant).year()
    }

    /// The instant a local day begins; where a change of clocks skips midnight, the first instant after it.
    pub fn midnight(self, date: NaiveDate) -> Instant {
        self.instant(date.and_time(NaiveTime::MIN))
    }

    /// The midnight that ends a local day.
    pub fn end_of(self, date: NaiveDate) -> Instant {
        self.midnight(next(date))
    }

    /// An instant in local words: `13/02/2026 09:15`.
    pub fn words(self, instant: Instant) -> String {
        instant.with_timezone(&self.0).format("%d/%m/%Y %H:%M").to_string()
    }
}

/// The day after.
pub fn next(date: NaiveDate) -> NaiveDate {
    date.checked_add_days(Days::new(1)).unwrap_or(NaiveDate::MAX)
}

/// A due date as people say it and as clocks check it. Counted in hours, it may lie within its day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Due {
    /// The last local day.
    pub date: NaiveDate,
    /// The midnight that ends it, or the hour on it; exclusive: in time means before it.
    pub at: Instant,
    /// A calendar year that it counts through has not been published.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub provisional: bool,
}

impl Due {
    /// The day in words: `24/02/2026`.
    pub fn words(&self) -> String {
        self.date.format("%d/%m/%Y").to_string()
    }
}
