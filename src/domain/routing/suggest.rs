//! Suggesting units: ranked, each with what speaks for it and what does not.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashMap},
};

use super::{Answered, Decision, Facts, Learnt, Rule, Rules, Weighed, decide, learnt::learnt};
use crate::domain::{ids::UnitId, words::Condition};

/// Rules of each kind that are named for a unit at the most.
const NAMED: usize = 20;
/// Units that are suggested at the most.
const UNITS: usize = 20;

/// A rule that catches.
#[derive(Debug, Clone)]
pub struct Matched<'r> {
    /// The rule.
    pub rule: &'r Rule,
    /// The unit that it names, where that is dissolved and another one stands in its place.
    pub in_place_of: Option<UnitId>,
}

/// A rule that does not catch, and why.
#[derive(Debug, Clone)]
pub struct Failed<'r> {
    /// The rule.
    pub rule: &'r Rule,
    /// The unit that stands where it names one.
    pub unit: UnitId,
    /// What it asks for and the petition does not meet.
    pub conditions: Vec<Condition>,
}

/// A unit that may be competent.
#[derive(Debug, Clone)]
pub struct Suggestion<'r> {
    /// The unit.
    pub unit: UnitId,
    /// Rules that catch, the highest priority first.
    pub matched: Vec<Matched<'r>>,
    /// Rules for the unit that do not catch, those nearest to it first.
    pub failed: Vec<Failed<'r>>,
    /// What it answered before.
    pub learnt: Learnt,
}

/// What there is to suggest.
#[derive(Debug, Clone)]
pub struct Suggestions<'r> {
    /// Units, likeliest first: those that rules name by the priority of the rule on top, then those that answered
    /// similar texts.
    pub units: Vec<Suggestion<'r>>,
    /// Rules for other units that do not catch, those nearest to it first.
    pub nearest: Vec<Failed<'r>>,
    /// Rules that were weighed.
    pub weighed: usize,
    /// What the rules decide.
    pub decision: Decision<'r>,
}

impl Suggestions<'_> {
    /// Nothing: no rule was asked.
    pub const fn none() -> Self {
        Self { units: Vec::new(), nearest: Vec::new(), weighed: 0, decision: Decision::Uncaught }
    }
}

/// Suggests units for a petition, by rules and by what was answered before.
pub fn suggest<'r>(rules: &'r Rules, answered: &[Answered], facts: &Facts<'_>) -> Suggestions<'r> {
    let weighed = rules.weighed(facts);
    let count = weighed.len();
    let (caught, missed): (Vec<_>, Vec<_>) = weighed.into_iter().partition(|weighed| weighed.failed.is_empty());
    let mut by_unit: BTreeMap<UnitId, Suggestion<'r>> = BTreeMap::new();
    for (unit, learnt) in learnt(answered, facts) {
        suggestion(&mut by_unit, unit).learnt = learnt;
    }
    for Weighed { rule, unit, .. } in caught {
        let in_place_of = Some(rule.unit).filter(|named| *named != unit);
        suggestion(&mut by_unit, unit).matched.push(Matched { rule, in_place_of });
    }
    let mut units: Vec<Suggestion<'r>> = by_unit.into_values().collect();
    units.sort_by_key(|one| {
        let top = one.matched.first().map(|matched| matched.rule.priority);
        (Reverse((top, one.matched.len(), one.learnt.weight)), facts.units.code(one.unit).to_owned())
    });
    units.truncate(UNITS);
    let places: HashMap<UnitId, usize> = units.iter().enumerate().map(|(place, one)| (one.unit, place)).collect();
    let mut missed: Vec<Failed<'r>> =
        missed.into_iter().map(|Weighed { rule, unit, failed }| Failed { rule, unit, conditions: failed }).collect();
    // In the order of the rules where as many conditions are not met.
    missed.sort_by_key(|failed| failed.conditions.len());
    let mut nearest = Vec::new();
    for failed in missed {
        let named = match places.get(&failed.unit) {
            Some(place) => &mut units[*place].failed,
            None => &mut nearest,
        };
        if named.len() < NAMED {
            named.push(failed);
        }
    }
    units.iter_mut().for_each(|one| one.matched.truncate(NAMED));
    Suggestions { units, nearest, weighed: count, decision: decide(rules, facts) }
}

fn suggestion<'s, 'r>(by_unit: &'s mut BTreeMap<UnitId, Suggestion<'r>>, unit: UnitId) -> &'s mut Suggestion<'r> {
    let none = || Suggestion { unit, matched: Vec::new(), failed: Vec::new(), learnt: Learnt::default() };
    by_unit.entry(unit).or_insert_with(none)
}

#[cfg(test)]
mod tests;
