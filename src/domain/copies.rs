//! What the unit complained of is given of a conduct case, so that it can explain itself: redacted copies that a person
//! wrote for it, and its statements. A copy has an id of its own from which nothing leads to the petition.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::ids::{CopyId, TextId, UnitId};

/// A copy that was shared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SharedCopy {
    /// Its id.
    pub id: CopyId,
    /// The unit complained of, or its successor.
    pub unit: UnitId,
    /// What it says.
    pub text: TextId,
    /// The local day on which it was shared.
    pub shared_on: NaiveDate,
    /// Whether the case has ended since: nothing is said to it any more, whatever becomes of the case, so that it does
    /// not tell of what does.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub closed: bool,
    /// What the unit says to it, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub statements: Vec<Statement>,
}

/// What the unit complained of says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// Its text.
    pub text: TextId,
    /// The local day on which it came.
    pub submitted_on: NaiveDate,
}

impl SharedCopy {
    /// The texts of it: what it says, and what was said to it.
    pub fn texts(&self) -> impl Iterator<Item = TextId> + '_ {
        std::iter::once(self.text).chain(self.statements.iter().map(|statement| statement.text))
    }
}
