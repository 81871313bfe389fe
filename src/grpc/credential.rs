//! What a request shows of who calls, and whom that names: a token of ours, or one of an issuer that is trusted.

use tonic::{Code, Status};

use super::{
    issuer::{Issuers, Refused},
    status,
};
use crate::app::{App, Caller, Error};

/// Whoever vouches for callers, beside the directory.
#[derive(Debug, Clone)]
pub(super) struct Vouchers {
    pub(super) issuers: Issuers,
}

/// What has been proven of a caller; whether there is such an account, the directory says each time it is asked.
#[derive(Debug)]
pub(super) enum Proof {
    /// A token that may be one of ours.
    Token(String),
    /// An account's login, by somebody who is trusted.
    Login(String),
}

impl Vouchers {
    /// What a token proves.
    ///
    /// # Errors
    /// UNAUTHENTICATED when it is missing or does not hold; UNAVAILABLE when its issuer cannot be asked.
    pub(super) async fn proof(&self, app: &App, token: Option<String>) -> Result<Proof, Status> {
        let token = token.ok_or_else(|| status::status(Error::Unauthenticated))?;
        if !self.issuers.concern(&token) {
            return Ok(Proof::Token(token));
        }
        match self.issuers.login(&token, app.clock().now()).await {
            Ok(login) => Ok(Proof::Login(login)),
            Err(Refused::Bad(_)) => Err(status::status(Error::Unauthenticated)),
            Err(Refused::Away) => Err(status::retry(Code::Unavailable, "the token's issuer cannot be reached; try again")),
        }
    }
}

impl Proof {
    /// The caller, as the directory has it now.
    ///
    /// # Errors
    /// `Unauthenticated` when there is none.
    pub(super) fn caller(&self, app: &App) -> Result<Caller, Error> {
        match self {
            Self::Token(token) => app.caller(token),
            Self::Login(login) => app.caller_named(login),
        }
    }
}
