//! Deciding: a command and a context give a change or a refusal. Pure.

mod after;
mod copies;
mod data_request;
pub mod faults;
mod ledger;
mod publication;
mod submit;
mod triage;
mod work;

pub use data_request::request_data;
pub use submit::{Asker, Said, misplaced, submit, unreachable};

use super::{
    account::Actor,
    apply::apply,
    change::{Change, LetterMove, PublicationMove, Request, Subject, verdict},
    command::Command,
    event::{ClockEntry, Event, Recorded},
    ids::{Source, TextId},
    ladder,
    letters::{Circumstances, letters, notice_letter},
    permission,
    petition::{Petition, SettledLetter},
    petitioner::Petitioner,
    policy::Matter,
    recount,
    reference::Reference,
    refusal::{Refusal, rule},
    standing::Standing,
    text::{Text, TextRef, json},
    time::Instant,
    watch,
    words::{Clock, Level, Priority, State, TextKind, Verdict},
};

/// What a decision may look at beside the petition.
pub struct Context<'a> {
    /// Now, from the injected clock.
    pub now: Instant,
    /// Who asks.
    pub actor: &'a Actor,
    /// Units, accounts, calendars, policies.
    pub reference: &'a Reference,
    /// Fresh ids and randomness.
    pub source: &'a dyn Source,
    /// The version the caller decided upon; `None` means whatever it is now.
    pub version: Option<i64>,
    /// The caller's request id.
    pub request: Option<Request>,
    /// The letter with the round's answer, once it is settled.
    pub delivered: Option<SettledLetter>,
}

/// What an arm of the decision came to; the rest follows from it.
struct Step {
    event: Event,
    state: State,
    clocks: Vec<ClockEntry>,
    texts: Vec<Text>,
    publication: Option<PublicationMove>,
    letter_moves: Vec<LetterMove>,
}

impl Step {
    const fn new(event: Event, state: State) -> Self {
        Self { event, state, clocks: Vec::new(), texts: Vec::new(), publication: None, letter_moves: Vec::new() }
    }

    fn text(mut self, text: impl IntoIterator<Item = Text>) -> Self {
        self.texts.extend(text);
        self
    }

    fn clock(mut self, entry: impl IntoIterator<Item = ClockEntry>) -> Self {
        self.clocks.extend(entry);
        self
    }
}

/// Decides a command on a petition that exists.
///
/// # Errors
/// Every way in which it may not be done; see [`Refusal`].
pub fn decide(petition: &Petition, mut command: Command, context: &Context<'_>) -> Result<Change, Refusal> {
    permission::check(context.actor, &command, petition, context.reference)?;
    if context.version.is_some_and(|version| version != petition.version) {
        return Err(Refusal::Stale { current: petition.version });
    }
    if petition.erased_at.is_some() && !outlives_erasure(&command) {
        return Err(rule("ERASED", "who brought it was erased, with every text"));
    }
    if petition.is_data_request() && data_request::is_not_for_one(&command) {
        let what = "what a data subject asks is told to nobody but who works on it: it is not published, nor shared";
        return Err(rule("DATA_REQUEST", what));
    }
    let not_here = || Refusal::State { command: command.name(), state: petition.state };
    if !possible(&command, petition) {
        return Err(not_here());
    }
    let transfer_email = matches!(&command, Command::Transfer { ending } if !ending.email.is_empty());
    let requests = data_request::about(&mut command);
    let step = arm(petition, command, context)?;
    let mut change = finish(Some(petition), step, transfer_email, None, context)?;
    data_request::follow(&mut change, requests, context)?;
    Ok(change)
}

/// What still happens to a petition whose texts are gone: it closes by itself, and its public copy can be taken off.
const fn outlives_erasure(command: &Command) -> bool {
    matches!(command, Command::Close | Command::Escalate | Command::TakeDown { .. })
}

/// The states column of the life.
fn possible(command: &Command, petition: &Petition) -> bool {
    use State as S;
    let state = petition.state;
    match command {
        Command::RequestInformation { .. } => matches!(state, S::Submitted | S::Accepted | S::InProgress),
        Command::ProvideInformation { .. } | Command::LapseInformation => state == S::NeedsInformation,
        Command::Accept(_) => state == S::Submitted,
        Command::Refuse { .. } => matches!(state, S::Submitted | S::NeedsInformation | S::Accepted),
        Command::Transfer { .. } => matches!(state, S::Submitted | S::Accepted),
        Command::Assign { .. } => {
            matches!(state, S::Accepted | S::Assigned | S::InProgress | S::AwaitingApproval)
        }
        Command::Return { .. } | Command::SaveDraft { .. } => matches!(state, S::Assigned | S::InProgress),
        Command::Start => state == S::Assigned,
        Command::SubmitDraft { .. } => state == S::InProgress,
        Command::SendBack { .. } | Command::Approve { .. } => state == S::AwaitingApproval,
        Command::RecallAnswer { .. } | Command::Close => state == S::Answered,
        Command::Reclassify(_)
        | Command::Recalculate
        | Command::MoveToSuccessor
        | Command::Extend { .. }
        | Command::PostProgress { .. }
        | Command::Withdraw { .. }
        | Command::ShareCopy { .. }
        | Command::AddNote { .. } => state.is_open(),
        Command::Rate { .. } | Command::Reopen { .. } | Command::SaveRedaction { .. } | Command::Publish { .. } => {
            matches!(state, S::Answered | S::Closed)
        }
        // An open one has to be ended first: whoever works on it needs what was written.
        Command::Erase { .. } => !state.is_open(),
        // What is public can be taken off at any time, also while a later round is open.
        Command::TakeDown { .. } => petition.public_id.is_some(),
        // Whoever is complained of is not told in which state it is.
        Command::SubmitStatement { .. }
        | Command::Escalate
        | Command::RetryLetter { .. }
        | Command::AbandonLetter { .. }
        | Command::RecordHandover { .. } => true,
    }
}

fn arm(petition: &Petition, command: Command, context: &Context<'_>) -> Result<Step, Refusal> {
    match command {
        Command::RequestInformation { question, reply_days } => {
            Ok(triage::request_information(petition, question, reply_days, context))
        }
        Command::ProvideInformation { text } => Ok(triage::provide_information(petition, text, context)),
        Command::LapseInformation => triage::lapse_information(petition, context),
        Command::Accept(accept) => triage::accept(petition, *accept, context),
        Command::Reclassify(reclassify) => triage::reclassify(petition, *reclassify, context),
        Command::Refuse { reason, ending } => {
            let text = context.text(TextKind::Refusal, json(&ending));
            let event = Event::Refused { reason, text: text.reference(), verdict: context.verdict(petition) };
            Ok(Step::new(event, State::Refused).text([text]).clock(context.stop_all(petition)))
        }
        Command::Transfer { ending } => {
            let text = context.text(TextKind::Transfer, json(&ending));
            let event = Event::Transferred { text: text.reference(), verdict: context.verdict(petition) };
            Ok(Step::new(event, State::Transferred).text([text]).clock(context.stop_all(petition)))
        }
        Command::Assign { assignment, reason } => work::assign(petition, assignment, reason, context),
        Command::Return { reason } => work::give_back(petition, reason, context),
        Command::Start => Ok(Step::new(Event::Started, State::InProgress)),
        Command::SaveDraft { text, based_on } => work::save_draft(petition, text, based_on, context),
        Command::SubmitDraft { outcome, finding } => work::submit_draft(petition, outcome, finding, context),
        Command::SendBack { reason } => {
            let reason = context.text(TextKind::Reason, reason);
            let delegation = work::approving_for(petition, context).first().map(|delegation| delegation.id);
            let event = Event::DraftSentBack { reason: reason.reference(), delegation };
            let running = context.unit_on(petition, &Matter::of(petition));
            Ok(Step::new(event, State::InProgress).text([reason]).clock(running))
        }
        Command::Approve { capacity } => work::approve(petition, capacity, context),
        Command::RecallAnswer { reason } => after::recall(petition, reason, context),
        Command::Extend { days, reason } => work::extend(petition, days, reason, context),
        Command::Recalculate => {
            let reply_by = recount::reply(petition, context.reference, context.now);
            let moved = context.recount(petition, reply_by);
            if moved.is_empty() && reply_by.is_none() {
                return Err(rule("NOTHING_MOVES", "the calendar moves no clock of it"));
            }
            Ok(Step::new(Event::Recalculated { reply_by }, petition.state).clock(moved))
        }
        Command::MoveToSuccessor => work::move_to_successor(petition, context),
        Command::Escalate => work::escalate(petition, context),
        Command::PostProgress { text } => work::post_progress(petition, text, context),
        Command::Withdraw { reason } => {
            let reason = reason.map(|reason| context.text(TextKind::Comment, reason));
            let verdict = context.verdict(petition);
            let event = Event::Withdrawn { reason: reason.as_ref().map(Text::reference), verdict };
            Ok(Step::new(event, State::Withdrawn).text(reason).clock(context.stop_all(petition)))
        }
        Command::Rate { stars, comment } => after::rate(petition, stars, comment, context),
        Command::Reopen { reason } => after::reopen(petition, reason, context),
        Command::Close => after::close(petition, context),
        Command::AddNote { text } => {
            let text = context.text(TextKind::Note, text);
            Ok(Step::new(Event::NoteAdded { text: text.reference() }, petition.state).text([text]))
        }
        Command::ShareCopy { text, petitioner } => copies::share(petition, text, petitioner.as_deref(), context),
        Command::SubmitStatement { copy, text } => copies::state(petition, copy, text, context),
        Command::SaveRedaction { redaction } => publication::save(petition, &redaction, context),
        Command::Publish { revision, redaction, petitioner } => {
            publication::publish(petition, revision, redaction, petitioner.as_deref(), context)
        }
        Command::TakeDown { reason } => publication::take_down(petition, reason, context),
        Command::Erase { ground, document, looks } => {
            let document = context.text(TextKind::Reason, document);
            let event = Event::Erased { ground, document: document.reference(), looks };
            Ok(Step::new(event, petition.state).text([document]))
        }
        Command::RetryLetter { letter } => {
            let mut step = Step::new(Event::LetterRetried { letter }, petition.state);
            step.letter_moves.push(LetterMove::Retry(letter));
            Ok(step)
        }
        Command::AbandonLetter { letter, reason } => {
            let reason = context.text(TextKind::Reason, reason);
            let event = Event::LetterAbandoned { letter, reason: reason.reference() };
            let mut step = Step::new(event, petition.state).text([reason]);
            step.letter_moves.push(LetterMove::Abandon(letter));
            Ok(step)
        }
        Command::RecordHandover { letter, at, by, how } => {
            let how = context.text(TextKind::Note, how);
            let event = Event::LetterHandedOver { letter, at, by, how: how.reference() };
            let mut step = Step::new(event, petition.state).text([how]);
            step.letter_moves.push(LetterMove::HandOver { letter, at, by: context.reference.login(by).to_owned() });
            Ok(step)
        }
    }
}

/// Makes the change of a step: event, row, letters, standing.
fn finish(
    before: Option<&Petition>,
    step: Step,
    transfer_email: bool,
    submitted: Option<(super::ids::PetitionId, Petitioner)>,
    context: &Context<'_>,
) -> Result<Change, Refusal> {
    let step = Step { clocks: context.held(before, step.clocks), ..step };
    let answer_due = |clocks: &[ClockEntry]| {
        let wound = clocks.iter().rev().find(|entry| entry.clock == Clock::Answer).map(|entry| entry.due);
        wound.or_else(|| before.map(|petition| petition.answer_due))
    };
    let (id, petitioner) = match (before, submitted) {
        (Some(before), _) => (before.id, None),
        (None, Some((id, petitioner))) => (id, Some(petitioner)),
        (None, None) => return Err(Refusal::NotFound),
    };
    let moved = i64::from(step.event.moves_version());
    let mut recorded = Recorded {
        petition: id,
        seq: before.map_or(0, |petition| petition.seq) + 1,
        version: before.map_or(0, |petition| petition.version) + moved,
        at: context.now,
        actor: context.actor.who,
        state: step.state,
        answer_due: answer_due(&step.clocks).ok_or(Refusal::NotFound)?,
        watch_at: None,
        clocks: step.clocks,
        event: step.event,
    };
    // An event that the domain made follows from the row that it was decided upon.
    let mut after = apply(before, &recorded).map_err(|unfit| rule("UNFIT", unfit.to_string()))?;
    recorded.watch_at = watch::next(&after, context.reference);
    after.watch_at = recorded.watch_at;
    let standing = Standing::of(&after);
    let moved = before.is_none_or(|before| Standing::of(before) != standing);
    let due_before = before.map(|before| before.answer_due).filter(|due| due.date != after.answer_due.date);
    let circumstances = Circumstances { transfer_email, due_before };
    let known = (context.reference, context.source);
    let mut letters = letters(&after, &recorded, circumstances, known);
    let mut notices = match &recorded.event {
        Event::Escalated { levels } => ladder::notices(&after, levels, context.now, known),
        Event::Returned { raised_to: Some(_), .. } => {
            ladder::notices(&after, &[Level::OftenReturned], context.now, known)
        }
        Event::StatementSubmitted { .. } => ladder::notices(&after, &[Level::StatementSubmitted], context.now, known),
        _ => Vec::new(),
    };
    // What is urgent does not wait for the digest.
    if after.priority == Priority::Urgent {
        letters.extend(notices.iter_mut().map(|notice| notice_letter(notice, context.now, context.source)));
    }
    let mut change = Change {
        reference: context.reference.version,
        subjects: vec![Subject {
            before: before.cloned(),
            recorded,
            after,
            stored: String::new(),
            texts: step.texts,
            letters,
            letter_moves: step.letter_moves,
            notices,
            standing: moved.then_some(standing),
            petitioner,
            publication: step.publication,
        }],
        request: context.request.clone(),
    };
    // Without counters the change is whole already, and hashing need not hold the transaction up.
    if change.counters().is_empty() {
        change.complete(&[]).map_err(|unfit| rule("UNFIT", unfit.to_string()))?;
    }
    Ok(change)
}

impl Context<'_> {
    fn text(&self, kind: TextKind, body: String) -> Text {
        Text::plain(TextId(self.source.id(self.now)), kind, self.source.random(), body)
    }

    fn verdict(&self, petition: &Petition) -> Verdict {
        verdict(petition, self.now, self.reference.zone.date(self.now))
    }
}

fn references(text: Option<&Text>) -> Option<TextRef> {
    text.map(Text::reference)
}
