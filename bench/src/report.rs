//! The table and the verdicts.

use std::{fs, path::PathBuf};

use clap::Args;

use crate::{failure::Failure, floors, record::Rate, run::Run, say};

/// What is reported.
#[derive(Debug, Args)]
pub struct Options {
    /// The file of records
    records: PathBuf,
}

/// Prints the table, then a line for each floor.
///
/// # Errors
/// When any call failed.
pub fn run(options: Options) -> Result<(), Failure> {
    let records = fs::read_to_string(options.records)?.lines().map(str::parse).collect::<Result<_, _>>()?;
    let run = Run { records };
    say("| where | what | callers | petitions | per second | p50 ms | p99 ms | of echo | of pgbench | measured |");
    say("|---|---|--:|--:|--:|--:|--:|--:|--:|--:|");
    run.rates().for_each(|rate| say(&row(&run, rate)));
    run.places().iter().for_each(|place| fact_rows(&run, place).iter().for_each(|row| say(row)));
    say("");
    floors::verdicts(&run).iter().for_each(|verdict| say(&verdict.to_string()));
    match run.rates().map(|rate| rate.errors).sum::<usize>() {
        0 => Ok(()),
        errors => Err(Failure::new(format!("{errors} calls failed"))),
    }
}

fn row(run: &Run, rate: &Rate) -> String {
    let Rate { place, what, callers, petitions, per_second, p50, p99, errors } = rate;
    let is_service = run.places().contains(&place.as_str());
    let ratio = |other: Option<&Rate>| cell(other.map(|other| per_second / other.per_second), 2);
    let of_echo = ratio(run.echo(rate).filter(|_| is_service));
    let of_pgbench = ratio(run.rate("pgbench", what, *callers).filter(|_| place == "PostgreSQL"));
    let errors = if *errors == 0 { String::new() } else { format!("{errors} ERRORS") };
    let petitions = if *petitions == 0 { String::new() } else { petitions.to_string() };
    let (p50, p99) = (cell(*p50, 2), cell(*p99, 2));
    format!(
        "| {place} | {what} | {callers} | {petitions} | {per_second:.0} | {p50} | {p99} | {of_echo} | {of_pgbench} | {errors} |"
    )
}

fn fact_rows(run: &Run, place: &str) -> Vec<String> {
    let mib = |kib: f64| format!("{:.1} MiB", kib / 1_024.0);
    let seconds = |ms: f64| format!("{:.3} s", ms / 1_000.0);
    let rows = [
        ("resident memory, idle", run.fact(place, "idle").map(mib)),
        ("resident memory, highest under load", run.fact(place, "loaded").map(mib)),
        ("start to first answer, median", run.fact(place, "start").map(seconds)),
        ("units suggested with 1,000 rules, p50", run.fact(place, "suggest_p50").map(seconds)),
        ("units suggested with 1,000 rules, p99", run.fact(place, "suggest_p99").map(seconds)),
        ("watcher's pass, 100 due, median", run.fact(place, "watch").map(seconds)),
        ("calendar previewed", run.fact(place, "preview").map(seconds)),
        ("calendar applied, beside 8 callers that submit", run.fact(place, "apply").map(seconds)),
        ("longest submission meanwhile", run.fact(place, "held").map(seconds)),
        ("longest submission in 5 s before", run.fact(place, "calm").map(seconds)),
        ("start to first answer, slowest", run.facts(place, "start").last().copied().map(seconds)),
    ];
    let row = |(what, value): (&str, Option<String>)| {
        value.map(|value| format!("| {place} | {what} | | | | | | | | {value} |"))
    };
    rows.into_iter().filter_map(row).collect()
}

fn cell(value: Option<f64>, decimals: usize) -> String {
    value.map_or_else(String::new, |value| format!("{value:.decimals$}"))
}
