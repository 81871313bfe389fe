//! Setting up a directory from CSV files: units, fields, accounts with their roles.
//!
//! `units.csv`: code, parent, level, name, short_name, name_en, mailbox, focal. `fields.csv`: code, parent, name,
//! name_en. `accounts.csv`: login, unit, name, email, roles (parted by `|`). Held to what DirectoryService asks for.
//! Every fault of every file is named by file, line and column, then nothing is written; or all of it is.

use std::{array::from_fn, collections::HashSet};

use csv::{ReaderBuilder, Trim};

use super::{
    App,
    error::{Error, Result},
};
use crate::{
    domain::{
        account::{self, Grant},
        ids::{AccountId, GrantId, UnitId},
        reference::{self, Field, Reference},
        refusal::{Fault, Refusal},
        unit::{self, Places},
        words::{Role, UnitLevel},
    },
    store::{Direction, DirectoryError, DirectoryStep},
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

impl App {
    /// Imports a directory from the command line of the server's host.
    ///
    /// # Errors
    /// `Invalid` with every fault of every file, by file, line and column; nothing is written then.
    pub async fn import_directory(&self, files: &DirectoryFiles) -> Result<Imported> {
        self.refresh().await?;
        let reference = self.store.reference();
        let mut import = Import::beside(self, &reference);
        import.units(&files.units);
        import.fields(&files.fields);
        import.accounts(&files.accounts);
        let Import { faults, steps, imported, .. } = import;
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

/// Where something stands.
#[derive(Debug, Clone, Copy)]
struct Place {
    file: &'static str,
    line: usize,
    /// How many cells the line has, and how many the first one has. If they differ, what stands in them says nothing.
    cells: (usize, usize),
}

struct Import<'a> {
    app: &'a App,
    faults: Vec<Fault>,
    steps: Vec<DirectoryStep>,
    imported: Imported,
    /// Columns that a file has not.
    missing: Vec<(&'static str, &'static str)>,
    units: Places,
    fields: HashSet<String>,
    logins: HashSet<String>,
}

impl<'a> Import<'a> {
    fn beside(app: &'a App, reference: &Reference) -> Self {
        Self {
            app,
            faults: Vec::new(),
            steps: Vec::new(),
            imported: Imported::default(),
            missing: Vec::new(),
            units: Places::of(&reference.units),
            fields: reference.fields.iter().map(|field| field.code.clone()).collect(),
            logins: reference.logins.keys().cloned().collect(),
        }
    }

    fn id(&self) -> uuid::Uuid {
        self.app.source.id(self.app.clock.now())
    }

    fn note(&mut self, at: Place, column: &str, what: impl Into<String>) {
        if at.cells.0 == at.cells.1
            && !self.missing.iter().any(|(file, missing)| (*file, *missing) == (at.file, column))
        {
            self.faults.push(Fault::new(format!("{}:{} {column}", at.file, at.line), what));
        }
    }

    /// What the domain read of a line; notes its faults otherwise. `below`: the thing above stands somewhere in the
    /// file, so if it is not known yet, it stands below.
    fn read<T>(&mut self, at: Place, read: Result<T, Vec<Fault>>, below: bool) -> Option<T> {
        if let (has, first) = at.cells
            && has != first
        {
            let what = format!("has {has} cells, the first line has {first}");
            self.faults.push(Fault::new(format!("{}:{}", at.file, at.line), what));
            return None;
        }
        let faults = match read {
            Ok(read) => return Some(read),
            Err(faults) => faults,
        };
        for fault in faults {
            let what = if below && fault.field == "parent" { BELOW.to_owned() } else { fault.what };
            self.note(at, &fault.field, what);
        }
        None
    }

    /// The lines of a file, each with its cells in the order of `columns`. Lines without anything in them are none.
    fn lines<const N: usize>(
        &mut self,
        file: &'static str,
        columns: [&'static str; N],
        text: &str,
    ) -> Vec<(Place, [String; N])> {
        // Nothing fails to be read: it is text, and cells may be any number.
        let mut reader = ReaderBuilder::new().trim(Trim::All).flexible(true).from_reader(text.as_bytes());
        let Some(header) = reader.headers().ok().filter(|header| !header.is_empty()).cloned() else {
            return Vec::new();
        };
        let mut lines = Lines { text: text.as_bytes(), byte: 0, line: 1 };
        let first = Place { file, line: lines.at(header.position()), cells: (header.len(), header.len()) };
        for (n, name) in header.iter().enumerate() {
            if !columns.contains(&name) {
                self.note(first, name, "is not a column of this file");
            } else if header.iter().take(n).any(|before| before == name) {
                self.note(first, name, "is there twice");
            }
        }
        let places = columns.map(|column| header.iter().position(|name| name == column));
        for (column, _) in columns.iter().zip(places).filter(|(_, place)| place.is_none()) {
            self.note(first, column, "is missing");
            self.missing.push((file, column));
        }
        let mut read = Vec::new();
        for record in reader.into_records().filter_map(std::result::Result::ok) {
            if record.iter().all(str::is_empty) {
                continue;
            }
            let at = Place { file, line: lines.at(record.position()), cells: (record.len(), header.len()) };
            let cell = |n: usize| places[n].and_then(|place| record.get(place)).unwrap_or_default().to_owned();
            read.push((at, from_fn(cell)));
        }
        read
    }

    fn units(&mut self, text: &str) {
        let columns = ["code", "parent", "level", "name", "short_name", "name_en", "mailbox", "focal"];
        let lines = self.lines("units.csv", columns, text);
        let codes: HashSet<String> = lines.iter().map(|(_, [code, ..])| code.clone()).collect();
        for (at, [code, parent, level, name, short_name, name_en, mailbox, focal]) in lines {
            if self.units.id(&code).is_some() {
                self.note(at, "code", "is there already");
            }
            let level = UnitLevel::parse(&level.to_uppercase()).unwrap_or_else(|| {
                self.note(at, "level", format!("must be one of {}", listed(UnitLevel::ALL)));
                UnitLevel::Department
            });
            // A spreadsheet writes them in capitals.
            let focal = focal.to_lowercase().parse().unwrap_or_else(|_| {
                self.note(at, "focal", "must be true or false");
                false
            });
            let given = unit::Given {
                code: &code,
                parent: &parent,
                level,
                name: &name,
                short_name: &short_name,
                name_en: &name_en,
                mailbox: &mailbox,
                focal,
            };
            let unit = self.units.admit(UnitId(self.id()), &given);
            if let Some(unit) = self.read(at, unit, codes.contains(&parent)) {
                self.steps.push(DirectoryStep::Unit(unit));
                self.imported.units += 1;
            }
        }
    }

    fn fields(&mut self, text: &str) {
        let lines = self.lines("fields.csv", ["code", "parent", "name", "name_en"], text);
        let codes: HashSet<String> = lines.iter().map(|(_, [code, ..])| code.clone()).collect();
        for (at, [code, parent, name, name_en]) in lines {
            let below = codes.contains(&parent);
            let typed = Field { code: code.clone(), parent, name, name_en };
            let field = reference::new_field(&typed, |code| self.fields.contains(code));
            if !code.is_empty() && !self.fields.insert(code) {
                self.note(at, "code", "is there already");
            }
            if let Some(field) = self.read(at, field, below) {
                self.steps.push(DirectoryStep::Field(field));
                self.imported.fields += 1;
            }
        }
    }

    fn accounts(&mut self, text: &str) {
        for (at, [login, unit, name, email, roles]) in
            self.lines("accounts.csv", ["login", "unit", "name", "email", "roles"], text)
        {
            if !login.is_empty() && !self.logins.insert(login.clone()) {
                self.note(at, "login", "is there already");
            }
            let given = account::Given { login: &login, unit: &unit, name: &name, email: &email };
            let account = given.account(AccountId(self.id()), |code| self.units.id(code));
            let account = self.read(at, account, false);
            let roles = self.roles(at, &roles);
            let Some(account) = account else { continue };
            let (id, unit) = (account.id, account.unit);
            self.steps.push(DirectoryStep::Account(account));
            self.imported.accounts += 1;
            for role in roles {
                let grant = Grant { id: GrantId(self.id()), account: id, role, unit };
                self.steps.push(DirectoryStep::Grant(grant));
                self.imported.grants += 1;
            }
        }
    }

    fn roles(&mut self, at: Place, typed: &str) -> Vec<Role> {
        let mut roles = Vec::new();
        for role in typed.split('|').map(str::trim).filter(|role| !role.is_empty()) {
            match Role::parse(&role.to_uppercase()) {
                Some(role) if roles.contains(&role) => self.note(at, "roles", format!("{role} is there twice")),
                Some(role) => roles.push(role),
                None => self.note(at, "roles", format!("{role:?} is none of {}", listed(Role::ALL))),
            }
        }
        roles
    }
}

/// What is wrong with a thing above that the file has, but not above.
const BELOW: &str = "must stand above it in the file";

fn listed<W: ToString>(words: &[W]) -> String {
    words.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// Tells lines by their bytes: the reader's own count is off after empty lines, and where lines end in CRLF.
struct Lines<'a> {
    text: &'a [u8],
    byte: usize,
    line: usize,
}

impl Lines<'_> {
    /// The line on which a record begins. Asked in the order of the records.
    fn at(&mut self, position: Option<&csv::Position>) -> usize {
        let start = position.and_then(|position| usize::try_from(position.byte()).ok()).unwrap_or(self.byte);
        while let Some(c) = self.text.get(self.byte) {
            if self.byte >= start && !matches!(c, b'\r' | b'\n') {
                break;
            }
            self.line += usize::from(*c == b'\n');
            self.byte += 1;
        }
        self.line
    }
}
