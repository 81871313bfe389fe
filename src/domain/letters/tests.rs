//! The table of letters, written out from the design: which event orders which, to whom, with which texts.

use std::sync::atomic::{AtomicU64, Ordering};

use uuid::Uuid;

use super::*;
use crate::domain::{
    account::ActorRef,
    apply::apply,
    calendar::Calendars,
    event::{Assignment, ClockEntry},
    ids::{CopyId, PetitionId, PublicationId, UnitId},
    petition::Register,
    policy::{Policies, Policy},
    reveal::Looks,
    routing::Rules,
    text::TextRef,
    time::{Due, Zone},
    unit::{Unit, Units},
    words::{
        Capacity, Channel, Clock, ClockStep, DataRight, ErasureGround, Kind, Language, OutcomeKind, Priority,
        RefusalReason, State, SubjectClass, TextKind, UnitLevel, UnitState, Verdict,
    },
};

/// Counts.
struct Draws(AtomicU64);

impl Source for Draws {
    fn id(&self, _: Instant) -> Uuid {
        Uuid::from_u128(self.0.fetch_add(1, Ordering::Relaxed).into())
    }

    fn random(&self) -> [u8; 16] {
        [0; 16]
    }
}

const OFFICE: UnitId = UnitId(Uuid::from_u128(1));
const HOLDER: UnitId = UnitId(Uuid::from_u128(2));
/// Without a mailbox.
const SILENT: UnitId = UnitId(Uuid::from_u128(3));
const SOMEBODY: AccountId = AccountId(Uuid::from_u128(9));

fn now() -> Instant {
    Instant::from_timestamp(1_795_230_000, 0).unwrap()
}

fn due() -> Due {
    Due { date: "2026-12-11".parse().unwrap(), at: now(), provisional: false }
}

/// A text of an event, by a number.
fn text(number: u128, kind: TextKind) -> TextRef {
    TextRef { id: TextId(Uuid::from_u128(number)), kind, hash: String::new() }
}

fn unit(id: UnitId, code: &str, mailbox: &str) -> Unit {
    Unit {
        id,
        code: code.to_owned(),
        parent: (id != OFFICE).then_some(OFFICE),
        level: UnitLevel::Department,
        name: code.to_owned(),
        national_code: String::new(),
        short_name: String::new(),
        name_en: String::new(),
        short_name_en: String::new(),
        mailbox: mailbox.to_owned(),
        focal: id == OFFICE,
        valid_from: None,
        closed_on: None,
        state: UnitState::Open,
        successors: None,
    }
}

fn reference(policies: Vec<Policy>) -> Reference {
    let units = vec![unit(OFFICE, "VP", "vp@x.vn"), unit(HOLDER, "VT", "vt@x.vn"), unit(SILENT, "SILENT", "")];
    Reference {
        version: 1,
        zone: Zone(chrono_tz::Asia::Ho_Chi_Minh),
        units: Units::new(units),
        accounts: Default::default(),
        logins: Default::default(),
        grants: Default::default(),
        by_role: Default::default(),
        delegations: Default::default(),
        tokens: Default::default(),
        fields: Vec::new(),
        calendars: Calendars::new(Vec::new()).unwrap(),
        policies: Policies::new(policies, &[]),
        rules: Rules::default(),
    }
}

fn recorded(event: Event) -> Recorded {
    let clock = ClockEntry {
        clock: Clock::Answer,
        step: ClockStep::Start,
        at: now(),
        due: due(),
        unmoved: None,
        original: None,
        count: None,
        policy: "general-1".to_owned(),
        calendar: "vn-2026-1".to_owned(),
    };
    Recorded {
        petition: PetitionId(Uuid::from_u128(4)),
        seq: 1,
        version: 1,
        at: now(),
        actor: ActorRef::System,
        state: State::Submitted,
        answer_due: due(),
        watch_at: None,
        clocks: vec![clock],
        event,
    }
}

fn submitted(medium: Medium) -> Event {
    Event::Submitted {
        code: "PAKN.20261121.7K3F9Q2M".to_owned(),
        petition_kind: Kind::Feedback,
        class: None,
        field: None,
        channel: Channel::Portal,
        medium,
        language: Language::Vi,
        focal: OFFICE,
        received_at: now(),
        entered_by: SOMEBODY,
        text: text(10, TextKind::Submission),
        about: None,
        concerned: None,
    }
}

/// A petition that a unit has.
fn petition(medium: Medium, holder: UnitId) -> Petition {
    Petition { holder, ..apply(None, &recorded(submitted(medium))).unwrap() }
}

fn assignment(unit: UnitId) -> Assignment {
    Assignment { unit, co_units: Vec::new(), handler: None }
}

fn accepted(assignment: Option<Assignment>) -> Event {
    Event::Accepted {
        petition_kind: Kind::Feedback,
        class: Some(SubjectClass::Other),
        field: Some("TELECOM".to_owned()),
        priority: Priority::Normal,
        priority_reason: None,
        concerned: None,
        register: Register { unit: OFFICE, year: 2026, number: 7 },
        assignment,
        routed: None,
    }
}

fn reclassified() -> Event {
    Event::Reclassified {
        petition_kind: Kind::Feedback,
        class: None,
        field: None,
        priority: Priority::Normal,
        priority_reason: None,
        concerned: None,
        reason: text(11, TextKind::Reason),
    }
}

/// To whom, of what kind, with which texts.
type Owed = (Recipient, LetterKind, Vec<u128>);

/// What an event orders where nothing special is the case: the petition is HOLDER's, its due stays, the body has no
/// e-mail. A new event does not compile here before somebody has thought of its letters.
fn table(event: &Event) -> Vec<Owed> {
    use {LetterKind as K, Recipient as R};
    let petitioner = |kind, texts: &[u128]| vec![(R::Petitioner, kind, texts.to_vec())];
    match event {
        Event::Submitted { .. } => petitioner(K::Receipt, &[]),
        Event::InformationRequested { .. } => petitioner(K::Question, &[11]),
        Event::Accepted { assignment: None, .. } => petitioner(K::Accepted, &[]),
        Event::Accepted { assignment: Some(_), .. } => {
            vec![(R::Petitioner, K::Accepted, vec![]), (R::Unit, K::Assigned, vec![])]
        }
        Event::Refused { .. } => petitioner(K::Refused, &[11]),
        Event::Transferred { .. } => {
            vec![(R::Petitioner, K::Transferred, vec![11]), (R::Body, K::TransferNotice, vec![11, 10])]
        }
        Event::Assigned { .. } => vec![(R::Unit, K::Assigned, vec![])],
        Event::CopyShared { .. } => vec![(R::Unit, K::Copy, vec![])],
        Event::Answered { .. } => petitioner(K::Answer, &[12]),
        Event::AnswerRecalled { .. } => petitioner(K::Recalled, &[]),
        Event::Extended { .. } => petitioner(K::Extended, &[11]),
        Event::ProgressPosted { .. } => petitioner(K::Progress, &[11]),
        Event::Reopened { .. } => petitioner(K::Reopened, &[]),
        Event::UnitSucceeded { former: None, .. } => Vec::new(),
        Event::UnitSucceeded { former: Some(_), .. } => vec![(R::Petitioner, K::Succeeded, vec![]), (R::Unit, K::Inherited, vec![])],
        Event::InformationProvided { .. }
        // Of the request itself there is a receipt.
        | Event::DataRequested { .. }
        | Event::ConcernFollowed { .. }
        | Event::InformationLapsed
        | Event::Reclassified { .. }
        | Event::Returned { .. }
        | Event::Started
        | Event::DraftSaved { .. }
        | Event::DraftSubmitted { .. }
        | Event::DraftSentBack { .. }
        | Event::Recalculated { .. }
        // Persons are told of levels by notices; see `ladder`.
        | Event::Escalated { .. }
        | Event::Withdrawn { .. }
        | Event::Rated { .. }
        | Event::Closed { .. }
        | Event::NoteAdded { .. }
        | Event::StatementSubmitted { .. }
        | Event::RedactionSaved { .. }
        | Event::Published { .. }
        | Event::TakenDown { .. }
        | Event::LetterRetried { .. }
        // Whoever was erased is written to no more.
        | Event::Erased { .. }
        | Event::LetterAbandoned { .. }
        | Event::LetterHandedOver { .. } => Vec::new(),
    }
}

const fn succeeded(former: Option<UnitId>) -> Event {
    Event::UnitSucceeded { focal: OFFICE, holder: HOLDER, co_units: Vec::new(), concerned: None, handler: None, former }
}

const fn recalculated() -> Event {
    Event::Recalculated { reply_by: None }
}

/// One of each event.
fn events() -> Vec<Event> {
    let reason = || text(11, TextKind::Reason);
    let verdict = Verdict::OnTime;
    let publication = PublicationId(Uuid::from_u128(20));
    let letter = LetterId(Uuid::from_u128(21));
    let copy = CopyId(Uuid::from_u128(22));
    let id = TextId(Uuid::from_u128(12));
    vec![
        submitted(Medium::Email),
        Event::InformationRequested { question: text(11, TextKind::Question), reply_by: due(), reply_count: None },
        Event::InformationProvided { text: text(11, TextKind::Information) },
        Event::InformationLapsed,
        Event::DataRequested { request: PetitionId(Uuid::from_u128(23)), right: DataRight::Access },
        Event::ConcernFollowed { concerned: None, field: None },
        accepted(None),
        accepted(Some(assignment(HOLDER))),
        reclassified(),
        Event::Refused { reason: RefusalReason::Unclear, text: text(11, TextKind::Refusal), verdict },
        Event::Transferred { text: text(11, TextKind::Transfer), verdict },
        Event::Assigned { assignment: assignment(HOLDER), reason: Some(reason()) },
        Event::Returned { reason: reason(), by: Some(HOLDER), raised_to: None },
        Event::Started,
        Event::DraftSaved { text: text(11, TextKind::Draft), revision: 1, author: SOMEBODY },
        Event::DraftSubmitted { outcome: OutcomeKind::Explained, finding: None },
        Event::DraftSentBack { reason: reason(), delegation: None },
        Event::Answered {
            text: id,
            approver: SOMEBODY,
            capacity: Capacity::Head,
            verdict,
            delegation: None,
            recall_until: None,
        },
        Event::AnswerRecalled { reason: reason() },
        Event::Extended { days: 5, original: due(), reason: reason() },
        recalculated(),
        Event::Escalated { levels: Vec::new() },
        Event::ProgressPosted { text: text(11, TextKind::Progress) },
        Event::Withdrawn { reason: Some(reason()), verdict },
        Event::Rated { stars: 5, comment: None, counted: true },
        Event::Reopened { reason: reason(), delivered_at: now() },
        Event::Closed { delivered_at: now() },
        Event::NoteAdded { text: text(11, TextKind::Note) },
        Event::CopyShared { copy, unit: HOLDER, text: text(11, TextKind::Copy), shared_on: due().date },
        Event::StatementSubmitted { copy, text: text(11, TextKind::Statement), submitted_on: due().date },
        Event::RedactionSaved { text: text(11, TextKind::Public), revision: 1 },
        Event::Published { publication, revision: 1 },
        Event::TakenDown { publication, reason: reason() },
        succeeded(None),
        succeeded(Some(SILENT)),
        Event::Erased { ground: ErasureGround::Request, document: reason(), looks: Looks::default() },
        Event::LetterRetried { letter },
        Event::LetterAbandoned { letter, reason: reason() },
        Event::LetterHandedOver { letter, at: now(), by: AccountId(Uuid::from_u128(22)), how: reason() },
    ]
}

fn ordered(after: &Petition, event: Event, circumstances: Circumstances, reference: &Reference) -> Vec<Letter> {
    let source: &dyn Source = &Draws(AtomicU64::new(100));
    letters(after, &recorded(event), circumstances, (reference, source))
}

fn owed(letters: &[Letter]) -> Vec<Owed> {
    let texts = |letter: &Letter| letter.texts.iter().map(|text| text.0.as_u128()).collect();
    letters.iter().map(|letter| (letter.recipient, letter.kind, texts(letter))).collect()
}

/// What `event` orders, with a due that moved or not.
fn moved(event: Event, due_moved: bool, reference: &Reference) -> Vec<Owed> {
    let circumstances = Circumstances { due_before: due_moved.then(due), ..Circumstances::default() };
    owed(&ordered(&petition(Medium::Email, HOLDER), event, circumstances, reference))
}

#[test]
fn each_event_orders_what_the_table_says() {
    let reference = reference(Vec::new());
    let events = events();
    let mut names: Vec<&str> = events.iter().map(Event::name).collect();
    names.dedup();
    assert_eq!(names.len(), 37, "one of each: {names:?}");
    for event in events {
        let letters = ordered(&petition(Medium::Email, HOLDER), event.clone(), Circumstances::default(), &reference);
        assert_eq!(owed(&letters), table(&event), "{}", event.name());
        for letter in &letters {
            assert_eq!((letter.account, letter.ordered_at), (None, now()), "{}", event.name());
        }
    }
}

/// Who is written to by which means, and whether that is the mail's business.
#[test]
fn each_is_written_to_by_the_means_there_are() {
    use {LetterStatus as S, Medium as M};
    let reference = reference(Vec::new());
    for (medium, status) in
        [(M::Email, S::Pending), (M::Paper, S::Handover), (M::Phone, S::Handover), (M::Portal, S::Posted)]
    {
        let event = Event::Transferred { text: text(11, TextKind::Transfer), verdict: Verdict::OnTime };
        for (transfer_email, body) in [(false, (M::Paper, S::Handover)), (true, (M::Email, S::Pending))] {
            let circumstances = Circumstances { transfer_email, ..Circumstances::default() };
            let letters = ordered(&petition(medium, OFFICE), event.clone(), circumstances, &reference);
            let by: Vec<_> = letters.iter().map(|letter| (letter.medium, letter.status)).collect();
            assert_eq!(by, [(medium, status), body]);
        }
        // A unit has a mailbox, whatever the petitioner has.
        let given = Event::Assigned { assignment: assignment(HOLDER), reason: None };
        let letters = ordered(&petition(medium, HOLDER), given, Circumstances::default(), &reference);
        assert_eq!((letters[0].medium, letters[0].status), (M::Email, S::Pending));
    }
}

#[test]
fn a_unit_without_a_mailbox_is_not_written_to() {
    let reference = reference(Vec::new());
    let ordered = |event| owed(&ordered(&petition(Medium::Email, SILENT), event, Circumstances::default(), &reference));
    assert_eq!(ordered(Event::Assigned { assignment: assignment(SILENT), reason: None }), []);
    let accepted = ordered(accepted(Some(assignment(SILENT))));
    let wanted: [Owed; 1] = [(Recipient::Petitioner, LetterKind::Accepted, vec![])];
    assert_eq!(accepted, wanted);
}

/// A due that moved is told; of one that a calendar moved, only where the policy says so.
#[test]
fn a_due_that_moves_is_told() {
    let told: [Owed; 1] = [(Recipient::Petitioner, LetterKind::Moved, vec![])];
    let talkative = reference(Vec::new());
    assert_eq!(moved(reclassified(), true, &talkative), told);
    assert_eq!(moved(recalculated(), true, &talkative), told);
    assert_eq!(moved(recalculated(), false, &talkative), []);
    let [general, ..] = Policy::shipped();
    let mut silent = Policy { version: "general-2".to_owned(), ..general.clone() };
    silent.terms.tell_moved = false;
    let silent = reference(vec![silent]);
    let mut by_it = petition(Medium::Email, HOLDER);
    let mut entry = recorded(recalculated()).clocks.remove(0);
    entry.policy = "general-2".to_owned();
    by_it.clocks.wind(&entry);
    let circumstances = Circumstances { due_before: Some(due()), ..Circumstances::default() };
    assert_eq!(owed(&ordered(&by_it, recalculated(), circumstances, &silent)), []);
    assert_eq!(owed(&ordered(&by_it, reclassified(), circumstances, &silent)), told);
}
