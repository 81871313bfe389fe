//! `pakn identity`: the master keys that identities are sealed with, on the server's host.

use clap::Subcommand;

use super::{
    Failure,
    config::{Config, Given},
    server,
};
use crate::{
    app::{App, Clock, Resealed, secure_bytes},
    domain::text::hex,
};

/// What to do about master keys.
#[derive(Debug, Subcommand)]
pub(super) enum Identity {
    /// Prints a new key, drawn from chance, to be kept as `master_key` or in `master_key_file`
    NewKey {
        /// Its version; later than any before it
        #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(i32).range(1..))]
        version: i32,
    },
    /// Says which version seals, and which is the highest given
    Status,
    /// Has the highest version given seal from now on, and seals anew what is under others
    ///
    /// Give the new version to every process first, beside those before it, and start each anew: whoever does not have
    /// it takes no petition in any more. Can be broken off and begun again.
    Rotate,
}

pub(super) async fn run(given: &Given, verb: Identity) -> Result<(), Failure> {
    if let Identity::NewKey { version } = verb {
        println!("{version}:{}", hex(&secure_bytes::<32>()));
        return Ok(());
    }
    let app = server::open(&Config::read(given)?, Clock::system()).await?;
    match verb {
        Identity::NewKey { .. } => {}
        Identity::Status => {
            let (sealing, highest) = app.master_keys();
            println!("master key {sealing} seals; the highest given is {highest}");
        }
        Identity::Rotate => {
            if !app.rotate_master_key().await.map_err(Failure::of("rotate"))? {
                eprintln!("no later key is given than the one that seals");
            }
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
///
/// # Errors
/// Those that cannot be opened, when all others are sealed.
pub(super) async fn seal_all(app: &App) -> Result<usize, Failure> {
    let (mut sealed, mut unreadable, mut step) = (0, Vec::new(), Resealed::default());
    loop {
        step = app.seal_anew(&step).await.map_err(Failure::of("seal identities"))?;
        sealed += step.sealed;
        unreadable.extend(step.unreadable.iter().map(ToString::to_string));
        if step.done_to.is_none() {
            break;
        }
    }
    if unreadable.is_empty() {
        return Ok(sealed);
    }
    let (many, list) = (unreadable.len(), unreadable.join(", "));
    Err(Failure::new(format!("{sealed} identities sealed; {many} cannot be opened, of the petitions {list}")))
}
