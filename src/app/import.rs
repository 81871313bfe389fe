//! Setting up a directory from CSV files: units, fields, accounts with their roles.
//!
//! `units.csv`: code, parent, level, name, short_name, name_en, mailbox, focal; and if wanted national_code, short_name_en,
//! valid_from, closed_on, successor, successors_by_field (`FIELD=UNIT`, parted by `|`). `fields.csv`: code, parent, name,
//! name_en. `accounts.csv`: login, unit, name, email, roles over its own unit (parted by `|`); and if wanted closed_on. An
//! account that is there already becomes what its line says: corrected, moved, closed, and given the roles that it has not;
//! none is taken away but by moving or closing, and no file opens one again. `grants.csv`: account, role, unit; and if wanted
//! valid_from, valid_until. `delegations.csv`: delegator, delegate, unit, capacity, valid_until; and if wanted valid_from.
//! One that has begun counts from now on, one that has ended is passed over. `rules.csv`: code, focal_unit, unit, priority; and if wanted name,
//! valid_from, valid_until, field, places, subject_classes, petitioner_types, channels, all_phrases, any_phrases (all of
//! these parted by `|`). `fields.csv` may have assigns_itself. Held to what DirectoryService asks for. Every fault of every file is
//! named by file, line and column, then nothing is written; or all of it is.

mod accounts;
mod delegations;
mod rules;

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;

use super::{
    App,
    error::{Error, Result},
    sheet::{Place, Sheets},
    shipped::DirectoryFiles,
};
use crate::{
    domain::{
        ids::{AccountId, UnitId},
        reference::{self, Field, Reference},
        refusal::Refusal,
        time::Instant,
        unit::{Given, Places, Successors, Unit, Units, day_after},
        words::UnitLevel,
    },
    store::{Direction, DirectoryError, DirectoryStep},
};

/// How many of each were added.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Imported {
    /// Units.
    pub units: usize,
    /// Fields.
    pub fields: usize,
    /// Accounts.
    pub accounts: usize,
    /// Grants.
    pub grants: usize,
    /// Accounts that were there, and are something else now.
    pub changed: usize,
    /// Delegations of approval.
    pub delegations: usize,
    /// Routing rules.
    pub rules: usize,
}

impl App {
    /// Imports a directory from the command line of the server's host.
    ///
    /// # Errors
    /// `Invalid` with every fault of every file, by file, line and column; nothing is written then.
    pub async fn import_directory(&self, files: &DirectoryFiles) -> Result<Imported> {
        self.refresh().await?;
        let reference = self.store.reference();
        let mut import = Import::beside(self, &reference);
        let units = import.units(&files.units);
        import.fields(&files.fields);
        import.succeed(units);
        import.grow();
        import.accounts(&files.accounts);
        import.grants(&files.grants);
        import.delegations(&files.delegations);
        import.rules(&files.rules);
        let Import { sheets: Sheets { faults, .. }, steps, imported, .. } = import;
        if !faults.is_empty() {
            return Err(Refusal::Invalid(faults).into());
        }
        // Upon the version that the files were held to: what has come since might not agree with them.
        let direction = Direction { upon: Some(reference.version), ..Direction::default() };
        self.store.direct(&steps, &direction, self.clock.now()).await.map_err(|error| match error {
            DirectoryError::Moved => Error::Moved("the directory has moved meanwhile; import again".to_owned()),
            DirectoryError::Conflict => Error::Conflict("something in the files is there already"),
            error => error.into(),
        })?;
        Ok(imported)
    }
}

struct Import<'a> {
    app: &'a App,
    now: Instant,
    sheets: Sheets,
    steps: Vec<DirectoryStep>,
    imported: Imported,
    units: Places,
    /// Units that come with the files: they bring their past along, though they may be dissolved by now.
    brought: HashSet<UnitId>,
    /// First and last days of units that are there, for those that come after others.
    days: HashMap<UnitId, (Option<NaiveDate>, Option<NaiveDate>)>,
    fields: HashSet<String>,
    /// Units that are focal.
    focal: HashSet<UnitId>,
    /// Codes of rules.
    rules: HashSet<String>,
    logins: HashMap<String, AccountId>,
    /// Accounts that a line was read of.
    named: HashSet<AccountId>,
    /// The directory as it would be, with the units, accounts, grants and delegations read so far.
    tried: Reference,
}

/// A unit of the file, with who comes after it as typed.
struct Line {
    at: Place,
    unit: Unit,
    successor: String,
    by_field: String,
}

impl<'a> Import<'a> {
    fn beside(app: &'a App, reference: &Reference) -> Self {
        let now = app.clock.now();
        Self {
            app,
            now,
            sheets: Sheets::default(),
            steps: Vec::new(),
            imported: Imported::default(),
            brought: HashSet::new(),
            units: Places::of(&reference.units, reference.zone.date(now)),
            days: reference.units.all().map(|unit| (unit.id, (unit.valid_from, unit.closed_on))).collect(),
            fields: reference.fields.iter().map(|field| field.code.clone()).collect(),
            focal: reference.units.all().filter(|unit| unit.focal).map(|unit| unit.id).collect(),
            rules: reference.rules.all().map(|rule| rule.code.clone()).collect(),
            logins: reference.logins.clone(),
            named: HashSet::new(),
            tried: reference.clone(),
        }
    }

    fn id(&self) -> uuid::Uuid {
        self.app.source.id(self.now)
    }

    fn units(&mut self, text: &str) -> Vec<Line> {
        let columns = [
            "code",
            "parent",
            "level",
            "name",
            "short_name",
            "name_en",
            "mailbox",
            "focal",
            "national_code",
            "short_name_en",
            "valid_from",
            "closed_on",
            "successor",
            "successors_by_field",
        ];
        let lines = self.sheets.lines("units.csv", columns, 6, text);
        let codes: HashSet<String> = lines.iter().map(|(_, [code, ..])| code.clone()).collect();
        let mut read = Vec::with_capacity(lines.len());
        for (at, cells) in lines {
            let [code, parent, level, name, short_name, name_en, mailbox, focal, rest @ ..] = cells;
            let [national_code, short_name_en, valid_from, closed_on, successor, by_field] = rest;
            if self.units.id(&code).is_some() {
                self.sheets.note(at, "code", "is there already");
            }
            let level = UnitLevel::parse(&level.to_uppercase()).unwrap_or_else(|| {
                self.sheets.note(at, "level", format!("must be one of {}", listed(UnitLevel::ALL)));
                UnitLevel::Department
            });
            // A spreadsheet writes them in capitals.
            let focal = focal.to_lowercase().parse().unwrap_or_else(|_| {
                self.sheets.note(at, "focal", "must be true or false");
                false
            });
            let given = Given {
                code: &code,
                national_code: &national_code,
                parent: &parent,
                level,
                name: &name,
                short_name: &short_name,
                name_en: &name_en,
                short_name_en: &short_name_en,
                mailbox: &mailbox,
                focal,
                valid_from: self.sheets.day(at, "valid_from", &valid_from),
                closed_on: self.sheets.day(at, "closed_on", &closed_on),
            };
            let unit = self.units.admit(UnitId(self.id()), &given);
            if let Some(unit) = self.sheets.read(at, unit, codes.contains(&parent)) {
                self.brought.insert(unit.id);
                self.focal.extend(unit.focal.then_some(unit.id));
                self.days.insert(unit.id, (unit.valid_from, unit.closed_on));
                read.push(Line { at, unit, successor, by_field });
            }
        }
        read
    }

    /// Looks up who comes after whom, now that all are known. Each outlives the one before it, so nothing goes round in a
    /// circle.
    fn succeed(&mut self, lines: Vec<Line>) {
        for Line { at, mut unit, successor, by_field } in lines {
            if unit.closed_on.is_none() {
                if !successor.is_empty() || !by_field.is_empty() {
                    self.sheets.note(at, "successor", "is for units with a closed_on");
                }
            } else {
                let default = self.successor(at, "successor", &successor, &unit);
                let mut others = Vec::new();
                for pair in by_field.split('|').map(str::trim).filter(|pair| !pair.is_empty()) {
                    let (field, code) = pair.split_once('=').unwrap_or((pair, ""));
                    if !self.fields.contains(field.trim()) {
                        self.sheets.note(at, "successors_by_field", format!("{field:?} is not the code of a field"));
                    }
                    let other = self.successor(at, "successors_by_field", code.trim(), &unit);
                    others.extend(other.map(|other| (field.trim().to_owned(), other)));
                }
                unit.successors = default.map(|default| Successors { default, by_field: others });
            }
            self.steps.push(DirectoryStep::Unit(unit));
            self.imported.units += 1;
        }
    }

    /// Lays the tree out with the units of the files.
    fn grow(&mut self) {
        let brought = self.steps.iter().filter_map(|step| match step {
            DirectoryStep::Unit(unit) => Some(unit.clone()),
            _ => None,
        });
        self.tried.units = Units::new(self.tried.units.all().cloned().chain(brought).collect());
    }

    /// A unit that comes after another one: there on the day after its last.
    fn successor(&mut self, at: Place, column: &'static str, code: &str, unit: &Unit) -> Option<UnitId> {
        let last = unit.closed_on?;
        let found = self.units.id(code);
        let what = match found {
            _ if code.is_empty() => "is required for a unit with a closed_on".to_owned(),
            None => format!("{code:?} is not the code of a unit"),
            Some(found) if found == unit.id => "is the unit itself".to_owned(),
            Some(found) => {
                let (first, end) = self.days.get(&found).copied().unwrap_or_default();
                let there = Unit { valid_from: first, closed_on: end, ..unit.clone() };
                if there.stands_from(day_after(last)) {
                    return Some(found);
                }
                match end {
                    Some(end) if end <= last => format!("closes on {end}"),
                    _ => "is not in force by then".to_owned(),
                }
            }
        };
        self.sheets.note(at, column, what);
        None
    }

    fn fields(&mut self, text: &str) {
        let columns = ["code", "parent", "name", "name_en", "assigns_itself"];
        let lines = self.sheets.lines("fields.csv", columns, 1, text);
        let codes: HashSet<String> = lines.iter().map(|(_, [code, ..])| code.clone()).collect();
        for (at, [code, parent, name, name_en, assigns_itself]) in lines {
            let below = codes.contains(&parent);
            let assigns_itself = match assigns_itself.to_lowercase().as_str() {
                "" | "false" => false,
                "true" => true,
                _ => {
                    self.sheets.note(at, "assigns_itself", "must be true or false");
                    false
                }
            };
            let typed = Field { code: code.clone(), parent, name, name_en, assigns_itself };
            let field = reference::new_field(&typed, |code| self.fields.contains(code));
            if !code.is_empty() && !self.fields.insert(code) {
                self.sheets.note(at, "code", "is there already");
            }
            if let Some(field) = self.sheets.read(at, field, below) {
                self.steps.push(DirectoryStep::Field(field));
                self.imported.fields += 1;
            }
        }
    }

    /// The unit that an account may belong to, or a role may be over.
    fn joined(&self, code: &str) -> Result<UnitId, &'static str> {
        self.units.id(code).filter(|unit| self.brought.contains(unit)).map_or_else(|| self.units.joined(code), Ok)
    }
}

fn listed<W: ToString>(words: &[W]) -> String {
    words.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
