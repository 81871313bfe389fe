//! The letters there are: their subjects, and what each must be given before it may go out.

use super::envelope::Language;

/// What a letter is about, as it calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Matter {
    /// Feedback or a proposal.
    Petition,
    /// A request of a data subject.
    DataRequest,
}

impl Matter {
    /// By the kind of the petition; that of most letters is not said.
    #[must_use]
    pub fn of(petition_kind: &str) -> Matter {
        if petition_kind == "DATA_REQUEST" { Matter::DataRequest } else { Matter::Petition }
    }

    /// Its noun, and the noun as a sentence begins.
    #[must_use]
    pub fn nouns(self, language: Language) -> (&'static str, &'static str) {
        match (self, language) {
            (Matter::Petition, Language::Vi) => ("phản ánh, kiến nghị", "Phản ánh, kiến nghị"),
            (Matter::DataRequest, Language::Vi) => ("yêu cầu về dữ liệu cá nhân", "Yêu cầu về dữ liệu cá nhân"),
            (Matter::Petition, Language::En) => ("petition", "Petition"),
            (Matter::DataRequest, Language::En) => ("data request", "Data request"),
        }
    }
}

/// One of the letters that the service sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// To the petitioner: received. Quotes nothing of theirs, since the address is not proved yet.
    Receipt,
    /// To the petitioner: more is needed.
    Question,
    /// To the petitioner: entered in the register.
    Accepted,
    /// To the petitioner: not taken up, why, and where to go.
    Refused,
    /// To the petitioner: passed to a body outside the tree.
    Transferred,
    /// To that body: the paper itself, without who wrote it.
    TransferNotice,
    /// To the petitioner: the deadline was extended.
    Extended,
    /// To the petitioner: the deadline moved, with what the petition was found to be or with the calendar.
    Moved,
    /// To the petitioner: how it stands, once it is late.
    Progress,
    /// To the petitioner: the answer.
    Answer,
    /// To the petitioner: the answer was recalled.
    Recalled,
    /// To the petitioner: taken up again.
    Reopened,
    /// To the petitioner: another unit handles it, since the one before was dissolved.
    Succeeded,
    /// To a unit's mailbox: a case of a dissolved unit is its own now. No word of the petitioner's.
    Inherited,
    /// To a unit's mailbox: a case was assigned. No word of the petitioner's.
    Assigned,
    /// To a unit's mailbox: a redacted copy of a case that complains of it awaits it. No word of it, and no code.
    Copy,
    /// To a person: an urgent petition has reached a level. No word of the petitioner's.
    Notice,
    /// To a person: all that has reached a level since the last one. No word of any petitioner's.
    Digest,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 18] = [
        Kind::Receipt,
        Kind::Question,
        Kind::Accepted,
        Kind::Refused,
        Kind::Transferred,
        Kind::TransferNotice,
        Kind::Extended,
        Kind::Moved,
        Kind::Progress,
        Kind::Answer,
        Kind::Recalled,
        Kind::Reopened,
        Kind::Succeeded,
        Kind::Inherited,
        Kind::Assigned,
        Kind::Copy,
        Kind::Notice,
        Kind::Digest,
    ];

    /// The kind of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Its name, which is also the name of its templates.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Kind::Receipt => "receipt",
            Kind::Question => "question",
            Kind::Accepted => "accepted",
            Kind::Refused => "refused",
            Kind::Transferred => "transferred",
            Kind::TransferNotice => "transfer_notice",
            Kind::Extended => "extended",
            Kind::Moved => "moved",
            Kind::Progress => "progress",
            Kind::Answer => "answer",
            Kind::Recalled => "recalled",
            Kind::Reopened => "reopened",
            Kind::Succeeded => "succeeded",
            Kind::Inherited => "inherited",
            Kind::Assigned => "assigned",
            Kind::Copy => "copy",
            Kind::Notice => "notice",
            Kind::Digest => "digest",
        }
    }

    /// What follows the code in the subject line: Vietnamese, with English after it for who reads English.
    #[must_use]
    pub fn subject(self, language: Language, matter: Matter) -> String {
        let said = |subject: &str, language| {
            let (petition, noun) = (Matter::Petition.nouns(language).0, matter.nouns(language).0);
            subject.replace(petition, noun)
        };
        let (vi, en) = match self {
            Kind::Receipt => ("Đã nhận phản ánh, kiến nghị", "Received"),
            Kind::Question => ("Đề nghị bổ sung thông tin", "More information needed"),
            Kind::Accepted => ("Đã tiếp nhận phản ánh, kiến nghị", "Accepted"),
            Kind::Refused => ("Không tiếp nhận phản ánh, kiến nghị", "Not accepted"),
            Kind::Transferred => ("Đã chuyển phản ánh, kiến nghị đến cơ quan khác", "Transferred"),
            Kind::TransferNotice => ("Chuyển phản ánh, kiến nghị đến cơ quan có thẩm quyền", "Transfer of a petition"),
            Kind::Extended => ("Gia hạn thời gian trả lời", "Deadline extended"),
            Kind::Moved => ("Thay đổi hạn trả lời", "Deadline changed"),
            Kind::Progress => ("Thông báo tiến độ xử lý", "Progress"),
            Kind::Answer => ("Trả lời phản ánh, kiến nghị", "Answer"),
            Kind::Recalled => ("Thu hồi nội dung trả lời", "Answer recalled"),
            Kind::Reopened => ("Xem xét lại phản ánh, kiến nghị", "Reopened"),
            Kind::Succeeded => ("Thay đổi cơ quan, đơn vị xử lý", "Handled by another unit"),
            Kind::Inherited => ("Kế thừa xử lý phản ánh, kiến nghị", "Case taken over"),
            Kind::Assigned => ("Giao xử lý phản ánh, kiến nghị", "Case assigned"),
            Kind::Copy => ("Đề nghị giải trình về nội dung phản ánh", "Your statement is asked for"),
            Kind::Notice => ("Phản ánh, kiến nghị khẩn cần lưu ý", "Urgent petition"),
            Kind::Digest => ("Phản ánh, kiến nghị cần lưu ý", "Petitions that want attention"),
        };
        match language {
            Language::Vi => said(vi, language),
            Language::En => format!("{} / {}", said(vi, Language::Vi), said(en, language)),
        }
    }

    /// Whether the recipient is greeted by name, in the letter and in its `To` line.
    #[must_use]
    pub fn names_recipient(self) -> bool {
        self != Kind::Receipt
    }

    /// The facts without which the letter would have a hole in it.
    #[must_use]
    pub fn facts(self) -> &'static [&'static str] {
        match self {
            Kind::Receipt => &["received_at", "answer_due"],
            Kind::Question => &["reply_by"],
            Kind::Accepted => &["register_number", "answer_due"],
            Kind::Refused => &["refusal_reason"],
            Kind::Transferred => &["body"],
            Kind::Extended | Kind::Moved => &["original_due", "answer_due"],
            Kind::Progress | Kind::Reopened => &["answer_due"],
            Kind::Succeeded | Kind::Inherited => &["former_unit", "unit", "answer_due"],
            Kind::Assigned => &["unit", "answer_due"],
            Kind::Copy => &["unit"],
            Kind::TransferNotice | Kind::Answer | Kind::Recalled | Kind::Notice | Kind::Digest => &[],
        }
    }

    /// The kind of text that the letter passes on, if it passes one on; it sees no other.
    #[must_use]
    pub fn text(self) -> Option<&'static str> {
        match self {
            Kind::Question => Some("QUESTION"),
            Kind::Refused => Some("REFUSAL"),
            Kind::TransferNotice => Some("SUBMISSION"),
            Kind::Extended => Some("REASON"),
            Kind::Progress => Some("PROGRESS"),
            Kind::Answer => Some("ANSWER"),
            Kind::Notice | Kind::Digest => Some("NOTICES"),
            Kind::Receipt
            | Kind::Accepted
            | Kind::Moved
            | Kind::Transferred
            | Kind::Recalled
            | Kind::Reopened
            | Kind::Succeeded
            | Kind::Inherited
            | Kind::Assigned
            | Kind::Copy => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_leads_back_to_its_kind() {
        for kind in Kind::ALL {
            assert_eq!(Kind::parse(kind.name()), Some(kind));
        }
        assert_eq!(Kind::parse("Receipt"), None);
    }
}
