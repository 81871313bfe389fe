//! Dissolving a unit: who comes after it, and what keeps it from being dissolved.

use chrono::NaiveDate;

use super::{
    ids::UnitId,
    refusal::{Fault, Refusal, rule},
    unit::{Successors, Unit, Units, day_after},
    words::UnitState,
};

/// That a unit is to be dissolved.
#[derive(Debug, Clone)]
pub struct Closing {
    /// Its last local day.
    pub on: NaiveDate,
    /// Who comes after it.
    pub successors: Successors,
    /// Whether all that lies below it and is still open ends with it.
    pub subtree: bool,
}

/// The unit, and with it what lies below it, as they are once their end is known.
///
/// # Errors
/// `Invalid` for a day before the unit's first, and for successors that are the unit itself, lie below it, are closed by
/// then, are not in force yet, or lead back to it; a rule for the top of the tree, for a unit that is closed, and for
/// open units below it that do not end with it.
pub fn close(unit: &Unit, closing: &Closing, units: &Units, today: NaiveDate) -> Result<Vec<Unit>, Refusal> {
    if unit.parent.is_none() {
        return Err(rule("TOP_UNIT", "the top of the tree cannot be closed"));
    }
    if unit.state == UnitState::Closed {
        return Err(rule("UNIT_CLOSED", format!("{} is closed", unit.code)));
    }
    let mut faults = Vec::new();
    if unit.valid_from.is_some_and(|first| closing.on < first) {
        faults.push(Fault::new("closed_on", "lies before its first day"));
    }
    let fault = |successor| unfit(successor, unit, closing.on, units);
    faults.extend(fault(closing.successors.default).map(|what| Fault::new("successor", what)));
    for (n, (field, successor)) in closing.successors.by_field.iter().enumerate() {
        if closing.successors.by_field[..n].iter().any(|(other, _)| other == field) {
            faults.push(Fault::new(format!("successors_by_field[{n}].field"), "is named twice"));
        }
        let what = fault(*successor);
        faults.extend(what.map(|what| Fault::new(format!("successors_by_field[{n}].unit"), what)));
    }
    if !faults.is_empty() {
        return Err(Refusal::Invalid(faults));
    }
    let outlives = |below: &&Unit| below.id != unit.id && below.closed_on.is_none_or(|last| last > closing.on);
    let below: Vec<&Unit> = units.subtree(unit.id).iter().filter_map(|id| units.get(*id)).filter(outlives).collect();
    if let (Some(first), false) = (below.first(), closing.subtree) {
        let what =
            format!("{} and {} more below it are open; close them first, or with it", first.code, below.len() - 1);
        return Err(rule("OPEN_UNITS_BELOW", what));
    }
    let ended = |unit: &Unit| {
        let closed_on = Some(closing.on);
        let mut unit = Unit { closed_on, successors: Some(closing.successors.clone()), ..unit.clone() };
        unit.state = unit.state_on(today);
        unit
    };
    Ok(std::iter::once(unit).chain(below).map(ended).collect())
}

/// Why a unit cannot come after another one whose last day is named.
pub fn unfit(successor: UnitId, unit: &Unit, on: NaiveDate, units: &Units) -> Option<String> {
    let next = units.get(successor)?;
    if units.within(successor, unit.id) || successor == unit.id {
        return Some("is the unit itself, or lies below it".to_owned());
    }
    if next.state == UnitState::Closed {
        return Some("is closed".to_owned());
    }
    if let Some(last) = next.closed_on.filter(|last| *last <= on) {
        return Some(format!("closes on {last}"));
    }
    if !next.stands_from(day_after(on)) {
        return Some("is not in force by then".to_owned());
    }
    units.leads_to(successor, unit.id).then(|| "leads back to the unit".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::unit::tests::unit;
    use uuid::Uuid;

    fn id(n: u128) -> UnitId {
        UnitId(Uuid::from_u128(n))
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn closing(default: u128, subtree: bool) -> Closing {
        let successors = Successors { default: id(default), by_field: Vec::new() };
        Closing { on: day("2025-06-30"), successors, subtree }
    }

    fn tree() -> Vec<Unit> {
        vec![unit(1, None, false), unit(2, Some(1), false), unit(3, Some(2), false), unit(4, Some(1), false)]
    }

    #[test]
    fn what_lies_below_ends_with_it_or_keeps_it() {
        let units = Units::new(tree());
        let close = |n, closing: &Closing, today| close(units.get(id(n)).unwrap(), closing, &units, day(today));
        let ended = close(2, &closing(4, true), "2025-07-01").unwrap();
        let told: Vec<_> = ended.iter().map(|unit| (unit.id, unit.state)).collect();
        assert_eq!(told, [(id(2), UnitState::Closed), (id(3), UnitState::Closed)]);
        let planned = close(3, &closing(4, false), "2025-06-30").unwrap();
        assert_eq!((planned.len(), planned[0].state), (1, UnitState::Open), "its last day is not over");
        let reason = |refused: Result<_, _>| match refused {
            Err(Refusal::Rule { reason, .. }) => reason,
            other => panic!("{other:?}"),
        };
        assert_eq!(reason(close(2, &closing(4, false), "2025-07-01")), "OPEN_UNITS_BELOW");
        assert_eq!(reason(close(1, &closing(4, true), "2025-07-01")), "TOP_UNIT");
    }

    #[test]
    fn a_successor_outlives_it() {
        let mut all = tree();
        let planned = |n, on, to| Unit {
            closed_on: Some(day(on)),
            successors: Some(Successors { default: id(to), by_field: Vec::new() }),
            ..unit(n, Some(1), false)
        };
        all.extend([planned(5, "2025-06-30", 4), planned(6, "2025-12-31", 2)]);
        all.push(Unit { state: UnitState::Closed, ..planned(7, "2024-12-31", 4) });
        all.push(Unit { valid_from: Some(day("2025-08-01")), ..unit(8, Some(1), false) });
        let units = Units::new(all);
        let said = |n| match close(units.get(id(2)).unwrap(), &closing(n, true), &units, day("2025-06-01")) {
            Err(Refusal::Invalid(faults)) => faults[0].what.clone(),
            other => format!("{}", other.is_ok()),
        };
        let told = [2, 3, 4, 5, 6, 7, 8].map(said);
        assert_eq!(
            told,
            [
                "is the unit itself, or lies below it",
                "is the unit itself, or lies below it",
                "true",
                "closes on 2025-06-30",
                "leads back to the unit",
                "is closed",
                "is not in force by then",
            ]
        );
    }
}
