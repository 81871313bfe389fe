//! Client certificates: which account a connection speaks for. That an authority of ours has signed the certificate,
//! and that whoever connects has its key, TLS has seen to.

use std::sync::Arc;

use http::Extensions;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tonic::transport::server::{TcpConnectInfo, TlsConnectInfo};
use x509_parser::prelude::{FromDer as _, GeneralName, X509Certificate};

use crate::domain::time::Instant;

/// A certificate, by one of its marks, and the account it speaks for.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// SHA-256 of the certificate: 64 hexadecimal digits, with or without colons.
    pub sha256: Option<String>,
    /// One of its alternative names: a host, an e-mail address or a URI.
    pub name: Option<String>,
    /// The common name of its subject.
    pub common_name: Option<String>,
    /// Login of the account.
    pub account: String,
}

#[derive(Debug)]
enum Mark {
    Sha256([u8; 32]),
    Name(String),
    CommonName(String),
}

/// Every certificate that speaks for an account.
#[derive(Debug, Clone)]
pub(super) struct Certificates(Arc<[(Mark, String)]>);

impl Certificates {
    /// As configured.
    ///
    /// # Errors
    /// What is wrong.
    pub(super) fn open(options: &[Options]) -> Result<Self, String> {
        let marked = options.iter().map(|options| {
            let mark = match (&options.sha256, &options.name, &options.common_name) {
                (Some(typed), None, None) => {
                    let digits = fingerprint(typed);
                    Mark::Sha256(digits.ok_or_else(|| format!("{typed:?} is not a SHA-256 of 64 hexadecimal digits"))?)
                }
                (None, Some(name), None) if !name.is_empty() => Mark::Name(name.clone()),
                (None, None, Some(name)) if !name.is_empty() => Mark::CommonName(name.clone()),
                _ => return Err("each needs one of sha256, name and common_name".to_owned()),
            };
            match options.account.as_str() {
                "" => Err("each needs an account".to_owned()),
                account => Ok((mark, account.to_owned())),
            }
        });
        Ok(Self(marked.collect::<Result<_, _>>()?))
    }

    /// The login that a connection's certificate speaks for: the first in the configuration that fits. None without a
    /// certificate, with one that is not listed, and with one that has expired since the connection was made.
    pub(super) fn login(&self, connection: &Extensions, now: Instant) -> Option<&str> {
        if self.0.is_empty() {
            return None;
        }
        let chain = connection.get::<TlsConnectInfo<TcpConnectInfo>>()?.peer_certs()?;
        let der = chain.first()?;
        let (_, certificate) = X509Certificate::from_der(der).ok()?;
        let until = certificate.validity().not_after.timestamp();
        let fits = |mark: &Mark| match mark {
            Mark::Sha256(digest) => *digest == <[u8; 32]>::from(Sha256::digest(der)),
            Mark::Name(name) => has_name(&certificate, name),
            Mark::CommonName(name) => certificate
                .subject()
                .iter_common_name()
                .any(|common| common.as_str().is_ok_and(|common| common == name)),
        };
        let (_, login) = self.0.iter().find(|(mark, _)| fits(mark))?;
        (now.timestamp() <= until).then_some(login)
    }
}

fn has_name(certificate: &X509Certificate<'_>, wanted: &str) -> bool {
    let names = certificate.subject_alternative_name().ok().flatten();
    names.is_some_and(|names| {
        names.value.general_names.iter().any(|name| match name {
            GeneralName::DNSName(host) => host.eq_ignore_ascii_case(wanted),
            GeneralName::RFC822Name(name) | GeneralName::URI(name) => *name == wanted,
            _ => false,
        })
    })
}

fn fingerprint(typed: &str) -> Option<[u8; 32]> {
    let digits: Vec<u32> = typed.chars().filter(|c| *c != ':').map(|c| c.to_digit(16)).collect::<Option<_>>()?;
    let bytes: Vec<u8> =
        digits.chunks(2).filter_map(|pair| u8::try_from(pair.first()? * 16 + pair.get(1)?).ok()).collect();
    if digits.len() == 64 { bytes.try_into().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_typed_as_tools_print_it() {
        let plain = "00ff".repeat(16);
        let coloned = ["00", "FF"].repeat(16).join(":");
        assert_eq!(fingerprint(&plain), fingerprint(&coloned));
        assert_eq!(fingerprint(&plain).unwrap()[..2], [0, 255]);
        for wrong in ["", "00", &plain[1..], &format!("{plain}0"), &plain.replace('f', "g")] {
            assert_eq!(fingerprint(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_certificate_has_one_mark_and_one_account() {
        let open = |text: &str| Certificates::open(&[toml::from_str(text).unwrap()]);
        assert!(open("name = 'portal.example'\naccount = 'portal'").is_ok());
        for wrong in [
            "account = 'portal'",
            "name = 'a'",
            "name = ''\naccount = 'portal'",
            "name = 'a'\ncommon_name = 'a'\naccount = 'portal'",
            "sha256 = 'abc'\naccount = 'portal'",
        ] {
            assert!(open(wrong).is_err(), "{wrong}");
        }
    }
}
