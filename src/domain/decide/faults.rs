//! What is amiss in what a command says, of whichever petition: a face names it together with the faults of its own.

use crate::domain::{
    account::Actor,
    event::Assignment,
    ids::UnitId,
    reference::Reference,
    refusal::Fault,
    words::{Priority, Role, SubjectClass},
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

/// Each unit is named once, none of them is the one complained of or lies below it, and the person handles for the one
/// that leads without standing inside the one complained of.
pub fn assignment(given: &Assignment, accused: Option<UnitId>, reference: &Reference) -> Vec<Fault> {
    let units = &reference.units;
    let accused = |unit| accused.is_some_and(|accused| units.within(unit, accused));
    const ACCUSED: &str = "is the unit complained of, or below it";
    let lead = accused(given.unit).then(|| Fault::new("assignment.unit", ACCUSED));
    let others = given.co_units.iter().enumerate().filter_map(|(n, unit)| {
        let what = if accused(*unit) {
            ACCUSED
        } else if *unit == given.unit {
            "is the unit that leads"
        } else if given.co_units[..n].contains(unit) {
            "is named twice"
        } else {
            return None;
        };
        Some(Fault::new(format!("assignment.co_handling_units[{n}]"), what))
    });
    let able = |actor: Actor| actor.covers(Role::Handler, given.unit, units) && !actor.unit().is_some_and(accused);
    let unable = given.handler.filter(|handler| !reference.actor(*handler).is_some_and(able));
    let handler = unable.map(|_| Fault::new("assignment.handler", "is not a handler of that unit"));
    lead.into_iter().chain(others).chain(handler).collect()
}

/// The unit complained of, if it is one's conduct.
pub fn accused(class: Option<SubjectClass>, concerned: Option<UnitId>) -> Option<UnitId> {
    concerned.filter(|_| class.is_some_and(SubjectClass::concerns_conduct))
}
