//! The application over a database that is there, without a server before it.

use std::sync::Arc;

use clap::Args;
use pakn::{
    app::{App, Clock, Secure},
    domain::time::Zone,
    store::{self, Store},
};

use crate::failure::Failure;

/// Which database.
#[derive(Debug, Args)]
pub struct Database {
    /// Database
    #[arg(long, env = "PAKN_DATABASE_URL", hide_env_values = true)]
    database_url: String,
    /// Master key of the database's identities
    #[arg(long, env = "PAKN_MASTER_KEY", hide_env_values = true)]
    master_key: String,
}

/// Where its local days begin.
///
/// # Errors
/// None that is ever seen.
pub fn zone() -> Result<Zone, Failure> {
    Ok(Zone("Asia/Ho_Chi_Minh".parse().map_err(|_| Failure::new("no such time zone"))?))
}

impl Database {
    /// Opens it.
    ///
    /// # Errors
    /// When it is away, or sealed with another key.
    pub async fn open(&self) -> Result<App, Failure> {
        let failed = |error: store::Error| Failure::new(error.to_string());
        let keys = store::Keys::parse(&self.master_key).map_err(Failure::new)?;
        let store = Store::open(&self.database_url, &store::Options::default(), zone()?, keys).await.map_err(failed)?;
        Ok(App::new(store, Clock::system(), Arc::new(Secure::default()), b"of a bench, never of a service"))
    }
}
