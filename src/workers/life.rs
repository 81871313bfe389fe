//! What happens to petitions by themselves: lapses, closings, levels reached and told, forgetting request ids, counting
//! anew after a calendar was applied, moving what dissolved units had, comparing petitions that came in.

use std::time::{Duration, Instant};

use chrono::NaiveTime;
use tokio::sync::watch;

use crate::app::{App, Mark, Result};

/// How often it looks for what is due.
const EVERY: Duration = Duration::from_secs(60);
/// Steps of one look that close.
const CLOSINGS: usize = 25;
/// How often it looks for a job.
const JOBS: Duration = Duration::from_secs(2);

/// How long it compares petitions each time that it looks for a job.
const COMPARING: Duration = Duration::from_millis(100);

/// Looks once and does what is due; returns how many petitions moved.
///
/// # Errors
/// When the store fails; what was done stays done.
pub async fn step(app: &App) -> Result<usize> {
    let moved = step_unless(app, &mut None, &watch::channel(false).1).await?;
    while app.compare().await? > 0 {}
    Ok(moved)
}

async fn step_unless(app: &App, closing: &mut Option<Mark>, stop: &watch::Receiver<bool>) -> Result<usize> {
    // One that fails must not keep the others from being done; what somebody is to be told comes before what nobody
    // waits for.
    let (lapsed, raised) = (app.lapse_questions().await, raise(app, stop).await);
    let (closed, forgotten) = (close(app, closing, stop).await, app.forget_requests().await);
    let stranded = app.find_stranded().await;
    let moved = lapsed? + closed? + raised?;
    forgotten?;
    stranded?;
    Ok(moved)
}

/// Closes what may be closed, in bounded steps; where there are more, the next look goes on from where this one stopped.
async fn close(app: &App, from: &mut Option<Mark>, stop: &watch::Receiver<bool>) -> Result<usize> {
    let mut closed = 0;
    for _ in 0..CLOSINGS {
        if *stop.borrow() {
            break;
        }
        let (some, last) = app.close_windows(*from).await?;
        *from = last;
        closed += some;
        if last.is_none() {
            break;
        }
    }
    Ok(closed)
}

/// Raises what has been reached until nothing is left, or it is told to stop.
async fn raise(app: &App, stop: &watch::Receiver<bool>) -> Result<usize> {
    let mut raised = 0;
    while !*stop.borrow() {
        match app.escalate().await? {
            0 => break,
            more => raised += more,
        }
    }
    Ok(raised)
}

/// From a local time of day on, gathers what persons are to be told into a letter each, once a day; returns how many.
///
/// # Errors
/// As [`step`].
pub async fn digest(app: &App, from: NaiveTime) -> Result<usize> {
    let mut gathered = 0;
    loop {
        match app.digest(from).await? {
            0 => return Ok(gathered),
            more => gathered += more,
        }
    }
}

/// Looks again and again until told to stop; it stops between two steps, and stopping in one loses nothing.
pub async fn run(app: App, digest_from: NaiveTime, mut stop: watch::Receiver<bool>) {
    let (mut looked, mut closing): (Option<Instant>, Option<Mark>) = (None, None);
    loop {
        count_anew(&app, &stop).await;
        succeed(&app, &stop).await;
        compare(&app, &stop).await;
        if looked.is_none_or(|looked| looked.elapsed() >= EVERY) {
            looked = Some(Instant::now());
            match step_unless(&app, &mut closing, &stop).await {
                Ok(0) => {}
                Ok(moved) => tracing::info!(moved, "petitions moved by themselves"),
                Err(error) => {
                    tracing::warn!(error = &error as &dyn std::error::Error, "looking for what is due failed");
                }
            }
            if let Err(error) = digest(&app, digest_from).await {
                tracing::warn!(error = &error as &dyn std::error::Error, "gathering notices failed");
            }
        }
        let told = stop.wait_for(|stop| *stop);
        if tokio::time::timeout(JOBS, told).await.is_ok() {
            return;
        }
    }
}

/// Moves what dissolved units had to their successors, until nothing is left.
async fn succeed(app: &App, stop: &watch::Receiver<bool>) {
    while !*stop.borrow() {
        match app.succeed().await {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "moving what dissolved units had failed; again soon");
                return;
            }
        }
    }
}

/// Compares petitions that came in with those before, for a small part of the time: whoever submits goes first.
async fn compare(app: &App, stop: &watch::Receiver<bool>) {
    let begun = Instant::now();
    while !*stop.borrow() && begun.elapsed() < COMPARING {
        match app.compare().await {
            Ok(0) => return,
            Ok(_) => {}
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "comparing petitions failed; again soon");
                return;
            }
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
