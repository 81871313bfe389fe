//! What is amiss in what a command says, of whichever petition: a face names it together with the faults of its own.

use crate::domain::{
    account::{Account, Actor},
    event::Assignment,
    ids::{AccountId, UnitId},
    permission,
    petition::Petition,
    reference::Reference,
    refusal::Fault,
    time::Instant,
    unit::Unit,
    words::{Kind, Priority, Role, SubjectClass, UnitState},
};

/// Urgency is given a reason, and nothing else is.
pub fn priority(priority: Priority, has_reason: bool) -> Option<Fault> {
    match (priority, has_reason) {
        (Priority::Urgent, false) => Some(Fault::new("priority_reason", "is required for URGENT")),
        (Priority::Normal, true) => Some(Fault::new("priority_reason", "is for URGENT only")),
        _ => None,
    }
}

/// Conduct is somebody's, and nothing else is.
pub fn concerned(class: SubjectClass, has_concerned: bool) -> Option<Fault> {
    match (class.concerns_conduct(), has_concerned) {
        (true, false) => Some(Fault::new("concerned_unit", "is required for CONDUCT and BOTH")),
        (false, true) => Some(Fault::new("concerned_unit", "is for CONDUCT and BOTH only")),
        _ => None,
    }
}

/// What is complained of is there still; its successor is, where it was dissolved.
pub fn named(concerned: Option<UnitId>, reference: &Reference) -> Option<Fault> {
    let unit = reference.units.get(concerned?).filter(|unit| unit.state == UnitState::Closed)?;
    let successor = reference.units.code(reference.units.heir(unit.id));
    Some(Fault::new("concerned_unit", format!("is closed; {successor} came after it")))
}

/// Each unit is named once and in force, none of them is the one complained of or lies below it, and the person handles for the one
/// that leads without standing inside the one complained of; at some time, where no instant is named.
pub fn assignment(
    given: &Assignment,
    accused: Option<UnitId>,
    (reference, now): (&Reference, Option<Instant>),
) -> Vec<Fault> {
    let units = &reference.units;
    let accused = accused.map(|accused| units.heir(accused));
    let accused = |unit| accused.is_some_and(|accused| units.within(unit, accused));
    let idle = |unit| units.get(unit).and_then(Unit::idle);
    const ACCUSED: &str = "is the unit complained of, or below it";
    let lead = if accused(given.unit) { Some(ACCUSED) } else { idle(given.unit) };
    let lead = lead.map(|what| Fault::new("assignment.unit", what));
    let others = given.co_units.iter().enumerate().filter_map(|(n, unit)| {
        let what = if accused(*unit) {
            ACCUSED
        } else if *unit == given.unit {
            "is the unit that leads"
        } else if given.co_units[..n].contains(unit) {
            "is named twice"
        } else {
            idle(*unit)?
        };
        Some(Fault::new(format!("assignment.co_handling_units[{n}]"), what))
    });
    let able = |actor: Actor| actor.covers(Role::Handler, given.unit, units) && !actor.unit().is_some_and(accused);
    let who = |handler| reference.someone(handler, |grant| now.is_none_or(|now| grant.valid(now)));
    let unable = given.handler.filter(|handler| !who(*handler).is_some_and(able));
    let closed = |handler| reference.accounts.get(&handler).is_some_and(Account::is_closed);
    let what = |handler| if closed(handler) { "is closed" } else { "is not a handler of that unit" };
    let handler = unable.map(|handler| Fault::new("assignment.handler", what(handler)));
    lead.into_iter().chain(others).chain(handler).collect()
}

/// The person may know of a petition that complains of somebody: whoever stood in that unit when it was received may not.
pub fn kept_out(given: &Assignment, petition: &Petition, reference: &Reference) -> Option<Fault> {
    let what = "stood in the unit complained of when it was received";
    is_kept_out(given.handler?, petition, reference).then(|| Fault::new("assignment.handler", what))
}

fn is_kept_out(person: AccountId, petition: &Petition, reference: &Reference) -> bool {
    let person = reference.someone(person, |_| true);
    person.is_some_and(|person| permission::conflicted(&person, petition, &reference.units))
}

/// What stands against a petition's complaining of whom it complains: it lies inside that unit, or with somebody who may
/// not know of it.
pub fn held_inside(petition: &Petition, reference: &Reference) -> Option<&'static str> {
    let accused = petition.accused()?;
    let mut units = std::iter::once(petition.holder).chain(petition.co_units.iter().copied());
    if units.any(|unit| reference.units.within(unit, accused)) {
        return Some("has the petition, or contributes to it; assign it elsewhere first");
    }
    let kept_out = petition.handler.is_some_and(|handler| is_kept_out(handler, petition, reference));
    kept_out.then_some("is where the person stands who has it; assign it elsewhere first")
}

/// A request of the data subject is what it is, and nothing else becomes one.
pub fn kind(kind: Option<Kind>, others: [(&'static str, bool); 3], petition: &Petition) -> Vec<Fault> {
    if petition.is_data_request() {
        let said = [("kind", kind.is_some())].into_iter().chain(others).filter(|(_, said)| *said);
        return said.map(|(field, _)| Fault::new(field, "is not for a request of a data subject")).collect();
    }
    let becomes = kind.filter(|kind| *kind == Kind::DataRequest);
    becomes.map(|_| Fault::new("kind", "is submitted by SubmitDataRequest only")).into_iter().collect()
}

/// What the petitioner left open, whoever takes it up must say; of a request of the data subject there is nothing to say.
pub fn unnamed(has_class: bool, has_field: bool, petition: &Petition) -> Vec<Fault> {
    if petition.is_data_request() {
        return Vec::new();
    }
    let class = (!has_class && petition.class.is_none()).then_some("subject_class");
    let field = (!has_field && petition.field.is_none()).then_some("field");
    let fault = |field| Fault::new(field, "is required: the petitioner named none");
    class.into_iter().chain(field).map(fault).collect()
}

/// Conduct is found to be so or not, and nothing else is.
pub fn finding(has_finding: bool, petition: &Petition) -> Option<Fault> {
    let what = match (petition.class.is_some_and(SubjectClass::concerns_conduct), has_finding) {
        (true, false) => "is required for CONDUCT and BOTH",
        (false, true) => "is for CONDUCT and BOTH only",
        _ => return None,
    };
    Some(Fault::new("finding", what))
}

/// The policy says by how much time is extended at the most.
pub fn extension(days: u32, petition: &Petition, reference: &Reference) -> Option<Fault> {
    let most = reference.terms(petition).extension_days;
    (days > most).then(|| Fault::new("days", format!("must be at most {most}")))
}

/// The unit complained of, if it is one's conduct.
pub fn accused(class: Option<SubjectClass>, concerned: Option<UnitId>) -> Option<UnitId> {
    concerned.filter(|_| class.is_some_and(SubjectClass::concerns_conduct))
}
