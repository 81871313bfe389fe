//! How an event changes the row. The only place where a petition changes; deciding and replaying share it.

use super::{
    clocks::{Clocks, Standing},
    event::{Assignment, ClockEntry, Event, Recorded},
    ids::AccountId,
    petition::{Answer, Draft, Petition},
    time::Instant,
    words::{Clock, ClockStep, Priority, Publication, State, Verdict},
};

/// Why events do not make a petition.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("event {seq} ({event}) {what}")]
pub struct Unfit {
    /// Number of the event.
    pub seq: i64,
    /// Its name.
    pub event: &'static str,
    /// Why it does not fit.
    pub what: &'static str,
}

/// Applies an event to the row before it; none before the first. `head` is left to whoever hashes the event.
///
/// # Errors
/// A first event that is not a submission, a second submission, or a gap in the numbers.
pub fn apply(before: Option<&Petition>, recorded: &Recorded) -> Result<Petition, Unfit> {
    let unfit = |what| Unfit { seq: recorded.seq, event: recorded.event.name(), what };
    let mut after = match before {
        Some(before) if before.id != recorded.petition => return Err(unfit("belongs to another petition")),
        Some(before) if before.seq + 1 != recorded.seq => return Err(unfit("does not follow the one before")),
        Some(before) => before.clone(),
        None if recorded.seq != 1 => return Err(unfit("is not the first")),
        None => begin(recorded).ok_or_else(|| unfit("does not begin a petition"))?,
    };
    if before.is_some() {
        change(&mut after, recorded).map_err(unfit)?;
    }
    for entry in &recorded.clocks {
        wind(&mut after, entry);
    }
    after.seq = recorded.seq;
    after.version = recorded.version;
    after.state = recorded.state;
    after.changed_at = recorded.at;
    after.watch_at = recorded.watch_at;
    Ok(after)
}

fn begin(recorded: &Recorded) -> Option<Petition> {
    let Event::Submitted {
        code,
        petition_kind,
        class,
        field,
        channel,
        medium,
        language,
        focal,
        received_at,
        entered_by,
        text,
    } = &recorded.event
    else {
        return None;
    };
    let answer_due = recorded.clocks.iter().find(|entry| entry.clock == Clock::Answer)?.due;
    Some(Petition {
        id: recorded.petition,
        code: code.clone(),
        key_generation: 0,
        seq: 0,
        version: 0,
        head: [0; 32],
        state: State::Submitted,
        resume: None,
        round: 1,
        round_at: *received_at,
        kind: *petition_kind,
        class: *class,
        field: field.clone(),
        channel: *channel,
        priority: Priority::Normal,
        priority_reason: None,
        medium: *medium,
        language: *language,
        focal: *focal,
        holder: *focal,
        handler: None,
        co_units: Vec::new(),
        concerned: None,
        received_at: *received_at,
        entered_at: recorded.at,
        changed_at: recorded.at,
        entered_by: *entered_by,
        submission: text.id,
        accepted_at: None,
        register: None,
        assigned_at: None,
        clocks: Clocks::default(),
        prolonged: false,
        raised: Vec::new(),
        watch_at: None,
        answer_due,
        original_due: answer_due,
        extensions: 0,
        returns: 0,
        question: None,
        reply_by: None,
        draft: None,
        draft_authors: Vec::new(),
        outcome: None,
        finding: None,
        answer: None,
        ended_at: None,
        verdict: None,
        refusal: None,
        ending: None,
        stars: None,
        publication: Publication::None,
        public_id: None,
        redaction: None,
        redaction_revision: 0,
        erased_at: None,
    })
}

fn change(petition: &mut Petition, recorded: &Recorded) -> Result<(), &'static str> {
    let at = recorded.at;
    match &recorded.event {
        Event::Submitted { .. } => return Err("begins a petition that has begun"),
        Event::InformationRequested { question, reply_by } => {
            petition.resume = Some(petition.state);
            petition.question = Some(question.id);
            petition.reply_by = Some(*reply_by);
        }
        Event::InformationProvided { .. } | Event::InformationLapsed => {
            petition.resume = None;
            petition.reply_by = None;
        }
        Event::Accepted { petition_kind, class, field, priority, priority_reason, concerned, register, assignment } => {
            petition.kind = *petition_kind;
            petition.class = Some(*class);
            petition.field = Some(field.clone());
            petition.priority = *priority;
            petition.priority_reason = priority_reason.as_ref().map(|text| text.id);
            petition.concerned = *concerned;
            petition.register = Some(*register);
            petition.accepted_at = Some(at);
            if let Some(assignment) = assignment {
                assign(petition, assignment, at);
            }
        }
        Event::Reclassified { petition_kind, class, field, priority, priority_reason, concerned, .. } => {
            petition.kind = *petition_kind;
            petition.class = *class;
            petition.field.clone_from(field);
            petition.priority = *priority;
            petition.priority_reason = priority_reason.as_ref().map(|text| text.id);
            petition.concerned = *concerned;
        }
        Event::Refused { reason, text, verdict } => {
            petition.refusal = Some(*reason);
            petition.ending = Some(text.id);
            end(petition, at, *verdict);
        }
        Event::Transferred { text, verdict } => {
            petition.ending = Some(text.id);
            end(petition, at, *verdict);
        }
        Event::Assigned { assignment, .. } => assign(petition, assignment, at),
        Event::Returned { .. } => {
            petition.returns += 1;
            to_focal(petition);
        }
        Event::DraftSaved { text, revision, author } => {
            petition.draft = Some(Draft { text: text.id, revision: *revision, author: *author });
            remember(&mut petition.draft_authors, *author);
        }
        Event::DraftSubmitted { outcome, finding } => {
            petition.outcome = Some(*outcome);
            petition.finding = *finding;
        }
        Event::Answered { text, approver, capacity, verdict } => {
            petition.answer = Some(Answer { text: *text, at, approver: *approver, capacity: *capacity });
            petition.publication = Publication::Proposed;
            end(petition, at, *verdict);
        }
        Event::AnswerRecalled { .. } => {
            petition.answer = None;
            petition.ended_at = None;
            petition.verdict = None;
            petition.publication = Publication::None;
            petition.redaction = None;
            petition.raised.retain(|level| level.clock().is_some());
        }
        Event::Extended { .. } => petition.extensions += 1,
        Event::Escalated { levels } => petition.raised.extend(levels),
        Event::Withdrawn { verdict, .. } => end(petition, at, *verdict),
        Event::Rated { stars, .. } => petition.stars = Some(*stars),
        Event::Reopened { .. } => next_round(petition, at),
        Event::RedactionSaved { text, revision } => {
            petition.redaction = Some(text.id);
            petition.redaction_revision = *revision;
        }
        Event::Published { publication, .. } => {
            petition.publication = Publication::Published;
            petition.public_id = Some(*publication);
        }
        Event::TakenDown { .. } => {
            petition.publication = Publication::TakenDown;
            petition.public_id = None;
        }
        Event::Erased { .. } => {
            petition.erased_at = Some(at);
            // What waited to be published has nothing left to say.
            if petition.publication == Publication::Proposed {
                petition.publication = Publication::Withheld;
            }
        }
        Event::Started
        | Event::DraftSentBack { .. }
        | Event::Closed { .. }
        | Event::NoteAdded { .. }
        | Event::Recalculated
        | Event::ProgressPosted { .. }
        | Event::LetterRetried { .. }
        | Event::LetterAbandoned { .. } => {}
    }
    Ok(())
}

fn assign(petition: &mut Petition, assignment: &Assignment, at: Instant) {
    petition.holder = assignment.unit;
    petition.co_units.clone_from(&assignment.co_units);
    petition.handler = assignment.handler;
    petition.assigned_at = Some(at);
    petition.outcome = None;
    petition.finding = None;
}

fn to_focal(petition: &mut Petition) {
    petition.holder = petition.focal;
    petition.co_units.clear();
    petition.handler = None;
    petition.assigned_at = None;
}

fn end(petition: &mut Petition, at: Instant, verdict: Verdict) {
    petition.ended_at = Some(at);
    petition.verdict = Some(verdict);
    petition.resume = None;
    petition.reply_by = None;
}

fn next_round(petition: &mut Petition, at: Instant) {
    to_focal(petition);
    petition.round += 1;
    petition.round_at = at;
    petition.extensions = 0;
    petition.prolonged = false;
    petition.clocks = Clocks::default();
    petition.raised.clear();
    petition.draft = None;
    petition.draft_authors.clear();
    petition.outcome = None;
    petition.finding = None;
    petition.answer = None;
    petition.ended_at = None;
    petition.verdict = None;
    petition.stars = None;
    // A public text speaks of one answer; the next one needs its own.
    petition.redaction = None;
}

fn remember(authors: &mut Vec<AccountId>, author: AccountId) {
    if !authors.contains(&author) {
        authors.push(author);
    }
}

fn wind(petition: &mut Petition, entry: &ClockEntry) {
    let before = petition.clocks.get(entry.clock).cloned();
    petition.clocks.wind(entry);
    if entry.step == ClockStep::Start {
        // A clock that begins anew leads to all its levels again.
        petition.raised.retain(|level| level.clock() != Some(entry.clock));
    }
    if entry.clock == Clock::Answer {
        if entry.step == ClockStep::Start {
            petition.original_due = entry.due;
        }
        petition.prolonged |= before.is_some_and(|before| prolongs(&before, entry));
        petition.answer_due = entry.due;
    }
}

/// Whether an entry moves the due later, by anything but a calendar.
fn prolongs(before: &Standing, entry: &ClockEntry) -> bool {
    match entry.step {
        ClockStep::Extend => true,
        ClockStep::Recalculate => entry.policy != before.policy && entry.due.at > before.due.at,
        // What a pause comes to is known when it ends.
        ClockStep::Resume => before.before_pause.is_some_and(|due| entry.due.at > due.at),
        ClockStep::Start | ClockStep::Pause | ClockStep::Stop => false,
    }
}
