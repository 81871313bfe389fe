//! Which letters follow from which event: one table.

use serde_json::{Value, json};

use super::{
    event::{Event, Recorded},
    ids::{AccountId, LetterId, Source, TextId, UnitId},
    ladder::Notice,
    petition::Petition,
    reference::Reference,
    time::{Due, Instant},
    unit::Unit,
    words::{Medium, words},
};

words! {
    /// The template of a letter.
    LetterKind {
        /// It was received.
        Receipt = "receipt",
        /// A question.
        Question = "question",
        /// It was taken up.
        Accepted = "accepted",
        /// It was refused.
        Refused = "refused",
        /// It went to another body.
        Transferred = "transferred",
        /// To that body.
        TransferNotice = "transfer_notice",
        /// The due moved.
        Extended = "extended",
        /// What it is was said anew, and the due moved with it; or the calendar moved it.
        Moved = "moved",
        /// How a late petition stands.
        Progress = "progress",
        /// The answer.
        Answer = "answer",
        /// The answer was taken back.
        Recalled = "recalled",
        /// It was taken up again.
        Reopened = "reopened",
        /// The unit that had it was dissolved; another one has it now.
        Succeeded = "succeeded",
        /// To a unit: it is yours now, as the successor.
        Inherited = "inherited",
        /// To a unit: it is yours now.
        Assigned = "assigned",
        /// To the unit complained of: a redacted copy awaits it.
        Copy = "copy",
        /// To a person: something urgent has reached a level.
        Notice = "notice",
        /// To a person: all that has reached a level since the last one.
        Digest = "digest",
    }
}

words! {
    /// To whom.
    Recipient {
        /// The petitioner.
        Petitioner = "PETITIONER",
        /// The mailbox of the holder.
        Unit = "UNIT",
        /// A body outside the tree.
        Body = "BODY",
        /// A person with an account.
        Account = "ACCOUNT",
    }
}

words! {
    /// Where a letter stands.
    LetterStatus {
        /// To be sent, or to be tried again.
        Pending = "PENDING",
        /// The mail server took it.
        Accepted = "ACCEPTED",
        /// Refused for good.
        Rejected = "REJECTED",
        /// The line broke after the data was sent.
        Unknown = "UNKNOWN",
        /// Given up by an operator, or because what it says does not stand any more.
        Abandoned = "ABANDONED",
        /// Waits to be handed over by a person.
        Handover = "HANDOVER",
        /// Shown on the portal.
        Posted = "POSTED",
    }
}

/// A letter owed. Holds no address and no body: it is rendered when it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// Its id.
    pub id: LetterId,
    /// Its template.
    pub kind: LetterKind,
    /// To whom.
    pub recipient: Recipient,
    /// Which person, where it goes to one.
    pub account: Option<AccountId>,
    /// By what means.
    pub medium: Medium,
    /// Where it stands when ordered.
    pub status: LetterStatus,
    /// The texts it carries.
    pub texts: Vec<TextId>,
    /// What else it says: dates, numbers, names of units. Never what the petitioner wrote.
    pub facts: Value,
    /// When it was ordered.
    pub ordered_at: Instant,
}

impl Letter {
    /// To a person: says what its notices say when it is sent.
    pub fn to_person(id: LetterId, kind: LetterKind, account: AccountId, now: Instant) -> Self {
        Self {
            id,
            kind,
            recipient: Recipient::Account,
            account: Some(account),
            medium: Medium::Email,
            status: LetterStatus::Pending,
            texts: Vec::new(),
            facts: json!({}),
            ordered_at: now,
        }
    }

    /// Puts the register number in, drawn only after the letter was ordered.
    pub(super) fn enter(&mut self, number: i64) {
        if let Some(Value::String(register)) = self.facts.get_mut("register_number")
            && let Some((_, place)) = register.split_once('/')
        {
            *register = format!("{number}/{place}");
        }
    }
}

/// What the letters of an event depend on beside the event and the row after it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Circumstances {
    /// The body that it is transferred to has an e-mail address.
    pub transfer_email: bool,
    /// When the answer was due before; where it is due on another day now.
    pub due_before: Option<Due>,
}

/// The letters that an event makes due. `after` is the row after it.
pub fn letters(
    after: &Petition,
    recorded: &Recorded,
    circumstances: Circumstances,
    context: (&Reference, &dyn Source),
) -> Vec<Letter> {
    let (reference, source) = context;
    let named: Vec<TextId> = recorded.event.texts().iter().map(|text| text.id).collect();
    let mut owed = Vec::new();
    let mut to = |recipient, kind, texts| {
        let medium = match recipient {
            Recipient::Petitioner => after.medium,
            Recipient::Body if !circumstances.transfer_email => Medium::Paper,
            Recipient::Body | Recipient::Unit | Recipient::Account => Medium::Email,
        };
        let status = match medium {
            Medium::Email => LetterStatus::Pending,
            Medium::Paper | Medium::Phone => LetterStatus::Handover,
            Medium::Portal => LetterStatus::Posted,
        };
        owed.push(Letter {
            id: LetterId(source.id(recorded.at)),
            kind,
            recipient,
            account: None,
            medium,
            status,
            texts,
            facts: facts(after, recorded, circumstances, reference),
            ordered_at: recorded.at,
        });
    };
    use {LetterKind as K, Recipient as R};
    match &recorded.event {
        Event::Submitted { .. } => to(R::Petitioner, K::Receipt, Vec::new()),
        Event::InformationRequested { .. } => to(R::Petitioner, K::Question, named),
        Event::Accepted { assignment, .. } => {
            to(R::Petitioner, K::Accepted, Vec::new());
            if assignment.is_some() && has_mailbox(after, reference) {
                to(R::Unit, K::Assigned, Vec::new());
            }
        }
        Event::Refused { .. } => to(R::Petitioner, K::Refused, named),
        Event::Transferred { .. } => {
            to(R::Petitioner, K::Transferred, named.clone());
            to(R::Body, K::TransferNotice, named.into_iter().chain([after.submission]).collect());
        }
        Event::Assigned { .. } if has_mailbox(after, reference) => to(R::Unit, K::Assigned, Vec::new()),
        Event::CopyShared { unit, .. } if reached(*unit, reference).is_some() => to(R::Unit, K::Copy, Vec::new()),
        Event::Answered { text, .. } => to(R::Petitioner, K::Answer, vec![*text]),
        Event::AnswerRecalled { .. } => to(R::Petitioner, K::Recalled, Vec::new()),
        Event::Extended { .. } => to(R::Petitioner, K::Extended, named),
        Event::Reclassified { .. } if circumstances.due_before.is_some() => to(R::Petitioner, K::Moved, Vec::new()),
        Event::Recalculated { .. } if circumstances.due_before.is_some() && reference.terms(after).tell_moved => {
            to(R::Petitioner, K::Moved, Vec::new());
        }
        Event::UnitSucceeded { former: Some(_), .. } => {
            to(R::Petitioner, K::Succeeded, Vec::new());
            if has_mailbox(after, reference) {
                to(R::Unit, K::Inherited, Vec::new());
            }
        }
        Event::ProgressPosted { .. } => to(R::Petitioner, K::Progress, named),
        Event::Reopened { .. } => to(R::Petitioner, K::Reopened, Vec::new()),
        _ => {}
    }
    owed
}

/// A notice that does not wait for the digest.
pub fn notice_letter(notice: &mut Notice, now: Instant, source: &dyn Source) -> Letter {
    let id = LetterId(source.id(now));
    notice.letter = Some(id);
    Letter::to_person(id, LetterKind::Notice, notice.account, now)
}

/// The unit that is told in the place of one that was complained of, if it has a mailbox.
fn reached(unit: UnitId, reference: &Reference) -> Option<&Unit> {
    reference.units.get(reference.units.heir(unit)).filter(|unit| !unit.mailbox.is_empty())
}

fn has_mailbox(after: &Petition, reference: &Reference) -> bool {
    reference.units.get(after.holder).is_some_and(|unit| !unit.mailbox.is_empty())
}

fn facts(after: &Petition, recorded: &Recorded, circumstances: Circumstances, reference: &Reference) -> Value {
    let unit = |id| reference.units.get(id).map_or("", |unit| unit.name.as_str());
    if let Event::CopyShared { unit: accused, .. } = recorded.event {
        // Those complained of learn nothing else of the case: neither its days nor its number.
        let told = reached(accused, reference).map_or("", |unit| unit.code.as_str());
        return json!({"unit": unit(accused), "focal_unit": unit(after.focal), "unit_code": told});
    }
    let register = after
        .register
        .map(|register| format!("{}/{}/{}", register.number, register.year, reference.units.code(register.unit)));
    let mut facts = json!({
        "received_at": reference.zone.words(after.received_at),
        "answer_due": after.answer_due.words(),
        "unit": unit(after.holder),
        "focal_unit": unit(after.focal),
        "unit_code": reference.units.code(after.holder),
    });
    let mut set = |key: &str, value: Option<String>| {
        if let (Some(value), Some(map)) = (value, facts.as_object_mut()) {
            map.insert(key.to_owned(), value.into());
        }
    };
    // A letter that says nothing of it is about feedback or a proposal.
    set("petition_kind", after.is_data_request().then(|| after.kind.as_str().to_owned()));
    set("register_number", register);
    set("reply_by", after.reply_by.map(|due| due.words()));
    // Chosen anew, it has another original by now: the petitioner is told what was promised until then.
    let promised = circumstances.due_before.filter(|_| matches!(recorded.event, Event::Reclassified { .. }));
    set("original_due", Some(promised.unwrap_or(after.original_due).words()));
    set("refusal_reason", after.refusal.map(|reason| reason.as_str().to_owned()));
    if let Event::UnitSucceeded { former: Some(former), .. } = recorded.event {
        set("former_unit", Some(unit(former).to_owned()));
    }
    if matches!(recorded.event, Event::Answered { .. }) {
        set("outcome", after.outcome.map(|outcome| outcome.as_str().to_owned()));
    }
    facts
}

#[cfg(test)]
mod tests;
