//! Everything that a run measured, and how to find it.

use crate::record::{Rate, Record};

/// Everything that a run measured.
#[derive(Debug)]
pub struct Run {
    /// In the order in which they were measured.
    pub records: Vec<Record>,
}

impl Run {
    /// All rates, in the order in which they were measured.
    pub fn rates(&self) -> impl Iterator<Item = &Rate> {
        self.records.iter().filter_map(|record| match record {
            Record::Rate(rate) => Some(rate),
            Record::Fact { .. } => None,
        })
    }

    /// The first rate of a place.
    pub fn rate(&self, place: &str, what: &str, callers: usize) -> Option<&Rate> {
        self.rates().find(|rate| rate.place == place && rate.what == what && rate.callers == callers)
    }

    /// Single figures of a place, the smallest first.
    pub fn facts(&self, place: &str, name: &str) -> Vec<f64> {
        let of = |record: &Record| match record {
            Record::Fact { place: p, name: n, value } if p == place && n == name => Some(*value),
            _ => None,
        };
        let mut values: Vec<f64> = self.records.iter().filter_map(of).collect();
        values.sort_unstable_by(f64::total_cmp);
        values
    }

    /// The middle one of them.
    pub fn fact(&self, place: &str, name: &str) -> Option<f64> {
        let values = self.facts(place, name);
        values.get(values.len() / 2).copied()
    }

    /// The databases of the run.
    pub fn places(&self) -> Vec<&'static str> {
        let is_there = |place: &&str| self.rates().any(|rate| rate.place == **place);
        ["SQLite", "PostgreSQL"].into_iter().filter(is_there).collect()
    }
}
