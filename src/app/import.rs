//! Setting up a directory from CSV files: units, fields, accounts with their roles.
//!
//! `units.csv`: code, parent, level, name, short_name, name_en, mailbox, focal. `fields.csv`: code, parent, name,
//! name_en. `accounts.csv`: login, unit, name, email, roles (parted by `|`). Every fault is named, then nothing is
//! written; or all of it is.

use std::collections::HashMap;

use serde::Deserialize;

use super::{
    App,
    error::{Error, Result},
};
use crate::{
    domain::{
        account::{Account, Grant},
        ids::{AccountId, GrantId, UnitId},
        reference::Field,
        refusal::{Fault, Refusal},
        text::{self, line},
        unit::Unit,
        words::{Role, UnitLevel},
    },
    store::DirectoryStep,
};

/// The three files. An empty one adds nothing.
#[derive(Debug, Clone, Default)]
pub struct DirectoryFiles {
    /// `units.csv`.
    pub units: String,
    /// `fields.csv`.
    pub fields: String,
    /// `accounts.csv`.
    pub accounts: String,
}

/// The directory that is shipped as an example.
pub fn ministry() -> DirectoryFiles {
    DirectoryFiles {
        units: include_str!("../../data/directory/ministry/units.csv").to_owned(),
        fields: include_str!("../../data/directory/ministry/fields.csv").to_owned(),
        accounts: include_str!("../../data/directory/ministry/accounts.csv").to_owned(),
    }
}

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
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct UnitLine {
    code: String,
    parent: String,
    level: String,
    name: String,
    short_name: String,
    name_en: String,
    mailbox: String,
    focal: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FieldLine {
    code: String,
    parent: String,
    name: String,
    name_en: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct AccountLine {
    login: String,
    unit: String,
    name: String,
    email: String,
    roles: String,
}

impl App {
    /// Imports a directory from the command line of the server's host.
    ///
    /// # Errors
    /// `Invalid` with every fault of every file, by file and line; nothing is written then.
    pub async fn import_directory(&self, files: &DirectoryFiles) -> Result<Imported> {
        let mut import = Import { app: self, faults: Vec::new(), steps: Vec::new(), units: self.known_units() };
        let mut imported =
            Imported { units: import.units(&files.units), fields: import.fields(&files.fields), ..Imported::default() };
        (imported.accounts, imported.grants) = import.accounts(&files.accounts);
        let Import { faults, steps, .. } = import;
        if !faults.is_empty() {
            return Err(Refusal::Invalid(faults).into());
        }
        self.direct_as(None, &steps).await.map_err(|error| match error {
            Error::Conflict(_) => Error::Conflict("something in the files is there already"),
            error => error,
        })?;
        Ok(imported)
    }

    fn known_units(&self) -> HashMap<String, UnitId> {
        self.store.reference().units.all().map(|unit| (unit.code.clone(), unit.id)).collect()
    }
}

struct Import<'a> {
    app: &'a App,
    faults: Vec<Fault>,
    steps: Vec<DirectoryStep>,
    units: HashMap<String, UnitId>,
}

impl Import<'_> {
    fn read<T: for<'d> Deserialize<'d>>(&mut self, file: &str, text: &str) -> Vec<(String, T)> {
        let mut lines = Vec::new();
        for (n, row) in csv::Reader::from_reader(text.as_bytes()).deserialize().enumerate() {
            let place = format!("{file}:{}", n + 2);
            match row {
                Ok(row) => lines.push((place, row)),
                Err(error) => self.faults.push(Fault::new(place, error.to_string())),
            }
        }
        lines
    }

    fn text(&mut self, place: &str, column: &str, typed: &str, min: usize, max: usize) -> String {
        text::parse(typed, line(min, max)).unwrap_or_else(|what| {
            self.faults.push(Fault::new(format!("{place} {column}"), what));
            String::new()
        })
    }

    fn units(&mut self, text: &str) -> usize {
        let lines: Vec<(String, UnitLine)> = self.read("units.csv", text);
        let count = lines.len();
        for (place, unit) in lines {
            let id = UnitId(self.app.source.id(self.app.clock.now()));
            let code = self.text(&place, "code", &unit.code, 1, 50);
            let parent = self.units.get(&unit.parent).copied();
            if parent.is_none() && (!unit.parent.is_empty() || !self.units.is_empty()) {
                self.faults.push(Fault::new(format!("{place} parent"), "is not a unit above in the file"));
            }
            let level = UnitLevel::parse(&unit.level);
            if level.is_none() {
                self.faults.push(Fault::new(format!("{place} level"), "is not a level"));
            }
            let row = Unit {
                id,
                parent,
                level: level.unwrap_or(UnitLevel::Department),
                name: self.text(&place, "name", &unit.name, 1, 200),
                short_name: self.text(&place, "short_name", &unit.short_name, 0, 50),
                name_en: self.text(&place, "name_en", &unit.name_en, 0, 200),
                mailbox: self.text(&place, "mailbox", &unit.mailbox, 0, 254),
                focal: unit.focal,
                code: code.clone(),
            };
            if self.units.insert(code, id).is_some() {
                self.faults.push(Fault::new(format!("{place} code"), "is there already"));
            }
            self.steps.push(DirectoryStep::Unit(row));
        }
        count
    }

    fn fields(&mut self, text: &str) -> usize {
        let lines: Vec<(String, FieldLine)> = self.read("fields.csv", text);
        let count = lines.len();
        let mut known: Vec<String> = self.app.store.reference().fields.iter().map(|f| f.code.clone()).collect();
        for (place, field) in lines {
            let row = Field {
                code: self.text(&place, "code", &field.code, 1, 50),
                parent: field.parent.clone(),
                name: self.text(&place, "name", &field.name, 1, 200),
                name_en: self.text(&place, "name_en", &field.name_en, 0, 200),
            };
            if !field.parent.is_empty() && !known.contains(&field.parent) {
                self.faults.push(Fault::new(format!("{place} parent"), "is not a field above in the file"));
            }
            if known.contains(&row.code) {
                self.faults.push(Fault::new(format!("{place} code"), "is there already"));
            }
            known.push(row.code.clone());
            self.steps.push(DirectoryStep::Field(row));
        }
        count
    }

    fn accounts(&mut self, text: &str) -> (usize, usize) {
        let lines: Vec<(String, AccountLine)> = self.read("accounts.csv", text);
        let (count, mut grants) = (lines.len(), 0);
        let mut logins: Vec<String> = self.app.store.reference().logins.keys().cloned().collect();
        for (place, account) in lines {
            let id = AccountId(self.app.source.id(self.app.clock.now()));
            let Some(unit) = self.units.get(&account.unit).copied() else {
                self.faults.push(Fault::new(format!("{place} unit"), "is not a unit"));
                continue;
            };
            let row = Account {
                id,
                login: self.text(&place, "login", &account.login, 1, 100),
                unit,
                name: self.text(&place, "name", &account.name, 1, 200),
                email: self.text(&place, "email", &account.email, 0, 254),
            };
            if logins.contains(&row.login) {
                self.faults.push(Fault::new(format!("{place} login"), "is there already"));
            }
            logins.push(row.login.clone());
            self.steps.push(DirectoryStep::Account(row));
            for role in account.roles.split('|').filter(|role| !role.is_empty()) {
                let Some(role) = Role::parse(&role.to_uppercase()) else {
                    self.faults.push(Fault::new(format!("{place} roles"), format!("{role:?} is not a role")));
                    continue;
                };
                let grant = Grant { id: GrantId(self.app.source.id(self.app.clock.now())), account: id, role, unit };
                self.steps.push(DirectoryStep::Grant(grant));
                grants += 1;
            }
        }
        (count, grants)
    }
}
