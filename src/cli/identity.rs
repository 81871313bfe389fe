//! `pakn identity`: the master keys that identities are sealed with, on the server's host.

use clap::Subcommand;

use super::{
    Failure,
    config::{Config, Given},
    server,
};
use crate::app::{App, Clock};

/// What to do about master keys.
#[derive(Debug, Subcommand)]
pub(super) enum Identity {
    /// Says which version seals, and which is the highest given
    Status,
    /// Has the highest version given seal from now on, and seals anew what is under others
    ///
    /// Give the new version to every process first, beside those before it, and start each anew: whoever does not have
    /// it takes no petition in any more. Can be broken off and begun again.
    Rotate,
}

pub(super) async fn run(given: &Given, verb: Identity) -> Result<(), Failure> {
    let app = server::open(&Config::read(given)?, Clock::system()).await?;
    match verb {
        Identity::Status => {
            let (sealing, highest) = app.master_keys();
            println!("master key {sealing} seals; the highest given is {highest}");
        }
        Identity::Rotate => {
            app.rotate_master_key().await.map_err(Failure::of("rotate"))?;
            let sealed = seal_all(&app).await?;
            let retired = app.retire_master_keys().await.map_err(Failure::of("rotate"))?;
            println!("{sealed} identities sealed anew; master key {} seals", app.master_keys().0);
            for version in retired {
                println!("master key {version} seals nothing any more and need not be given; backups still need it");
            }
        }
    }
    Ok(())
}

/// Seals everything that is under an earlier key, or under none; returns how many. Nobody waits for it.
pub(super) async fn seal_all(app: &App) -> Result<usize, Failure> {
    let mut sealed = 0;
    loop {
        match app.seal_anew().await.map_err(Failure::of("seal identities"))? {
            0 => break,
            more => sealed += more,
        }
    }
    Ok(sealed)
}
