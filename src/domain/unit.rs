//! The tree of units: who lies below whom, who receives for whom, and who came after whom.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

pub use super::places::{Edit, Given, Places};
use super::{
    ids::UnitId,
    text::{hex, json},
    time,
    words::{UnitLevel, UnitState},
};

/// A node of the tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unit {
    /// Its id.
    pub id: UnitId,
    /// Stable code, unique.
    pub code: String,
    /// Code in the national list; may be empty. No two units have the same at a time.
    pub national_code: String,
    /// The unit above; none at the top.
    pub parent: Option<UnitId>,
    /// Its level.
    pub level: UnitLevel,
    /// Vietnamese name.
    pub name: String,
    /// Short name; may be empty.
    pub short_name: String,
    /// English name; may be empty.
    pub name_en: String,
    /// Short English name; may be empty.
    pub short_name_en: String,
    /// Where letters to it go; may be empty.
    pub mailbox: String,
    /// Receives for the unit above it and everything below that.
    pub focal: bool,
    /// Its first local day; none means always.
    pub valid_from: Option<NaiveDate>,
    /// Its last local day; none while its end is not known.
    pub closed_on: Option<NaiveDate>,
    /// Whether it takes work, as of the last local midnight that was seen.
    pub state: UnitState,
    /// Who comes after it; of every unit whose end is known.
    pub successors: Option<Successors>,
}

/// Who comes after a dissolved unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Successors {
    /// Where no field says otherwise.
    pub default: UnitId,
    /// By the code of a field, for it and those below it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub by_field: Vec<(String, UnitId)>,
}

impl Successors {
    /// Every one of them.
    pub fn all(&self) -> impl Iterator<Item = UnitId> + '_ {
        std::iter::once(self.default).chain(self.by_field.iter().map(|(_, unit)| *unit))
    }

    /// The one for a field; `fields` are its code and those above it, nearest first.
    fn of(&self, fields: &[String]) -> UnitId {
        let named = |field: &String| self.by_field.iter().find(|(own, _)| own == field).map(|(_, unit)| *unit);
        fields.iter().find_map(named).unwrap_or(self.default)
    }
}

impl Unit {
    /// What its validity makes of it on a local day.
    pub fn state_on(&self, today: NaiveDate) -> UnitState {
        if self.closed_on.is_some_and(|last| last < today) {
            UnitState::Closed
        } else if self.valid_from.is_some_and(|first| first > today) {
            UnitState::Planned
        } else {
            UnitState::Open
        }
    }

    /// Whether it is in force on every day from one on.
    pub fn stands_from(&self, day: NaiveDate) -> bool {
        self.closed_on.is_none_or(|last| last >= day) && self.valid_from.is_none_or(|first| first <= day)
    }

    /// Why it takes no work; none if it does.
    pub const fn idle(&self) -> Option<&'static str> {
        match self.state {
            UnitState::Planned => Some("is not in force yet"),
            UnitState::Open => None,
            UnitState::Closed => Some("is closed"),
        }
    }

    /// Moves when anything of it moves.
    pub fn etag(&self) -> String {
        hex(&Sha256::digest(json(self))[..8])
    }
}

/// The day after a unit's last.
pub fn day_after(last: NaiveDate) -> NaiveDate {
    time::next(last)
}

/// All units, with their places in the tree.
#[derive(Debug, Clone, Default)]
pub struct Units {
    by_id: HashMap<UnitId, Unit>,
    by_code: HashMap<String, UnitId>,
    /// Pre-order: parents before children.
    order: Vec<UnitId>,
    /// Position in `order`, and the position after the last unit below.
    reach: HashMap<UnitId, (usize, usize)>,
    /// The focal unit right below a unit.
    focal: HashMap<UnitId, UnitId>,
    /// Of each dissolved unit the one that stands in its place by now.
    heirs: HashMap<UnitId, UnitId>,
}

impl Units {
    /// Lays the tree out. Units whose parents are missing or go round in a circle are left out.
    pub fn new(units: Vec<Unit>) -> Self {
        let mut children: HashMap<Option<UnitId>, Vec<UnitId>> = HashMap::new();
        for unit in &units {
            children.entry(unit.parent).or_default().push(unit.id);
        }
        let by_id: HashMap<UnitId, Unit> = units.into_iter().map(|unit| (unit.id, unit)).collect();
        for siblings in children.values_mut() {
            siblings.sort_by(|a, b| by_id[a].code.cmp(&by_id[b].code));
        }
        let mut order = Vec::with_capacity(by_id.len());
        let mut reach: HashMap<UnitId, (usize, usize)> = HashMap::with_capacity(by_id.len());
        let mut stack: Vec<(UnitId, bool)> = Vec::new();
        let push = |stack: &mut Vec<(UnitId, bool)>, parent| {
            stack.extend(children.get(&parent).into_iter().flatten().rev().map(|id| (*id, false)));
        };
        push(&mut stack, None);
        while let Some((id, left)) = stack.pop() {
            if left {
                if let Some(place) = reach.get_mut(&id) {
                    *place = (place.0, order.len());
                }
            } else {
                reach.insert(id, (order.len(), order.len()));
                order.push(id);
                stack.push((id, true));
                push(&mut stack, Some(id));
            }
        }
        let (mut focal, mut heirs) = (HashMap::new(), HashMap::new());
        let by_code = order.iter().map(|id| (by_id[id].code.clone(), *id)).collect();
        let mut tree = Self { by_id, by_code, order, reach, focal: HashMap::new(), heirs: HashMap::new() };
        for unit in tree.all().filter(|unit| unit.focal && unit.state == UnitState::Open) {
            focal.extend(unit.parent.map(|parent| (parent, unit.id)));
        }
        let closed = tree.all().filter(|unit| unit.state == UnitState::Closed);
        heirs.extend(closed.map(|unit| (unit.id, tree.successor(unit.id, &[]))));
        (tree.focal, tree.heirs) = (focal, heirs);
        tree
    }

    /// A unit by id.
    pub fn get(&self, id: UnitId) -> Option<&Unit> {
        self.by_id.get(&id)
    }

    /// A unit by code.
    pub fn by_code(&self, code: &str) -> Option<&Unit> {
        self.by_code.get(code).and_then(|id| self.get(*id))
    }

    /// A unit by code that accounts may belong to, or why they may not.
    ///
    /// # Errors
    /// What is wrong with the code.
    pub fn joined(&self, code: &str) -> Result<UnitId, &'static str> {
        let unit = self.by_code(code).ok_or("is not the code of a unit")?;
        if unit.state == UnitState::Closed { Err("is closed") } else { Ok(unit.id) }
    }

    /// The code of a unit; empty when unknown.
    pub fn code(&self, id: UnitId) -> &str {
        self.get(id).map_or("", |unit| unit.code.as_str())
    }

    /// Every unit, parents before children.
    pub fn all(&self) -> impl Iterator<Item = &Unit> {
        self.order.iter().filter_map(|id| self.get(*id))
    }

    /// The top of the tree.
    pub fn root(&self) -> Option<&Unit> {
        self.all().next()
    }

    /// Whether `unit` is `top` or below it.
    pub fn within(&self, unit: UnitId, top: UnitId) -> bool {
        match (self.reach.get(&unit), self.reach.get(&top)) {
            (Some((at, _)), Some((from, to))) => from <= at && at < to,
            _ => false,
        }
    }

    /// `top` and everything below it, parents first.
    pub fn subtree(&self, top: UnitId) -> &[UnitId] {
        self.reach.get(&top).map_or(&[], |(from, to)| &self.order[*from..*to])
    }

    /// The nearest unit in force that lies above all of these and is none of them.
    pub fn above_all(&self, units: &[UnitId]) -> Option<UnitId> {
        let is_above = |above: &&Unit| {
            above.state == UnitState::Open && units.iter().all(|unit| *unit != above.id && self.within(*unit, above.id))
        };
        units.first().and_then(|first| self.above(*first).find(is_above)).map(|unit| unit.id)
    }

    /// How many units lie above.
    pub fn depth(&self, id: UnitId) -> usize {
        self.above(id).count()
    }

    /// The units above, nearest first.
    pub fn above(&self, id: UnitId) -> impl Iterator<Item = &Unit> {
        std::iter::successors(self.parent(id), |unit| self.parent(unit.id))
    }

    fn parent(&self, id: UnitId) -> Option<&Unit> {
        self.get(id)?.parent.and_then(|parent| self.get(parent))
    }

    /// The unit that receives for `unit`: itself, or the nearest focal unit beside or above it. Of what is dissolved,
    /// the one that receives for its successor.
    pub fn focal_for(&self, unit: UnitId) -> Option<&Unit> {
        let unit = self.heir(unit);
        let own = self.get(unit).into_iter();
        own.chain(self.above(unit)).find_map(|place| {
            if place.focal && place.state == UnitState::Open {
                return Some(place);
            }
            self.focal.get(&place.id).and_then(|below| self.get(*below))
        })
    }

    /// Whether a unit is dissolved.
    pub fn is_closed(&self, unit: UnitId) -> bool {
        self.heirs.contains_key(&unit)
    }

    /// Whether any unit is dissolved.
    pub fn any_closed(&self) -> bool {
        !self.heirs.is_empty()
    }

    /// The unit that stands in the place of a dissolved one; a unit that is not dissolved stands in its own.
    pub fn heir(&self, unit: UnitId) -> UnitId {
        self.heirs.get(&unit).copied().unwrap_or(unit)
    }

    /// Dissolved units in whose place one of these stands.
    pub fn before(&self, units: &[UnitId]) -> Vec<UnitId> {
        if self.heirs.is_empty() {
            return Vec::new();
        }
        let units: HashSet<UnitId> = units.iter().copied().collect();
        let mut before: Vec<UnitId> =
            self.heirs.iter().filter(|(_, heir)| units.contains(heir)).map(|(unit, _)| *unit).collect();
        before.sort();
        before
    }

    /// Every unit that came after a dissolved one, in whatever field, and after those in their turn.
    pub fn after(&self, unit: UnitId) -> Vec<UnitId> {
        let (mut left, mut after) = (vec![unit], Vec::new());
        while let Some(at) = left.pop().filter(|_| !self.heirs.is_empty()) {
            let closed = self.get(at).filter(|unit| unit.state == UnitState::Closed);
            for next in closed.and_then(|unit| unit.successors.as_ref()).into_iter().flat_map(Successors::all) {
                if !after.contains(&next) {
                    after.push(next);
                    left.push(next);
                }
            }
        }
        after
    }

    /// The unit that has by now what a unit had in a field; `fields` are its code and those above it, nearest first.
    pub fn successor(&self, unit: UnitId, fields: &[String]) -> UnitId {
        let mut at = unit;
        // Nothing goes round in a circle, or it would never end here.
        for _ in 0..self.by_id.len() {
            let closed = self.get(at).filter(|unit| unit.state == UnitState::Closed);
            let Some(successors) = closed.and_then(|unit| unit.successors.as_ref()) else { return at };
            at = successors.of(fields);
        }
        at
    }

    /// Whether what `from` has would come to `to`, now or once units are dissolved whose end is known.
    pub fn leads_to(&self, from: UnitId, to: UnitId) -> bool {
        let (mut left, mut seen) = (vec![from], Vec::new());
        while let Some(at) = left.pop() {
            if at == to {
                return true;
            }
            if !seen.contains(&at) {
                seen.push(at);
                let successors = self.get(at).and_then(|unit| unit.successors.as_ref());
                left.extend(successors.into_iter().flat_map(Successors::all));
            }
        }
        false
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use uuid::Uuid;

    pub(crate) fn unit(n: u128, parent: Option<u128>, focal: bool) -> Unit {
        Unit {
            id: UnitId(Uuid::from_u128(n)),
            code: format!("U{n}"),
            national_code: String::new(),
            parent: parent.map(|p| UnitId(Uuid::from_u128(p))),
            level: UnitLevel::Department,
            name: format!("Đơn vị {n}"),
            short_name: String::new(),
            name_en: String::new(),
            short_name_en: String::new(),
            mailbox: String::new(),
            focal,
            valid_from: None,
            closed_on: None,
            state: UnitState::Open,
            successors: None,
        }
    }

    #[test]
    fn the_tree_knows_what_is_below_and_who_receives() {
        let id = |n| UnitId(Uuid::from_u128(n));
        let units = Units::new(vec![
            unit(4, Some(3), false),
            unit(3, Some(1), false),
            unit(2, Some(1), true),
            unit(1, None, false),
            unit(9, Some(8), false),
            unit(8, Some(9), false),
        ]);
        assert_eq!(units.all().count(), 4, "a circle is left out");
        assert!(units.within(id(4), id(1)) && units.within(id(4), id(3)) && units.within(id(4), id(4)));
        assert!(!units.within(id(3), id(4)) && !units.within(id(2), id(3)));
        assert_eq!(units.focal_for(id(4)).unwrap().id, id(2));
        assert_eq!(units.subtree(id(3)), [id(3), id(4)]);
        assert_eq!(units.depth(id(4)), 2);
        let above_all = |all: &[u128]| units.above_all(&all.iter().map(|n| id(*n)).collect::<Vec<_>>());
        assert_eq!([above_all(&[4]), above_all(&[4, 3]), above_all(&[4, 2])], [Some(id(3)), Some(id(1)), Some(id(1))]);
        assert_eq!([above_all(&[1]), above_all(&[])], [None, None]);
    }

    #[test]
    fn what_is_dissolved_has_an_heir() {
        let id = |n| UnitId(Uuid::from_u128(n));
        let closed = |n, default, by_field: &[(&str, u128)]| {
            let by_field = by_field.iter().map(|(field, unit)| ((*field).to_owned(), id(*unit))).collect();
            let successors = Some(Successors { default: id(default), by_field });
            Unit { state: UnitState::Closed, successors, ..unit(n, Some(1), true) }
        };
        let units = Units::new(vec![
            unit(1, None, false),
            closed(2, 3, &[("LAND", 5)]),
            closed(3, 4, &[]),
            unit(4, Some(1), false),
            unit(5, Some(1), false),
            unit(6, Some(1), true),
        ]);
        let land = ["LAND-TAX", "LAND"].map(str::to_owned);
        assert_eq!((units.successor(id(2), &land), units.successor(id(2), &[])), (id(5), id(4)));
        assert_eq!((units.heir(id(2)), units.heir(id(4))), (id(4), id(4)));
        assert_eq!(units.before(&[id(4)]), [id(2), id(3)]);
        assert_eq!((units.after(id(2)), units.after(id(4))), (vec![id(3), id(5), id(4)], vec![]));
        assert_eq!(units.focal_for(id(2)).unwrap().id, id(6), "a dissolved unit receives nothing");
        assert!(units.leads_to(id(2), id(4)) && units.leads_to(id(2), id(5)) && !units.leads_to(id(4), id(2)));
    }
}
