//! Reading CSV files so that whatever is wrong with them can be named by file, line and column.

use std::array::from_fn;

use chrono::NaiveDate;
use csv::{ReaderBuilder, Trim};

use crate::domain::refusal::Fault;

/// Where something stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    file: &'static str,
    line: usize,
    /// How many cells the line has, and how many the first one has. If they differ, what stands in them says nothing.
    cells: (usize, usize),
}

/// What is wrong with the files so far.
#[derive(Debug, Default)]
pub(super) struct Sheets {
    /// By file, line and column.
    pub(super) faults: Vec<Fault>,
    /// Columns that a file has not.
    missing: Vec<(&'static str, &'static str)>,
}

impl Sheets {
    pub(super) fn note(&mut self, at: Place, column: &str, what: impl Into<String>) {
        if at.cells.0 == at.cells.1
            && !self.missing.iter().any(|(file, missing)| (*file, *missing) == (at.file, column))
        {
            self.faults.push(Fault::new(format!("{}:{} {column}", at.file, at.line), what));
        }
    }

    /// What the domain read of a line; notes its faults otherwise. `below`: the thing above stands somewhere in the
    /// file, so if it is not known yet, it stands below.
    pub(super) fn read<T>(&mut self, at: Place, read: Result<T, Vec<Fault>>, below: bool) -> Option<T> {
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
            let unknown = fault.field == "parent" && fault.what.starts_with(UNKNOWN);
            let what = if below && unknown { BELOW.to_owned() } else { fault.what };
            self.note(at, &fault.field, what);
        }
        None
    }

    /// A local day; none for an empty cell.
    pub(super) fn day(&mut self, at: Place, column: &str, cell: &str) -> Option<NaiveDate> {
        let day = NaiveDate::parse_from_str(cell, "%Y-%m-%d").ok().filter(|day| day.to_string() == cell);
        if day.is_none() && !cell.is_empty() {
            self.note(at, column, "is not a day: YYYY-MM-DD");
        }
        day
    }

    /// The lines of a file, each with its cells in the order of `columns`, of which the last `optional` may be missing.
    /// Lines without anything in them are none.
    pub(super) fn lines<const N: usize>(
        &mut self,
        file: &'static str,
        columns: [&'static str; N],
        optional: usize,
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
        let required = columns.iter().zip(places).take(N.saturating_sub(optional));
        for (column, _) in required.filter(|(_, place)| place.is_none()) {
            self.note(first, column, "is missing");
            self.missing.push((file, column));
        }
        let mut read = Vec::new();
        for record in reader.into_records().filter_map(Result::ok) {
            if record.iter().all(str::is_empty) {
                continue;
            }
            let at = Place { file, line: lines.at(record.position()), cells: (record.len(), header.len()) };
            let cell = |n: usize| places[n].and_then(|place| record.get(place)).map(plain).unwrap_or_default();
            read.push((at, from_fn(|n| cell(n).to_owned())));
        }
        read
    }
}

/// A cell that was written so that no spreadsheet takes it for a formula, as it was before.
fn plain(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|rest| rest.starts_with(['=', '+', '-', '@', '\t', '\r'])).unwrap_or(cell)
}

/// What the domain says of the code of a thing above that it does not know.
const UNKNOWN: &str = "is not the code of";
/// What is wrong with a thing above that the file has, but not above.
const BELOW: &str = "must stand above it in the file";

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
