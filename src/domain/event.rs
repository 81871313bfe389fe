//! What happened: the facts of each event, as the trail stores them.
//!
//! Ids, codes, instants, results and salted hashes of texts; never a name, an address or a body. Replaying
//! computes nothing: whatever was decided is written here.

use serde::{Deserialize, Serialize};

use super::{
    account::ActorRef,
    deadline::Count,
    ids::{AccountId, CopyId, DelegationId, LetterId, PetitionId, PublicationId, TextId, UnitId},
    petition::{DataRequest, Register},
    reveal::Looks,
    routing::Routed,
    text::TextRef,
    time::{Due, Instant},
    words::{
        Capacity, Channel, Clock, ClockStep, DataRight, ErasureGround, Finding, Kind, Language, Level, Medium,
        OutcomeKind, Priority, RefusalReason, State, SubjectClass, Verdict,
    },
};

/// An event with its place in the petition's life.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recorded {
    /// Which petition.
    pub petition: PetitionId,
    /// Number within the petition, from 1.
    pub seq: i64,
    /// The version it led to.
    pub version: i64,
    /// When.
    pub at: Instant,
    /// Who.
    pub actor: ActorRef,
    /// The state it led to.
    pub state: State,
    /// When the answer was due, after it.
    pub answer_due: Due,
    /// When the next level is to be raised, as things stood after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub watch_at: Option<Instant>,
    /// Ledger entries of the round's clocks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub clocks: Vec<ClockEntry>,
    /// What.
    pub event: Event,
}

/// One entry of a clock's ledger, with its result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockEntry {
    /// Which clock.
    pub clock: Clock,
    /// What was done to it.
    pub step: ClockStep,
    /// From when it counts.
    pub at: Instant,
    /// The due it leads to.
    pub due: Due,
    /// The due that the calendar alone would have led to, where that is another: a policy chosen, or a pause that ended,
    /// moved it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unmoved: Option<Due>,
    /// The due that the policy gives by itself, without pauses and extensions; where it was chosen anew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub original: Option<Due>,
    /// All that the due follows from; where it moved, and since ledgers have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<Count>,
    /// Version of the policy.
    pub policy: String,
    /// Version of the calendar.
    pub calendar: String,
}

/// To whom a petition was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assignment {
    /// The unit that leads.
    pub unit: UnitId,
    /// Units that contribute.
    pub co_units: Vec<UnitId>,
    /// The person.
    pub handler: Option<AccountId>,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "SCREAMING_SNAKE_CASE")]
#[expect(missing_docs, reason = "the fields are those of the petition and of the commands, documented there")]
pub enum Event {
    /// A petition was taken in.
    Submitted {
        code: String,
        petition_kind: Kind,
        class: Option<SubjectClass>,
        field: Option<String>,
        channel: Channel,
        medium: Medium,
        language: Language,
        focal: UnitId,
        received_at: Instant,
        entered_by: AccountId,
        text: TextRef,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        about: Option<DataRequest>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        concerned: Option<UnitId>,
    },
    /// Its petitioner made use of a right of data subjects, by another petition.
    DataRequested { request: PetitionId, right: DataRight },
    /// The petition that it is about complains of another unit by now, or of none.
    ConcernFollowed {
        concerned: Option<UnitId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        field: Option<String>,
    },
    /// The petitioner was asked; with what the day of the reply follows from.
    InformationRequested {
        question: TextRef,
        reply_by: Due,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reply_count: Option<Count>,
    },
    /// The petitioner replied.
    InformationProvided { text: TextRef },
    /// No reply came in time; it went back by itself.
    InformationLapsed,
    /// It was taken up.
    Accepted {
        petition_kind: Kind,
        class: Option<SubjectClass>,
        field: Option<String>,
        priority: Priority,
        priority_reason: Option<TextRef>,
        concerned: Option<UnitId>,
        register: Register,
        assignment: Option<Assignment>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        routed: Option<Routed>,
    },
    /// It was said anew what it is.
    Reclassified {
        petition_kind: Kind,
        class: Option<SubjectClass>,
        field: Option<String>,
        priority: Priority,
        priority_reason: Option<TextRef>,
        concerned: Option<UnitId>,
        reason: TextRef,
    },
    /// It was refused.
    Refused { reason: RefusalReason, text: TextRef, verdict: Verdict },
    /// It went to a body outside the tree.
    Transferred { text: TextRef, verdict: Verdict },
    /// It was given to a unit.
    Assigned { assignment: Assignment, reason: Option<TextRef> },
    /// The holder gave it back as "not ours": to the focal unit, or raised to what lies above those that did. Older ones
    /// do not say by which unit.
    Returned {
        reason: TextRef,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<UnitId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        raised_to: Option<UnitId>,
    },
    /// Work began.
    Started,
    /// A draft was kept.
    DraftSaved { text: TextRef, revision: i32, author: AccountId },
    /// A draft went to the approver.
    DraftSubmitted { outcome: OutcomeKind, finding: Option<Finding> },
    /// The approver sent it back.
    DraftSentBack {
        reason: TextRef,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        delegation: Option<DelegationId>,
    },
    /// It was answered; by which delegation, where for somebody else.
    Answered {
        text: TextId,
        approver: AccountId,
        capacity: Capacity,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        delegation: Option<DelegationId>,
        verdict: Verdict,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        recall_until: Option<Due>,
    },
    /// The answer was taken back.
    AnswerRecalled { reason: TextRef },
    /// The due of the answer was moved by decision.
    Extended { days: u32, original: Due, reason: TextRef },
    /// Its clocks were counted anew, by another calendar, and the day of the reply that is asked for, if it moved.
    Recalculated {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reply_by: Option<Due>,
    },
    /// Units that it names were dissolved: their successors stand in their places. `former` had it before, if another
    /// unit has it now.
    UnitSucceeded {
        focal: UnitId,
        holder: UnitId,
        co_units: Vec<UnitId>,
        concerned: Option<UnitId>,
        handler: Option<AccountId>,
        former: Option<UnitId>,
    },
    /// It reached levels that it is watched for, oldest first; none where it was looked at to be watched for another
    /// instant.
    Escalated { levels: Vec<Level> },
    /// The petitioner was told how it stands.
    ProgressPosted { text: TextRef },
    /// The petitioner took it back.
    Withdrawn { reason: Option<TextRef>, verdict: Verdict },
    /// The petitioner rated the answer.
    Rated { stars: i32, comment: Option<TextRef>, counted: bool },
    /// The petitioner had it taken up again.
    Reopened { reason: TextRef, delivered_at: Instant },
    /// The window passed.
    Closed { delivered_at: Instant },
    /// A note among staff.
    NoteAdded { text: TextRef },
    /// The unit complained of was given a redacted copy.
    CopyShared { copy: CopyId, unit: UnitId, text: TextRef, shared_on: chrono::NaiveDate },
    /// The unit complained of said something to it.
    StatementSubmitted { copy: CopyId, text: TextRef, submitted_on: chrono::NaiveDate },
    /// A public text was kept.
    RedactionSaved { text: TextRef, revision: i32 },
    /// The public text went on the record.
    Published { publication: PublicationId, revision: i32 },
    /// It came off again.
    TakenDown { publication: PublicationId, reason: TextRef },
    /// An operator had a letter tried again.
    LetterRetried { letter: LetterId },
    /// An operator gave a letter up.
    LetterAbandoned { letter: LetterId, reason: TextRef },
    /// Somebody handed a letter over, on paper or by telephone.
    LetterHandedOver { letter: LetterId, at: Instant, by: AccountId, how: TextRef },
    /// Who brought it was erased, with every text up to here; so many looks at them had been kept.
    Erased { ground: ErasureGround, document: TextRef, looks: Looks },
}

impl Event {
    /// Its stable name.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Submitted { .. } => "SUBMITTED",
            Self::DataRequested { .. } => "DATA_REQUESTED",
            Self::ConcernFollowed { .. } => "CONCERN_FOLLOWED",
            Self::InformationRequested { .. } => "INFORMATION_REQUESTED",
            Self::InformationProvided { .. } => "INFORMATION_PROVIDED",
            Self::InformationLapsed => "INFORMATION_LAPSED",
            Self::Accepted { .. } => "ACCEPTED",
            Self::Reclassified { .. } => "RECLASSIFIED",
            Self::Refused { .. } => "REFUSED",
            Self::Transferred { .. } => "TRANSFERRED",
            Self::Assigned { .. } => "ASSIGNED",
            Self::Returned { .. } => "RETURNED",
            Self::Started => "STARTED",
            Self::DraftSaved { .. } => "DRAFT_SAVED",
            Self::DraftSubmitted { .. } => "DRAFT_SUBMITTED",
            Self::DraftSentBack { .. } => "DRAFT_SENT_BACK",
            Self::Answered { .. } => "ANSWERED",
            Self::AnswerRecalled { .. } => "ANSWER_RECALLED",
            Self::Extended { .. } => "EXTENDED",
            Self::Recalculated { .. } => "RECALCULATED",
            Self::UnitSucceeded { .. } => "UNIT_SUCCEEDED",
            Self::Escalated { .. } => "ESCALATED",
            Self::ProgressPosted { .. } => "PROGRESS_POSTED",
            Self::Withdrawn { .. } => "WITHDRAWN",
            Self::Rated { .. } => "RATED",
            Self::Reopened { .. } => "REOPENED",
            Self::Closed { .. } => "CLOSED",
            Self::NoteAdded { .. } => "NOTE_ADDED",
            Self::CopyShared { .. } => "COPY_SHARED",
            Self::StatementSubmitted { .. } => "STATEMENT_SUBMITTED",
            Self::RedactionSaved { .. } => "REDACTION_SAVED",
            Self::Published { .. } => "PUBLISHED",
            Self::TakenDown { .. } => "TAKEN_DOWN",
            Self::LetterRetried { .. } => "LETTER_RETRIED",
            Self::LetterAbandoned { .. } => "LETTER_ABANDONED",
            Self::LetterHandedOver { .. } => "LETTER_HANDED_OVER",
            Self::Erased { .. } => "ERASED",
        }
    }

    /// Whether it moves what callers decide upon.
    pub const fn moves_version(&self) -> bool {
        !matches!(
            self,
            Self::NoteAdded { .. }
                | Self::DataRequested { .. }
                | Self::ConcernFollowed { .. }
                | Self::CopyShared { .. }
                | Self::StatementSubmitted { .. }
                | Self::Recalculated { .. }
                | Self::Escalated { .. }
                | Self::LetterRetried { .. }
                | Self::LetterAbandoned { .. }
                | Self::LetterHandedOver { .. }
        )
    }

    /// Why it was done, where somebody said so.
    pub const fn reason(&self) -> Option<&TextRef> {
        match self {
            Self::Reclassified { reason, .. }
            | Self::Returned { reason, .. }
            | Self::DraftSentBack { reason, .. }
            | Self::AnswerRecalled { reason }
            | Self::Extended { reason, .. }
            | Self::Reopened { reason, .. } => Some(reason),
            Self::Accepted { priority_reason: reason, .. }
            | Self::Assigned { reason, .. }
            | Self::Withdrawn { reason, .. } => reason.as_ref(),
            _ => None,
        }
    }

    /// The texts it names.
    pub fn texts(&self) -> Vec<&TextRef> {
        match self {
            Self::Submitted { text, .. }
            | Self::InformationRequested { question: text, .. }
            | Self::InformationProvided { text }
            | Self::Refused { text, .. }
            | Self::Transferred { text, .. }
            | Self::Returned { reason: text, .. }
            | Self::DraftSaved { text, .. }
            | Self::DraftSentBack { reason: text, .. }
            | Self::AnswerRecalled { reason: text }
            | Self::Extended { reason: text, .. }
            | Self::Reopened { reason: text, .. }
            | Self::NoteAdded { text }
            | Self::ProgressPosted { text }
            | Self::CopyShared { text, .. }
            | Self::StatementSubmitted { text, .. }
            | Self::RedactionSaved { text, .. }
            | Self::TakenDown { reason: text, .. }
            | Self::LetterAbandoned { reason: text, .. }
            | Self::LetterHandedOver { how: text, .. }
            | Self::Erased { document: text, .. } => vec![text],
            Self::Accepted { priority_reason: text, .. }
            | Self::Assigned { reason: text, .. }
            | Self::Withdrawn { reason: text, .. }
            | Self::Rated { comment: text, .. } => text.iter().collect(),
            Self::Reclassified { priority_reason, reason, .. } => {
                priority_reason.iter().chain(std::iter::once(reason)).collect()
            }
            // The approved text was named when the draft was saved.
            Self::Answered { .. }
            | Self::InformationLapsed
            | Self::DataRequested { .. }
            | Self::ConcernFollowed { .. }
            | Self::Recalculated { .. }
            | Self::UnitSucceeded { .. }
            | Self::Escalated { .. }
            | Self::Started
            | Self::DraftSubmitted { .. }
            | Self::Closed { .. }
            | Self::Published { .. }
            | Self::LetterRetried { .. } => Vec::new(),
        }
    }
}
