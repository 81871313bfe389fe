//! What administrators may ask of calendars: put, import, apply. What a version would move is in `preview`.

use std::{collections::BTreeMap, sync::Arc};

use chrono::{Datelike as _, NaiveDate};

use super::{
    App,
    caller::Caller,
    error::{Error, Result, invalid},
    perform::Asked,
};
use crate::{
    domain::{
        calendar::{Calendar, Content, FIRST, Said, Version, Week},
        ids::UnitId,
        reference::Reference,
        refusal::{Fault, Refusal, rule},
    },
    store::DirectoryStep,
};

/// Stands for a version where there is none in use; every version has a number in its name.
pub(super) const NONE: &str = "none";
/// Days of the past that are told.
const PAST: usize = 400;
impl App {
    /// A version of a calendar; a name alone means its version in use.
    ///
    /// # Errors
    /// `Absent`.
    pub fn calendar(&self, caller: &Caller, version: &str) -> Result<Version> {
        let calendars = &caller.reference.calendars;
        let found = calendars.version(version).or_else(|| calendars.active(version));
        found.cloned().ok_or(Error::Absent("calendar"))
    }

    /// Adds a version of a calendar.
    ///
    /// # Errors
    /// Everything that is wrong with it; `Forbidden`.
    pub async fn put_calendar(
        &self,
        caller: &Caller,
        asked: &Asked,
        name: &str,
        unit: Option<UnitId>,
        content: Content,
    ) -> Result<Version> {
        if let Some(version) = self.directed_before(caller, asked).await? {
            return self.calendar_now(&version);
        }
        caller.may_over(asked.rpc, unit.and_then(|unit| self.above(caller, unit)))?;
        let calendars = &caller.reference.calendars;
        let mut faults = Vec::new();
        if calendars.all().iter().any(|version| version.name == name && version.unit != unit) {
            faults.push(Fault::new("unit", "is not the one that earlier versions of the calendar are for"));
        }
        if let Some(other) = calendars.all().iter().find(|version| version.name != name && version.unit == unit) {
            faults.push(Fault::new("name", format!("must be {}: that is the calendar there", other.name)));
        }
        let latest = calendars.all().iter().filter(|version| version.name == name).map(|version| version.number).max();
        let free = |number: &i32| calendars.version(&format!("{name}-{number}")).is_none();
        let number = (latest.unwrap_or(0) + 1..).find(free).unwrap_or(i32::MAX);
        let calendar = Calendar::new(&format!("{name}-{number}"), content);
        let calendar = match calendar {
            Ok(calendar) if faults.is_empty() => Arc::new(calendar),
            Ok(_) => return Err(Refusal::Invalid(faults).into()),
            Err(wrong) => {
                faults.extend(wrong.into_iter().map(|what| Fault::new("calendar", what)));
                return Err(Refusal::Invalid(faults).into());
            }
        };
        let by = Some(caller.account);
        let version = Version { name: name.to_owned(), number, unit, active: false, by, calendar };
        let step = DirectoryStep::Calendar(version);
        let version = self.directed(caller, asked, &[step]).await?;
        self.calendar_now(&version)
    }

    /// Adds a version with special days in place of all that the years of which a file says something had.
    ///
    /// # Errors
    /// Everything that is wrong with it; `Forbidden`.
    pub async fn import_calendar(
        &self,
        caller: &Caller,
        asked: &Asked,
        (name, unit): (&str, Option<UnitId>),
        said: Said,
    ) -> Result<Version> {
        let latest = caller.reference.calendars.all().iter().rev().find(|version| version.name == name);
        let base = caller.reference.calendars.active(name).or(latest).map(|version| version.calendar.content().clone());
        let mut content = base.unwrap_or_else(|| Content { week: Week::usual(), years: BTreeMap::new() });
        content.put(said).map_err(|faults| {
            Refusal::Invalid(faults.into_iter().map(|fault| Fault::new("content", fault)).collect())
        })?;
        self.put_calendar(caller, asked, name, unit, content).await
    }

    /// Takes a version into use; a job then counts open rounds anew.
    ///
    /// # Errors
    /// `Absent`; `Forbidden`; `ABORTED` when another version is in use than was previewed; where days of the past
    /// change, a document and another administrator than the one who put it; nobody put what was shipped.
    pub async fn apply_calendar(
        &self,
        caller: &Caller,
        asked: &Asked,
        version: &str,
        (base, document): (&str, &str),
    ) -> Result<Version> {
        let caller = &self.anew(caller).await?;
        if let Some(version) = self.directed_before(caller, asked).await? {
            return self.calendar_now(&version);
        }
        let reference = Arc::clone(&caller.reference);
        let (version, in_use) = self.candidate(caller, asked.rpc, &reference, version)?;
        let current = in_use.map_or(NONE, |in_use| in_use.calendar.version.as_str());
        if !base.is_empty() && base != current {
            return Err(Error::Moved(format!("{current} is in use meanwhile; preview again")));
        }
        if version.active {
            return Ok(version);
        }
        let today = reference.zone.date(self.clock.now());
        if let Some(past) = past_days(&reference, &version, today).last() {
            if document.is_empty() {
                return Err(invalid("document", format!("is required: {past} is past, and changes")));
            }
            // What was shipped nobody put: with it one administrator alone would change the past.
            let other = match version.by {
                None => Some("put it as a version of your own, for another administrator to apply"),
                Some(by) if by == caller.account => Some("an administrator who did not put it must apply it"),
                Some(_) => None,
            };
            if let Some(what) = other {
                let what = format!("{past} is past, and changes: {what}");
                return Err(rule("SECOND_ADMINISTRATOR", what).into());
            }
        }
        let step = DirectoryStep::UseCalendar {
            version: version.calendar.version.clone(),
            unit: version.unit,
            document: document.to_owned(),
        };
        self.directed(caller, asked, &[step]).await?;
        self.nudge.notify_waiters();
        Ok(Version { active: true, ..version })
    }

    /// A version as of now.
    fn calendar_now(&self, version: &str) -> Result<Version> {
        self.reference().calendars.version(version).cloned().ok_or(Error::Absent("calendar"))
    }

    /// A version, and the one in its place now, for one who may change that.
    pub(super) fn candidate<'a>(
        &self,
        caller: &Caller,
        rpc: &'static str,
        reference: &'a Reference,
        version: &str,
    ) -> Result<(Version, Option<&'a Version>)> {
        let found = reference.calendars.version(version).ok_or(Error::Absent("calendar"))?;
        caller.may_over(rpc, found.unit.and_then(|unit| self.above(caller, unit)))?;
        let in_use = reference.calendars.all().iter().find(|other| other.active && other.unit == found.unit);
        Ok((found.clone(), in_use))
    }
}

/// Days before today that a version works otherwise than the calendar in its place, by weekday, special day or office
/// hours (told as the first of January of the year); the last [`PAST`] of them.
pub(super) fn past_days(reference: &Reference, version: &Version, today: NaiveDate) -> Vec<NaiveDate> {
    let base = match version.unit {
        Some(unit) => reference.calendar(unit),
        None => reference.calendars.installation(),
    };
    let otherwise = |day: &NaiveDate| {
        let year = day.year();
        let hours = day.ordinal() == 1 && base.week(year).hours != version.calendar.week(year).hours;
        hours || base.works(*day) != version.calendar.works(*day)
    };
    let first = NaiveDate::from_ymd_opt(FIRST, 1, 1).unwrap_or(today);
    let mut days: Vec<NaiveDate> = first.iter_days().take_while(|day| *day < today).filter(otherwise).collect();
    days.drain(..days.len().saturating_sub(PAST));
    days
}
