//! The tree of units, and what a new one must be.

use std::collections::{HashMap, HashSet};

use super::{
    ids::UnitId,
    refusal::{Checks, Fault},
    text::{self, line},
    words::UnitLevel,
};

/// A node of the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// Its id.
    pub id: UnitId,
    /// Stable code, unique.
    pub code: String,
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
    /// Where letters to it go; may be empty.
    pub mailbox: String,
    /// Receives for the unit above it and everything below that.
    pub focal: bool,
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
        let by_code = order.iter().map(|id| (by_id[id].code.clone(), *id)).collect();
        Self { by_id, by_code, order, reach }
    }

    /// A unit by id.
    pub fn get(&self, id: UnitId) -> Option<&Unit> {
        self.by_id.get(&id)
    }

    /// A unit by code.
    pub fn by_code(&self, code: &str) -> Option<&Unit> {
        self.by_code.get(code).and_then(|id| self.get(*id))
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

    /// The unit that receives for `unit`: itself, or the nearest focal unit beside or above it.
    pub fn focal_for(&self, unit: UnitId) -> Option<&Unit> {
        let own = self.get(unit).into_iter();
        own.chain(self.above(unit)).find_map(|place| {
            if place.focal {
                return Some(place);
            }
            self.subtree(place.id)
                .iter()
                .filter_map(|id| self.get(*id))
                .find(|below| below.focal && below.parent == Some(place.id))
        })
    }
}

/// A unit that somebody wants to add, as typed.
#[derive(Debug, Clone, Copy)]
pub struct Given<'a> {
    /// Code.
    pub code: &'a str,
    /// Code of the unit above; empty for the top.
    pub parent: &'a str,
    /// Level.
    pub level: UnitLevel,
    /// Vietnamese name.
    pub name: &'a str,
    /// Short name.
    pub short_name: &'a str,
    /// English name.
    pub name_en: &'a str,
    /// Mailbox.
    pub mailbox: &'a str,
    /// Whether it is focal.
    pub focal: bool,
}

/// What new units must fit into: the units that there are, and those that were looked at before.
#[derive(Debug, Clone, Default)]
pub struct Places {
    ids: HashMap<String, UnitId>,
    /// Units that have a focal one right below them.
    focal_below: HashSet<UnitId>,
}

impl Places {
    /// Those of a tree.
    pub fn of(units: &Units) -> Self {
        let below = |unit: &Unit| unit.parent.filter(|_| unit.focal);
        Self { ids: units.by_code.clone(), focal_below: units.all().filter_map(below).collect() }
    }

    /// The unit of a code.
    pub fn id(&self, code: &str) -> Option<UnitId> {
        self.ids.get(code).copied()
    }

    /// Looks at a new unit. Whatever is wrong with it, those that come after may name it. That its code is free is
    /// for others to see to.
    ///
    /// # Errors
    /// All that is wrong, by field.
    pub fn admit(&mut self, id: UnitId, given: &Given<'_>) -> Result<Unit, Vec<Fault>> {
        let mut checks = Checks::default();
        let parent = self.id(given.parent);
        if given.parent.is_empty() && !self.ids.is_empty() {
            checks.note("parent", "is required: the tree has a top");
        } else if !given.parent.is_empty() && parent.is_none() {
            checks.note("parent", "is not the code of a unit");
        }
        if given.focal && parent.is_some_and(|parent| !self.focal_below.insert(parent)) {
            checks.note("focal", "another unit beside it is focal");
        }
        if !given.code.is_empty() {
            self.ids.entry(given.code.to_owned()).or_insert(id);
        }
        let unit = Unit {
            id,
            code: checks.text("code", text::stable_code(given.code)),
            parent,
            level: given.level,
            name: checks.text("name", text::parse(given.name, line(1, 200))),
            short_name: checks.text("short_name", text::parse(given.short_name, line(0, 50))),
            name_en: checks.text("name_en", text::parse(given.name_en, line(0, 200))),
            mailbox: checks.text("mailbox", text::email(given.mailbox)),
            focal: given.focal,
        };
        checks.or(Some(unit))
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
            parent: parent.map(|p| UnitId(Uuid::from_u128(p))),
            level: UnitLevel::Department,
            name: format!("Đơn vị {n}"),
            short_name: String::new(),
            name_en: String::new(),
            mailbox: String::new(),
            focal,
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
    }
}
