//! A letter written out, ready to go.

use std::fmt;

use lettre::Message;
use uuid::Uuid;

/// One rendered letter for one recipient: exactly the bytes that go out, so that their hash can be kept.
#[derive(Clone)]
pub struct Outgoing {
    letter_id: Uuid,
    envelope: lettre::address::Envelope,
    bytes: Vec<u8>,
}

impl Outgoing {
    pub(super) fn new(letter_id: Uuid, message: &Message) -> Outgoing {
        Outgoing { letter_id, envelope: message.envelope().clone(), bytes: message.formatted() }
    }

    /// The letter.
    #[must_use]
    pub fn letter_id(&self) -> Uuid {
        self.letter_id
    }

    /// The message, headers and all, with CRLF line ends.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(super) fn envelope(&self) -> &lettre::address::Envelope {
        &self.envelope
    }
}

/// Only the letter's id and length: logs never carry addresses or bodies.
impl fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outgoing")
            .field("letter_id", &self.letter_id)
            .field("bytes", &self.bytes.len())
            .finish_non_exhaustive()
    }
}
