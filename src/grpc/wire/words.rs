//! The enums of the contract and of the domain, side by side. Their values have the same names.

use crate::{
    app::AttemptOutcome,
    domain::{letters::LetterStatus, report::Formula, words},
    pb,
};

/// A vocabulary that has numbers in the contract.
pub(crate) trait Numbered: Sized {
    /// The value of a number: `Some(None)` for 0, `None` for one that is unknown.
    fn of(number: i32) -> Option<Option<Self>>;
    /// The number of the value.
    fn number(self) -> i32;
}

macro_rules! same {
    ($($domain:ty = $wire:ident { $($value:ident),+ $(,)? })+) => {$(
        impl Numbered for $domain {
            fn of(number: i32) -> Option<Option<Self>> {
                match pb::$wire::try_from(number) {
                    Ok(pb::$wire::Unspecified) => Some(None),
                    $(Ok(pb::$wire::$value) => Some(Some(Self::$value)),)+
                    Err(_) => None,
                }
            }

            fn number(self) -> i32 {
                match self { $(Self::$value => pb::$wire::$value.into(),)+ }
            }
        }
    )+};
}

same! {
    words::Kind = PetitionKind { Feedback, Proposal, DataRequest }
    words::DataRight = DataRight { Access, Correction, Deletion, Restriction, Objection, ConsentWithdrawal }
    words::SubjectClass = SubjectClass { Conduct, Regulation, Both, Other }
    words::Channel = Channel { Portal, App, Email, Hotline, Post, InPerson, OpinionForm, Dialogue, Social }
    words::State = PetitionState {
        Submitted, NeedsInformation, Accepted, Assigned, InProgress, AwaitingApproval, Answered, Closed, Refused,
        Withdrawn, Merged, Transferred,
    }
    words::Priority = Priority { Normal, Urgent }
    words::Publication = PublicationState { None, Proposed, Published, Withheld, TakenDown }
    words::PetitionerType = PetitionerType { Individual, Organisation }
    words::Medium = Medium { Email, Paper, Phone, Portal }
    words::Language = Language { Vi, En }
    words::OutcomeKind = OutcomeKind {
        RuleAmended, RuleProposed, RuleIssued, Explained, ConductCorrected, Disciplined, NoBasis, KeptForStudy,
    }
    words::Finding = Finding { Founded, Unfounded, Undetermined }
    words::Capacity = Capacity { Head, Deputy, ByOrder, Authorised }
    words::RefusalReason = RefusalReason {
        MissingIdentity, NotVietnamese, Unclear, WrongChannel, Complaint, Denunciation, OutOfScope, StateSecret,
        AlreadyAnswered, HandledElsewhere, Duplicate, Abusive,
    }
    words::ErasureGround = ErasureGround { Request, RetentionEnded, Unlawful, Decision }
    words::Clock = Clock { Intake, Forward, Unit, Answer, Update }
    words::ClockRun = ClockRun { Running, Paused, Stopped }
    words::Level = WatchLevel {
        DueSoon, Due, Overdue, LongOverdue, Unaccepted, Unforwarded, UnitDueSoon, UnitOverdue, ProgressOwed, Unpublished,
        OftenReturned, ManyReveals, StatementSubmitted,
    }
    words::Condition = RoutingCondition {
        Validity, Field, Place, SubjectClass, PetitionerType, Channel, AllPhrases, AnyPhrase, Unit, UnitComplainedOf,
    }
    words::Routing = Routing { ByRule, Suggested, Tied, Unrouted }
    words::ClockStep = ClockStep { Start, Pause, Resume, Extend, Recalculate, Stop }
    words::Verdict = Verdict { Early, OnTime, Late }
    words::Role = Role { Portal, Clerk, Dispatcher, Handler, Approver, Supervisor, Administrator, Operator }
    words::UnitLevel = UnitLevel { Central, Ministry, Province, District, Commune, Department, Division }
    Formula = RateFormula { DueBasis, AnsweredBasis, TotalBasis }
    LetterStatus = LetterStatus { Pending, Accepted, Rejected, Unknown, Abandoned, Handover, Posted }
    AttemptOutcome = AttemptOutcome { Accepted, Deferred, Rejected, Unknown }
}

/// The number of a value that may be missing.
pub(crate) fn number<W: Numbered>(word: Option<W>) -> i32 {
    word.map_or(0, Numbered::number)
}
