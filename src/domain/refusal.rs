//! Why a command is not carried out.

use super::words::State;

/// A refusal, with what the caller needs to mend it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Fields that cannot be, all at once.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Invalid(Vec<Fault>),
    /// The state does not allow it.
    #[error("{command} is not possible in state {state}")]
    State {
        /// The command.
        command: &'static str,
        /// The state.
        state: State,
    },
    /// A rule does not allow it, by stable reason code.
    #[error("{message}")]
    Rule {
        /// Stable code.
        reason: &'static str,
        /// In words.
        message: String,
    },
    /// May know that it exists, may not do this.
    #[error("{rpc} needs {needs}")]
    Forbidden {
        /// The RPC.
        rpc: &'static str,
        /// What it needs, in words.
        needs: String,
    },
    /// Absent, or may not know that it exists.
    #[error("no such petition")]
    NotFound,
    /// The caller's version is not the present one.
    #[error("the petition has moved on to version {current}")]
    Stale {
        /// The present version.
        current: i64,
    },
    /// The revision that the caller names is not the present one.
    #[error("the revision has moved on to {current}")]
    StaleRevision {
        /// The present revision.
        current: i32,
        /// The present version of the petition.
        version: i64,
    },
    /// The request id was used for something else.
    #[error("the request id was used for other content")]
    RequestReused,
}

/// A field that cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {what}")]
pub struct Fault {
    /// Path of the field in the request.
    pub field: String,
    /// What is wrong with it.
    pub what: String,
}

impl Fault {
    /// A fault of a field.
    pub fn new(field: impl Into<String>, what: impl Into<String>) -> Self {
        Self { field: field.into(), what: what.into() }
    }
}

/// The reason code of a refusal that says something of who brought a petition: that a text names them.
pub const NAMES_PETITIONER: &str = "NAMES_PETITIONER";

impl Refusal {
    /// Whether it says something of who brought it.
    pub fn tells_of_petitioner(&self) -> bool {
        matches!(self, Self::Rule { reason, .. } if *reason == NAMES_PETITIONER)
    }
}

/// A rule's refusal.
pub fn rule(reason: &'static str, message: impl Into<String>) -> Refusal {
    Refusal::Rule { reason, message: message.into() }
}

/// What is wrong so far with something that is looked at.
#[derive(Debug, Default)]
pub(super) struct Checks(Vec<Fault>);

impl Checks {
    pub(super) fn note(&mut self, field: &str, what: &str) {
        self.0.push(Fault::new(field, what));
    }

    /// A text that was read; empty when it could not be.
    pub(super) fn text(&mut self, field: &str, read: Result<String, String>) -> String {
        read.unwrap_or_else(|what| {
            self.note(field, &what);
            String::new()
        })
    }

    /// What was looked at if nothing is wrong with it.
    pub(super) fn or<T>(self, whole: Option<T>) -> Result<T, Vec<Fault>> {
        whole.filter(|_| self.0.is_empty()).ok_or(self.0)
    }
}
