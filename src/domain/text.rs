//! What people type: bounds, normal form, and the structured texts.
//!
//! A text that passes here is NFC, holds no control characters but line breaks and tabs (none in a line), and
//! keeps within its bounds, counted in characters.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use unicode_normalization::{IsNormalized, UnicodeNormalization as _, is_nfc_quick};

use super::{fold::fold, ids::TextId, words::TextKind};

/// Bounds of a text, in characters.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Fewest; 0 makes it optional.
    pub min: usize,
    /// Most.
    pub max: usize,
    /// One line: no line breaks or tabs.
    pub line: bool,
}

/// A line of `min` to `max` characters.
pub const fn line(min: usize, max: usize) -> Bounds {
    Bounds { min, max, line: true }
}

/// A text of `min` to `max` characters that may have many lines.
pub const fn body(min: usize, max: usize) -> Bounds {
    Bounds { min, max, line: false }
}

/// Normalises and checks a text.
///
/// Outer white space goes, CRLF becomes LF, the rest becomes NFC.
///
/// # Errors
/// What is wrong, in words for the caller: every fault of this text at once.
pub fn parse(typed: &str, bounds: Bounds) -> Result<String, String> {
    // NFC of 4 MiB of nothing but marks is slow; what is far too long is not worth normalising.
    if typed.len() > bounds.max.saturating_mul(12).saturating_add(1_024) {
        return Err(format!("must have at most {} characters", bounds.max));
    }
    let mut text = typed.trim().replace("\r\n", "\n");
    // What is typed is nearly always composed already; looking costs far less than composing.
    if !text.chars().all(composed) && is_nfc_quick(text.chars()) != IsNormalized::Yes {
        text = text.nfc().collect();
    }
    let mut faults = Vec::new();
    let (mut length, mut visible, mut controls) = (0, 0, false);
    for c in text.chars() {
        length += 1;
        let plain = plain(c);
        visible += usize::from(plain || !invisible(c));
        controls |= !plain && forbidden(c, bounds.line);
    }
    if visible == 0 && bounds.min > 0 {
        faults.push("is required".to_owned());
    } else if visible < bounds.min {
        faults.push(format!("must have at least {} characters, has {visible}", bounds.min));
    }
    if length > bounds.max {
        faults.push(format!("must have at most {} characters, has {length}", bounds.max));
    }
    if controls {
        faults.push(if bounds.line {
            "must be one line without control characters".to_owned()
        } else {
            "must not have control characters other than line breaks and tabs".to_owned()
        });
    }
    if faults.is_empty() { Ok(text) } else { Err(faults.join("; ")) }
}

/// Characters that are composed whatever stands beside them: Latin, and the block of Vietnamese letters.
const fn composed(c: char) -> bool {
    matches!(c, '\0'..='\u{2FF}' | '\u{1E00}'..='\u{1EFF}')
}

/// Nearly all that is typed: characters that are seen and allowed wherever they stand.
const fn plain(c: char) -> bool {
    matches!(c, ' '..='~' | '\u{C0}'..='\u{2FF}' | '\u{1E00}'..='\u{1EFF}')
}

/// Characters without width, which make no text however many there are: joiners, marks of direction, fillers.
const fn invisible(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180E}'
        | '\u{200B}'..='\u{200F}' | '\u{2060}'..='\u{206F}' | '\u{2800}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}'
        | '\u{FFA0}' | '\u{E0000}'..='\u{E0FFF}')
}

/// Control characters, line and paragraph separators in a line, and characters that turn the reading direction.
fn forbidden(c: char, line: bool) -> bool {
    match c {
        '\n' | '\t' | '\u{2028}' | '\u{2029}' => line,
        '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FFFE}' | '\u{FFFF}' => true,
        c => c.is_control(),
    }
}

/// A stored text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// Its id.
    pub id: TextId,
    /// What it is.
    pub kind: TextKind,
    /// 128 random bits, so that the hash in the trail says nothing once the text is erased.
    pub salt: [u8; 16],
    /// For lists; empty but for submissions.
    pub title: String,
    /// The text, or its JSON form.
    pub body: String,
    /// Folded for search; empty but for submissions.
    pub folded: String,
}

/// A text as events name it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextRef {
    /// Which.
    pub id: TextId,
    /// What it is.
    pub kind: TextKind,
    /// SHA-256 over salt, title, a zero byte and body; hexadecimal.
    pub hash: String,
}

impl Text {
    /// A plain text.
    pub const fn plain(id: TextId, kind: TextKind, salt: [u8; 16], body: String) -> Self {
        Self { id, kind, salt, title: String::new(), body, folded: String::new() }
    }

    /// How events name it.
    pub fn reference(&self) -> TextRef {
        let hash = Sha256::new()
            .chain_update(self.salt)
            .chain_update(&self.title)
            .chain_update([0])
            .chain_update(&self.body)
            .finalize();
        TextRef { id: self.id, kind: self.kind, hash: hex(&hash) }
    }
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes
        .iter()
        .flat_map(|byte| [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]])
        .map(char::from)
        .collect()
}

/// What a petitioner wrote.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Submission {
    /// The matter in a line. Kept beside the body, for lists.
    #[serde(skip)]
    pub title: String,
    /// The matter.
    pub content: String,
    /// The proposed solution; may be empty.
    pub proposal: String,
    /// Commune code; may be empty.
    pub place: String,
    /// The body addressed; may be empty.
    pub requested_body: String,
    /// Procedure; may be empty.
    pub procedure_number: String,
    /// Dossier; may be empty.
    pub dossier_number: String,
    /// Enclosures described; may be empty.
    pub enclosures: String,
}

impl Submission {
    /// As a text to store.
    pub fn into_text(self, id: TextId, salt: [u8; 16]) -> Text {
        let folded = [&self.title, &self.content, &self.proposal].map(|t| fold(t)).join(" ");
        Text { id, kind: TextKind::Submission, salt, body: json(&self), title: self.title, folded }
    }

    /// Back from its stored form; erased or unreadable gives an empty one.
    pub fn read(title: &str, body: &str) -> Self {
        Self { title: title.to_owned(), ..serde_json::from_str(body).unwrap_or_default() }
    }
}

/// How a petition was refused or transferred, as the petitioner is told.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Ending {
    /// The refusal in words; empty for a transfer.
    pub text: String,
    /// Where to go instead; may be empty.
    pub redirect: String,
    /// The body it went to; empty for a refusal.
    pub body: String,
    /// That body's postal address.
    pub address: String,
    /// That body's e-mail address; may be empty.
    pub email: String,
    /// Number of the covering paper; may be empty.
    pub reference: String,
}

impl Ending {
    /// Back from its stored form.
    pub fn read(body: &str) -> Self {
        serde_json::from_str(body).unwrap_or_default()
    }
}

/// A public copy, written by a person.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Redaction {
    /// Title.
    pub title: String,
    /// What was asked.
    pub question: String,
    /// What was answered.
    pub answer: String,
}

impl Redaction {
    /// Back from its stored form.
    pub fn read(body: &str) -> Self {
        serde_json::from_str(body).unwrap_or_default()
    }
}

/// The JSON form of a structured text. These structures have no map with keys that are not strings, the one
/// thing that serialisation could fail on.
pub fn json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// A stable code: 1 to 50 letters, digits, `-`, `_`, `.`.
///
/// # Errors
/// What is wrong with it.
pub fn stable_code(typed: &str) -> Result<String, String> {
    let code = parse(typed, line(1, 50))?;
    let allowed = code.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
    if allowed { Ok(code) } else { Err("must be of letters, digits, -, _ and .".to_owned()) }
}

/// As [`stable_code`], but it may be left out.
///
/// # Errors
/// What is wrong with it.
pub fn optional_code(typed: &str) -> Result<String, String> {
    if typed.is_empty() { Ok(String::new()) } else { stable_code(typed) }
}

/// An e-mail address that may be left out.
///
/// # Errors
/// What is wrong with it.
pub fn email(typed: &str) -> Result<String, String> {
    let address = parse(typed, line(0, 254))?;
    let options = email_address::Options::default().without_display_text().without_domain_literal().with_required_tld();
    if !address.is_empty() && email_address::EmailAddress::parse_with_options(&address, options).is_err() {
        return Err("is not an e-mail address".to_owned());
    }
    Ok(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_plain_is_seen_and_allowed() {
        for c in ('\0'..='\u{FFFF}').filter(|c| plain(*c)) {
            assert!(!invisible(c) && !forbidden(c, true) && !forbidden(c, false), "{c:?}");
        }
    }

    #[test]
    fn every_fault_is_named_at_once() {
        let fault = parse("a\u{0}", line(5, 10)).unwrap_err();
        assert!(fault.contains("at least 5") && fault.contains("control"), "{fault}");
        assert!(parse(&"x".repeat(11), line(1, 10)).is_err());
        assert!(parse("a\nb", line(1, 10)).is_err());
        assert_eq!(parse("  a\r\nb ", body(1, 10)).unwrap(), "a\nb");
        assert!(parse("abc\u{202E}def", body(1, 100)).is_err());
        assert_eq!(parse("", line(0, 10)).unwrap(), "");
        assert_eq!(parse(&"\u{200B}".repeat(9), line(5, 10)).unwrap_err(), "is required");
        assert!(parse("ab\u{2060}\u{FEFF}\u{AD}", line(5, 10)).is_err());
    }

    #[test]
    fn decomposed_text_is_stored_composed() {
        let decomposed: String = "Đường phố".nfd().collect();
        assert_ne!(decomposed, "Đường phố");
        assert_eq!(parse(&decomposed, line(1, 20)).unwrap(), "Đường phố");
    }

    #[test]
    fn what_passes_as_composed_is() {
        for c in (char::MIN..=char::MAX).filter(|c| composed(*c)) {
            assert_eq!(is_nfc_quick([c].into_iter()), IsNormalized::Yes, "{c:?}");
            assert_eq!(unicode_normalization::char::canonical_combining_class(c), 0, "{c:?}");
        }
    }
}
