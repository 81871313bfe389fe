//! Every command of the life as something that a person does.

use pakn::pb;

/// A command with what it says.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs, reason = "named as in the design")]
pub enum Deed {
    RequestInformation,
    ProvideInformation,
    /// As `OTHER`, without an assignment.
    Accept,
    /// As `REGULATION`.
    Reclassify,
    Refuse,
    Transfer,
    /// To a unit.
    Assign(&'static str),
    Return,
    Start,
    SaveDraft,
    SubmitDraft,
    SendBack,
    Approve,
    RecallAnswer,
    Extend,
    PostProgress,
    Withdraw,
    Rate,
    Reopen,
    AddNote,
    SaveRedaction,
    /// Of a revision.
    Publish(i32),
    TakeDown,
}

impl Deed {
    /// Its name in reason codes.
    pub fn name(&self) -> &'static str {
        match self {
            Self::RequestInformation => "REQUEST_INFORMATION",
            Self::ProvideInformation => "PROVIDE_INFORMATION",
            Self::Accept => "ACCEPT",
            Self::Reclassify => "RECLASSIFY",
            Self::Refuse => "REFUSE",
            Self::Transfer => "TRANSFER",
            Self::Assign(_) => "ASSIGN",
            Self::Return => "RETURN",
            Self::Start => "START",
            Self::SaveDraft => "SAVE_DRAFT",
            Self::SubmitDraft => "SUBMIT_DRAFT",
            Self::SendBack => "SEND_BACK",
            Self::Approve => "APPROVE",
            Self::RecallAnswer => "RECALL_ANSWER",
            Self::Extend => "EXTEND",
            Self::PostProgress => "POST_PROGRESS",
            Self::Withdraw => "WITHDRAW",
            Self::Rate => "RATE",
            Self::Reopen => "REOPEN",
            Self::AddNote => "ADD_NOTE",
            Self::SaveRedaction => "SAVE_REDACTION",
            Self::Publish(_) => "PUBLISH",
            Self::TakeDown => "TAKE_DOWN",
        }
    }

    /// Whether it is the petitioner's own.
    pub fn of_petitioner(&self) -> bool {
        matches!(self, Self::ProvideInformation | Self::Withdraw | Self::Rate | Self::Reopen)
    }
}

/// To a unit, nobody else.
pub fn assignment(unit: &str) -> pb::Assignment {
    pb::Assignment { unit: unit.to_owned(), ..pb::Assignment::default() }
}
