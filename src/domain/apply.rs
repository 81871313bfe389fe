//! How an event changes the row. The only place where a petition changes; deciding and replaying share it.

use super::{
    clocks::Clocks,
    copies::{SharedCopy, Statement},
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
    if !after.state.is_open() {
        after.copies.iter_mut().for_each(|copy| copy.closed = true);
    }
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
        about,
        concerned,
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
        about: about.clone(),
        data_requests: 0,
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
        concerned: *concerned,
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
        returned_by: Vec::new(),
        routed: None,
        question: None,
        reply_by: None,
        reply_count: None,
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
        heard_stars: None,
        publication: Publication::None,
        public_id: None,
        redaction: None,
        redaction_revision: 0,
        copies: Vec::new(),
        erased_at: None,
    })
}

fn change(petition: &mut Petition, recorded: &Recorded) -> Result<(), &'static str> {
    let at = recorded.at;
    match &recorded.event {
        Event::Submitted { .. } => return Err("begins a petition that has begun"),
        Event::InformationRequested { question, reply_by, reply_count } => {
            petition.resume = Some(petition.state);
            petition.question = Some(question.id);
            petition.reply_by = Some(*reply_by);
            petition.reply_count.clone_from(reply_count);
        }
        Event::InformationProvided { .. } | Event::InformationLapsed => reply_no_more(petition),
        Event::Recalculated { reply_by } => petition.reply_by = reply_by.or(petition.reply_by),
        Event::Accepted {
            petition_kind,
            class,
            field,
            priority,
            priority_reason,
            concerned,
            register,
            assignment,
            routed,
        } => {
            petition.kind = *petition_kind;
            petition.class = *class;
            petition.field.clone_from(field);
            petition.priority = *priority;
            petition.priority_reason = priority_reason.as_ref().map(|text| text.id);
            petition.concerned = *concerned;
            petition.register = Some(*register);
            petition.accepted_at = Some(at);
            if let Some(assignment) = assignment {
                assign(petition, assignment, at);
            }
            petition.routed.clone_from(routed);
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
        Event::Assigned { assignment, .. } => {
            assign(petition, assignment, at);
            petition.routed = None;
        }
        Event::Returned { by, raised_to, .. } => {
            petition.returns += 1;
            petition.returned_by.extend(by);
            to_focal(petition);
            petition.holder = raised_to.unwrap_or(petition.focal);
        }
        Event::DraftSaved { text, revision, author } => {
            petition.draft = Some(Draft { text: text.id, revision: *revision, author: *author });
            remember(&mut petition.draft_authors, *author);
        }
        Event::DraftSubmitted { outcome, finding } => {
            petition.outcome = Some(*outcome);
            petition.finding = *finding;
        }
        Event::Answered { text, approver, capacity, verdict, recall_until, .. } => {
            let (approver, capacity, recall_until) = (*approver, *capacity, *recall_until);
            petition.answer = Some(Answer { text: *text, at, approver, capacity, recall_until });
            // What a data subject asks is nobody else's.
            let private = petition.is_data_request();
            petition.publication = if private { Publication::Withheld } else { Publication::Proposed };
            end(petition, at, *verdict);
        }
        Event::AnswerRecalled { .. } => {
            petition.answer = None;
            petition.ended_at = None;
            petition.verdict = None;
            petition.heard_stars = None;
            // What was public before it was given still is.
            petition.publication =
                if petition.public_id.is_some() { Publication::Published } else { Publication::None };
            petition.redaction = None;
            petition.raised.retain(|level| level.clock().is_some());
        }
        Event::UnitSucceeded { focal, holder, co_units, concerned, handler, former } => {
            // What its unit was given of the case is its successor's.
            if let (Some(was), Some(now)) = (petition.concerned, *concerned) {
                petition.copies.iter_mut().filter(|copy| copy.unit == was).for_each(|copy| copy.unit = now);
            }
            petition.focal = *focal;
            petition.holder = *holder;
            petition.co_units.clone_from(co_units);
            petition.concerned = *concerned;
            petition.handler = *handler;
            petition.assigned_at = petition.assigned_at.map(|before| if former.is_some() { at } else { before });
        }
        Event::DataRequested { .. } => petition.data_requests = petition.data_requests.saturating_add(1),
        Event::ConcernFollowed { concerned, field } => {
            petition.concerned = *concerned;
            if let Some(about) = &mut petition.about {
                about.field.clone_from(field);
            }
        }
        Event::Extended { .. } => petition.extensions += 1,
        Event::Escalated { levels } => petition.raised.extend(levels),
        Event::Withdrawn { verdict, .. } => end(petition, at, *verdict),
        Event::Rated { stars, counted: true, .. } => petition.stars = Some(*stars),
        Event::Rated { stars, counted: false, .. } => petition.heard_stars = Some(*stars),
        Event::Reopened { .. } => next_round(petition, at),
        Event::CopyShared { copy, unit, text, shared_on } => {
            let (id, unit, shared_on) = (*copy, *unit, *shared_on);
            petition.copies.push(SharedCopy {
                id,
                unit,
                text: text.id,
                shared_on,
                closed: false,
                statements: Vec::new(),
            });
        }
        Event::StatementSubmitted { copy, text, submitted_on } => {
            let shared = petition.copies.iter_mut().find(|shared| shared.id == *copy);
            let shared = shared.ok_or("is about a copy that was not shared")?;
            shared.statements.push(Statement { text: text.id, submitted_on: *submitted_on });
        }
        Event::RedactionSaved { text, revision } => {
            petition.redaction = Some(text.id);
            petition.redaction_revision = *revision;
        }
        Event::Published { publication, .. } => {
            petition.publication = Publication::Published;
            petition.public_id = Some(*publication);
        }
        Event::TakenDown { .. } => {
            // A copy of an earlier answer says nothing of the present one, which is still to be published.
            if petition.publication == Publication::Published {
                petition.publication = Publication::TakenDown;
            }
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
        | Event::ProgressPosted { .. }
        | Event::LetterRetried { .. }
        | Event::LetterAbandoned { .. }
        | Event::LetterHandedOver { .. } => {}
    }
    Ok(())
}

fn assign(petition: &mut Petition, assignment: &Assignment, at: Instant) {
    // Another person in the same unit is no new beginning.
    if petition.holder != assignment.unit || petition.assigned_at.is_none() {
        petition.assigned_at = Some(at);
    }
    petition.holder = assignment.unit;
    petition.co_units.clone_from(&assignment.co_units);
    petition.handler = assignment.handler;
    petition.outcome = None;
    petition.finding = None;
}

fn to_focal(petition: &mut Petition) {
    petition.holder = petition.focal;
    petition.co_units.clear();
    petition.handler = None;
    petition.assigned_at = None;
    petition.routed = None;
}

fn end(petition: &mut Petition, at: Instant, verdict: Verdict) {
    petition.ended_at = Some(at);
    petition.verdict = Some(verdict);
    reply_no_more(petition);
}

fn reply_no_more(petition: &mut Petition) {
    petition.resume = None;
    petition.reply_by = None;
    petition.reply_count = None;
}

fn next_round(petition: &mut Petition, at: Instant) {
    to_focal(petition);
    petition.round += 1;
    petition.round_at = at;
    petition.extensions = 0;
    petition.prolonged = false;
    petition.clocks = Clocks::default();
    petition.raised.clear();
    petition.returned_by.clear();
    petition.draft = None;
    petition.draft_authors.clear();
    petition.outcome = None;
    petition.finding = None;
    petition.answer = None;
    petition.ended_at = None;
    petition.verdict = None;
    petition.stars = None;
    petition.heard_stars = None;
    // A public text speaks of one answer; the next one needs its own.
    petition.redaction = None;
}

fn remember(authors: &mut Vec<AccountId>, author: AccountId) {
    if !authors.contains(&author) {
        authors.push(author);
    }
}

fn wind(petition: &mut Petition, entry: &ClockEntry) {
    petition.clocks.wind(entry);
    if entry.step == ClockStep::Start {
        // A clock that begins anew leads to all its levels again.
        petition.raised.retain(|level| level.clock() != Some(entry.clock));
    }
    if entry.clock == Clock::Answer {
        let begun = (entry.step == ClockStep::Start).then_some(entry.due);
        petition.original_due = entry.original.or(begun).unwrap_or(petition.original_due);
        petition.prolonged |= prolongs(entry);
        petition.answer_due = entry.due;
    }
}

/// Whether an entry moves the due later, by anything but a calendar. What a pause comes to is known when it ends.
fn prolongs(entry: &ClockEntry) -> bool {
    entry.step == ClockStep::Extend || entry.unmoved.is_some_and(|unmoved| entry.due.at > unmoved.at)
}
