//! From an [`Envelope`] to a message: headers, subject, both alternatives.
//!
//! Pure: the instant is a parameter, and the same input gives the same bytes. Wording is in the templates.

use chrono::{DateTime, Utc};
use lettre::{
    Address, Message,
    message::{
        Mailbox, MultiPart, SinglePart,
        header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue, InReplyTo, References},
    },
};

use self::context::Context;
use super::{
    envelope::{Delivery, Envelope},
    kind::Kind,
    outgoing::Outgoing,
    sender::Sender,
    templates::Templates,
};

pub mod context;

/// Longest recipient's name put into a header, in characters.
const LONGEST_NAME: usize = 100;

/// Why a letter cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The recipient's address is not one. It is not repeated here.
    #[error("the recipient's address is not a mail address")]
    Address,
    /// No such letter.
    #[error("no letter of the kind {0:?}")]
    Kind(String),
    /// The letter would have a hole in it.
    #[error("the letter {kind} lacks {what}")]
    Missing {
        /// The letter.
        kind: &'static str,
        /// The fact or text that it lacks.
        what: &'static str,
    },
    /// A template is missing or asks for what does not exist.
    #[error("the template failed")]
    Template(#[from] minijinja::Error),
    /// The message could not be put together.
    #[error("the message could not be put together")]
    Message(#[from] lettre::error::Error),
}

impl Error {
    /// How it counts as a try at delivery: a bad address is refused for good; the rest is ours to mend, so the
    /// letter waits.
    #[must_use]
    pub fn delivery(&self) -> Delivery {
        let reply = self.to_string();
        match self {
            Error::Address => Delivery::Rejected { reply },
            _ => Delivery::Deferred { reply },
        }
    }
}

/// Writes the letter as of `now`.
///
/// # Errors
/// When the address is not one, the letter lacks something, or a template fails.
pub fn render(
    templates: &Templates,
    sender: &Sender,
    envelope: &Envelope,
    now: DateTime<Utc>,
) -> Result<Outgoing, Error> {
    let kind = Kind::parse(&envelope.kind).ok_or_else(|| Error::Kind(context::one_line(&envelope.kind)))?;
    let context = Context::new(kind, envelope)?;
    let bodies = templates.write(kind, envelope.language, &context)?;
    let subject = kind.subject(envelope.language, context.matter());
    let subject = match context.code() {
        "" => subject,
        code => format!("[{code}] {subject}"),
    };
    let mut message = Message::builder()
        .from(sender.from.clone())
        .to(recipient(kind, envelope)?)
        .subject(subject)
        .date(now.into())
        .message_id(Some(sender.message_id(envelope.letter_id)));
    if let Some(reply_to) = &sender.reply_to {
        message = message.reply_to(reply_to.clone());
    }
    if let Some(last) = envelope.thread.last() {
        let ids: Vec<String> = envelope.thread.iter().map(|id| sender.message_id(*id)).collect();
        message = message.header(InReplyTo::from(sender.message_id(*last))).header(References::from(ids.join(" ")));
    }
    let message = message
        .raw_header(fixed("Auto-Submitted", "auto-generated"))
        .raw_header(fixed("X-Auto-Response-Suppress", "All"))
        .raw_header(fixed("Content-Language", envelope.language.code()))
        .multipart(
            // No quoted-printable text has "=_" in it (RFC 2045, 6.7), so nobody can write the boundary into one.
            MultiPart::alternative()
                .boundary(format!("=_pakn-{}", envelope.letter_id.simple()))
                .singlepart(part(ContentType::TEXT_PLAIN, bodies.text))
                .singlepart(part(ContentType::TEXT_HTML, bodies.html)),
        )?;
    Ok(Outgoing::new(envelope.letter_id, &message))
}

fn recipient(kind: Kind, envelope: &Envelope) -> Result<Mailbox, Error> {
    let email = envelope.to_email.trim_matches(' ');
    // RFC 5321 allows 254 octets; a quoted local part could hold what breaks a command line.
    if email.len() > 254 || email.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(Error::Address);
    }
    let address: Address = email.parse().map_err(|_| Error::Address)?;
    let name: String = context::one_line(&envelope.to_name).chars().take(LONGEST_NAME).collect();
    let named = kind.names_recipient() && !name.is_empty();
    Ok(Mailbox::new(named.then_some(name), address))
}

fn fixed(name: &'static str, value: &'static str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

/// Quoted-printable throughout: unlike base64 it leaves line ends to the mail system, so that a reader gets back
/// the very text, and a person can read the raw letter.
fn part(content_type: ContentType, body: String) -> SinglePart {
    SinglePart::builder().header(content_type).header(ContentTransferEncoding::QuotedPrintable).body(body)
}
