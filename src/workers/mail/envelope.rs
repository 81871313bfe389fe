//! What a letter is made of, and what became of a try at delivering it: plain data, no library's type.

use std::fmt;

use chrono::{DateTime, Utc};
use uuid::Uuid;

/// The language a letter is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Language {
    /// Vietnamese.
    Vi,
    /// English.
    En,
}

impl Language {
    /// Every language there are templates for.
    pub const ALL: [Language; 2] = [Language::Vi, Language::En];

    /// Its ISO 639 code, which is also the folder of its templates.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Language::Vi => "vi",
            Language::En => "en",
        }
    }
}

/// One text that a person wrote and a letter passes on.
#[derive(Clone, PartialEq, Eq)]
pub struct LetterText {
    /// What it is: `QUESTION`, `REFUSAL`, `ANSWER`, `REASON`, `SUBMISSION`, `NOTICES`.
    pub kind: String,
    /// Its title; empty if it has none.
    pub title: String,
    /// The text itself, passed on unaltered.
    pub body: String,
}

/// Everything needed to write one letter to one recipient.
#[derive(Clone)]
pub struct Envelope {
    /// The letter; the Message-ID is derived from it.
    pub letter_id: Uuid,
    /// Which letter: the name of a [`super::kind::Kind`].
    pub kind: String,
    /// The language the recipient reads.
    pub language: Language,
    /// The petition's tracking code; empty where it is about many.
    pub code: String,
    /// The recipient's name; may be empty. A receipt does not use it.
    pub to_name: String,
    /// The recipient's address, unproved.
    pub to_email: String,
    /// What people wrote; of each kind the first is used.
    pub texts: Vec<LetterText>,
    /// An object of short strings by name, dates already written out in local form.
    pub facts: serde_json::Value,
    /// Earlier letters of the same petition to the same recipient, oldest first.
    pub thread: Vec<Uuid>,
    /// When the letter was ordered.
    pub ordered_at: DateTime<Utc>,
}

/// Only the letter's id and kind: logs never carry names, addresses or texts.
impl fmt::Debug for Envelope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Envelope").field("letter_id", &self.letter_id).field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// Only the kind and the length.
impl fmt::Debug for LetterText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LetterText").field("kind", &self.kind).field("bytes", &self.body.len()).finish_non_exhaustive()
    }
}

/// What became of one try. The reply is the server's or the error's, without addresses, at most 500 characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivery {
    /// The server took it.
    Accepted {
        /// What it said.
        reply: String,
    },
    /// Not now: 4xx, refused, or the line broke before the data. To be tried again.
    Deferred {
        /// What was said or went wrong.
        reply: String,
    },
    /// Never: 5xx, or it cannot be addressed.
    Rejected {
        /// What was said or went wrong.
        reply: String,
    },
    /// The line broke after data was sent: it may have arrived. Not to be sent again without a person's word.
    Unknown {
        /// What went wrong.
        reply: String,
    },
}

impl Delivery {
    /// What was said or went wrong.
    #[must_use]
    pub fn reply(&self) -> &str {
        match self {
            Delivery::Accepted { reply }
            | Delivery::Deferred { reply }
            | Delivery::Rejected { reply }
            | Delivery::Unknown { reply } => reply,
        }
    }
}
