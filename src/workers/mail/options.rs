//! What an operator sets for letters, as read from the configuration.

use std::{
    net::IpAddr,
    num::{NonZeroU16, NonZeroU32, NonZeroU64},
    path::PathBuf,
};

use secrecy::SecretString;
use serde::Deserialize;

/// Who writes, and by which way letters go out.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Options {
    /// The sender: `address` or `"Name" <address>`.
    pub from: String,
    /// Where replies go, likewise; nobody reads them at `from` if this is set.
    #[serde(default)]
    pub reply_to: Option<String>,
    /// The right-hand side of Message-IDs, a domain of ours; changing it breaks threads.
    pub message_id_domain: String,
    /// The way out.
    pub transport: Route,
}

/// The way out.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Route {
    /// `.eml` files in a folder.
    Folder(FolderOptions),
    /// A mail server.
    Smtp(SmtpOptions),
}

/// Letters as files.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FolderOptions {
    /// The folder; made if missing.
    pub path: PathBuf,
}

/// Letters by SMTP.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmtpOptions {
    /// The server's name, which its certificate must bear, or its address.
    pub host: String,
    /// Its port; by default 25, 587 or 465, after `security`.
    #[serde(default)]
    pub port: Option<NonZeroU16>,
    /// How the line is protected; `starttls` by default.
    #[serde(default)]
    pub security: Security,
    /// The account, if the server wants one; goes with `password`.
    #[serde(default)]
    pub username: Option<String>,
    /// Its password; never sent in clear, but to this machine itself.
    #[serde(default)]
    pub password: Option<SecretString>,
    /// PEM certificates of the authorities to trust instead of the public ones.
    #[serde(default)]
    pub ca_file: Option<PathBuf>,
    /// Seconds to wait for a connection, and for the reply to each command.
    #[serde(default = "default_timeout")]
    pub timeout_seconds: NonZeroU64,
    /// Seconds to wait for the reply to the message itself: hurry makes letters `UNKNOWN` (RFC 5321, 4.5.3.2.6).
    #[serde(default = "default_data_timeout")]
    pub data_timeout_seconds: NonZeroU64,
    /// The name given in EHLO; by default the machine's.
    #[serde(default)]
    pub helo: Option<String>,
    /// Letters sent over one connection before a new one is made.
    #[serde(default = "default_letters")]
    pub letters_a_connection: NonZeroU32,
}

/// How the line to the mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Security {
    /// Not at all: for a relay on this machine.
    None,
    /// STARTTLS, required: a server that does not offer it is not used.
    #[default]
    StartTls,
    /// TLS from the first byte.
    Tls,
}

impl SmtpOptions {
    /// The port in use.
    #[must_use]
    pub fn port(&self) -> u16 {
        match (self.port, self.security) {
            (Some(port), _) => port.get(),
            (None, Security::None) => 25,
            (None, Security::StartTls) => 587,
            (None, Security::Tls) => 465,
        }
    }

    /// Whether the server is this machine, so that nobody else hears an unprotected line.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.host == "localhost" || self.host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    }
}

fn default_timeout() -> NonZeroU64 {
    NonZeroU64::MIN.saturating_add(59)
}

fn default_data_timeout() -> NonZeroU64 {
    NonZeroU64::MIN.saturating_add(599)
}

fn default_letters() -> NonZeroU32 {
    NonZeroU32::MIN.saturating_add(99)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn read(transport: &str) -> Result<Options, toml::de::Error> {
        toml::from_str(&format!("from = 'a@b.vn'\nmessage_id_domain = 'b.vn'\n[transport]\n{transport}"))
    }

    fn smtp(more: &str) -> SmtpOptions {
        let options = read(&format!("kind = 'smtp'\nhost = 'mail.b.vn'\n{more}")).unwrap();
        match options.transport {
            Route::Smtp(options) => options,
            Route::Folder(_) => panic!("asked for smtp"),
        }
    }

    #[test]
    fn shipped_values_are_safe() {
        let options = smtp("");
        assert_eq!(options.security, Security::StartTls);
        assert_eq!(options.port(), 587);
        assert_eq!(options.timeout_seconds.get(), 60);
        assert_eq!(options.data_timeout_seconds.get(), 600);
        assert_eq!(options.letters_a_connection.get(), 100);
        assert_eq!(smtp("security = 'tls'").port(), 465);
        assert_eq!(smtp("security = 'none'\nport = 2525").port(), 2525);
    }

    #[test]
    fn nonsense_is_refused() {
        for transport in [
            "kind = 'pigeon'",
            "kind = 'folder'",
            "kind = 'folder'\npath = 'x'\nport = 1",
            "kind = 'smtp'\nhost = 'x'\ntimeout_seconds = 0",
            "kind = 'smtp'\nhost = 'x'\npasswort = 'y'",
        ] {
            assert!(read(transport).is_err(), "{transport}");
        }
    }

    #[test]
    fn the_password_is_not_shown() {
        let options = smtp("username = 'u'\npassword = 'mật khẩu'");
        assert!(!format!("{options:?}").contains("mật khẩu"));
    }
}
