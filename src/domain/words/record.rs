//! The words of the record: texts, clocks, ledger entries.

words! {
    /// What a text is.
    TextKind {
        /// Title, content and the rest of a submission, as JSON (see `text::Submission`).
        Submission = "SUBMISSION",
        /// A question to the petitioner.
        Question = "QUESTION",
        /// The reply to it.
        Information = "INFORMATION",
        /// A refusal, as JSON (see `text::Ending`).
        Refusal = "REFUSAL",
        /// A transfer, as JSON (see `text::Ending`).
        Transfer = "TRANSFER",
        /// A draft of the answer; the approved one is the answer.
        Draft = "DRAFT",
        /// An internal note.
        Note = "NOTE",
        /// Why something was done.
        Reason = "REASON",
        /// How a late petition stands, for the petitioner.
        Progress = "PROGRESS",
        /// What a petitioner said with a rating.
        Comment = "COMMENT",
        /// A public copy, as JSON (see `text::Redaction`).
        Public = "PUBLIC",
        /// A redacted copy for the unit complained of.
        Copy = "COPY",
        /// What the unit complained of says to it.
        Statement = "STATEMENT",
    }
}

impl TextKind {
    /// Whether only staff may read it.
    pub const fn internal(self) -> bool {
        matches!(self, Self::Draft | Self::Note | Self::Reason | Self::Copy | Self::Statement)
    }
}

words! {
    /// On what ground a petitioner is erased (Law 91/2025/QH15).
    ErasureGround {
        /// The data subject asked for it, or took a consent back.
        Request = "REQUEST",
        /// The time for which it is to be kept is over.
        RetentionEnded = "RETENTION_ENDED",
        /// It should never have been kept.
        Unlawful = "UNLAWFUL",
        /// A court or another competent body has decided it.
        Decision = "DECISION",
    }
}

words! {
    /// Which clock (design §4).
    Clock {
        /// To Accept, Refuse or Transfer.
        Intake = "INTAKE",
        /// To the assignment that is not returned, or Transfer.
        Forward = "FORWARD",
        /// From each assignment to that unit's submission for approval.
        Unit = "UNIT",
        /// To the answer.
        Answer = "ANSWER",
        /// From the due of the answer to a progress note, again and again.
        Update = "UPDATE",
    }
}

words! {
    /// How far something has come that a petition is watched for. Each is raised once for a run of its clock.
    Level {
        /// The answer is due in the policy's days.
        DueSoon = "DUE_SOON",
        /// The answer is due today.
        Due = "DUE",
        /// The answer is late.
        Overdue = "OVERDUE",
        /// The answer has been late for the policy's days.
        LongOverdue = "LONG_OVERDUE",
        /// It was to be accepted, refused or transferred by now.
        Unaccepted = "UNACCEPTED",
        /// It was to be forwarded by now.
        Unforwarded = "UNFORWARDED",
        /// The unit is to submit an answer for approval in the policy's days.
        UnitDueSoon = "UNIT_DUE_SOON",
        /// The unit was to submit an answer for approval by now.
        UnitOverdue = "UNIT_OVERDUE",
        /// The petitioner of a late petition was to hear how it stands by now.
        ProgressOwed = "PROGRESS_OWED",
        /// The answer was to be published by now.
        Unpublished = "UNPUBLISHED",
        /// Units have returned it as "not ours", and it was raised to the one above them. No clock leads to it.
        OftenReturned = "OFTEN_RETURNED",
        /// Somebody has looked at more identities in a day than is usual. No clock leads to it.
        ManyReveals = "MANY_REVEALS",
        /// The unit complained of has said something to its copy. No clock leads to it.
        StatementSubmitted = "STATEMENT_SUBMITTED",
    }
}

impl Level {
    /// The clock that leads to it; none for publication, for returns, looks and statements.
    pub const fn clock(self) -> Option<Clock> {
        match self {
            Self::DueSoon | Self::Due | Self::Overdue | Self::LongOverdue => Some(Clock::Answer),
            Self::Unaccepted => Some(Clock::Intake),
            Self::Unforwarded => Some(Clock::Forward),
            Self::UnitDueSoon | Self::UnitOverdue => Some(Clock::Unit),
            Self::ProgressOwed => Some(Clock::Update),
            Self::Unpublished | Self::OftenReturned | Self::ManyReveals | Self::StatementSubmitted => None,
        }
    }
}

words! {
    /// Whether a clock runs.
    ClockRun {
        /// It runs.
        Running = "RUNNING",
        /// It stands still until a reply, and runs on.
        Paused = "PAUSED",
        /// It has stopped.
        Stopped = "STOPPED",
    }
}

words! {
    /// What a ledger entry does to a clock.
    ClockStep {
        /// It begins.
        Start = "START",
        /// It stands still.
        Pause = "PAUSE",
        /// It runs on: after a pause, or as if it had never stopped.
        Resume = "RESUME",
        /// Its due moves later, by decision.
        Extend = "EXTEND",
        /// Its due moves because the policy or the calendar did.
        Recalculate = "RECALCULATE",
        /// It ends.
        Stop = "STOP",
    }
}
