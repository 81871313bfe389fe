//! Who brought a petition: one record, kept apart from what was written.

use serde::{Deserialize, Serialize};

use super::{ids::AccountId, words::PetitionerType};

/// A petitioner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Petitioner {
    /// Individual or organisation.
    pub kind: PetitionerType,
    /// Name.
    pub name: String,
    /// E-mail address; may be empty.
    pub email: String,
    /// Telephone; may be empty.
    pub phone: String,
    /// Postal address; may be empty.
    pub address: String,
    /// Who speaks for them; may be empty.
    pub representative: String,
    /// How many signed.
    pub signatories: u32,
    /// Consents with the texts agreed to.
    pub consents: Vec<Consent>,
    /// The portal's user, if the portal named one.
    #[serde(skip)]
    pub portal_user: Option<PortalUser>,
}

/// A portal's user, by the portal's own opaque id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortalUser {
    /// The portal's account.
    pub portal: AccountId,
    /// The portal's id of its user.
    pub subject: String,
}

/// A consent, for one purpose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consent {
    /// What for.
    pub purpose: String,
    /// The text agreed to.
    pub text: String,
}

impl Petitioner {
    /// Initials alone: `N. V. A.`.
    pub fn masked_name(&self) -> String {
        let initials: Vec<String> = self
            .name
            .split_whitespace()
            .filter_map(|word| word.chars().next())
            .map(|initial| format!("{}.", initial.to_uppercase()))
            .take(6)
            .collect();
        initials.join(" ")
    }
}
