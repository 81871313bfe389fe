//! The way out: one door for files and mail servers alike.

use std::time::Duration;

use super::{
    envelope::Delivery,
    folder::{self, Folder},
    options::Route,
    outgoing::Outgoing,
    smtp::{self, Smtp},
};

/// A way out, opened once and shared.
#[derive(Debug)]
pub enum Transport {
    /// Files in a folder.
    Folder(Folder),
    /// A mail server.
    Smtp(Box<Smtp>),
}

/// Why a way out cannot be used as configured.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The folder.
    #[error(transparent)]
    Folder(#[from] folder::Error),
    /// The mail server's settings.
    #[error(transparent)]
    Smtp(#[from] smtp::Error),
}

impl Transport {
    /// Prepares the way out; talks to no server yet.
    ///
    /// # Errors
    /// When the settings cannot work.
    pub fn open(route: &Route) -> Result<Transport, Error> {
        Ok(match route {
            Route::Folder(options) => Transport::Folder(Folder::open(options)?),
            Route::Smtp(options) => Transport::Smtp(Box::new(Smtp::open(options)?)),
        })
    }

    /// Tries once to deliver a letter. Several may be under way at a time.
    ///
    /// A caller that drops this before it ends cannot know what became of the letter: `UNKNOWN`.
    pub async fn deliver(&self, letter: &Outgoing) -> Delivery {
        match self {
            Transport::Folder(folder) => folder.deliver(letter).await,
            Transport::Smtp(smtp) => smtp.deliver(letter).await,
        }
    }

    /// Takes leave of the server when there is nothing more to send; the next letter connects anew.
    pub async fn rest(&self) {
        match self {
            Transport::Folder(_) => {}
            Transport::Smtp(smtp) => smtp.rest().await,
        }
    }

    /// The longest that one [`Transport::deliver`] may take: a letter's lease must be longer.
    #[must_use]
    pub fn longest_attempt(&self) -> Duration {
        match self {
            Transport::Folder(_) => Duration::from_secs(60),
            Transport::Smtp(smtp) => smtp.longest_attempt(),
        }
    }
}
