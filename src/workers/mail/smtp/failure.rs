//! What went wrong on the line, and what it means for the letter: that depends on how far it had come.

use std::error::Error as _;

use lettre::transport::smtp::{
    Error,
    response::{Response, Severity},
};

use crate::workers::mail::{envelope::Delivery, reply::tidy};

/// A step that did not succeed.
#[derive(Debug)]
pub(super) enum Failure {
    /// The server said no.
    Refused { code: u16, text: String },
    /// No reply that can be understood: refused, broken, silent, garbled, or TLS failed.
    Line(String),
    /// The server cannot carry this recipient's address.
    Address(&'static str),
}

impl Failure {
    /// A reply that was positive, but not the one that had to come.
    pub(super) fn unexpected(response: &Response) -> Failure {
        Failure::Line(format!("unexpected reply: {}", written_out(response)))
    }

    /// Whether the connection is of no use any more.
    pub(super) fn ends_line(&self) -> bool {
        matches!(self, Failure::Line(_) | Failure::Refused { code: 421, .. })
    }

    /// While connecting, protecting the line or logging in: the operator's trouble, never the recipient's.
    pub(super) fn of_server(self) -> Delivery {
        Delivery::Deferred { reply: self.reply() }
    }

    /// From MAIL up to the reply to DATA: nothing of the message was sent.
    pub(super) fn before_data(self) -> Delivery {
        match self {
            // Authentication is wanted, too weak or over (RFC 4954): the operator's trouble as well.
            Failure::Refused { code: 530 | 534 | 535 | 538, .. } | Failure::Line(_) => self.of_server(),
            Failure::Refused { code, .. } if code < 500 => self.of_server(),
            Failure::Refused { .. } | Failure::Address(_) => Delivery::Rejected { reply: self.reply() },
        }
    }

    /// Once any of the message was sent: without a clear no, it may have arrived.
    pub(super) fn after_data(self) -> Delivery {
        match self {
            Failure::Line(_) => Delivery::Unknown { reply: self.reply() },
            _ => self.before_data(),
        }
    }

    fn reply(&self) -> String {
        match self {
            Failure::Refused { code, text } => tidy(&format!("{code} {text}")),
            Failure::Line(text) => tidy(text),
            Failure::Address(text) => tidy(text),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        match error.status() {
            Some(code) => Failure::Refused {
                code: code.into(),
                text: error.source().map(ToString::to_string).unwrap_or_default(),
            },
            None => Failure::Line(error.to_string()),
        }
    }
}

/// A reply as one text, code first.
pub(super) fn written_out(response: &Response) -> String {
    let text: Vec<&str> = response.message().collect();
    format!("{} {}", response.code(), text.join(" "))
}

/// Whether the reply says that it is done (2yz).
pub(super) fn is_done(response: &Response) -> bool {
    response.code().severity == Severity::PositiveCompletion
}
