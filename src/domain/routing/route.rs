//! What the rules make of a petition that is accepted without being assigned.

use super::{Decision, Facts, Routed, RuleRef, Written, decide};
use crate::domain::{
    decide::faults, event::Assignment, petition::Petition, reference::Reference, time::Instant, words::Routing,
};

/// How the rules stand for a petition as it is accepted, and to whom it goes by itself: where its field is set to assign
/// by itself, one rule decides, the unit that this rule names is there still, and nothing else speaks against it.
pub fn route(
    accepted: &Petition,
    written: &Written,
    reference: &Reference,
    now: Instant,
) -> (Routed, Option<Assignment>) {
    let facts = Facts::of(accepted, written, reference, now);
    let (rule, unit) = match decide(&reference.rules, &facts) {
        Decision::Unit(rule, unit) => (rule, unit),
        Decision::Tied => return (Routed { how: Routing::Tied, rule: None }, None),
        Decision::Uncaught => return (Routed { how: Routing::Unrouted, rule: None }, None),
    };
    let field = accepted.field.as_deref().and_then(|field| reference.field(field));
    let by_itself = unit == rule.unit && field.is_some_and(|field| field.assigns_itself);
    let assignment = Assignment { unit, co_units: Vec::new(), handler: None };
    let accused = accepted.accused();
    let assignment =
        Some(assignment).filter(|to| by_itself && faults::assignment(to, accused, (reference, Some(now))).is_empty());
    let how = if assignment.is_some() { Routing::ByRule } else { Routing::Suggested };
    (Routed { how, rule: Some(RuleRef { code: rule.code.clone(), etag: rule.etag() }) }, assignment)
}
