//! The petition as it is now: the row that replaying its events gives.

use super::{
    clocks::Clocks,
    copies::SharedCopy,
    deadline::Count,
    ids::{AccountId, LetterId, PetitionId, PublicationId, TextId, UnitId},
    routing::Routed,
    time::{Due, Instant},
    words::{
        Capacity, Channel, Clock, DataRight, Finding, Kind, Language, Level, Medium, OutcomeKind, Priority,
        Publication, RefusalReason, Routing, State, SubjectClass, Verdict,
    },
};
use serde::{Deserialize, Serialize};

/// A petition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Petition {
    /// Its id.
    pub id: PetitionId,
    /// Tracking code.
    pub code: String,
    /// Generation of its access key.
    pub key_generation: i32,
    /// Number of its last event; the internal compare-and-set.
    pub seq: i64,
    /// Moves when something moves that callers decide upon.
    pub version: i64,
    /// Hash of its last event.
    #[serde(skip)]
    pub head: [u8; 32],
    /// Where it stands.
    pub state: State,
    /// Where it goes back to from `NEEDS_INFORMATION`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resume: Option<State>,
    /// From 1; reopening begins the next.
    pub round: i32,
    /// When the round began: receipt, or the reopening.
    pub round_at: Instant,
    /// Kind.
    pub kind: Kind,
    /// What it asks about which other petition; of `DATA_REQUEST` alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<DataRequest>,
    /// Requests of the data subject that were taken in about it.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub data_requests: u32,
    /// Subject class, once known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<SubjectClass>,
    /// Code of the field, once known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// Channel.
    pub channel: Channel,
    /// Priority.
    pub priority: Priority,
    /// Why urgent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority_reason: Option<TextId>,
    /// Medium of letters.
    pub medium: Medium,
    /// Language of letters.
    pub language: Language,
    /// The focal unit.
    pub focal: UnitId,
    /// The unit that has it now.
    pub holder: UnitId,
    /// The person it is assigned to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handler: Option<AccountId>,
    /// Co-handling units.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub co_units: Vec<UnitId>,
    /// The unit complained of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub concerned: Option<UnitId>,
    /// When it was received.
    pub received_at: Instant,
    /// When it was entered.
    pub entered_at: Instant,
    /// When its last event happened: the next one is not earlier, whatever the system's clock does.
    pub changed_at: Instant,
    /// Who entered it.
    pub entered_by: AccountId,
    /// What was submitted.
    pub submission: TextId,
    /// When it was accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted_at: Option<Instant>,
    /// Register number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub register: Option<Register>,
    /// When the holder got it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assigned_at: Option<Instant>,
    /// The clocks of the round, with all that their dues follow from; kept beside the rest, for those who want no more.
    #[serde(skip)]
    pub clocks: Clocks,
    /// The due of the answer was moved later, by anything but a calendar.
    pub prolonged: bool,
    /// Levels that were raised in the round, for clocks that have not begun anew since.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub raised: Vec<Level>,
    /// When the next level is to be raised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub watch_at: Option<Instant>,
    /// Clock ANSWER.
    pub answer_due: Due,
    /// Clock ANSWER as the policy that was chosen last gave it, before any pause or extension.
    pub original_due: Due,
    /// Extensions of the round.
    pub extensions: i32,
    /// Returns as "not ours", over all rounds.
    pub returns: i32,
    /// The units that returned it in the round, one for each time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub returned_by: Vec<UnitId>,
    /// How the rules stood for it when it was accepted, until somebody assigns it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub routed: Option<Routed>,
    /// The last question.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub question: Option<TextId>,
    /// By when a reply was asked for; while `NEEDS_INFORMATION`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_by: Option<Due>,
    /// All that this follows from; none where it is older than being counted anew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_count: Option<Count>,
    /// The last draft of the round.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub draft: Option<Draft>,
    /// Who saved drafts in the round; none of them may approve.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub draft_authors: Vec<AccountId>,
    /// Outcome submitted for approval.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<OutcomeKind>,
    /// Finding submitted for approval.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finding: Option<Finding>,
    /// The approved answer of the round.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<Answer>,
    /// When the round ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Instant>,
    /// How the round ended against its due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
    /// Why refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal: Option<RefusalReason>,
    /// The refusal or transfer in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ending: Option<TextId>,
    /// The petitioner's own rating of the round.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stars: Option<i32>,
    /// A rating of the round that a clerk entered: it counts for nothing and stands in nobody's way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heard_stars: Option<i32>,
    /// Publication: of the round's answer, once there is one; before that, of what is public of an earlier one.
    pub publication: Publication,
    /// The live public copy; perhaps of an earlier round's answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_id: Option<PublicationId>,
    /// The last saved public text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redaction: Option<TextId>,
    /// Its revision; 0 for none.
    pub redaction_revision: i32,
    /// Redacted copies that the unit complained of was given, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub copies: Vec<SharedCopy>,
    /// When who brought it was erased, with every text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub erased_at: Option<Instant>,
}

/// What a data subject asks, about which petition of theirs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataRequest {
    /// The petition that it is about.
    pub petition: PetitionId,
    /// Its tracking code.
    pub code: String,
    /// Which right is made use of.
    pub right: DataRight,
    /// The petition's field where it complains of somebody: by it the unit complained of has its successor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
}

const fn is_zero(count: &u32) -> bool {
    *count == 0
}

/// Register number (số vào sổ): gapless per focal unit and local year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Register {
    /// The focal unit.
    pub unit: UnitId,
    /// The local year.
    pub year: i32,
    /// From 1; 0 while the commit has not drawn it.
    pub number: i64,
}

/// A draft of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// Its text.
    pub text: TextId,
    /// From 1.
    pub revision: i32,
    /// Who saved it.
    pub author: AccountId,
}

/// An approved answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// Its text: the draft that was approved.
    pub text: TextId,
    /// When.
    pub at: Instant,
    /// Who approved it.
    pub approver: AccountId,
    /// In whose capacity.
    pub capacity: Capacity,
    /// Until when it may be recalled, by the calendar as it was then; none where that was not kept yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recall_until: Option<Due>,
}

/// A letter that was settled, as far as the life needs to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SettledLetter {
    /// Which.
    pub id: LetterId,
    /// When.
    pub at: Instant,
}

impl Petition {
    /// When a clock of the round is due, or was when it stopped; none if it never started.
    pub fn due(&self, clock: Clock) -> Option<Due> {
        self.clocks.get(clock).map(|standing| standing.due)
    }

    /// Whether no rule catches it, and it lies with the focal unit for that.
    pub fn is_unrouted(&self) -> bool {
        self.state.is_open() && self.routed.as_ref().is_some_and(|routed| routed.how == Routing::Unrouted)
    }

    /// Whether it lies with a unit to which it was raised after others had returned it, and that has not assigned it.
    pub fn is_raised(&self) -> bool {
        self.state.is_open() && self.holder != self.focal && self.assigned_at.is_none()
    }

    /// The unit complained of, if it is one's conduct; of a request about such a case it is that of the case.
    pub fn accused(&self) -> Option<UnitId> {
        let conduct = self.is_data_request() || self.class.is_some_and(SubjectClass::concerns_conduct);
        self.concerned.filter(|_| conduct)
    }

    /// Whether it is a request of the data subject about another petition.
    pub const fn is_data_request(&self) -> bool {
        self.about.is_some()
    }

    /// Open and past due at `now`.
    pub fn overdue(&self, now: Instant) -> bool {
        self.state.is_open() && now >= self.answer_due.at
    }
}
