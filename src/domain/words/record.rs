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
        /// From each assignment to that unit's submission for approval.
        Unit = "UNIT",
        /// To the answer.
        Answer = "ANSWER",
        /// From the due of the answer to a progress note, again and again.
        Update = "UPDATE",
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
