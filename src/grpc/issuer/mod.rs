//! OpenID Connect issuers whose tokens are taken beside our own. Their keys are kept in memory and looked at in the
//! background; who may do what is never read out of a token.

mod claims;
mod fetch;
mod keys;
mod options;
mod signature;
mod watch;

use std::{collections::HashSet, sync::Arc};

use futures::future::join_all;
use jsonwebtoken::{Algorithm, Header, dangerous::insecure_decode_claims, decode_header};
use serde_json::Value;

pub use self::options::Options;
use self::{claims::Claims, watch::Watched};
use crate::domain::time::Instant;

/// Bytes of a token at the most.
const LONGEST: usize = 8_192;
/// Seconds that clocks may differ at the most.
const SKEW: u32 = 300;

/// Why a token is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    /// It does not hold.
    Bad(&'static str),
    /// Its issuer cannot be asked for its keys at present.
    Away,
}

#[derive(Debug)]
struct Issuer {
    options: Options,
    keys: Watched,
}

/// Every issuer whose tokens are taken.
#[derive(Debug, Clone)]
pub(super) struct Issuers(Arc<[Issuer]>);

impl Issuers {
    /// As configured; nobody is asked for anything yet.
    ///
    /// # Errors
    /// The issuer, and what is wrong with it.
    pub(super) fn open(options: &[Options]) -> Result<Self, (String, String)> {
        signature::install();
        let mut seen = HashSet::new();
        // Where there is but one, no prefix is needed.
        let may_name_others = |one: &Options| {
            let mut others = options.iter().filter(|other| other.issuer != one.issuer);
            others.any(|other| other.login_prefix.starts_with(&one.login_prefix))
        };
        let opened = options.iter().map(|options| {
            let wrong = |fault: String| (options.issuer.clone(), fault);
            let missing = [&options.audience, &options.claim].into_iter().any(String::is_empty);
            match () {
                () if !seen.insert(&options.issuer) => Err(wrong("is there twice".to_owned())),
                () if missing => Err(wrong("audience and claim must not be empty".to_owned())),
                () if may_name_others(options) => {
                    Err(wrong("login_prefix begins that of another issuer, whose accounts it could name".to_owned()))
                }
                () if options.skew_seconds > SKEW => Err(wrong(format!("skew_seconds is {SKEW} at the most"))),
                () => {
                    let keys = Watched::new(options).map_err(wrong)?;
                    Ok(Issuer { options: options.clone(), keys })
                }
            }
        });
        Ok(Self(opened.collect::<Result<_, _>>()?))
    }

    /// Keeps the keys up to date, for ever.
    pub(super) async fn keep_up(self) {
        join_all(self.0.iter().map(|issuer| issuer.keys.keep_up())).await;
    }

    /// Whether a token might be one of theirs: ours have no dots.
    pub(super) fn concern(&self, token: &str) -> bool {
        !self.0.is_empty() && token.bytes().filter(|byte| *byte == b'.').count() == 2
    }

    /// The login that a token names. Waits for the issuer where the token names a key that is not known yet.
    ///
    /// # Errors
    /// Why it is not taken.
    pub(super) async fn login(&self, token: &str, now: Instant) -> Result<String, Refused> {
        if token.len() > LONGEST {
            return Err(Refused::Bad("it is too long"));
        }
        let header = decode_header(token).map_err(|_| Refused::Bad("its head cannot be read"))?;
        taken(&header).map_err(Refused::Bad)?;
        let claims: Claims = insecure_decode_claims(token).map_err(|_| Refused::Bad("its claims cannot be read"))?;
        let named = claims.get("iss").and_then(Value::as_str);
        let issuer = self.0.iter().find(|issuer| named == Some(&issuer.options.issuer));
        let issuer = issuer.ok_or(Refused::Bad("its issuer is not one of ours"))?;
        let refused = |why: &'static str| {
            tracing::debug!(issuer = issuer.options.issuer, why, "a token was refused");
            Refused::Bad(why)
        };
        // Before anything that costs: most that are refused have merely expired.
        let login = claims::login(&claims, &issuer.options, now).map_err(refused)?;
        if issuer.signed(token, &header).await? { Ok(login) } else { Err(refused("its signature does not hold")) }
    }
}

impl Issuer {
    async fn signed(&self, token: &str, header: &Header) -> Result<bool, Refused> {
        let id = header.kid.as_deref();
        for again in [false, true] {
            if again {
                self.keys.look_anew().await?;
            }
            let Some(keys) = self.keys.current() else { continue };
            let mut fitting = keys.fitting(id, header.alg);
            if fitting.any(|key| signature::holds(token, key, header.alg)) {
                return Ok(true);
            }
            if id.is_some_and(|id| keys.has(id)) {
                return Ok(false);
            }
        }
        // It may well be that of a new key, where the issuer does not answer.
        if self.keys.answered() { Ok(false) } else { Err(Refused::Away) }
    }
}

/// Whether a token by such a head is looked at: signed with a key that has a public half, of the kinds that say who
/// calls, and with nothing in it that must be understood and is not.
fn taken(header: &Header) -> Result<(), &'static str> {
    let kind = header.typ.as_deref().map(str::to_ascii_lowercase);
    if !matches!(header.alg, Algorithm::RS256 | Algorithm::ES256 | Algorithm::EdDSA) {
        Err("its algorithm is not taken")
    } else if !matches!(kind.as_deref(), None | Some("jwt" | "at+jwt" | "application/at+jwt")) {
        Err("it is of another kind")
    } else if header.crit.is_some() {
        Err("its head asks for what is not known here")
    } else {
        Ok(())
    }
}
