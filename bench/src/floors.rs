//! What must be reached, and whether it was.

use std::fmt;

use crate::{record::Rate, run::Run};

/// A floor, or a ceiling, and what was measured.
#[derive(Debug, PartialEq)]
pub struct Verdict {
    /// Whether it holds.
    pub holds: bool,
    words: String,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", if self.holds { "holds" } else { "MISSED" }, self.words)
    }
}

/// Callers at which the floors are set.
const CALLERS: usize = 64;
/// Submissions on PostgreSQL, as a multiple of pgbench on the same statements.
const OF_PGBENCH: f64 = 1.5;
/// Submissions on SQLite, as a multiple of one transaction a request.
const OF_SINGLE: f64 = 4.0;
/// Reads, as a part of echo.
const OF_ECHO: f64 = 0.35;
/// Resident memory when idle, MiB, not reached.
const IDLE: f64 = 40.0;
/// Start to first answer, seconds, not reached.
const START: f64 = 0.3;
/// A watcher's pass of which 100 petitions are due, milliseconds.
const WATCH: f64 = 20.0;
/// Previewing a calendar, milliseconds.
const PREVIEW: f64 = 2_000.0;
/// Applying it, milliseconds.
const APPLY: f64 = 30_000.0;
/// The longest that a submission may take meanwhile, milliseconds.
const HELD: f64 = 100.0;
/// 99 of 100 suggestions of units, with 1,000 rules, milliseconds.
const SUGGEST: f64 = 50.0;
/// How much slower a call may be with many petitions.
const SLOWER: f64 = 1.3;

/// The verdict on each floor that was measured.
pub fn verdicts(run: &Run) -> Vec<Verdict> {
    let mut verdicts = Vec::new();
    verdicts.extend(submit(run, "PostgreSQL", ("pgbench", "submit"), OF_PGBENCH, "pgbench on the same statements"));
    verdicts.extend(submit(run, "SQLite", ("SQLite", "submit, batch=1"), OF_SINGLE, "one transaction a request"));
    for place in run.places() {
        verdicts.extend(["track", "get"].into_iter().filter_map(|what| read(run, place, what)));
        let idle = run.fact(place, "idle").map(|kib| kib / 1_024.0);
        verdicts
            .extend(idle.map(|mib| below(mib, IDLE, format!("{place}: resident memory, idle, {mib:.1} MiB"), "MiB")));
        let start = run.fact(place, "start").map(|ms| ms / 1_000.0);
        verdicts.extend(start.map(|s| below(s, START, format!("{place}: start to first answer {s:.3} s"), "s")));
        let ceilings = [
            ("watch", WATCH, "a pass of the watcher, 100 due"),
            ("preview", PREVIEW, "preview of a calendar"),
            ("apply", APPLY, "applying it"),
            ("held", HELD, "longest submission meanwhile"),
            ("suggest_p99", SUGGEST, "99 of 100 suggestions of units with 1,000 rules"),
        ];
        verdicts.extend(ceilings.into_iter().filter_map(|(name, ceiling, words)| {
            let ms = run.fact(place, name)?;
            Some(below(ms, ceiling, format!("{place}: {words}, {ms:.1} ms"), "ms"))
        }));
        verdicts.extend(["submit", "get", "inbox page"].into_iter().filter_map(|what| slower(run, place, what)));
    }
    verdicts.push(no_errors(run));
    verdicts
}

fn submit(run: &Run, place: &str, other: (&str, &str), floor: f64, words: &str) -> Option<Verdict> {
    let ratio = run.rate(place, "submit", CALLERS)?.per_second / run.rate(other.0, other.1, CALLERS)?.per_second;
    let words = format!("{place}: submit at {CALLERS} callers {ratio:.2} × {words} (at least {floor})");
    Some(Verdict { holds: ratio >= floor, words })
}

fn read(run: &Run, place: &str, what: &str) -> Option<Verdict> {
    let rate = run.rate(place, what, CALLERS)?;
    let ratio = rate.per_second / run.echo(rate)?.per_second;
    let words = format!("{place}: {what} at {CALLERS} callers {ratio:.2} of echo (at least {OF_ECHO})");
    Some(Verdict { holds: ratio >= OF_ECHO, words })
}

fn below(value: f64, ceiling: f64, words: String, unit: &str) -> Verdict {
    Verdict { holds: value < ceiling, words: format!("{words} (below {ceiling} {unit})") }
}

/// The same call with the fewest and with the most petitions.
fn slower(run: &Run, place: &str, what: &str) -> Option<Verdict> {
    let same = |rate: &&Rate| rate.place == place && rate.what == what && rate.callers == CALLERS;
    let few = run.rates().filter(same).min_by_key(|rate| rate.petitions)?;
    let many = run.rates().filter(same).max_by_key(|rate| rate.petitions)?;
    if few.petitions == many.petitions {
        return None;
    }
    let ratio = few.per_second / many.per_second;
    let words = format!(
        "{place}: {what} with {} petitions {ratio:.2} × as slow as with {} (at most {SLOWER})",
        many.petitions, few.petitions
    );
    Some(Verdict { holds: ratio <= SLOWER, words })
}

fn no_errors(run: &Run) -> Verdict {
    let errors: usize = run.rates().map(|rate| rate.errors).sum();
    Verdict { holds: errors == 0, words: format!("{errors} errors in all that was measured (none)") }
}
