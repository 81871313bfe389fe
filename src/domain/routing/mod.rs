//! Routing: rules that say which unit is competent, and what they make of a petition. Pure.
//!
//! A rule is for the petitions that one focal unit receives. It catches a petition if all that it asks for is so; of
//! those that catch it the highest priority wins, and where rules of that priority name different units nothing is
//! decided. Where the unit of a rule is dissolved, its successor in the petition's field stands in its place, as it
//! does for what the unit had. In a conduct case no rule catches for the unit complained of, or one below it.

mod given;
mod learnt;
mod phrases;
mod route;
mod suggest;
mod weigh;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

pub use self::{
    given::{Found, Given, PRIORITIES, among},
    learnt::{Answered, Learnt},
    route::route,
    suggest::{Failed, Matched, Suggestion, Suggestions, suggest},
    weigh::{Decision, Facts, Rules, Weighed, decide},
};
use super::{
    ids::UnitId,
    text::{hex, json},
    time::Instant,
    words::{Channel, PetitionerType, Routing, SubjectClass},
};

/// A rule: which unit is competent for what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rule {
    /// Stable code, unique.
    pub code: String,
    /// What it is called; may be empty.
    pub name: String,
    /// The focal unit for whose petitions it is.
    pub focal: UnitId,
    /// The unit that is competent.
    pub unit: UnitId,
    /// The higher wins.
    pub priority: u32,
    /// From when on it is in force; none means always.
    pub from: Option<Instant>,
    /// Until when, exclusive; none means for good.
    pub until: Option<Instant>,
    /// What it asks for.
    pub conditions: Conditions,
}

/// What a rule asks for, all of it; what is empty does not matter.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Conditions {
    /// Code of a field: it, or one below it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// One of these places: a code, or a beginning of codes followed by `*`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<String>,
    /// One of these subject classes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub classes: Vec<SubjectClass>,
    /// One of these types of petitioner.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub petitioners: Vec<PetitionerType>,
    /// One of these channels.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub channels: Vec<Channel>,
    /// All these phrases in title, content or proposal; case and diacritics do not matter.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub all_phrases: Vec<String>,
    /// One of these phrases.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub any_phrases: Vec<String>,
}

impl Rule {
    /// Moves when anything of it moves.
    pub fn etag(&self) -> String {
        hex(&Sha256::digest(json(self))[..8])
    }

    /// Tells it from all others in a list.
    pub fn place(&self) -> uuid::Uuid {
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&Sha256::digest(&self.code)[..16]);
        uuid::Uuid::from_bytes(bytes)
    }

    /// Whether it is in force at an instant.
    pub fn in_force(&self, at: Instant) -> bool {
        self.from.is_none_or(|from| from <= at) && !self.has_ended(at)
    }

    /// Whether it was in force and is no more.
    pub fn has_ended(&self, at: Instant) -> bool {
        self.until.is_some_and(|until| until <= at)
    }
}

/// A rule as events name it: which one, and as it was worded then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleRef {
    /// Its code.
    pub code: String,
    /// Its etag.
    pub etag: String,
}

/// How the rules stood for a petition when it was accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Routed {
    /// How.
    pub how: Routing,
    /// The rule that decided, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<RuleRef>,
}

/// What rules read of a submission, beside what its petition says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Written {
    /// Commune code of the place; may be empty.
    pub place: String,
    /// Title, content and proposal, folded.
    pub folded: String,
    /// Who brought it, if that is still known.
    pub petitioner: Option<PetitionerType>,
}
