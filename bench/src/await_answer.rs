//! The time from the start of a server to its first answer out of the database.

use std::{
    path::PathBuf,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use clap::Args;
use tonic::{Code, Status};

use crate::{
    call::Call,
    caller::Caller,
    codes,
    failure::Failure,
    record::Record,
    say,
    server::{self, Server},
};

/// Which server, started when.
#[derive(Debug, Args)]
pub struct Options {
    #[command(flatten)]
    server: server::Options,
    /// When it was started, in seconds since 1970 with decimals
    #[arg(long)]
    since: f64,
    /// Codes to choose one from; without it, any answer to an unknown code will do
    #[arg(long)]
    codes: Option<PathBuf>,
    /// Where, for the record
    #[arg(long)]
    place: String,
    /// Seconds after which to give up
    #[arg(long, default_value_t = 60)]
    patience: u64,
}

/// Asks where a petition stands until that is answered; records the milliseconds since the start.
///
/// # Errors
/// When it takes too long, or the answer is an error.
pub async fn run(options: Options) -> Result<(), Failure> {
    let patience = Duration::from_secs(options.patience);
    let answered = tokio::time::timeout(patience, first_answer(&options)).await;
    answered.map_err(|_| Failure::new(format!("no answer in {patience:?}")))??;
    #[expect(clippy::disallowed_methods, reason = "another process said when it started, by the system's clock")]
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_err(|error| Failure::new(error.to_string()))?;
    let value = (now.as_secs_f64() - options.since) * 1_000.0;
    say(&Record::Fact { place: options.place, name: "start".to_owned(), value }.to_string());
    Ok(())
}

async fn first_answer(options: &Options) -> Result<(), Failure> {
    let known = Arc::new(match &options.codes {
        Some(file) => codes::read(file)?,
        None => vec![codes::Known { code: "PAKN.20260101.00000000".to_owned(), key: String::new() }],
    });
    loop {
        if let Ok(server) = Server::connect(&options.server, 1).await {
            match Caller::new(&server, 0, &known).call(Call::Track).await {
                Ok(_) => return Ok(()),
                Err(status) if options.codes.is_none() && status.code() == Code::NotFound => {
                    return Ok(());
                }
                Err(status) if !is_early(&status) => return Err(status.into()),
                Err(_) => {}
            }
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

fn is_early(status: &Status) -> bool {
    matches!(status.code(), Code::Unavailable | Code::Cancelled | Code::Unknown)
}
