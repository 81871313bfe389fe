//! Times as people say them, in the zone of the installation.

use chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use pakn::domain::time::Instant;

/// A local time: `2026-02-13 09:15`, seconds and fractions if wanted.
pub fn local(text: &str) -> Instant {
    let parsed = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f");
    let parsed = parsed.or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M"));
    parsed.unwrap().and_local_timezone(chrono_tz::Asia::Ho_Chi_Minh).unwrap().to_utc()
}

/// A local time as messages carry it.
pub fn at(text: &str) -> prost_types::Timestamp {
    let instant = local(text);
    prost_types::Timestamp { seconds: instant.timestamp(), nanos: instant.timestamp_subsec_nanos().try_into().unwrap() }
}

/// A day.
pub fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub fn days(amount: i64) -> TimeDelta {
    TimeDelta::days(amount)
}

pub fn hours(amount: i64) -> TimeDelta {
    TimeDelta::hours(amount)
}

pub fn minutes(amount: i64) -> TimeDelta {
    TimeDelta::minutes(amount)
}
