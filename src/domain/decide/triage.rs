//! What the focal unit does with a petition: ask, take up. Refusing and transferring are plain enough to stand
//! in the table of arms.

use super::{Context, Step, references, work};
use crate::domain::{
    command::Accept,
    deadline::Span,
    event::Event,
    petition::{Petition, Register},
    refusal::{Fault, Refusal, rule},
    words::{Clock, Priority, State, SubjectClass, TextKind},
};

pub(super) fn request_information(question: String, reply_days: Option<u32>, context: &Context<'_>) -> Step {
    let days = reply_days.unwrap_or(context.reference.policy.reply_days);
    let reply_by = context.reference.due(context.now, Span::WorkingDays(days));
    let question = context.text(TextKind::Question, question);
    let event = Event::InformationRequested { question: question.reference(), reply_by };
    Step::new(event, State::NeedsInformation).text([question])
}

pub(super) fn provide_information(petition: &Petition, text: String, context: &Context<'_>) -> Step {
    let text = context.text(TextKind::Information, text);
    let event = Event::InformationProvided { text: text.reference() };
    Step::new(event, came_from(petition)).text([text])
}

pub(super) fn lapse_information(petition: &Petition, context: &Context<'_>) -> Result<Step, Refusal> {
    match petition.reply_by {
        Some(reply_by) if context.now >= reply_by.at => Ok(Step::new(Event::InformationLapsed, came_from(petition))),
        _ => Err(rule("REPLY_STILL_OPEN", "the petitioner may still reply")),
    }
}

fn came_from(petition: &Petition) -> State {
    petition.resume.unwrap_or(State::Submitted)
}

pub(super) fn accept(petition: &Petition, accept: Accept, context: &Context<'_>) -> Result<Step, Refusal> {
    let mut faults = Vec::new();
    let class = accept.class.or(petition.class);
    let field = accept.field.clone().or_else(|| petition.field.clone());
    if class.is_none() {
        faults.push(Fault::new("subject_class", "is required: the petitioner named none"));
    }
    if field.is_none() {
        faults.push(Fault::new("field", "is required: the petitioner named none"));
    }
    check_concerned(class, &accept, &mut faults);
    let inside = |concerned| context.reference.units.within(petition.focal, concerned);
    if accept.concerned.is_some_and(inside) && accept.assignment.is_none() {
        let what = "is required: the focal unit stands inside the unit complained of and must give it away at once";
        faults.push(Fault::new("assignment", what));
    }
    match (accept.priority, &accept.priority_reason) {
        (Priority::Urgent, None) => faults.push(Fault::new("priority_reason", "is required for URGENT")),
        (Priority::Normal, Some(_)) => faults.push(Fault::new("priority_reason", "is for URGENT only")),
        _ => {}
    }
    if let Some(assignment) = &accept.assignment {
        work::check_assignment(assignment, class, accept.concerned, context, &mut faults);
    }
    let (Some(class), Some(field), true) = (class, field, faults.is_empty()) else {
        return Err(Refusal::Invalid(faults));
    };
    let register = Register { unit: petition.focal, year: context.reference.zone.year(context.now), number: 0 };
    let reason = accept.priority_reason.map(|reason| context.text(TextKind::Reason, reason));
    let state = if accept.assignment.is_some() { State::Assigned } else { State::Accepted };
    let forwarded = accept.assignment.is_some().then(|| context.stop(Clock::Forward, petition));
    let event = Event::Accepted {
        petition_kind: accept.kind.unwrap_or(petition.kind),
        class,
        field,
        priority: accept.priority,
        priority_reason: references(reason.as_ref()),
        concerned: accept.concerned,
        register,
        assignment: accept.assignment,
    };
    let stopped = context.stop(Clock::Intake, petition);
    Ok(Step::new(event, state).text(reason).clock([stopped]).clock(forwarded))
}

fn check_concerned(class: Option<SubjectClass>, accept: &Accept, faults: &mut Vec<Fault>) {
    let conduct = class.is_some_and(SubjectClass::concerns_conduct);
    match accept.concerned {
        None if conduct => faults.push(Fault::new("concerned_unit", "is required for CONDUCT and BOTH")),
        Some(_) if !conduct => faults.push(Fault::new("concerned_unit", "is for CONDUCT and BOTH only")),
        _ => {}
    }
}
