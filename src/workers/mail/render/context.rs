//! What a template may see of an [`Envelope`]: its facts as single lines, and the one text its kind passes on.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Error;
use crate::workers::mail::{
    envelope::Envelope,
    kind::{Kind, Matter},
};

/// Facts that a template may name; one that was not given is empty.
const FACTS: [&str; 14] = [
    "received_at",
    "answer_due",
    "original_due",
    "reply_by",
    "register_number",
    "unit",
    "former_unit",
    "focal_unit",
    "refusal_reason",
    "redirect",
    "body",
    "address",
    "reference",
    "outcome",
];

/// What a template sees: every name that a template may use, and its value.
pub struct Context {
    matter: Matter,
    values: BTreeMap<&'static str, String>,
}

impl Context {
    /// Picks what the kind may see, and checks that nothing it needs is missing.
    ///
    /// # Errors
    /// [`Error::Missing`].
    pub fn new(kind: Kind, envelope: &Envelope) -> Result<Context, Error> {
        let missing = |what| Error::Missing { kind: kind.name(), what };
        let mut values: BTreeMap<&'static str, String> =
            FACTS.into_iter().map(|name| (name, fact(&envelope.facts, name))).collect();
        for name in kind.facts() {
            if values.get(name).is_none_or(String::is_empty) {
                return Err(missing(*name));
            }
        }
        let text = match kind.text() {
            None => None,
            Some(wanted) => Some(
                envelope
                    .texts
                    .iter()
                    .find(|text| text.kind == wanted && !text.body.trim().is_empty())
                    .ok_or_else(|| missing(wanted))?,
            ),
        };
        let to_name = kind.names_recipient().then(|| one_line(&envelope.to_name));
        let (title, body) = text.map(|text| (one_line(&text.title), text.body.clone())).unwrap_or_default();
        values.insert("to_name", to_name.unwrap_or_default());
        values.insert("text_title", title);
        values.insert("text", body);
        values.insert("code", one_line(&envelope.code));
        let matter = Matter::of(&fact(&envelope.facts, "petition_kind"));
        let (noun, noun_first) = matter.nouns(envelope.language);
        values.insert("noun", noun.to_owned());
        values.insert("noun_first", noun_first.to_owned());
        Ok(Context { matter, values })
    }

    /// What the letter is about.
    #[must_use]
    pub fn matter(&self) -> Matter {
        self.matter
    }

    /// The tracking code, fit for a header.
    #[must_use]
    pub fn code(&self) -> &str {
        self.values.get("code").map_or("", String::as_str)
    }

    /// Every name and its value.
    pub(in crate::workers::mail) fn values(&self) -> impl Iterator<Item = (&'static str, String)> + '_ {
        self.values.iter().map(|(name, value)| (*name, value.clone()))
    }
}

/// The text on one line without control characters: no new header, no new line in a letter.
pub(super) fn one_line(text: &str) -> String {
    text.split(|c: char| c.is_control() || c.is_whitespace() || matches!(c, '\u{2028}' | '\u{2029}'))
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

fn fact(facts: &Value, name: &str) -> String {
    match facts.get(name) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => one_line(text),
        Some(other) => one_line(&other.to_string()),
    }
}
