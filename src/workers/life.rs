//! What happens to petitions by themselves: lapses, closings, forgetting request ids, counting anew after a calendar
//! was applied.

use std::time::{Duration, Instant};

use tokio::sync::watch;

use crate::app::{App, Result};

/// How often it looks for what is due.
const EVERY: Duration = Duration::from_secs(60);
/// How often it looks for a job.
const JOBS: Duration = Duration::from_secs(2);

/// Looks once and does what is due; returns how many petitions moved.
///
/// # Errors
/// When the store fails; what was done stays done.
pub async fn step(app: &App) -> Result<usize> {
    // One that fails must not keep the others from being done.
    let (lapsed, closed, forgotten) =
        (app.lapse_questions().await, app.close_windows().await, app.forget_requests().await);
    forgotten?;
    Ok(lapsed? + closed?)
}

/// Looks again and again until told to stop; stopping between two petitions loses nothing.
pub async fn run(app: App, mut stop: watch::Receiver<bool>) {
    let mut looked: Option<Instant> = None;
    loop {
        count_anew(&app, &stop).await;
        if looked.is_none_or(|looked| looked.elapsed() >= EVERY) {
            looked = Some(Instant::now());
            match step(&app).await {
                Ok(0) => {}
                Ok(moved) => tracing::info!(moved, "petitions moved by themselves"),
                Err(error) => {
                    tracing::warn!(error = &error as &dyn std::error::Error, "looking for what is due failed")
                }
            }
        }
        let told = stop.wait_for(|stop| *stop);
        if tokio::time::timeout(JOBS, told).await.is_ok() {
            return;
        }
    }
}

/// Counts open rounds anew after a calendar was applied, until none is left.
async fn count_anew(app: &App, stop: &watch::Receiver<bool>) {
    while !*stop.borrow() {
        match app.recalculate().await {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "counting open rounds anew failed; again soon"
                );
                return;
            }
        }
    }
}
