//! The sample petitions of `data/demo/petitions.jsonl`, written by us: what was brought, and how far it has come.

use chrono::NaiveDate;
use serde::Deserialize;

use super::super::Failure;
use crate::domain::{
    text::Redaction,
    words::{Channel, Finding, Kind, OutcomeKind, PetitionerType, Priority, RefusalReason, SubjectClass},
};

const SAMPLES: &str = include_str!("../../../data/demo/petitions.jsonl");

/// One sample petition.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sample {
    pub(super) key: String,
    pub(super) kind: Kind,
    pub(super) subject_class: SubjectClass,
    pub(super) field: String,
    pub(super) channel: Channel,
    pub(super) title: String,
    pub(super) content: String,
    pub(super) proposal: String,
    pub(super) petitioner: Person,
    pub(super) language: Tongue,
    /// Code of the unit that answers.
    pub(super) lead_unit: String,
    /// Code of the unit complained of.
    pub(super) concerned_unit: Option<String>,
    /// How many days before the demo begins it was received.
    pub(super) days_ago: u32,
    pub(super) ending: Ending,
    pub(super) priority: Priority,
    pub(super) priority_reason: Option<String>,
    /// A note among staff; for `TAKEN_DOWN` why it was taken down.
    pub(super) note: Option<String>,
    pub(super) question: Option<String>,
    /// What the petitioner replied; without it the question lapses.
    pub(super) information: Option<String>,
    pub(super) draft: Option<String>,
    pub(super) outcome: Option<OutcomeKind>,
    pub(super) finding: Option<Finding>,
    /// How many days after receipt it was answered; left out: when the work was done.
    pub(super) answered_after_days: Option<u32>,
    pub(super) public_text: Option<Redaction>,
    pub(super) rating: Option<Rating>,
    pub(super) reopen_reason: Option<String>,
    pub(super) withdraw_reason: Option<String>,
    pub(super) refusal: Option<Refusal>,
    pub(super) transfer: Option<Transfer>,
}

/// Who brought it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Person {
    #[serde(rename = "type")]
    pub(super) kind: PetitionerType,
    pub(super) name: String,
    pub(super) email: String,
    pub(super) phone: String,
    pub(super) address: String,
}

/// The language of letters, as the file writes it.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Tongue {
    Vi,
    En,
}

/// How far it has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum Ending {
    Submitted,
    NeedsInformation,
    Accepted,
    Assigned,
    InProgress,
    AwaitingApproval,
    Answered,
    Closed,
    Published,
    TakenDown,
    Reopened,
    Refused,
    Withdrawn,
    Transferred,
}

/// What the petitioner thought of the answer.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rating {
    pub(super) stars: i32,
    pub(super) comment: String,
}

/// Why it was not taken up.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Refusal {
    pub(super) code: RefusalReason,
    pub(super) text: String,
    pub(super) redirect: String,
}

/// The body it went to.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Transfer {
    pub(super) body: String,
    pub(super) address: String,
    pub(super) reference: String,
    pub(super) email: String,
}

impl Sample {
    /// The local day it was received, seen from `today`.
    pub(super) fn received_on(&self, today: NaiveDate) -> NaiveDate {
        today.checked_sub_days(chrono::Days::new(u64::from(self.days_ago))).unwrap_or(today)
    }
}

/// All sample petitions.
///
/// # Errors
/// Never for the file as shipped; a test reads it.
pub(super) fn all() -> Result<Vec<Sample>, Failure> {
    let lines = SAMPLES.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let read = |(n, line)| {
        serde_json::from_str(line).map_err(|error| Failure::new(format!("petitions.jsonl line {}: {error}", n + 1)))
    };
    lines.map(read).collect()
}
