//! What can go wrong when something is asked.

use crate::{
    domain::refusal::{Fault, Refusal},
    store,
};

/// Why something asked was not done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The domain refuses.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// No or bad token.
    #[error("the token is missing, unknown, expired or revoked")]
    Unauthenticated,
    /// It is there already, or something that it names is not.
    #[error("{0}")]
    Conflict(&'static str),
    /// The thing is absent, or the caller may not know that it exists.
    #[error("no such {0}")]
    Absent(&'static str),
    /// What the caller decided upon has moved; look again.
    #[error("{0}")]
    Moved(String),
    /// A petition moves faster than this can decide; trying again may help.
    #[error("the petition moves too fast")]
    Contended,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// The result of asking.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A refusal for one field.
pub fn invalid(field: &str, what: impl Into<String>) -> Error {
    Refusal::Invalid(vec![Fault::new(field, what)]).into()
}
