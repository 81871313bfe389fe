//! Has the database give up what it kept of what was erased: beside everything else, since it may take long.

use std::time::Duration;

use tokio::sync::watch;

use crate::app::{App, Result};

/// How often it looks.
const EVERY: Duration = Duration::from_secs(60);

/// Looks once; false if there was nothing, or it is to be done again.
///
/// # Errors
/// When the store fails.
pub async fn step(app: &App) -> Result<bool> {
    app.sweep_erased().await
}

/// Looks again and again until told to stop. What it has the database do may be broken off at any time: it is owed still.
pub async fn run(app: App, mut stop: watch::Receiver<bool>) {
    loop {
        let told = stop.wait_for(|stop| *stop);
        let look = async {
            tokio::time::sleep(EVERY).await;
            if let Err(error) = step(&app).await {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "sweeping away what was erased failed; again soon");
            }
        };
        tokio::select! {
            _ = told => return,
            () = look => {}
        }
    }
}
