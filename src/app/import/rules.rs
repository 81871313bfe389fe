//! Routing rules from `rules.csv`.

use super::{Import, Place, listed};
use crate::{
    domain::{
        routing::{Found, Given},
        time::{Instant, truncate},
        words::Word,
    },
    store::DirectoryStep,
};

const COLUMNS: [&str; 14] = [
    "code",
    "focal_unit",
    "unit",
    "priority",
    "name",
    "valid_from",
    "valid_until",
    "field",
    "places",
    "subject_classes",
    "petitioner_types",
    "channels",
    "all_phrases",
    "any_phrases",
];

impl Import<'_> {
    pub(super) fn rules(&mut self, text: &str) {
        for (at, cells) in self.sheets.lines("rules.csv", COLUMNS, 10, text) {
            let [code, focal, unit, priority, name, from, until, field, places, rest @ ..] = cells;
            let [classes, petitioners, channels, all_phrases, any_phrases] = rest;
            if !code.is_empty() && !self.rules.insert(code.clone()) {
                self.sheets.note(at, "code", "is there already");
            }
            let priority = priority.parse().unwrap_or_else(|_| {
                self.sheets.note(at, "priority", "is not a number");
                0
            });
            let given = Given {
                code,
                name,
                focal,
                unit,
                priority,
                from: self.instant(at, "valid_from", &from),
                until: self.instant(at, "valid_until", &until),
                field,
                places: parts(&places),
                classes: self.words(at, "subject_classes", &classes),
                petitioners: self.words(at, "petitioner_types", &petitioners),
                channels: self.words(at, "channels", &channels),
                all_phrases: parts(&all_phrases),
                any_phrases: parts(&any_phrases),
            };
            let find = |code: &str| {
                let id = self.units.id(code).ok_or_else(|| "is not the code of a unit".to_owned())?;
                match self.units.is_closed(id) {
                    true => Err("is closed".to_owned()),
                    false => Ok(Found { id, focal: self.focal.contains(&id) }),
                }
            };
            let rule = given.rule(find, |field| self.fields.contains(field));
            // A cell is a column of the file, whichever of its parts is at fault.
            let rule = rule.map_err(|mut faults| {
                faults.iter_mut().for_each(|fault| {
                    fault.field = fault.field.split('[').next().unwrap_or_default().to_owned();
                });
                faults
            });
            if let Some(rule) = self.sheets.read(at, rule, false) {
                self.steps.push(DirectoryStep::Rule(rule));
                self.imported.rules += 1;
            }
        }
    }

    /// An instant; none for an empty cell.
    pub(super) fn instant(&mut self, at: Place, column: &'static str, cell: &str) -> Option<Instant> {
        let instant = chrono::DateTime::parse_from_rfc3339(cell).ok().map(|at| truncate(at.to_utc()));
        if instant.is_none() && !cell.is_empty() {
            self.sheets.note(at, column, "is not an instant: 2026-01-31T17:00:00Z");
        }
        instant
    }

    fn words<W: Word + WordsOf>(&mut self, at: Place, column: &'static str, cell: &str) -> Vec<W> {
        let read = |part: String| W::parse(&part.to_uppercase()).ok_or(part);
        let (words, unread): (Vec<_>, Vec<_>) = parts(cell).into_iter().map(read).partition(Result::is_ok);
        for part in unread.into_iter().filter_map(Result::err) {
            self.sheets.note(at, column, format!("{part:?} is none of {}", W::all()));
        }
        words.into_iter().filter_map(Result::ok).collect()
    }
}

/// What a cell may say, for those who wrote something else.
trait WordsOf {
    fn all() -> String;
}

macro_rules! words_of {
    ($($name:ident),+) => {$(
        impl WordsOf for crate::domain::words::$name {
            fn all() -> String {
                listed(Self::ALL)
            }
        }
    )+};
}
words_of!(SubjectClass, PetitionerType, Channel);

/// What is parted by `|`.
fn parts(cell: &str) -> Vec<String> {
    cell.split('|').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}
