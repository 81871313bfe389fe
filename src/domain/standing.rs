//! What figures see of a round: one row for each time that it changed.
//!
//! The row of a round at an instant T is the one with `since < T <= until`. A parent's figures are its own plus
//! its children's, so a row names the holder alone.

use super::{
    ids::UnitId,
    petition::Petition,
    time::{Due, Instant},
    words::{Publication, State, SubjectClass, Verdict},
};

/// The countable facts of a round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Which round.
    pub round: i32,
    /// Whether it is of a request of a data subject, which figures of petitions leave out.
    pub data_request: bool,
    /// When the round began.
    pub received_at: Instant,
    /// Under whom it counts.
    pub holder: UnitId,
    /// Field, once known.
    pub field: Option<String>,
    /// Subject class, once known.
    pub class: Option<SubjectClass>,
    /// When its answer is due.
    pub due: Due,
    /// Whether the due was moved later, by anything but a calendar.
    pub extended: bool,
    /// When it ended.
    pub ended_at: Option<Instant>,
    /// As what: `ANSWERED`, `REFUSED`, `WITHDRAWN` or `TRANSFERRED`.
    pub end: Option<State>,
    /// How it ended against its due.
    pub verdict: Option<Verdict>,
    /// Whether the answer is public.
    pub published: bool,
}

impl Standing {
    /// The standing of the present round.
    pub fn of(petition: &Petition) -> Self {
        let end = petition.ended_at.map(|_| match petition.state {
            State::Closed => State::Answered,
            state => state,
        });
        Self {
            round: petition.round,
            data_request: petition.is_data_request(),
            received_at: petition.round_at,
            holder: petition.holder,
            field: petition.field.clone(),
            class: petition.class,
            due: petition.answer_due,
            extended: petition.prolonged,
            ended_at: petition.ended_at,
            end,
            verdict: petition.verdict,
            published: petition.answer.is_some() && petition.publication == Publication::Published,
        }
    }
}
