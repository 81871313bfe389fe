//! One connection to a mail server: opened, kept for a while, ended.

use std::{fmt::Display, future::Future, time::Duration};

use lettre::transport::smtp::{
    Error,
    authentication::Mechanism,
    client::{AsyncSmtpConnection, TlsParameters},
    commands::Rset,
    response::Response,
};
use tokio::time::{Instant, timeout};

use super::{
    failure::Failure,
    settings::{Line, Settings},
};

/// How long an unused connection is trusted: servers hang up after minutes.
const FRESH: Duration = Duration::from_secs(30);
/// How long a goodbye may take.
const GOODBYE: Duration = Duration::from_secs(3);

/// A connection on which letters can be sent, one after the other.
pub(super) struct Link {
    pub(super) connection: AsyncSmtpConnection,
    pub(super) reply_within: Duration,
    pub(super) data_reply_within: Duration,
    pub(super) usable: bool,
    pub(super) letters: u32,
    pub(super) used_at: Instant,
}

impl Link {
    /// Connects, protects the line and logs in, as set.
    pub(super) async fn open(settings: &Settings) -> Result<Link, Failure> {
        let limit = settings.reply_within;
        let implicit: Option<TlsParameters> = match &settings.line {
            Line::Tls(parameters) => Some(parameters.clone()),
            Line::Plain | Line::StartTls(_) => None,
        };
        let connecting = AsyncSmtpConnection::connect_tokio1(
            (settings.host.as_str(), settings.port),
            Some(limit),
            &settings.helo,
            implicit,
            None,
        );
        let mut connection = within(limit, connecting).await?;
        if let Line::StartTls(parameters) = &settings.line {
            within(limit, connection.starttls(parameters.clone(), &settings.helo)).await?;
        }
        if let Some(credentials) = &settings.credentials {
            let mechanisms = [Mechanism::Plain, Mechanism::Login];
            within(limit, connection.auth(&mechanisms, credentials)).await?;
        }
        Ok(Link {
            connection,
            reply_within: limit,
            data_reply_within: settings.data_reply_within,
            usable: true,
            letters: 0,
            used_at: Instant::now(),
        })
    }

    /// Says one command and waits for a positive reply.
    pub(super) async fn command(&mut self, command: impl Display) -> Result<Response, Failure> {
        within(self.reply_within, self.connection.command(command)).await
    }

    /// After a refusal before the message: clears the server's mind, so that the next letter may use the line.
    pub(super) async fn settle(&mut self, failure: &Failure) {
        self.used_at = Instant::now();
        self.letters = self.letters.saturating_add(1);
        self.usable = !failure.ends_line() && self.command(Rset).await.is_ok();
    }

    pub(super) fn is_usable(&self) -> bool {
        self.usable
    }

    pub(super) fn is_fresh(&self) -> bool {
        self.used_at.elapsed() < FRESH
    }

    pub(super) fn is_worn(&self, letters_a_connection: u32) -> bool {
        self.letters >= letters_a_connection
    }

    /// Says goodbye; what the server makes of it does not matter.
    pub(super) async fn quit(mut self) {
        let _ = timeout(GOODBYE, self.connection.quit()).await;
    }
}

/// How often it was used, not with whom.
impl std::fmt::Debug for Link {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Link").field("letters", &self.letters).field("usable", &self.usable).finish_non_exhaustive()
    }
}

/// Waits for one step, but not for ever: lettre by itself limits nothing but the connecting.
pub(super) async fn within<T>(limit: Duration, step: impl Future<Output = Result<T, Error>>) -> Result<T, Failure> {
    match timeout(limit, step).await {
        Ok(result) => Ok(result?),
        Err(_) => Err(Failure::Line(format!("no reply within {} s", limit.as_secs()))),
    }
}
