//! What rules make of a petition: which of their conditions it does not meet, and what the one on top decides.

use std::{cmp::Reverse, sync::Arc};

use super::{
    Rule, Written,
    phrases::{Phrase, Text},
};
use crate::domain::{
    ids::UnitId,
    petition::Petition,
    reference::Reference,
    time::Instant,
    unit::Units,
    words::{Channel, Condition, PetitionerType, SubjectClass, UnitState},
};

/// All rules, the highest priority first; of the same priority by code.
#[derive(Debug, Clone, Default)]
pub struct Rules(Vec<Arc<Ready>>);

/// A rule with what is looked up once.
#[derive(Debug)]
struct Ready {
    rule: Rule,
    all: Vec<Phrase>,
    any: Vec<Phrase>,
}

impl Rules {
    /// Puts rules in order.
    pub fn new(rules: impl IntoIterator<Item = Rule>) -> Self {
        let phrases = |typed: &[String]| typed.iter().map(|typed| Phrase::new(typed)).collect();
        let ready = |rule: Rule| {
            let (all, any) = (phrases(&rule.conditions.all_phrases), phrases(&rule.conditions.any_phrases));
            Arc::new(Ready { rule, all, any })
        };
        let mut rules: Vec<Arc<Ready>> = rules.into_iter().map(ready).collect();
        rules.sort_by(|one, other| {
            let key = |ready: &Ready| (Reverse(ready.rule.priority), ready.rule.code.clone());
            key(one).cmp(&key(other))
        });
        Self(rules)
    }

    /// Every rule.
    pub fn all(&self) -> impl Iterator<Item = &Rule> {
        self.0.iter().map(|ready| &ready.rule)
    }

    /// A rule by code.
    pub fn get(&self, code: &str) -> Option<&Rule> {
        self.all().find(|rule| rule.code == code)
    }

    /// These rules without some, and with others.
    pub fn changed(&self, without: &[String], with: Vec<Rule>) -> Self {
        let kept = self.all().filter(|rule| !without.contains(&rule.code)).cloned();
        Self::new(kept.chain(with))
    }

    /// Whether any rule is for the petitions of a focal unit.
    pub fn any_for(&self, focal: UnitId, units: &Units) -> bool {
        self.0.iter().any(|ready| is_for(&ready.rule, focal, units))
    }
}

/// Whether a rule is for the petitions of a focal unit: its own, or what came to it from one that is dissolved.
fn is_for(rule: &Rule, focal: UnitId, units: &Units) -> bool {
    rule.focal == focal
        || (units.is_closed(rule.focal) && units.focal_for(rule.focal).is_some_and(|unit| unit.id == focal))
}

/// What rules look at in a petition.
#[derive(Debug)]
pub struct Facts<'a> {
    pub(super) focal: UnitId,
    pub(super) fields: Vec<String>,
    pub(super) class: Option<SubjectClass>,
    pub(super) channel: Channel,
    pub(super) accused: Option<UnitId>,
    pub(super) place: &'a str,
    pub(super) petitioner: Option<PetitionerType>,
    pub(super) text: Text<'a>,
    pub(super) units: &'a Units,
    pub(super) now: Instant,
}

impl<'a> Facts<'a> {
    /// Of a petition as it stands.
    pub fn of(petition: &Petition, written: &'a Written, reference: &'a Reference, now: Instant) -> Self {
        Self {
            focal: petition.focal,
            fields: petition.field.as_deref().map(|field| reference.field_line(field)).unwrap_or_default(),
            class: petition.class,
            channel: petition.channel,
            accused: petition.accused(),
            place: &written.place,
            petitioner: written.petitioner,
            text: Text::new(&written.folded),
            units: &reference.units,
            now,
        }
    }

    /// Whether a unit is complained of, or lies below it.
    pub(super) fn is_accused(&self, unit: UnitId) -> bool {
        self.accused.is_some_and(|accused| self.units.within(unit, self.units.heir(accused)))
    }
}

/// A rule for the petitions of the focal unit, weighed.
#[derive(Debug, Clone)]
pub struct Weighed<'r> {
    /// The rule.
    pub rule: &'r Rule,
    /// The unit that stands where the rule names one: itself, or what came after it.
    pub unit: UnitId,
    /// What it asks for and the petition does not meet; nothing where it catches.
    pub failed: Vec<Condition>,
}

impl Ready {
    /// Weighs the rule, as far as the first condition that is not met if that is enough.
    fn weigh(&self, facts: &Facts<'_>, whole: bool) -> Weighed<'_> {
        let (rule, asked, units) = (&self.rule, &self.rule.conditions, facts.units);
        let unit = units.successor(rule.unit, &facts.fields);
        let mut weighed = Weighed { rule, unit, failed: Vec::new() };
        // What costs least first.
        let conditions: [(Condition, &dyn Fn() -> bool); 10] = [
            (Condition::Validity, &|| rule.in_force(facts.now)),
            (Condition::Channel, &|| asked.channels.is_empty() || asked.channels.contains(&facts.channel)),
            (Condition::SubjectClass, &|| among(&asked.classes, facts.class)),
            (Condition::PetitionerType, &|| among(&asked.petitioners, facts.petitioner)),
            (Condition::Field, &|| asked.field.as_ref().is_none_or(|field| facts.fields.contains(field))),
            (Condition::Unit, &|| units.get(unit).is_some_and(|unit| unit.state == UnitState::Open)),
            (Condition::UnitComplainedOf, &|| !facts.is_accused(unit)),
            (Condition::Place, &|| asked.places.is_empty() || lies_in(facts.place, &asked.places)),
            (Condition::AllPhrases, &|| self.all.iter().all(|phrase| facts.text.has(phrase))),
            (Condition::AnyPhrase, &|| self.any.is_empty() || self.any.iter().any(|phrase| facts.text.has(phrase))),
        ];
        for (condition, is_met) in conditions {
            if !is_met() {
                weighed.failed.push(condition);
                if !whole {
                    break;
                }
            }
        }
        weighed
    }
}

fn among<T: PartialEq>(asked: &[T], is: Option<T>) -> bool {
    asked.is_empty() || is.is_some_and(|is| asked.contains(&is))
}

fn lies_in(place: &str, asked: &[String]) -> bool {
    let lies = |asked: &String| match asked.strip_suffix('*') {
        Some(beginning) => place.starts_with(beginning),
        None => place == asked,
    };
    !place.is_empty() && asked.iter().any(lies)
}

impl Rules {
    /// Every rule for the petitions of the focal unit, weighed in full, in their order; without those that have ended.
    pub(super) fn weighed<'r>(&'r self, facts: &Facts<'_>) -> Vec<Weighed<'r>> {
        let of_focal = self.0.iter().filter(|ready| is_for(&ready.rule, facts.focal, facts.units));
        of_focal.filter(|ready| !ready.rule.has_ended(facts.now)).map(|ready| ready.weigh(facts, true)).collect()
    }
}

/// What rules decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision<'r> {
    /// The rule on top, and the unit that stands where it names one.
    Unit(&'r Rule, UnitId),
    /// Rules of the same priority name different units.
    Tied,
    /// No rule catches it.
    Uncaught,
}

/// What rules decide of a petition; looks no further than it must.
pub fn decide<'r>(rules: &'r Rules, facts: &Facts<'_>) -> Decision<'r> {
    let mut top: Option<(&Rule, UnitId)> = None;
    for ready in rules.0.iter().filter(|ready| is_for(&ready.rule, facts.focal, facts.units)) {
        if top.is_some_and(|(rule, _)| rule.priority > ready.rule.priority) {
            break;
        }
        let weighed = ready.weigh(facts, false);
        match top {
            _ if !weighed.failed.is_empty() => {}
            Some((_, unit)) if unit != weighed.unit => return Decision::Tied,
            Some(_) => {}
            None => top = Some((weighed.rule, weighed.unit)),
        }
    }
    top.map_or(Decision::Uncaught, |(rule, unit)| Decision::Unit(rule, unit))
}
