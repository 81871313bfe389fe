//! What the focal unit does with a petition: ask, take up, say what it is. Refusing and transferring are plain enough to stand
//! in the table of arms.

use super::{Context, Step, faults, references};
use crate::domain::{
    command::{Accept, Reclassify},
    deadline::{Count, Span},
    event::{ClockEntry, Event},
    petition::{Petition, Register},
    policy::Matter,
    refusal::{Fault, Refusal, rule},
    routing::route,
    words::{Clock, State, SubjectClass, TextKind},
};

pub(super) fn request_information(
    petition: &Petition,
    question: String,
    reply_days: Option<u32>,
    context: &Context<'_>,
) -> Step {
    let days = reply_days.unwrap_or(context.terms(petition).reply_days);
    let count = Count::plain(context.now, Span::WorkingDays(days));
    let reply_by = count.due(context.reference.calendar(petition.focal), context.reference.zone);
    let question = context.text(TextKind::Question, question);
    let paused = context.pause(petition, reply_by);
    let event = Event::InformationRequested { question: question.reference(), reply_by, reply_count: Some(count) };
    Step::new(event, State::NeedsInformation).text([question]).clock(paused)
}

pub(super) fn provide_information(petition: &Petition, text: String, context: &Context<'_>) -> Step {
    let text = context.text(TextKind::Information, text);
    let event = Event::InformationProvided { text: text.reference() };
    Step::new(event, came_from(petition)).text([text]).clock(context.resume(petition))
}

pub(super) fn lapse_information(petition: &Petition, context: &Context<'_>) -> Result<Step, Refusal> {
    match petition.reply_by {
        Some(reply_by) if context.now >= reply_by.at => {
            Ok(Step::new(Event::InformationLapsed, came_from(petition)).clock(context.resume(petition)))
        }
        _ => Err(rule("REPLY_STILL_OPEN", "the petitioner may still reply")),
    }
}

fn came_from(petition: &Petition) -> State {
    petition.resume.unwrap_or(State::Submitted)
}

pub(super) fn accept(petition: &Petition, accept: Accept, context: &Context<'_>) -> Result<Step, Refusal> {
    let named = [
        ("subject_class", accept.class.is_some()),
        ("field", accept.field.is_some()),
        ("concerned_unit", accept.concerned.is_some()),
    ];
    let mut faults = faults::kind(accept.kind, named, petition);
    let class = accept.class.or(petition.class);
    let field = accept.field.clone().or_else(|| petition.field.clone());
    faults.extend(faults::unnamed(accept.class.is_some(), accept.field.is_some(), petition));
    faults.extend(class.and_then(|class| faults::concerned(class, accept.concerned.is_some())));
    faults.extend(faults::named(accept.concerned, context.reference));
    // Of a request of the data subject it is what the petition says that it is about.
    let concerned = if petition.is_data_request() { petition.concerned } else { accept.concerned };
    let inside = |concerned| context.reference.units.within(petition.focal, concerned);
    if concerned.is_some_and(inside) && accept.assignment.is_none() {
        let what = "is required: the focal unit stands inside the unit complained of and must give it away at once";
        faults.push(Fault::new("assignment", what));
    }
    faults.extend(faults::priority(accept.priority, accept.priority_reason.is_some()));
    let accepted = Petition { class, field: field.clone(), concerned, ..petition.clone() };
    if let Some(assignment) = &accept.assignment {
        let accused = accepted.accused();
        faults.extend(faults::assignment(assignment, accused, (context.reference, Some(context.now))));
        if faults.is_empty() && assignment.handler.is_some() {
            faults.extend(faults::kept_out(assignment, &accepted, context.reference));
        }
    }
    if !faults.is_empty() {
        return Err(Refusal::Invalid(faults));
    }
    // Without an assignment the rules are asked, if there are any; never about what a data subject asks.
    let asked = accept.assignment.is_none() && !petition.is_data_request();
    let written = accept.written.as_ref().filter(|_| asked);
    let routed = written.map(|written| route(&accepted, written, context.reference, context.now));
    let (routed, by_rule) = routed.map_or((None, None), |(routed, by_rule)| (Some(routed), by_rule));
    let assignment = accept.assignment.or(by_rule);
    let register = Register { unit: petition.focal, year: context.reference.zone.year(context.now), number: 0 };
    let reason = accept.priority_reason.map(|reason| context.text(TextKind::Reason, reason));
    let state = if assignment.is_some() { State::Assigned } else { State::Accepted };
    let kind = accept.kind.unwrap_or(petition.kind);
    let matter = Matter { kind, class, priority: accept.priority, ..Matter::of(petition) };
    let rechosen = context.rechoose(petition, &matter, &[Clock::Intake]);
    let unit = assignment.as_ref().and_then(|to| context.start_unit(&matter, to.unit));
    let mut stopped: Vec<ClockEntry> = context.stop(Clock::Intake, petition).into_iter().collect();
    if assignment.is_some() {
        // In time or not by what it now is, not by what it was taken for.
        let by_now = rechosen.iter().find(|entry| entry.clock == Clock::Forward);
        stopped.extend(context.stop(Clock::Forward, petition).map(|stop| match by_now {
            Some(by_now) => ClockEntry { step: stop.step, at: stop.at, count: None, ..by_now.clone() },
            None => stop,
        }));
    }
    let event = Event::Accepted {
        petition_kind: kind,
        class,
        field,
        priority: accept.priority,
        priority_reason: references(reason.as_ref()),
        concerned,
        register,
        assignment,
        routed,
    };
    Ok(Step::new(event, state).text(reason).clock(rechosen).clock(stopped).clock(unit))
}

/// Says anew what a petition is. Its clocks are counted from receipt as if that had been said at once, but a due
/// that has passed stays.
pub(super) fn reclassify(petition: &Petition, reclassify: Reclassify, context: &Context<'_>) -> Result<Step, Refusal> {
    let named = [
        ("subject_class", reclassify.class.is_some()),
        ("field", reclassify.field.is_some()),
        ("concerned_unit", reclassify.concerned.is_some()),
    ];
    let mut faults = faults::kind(reclassify.kind, named, petition);
    let class = reclassify.class.or(petition.class);
    faults.extend(class.and_then(|class| faults::concerned(class, reclassify.concerned.is_some())));
    faults.extend(faults::named(reclassify.concerned, context.reference));
    faults.extend(faults::priority(reclassify.priority, reclassify.priority_reason.is_some()));
    let conduct = class.is_some_and(SubjectClass::concerns_conduct);
    if petition.state == State::AwaitingApproval
        && conduct != petition.class.is_some_and(SubjectClass::concerns_conduct)
    {
        let what = "the draft awaits approval with a finding that would no longer fit; send it back first";
        return Err(rule("AWAITING_APPROVAL", what));
    }
    let concerned = if petition.is_data_request() { petition.concerned } else { reclassify.concerned };
    let turned = Petition { class, concerned, ..petition.clone() };
    let held = faults::held_inside(&turned, context.reference);
    faults.extend(held.map(|what| Fault::new("concerned_unit", what)));
    if !faults.is_empty() {
        return Err(Refusal::Invalid(faults));
    }
    let reason = context.text(TextKind::Reason, reclassify.reason);
    let urgency = reclassify.priority_reason.map(|reason| context.text(TextKind::Reason, reason));
    let kind = reclassify.kind.unwrap_or(petition.kind);
    let matter = Matter { kind, class, priority: reclassify.priority, ..Matter::of(petition) };
    let event = Event::Reclassified {
        petition_kind: kind,
        class,
        field: reclassify.field.or_else(|| petition.field.clone()),
        priority: reclassify.priority,
        priority_reason: references(urgency.as_ref()),
        concerned,
        reason: reason.reference(),
    };
    let rechosen = context.rechoose(petition, &matter, &[]);
    let unit = context.unit_rechosen(petition, &matter);
    Ok(Step::new(event, petition.state).text([reason]).text(urgency).clock(rechosen).clock(unit))
}
