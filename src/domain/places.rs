//! What a new unit must be, and what may be said anew of one.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;

use super::{
    ids::UnitId,
    refusal::{Checks, Fault},
    text::{self, line},
    unit::{Unit, Units},
    words::{UnitLevel, UnitState},
};

/// A unit that somebody wants to add, as typed. Successors are looked up once all units are known.
#[derive(Debug, Clone, Copy)]
pub struct Given<'a> {
    /// Code.
    pub code: &'a str,
    /// Code in the national list.
    pub national_code: &'a str,
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
    /// Short English name.
    pub short_name_en: &'a str,
    /// Mailbox.
    pub mailbox: &'a str,
    /// Whether it is focal.
    pub focal: bool,
    /// First local day.
    pub valid_from: Option<NaiveDate>,
    /// Last local day.
    pub closed_on: Option<NaiveDate>,
}

/// From which day to which a unit has a national code.
type Period = (Option<NaiveDate>, Option<NaiveDate>, UnitId);

/// What new units must fit into: the units that there are, and those that were looked at before.
#[derive(Debug, Clone)]
pub struct Places {
    ids: HashMap<String, UnitId>,
    /// The last days of units that have one.
    last_days: HashMap<UnitId, NaiveDate>,
    /// Units that have a focal one right below them that is not dissolved.
    focal_below: HashSet<UnitId>,
    national: HashMap<String, Vec<Period>>,
    today: NaiveDate,
}

impl Places {
    /// Those of a tree, on a local day.
    pub fn of(units: &Units, today: NaiveDate) -> Self {
        let mut places = Self {
            ids: HashMap::new(),
            last_days: HashMap::new(),
            focal_below: HashSet::new(),
            national: HashMap::new(),
            today,
        };
        units.all().for_each(|unit| places.take(unit));
        places
    }

    fn take(&mut self, unit: &Unit) {
        if !unit.code.is_empty() {
            self.ids.entry(unit.code.clone()).or_insert(unit.id);
        }
        self.last_days.extend(unit.closed_on.map(|last| (unit.id, last)));
        if unit.focal && unit.state != UnitState::Closed {
            self.focal_below.extend(unit.parent);
        }
        if !unit.national_code.is_empty() {
            let period = (unit.valid_from, unit.closed_on, unit.id);
            self.national.entry(unit.national_code.clone()).or_default().push(period);
        }
    }

    /// The unit of a code.
    pub fn id(&self, code: &str) -> Option<UnitId> {
        self.ids.get(code).copied()
    }

    /// The last day of a unit, if it has one.
    pub fn last_day(&self, unit: UnitId) -> Option<NaiveDate> {
        self.last_days.get(&unit).copied()
    }

    /// As [`Units::joined`].
    ///
    /// # Errors
    /// What is wrong with the code.
    pub fn joined(&self, code: &str) -> Result<UnitId, &'static str> {
        let unit = self.id(code).ok_or("is not the code of a unit")?;
        if self.is_closed(unit) { Err("is closed") } else { Ok(unit) }
    }

    /// Whether a unit is dissolved.
    pub fn is_closed(&self, unit: UnitId) -> bool {
        self.last_day(unit).is_some_and(|last| last < self.today)
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
        if let Some(what) = parent.and_then(|parent| self.outlived(parent, given.closed_on)) {
            checks.note("parent", &what);
        }
        let closed = given.closed_on.is_some_and(|last| last < self.today);
        if given.focal && !closed && parent.is_some_and(|parent| self.focal_below.contains(&parent)) {
            checks.note("focal", "another unit beside it is focal");
        }
        if given.valid_from.zip(given.closed_on).is_some_and(|(first, last)| last < first) {
            checks.note("closed_on", "lies before its first day");
        }
        let mut unit = Unit {
            id,
            code: checks.text("code", text::stable_code(given.code)),
            national_code: checks.text("national_code", text::optional_code(given.national_code)),
            parent,
            level: given.level,
            name: checks.text("name", text::parse(given.name, line(1, 200))),
            short_name: checks.text("short_name", text::parse(given.short_name, line(0, 50))),
            name_en: checks.text("name_en", text::parse(given.name_en, line(0, 200))),
            short_name_en: checks.text("short_name_en", text::parse(given.short_name_en, line(0, 50))),
            mailbox: checks.text("mailbox", text::email(given.mailbox)),
            focal: given.focal,
            valid_from: given.valid_from,
            closed_on: given.closed_on,
            state: UnitState::Open,
            successors: None,
        };
        unit.state = unit.state_on(self.today);
        if self.has_national_code(&unit) {
            checks.note("national_code", "another unit has it at the time");
        }
        self.take(&Unit { code: given.code.to_owned(), ..unit.clone() });
        checks.or(Some(unit))
    }

    /// What keeps a unit from lying below one that ends before it.
    fn outlived(&self, parent: UnitId, last: Option<NaiveDate>) -> Option<String> {
        let above = self.last_day(parent)?;
        match last {
            Some(last) if last <= above => None,
            _ if above < self.today => Some("is closed".to_owned()),
            _ => Some(format!("closes on {above}")),
        }
    }

    fn has_national_code(&self, unit: &Unit) -> bool {
        let others = self.national.get(&unit.national_code).into_iter().flatten();
        others.filter(|(.., id)| *id != unit.id).any(|(first, last, _)| {
            let apart = |last: Option<NaiveDate>, first: Option<NaiveDate>| {
                last.zip(first).is_some_and(|(last, first)| last < first)
            };
            !apart(*last, unit.valid_from) && !apart(unit.closed_on, *first)
        })
    }
}

/// What is to be said anew of a unit, as typed. What is none stays.
#[derive(Debug, Clone, Copy, Default)]
#[expect(missing_docs, reason = "the fields are those of `Given`")]
pub struct Edit<'a> {
    pub national_code: Option<&'a str>,
    pub parent: Option<&'a str>,
    pub level: Option<UnitLevel>,
    pub name: Option<&'a str>,
    pub short_name: Option<&'a str>,
    pub name_en: Option<&'a str>,
    pub short_name_en: Option<&'a str>,
    pub mailbox: Option<&'a str>,
    pub focal: Option<bool>,
    pub valid_from: Option<Option<NaiveDate>>,
}

impl Edit<'_> {
    /// The unit with what is said anew.
    ///
    /// # Errors
    /// All that is wrong, by field: a parent that is the unit itself or lies below it among them.
    pub fn of(&self, unit: &Unit, units: &Units, today: NaiveDate) -> Result<Unit, Vec<Fault>> {
        let mut checks = Checks::default();
        let mut places = Places::of(units, today);
        let mut after = unit.clone();
        if let Some(code) = self.parent {
            match units.by_code(code).map(|parent| parent.id) {
                None if code.is_empty() && unit.parent.is_none() => {}
                None if code.is_empty() => checks.note("parent", "is required: the tree has a top"),
                None => checks.note("parent", "is not the code of a unit"),
                Some(_) if unit.parent.is_none() => checks.note("parent", "the top of the tree has none"),
                Some(parent) if units.within(parent, unit.id) => {
                    checks.note("parent", "is the unit itself, or lies below it");
                }
                Some(parent) => after.parent = Some(parent),
            }
        }
        let moved = after.parent != unit.parent;
        if moved && let Some(what) = after.parent.and_then(|parent| places.outlived(parent, unit.closed_on)) {
            checks.note("parent", &what);
        }
        let mut text = |field, typed: Option<&str>, read: &dyn Fn(&str) -> Result<String, String>, to: &mut String| {
            if let Some(typed) = typed {
                *to = checks.text(field, read(typed));
            }
        };
        text("national_code", self.national_code, &text::optional_code, &mut after.national_code);
        text("name", self.name, &|typed| text::parse(typed, line(1, 200)), &mut after.name);
        text("short_name", self.short_name, &|typed| text::parse(typed, line(0, 50)), &mut after.short_name);
        text("name_en", self.name_en, &|typed| text::parse(typed, line(0, 200)), &mut after.name_en);
        text("short_name_en", self.short_name_en, &|typed| text::parse(typed, line(0, 50)), &mut after.short_name_en);
        text("mailbox", self.mailbox, &text::email, &mut after.mailbox);
        after.level = self.level.unwrap_or(unit.level);
        after.focal = self.focal.unwrap_or(unit.focal);
        after.valid_from = self.valid_from.unwrap_or(unit.valid_from);
        if after.valid_from.zip(after.closed_on).is_some_and(|(first, last)| last < first) {
            checks.note("valid_from", "lies after its last day");
        }
        after.state = after.state_on(today);
        if unit.state != UnitState::Planned && after.state == UnitState::Planned {
            checks.note("valid_from", "lies ahead, and the unit is in force");
        }
        places.focal_below.retain(|parent| unit.parent != Some(*parent) || !unit.focal);
        if after.focal && after.parent.is_some_and(|parent| places.focal_below.contains(&parent)) {
            checks.note("focal", "another unit beside it is focal");
        }
        if places.has_national_code(&after) {
            checks.note("national_code", "another unit has it at the time");
        }
        checks.or(Some(after))
    }
}
