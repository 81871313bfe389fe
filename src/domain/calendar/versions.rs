//! All versions of all calendars, and which of them are in use.

use std::{collections::HashMap, sync::Arc};

use super::Calendar;
use crate::domain::ids::{AccountId, UnitId};

/// A version of a calendar with what it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// What all versions of it are called, `vn`.
    pub name: String,
    /// Its number among the versions of its name, from 1.
    pub number: i32,
    /// For this unit and what is below it; none for the whole installation.
    pub unit: Option<UnitId>,
    /// Whether it is the version in use.
    pub active: bool,
    /// Who put it; none for what was shipped.
    pub by: Option<AccountId>,
    /// What it says.
    pub calendar: Arc<Calendar>,
}

/// All versions of all calendars; there is always one in use for the whole installation.
#[derive(Debug, Clone)]
pub struct Calendars {
    all: Vec<Version>,
    in_use: HashMap<Option<UnitId>, Arc<Calendar>>,
    installation: Arc<Calendar>,
}

impl Calendars {
    /// The name of the calendar that comes with the program.
    pub const SHIPPED: &'static str = "vn";

    /// The shipped one, and those that were written.
    ///
    /// # Errors
    /// Never for the shipped calendar; see [`Calendar::shipped`].
    pub fn new(written: Vec<Version>) -> Result<Self, Vec<String>> {
        let installation = written.iter().find(|version| version.active && version.unit.is_none());
        let shipped = Arc::new(Calendar::shipped()?);
        let first = Version {
            name: Self::SHIPPED.to_owned(),
            number: 1,
            unit: None,
            active: installation.is_none(),
            by: None,
            calendar: Arc::clone(&shipped),
        };
        let installation = installation.map_or(shipped, |version| Arc::clone(&version.calendar));
        Ok(Self::of_all(std::iter::once(first).chain(written).collect(), installation))
    }

    fn of_all(all: Vec<Version>, installation: Arc<Calendar>) -> Self {
        let in_use = all.iter().filter(|version| version.active);
        let in_use = in_use.map(|version| (version.unit, Arc::clone(&version.calendar))).collect();
        Self { all, in_use, installation }
    }

    /// The same, with a version in use in place of the one that is.
    #[must_use]
    pub fn using(&self, version: &str) -> Self {
        let Some(wanted) = self.version(version) else { return self.clone() };
        let installation = if wanted.unit.is_none() { &wanted.calendar } else { &self.installation };
        let mut all = self.all.clone();
        for other in all.iter_mut().filter(|other| other.unit == wanted.unit) {
            other.active = other.calendar.version == version;
        }
        Self::of_all(all, Arc::clone(installation))
    }

    /// Every version, oldest first.
    pub fn all(&self) -> &[Version] {
        &self.all
    }

    /// A version by its name in ledgers.
    pub fn version(&self, version: &str) -> Option<&Version> {
        self.all.iter().find(|found| found.calendar.version == version)
    }

    /// The version in use of a calendar.
    pub fn active(&self, name: &str) -> Option<&Version> {
        self.all.iter().find(|version| version.active && version.name == name)
    }

    /// The calendar that a unit has of its own.
    pub fn of(&self, unit: Option<UnitId>) -> Option<&Calendar> {
        self.in_use.get(&unit).map(Arc::as_ref)
    }

    /// The calendar of the installation.
    pub fn installation(&self) -> &Calendar {
        &self.installation
    }
}
