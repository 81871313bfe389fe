//! What is logged: on standard error, never a name, an address, a body or a token.

use tracing_subscriber::EnvFilter;

use super::{
    Failure,
    config::{Log, LogFormat},
};

/// Starts logging.
///
/// # Errors
/// When the filter cannot be read, or logging runs already.
pub(super) fn start(log: &Log) -> Result<(), Failure> {
    let filter = EnvFilter::try_new(&log.filter).map_err(|error| Failure::new(format!("log.filter: {error}")))?;
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = match log.format {
        LogFormat::Text => lines.try_init(),
        LogFormat::Json => lines.json().try_init(),
    };
    started.map_err(|error| Failure::new(error.to_string()))
}
