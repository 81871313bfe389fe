//! What pgbench says, as a record.

use std::io::{self, BufRead as _};

use clap::Args;

use crate::{
    failure::Failure,
    record::{Rate, Record},
    say, tell,
};

/// What was run.
#[derive(Debug, Args)]
pub struct Options {
    /// Clients at once
    #[arg(long)]
    callers: usize,
    /// What, for the record
    #[arg(long)]
    what: String,
    /// Petitions in the database, for the record
    #[arg(long)]
    petitions: usize,
    /// Seconds at the beginning that do not count
    #[arg(long, default_value_t = 1)]
    warmup: usize,
}

/// Reads the output of `pgbench --progress=1` and records the mean of its seconds after the first ones.
///
/// # Errors
/// When it says nothing of progress, or of transactions that failed.
pub fn run(options: Options) -> Result<(), Failure> {
    let mut rates = Vec::new();
    let mut errors = None;
    let mut said = String::new();
    for line in io::stdin().lock().lines() {
        let line = line?;
        rates.extend(progress(&line));
        errors = errors.or_else(|| failed(&line));
        said = said + &line + "\n";
    }
    let counted = rates.get(options.warmup..).unwrap_or_default();
    let Some(errors) = errors.filter(|_| !counted.is_empty()) else {
        tell(&said);
        return Err(Failure::new("pgbench did not finish"));
    };
    say(&Record::Rate(Rate {
        place: "pgbench".to_owned(),
        what: options.what,
        callers: options.callers,
        petitions: options.petitions,
        per_second: counted.iter().sum::<f64>() / counted.len() as f64,
        p50: None,
        p99: None,
        errors,
    })
    .to_string());
    Ok(())
}

/// The rate of a line such as `progress: 2.0 s, 5123.4 tps, lat 12.4 ms stddev 2.1, 0 failed`.
fn progress(line: &str) -> Option<f64> {
    let (_, rest) = line.strip_prefix("progress: ")?.split_once(" s, ")?;
    rest.split_once(" tps")?.0.parse().ok()
}

/// How many of a line such as `number of failed transactions: 0 (0.000%)`.
fn failed(line: &str) -> Option<usize> {
    let (count, _) = line.strip_prefix("number of failed transactions: ")?.split_once(' ')?;
    count.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_pgbench_are_understood() {
        assert_eq!(progress("progress: 2.0 s, 5123.4 tps, lat 12.4 ms stddev 2.1, 0 failed"), Some(5_123.4));
        assert_eq!(progress("tps = 5123.4 (without initial connection time)"), None);
        assert_eq!(failed("number of failed transactions: 3 (0.010%)"), Some(3));
    }
}
