//! Letters as whoever gets them reads them.

use std::path::Path;

use mail_parser::MessageParser;

/// A decoded letter.
#[derive(Debug, Clone)]
pub struct Letter {
    /// Address of the recipient.
    pub to: String,
    /// Subject, decoded.
    pub subject: String,
    /// Plain text, decoded.
    pub text: String,
    /// HTML, decoded; empty if there is none.
    pub html: String,
    /// Message-ID without brackets.
    pub id: String,
    /// Message-ID of the letter it follows; empty on the first.
    pub in_reply_to: String,
}

impl Letter {
    /// The letters in a folder, in the order they were ordered in.
    pub fn all(folder: &Path) -> Vec<Self> {
        let mut names: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        names.retain(|name| name.extension().is_some_and(|end| end == "eml"));
        names.sort();
        names.iter().map(|name| Self::decode(&std::fs::read(name).unwrap())).collect()
    }

    /// Decodes a message.
    pub fn decode(bytes: &[u8]) -> Self {
        let message = MessageParser::default().parse(bytes).unwrap();
        let to = message.to().and_then(|to| to.first()).and_then(|to| to.address()).unwrap();
        Self {
            to: to.to_owned(),
            subject: message.subject().unwrap().to_owned(),
            text: message.body_text(0).unwrap().replace("\r\n", "\n"),
            html: message.body_html(0).map(|html| html.into_owned()).unwrap_or_default(),
            id: message.message_id().unwrap().to_owned(),
            in_reply_to: message.in_reply_to().as_text().unwrap_or_default().to_owned(),
        }
    }
}
