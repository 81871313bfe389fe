//! Instants: read from a command line, written for a person or for a program. Never reads a clock.

use chrono::{DateTime, NaiveDate, NaiveTime, SecondsFormat, TimeZone as _, Utc};
use chrono_tz::{Asia::Ho_Chi_Minh, Tz};
use prost_types::Timestamp;

/// In which zone people read times.
#[derive(Clone, Copy, Debug)]
pub struct Zone(Tz);

impl Zone {
    /// Local time of the administration, or UTC.
    pub fn new(utc: bool) -> Self {
        Self(if utc { Tz::UTC } else { Ho_Chi_Minh })
    }

    /// To the minute, as people read it.
    pub fn show(self, instant: DateTime<Utc>) -> String {
        instant.with_timezone(&self.0).format("%Y-%m-%d %H:%M").to_string()
    }
}

/// RFC 3339 in UTC, with as many decimals as there are.
pub fn rfc3339(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// The instant of a contract's timestamp; nothing if it is out of bounds.
pub fn from_parts(seconds: i64, nanos: i32) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(seconds, u32::try_from(nanos).ok()?)
}

/// Reads an instant: RFC 3339, or `YYYY-MM-DD` for the local midnight that begins that day.
pub fn parse(given: &str) -> Result<Timestamp, String> {
    let instant = match given.parse::<NaiveDate>() {
        Ok(day) => {
            Ho_Chi_Minh.from_local_datetime(&day.and_time(NaiveTime::MIN)).earliest().map(|instant| instant.to_utc())
        }
        Err(_) => DateTime::parse_from_rfc3339(given).ok().map(|instant| instant.to_utc()),
    };
    let instant = instant.ok_or("give YYYY-MM-DD, or RFC 3339 as in 2026-11-21T08:30:00+07:00")?;
    Ok(Timestamp {
        seconds: instant.timestamp(),
        nanos: i32::try_from(instant.timestamp_subsec_nanos()).unwrap_or_default(),
    })
}

/// The local day of an instant; empty where there is none.
pub fn local_day(stamp: Option<Timestamp>) -> String {
    let instant = stamp.and_then(|stamp| from_parts(stamp.seconds, stamp.nanos));
    instant.map(|instant| instant.with_timezone(&Ho_Chi_Minh).date_naive().to_string()).unwrap_or_default()
}

/// Checks a local day `YYYY-MM-DD`.
pub fn day(given: &str) -> Result<String, String> {
    let day: NaiveDate = given.parse().map_err(|_| "give YYYY-MM-DD")?;
    Ok(day.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_local_midnight() {
        let read = parse("2026-11-21").unwrap();
        let instant = from_parts(read.seconds, read.nanos).unwrap();
        assert_eq!(rfc3339(instant), "2026-11-20T17:00:00Z");
        assert_eq!(Zone::new(false).show(instant), "2026-11-21 00:00");
        assert_eq!(Zone::new(true).show(instant), "2026-11-20 17:00");
    }

    #[test]
    fn decimals_survive() {
        let read = parse("2026-11-21T08:30:00.123456+07:00").unwrap();
        let instant = from_parts(read.seconds, read.nanos).unwrap();
        assert_eq!(rfc3339(instant), "2026-11-21T01:30:00.123456Z");
        assert!(parse("tomorrow").is_err());
    }
}
