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
        /// What a petitioner said with a rating.
        Comment = "COMMENT",
        /// A public copy, as JSON (see `text::Redaction`).
        Public = "PUBLIC",
    }
}

impl TextKind {
    /// Whether only staff may read it.
    pub const fn internal(self) -> bool {
        matches!(self, Self::Draft | Self::Note | Self::Reason)
    }
}

words! {
    /// Which clock (design §4).
    Clock {
        /// To Accept, Refuse or Transfer.
        Intake = "INTAKE",
        /// To the assignment that is not returned, or Transfer.
        Forward = "FORWARD",
        /// To the answer.
        Answer = "ANSWER",
    }
}

words! {
    /// What a ledger entry does to a clock.
    ClockStep {
        /// It begins.
        Start = "START",
        /// Its due moves later, by decision.
        Extend = "EXTEND",
        /// It ends.
        Stop = "STOP",
        /// It runs on as if never stopped.
        Resume = "RESUME",
    }
}
