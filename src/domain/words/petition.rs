//! The words of a petition: kind, class, channel, state, outcome.

words! {
    /// What is brought (Decree 20/2008/NĐ-CP Art. 2).
    Kind {
        /// Phản ánh.
        Feedback = "FEEDBACK",
        /// Kiến nghị: feedback with a proposed solution.
        Proposal = "PROPOSAL",
        /// Yêu cầu của chủ thể dữ liệu: what a data subject asks about the personal data of another petition of theirs
        /// (Law 91/2025/QH15).
        DataRequest = "DATA_REQUEST",
    }
}

words! {
    /// Which right a data subject makes use of (Law 91/2025/QH15 Art. 4.1).
    DataRight {
        /// Xem, được cung cấp dữ liệu cá nhân.
        Access = "ACCESS",
        /// Chỉnh sửa dữ liệu cá nhân.
        Correction = "CORRECTION",
        /// Xóa dữ liệu cá nhân.
        Deletion = "DELETION",
        /// Hạn chế xử lý dữ liệu cá nhân.
        Restriction = "RESTRICTION",
        /// Phản đối xử lý dữ liệu cá nhân.
        Objection = "OBJECTION",
        /// Rút lại sự đồng ý cho phép xử lý dữ liệu cá nhân.
        ConsentWithdrawal = "CONSENT_WITHDRAWAL",
    }
}

impl DataRight {
    /// The matter of a request in a line, for lists: staff read Vietnamese.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Access => "Yêu cầu xem, cung cấp dữ liệu cá nhân",
            Self::Correction => "Yêu cầu chỉnh sửa dữ liệu cá nhân",
            Self::Deletion => "Yêu cầu xóa dữ liệu cá nhân",
            Self::Restriction => "Yêu cầu hạn chế xử lý dữ liệu cá nhân",
            Self::Objection => "Phản đối xử lý dữ liệu cá nhân",
            Self::ConsentWithdrawal => "Rút lại sự đồng ý xử lý dữ liệu cá nhân",
        }
    }
}

words! {
    /// What it is about (Art. 5).
    SubjectClass {
        /// Hành vi hành chính.
        Conduct = "CONDUCT",
        /// Quy định hành chính.
        Regulation = "REGULATION",
        /// Both.
        Both = "BOTH",
        /// Neither.
        Other = "OTHER",
    }
}

impl SubjectClass {
    /// Whether somebody's conduct is complained of, so that a concerned unit and a finding are needed.
    pub const fn concerns_conduct(self) -> bool {
        matches!(self, Self::Conduct | Self::Both)
    }
}

words! {
    /// The way a petition came.
    Channel {
        /// A web portal.
        Portal = "PORTAL",
        /// A mobile application.
        App = "APP",
        /// An e-mail, typed in.
        Email = "EMAIL",
        /// A call, written down.
        Hotline = "HOTLINE",
        /// A letter by post.
        Post = "POST",
        /// Brought in person.
        InPerson = "IN_PERSON",
        /// An opinion form.
        OpinionForm = "OPINION_FORM",
        /// An online dialogue.
        Dialogue = "DIALOGUE",
        /// A social network.
        Social = "SOCIAL",
    }
}

impl Channel {
    /// Whether an official types the petition in.
    pub const fn assisted(self) -> bool {
        !matches!(self, Self::Portal | Self::App)
    }
}

words! {
    /// Where a petition stands (design §3).
    State {
        /// Chờ tiếp nhận.
        Submitted = "SUBMITTED",
        /// Yêu cầu bổ sung.
        NeedsInformation = "NEEDS_INFORMATION",
        /// Đã tiếp nhận.
        Accepted = "ACCEPTED",
        /// Đã chuyển xử lý.
        Assigned = "ASSIGNED",
        /// Đang xử lý.
        InProgress = "IN_PROGRESS",
        /// Chờ phê duyệt.
        AwaitingApproval = "AWAITING_APPROVAL",
        /// Đã trả lời.
        Answered = "ANSWERED",
        /// Kết thúc.
        Closed = "CLOSED",
        /// Không tiếp nhận.
        Refused = "REFUSED",
        /// Đã rút.
        Withdrawn = "WITHDRAWN",
        /// Đã gộp.
        Merged = "MERGED",
        /// Đã chuyển cơ quan khác.
        Transferred = "TRANSFERRED",
    }
}

impl State {
    /// Whether the clock of the answer still runs.
    pub const fn is_open(self) -> bool {
        matches!(
            self,
            Self::Submitted
                | Self::NeedsInformation
                | Self::Accepted
                | Self::Assigned
                | Self::InProgress
                | Self::AwaitingApproval
        )
    }
}

words! {
    /// How urgent a petition is.
    Priority {
        /// The ordinary deadlines.
        Normal = "NORMAL",
        /// With a reason.
        Urgent = "URGENT",
    }
}

words! {
    /// How far the public copy has come; a facet of its own beside the state.
    Publication {
        /// Nothing to publish yet.
        None = "NONE",
        /// Answered; waits for a person.
        Proposed = "PROPOSED",
        /// On the public record.
        Published = "PUBLISHED",
        /// Decided against.
        Withheld = "WITHHELD",
        /// Was public, is no longer.
        TakenDown = "TAKEN_DOWN",
    }
}

words! {
    /// Who brings a petition.
    PetitionerType {
        /// A person.
        Individual = "INDIVIDUAL",
        /// A business or another organisation.
        Organisation = "ORGANISATION",
    }
}

words! {
    /// By what means a letter travels.
    Medium {
        /// E-mail.
        Email = "EMAIL",
        /// A paper letter, handed over by a person.
        Paper = "PAPER",
        /// A call, made by a person.
        Phone = "PHONE",
        /// Shown on the portal.
        Portal = "PORTAL",
    }
}

words! {
    /// The language of letters.
    Language {
        /// Vietnamese.
        Vi = "VI",
        /// English.
        En = "EN",
    }
}

words! {
    /// What came of a petition (Decree 20/2008/NĐ-CP).
    OutcomeKind {
        /// Own rule amended, supplemented, abolished or annulled.
        RuleAmended = "RULE_AMENDED",
        /// Change proposed to the competent body.
        RuleProposed = "RULE_PROPOSED",
        /// New rule issued or proposed.
        RuleIssued = "RULE_ISSUED",
        /// Explained.
        Explained = "EXPLAINED",
        /// Conduct corrected.
        ConductCorrected = "CONDUCT_CORRECTED",
        /// Those responsible disciplined.
        Disciplined = "DISCIPLINED",
        /// No basis.
        NoBasis = "NO_BASIS",
        /// Kept for study.
        KeptForStudy = "KEPT_FOR_STUDY",
    }
}

words! {
    /// What was found of the conduct complained of.
    Finding {
        /// Founded.
        Founded = "FOUNDED",
        /// Unfounded.
        Unfounded = "UNFOUNDED",
        /// Could not be determined.
        Undetermined = "UNDETERMINED",
    }
}

words! {
    /// In whose capacity an answer is signed.
    Capacity {
        /// The head.
        Head = "HEAD",
        /// KT.
        Deputy = "DEPUTY",
        /// TL.
        ByOrder = "BY_ORDER",
        /// TUQ.
        Authorised = "AUTHORISED",
    }
}

words! {
    /// The ground of a refusal (`domain.md`).
    RefusalReason {
        /// No name, address or contact.
        MissingIdentity = "MISSING_IDENTITY",
        /// Not in Vietnamese.
        NotVietnamese = "NOT_VIETNAMESE",
        /// Cannot be understood.
        Unclear = "UNCLEAR",
        /// Not through a published number or address.
        WrongChannel = "WRONG_CHANNEL",
        /// Law on complaints.
        Complaint = "COMPLAINT",
        /// Law on denunciations.
        Denunciation = "DENUNCIATION",
        /// Not a subject matter of Article 5.
        OutOfScope = "OUT_OF_SCOPE",
        /// Contains state secrets.
        StateSecret = "STATE_SECRET",
        /// Answered before, nothing new.
        AlreadyAnswered = "ALREADY_ANSWERED",
        /// Another body is handling it, or a court has ruled.
        HandledElsewhere = "HANDLED_ELSEWHERE",
        /// Same sender, same matter, still open.
        Duplicate = "DUPLICATE",
        /// Insult, slander, false identity.
        Abusive = "ABUSIVE",
    }
}

impl RefusalReason {
    /// Whether the petitioner must be shown the right path.
    pub const fn needs_redirect(self) -> bool {
        matches!(self, Self::Complaint | Self::Denunciation | Self::WrongChannel)
    }
}

words! {
    /// How a round ended against its due date.
    Verdict {
        /// Before the due day.
        Early = "EARLY",
        /// On it.
        OnTime = "ON_TIME",
        /// After it.
        Late = "LATE",
    }
}
