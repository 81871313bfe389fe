//! Puts answers on standard output as a table, JSON or CSV, and remarks on standard error. Chooses no columns.

use std::io::{self, ErrorKind, Write as _};

use clap::ValueEnum;
use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use prost_reflect::{DynamicMessage, Kind, MessageDescriptor, ReflectMessage as _};
use serde_json::Value;

use super::{
    cell::{self, Style},
    failure::Failure,
    instant::Zone,
    json, plain,
};

/// The widest cell of a list.
const LIST_CELL: usize = 60;
/// The width of a record where the terminal does not say.
const WIDTH: u16 = 120;

/// How data is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Table,
    /// The plain data
    Json,
    /// For spreadsheets
    Csv,
}

/// Where and how answers are shown.
#[derive(Clone, Copy, Debug)]
pub struct Output {
    /// How data is printed.
    pub format: Format,
    /// In which zone tables show times.
    pub zone: Zone,
}

impl Output {
    /// One message: a line a field in a table, one row in CSV.
    pub fn record(self, message: &DynamicMessage) -> Result<(), Failure> {
        match self.format {
            Format::Json => print(&json::print(&json::of(message))),
            Format::Csv => {
                let paths = cell::paths(&message.descriptor(), Style::Exact);
                sheet(&cell::headings(&paths), &[exact(message, &paths)])
            }
            Format::Table => print(&described(message, Style::Explaining(self.zone))),
        }
    }

    /// The messages of a list field: these columns in a table, every field in CSV, the whole answer in JSON.
    pub fn rows(self, answer: &DynamicMessage, list: &str, columns: &[&str]) -> Result<(), Failure> {
        let (kind, rows) = listed(answer, list)?;
        match self.format {
            Format::Json => print(&json::print(&json::of(answer))),
            Format::Csv => {
                let paths = cell::paths(&kind, Style::Exact);
                let rows: Vec<_> = rows.iter().map(|row| exact(row, &paths)).collect();
                sheet(&cell::headings(&paths), &rows)
            }
            Format::Table => {
                let paths: Vec<_> = columns.iter().map(|&path| path.to_owned()).collect();
                let rows: Vec<Vec<String>> = rows.iter().map(|row| self.cells(row, &paths)).collect();
                print(&table(&cell::headings(&paths), &rows))
            }
        }
    }

    /// One row of a table.
    fn cells(self, row: &DynamicMessage, paths: &[String]) -> Vec<String> {
        let style = Style::Reading(self.zone);
        let cells = paths.iter().map(|path| cell::text(row, path, style));
        cells.map(|cell| shortened(&plain::line(&cell))).collect()
    }
}

/// Prints JSON that is no single answer.
pub fn value(value: &Value) -> Result<(), Failure> {
    print(&json::print(value))
}

/// A table of cells that are harmless already.
pub fn table(headings: &[String], rows: &[Vec<String>]) -> String {
    let mut table = Table::new();
    table.load_style(presets::ASCII_MARKDOWN);
    table.set_header(headings.iter().map(|heading| heading.replace('_', " ")));
    table.add_rows(rows);
    for (at, column) in table.column_iter_mut().enumerate() {
        if rows.iter().filter_map(|row| row.get(at)).all(|cell| is_figure(cell)) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.to_string()
}

fn is_figure(cell: &str) -> bool {
    cell.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | '%' | '–'))
}

/// Prints CSV; every cell is made harmless here.
pub fn sheet(headings: &[String], rows: &[Vec<String>]) -> Result<(), Failure> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut write = || -> Result<(), csv::Error> {
        writer.write_record(headings)?;
        for row in rows {
            writer.write_record(row.iter().map(|cell| plain::sheet(cell)))?;
        }
        Ok(writer.flush()?)
    };
    write().map_err(|error| Failure::broken(error.to_string()))?;
    let bytes = writer.into_inner().unwrap_or_default();
    print(String::from_utf8_lossy(&bytes).trim_end())
}

/// Prints text and a line end. A reader that has gone away is no failure.
pub fn print(text: &str) -> Result<(), Failure> {
    match writeln!(io::stdout().lock(), "{text}") {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::broken(format!("standard output: {error}")))
        }
        _ => Ok(()),
    }
}

/// Says something beside the data. Where standard error is gone, nobody listens.
pub fn remark(line: &str) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// The messages of a list field and their description.
fn listed(answer: &DynamicMessage, list: &str) -> Result<(MessageDescriptor, Vec<DynamicMessage>), Failure> {
    let field = answer.descriptor().get_field_by_name(list);
    let Some((field, Kind::Message(kind))) = field.map(|field| (field.clone(), field.kind())) else {
        return Err(Failure::broken(format!("the answer has no list {list}")));
    };
    let items = answer.get_field(&field).into_owned();
    let items = items.as_list().unwrap_or_default().iter();
    Ok((kind, items.filter_map(|item| item.as_message().cloned()).collect()))
}

/// One row with everything in it.
fn exact(message: &DynamicMessage, paths: &[String]) -> Vec<String> {
    let cells = paths.iter().map(|path| cell::text(message, path, Style::Exact));
    cells.collect()
}

/// A line a field that has something in it, then a table a list.
fn described(message: &DynamicMessage, style: Style) -> String {
    let paths = cell::paths(&message.descriptor(), style);
    let (lists, fields): (Vec<_>, Vec<_>) = paths.into_iter().partition(|path| is_list(message, path));
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(width());
    for (path, heading) in fields.iter().zip(cell::headings(&fields)) {
        let text = plain::text(&cell::text(message, path, style)).replace('\t', "    ");
        if !text.trim().is_empty() {
            table.add_row([heading.replace('_', " "), text]);
        }
    }
    let mut parts = vec![table.trim_fmt()];
    for path in lists {
        let rows = cell::at(message, &path).map(|(_, value)| value);
        let rows = rows.as_ref().and_then(|value| value.as_list()).unwrap_or_default();
        let rows: Vec<_> = rows.iter().filter_map(|row| row.as_message()).collect();
        if let Some(first) = rows.first() {
            let columns = cell::paths(&first.descriptor(), style);
            let rows: Vec<Vec<String>> = rows
                .iter()
                .map(|row| columns.iter().map(|path| plain::line(&cell::text(row, path, style))).collect())
                .collect();
            let title = path.rsplit('.').next().unwrap_or(&path);
            parts.push(format!("\n{title}\n{}", self::table(&cell::headings(&columns), &rows)));
        }
    }
    parts.join("\n")
}

fn is_list(message: &DynamicMessage, path: &str) -> bool {
    cell::at(message, path).is_some_and(|(field, _)| field.is_list() && matches!(field.kind(), Kind::Message(_)))
}

fn shortened(line: &str) -> String {
    if line.chars().count() <= LIST_CELL {
        return line.to_owned();
    }
    line.chars().take(LIST_CELL - 1).chain(['…']).collect()
}

fn width() -> u16 {
    let columns = std::env::var("COLUMNS").ok();
    columns.and_then(|columns| columns.parse().ok()).unwrap_or(WIDTH)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{super::contract, *};

    #[test]
    fn a_record_shows_what_there_is_and_its_lists() {
        let kind = contract::message("GetLetterResponse").unwrap();
        let answer = json::read(
            &kind,
            &json!({
                "letter": {"id": "7", "status": "PENDING", "last_reply": "4\u{1b}[31m50\u{202e} busy"},
                "attempts": [{"number": 1, "outcome": "DEFERRED", "reply": "450\nbusy"}],
            }),
        )
        .unwrap();
        let shown = described(&answer, Style::Explaining(Zone::new(false)));
        assert!(shown.contains("450 busy") && shown.contains("DEFERRED"), "{shown}");
        assert!(!shown.contains(['\u{1b}', '\u{202e}']) && !shown.contains("medium"), "{shown}");
    }

    #[test]
    fn long_cells_are_shortened_by_characters() {
        assert_eq!(shortened(&"đ".repeat(60)), "đ".repeat(60));
        assert_eq!(shortened(&"đ".repeat(61)), "đ".repeat(59) + "…");
    }
}
