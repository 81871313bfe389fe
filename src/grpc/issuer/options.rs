//! Whose tokens are taken beside our own, and whom they name.

use std::{num::NonZeroU32, path::PathBuf};

use serde::{Deserialize, Serialize};

/// An OpenID Connect issuer.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Options {
    /// Its URL, letter by letter as `iss` says it; https, or http on this machine.
    pub issuer: String,
    /// What `aud` must be or hold: the name that it knows this service by.
    pub audience: String,
    /// The claim that names the account.
    #[serde(default = "subject")]
    pub claim: String,
    /// What is put before the claim to make the account's login, so that one issuer cannot name the accounts of another;
    /// with several, none may begin that of another, as an empty one does.
    #[serde(default)]
    pub login_prefix: String,
    /// Seconds that its clock and ours may differ; 300 at the most.
    #[serde(default = "skew")]
    pub skew_seconds: u32,
    /// Seconds after which its keys are looked at again.
    #[serde(default = "refresh")]
    pub refresh_seconds: NonZeroU32,
    /// PEM file of the authorities that vouch for its host, instead of those that browsers know.
    #[serde(default)]
    pub ca: Option<PathBuf>,
}

/// The one claim that OpenID Connect has unique and never given to another.
fn subject() -> String {
    "sub".to_owned()
}

const fn skew() -> u32 {
    60
}

fn refresh() -> NonZeroU32 {
    NonZeroU32::MIN.saturating_add(599)
}
