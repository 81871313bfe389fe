//! One cell of the table: so many callers, each asking again as soon as it is answered, for some seconds.

use std::{
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use clap::Args;
use tonic::Status;

use crate::{
    call::Call,
    caller::Caller,
    codes,
    failure::Failure,
    quantile::quantile,
    record::{Rate, Record},
    say,
    server::{self, Server},
    tell,
};

/// What is measured.
#[derive(Debug, Args)]
pub struct Options {
    /// What callers ask for
    #[arg(value_enum)]
    call: Call,
    #[command(flatten)]
    server: server::Options,
    /// Callers at once
    #[arg(long)]
    callers: usize,
    /// Seconds that count
    #[arg(long, default_value_t = 4.0)]
    seconds: f64,
    /// Seconds before them that do not
    #[arg(long, default_value_t = 1.0)]
    warmup: f64,
    /// Codes that callers choose from
    #[arg(long)]
    codes: Option<PathBuf>,
    /// Where, for the record
    #[arg(long)]
    place: String,
    /// What, for the record
    #[arg(long)]
    what: String,
    /// Petitions in the database, for the record
    #[arg(long, default_value_t = 0)]
    petitions: usize,
}

/// What one caller saw.
#[derive(Debug, Default)]
struct Seen {
    /// Of answers within the seconds that count.
    took: Vec<Duration>,
    errors: usize,
    first_error: Option<Status>,
}

/// A caller that meets more errors than this goes home.
const PATIENCE: usize = 20;

/// Measures a cell and prints its record. Errors are part of the record; the report fails for them.
///
/// # Errors
/// When nobody listens.
pub async fn run(options: Options) -> Result<(), Failure> {
    let known = Arc::new(options.codes.as_deref().map(codes::read).transpose()?.unwrap_or_default());
    let server = Server::connect(&options.server, options.callers).await?;
    let from = Instant::now() + Duration::from_secs_f64(options.warmup);
    let until = from + Duration::from_secs_f64(options.seconds);
    let callers: Vec<_> = (0..options.callers)
        .map(|number| tokio::spawn(ask(Caller::new(&server, number, &known), options.call, from, until)))
        .collect();
    let mut seen = Seen::default();
    for caller in callers {
        let one = caller.await?;
        seen.took.extend(one.took);
        seen.errors += one.errors;
        seen.first_error = seen.first_error.or(one.first_error);
    }
    if let Some(error) = &seen.first_error {
        tell(&format!("  {} errors, the first: {:?}: {}", seen.errors, error.code(), error.message()));
    }
    say(&Record::Rate(rate(options, seen)).to_string());
    Ok(())
}

async fn ask(mut caller: Caller, call: Call, from: Instant, until: Instant) -> Seen {
    let mut seen = Seen::default();
    while Instant::now() < until && seen.errors < PATIENCE {
        match caller.call(call).await {
            Ok(took) => {
                if (from..until).contains(&Instant::now()) {
                    seen.took.push(took);
                }
            }
            Err(status) => {
                seen.errors += 1;
                seen.first_error.get_or_insert(status);
            }
        }
    }
    seen
}

fn rate(options: Options, mut seen: Seen) -> Rate {
    seen.took.sort_unstable();
    Rate {
        place: options.place,
        what: options.what,
        callers: options.callers,
        petitions: options.petitions,
        per_second: seen.took.len() as f64 / options.seconds,
        p50: quantile(&seen.took, 50),
        p99: quantile(&seen.took, 99),
        errors: seen.errors,
    }
}
