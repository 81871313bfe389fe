//! What is tried in a life: every command there is, and which of them lead on.

use pakn::domain::{
    command::{Accept, Command, Reclassify},
    event::Assignment,
    ids::{AccountId, LetterId, UnitId},
    petition::Petition,
    text::{Ending, Redaction},
    words::{Capacity, Finding, OutcomeKind, Priority, RefusalReason, State, SubjectClass},
};
use proptest::sample::Index;

/// Who is right for it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Hand {
    Mighty,
    MightyToo,
    Petitioner,
    System,
}

/// What may be chosen from.
pub struct Choice<'a> {
    /// Units that handle.
    pub units: &'a [UnitId],
    /// A handler for all of them.
    pub handler: AccountId,
    /// A letter of the petition that is owed, or was given up.
    pub letter: Option<LetterId>,
    /// Chooses.
    pub pick: &'a Index,
}

impl Choice<'_> {
    fn lead(&self) -> UnitId {
        *self.pick.get(self.units)
    }

    /// Another unit than the lead, and not above it.
    fn other(&self) -> UnitId {
        self.units[(self.pick.index(self.units.len()) + 2) % self.units.len()]
    }

    fn alone(&self) -> Assignment {
        Assignment { unit: self.lead(), co_units: Vec::new(), handler: None }
    }

    fn together(&self) -> Assignment {
        Assignment { unit: self.lead(), co_units: vec![self.other()], handler: Some(self.handler) }
    }
}

fn words() -> String {
    "Vì lý do nêu trong hồ sơ.".to_owned()
}

fn accept(class: SubjectClass, concerned: Option<UnitId>, assignment: Option<Assignment>) -> (Command, Hand) {
    let urgent = class == SubjectClass::Regulation;
    let accept = Accept {
        kind: None,
        class: Some(class),
        field: Some("TELECOM".to_owned()),
        priority: if urgent { Priority::Urgent } else { Priority::Normal },
        priority_reason: urgent.then(words),
        concerned,
        assignment,
        written: None,
        requests: Vec::new(),
    };
    (Command::Accept(Box::new(accept)), Hand::Mighty)
}

fn reclassify(class: SubjectClass, concerned: Option<UnitId>, priority: Priority) -> (Command, Hand) {
    let reclassify = Reclassify {
        kind: None,
        class: Some(class),
        field: None,
        priority,
        priority_reason: (priority == Priority::Urgent).then(words),
        concerned,
        reason: words(),
        requests: Vec::new(),
    };
    (Command::Reclassify(Box::new(reclassify)), Hand::Mighty)
}

/// Every command, with whoever may give it. Written for the state that the petition is in.
pub fn commands(petition: &Petition, choice: &Choice<'_>) -> Vec<(Command, Hand)> {
    use Hand as H;
    let text = |text: &str| text.to_owned();
    let redaction = Redaction { title: text("Tiêu đề"), question: text("Câu hỏi"), answer: text("Trả lời") };
    let nothing = Redaction { title: String::new(), question: String::new(), answer: String::new() };
    let ending = || Ending { text: words(), body: text("Sở"), address: text("Phố"), ..Ending::default() };
    let conduct = petition.class.is_some_and(SubjectClass::concerns_conduct);
    let (outcome, finding) =
        if conduct { (OutcomeKind::ConductCorrected, Some(Finding::Founded)) } else { (OutcomeKind::Explained, None) };
    let assign = |assignment| (Command::Assign { assignment, reason: None }, H::Mighty);
    let mut all = vec![
        (Command::RequestInformation { question: words(), reply_days: Some(2) }, H::Mighty),
        // Longer than any pause.
        (Command::RequestInformation { question: words(), reply_days: Some(40) }, H::Mighty),
        (Command::ProvideInformation { text: words() }, H::Petitioner),
        (Command::LapseInformation, H::System),
        accept(SubjectClass::Other, None, None),
        accept(SubjectClass::Regulation, None, Some(choice.alone())),
        accept(SubjectClass::Conduct, Some(choice.other()), Some(choice.alone())),
        accept(SubjectClass::Other, None, Some(choice.together())),
        reclassify(SubjectClass::Regulation, None, Priority::Urgent),
        reclassify(SubjectClass::Other, None, Priority::Normal),
        reclassify(SubjectClass::Both, Some(choice.other()), Priority::Urgent),
        (Command::PostProgress { text: words() }, H::Mighty),
        (Command::Recalculate, H::System),
        (Command::MoveToSuccessor, H::System),
        (Command::Escalate, H::System),
        (Command::Refuse { reason: RefusalReason::Unclear, ending: ending() }, H::Mighty),
        (Command::Transfer { ending: ending() }, H::Mighty),
        assign(choice.alone()),
        assign(choice.together()),
        (Command::Return { reason: words() }, H::Mighty),
        (Command::Start, H::Mighty),
        (Command::SaveDraft { text: words(), based_on: None }, H::Mighty),
        (Command::SubmitDraft { outcome, finding }, H::Mighty),
        (Command::SendBack { reason: words() }, H::Mighty),
        (Command::Approve { capacity: Capacity::Head }, H::MightyToo),
        (Command::Approve { capacity: Capacity::Deputy }, H::MightyToo),
        (Command::RecallAnswer { reason: words() }, H::Mighty),
        (Command::Extend { days: 9, reason: words() }, H::Mighty),
        (Command::Withdraw { reason: None }, H::Petitioner),
        (Command::Rate { stars: 2, comment: None }, H::Petitioner),
        (Command::Reopen { reason: words() }, H::Petitioner),
        (Command::Close, H::System),
        (Command::AddNote { text: words() }, H::Mighty),
        (Command::ShareCopy { text: words(), petitioner: None }, H::Mighty),
        (Command::SaveRedaction { redaction }, H::Mighty),
        (Command::Publish { revision: petition.redaction_revision, redaction: nothing, petitioner: None }, H::Mighty),
        (Command::TakeDown { reason: words() }, H::Mighty),
    ];
    if let Some(letter) = choice.letter {
        all.push((Command::AbandonLetter { letter, reason: words() }, H::Mighty));
        all.push((Command::RetryLetter { letter }, H::Mighty));
    }
    all
}

/// Whether it leads on from a state: enough for lives that get somewhere.
pub fn leads_on(command: &Command, state: State) -> bool {
    use Command as C;
    match state {
        State::Submitted => matches!(
            command,
            C::RequestInformation { .. }
                | C::Accept(_)
                | C::AddNote { .. }
                | C::AbandonLetter { .. }
                | C::RetryLetter { .. }
        ),
        State::NeedsInformation => {
            matches!(command, C::ProvideInformation { .. } | C::LapseInformation | C::Extend { .. } | C::Escalate)
        }
        State::Accepted => {
            matches!(command, C::Assign { .. } | C::RequestInformation { .. } | C::Extend { .. } | C::Reclassify(_))
        }
        State::Assigned => {
            matches!(command, C::Start | C::SaveDraft { .. } | C::Return { .. } | C::Extend { .. } | C::Escalate)
        }
        State::InProgress => matches!(
            command,
            C::SaveDraft { .. } | C::SubmitDraft { .. } | C::RequestInformation { .. } | C::PostProgress { .. }
        ),
        State::AwaitingApproval => matches!(command, C::Approve { .. } | C::SendBack { .. } | C::Assign { .. }),
        _ => matches!(
            command,
            C::RecallAnswer { .. }
                | C::Rate { .. }
                | C::Reopen { .. }
                | C::Close
                | C::SaveRedaction { .. }
                | C::Publish { .. }
                | C::TakeDown { .. }
        ),
    }
}
