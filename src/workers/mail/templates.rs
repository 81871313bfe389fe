//! The letters' wording: templates kept in the binary, one text and one HTML for each kind and language.
//!
//! HTML escapes whatever it is given, text nothing; a name that no one gave is an error, not a blank.

use chrono::DateTime;
use minijinja::{Environment, UndefinedBehavior, Value, syntax::SyntaxConfig};
use uuid::Uuid;

use super::{
    envelope::{Envelope, Language, LetterText},
    kind::Kind,
    render::{self, context::Context},
};

mod sources;

/// The version of the wording, kept with each letter; raised with every change of a template.
pub const VERSION: i32 = 6;

/// Both alternatives of a letter.
#[derive(Clone, PartialEq, Eq)]
pub struct Bodies {
    /// Plain text.
    pub text: String,
    /// The same as an HTML page without any remote part.
    pub html: String,
}

/// Every template, parsed.
#[derive(Debug)]
pub struct Templates {
    environment: Environment<'static>,
}

impl Templates {
    /// Parses every template.
    ///
    /// # Errors
    /// When one does not parse, which a test would have found.
    pub fn new() -> Result<Templates, minijinja::Error> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_syntax(
            SyntaxConfig::builder().keep_trailing_newline(true).trim_blocks(true).lstrip_blocks(true).build()?,
        );
        for (name, source) in sources::ALL {
            environment.add_template(name, source)?;
        }
        Ok(Templates { environment })
    }

    /// Writes both alternatives.
    ///
    /// # Errors
    /// When a template is missing or wants what it was not given.
    pub fn write(&self, kind: Kind, language: Language, context: &Context) -> Result<Bodies, minijinja::Error> {
        let context = Value::from_pairs(context.values());
        let one = |form: &str| {
            let name = format!("{}/{}.{form}", language.code(), kind.name());
            self.environment.get_template(&name)?.render(context.clone())
        };
        Ok(Bodies { text: one("txt")?, html: one("html")? })
    }

    /// Writes every kind in every language with sample facts, so that a hole is found before a letter falls in.
    ///
    /// # Errors
    /// The first that cannot be written.
    pub fn check(&self) -> Result<(), render::Error> {
        for (kind, language) in every_letter() {
            let context = Context::new(kind, &sample(kind, language))?;
            self.write(kind, language, &context)?;
        }
        Ok(())
    }
}

/// Every kind in every language.
pub fn every_letter() -> impl Iterator<Item = (Kind, Language)> {
    Kind::ALL.into_iter().flat_map(|kind| Language::ALL.map(|language| (kind, language)))
}

/// A made-up letter of a kind, with everything in it that such a letter may have.
#[must_use]
pub fn sample(kind: Kind, language: Language) -> Envelope {
    let text = |kind: &str| LetterText {
        kind: kind.to_owned(),
        title: "Cước thuê bao".to_owned(),
        body: "Dòng thứ nhất.\n\n  Dòng thứ hai, lùi vào.".to_owned(),
    };
    Envelope {
        letter_id: Uuid::from_u128(0x0193_0000_0000_7000_8000_0000_0000_0001),
        kind: kind.name().to_owned(),
        language,
        code: "PAKN.20261121.7K3F9Q2M".to_owned(),
        to_name: "Nguyễn Thị Lan".to_owned(),
        to_email: "lan@example.vn".to_owned(),
        texts: ["QUESTION", "REFUSAL", "ANSWER", "REASON", "PROGRESS", "SUBMISSION", "NOTICES"].map(text).into(),
        facts: serde_json::json!({
            "received_at": "13/02/2026 09:15",
            "answer_due": "24/02/2026",
            "original_due": "20/02/2026",
            "reply_by": "18/02/2026",
            "register_number": "17",
            "unit": "Cục Viễn thông",
            "former_unit": "Vụ Viễn thông",
            "focal_unit": "Văn phòng Bộ",
            "refusal_reason": "COMPLAINT",
            "redirect": "Thanh tra Bộ",
            "body": "Sở Thông tin và Truyền thông Nam Định",
            "address": "Số 1, đường Trần Phú",
            "reference": "12/CV-BTTTT",
            "outcome": "EXPLAINED",
        }),
        thread: Vec::new(),
        ordered_at: DateTime::UNIX_EPOCH,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
mod tests {
    use sha2::{Digest, Sha256};

    use super::*;

    /// What `VERSION` stands for: change a template, raise `VERSION`, put the new sum here.
    const SUM: &str = "f610151aaa38d10f";

    #[test]
    fn every_letter_can_be_written() {
        Templates::new().unwrap().check().unwrap();
    }

    #[test]
    fn the_version_moves_with_the_wording() {
        let mut hash = Sha256::new();
        for (name, source) in sources::ALL {
            hash.update(name);
            hash.update([0]);
            hash.update(source);
            hash.update([0]);
        }
        let sum: String = hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(sum, SUM, "raise templates::VERSION (now {VERSION})");
    }
}
