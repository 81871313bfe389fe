//! Lines of the file in which a run keeps what it measured, fields parted by tabs.

use std::{fmt, str::FromStr};

use crate::failure::Failure;

/// Something measured.
#[derive(Clone, Debug, PartialEq)]
pub enum Record {
    /// A rate.
    Rate(Rate),
    /// A single figure of a place: `idle` and `loaded` in KiB, `start` in milliseconds.
    Fact {
        /// Where: `SQLite`, `PostgreSQL`.
        place: String,
        /// Which.
        name: String,
        /// How much.
        value: f64,
    },
}

/// How many calls a second, and how long one takes.
#[derive(Clone, Debug, PartialEq)]
pub struct Rate {
    /// Where: `echo`, `SQLite`, `PostgreSQL`, `pgbench`.
    pub place: String,
    /// What was asked for.
    pub what: String,
    /// Callers at once.
    pub callers: usize,
    /// Petitions in the database when the run of cells began.
    pub petitions: usize,
    /// Answers a second.
    pub per_second: f64,
    /// Milliseconds: half of the answers took no longer. pgbench does not say.
    pub p50: Option<f64>,
    /// Milliseconds: 99 of 100 answers took no longer.
    pub p99: Option<f64>,
    /// Calls that failed.
    pub errors: usize,
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rate(rate) => {
                let Rate { place, what, callers, petitions, per_second, p50, p99, errors } = rate;
                let (p50, p99) = (p50.unwrap_or(f64::NAN), p99.unwrap_or(f64::NAN));
                write!(f, "rate\t{place}\t{what}\t{callers}\t{petitions}\t{per_second}\t{p50}\t{p99}\t{errors}")
            }
            Self::Fact { place, name, value } => write!(f, "fact\t{place}\t{name}\t{value}"),
        }
    }
}

impl FromStr for Record {
    type Err = Failure;

    fn from_str(line: &str) -> Result<Self, Failure> {
        let fields: Vec<&str> = line.split('\t').collect();
        match *fields.as_slice() {
            ["rate", place, what, callers, petitions, per_second, p50, p99, errors] => Ok(Self::Rate(Rate {
                place: place.to_owned(),
                what: what.to_owned(),
                callers: number(callers)?,
                petitions: number(petitions)?,
                per_second: number(per_second)?,
                p50: Some(number(p50)?).filter(|ms: &f64| !ms.is_nan()),
                p99: Some(number(p99)?).filter(|ms: &f64| !ms.is_nan()),
                errors: number(errors)?,
            })),
            ["fact", place, name, value] => {
                Ok(Self::Fact { place: place.to_owned(), name: name.to_owned(), value: number(value)? })
            }
            _ => Err(Failure::new(format!("no record: {line}"))),
        }
    }
}

fn number<T: FromStr>(field: &str) -> Result<T, Failure> {
    field.parse().map_err(|_| Failure::new(format!("no number: {field}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_read_as_it_was_written() {
        let rate = Rate {
            place: "pgbench".to_owned(),
            what: "submit".to_owned(),
            callers: 64,
            petitions: 10_000,
            per_second: 5_100.25,
            p50: None,
            p99: Some(1.5),
            errors: 0,
        };
        let fact = Record::Fact { place: "SQLite".to_owned(), name: "idle".to_owned(), value: 12_345.0 };
        for record in [Record::Rate(rate), fact] {
            assert_eq!(record.to_string().parse::<Record>().ok(), Some(record));
        }
        assert!("rate\techo".parse::<Record>().is_err());
    }
}
