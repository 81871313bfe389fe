//! The operator's options made into what lettre takes, once.

use std::time::Duration;

use lettre::transport::smtp::{
    authentication::Credentials,
    client::{Certificate, CertificateStore, TlsParameters},
    extension::ClientId,
};
use secrecy::ExposeSecret;

use super::Error;
use crate::workers::mail::options::{Security, SmtpOptions};

/// What every connection is made with.
pub(super) struct Settings {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) line: Line,
    pub(super) credentials: Option<Credentials>,
    pub(super) helo: ClientId,
    pub(super) reply_within: Duration,
    pub(super) data_reply_within: Duration,
    pub(super) letters_a_connection: u32,
}

/// How the line is protected.
pub(super) enum Line {
    Plain,
    StartTls(TlsParameters),
    Tls(TlsParameters),
}

impl Settings {
    pub(super) fn parse(options: &SmtpOptions) -> Result<Settings, Error> {
        let credentials = match (&options.username, &options.password) {
            (None, None) => None,
            (Some(username), Some(password)) => {
                Some(Credentials::new(username.clone(), password.expose_secret().to_owned()))
            }
            _ => return Err(Error::HalfCredentials),
        };
        let line = match options.security {
            Security::None => Line::Plain,
            Security::StartTls => Line::StartTls(tls(options)?),
            Security::Tls => Line::Tls(tls(options)?),
        };
        if credentials.is_some() && matches!(line, Line::Plain) && !options.is_loopback() {
            return Err(Error::PasswordInClear);
        }
        Ok(Settings {
            host: options.host.clone(),
            port: options.port(),
            line,
            credentials,
            helo: helo(options.helo.as_deref())?,
            reply_within: Duration::from_secs(options.timeout_seconds.get()),
            data_reply_within: Duration::from_secs(options.data_timeout_seconds.get()),
            letters_a_connection: options.letters_a_connection.get(),
        })
    }
}

/// The server's name and port, and nothing that could be a secret.
impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Settings").field("host", &self.host).field("port", &self.port).finish_non_exhaustive()
    }
}

fn tls(options: &SmtpOptions) -> Result<TlsParameters, Error> {
    let mut builder = TlsParameters::builder(options.host.clone());
    if let Some(path) = &options.ca_file {
        let pem = std::fs::read(path).map_err(|source| Error::CaFile { path: path.clone(), source })?;
        builder = builder
            .certificate_store(CertificateStore::None)
            .add_root_certificate(Certificate::from_pem(&pem).map_err(Error::Tls)?);
    }
    builder.build_rustls().map_err(Error::Tls)
}

fn helo(name: Option<&str>) -> Result<ClientId, Error> {
    match name {
        None => Ok(ClientId::default()),
        Some(name)
            if !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_')) =>
        {
            Ok(ClientId::Domain(name.to_owned()))
        }
        Some(_) => Err(Error::Helo),
    }
}
