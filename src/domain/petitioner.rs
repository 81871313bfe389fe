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
    /// The e-mail address as it is compared with others: in small letters; none if there is none.
    pub fn email_to_compare(&self) -> Option<String> {
        Some(self.email.trim().to_lowercase()).filter(|email| !email.is_empty())
    }

    /// The telephone number as it is compared with others: its digits, with 0 for Vietnam's +84; none if there is none.
    pub fn phone_to_compare(&self) -> Option<String> {
        let digits: String = self.phone.chars().filter(char::is_ascii_digit).collect();
        let international = if self.phone.contains('+') { Some(digits.as_str()) } else { digits.strip_prefix("00") };
        let local = international.and_then(|digits| digits.strip_prefix("84"));
        let local = local.map(|rest| format!("0{}", rest.trim_start_matches('0')));
        Some(local.unwrap_or(digits)).filter(|digits| !digits.is_empty())
    }

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_ring_the_same_telephone_are_one() {
        let reached = |phone: &str| {
            let (email, address, representative) = (" Lan@Dan.VN".to_owned(), String::new(), String::new());
            let (kind, name, phone) = (PetitionerType::Individual, String::new(), phone.to_owned());
            let (consents, portal_user) = (Vec::new(), None);
            Petitioner { kind, name, email, phone, address, representative, signatories: 1, consents, portal_user }
        };
        for phone in [
            "0912 345 678",
            "+84 912 345 678",
            "0084912345678",
            "(0912) 345-678",
            "+84 (0)912345678",
            "(+84) 912 345 678",
        ] {
            assert_eq!(reached(phone).phone_to_compare().as_deref(), Some("0912345678"), "{phone}");
        }
        assert_eq!(reached("8491").phone_to_compare().as_deref(), Some("8491"));
        assert_eq!(reached("").phone_to_compare(), None);
        assert_eq!(reached("").email_to_compare().as_deref(), Some("lan@dan.vn"));
    }
}
