//! What the holder does: take it, give it back, draft, approve; and the one who may give it more time.

use chrono::TimeDelta;

use super::{Context, Step, faults, references};
use crate::domain::{
    clocks::Standing,
    delegation::Delegation,
    event::{Assignment, Event},
    ids::{DelegationId, UnitId},
    permission,
    petition::Petition,
    policy::Matter,
    refusal::{Fault, Refusal, rule},
    succession, watch,
    words::{Capacity, Clock, ClockRun, Finding, Level, OutcomeKind, Role, State, TextKind},
};

pub(super) fn assign(
    petition: &Petition,
    assignment: Assignment,
    reason: Option<String>,
    context: &Context<'_>,
) -> Result<Step, Refusal> {
    let mut faults = faults::assignment(&assignment, petition.accused(), (context.reference, Some(context.now)));
    if faults.is_empty() {
        faults.extend(faults::kept_out(&assignment, petition, context.reference));
    }
    if !faults.is_empty() {
        return Err(Refusal::Invalid(faults));
    }
    let reason = reason.map(|reason| context.text(TextKind::Reason, reason));
    let forwarded = context.stop(Clock::Forward, petition);
    // Another person in the same unit is no new beginning.
    let moves = assignment.unit != petition.holder || petition.assigned_at.is_none();
    let matter = Matter::of(petition);
    let unit = if moves { context.start_unit(&matter, assignment.unit) } else { context.unit_on(petition, &matter) };
    let event = Event::Assigned { assignment, reason: references(reason.as_ref()) };
    Ok(Step::new(event, State::Assigned).text(reason).clock(forwarded).clock(unit))
}

/// Back to the focal unit as "not ours": the assignment did not stop FORWARD after all. Returned as often as the policy
/// says, it is raised to what lies above all that returned it.
pub(super) fn give_back(petition: &Petition, reason: String, context: &Context<'_>) -> Result<Step, Refusal> {
    if petition.holder == petition.focal {
        return Err(rule("HOLDER_IS_FOCAL", "the focal unit cannot return a petition to itself"));
    }
    let inside = |concerned| context.reference.units.within(petition.focal, concerned);
    if petition.concerned.is_some_and(inside) {
        return Err(rule("FOCAL_IS_CONCERNED", "the focal unit stands inside the unit complained of"));
    }
    let reason = context.text(TextKind::Reason, reason);
    let returned: Vec<UnitId> = petition.returned_by.iter().copied().chain([petition.holder]).collect();
    let often = context.terms(petition).escalation_returns;
    let raised = often > 0 && returned.len() >= usize::try_from(often).unwrap_or(usize::MAX);
    let accused = petition.accused();
    let units = &context.reference.units;
    let apart = |unit: &UnitId| {
        let inside = |accused| units.within(*unit, accused) || units.within(*unit, units.heir(accused));
        *unit != petition.focal && !accused.is_some_and(inside)
    };
    let raised_to = context.reference.units.above_all(&returned).filter(|_| raised).filter(apart);
    let event = Event::Returned { reason: reason.reference(), by: Some(petition.holder), raised_to };
    let step = Step::new(event, State::Accepted).text([reason]);
    Ok(step.clock(context.stop(Clock::Unit, petition)).clock(context.run_on(Clock::Forward, petition)))
}

/// Units that it names are dissolved, and their successors stand in their places. The citizen's clock goes on; a UNIT
/// clock that runs begins anew for the unit that has it from now on, as it does with every assignment.
pub(super) fn move_to_successor(petition: &Petition, context: &Context<'_>) -> Result<Step, Refusal> {
    let Some(to) = succession::succeed(petition, context.reference, context.now) else {
        return Err(rule("NOTHING_MOVES", "no unit that it names is dissolved"));
    };
    let moves = to.holder != petition.holder;
    let running = petition.clocks.get(Clock::Unit).is_some_and(|standing| standing.run == ClockRun::Running);
    let policy = context.reference.round_policy(petition);
    let unit = (moves && running).then(|| context.start(Clock::Unit, to.holder, context.now, policy));
    let event = Event::UnitSucceeded {
        focal: to.focal,
        holder: to.holder,
        co_units: to.co_units,
        concerned: to.concerned,
        handler: to.handler,
        former: moves.then_some(petition.holder),
    };
    Ok(Step::new(event, petition.state).clock(unit.flatten()))
}

pub(super) fn save_draft(
    petition: &Petition,
    text: String,
    based_on: Option<i32>,
    context: &Context<'_>,
) -> Result<Step, Refusal> {
    let current = petition.draft.map_or(0, |draft| draft.revision);
    if based_on.is_some_and(|based_on| based_on != current) {
        return Err(Refusal::StaleRevision { current, version: petition.version });
    }
    let Some(author) = context.actor.who.account() else { return Err(Refusal::NotFound) };
    let text = context.text(TextKind::Draft, text);
    let event = Event::DraftSaved { text: text.reference(), revision: current + 1, author };
    Ok(Step::new(event, State::InProgress).text([text]))
}

pub(super) fn submit_draft(
    petition: &Petition,
    outcome: OutcomeKind,
    finding: Option<Finding>,
    context: &Context<'_>,
) -> Result<Step, Refusal> {
    if petition.draft.is_none() {
        return Err(rule("NO_DRAFT", "there is no draft to submit"));
    }
    if let Some(fault) = faults::finding(finding.is_some(), petition) {
        return Err(Refusal::Invalid(vec![fault]));
    }
    let event = Event::DraftSubmitted { outcome, finding };
    Ok(Step::new(event, State::AwaitingApproval).clock(context.stop(Clock::Unit, petition)))
}

pub(super) fn approve(petition: &Petition, capacity: Capacity, context: &Context<'_>) -> Result<Step, Refusal> {
    let Some(approver) = context.actor.who.account() else { return Err(Refusal::NotFound) };
    let Some(draft) = petition.draft else { return Err(rule("NO_DRAFT", "there is no draft to approve")) };
    if petition.draft_authors.contains(&approver) {
        return Err(rule("OWN_DRAFT", "who saved a draft of the round cannot approve it"));
    }
    let delegation = by_delegation(petition, capacity, context)?;
    let recall_until = Some(context.reference.due(petition.focal, context.now, context.terms(petition).recall));
    let verdict = context.verdict(petition);
    let event = Event::Answered { text: draft.text, approver, capacity, delegation, verdict, recall_until };
    Ok(Step::new(event, State::Answered).clock(context.stop_all(petition)))
}

/// The delegations by which the actor approves; none for whoever may by an own role.
pub(super) fn approving_for(petition: &Petition, context: &Context<'_>) -> Vec<Delegation> {
    let (actor, units) = (context.actor, &context.reference.units);
    if actor.covers(Role::Approver, petition.holder, units) {
        return Vec::new();
    }
    permission::approving_for(actor, petition, units).copied().collect()
}

/// The delegation by which it is approved in a capacity; none for whoever may by an own role. An approver who saved a
/// draft has nobody approve it either.
fn by_delegation(
    petition: &Petition,
    capacity: Capacity,
    context: &Context<'_>,
) -> Result<Option<DelegationId>, Refusal> {
    let given = approving_for(petition, context);
    if given.is_empty() {
        return Ok(None);
    }
    let wrote = |delegation: &&Delegation| petition.draft_authors.contains(&delegation.delegator);
    let others: Vec<_> = given.iter().filter(|delegation| !wrote(delegation)).collect();
    if others.is_empty() {
        return Err(rule("OWN_DRAFT", "who saved a draft of the round cannot have it approved for them"));
    }
    match others.iter().find(|delegation| delegation.capacity == capacity) {
        Some(delegation) => Ok(Some(delegation.id)),
        None => {
            let capacities: Vec<_> = others.iter().map(|delegation| delegation.capacity.as_str()).collect();
            let what = format!("is not that of the delegation: {}", capacities.join(", "));
            Err(Refusal::Invalid(vec![Fault::new("capacity", what)]))
        }
    }
}

pub(super) fn extend(petition: &Petition, days: u32, reason: String, context: &Context<'_>) -> Result<Step, Refusal> {
    let terms = context.terms(petition);
    if context.now >= petition.answer_due.at {
        return Err(rule("DUE_PASSED", "a due instant that has passed never moves later"));
    }
    let still = |standing: &Standing| standing.run_at(context.now) == ClockRun::Paused;
    if petition.clocks.get(Clock::Answer).is_some_and(still) {
        return Err(rule("PAUSED", "the clock stands still until the petitioner replies; extend it then"));
    }
    if petition.extensions >= i32::try_from(terms.extensions).unwrap_or(i32::MAX) {
        return Err(rule("EXTENSION_LIMIT", format!("the policy allows {} extensions", terms.extensions)));
    }
    if let Some(fault) = faults::extension(days, petition, context.reference) {
        return Err(Refusal::Invalid(vec![fault]));
    }
    let Some(longer) = context.lengthen(petition, days) else {
        return Err(rule("NO_LEDGER", "its clocks are older than their ledger"));
    };
    let reason = context.text(TextKind::Reason, reason);
    let event = Event::Extended { days, original: petition.original_due, reason: reason.reference() };
    Ok(Step::new(event, petition.state).text([reason]).clock([longer]))
}

/// Raises the levels that have been reached. From the due of a late answer on, the petitioner is owed a note of how it
/// stands.
pub(super) fn escalate(petition: &Petition, context: &Context<'_>) -> Result<Step, Refusal> {
    let levels = watch::reached(petition, context.reference, context.now);
    // Where a calendar has moved what it was to reach, or it is older than watching, it is to be looked at another time.
    let waits = petition.watch_at.is_some() && watch::next(petition, context.reference) == petition.watch_at;
    if levels.is_empty() && waits {
        return Err(rule("NOTHING_REACHED", "it has reached no level that was not raised"));
    }
    let going = petition.clocks.going().any(|(clock, _)| clock == Clock::Update);
    let owed = (levels.contains(&Level::Overdue) && !going).then(|| {
        // The last day of the answer is the day that is not counted.
        let from = petition.answer_due.at - TimeDelta::microseconds(1);
        context.start(Clock::Update, petition.focal, from, context.reference.round_policy(petition))
    });
    Ok(Step::new(Event::Escalated { levels }, petition.state).clock(owed.flatten()))
}

/// Tells the petitioner how it stands, once the answer is late. The next note is due from then.
pub(super) fn post_progress(petition: &Petition, text: String, context: &Context<'_>) -> Result<Step, Refusal> {
    if !petition.overdue(context.now) {
        return Err(rule("NOT_OVERDUE", "progress is posted once the answer is late"));
    }
    let text = context.text(TextKind::Progress, text);
    let policy = context.reference.round_policy(petition);
    let next = context.start(Clock::Update, petition.focal, context.now, policy);
    Ok(Step::new(Event::ProgressPosted { text: text.reference() }, petition.state).text([text]).clock(next))
}
