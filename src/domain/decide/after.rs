//! What follows an answer: recalling, rating, reopening, closing.

use super::{Context, Step, references};
use crate::domain::{
    account::ActorRef,
    event::{ClockEntry, Event},
    petition::Petition,
    policy::Matter,
    refusal::{Refusal, rule},
    words::{Clock, ClockStep, Publication, Role, State, TextKind},
};

pub(super) fn recall(petition: &Petition, reason: String, context: &Context<'_>) -> Result<Step, Refusal> {
    let Some(answer) = petition.answer else {
        return Err(rule("NO_ANSWER", "there is no answer to recall"));
    };
    // What is public of an earlier round's answer is another matter.
    if petition.publication == Publication::Published {
        return Err(rule("PUBLISHED", "a published answer cannot be recalled"));
    }
    if petition.stars.is_some() {
        return Err(rule("RATED", "a rated answer cannot be recalled"));
    }
    // A calendar applied since does not open a window again that has passed.
    let until = answer
        .recall_until
        .unwrap_or_else(|| context.reference.due(petition.focal, answer.at, context.terms(petition).recall));
    if context.now >= until.at {
        return Err(rule("RECALL_WINDOW_PASSED", format!("the answer could be recalled until {}", until.date)));
    }
    let reason = context.text(TextKind::Reason, reason);
    // The clocks run on as if the answer had never been given.
    let running = [Clock::Answer, Clock::Update].into_iter().filter_map(|clock| context.run_on(clock, petition));
    let unit = context.unit_on(petition, &Matter::of(petition));
    let event = Event::AnswerRecalled { reason: reason.reference() };
    Ok(Step::new(event, State::InProgress).text([reason]).clock(unit).clock(running))
}

pub(super) fn rate(
    petition: &Petition,
    stars: i32,
    comment: Option<String>,
    context: &Context<'_>,
) -> Result<Step, Refusal> {
    // Whoever types a petition in is shown its key: a key alone does not make a clerk the petitioner.
    let counted = matches!(context.actor.who, ActorRef::Petitioner { .. }) && context.actor.has(Role::Portal);
    // What a clerk enters does not use the petitioner's own rating up.
    if petition.stars.is_some() || (!counted && petition.heard_stars.is_some()) {
        return Err(rule("ALREADY_RATED", "the round has been rated"));
    }
    let comment = comment.map(|comment| context.text(TextKind::Comment, comment));
    let event = Event::Rated { stars, comment: references(comment.as_ref()), counted };
    Ok(Step::new(event, petition.state).text(comment))
}

pub(super) fn reopen(petition: &Petition, reason: String, context: &Context<'_>) -> Result<Step, Refusal> {
    if petition.round > 1 {
        return Err(rule("ALREADY_REOPENED", "a petition is reopened once"));
    }
    let passed = || rule("REOPENING_WINDOW_PASSED", "the window counted from delivery has passed");
    // What was closed was closed because it had passed, whatever calendar has been applied since.
    if petition.state == State::Closed {
        return Err(passed());
    }
    // Until the answer is delivered the window has not begun.
    let delivered_at = context.delivered.map_or(context.now, |letter| letter.at);
    let until = context.reference.reopening_ends(petition, delivered_at);
    if context.now >= until {
        return Err(passed());
    }
    let reason = context.text(TextKind::Comment, reason);
    let event = Event::Reopened { reason: reason.reference(), delivered_at };
    let started = context.start_clocks(&Matter { received_at: context.now, ..Matter::of(petition) });
    // It was accepted once and for all.
    let accepted = started.iter().find(|entry| entry.clock == Clock::Intake);
    let accepted = accepted.map(|entry| ClockEntry { step: ClockStep::Stop, count: None, ..entry.clone() });
    Ok(Step::new(event, State::Accepted).text([reason]).clock(started).clock(accepted))
}

pub(super) fn close(petition: &Petition, context: &Context<'_>) -> Result<Step, Refusal> {
    match context.delivered {
        Some(letter) if context.now >= context.reference.reopening_ends(petition, letter.at) => {
            let event = Event::Closed { delivered_at: letter.at };
            Ok(Step::new(event, State::Closed))
        }
        _ => Err(rule("REOPENING_WINDOW_OPEN", format!("{} may still be reopened", petition.code))),
    }
}
