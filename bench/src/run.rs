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

    /// What a bare server did shortly before: a machine that is one of many is not as fast now as it was minutes ago.
    pub fn echo(&self, of: &Rate) -> Option<&Rate> {
        let before = self.rates().take_while(|rate| !std::ptr::eq(*rate, of));
        before.filter(|rate| rate.place == "echo" && rate.callers == of.callers).last()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_echo_beside_a_rate_counts() {
        let lines = [
            "rate\techo\techo\t64\t0\t20000\t1\t2\t0",
            "rate\tSQLite\tget\t64\t0\t9000\t1\t2\t0",
            "rate\techo\techo\t64\t0\t15000\t1\t2\t0",
            "rate\techo\techo\t16\t0\t11000\t1\t2\t0",
            "rate\tPostgreSQL\tget\t64\t0\t6000\t1\t2\t0",
        ];
        let run = Run { records: lines.iter().filter_map(|line| line.parse().ok()).collect() };
        let echo = |place| run.rate(place, "get", 64).and_then(|rate| run.echo(rate)).map(|echo| echo.per_second);
        assert_eq!((echo("SQLite"), echo("PostgreSQL")), (Some(20_000.0), Some(15_000.0)));
    }
}
