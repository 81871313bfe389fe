//! What a rule must be that somebody writes, whoever reads it: a face or a file.

use std::ops::RangeInclusive;

use super::{Conditions, Rule, phrases::Phrase};
use crate::domain::{
    ids::UnitId,
    refusal::{Checks, Fault},
    text::{self, line},
    time::Instant,
    unit::Units,
    words::{Channel, PetitionerType, SubjectClass},
};

/// Priorities that a rule may have.
pub const PRIORITIES: RangeInclusive<u32> = 0..=1_000;
/// Places that a rule names at the most.
const PLACES: usize = 200;
/// Phrases of either kind that a rule has at the most.
const PHRASES: usize = 50;
/// Words of a phrase at the most.
const WORDS: usize = 20;

/// A rule as typed.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "the fields are those of `Rule`")]
pub struct Given {
    pub code: String,
    pub name: String,
    /// Code of the focal unit.
    pub focal: String,
    /// Code of the unit.
    pub unit: String,
    pub priority: u32,
    pub from: Option<Instant>,
    pub until: Option<Instant>,
    /// Code of the field; empty for any.
    pub field: String,
    pub places: Vec<String>,
    pub classes: Vec<SubjectClass>,
    pub petitioners: Vec<PetitionerType>,
    pub channels: Vec<Channel>,
    pub all_phrases: Vec<String>,
    pub any_phrases: Vec<String>,
}

impl Given {
    /// What says a rule anew.
    pub fn of(rule: &Rule, units: &Units) -> Self {
        let asked = rule.conditions.clone();
        Self {
            code: rule.code.clone(),
            name: rule.name.clone(),
            focal: units.code(rule.focal).to_owned(),
            unit: units.code(rule.unit).to_owned(),
            priority: rule.priority,
            from: rule.from,
            until: rule.until,
            field: asked.field.unwrap_or_default(),
            places: asked.places,
            classes: asked.classes,
            petitioners: asked.petitioners,
            channels: asked.channels,
            all_phrases: asked.all_phrases,
            any_phrases: asked.any_phrases,
        }
    }

    /// The rule; `find` finds a unit that takes work by its code, or says why it may not be named; `known` tells the codes of
    /// fields. That its code is free is for others to see to.
    ///
    /// # Errors
    /// All that is wrong with it, by field: a unit that is closed among it.
    pub fn rule(
        &self,
        find: impl Fn(&str) -> Result<Found, String>,
        known: impl Fn(&str) -> bool,
    ) -> Result<Rule, Vec<Fault>> {
        let mut checks = Checks::default();
        let code = checks.text("code", text::stable_code(&self.code));
        let name = checks.text("name", text::parse(&self.name, line(0, 200)));
        let mut named = |field: &str, code: &str| match find(code) {
            _ if code.is_empty() => {
                checks.note(field, "is required");
                None
            }
            Ok(found) => Some(found),
            Err(what) => {
                checks.note(field, &what);
                None
            }
        };
        let (focal, unit) = (named("focal_unit", &self.focal), named("unit", &self.unit));
        if focal.is_some_and(|focal| !focal.focal) {
            checks.note("focal_unit", "is not a focal unit");
        }
        if !PRIORITIES.contains(&self.priority) {
            checks.note("priority", &format!("must be 0 to {}", PRIORITIES.end()));
        }
        if self.from.zip(self.until).is_some_and(|(from, until)| until <= from) {
            checks.note("valid_until", "is not after valid_from");
        }
        let field = Some(self.field.clone()).filter(|field| !field.is_empty());
        if field.as_deref().is_some_and(|field| !known(field)) {
            checks.note("field", "is not the code of a field");
        }
        let places = each(&mut checks, "places", PLACES, &self.places, place);
        once(&mut checks, "subject_classes", &self.classes);
        once(&mut checks, "petitioner_types", &self.petitioners);
        once(&mut checks, "channels", &self.channels);
        let all_phrases = each(&mut checks, "all_phrases", PHRASES, &self.all_phrases, phrase);
        let any_phrases = each(&mut checks, "any_phrases", PHRASES, &self.any_phrases, phrase);
        let (classes, petitioners) = (self.classes.clone(), self.petitioners.clone());
        let channels = self.channels.clone();
        let conditions = Conditions { field, places, classes, petitioners, channels, all_phrases, any_phrases };
        let (priority, from, until) = (self.priority, self.from, self.until);
        let rule = |(focal, unit): (Found, Found)| {
            let (focal, unit) = (focal.id, unit.id);
            Rule { code, name, focal, unit, priority, from, until, conditions }
        };
        checks.or(focal.zip(unit).map(rule))
    }
}

/// A unit that a rule may name.
#[derive(Debug, Clone, Copy)]
pub struct Found {
    /// Which.
    pub id: UnitId,
    /// Whether it is focal.
    pub focal: bool,
}

/// Finds a unit that is not closed.
pub fn among(units: &Units) -> impl Fn(&str) -> Result<Found, String> + '_ {
    move |code| match units.by_code(code) {
        None => Err("is not the code of a unit".to_owned()),
        Some(unit) if units.is_closed(unit.id) => {
            Err(format!("is closed; {} came after it", units.code(units.heir(unit.id))))
        }
        Some(unit) => Ok(Found { id: unit.id, focal: unit.focal }),
    }
}

fn once<T: PartialEq>(checks: &mut Checks, field: &str, all: &[T]) {
    for (n, one) in all.iter().enumerate() {
        if all[..n].contains(one) {
            checks.note(&format!("{field}[{n}]"), "is named twice");
        }
    }
}

fn each(
    checks: &mut Checks,
    field: &str,
    most: usize,
    typed: &[String],
    read: impl Fn(&str) -> Result<String, String>,
) -> Vec<String> {
    if typed.len() > most {
        checks.note(field, &format!("must be at most {most}"));
    }
    let mut all: Vec<String> = Vec::new();
    for (n, typed) in typed.iter().take(most).enumerate() {
        let one = checks.text(&format!("{field}[{n}]"), read(typed));
        if !one.is_empty() && all.contains(&one) {
            checks.note(&format!("{field}[{n}]"), "is named twice");
        }
        all.push(one);
    }
    all
}

fn place(typed: &str) -> Result<String, String> {
    let place = text::parse(typed, line(1, 21))?;
    let code = place.strip_suffix('*').unwrap_or(&place);
    let fits = (1..=20).contains(&code.len()) && code.chars().all(|c| c.is_ascii_alphanumeric());
    if fits { Ok(place) } else { Err("must be 1 to 20 letters and digits, with a * behind for a beginning".to_owned()) }
}

fn phrase(typed: &str) -> Result<String, String> {
    let phrase = text::parse(typed, line(1, 100))?;
    if phrase.contains('|') {
        return Err("must not have a |".to_owned());
    }
    match Phrase::new(&phrase).words() {
        0 => Err("has no letters or digits to look for".to_owned()),
        words if words > WORDS => Err(format!("must be at most {WORDS} words")),
        _ => Ok(phrase),
    }
}
