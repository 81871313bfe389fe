//! Fills a database with petitions, through the front door.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use clap::Args;
use tonic::Status;

use crate::{
    caller::Caller,
    codes::{self, Known},
    failure::Failure,
    server::{self, Server},
    tell,
};

/// How many, by how many.
#[derive(Debug, Args)]
pub struct Options {
    #[command(flatten)]
    server: server::Options,
    /// Callers at once
    #[arg(long, default_value_t = 256)]
    callers: usize,
    /// Petitions to submit
    #[arg(long)]
    petitions: usize,
    /// Where their codes and keys are added
    #[arg(long)]
    codes: PathBuf,
}

/// Submits petitions and keeps their codes.
///
/// # Errors
/// The first error of any caller.
pub async fn run(options: Options) -> Result<(), Failure> {
    let (taken, none) = (Arc::new(AtomicUsize::new(0)), Arc::new(Vec::new()));
    let server = Server::connect(&options.server, options.callers).await?;
    let begun = Instant::now();
    let callers: Vec<_> = (0..options.callers)
        .map(|number| tokio::spawn(submit(Caller::new(&server, number, &none), Arc::clone(&taken), options.petitions)))
        .collect();
    let progress = tokio::spawn(progress(Arc::clone(&taken), options.petitions));
    for caller in callers {
        codes::append(&options.codes, &caller.await??)?;
    }
    progress.abort();
    let rate = options.petitions as f64 / begun.elapsed().as_secs_f64();
    tell(&format!("  {} petitions submitted, {rate:.0}/s", options.petitions));
    Ok(())
}

async fn submit(mut caller: Caller, taken: Arc<AtomicUsize>, petitions: usize) -> Result<Vec<Known>, Status> {
    let mut known = Vec::new();
    while taken.fetch_add(1, Ordering::Relaxed) < petitions {
        known.push(caller.submit().await?.0);
    }
    Ok(known)
}

async fn progress(taken: Arc<AtomicUsize>, petitions: usize) {
    loop {
        tokio::time::sleep(Duration::from_secs(15)).await;
        tell(&format!("  {} of {petitions}", taken.load(Ordering::Relaxed).min(petitions)));
    }
}
