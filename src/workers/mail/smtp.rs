//! Letters by SMTP, one recipient each, over a connection kept for the next letter.
//!
//! lettre speaks the protocol; the phases are walked here one by one, because what a broken line means depends on
//! whether data had been sent.

use std::{
    io,
    path::PathBuf,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use super::{envelope::Delivery, options::SmtpOptions, outgoing::Outgoing};

mod exchange;
mod failure;
mod link;
mod settings;

use self::{link::Link, settings::Settings};

/// A mail server.
#[derive(Debug)]
pub struct Smtp {
    settings: Settings,
    /// A connection that nobody uses now, if one is open.
    idle: Mutex<Option<Link>>,
}

/// Why a mail server cannot be used as configured.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Only one of username and password is set.
    #[error("smtp: username and password go together")]
    HalfCredentials,
    /// The password would travel in clear.
    #[error("smtp: a password is not sent over an unprotected line; set security to starttls or tls")]
    PasswordInClear,
    /// The file of authorities could not be read.
    #[error("smtp: cannot read ca_file {path}")]
    CaFile {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The name given in EHLO cannot be one.
    #[error("smtp: helo is not a host name")]
    Helo,
    /// TLS cannot be set up.
    #[error("smtp: cannot set up TLS")]
    Tls(#[source] lettre::transport::smtp::Error),
}

impl Smtp {
    /// Checks the settings; connects only with the first letter.
    ///
    /// # Errors
    /// When they contradict each other or the authorities cannot be read.
    pub fn open(options: &SmtpOptions) -> Result<Smtp, Error> {
        Ok(Smtp { settings: Settings::parse(options)?, idle: Mutex::new(None) })
    }

    /// Tries once to deliver a letter.
    pub async fn deliver(&self, letter: &Outgoing) -> Delivery {
        let envelope = letter.envelope();
        if let Some(mut link) = self.take() {
            if link.is_fresh() {
                match link.begin(envelope).await {
                    // The server hung up while we were idle. Nothing of this letter was said yet: connect anew.
                    Err(failure) if failure.ends_line() => drop(link),
                    begun => return self.finish(link, begun, letter).await,
                }
            } else {
                link.quit().await;
            }
        }
        match Link::open(&self.settings).await {
            Err(failure) => failure.of_server(),
            Ok(mut link) => {
                let begun = link.begin(envelope).await;
                self.finish(link, begun, letter).await
            }
        }
    }

    /// Ends the idle connection, if there is one.
    pub async fn rest(&self) {
        if let Some(link) = self.take() {
            link.quit().await;
        }
    }

    /// An idle connection's MAIL, then a new one: connect, STARTTLS, AUTH, MAIL, RCPT, DATA, the message, QUIT.
    #[must_use]
    pub fn longest_attempt(&self) -> Duration {
        self.settings.reply_within.saturating_mul(8) + self.settings.data_reply_within
    }

    async fn finish(&self, mut link: Link, begun: Result<(), failure::Failure>, letter: &Outgoing) -> Delivery {
        let delivery = match begun {
            Ok(()) => link.send(letter).await,
            Err(failure) => {
                link.settle(&failure).await;
                failure.before_data()
            }
        };
        if link.is_usable() {
            if link.is_worn(self.settings.letters_a_connection) {
                link.quit().await;
            } else if let Some(other) = self.put(link) {
                other.quit().await;
            }
        }
        delivery
    }

    fn take(&self) -> Option<Link> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Keeps the connection and gives back the one it takes the place of.
    fn put(&self, link: Link) -> Option<Link> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).replace(link)
    }
}
