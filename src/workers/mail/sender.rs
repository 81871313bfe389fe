//! Who writes: the sender's part of the options, parsed once.

use lettre::message::Mailbox;
use uuid::Uuid;

use super::options::Options;

/// The sender of every letter.
#[derive(Debug, Clone)]
pub struct Sender {
    pub(super) from: Mailbox,
    pub(super) reply_to: Option<Mailbox>,
    domain: String,
}

/// Why the options name no sender.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Error {
    /// `from` or `reply_to` is not a mailbox.
    #[error("{0} is not a mail address such as \"Name\" <name@example.vn>")]
    Mailbox(&'static str),
    /// The Message-ID domain is not one.
    #[error("message_id_domain is not a domain name")]
    Domain,
}

impl Sender {
    /// Parses the sender's part of the options.
    ///
    /// # Errors
    /// When an address or the domain is not one.
    pub fn parse(options: &Options) -> Result<Sender, Error> {
        let mailbox = |what, text: &str| text.parse::<Mailbox>().map_err(|_| Error::Mailbox(what));
        Ok(Sender {
            from: mailbox("from", &options.from)?,
            reply_to: options.reply_to.as_deref().map(|text| mailbox("reply_to", text)).transpose()?,
            domain: domain(&options.message_id_domain)?,
        })
    }

    /// The Message-ID of a letter: the same at every try.
    #[must_use]
    pub fn message_id(&self, letter: Uuid) -> String {
        format!("<{letter}@{}>", self.domain)
    }
}

fn domain(text: &str) -> Result<String, Error> {
    let sound = text.len() <= 253
        && text
            .split('.')
            .all(|label| !label.is_empty() && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'));
    sound.then(|| text.to_owned()).ok_or(Error::Domain)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use crate::workers::mail::options::{FolderOptions, Route};

    fn options(from: &str, domain: &str) -> Options {
        Options {
            from: from.to_owned(),
            reply_to: None,
            message_id_domain: domain.to_owned(),
            transport: Route::Folder(FolderOptions { path: "x".into() }),
        }
    }

    #[test]
    fn a_vietnamese_name_is_fine() {
        let sender = Sender::parse(&options("Bộ Thông tin và Truyền thông <pakn@mic.gov.vn>", "mic.gov.vn")).unwrap();
        assert_eq!(sender.from.name.as_deref(), Some("Bộ Thông tin và Truyền thông"));
        assert_eq!(sender.message_id(Uuid::nil()), "<00000000-0000-0000-0000-000000000000@mic.gov.vn>");
    }

    #[test]
    fn what_would_break_a_header_is_refused() {
        assert_eq!(Sender::parse(&options("nobody", "b.vn")).err(), Some(Error::Mailbox("from")));
        for bad in ["", "b vn", "b.vn>\r\nBcc: x@y.vn", "b..vn", "đ.vn"] {
            assert_eq!(Sender::parse(&options("a@b.vn", bad)).err(), Some(Error::Domain));
        }
    }
}
