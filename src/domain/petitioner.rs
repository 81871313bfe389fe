//! Who brought a petition: one record, kept apart from what was written.

use serde::{Deserialize, Serialize};

use super::{fold::fold, ids::AccountId, words::PetitionerType};

/// The purpose of a consent to have the name published.
const PUBLISH_NAME: &str = "PUBLISH_NAME";

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

    /// Whether a text that is to be public tells who this is: a person's name, who speaks for them, an address for
    /// e-mail or a telephone. Not so what they agreed to have published.
    pub fn is_named_in(&self, text: &str) -> bool {
        if self.consents.iter().any(|consent| consent.purpose == PUBLISH_NAME) {
            return false;
        }
        self.is_told(text, self.kind == PetitionerType::Individual)
    }

    /// Whether a text tells who this is, whatever they agreed to have published; of an organisation its name does so too.
    pub fn is_told_in(&self, text: &str) -> bool {
        self.is_told(text, true)
    }

    fn is_told(&self, text: &str, by_name: bool) -> bool {
        let whole = format!(" {} ", fold(text));
        // One word alone is too often a word.
        let named = |name: &str| {
            let name = fold(name);
            name.contains(' ') && whole.contains(&format!(" {name} "))
        };
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        // Without the 0 that is left out after +84.
        let phone = self.phone_to_compare().map(|phone| phone.trim_start_matches('0').to_owned());
        let person = by_name && named(&self.name);
        let email = self.email_to_compare().is_some_and(|email| text.to_lowercase().contains(&email));
        let phone = phone.is_some_and(|phone| phone.len() >= 8 && digits.contains(&phone));
        person || named(&self.representative) || email || phone
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
        let named = |text: &str, name: &str, consent: Option<&str>| {
            let consents =
                consent.into_iter().map(|purpose| Consent { purpose: purpose.to_owned(), text: String::new() });
            let mut lan = reached("+84 912 345 678");
            (lan.name, lan.consents) = (name.to_owned(), consents.collect());
            lan.is_named_in(text)
        };
        let lan = "Nguyễn Thị Lan";
        assert!(named("Ông bà NGUYEN THI LAN cho biết", lan, Some("SHARE_CONTACT")));
        assert!(!named("Ông bà Nguyễn Thị Lan cho biết", lan, Some("PUBLISH_NAME")));
        assert!(!named("Bà Nguyễn Thị Lanh cho biết", lan, None));
        assert!(!named("Khu phố có nhiều hoa lan", "Lan", None));
        assert!(named("Gọi số 0912.345.678 hoặc viết thư", lan, None) && named("Viết cho LAN@dan.vn", lan, None));
        assert_eq!(reached("8491").phone_to_compare().as_deref(), Some("8491"));
        assert_eq!(reached("").phone_to_compare(), None);
        assert_eq!(reached("").email_to_compare().as_deref(), Some("lan@dan.vn"));
    }
}
