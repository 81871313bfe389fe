//! Reading an issuer's documents: small, soon, over TLS unless it is this machine, and nowhere else than was said.

use std::{error::Error, net::IpAddr, path::Path, sync::Arc, time::Duration};

use http::{Request, StatusCode, Uri, header::ACCEPT};
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, pem::PemObject as _},
};
use serde::de::DeserializeOwned;

/// Bytes of a document at the most.
const LARGEST: usize = 262_144;
/// How long one may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Reads documents. Redirections are not followed.
#[derive(Debug)]
pub(super) struct Reader(Client<HttpsConnector<HttpConnector>, Empty<&'static [u8]>>);

impl Reader {
    /// One that trusts the authorities of a file, or those that browsers know.
    ///
    /// # Errors
    /// When the file cannot be read or holds none.
    pub(super) fn new(ca: Option<&Path>) -> Result<Self, String> {
        let mut roots = RootCertStore::empty();
        match ca {
            None => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
            Some(file) => {
                let read = |error: &dyn Error| format!("cannot read {}: {error}", file.display());
                let certificates = CertificateDer::pem_file_iter(file).map_err(|error| read(&error))?;
                for certificate in certificates {
                    let certificate = certificate.map_err(|error| read(&error))?;
                    roots.add(certificate).map_err(|error| read(&error))?;
                }
                if roots.is_empty() {
                    return Err(format!("{} holds no certificate", file.display()));
                }
            }
        }
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?
            .with_root_certificates(roots)
            .with_no_client_auth();
        // Whether http will do is decided by `place`.
        let connector = HttpsConnectorBuilder::new().with_tls_config(config).https_or_http().enable_http1().build();
        Ok(Self(Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build(connector)))
    }

    /// Reads a JSON document.
    ///
    /// # Errors
    /// Why it could not be had; so that it may be logged.
    pub(super) async fn read<T: DeserializeOwned>(&self, place: &Uri) -> Result<T, String> {
        match tokio::time::timeout(PATIENCE, self.bytes(place)).await {
            Err(_) => Err(format!("{place} did not answer within {} seconds", PATIENCE.as_secs())),
            Ok(Err(error)) => Err(format!("{place}: {}", chain(error.as_ref()))),
            Ok(Ok(bytes)) => serde_json::from_slice(&bytes).map_err(|error| format!("{place}: {error}")),
        }
    }

    async fn bytes(&self, place: &Uri) -> Result<Vec<u8>, Box<dyn Error + Send + Sync>> {
        let ask = Request::get(place).header(ACCEPT, "application/json").body(Empty::new())?;
        let answer = self.0.request(ask).await?;
        if answer.status() != StatusCode::OK {
            return Err(format!("it answered {}", answer.status()).into());
        }
        Ok(Limited::new(answer.into_body(), LARGEST).collect().await?.to_bytes().into())
    }
}

/// A place that may be read: https, or http on this machine.
///
/// # Errors
/// What is wrong with it.
pub(super) fn place(typed: &str) -> Result<Uri, String> {
    let wrong = || format!("{typed:?} is not an https:// URL (http:// will do for this machine alone)");
    let uri: Uri = typed.parse().map_err(|_| wrong())?;
    let named = uri.authority().is_some_and(|authority| !authority.as_str().contains('@'));
    match uri.scheme_str() {
        Some("https") if named => Ok(uri),
        Some("http") if named && uri.host().is_some_and(is_here) => Ok(uri),
        _ => Err(wrong()),
    }
}

fn is_here(host: &str) -> bool {
    let address: Option<IpAddr> = host.trim_start_matches('[').trim_end_matches(']').parse().ok();
    host == "localhost" || address.is_some_and(|address| address.is_loopback())
}

fn chain(error: &dyn Error) -> String {
    let mut told = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        told.push_str(&format!(": {error}"));
        cause = error.source();
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_read_without_tls() {
        for typed in ["https://sso.example", "https://sso.example/realms/a", "http://127.0.0.1:80/x", "http://[::1]/"] {
            assert!(place(typed).is_ok(), "{typed}");
        }
        let never =
            ["http://sso.example", "http://127.0.0.1.example", "http://localhost@sso.example", "ftp://localhost"];
        for typed in never.into_iter().chain(["", "sso.example", "https://", "/x", "http://10.0.0.1"]) {
            assert!(place(typed).is_err(), "{typed}");
        }
    }
}
