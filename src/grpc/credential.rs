//! What a request shows of who calls, and whom that names: a token of ours, one of an issuer that is trusted, or the
//! certificate of its connection.

use http::Extensions;
use tonic::{Code, Status};

use super::{
    certificate::Certificates,
    issuer::{Issuers, Refused},
    status,
};
use crate::app::{App, Caller, Error};

/// Whoever vouches for callers, beside the directory.
#[derive(Debug, Clone)]
pub(super) struct Vouchers {
    pub(super) issuers: Issuers,
    pub(super) certificates: Certificates,
}

/// What a request shows.
#[derive(Debug)]
pub(super) struct Shown {
    pub(super) token: Option<String>,
    /// The login that the certificate of its connection speaks for.
    pub(super) certificate: Option<String>,
}

/// What has been proven of a caller; whether there is such an account, the directory says each time it is asked.
#[derive(Debug)]
pub(super) struct Proof {
    by: By,
    /// The login that it must be as well.
    also: Option<String>,
}

#[derive(Debug)]
enum By {
    /// A token that may be one of ours.
    Token(String),
    /// An account's login, by somebody who is trusted.
    Login(String),
}

impl Vouchers {
    /// What a request shows.
    pub(super) fn shown(&self, app: &App, token: Option<String>, connection: &Extensions) -> Shown {
        let certificate = self.certificates.login(connection, app.clock().now()).map(str::to_owned);
        Shown { token, certificate }
    }

    /// What that proves where nothing need be: one that somebody else vouches for is not looked into.
    pub(super) fn volunteered(&self, shown: Shown) -> Option<Proof> {
        match shown {
            Shown { token: Some(token), .. } if self.issuers.concern(&token) => None,
            Shown { token: Some(token), certificate } => Some(Proof { by: By::Token(token), also: certificate }),
            Shown { token: None, certificate } => certificate.map(|login| Proof { by: By::Login(login), also: None }),
        }
    }

    /// What that proves. A token goes before the certificate, and a bad one is not made good by it.
    ///
    /// # Errors
    /// UNAUTHENTICATED when there is nothing, or it does not hold; UNAVAILABLE when a token's issuer cannot be asked.
    pub(super) async fn proof(&self, app: &App, shown: Shown) -> Result<Proof, Status> {
        let nobody = || status::status(Error::Unauthenticated);
        let Some(token) = shown.token else {
            let login = shown.certificate.ok_or_else(nobody)?;
            return Ok(Proof { by: By::Login(login), also: None });
        };
        let also = shown.certificate;
        if !self.issuers.concern(&token) {
            return Ok(Proof { by: By::Token(token), also });
        }
        match self.issuers.login(&token, app.clock().now()).await {
            Ok(login) => Ok(Proof { by: By::Login(login), also }),
            Err(Refused::Bad(_)) => Err(nobody()),
            Err(Refused::Away) => {
                Err(status::retry(Code::Unavailable, "the token's issuer cannot be reached; try again"))
            }
        }
    }
}

impl Proof {
    /// What its calls are counted by: the token, or the account that somebody else vouches for.
    pub(super) fn counted(&self) -> &str {
        let (By::Token(counted) | By::Login(counted)) = &self.by;
        counted
    }

    /// The caller, as the directory has it now.
    ///
    /// # Errors
    /// UNAUTHENTICATED when there is none, or when token and certificate name two.
    pub(super) fn caller(&self, app: &App) -> Result<Caller, Status> {
        let caller = match &self.by {
            By::Token(token) => app.caller(token),
            By::Login(login) => app.caller_named(login),
        };
        let caller = caller.map_err(status::status)?;
        match &self.also {
            Some(login) if caller.reference.login(caller.account) != login => {
                Err(Status::unauthenticated("the token and the client's certificate name different accounts"))
            }
            _ => Ok(caller),
        }
    }
}
