//! What past petitions teach: which units answered texts like this one.

use std::collections::BTreeMap;

use super::Facts;
use crate::domain::{ids::UnitId, words::UnitState};

/// A petition that was answered, as far as it teaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// The unit that answered it.
    pub unit: UnitId,
    /// How much its text resembles the one asked about, of 100.
    pub resemblance: u32,
}

/// How often a unit answered texts that resemble one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Learnt {
    /// Petitions that it answered.
    pub petitions: u32,
    /// How much the likest of them resembles the text, of 100.
    pub resemblance: u32,
    /// All resemblances together: what the units are ranked by.
    pub weight: u32,
}

/// What the units that take work have answered. What a dissolved unit answered speaks for its successor; what the unit
/// complained of has answered, for nobody.
pub(super) fn learnt(answered: &[Answered], facts: &Facts<'_>) -> BTreeMap<UnitId, Learnt> {
    let mut by_unit: BTreeMap<UnitId, Learnt> = BTreeMap::new();
    for past in answered {
        let unit = facts.units.successor(past.unit, &facts.fields);
        let open = facts.units.get(unit).is_some_and(|unit| unit.state == UnitState::Open);
        if open && !facts.is_accused(unit) {
            let learnt = by_unit.entry(unit).or_default();
            learnt.petitions += 1;
            learnt.resemblance = learnt.resemblance.max(past.resemblance);
            learnt.weight += past.resemblance;
        }
    }
    by_unit
}
