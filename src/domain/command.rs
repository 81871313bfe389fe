//! What may be asked of a petition. Texts have passed `text::parse`; units and fields have been looked up.

use super::{
    event::Assignment,
    ids::{AccountId, CopyId, LetterId, UnitId},
    petition::Petition,
    petitioner::Petitioner,
    reveal::Looks,
    routing::Written,
    text::{Ending, Redaction, Submission},
    time::Instant,
    words::{
        Capacity, Channel, DataRight, ErasureGround, Finding, Kind, Language, Medium, OutcomeKind, Priority,
        RefusalReason, SubjectClass,
    },
};

/// A new petition.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the fields are those of `Petition`, documented there")]
pub struct Submit {
    pub kind: Kind,
    pub class: Option<SubjectClass>,
    pub field: Option<String>,
    pub channel: Channel,
    pub submission: Submission,
    pub petitioner: Petitioner,
    pub medium: Medium,
    pub language: Language,
    /// Back-dated receipt, assisted channels only.
    pub received_at: Option<Instant>,
    /// None means the focal unit of the caller's unit.
    pub focal: Option<UnitId>,
}

/// A request of the data subject about a petition.
#[derive(Debug, Clone)]
pub struct RequestData {
    /// Which right is made use of.
    pub right: DataRight,
    /// What is asked for.
    pub text: String,
    /// The way it came; none means the portal, where the petitioner proved to be one through a portal.
    pub channel: Option<Channel>,
    /// Back-dated receipt, assisted channels only.
    pub received_at: Option<Instant>,
    /// What is known beside the petition; put in by the application for whoever may ask.
    pub known: Option<Box<Known>>,
}

/// What a request about a petition depends on beside it.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// Who brought the petition; none where nobody is known.
    pub petitioner: Option<Petitioner>,
    /// Requests about it that are open.
    pub open: usize,
}

/// A command on a petition that exists. The fields are those of the contract, documented there.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "see the contract")]
pub enum Command {
    RequestInformation { question: String, reply_days: Option<u32> },
    ProvideInformation { text: String },
    LapseInformation,
    Accept(Box<Accept>),
    Reclassify(Box<Reclassify>),
    Refuse { reason: RefusalReason, ending: Ending },
    Transfer { ending: Ending },
    Assign { assignment: Assignment, reason: Option<String> },
    Return { reason: String },
    Start,
    SaveDraft { text: String, based_on: Option<i32> },
    SubmitDraft { outcome: OutcomeKind, finding: Option<Finding> },
    SendBack { reason: String },
    Approve { capacity: Capacity },
    RecallAnswer { reason: String },
    Extend { days: u32, reason: String },
    PostProgress { text: String },
    Recalculate,
    MoveToSuccessor,
    Escalate,
    Withdraw { reason: Option<String> },
    Rate { stars: i32, comment: Option<String> },
    Reopen { reason: String },
    Close,
    AddNote { text: String },
    ShareCopy { text: String, petitioner: Option<Box<Petitioner>> },
    SubmitStatement { copy: CopyId, text: String },
    SaveRedaction { redaction: Redaction },
    Publish { revision: i32, redaction: Redaction, petitioner: Option<Box<Petitioner>> },
    TakeDown { reason: String },
    RetryLetter { letter: LetterId },
    AbandonLetter { letter: LetterId, reason: String },
    RecordHandover { letter: LetterId, at: Instant, by: AccountId, how: String },
    Erase { ground: ErasureGround, document: String, looks: Looks },
}

/// Takes a petition up.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "see the contract")]
pub struct Accept {
    pub kind: Option<Kind>,
    pub class: Option<SubjectClass>,
    pub field: Option<String>,
    pub priority: Priority,
    pub priority_reason: Option<String>,
    pub concerned: Option<UnitId>,
    pub assignment: Option<Assignment>,
    /// What rules read, where they are to be asked; put in by the application.
    pub written: Option<Written>,
    /// Requests of the data subject about it; put in by the application.
    pub requests: Vec<Petition>,
}

/// Says anew what a petition is. What is not given stays, but for the concerned unit, which is always said.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "see the contract")]
pub struct Reclassify {
    pub kind: Option<Kind>,
    pub class: Option<SubjectClass>,
    pub field: Option<String>,
    pub priority: Priority,
    pub priority_reason: Option<String>,
    pub concerned: Option<UnitId>,
    pub reason: String,
    /// Requests of the data subject about it; put in by the application.
    pub requests: Vec<Petition>,
}

impl Command {
    /// Its name in reason codes.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::RequestInformation { .. } => "REQUEST_INFORMATION",
            Self::ProvideInformation { .. } => "PROVIDE_INFORMATION",
            Self::LapseInformation => "LAPSE_INFORMATION",
            Self::Accept(_) => "ACCEPT",
            Self::Reclassify(_) => "RECLASSIFY",
            Self::Refuse { .. } => "REFUSE",
            Self::Transfer { .. } => "TRANSFER",
            Self::Assign { .. } => "ASSIGN",
            Self::Return { .. } => "RETURN",
            Self::Start => "START",
            Self::SaveDraft { .. } => "SAVE_DRAFT",
            Self::SubmitDraft { .. } => "SUBMIT_DRAFT",
            Self::SendBack { .. } => "SEND_BACK",
            Self::Approve { .. } => "APPROVE",
            Self::RecallAnswer { .. } => "RECALL_ANSWER",
            Self::Extend { .. } => "EXTEND",
            Self::PostProgress { .. } => "POST_PROGRESS",
            Self::Recalculate => "RECALCULATE",
            Self::MoveToSuccessor => "MOVE_TO_SUCCESSOR",
            Self::Escalate => "ESCALATE",
            Self::Withdraw { .. } => "WITHDRAW",
            Self::Rate { .. } => "RATE",
            Self::Reopen { .. } => "REOPEN",
            Self::Close => "CLOSE",
            Self::AddNote { .. } => "ADD_NOTE",
            Self::ShareCopy { .. } => "SHARE_COPY",
            Self::SubmitStatement { .. } => "SUBMIT_STATEMENT",
            Self::SaveRedaction { .. } => "SAVE_REDACTION",
            Self::Publish { .. } => "PUBLISH",
            Self::TakeDown { .. } => "TAKE_DOWN",
            Self::RetryLetter { .. } => "RETRY_LETTER",
            Self::AbandonLetter { .. } => "ABANDON_LETTER",
            Self::RecordHandover { .. } => "RECORD_HANDOVER",
            Self::Erase { .. } => "ERASE",
        }
    }

    /// The RPC that gives it; none for what happens by itself.
    pub const fn rpc(&self) -> Option<&'static str> {
        Some(match self {
            Self::RequestInformation { .. } => "RequestInformation",
            Self::ProvideInformation { .. } => "ProvideInformation",
            Self::Accept(_) => "AcceptPetition",
            Self::Reclassify(_) => "ReclassifyPetition",
            Self::Refuse { .. } => "RefusePetition",
            Self::Transfer { .. } => "TransferPetition",
            Self::Assign { .. } => "AssignPetition",
            Self::Return { .. } => "ReturnPetition",
            Self::Start => "StartPetition",
            Self::SaveDraft { .. } => "SaveDraft",
            Self::SubmitDraft { .. } => "SubmitDraft",
            Self::SendBack { .. } => "SendBackDraft",
            Self::Approve { .. } => "ApproveAnswer",
            Self::RecallAnswer { .. } => "RecallAnswer",
            Self::Extend { .. } => "ExtendDeadline",
            Self::PostProgress { .. } => "PostProgress",
            Self::Withdraw { .. } => "WithdrawPetition",
            Self::Rate { .. } => "RatePetition",
            Self::Reopen { .. } => "ReopenPetition",
            Self::AddNote { .. } => "AddNote",
            Self::ShareCopy { .. } => "ShareRedactedCopy",
            Self::SubmitStatement { .. } => "SubmitStatement",
            Self::SaveRedaction { .. } => "SaveRedaction",
            Self::Publish { .. } => "PublishPetition",
            Self::TakeDown { .. } => "TakeDownPublication",
            Self::RetryLetter { .. } => "RetryLetter",
            Self::AbandonLetter { .. } => "AbandonLetter",
            Self::RecordHandover { .. } => "RecordHandover",
            Self::Erase { .. } => "ErasePetition",
            Self::LapseInformation | Self::Recalculate | Self::MoveToSuccessor | Self::Escalate | Self::Close => {
                return None;
            }
        })
    }
}
