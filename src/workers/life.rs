//! What happens to petitions by themselves: lapses, closings, forgetting request ids.

use std::time::Duration;

use tokio::sync::watch;

use crate::app::{App, Result};

/// How often it looks.
const EVERY: Duration = Duration::from_secs(60);

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
    loop {
        while matches!(app.recalculate().await, Ok(true)) && !*stop.borrow() {}
        match step(&app).await {
            Ok(0) => {}
            Ok(moved) => tracing::info!(moved, "petitions moved by themselves"),
            Err(error) => tracing::warn!(error = &error as &dyn std::error::Error, "looking for what is due failed"),
        }
        let told = stop.wait_for(|stop| *stop);
        if tokio::time::timeout(EVERY, told).await.is_ok() {
            return;
        }
    }
}
