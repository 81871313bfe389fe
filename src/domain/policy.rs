//! How long things may take, and on what basis: the plain rules that are shipped.
//!
//! Facts of law, kept as data of one value; nothing else in the program knows a number of days.

use super::deadline::Span;

/// A deadline policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Names the version in ledgers.
    pub version: String,
    /// To accept, refuse or transfer.
    pub intake: Span,
    /// To forward what is not one's own (Decree 20/2008 Art. 9.1.d).
    pub forward: Span,
    /// To answer (Decision 574/QĐ-TTg 2017).
    pub answer: Span,
    /// How often a round may be extended.
    pub extensions: u32,
    /// By how many calendar days at most.
    pub extension_days: u32,
    /// Within which an answer may be recalled.
    pub recall: Span,
    /// Within which a petition may be reopened, from delivery of the answer.
    pub reopening: Span,
    /// How many days receipt may lie before entry.
    pub back_dating_days: u32,
    /// Working days to reply to a question, when the unit names none.
    pub reply_days: u32,
}

impl Policy {
    /// The policy that comes with the program.
    pub fn shipped() -> Self {
        Self {
            version: "vn-1".to_owned(),
            intake: Span::WorkingDays(2),
            forward: Span::WorkingDays(5),
            answer: Span::CalendarDays(20),
            extensions: 1,
            extension_days: 20,
            recall: Span::WorkingDays(3),
            reopening: Span::CalendarDays(15),
            back_dating_days: 30,
            reply_days: 5,
        }
    }
}
