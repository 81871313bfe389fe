//! Limits of the gRPC face, and its certificates.

use std::{
    num::{NonZeroU32, NonZeroU64, NonZeroUsize},
    path::PathBuf,
};

use serde::{Deserialize, Serialize};

use super::{certificate, issuer, rates};

/// Limits and certificates. A number that is not 0 cannot be set to 0.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// Bytes of a message at the most.
    pub message_bytes: NonZeroUsize,
    /// Requests in progress at the most; more are told to come back.
    pub concurrency: NonZeroUsize,
    /// Seconds that a request may take.
    pub timeout_seconds: NonZeroU64,
    /// Seconds of silence after which a connection is probed.
    pub keepalive_seconds: NonZeroU64,
    /// Seconds after which a connection is asked to be made anew, so that load spreads over new processes.
    pub connection_age_seconds: NonZeroU64,
    /// Requests in progress on one connection at the most: its HTTP/2 streams. The caller's side holds more back itself.
    pub streams: NonZeroU32,
    /// Seconds that requests in progress are given when the service stops.
    pub shutdown_seconds: NonZeroU64,
    /// Origins of pages that may call through gRPC-Web; `*` for any.
    pub cors_origins: Vec<String>,
    /// PEM file of the certificate chain; with `tls_key` the service speaks TLS.
    pub tls_certificate: Option<PathBuf>,
    /// PEM file of the private key.
    pub tls_key: Option<PathBuf>,
    /// PEM file of the authorities that sign clients' certificates: with it clients are asked for one.
    pub tls_client_ca: Option<PathBuf>,
    /// Whether nobody is let in without one.
    pub tls_client_required: bool,
    /// Accounts that certificates speak for.
    pub client_certificates: Vec<certificate::Options>,
    /// OpenID Connect issuers whose tokens are taken beside our own.
    pub issuers: Vec<issuer::Options>,
    /// Proxies whose `x-forwarded-for` is believed: addresses, or nets as ADDRESS/BITS.
    pub trusted_proxies: Vec<String>,
    /// How often may be called.
    pub rates: rates::Options,
}

/// A limit that is written down in this file.
macro_rules! limit {
    ($kind:ty, $value:literal) => {
        match <$kind>::new($value) {
            Some(value) => value,
            None => <$kind>::MIN,
        }
    };
}

impl Default for Options {
    fn default() -> Self {
        Self {
            message_bytes: limit!(NonZeroUsize, 8_388_608),
            concurrency: limit!(NonZeroUsize, 4_096),
            timeout_seconds: limit!(NonZeroU64, 30),
            keepalive_seconds: limit!(NonZeroU64, 30),
            connection_age_seconds: limit!(NonZeroU64, 3_600),
            streams: limit!(NonZeroU32, 1_024),
            shutdown_seconds: limit!(NonZeroU64, 20),
            cors_origins: Vec::new(),
            tls_certificate: None,
            tls_key: None,
            tls_client_ca: None,
            tls_client_required: false,
            client_certificates: Vec::new(),
            issuers: Vec::new(),
            trusted_proxies: Vec::new(),
            rates: rates::Options::default(),
        }
    }
}

impl Options {
    /// Whether anything is said about clients' certificates.
    pub(super) fn speaks_of_clients(&self) -> bool {
        self.tls_client_ca.is_some() || self.tls_client_required || !self.client_certificates.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXAMPLE: &str = include_str!("../../config/pakn.toml");

    /// The section of the example, with one of its tables that are there for the taking.
    fn read(taken: &str) -> Options {
        let lines = EXAMPLE.lines().skip_while(|line| *line != format!("# [[grpc.{taken}]]"));
        let lines = lines.take_while(|line| line.starts_with("# [[") || line.split(' ').nth(2) == Some("="));
        let taken: Vec<&str> = lines.map(|line| line.trim_start_matches("# ")).collect();
        let mut whole: toml::Table = toml::from_str(&format!("{EXAMPLE}\n{}", taken.join("\n"))).unwrap();
        whole.remove("grpc").unwrap().try_into().unwrap()
    }

    #[test]
    fn the_example_says_what_is_built_in() {
        let (example, built_in) = (read("nothing"), Options::default());
        assert_eq!(toml::to_string(&example).unwrap(), toml::to_string(&built_in).unwrap());
    }

    #[test]
    fn what_is_there_for_the_taking_can_be_taken() {
        let issuers = read("issuers").issuers;
        assert_eq!((issuers.len(), issuers[0].claim.as_str(), issuers[0].skew_seconds), (1, "sub", 60));
        assert!(issuers[0].ca.is_some(), "{issuers:?}");
        let certificates = read("client_certificates").client_certificates;
        assert_eq!((certificates.len(), certificates[0].account.as_str()), (1, "portal"));
    }
}
