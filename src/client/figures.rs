//! The figures of the on-time report: their columns, their rate, their three forms. Asks nothing of a server.

use prost_reflect::DynamicMessage;
use serde_json::{Map, Value, json};

use super::{
    cell::{self, Style},
    json, plain,
};

/// The columns, by the names they have everywhere.
pub const COLUMNS: [&str; 23] = [
    "carried_in",
    "received",
    "reopened",
    "imported",
    "conduct",
    "regulation",
    "both",
    "other",
    "unclassified",
    "handled",
    "early",
    "on_time",
    "late",
    "pending",
    "within",
    "overdue",
    "merged",
    "refused",
    "withdrawn",
    "transferred",
    "ended_late",
    "extended",
    "published",
];

/// The columns that a table shows unless asked for all: those that the invariants and the rates join.
const MAIN: [&str; 13] = [
    "carried_in",
    "received",
    "handled",
    "early",
    "on_time",
    "late",
    "pending",
    "within",
    "overdue",
    "refused",
    "withdrawn",
    "transferred",
    "ended_late",
];

const NOTHING_DUE: &str = "–";

/// How a report is laid out.
#[derive(Clone, Copy, Debug)]
pub struct Layout {
    /// The units' own rounds instead of theirs and those below them.
    pub own: bool,
    /// Every column in a table.
    pub wide: bool,
}

impl Layout {
    /// Headings and rows for people, the total last.
    pub fn table(self, report: &DynamicMessage) -> (Vec<String>, Vec<Vec<String>>) {
        let columns: &[&str] = if self.wide { &COLUMNS } else { &MAIN };
        let headings = ["unit", "name"].iter().chain(columns).chain(&["rate"]);
        let rows = rows(report).into_iter().map(|(row, is_total)| {
            let depth = cell::text(&row, "depth", Style::Exact).parse().unwrap_or_default();
            let unit = "  ".repeat(depth) + &plain::line(&cell::text(&row, "unit", Style::Exact));
            let name = if is_total { "Total".to_owned() } else { cell::text(&row, "name", Style::Exact) };
            let figures = columns.iter().map(|column| self.figure(&row, is_total, column).to_string());
            let rate =
                percent(self.figure(&row, is_total, "rate_numerator"), self.figure(&row, is_total, "rate_denominator"));
            [unit, plain::line(&name)].into_iter().chain(figures).chain([rate]).collect()
        });
        (headings.map(|&heading| heading.to_owned()).collect(), rows.collect())
    }

    /// Headings and rows for programs, the total last, its unit empty.
    pub fn sheet(self, report: &DynamicMessage) -> (Vec<String>, Vec<Vec<String>>) {
        let numbers = COLUMNS.iter().chain(&["rate_numerator", "rate_denominator"]);
        let headings = ["unit", "name", "depth"].iter().chain(numbers.clone());
        let rows = rows(report).into_iter().map(|(row, is_total)| {
            let texts = ["unit", "name", "depth"].iter().map(|path| cell::text(&row, path, Style::Exact));
            let figures = numbers.clone().map(|column| self.figure(&row, is_total, column).to_string());
            texts.chain(figures).collect()
        });
        (headings.map(|&heading| heading.to_owned()).collect(), rows.collect())
    }

    /// The total has no units below it that are not in it, and is shown whole.
    fn figure(self, row: &DynamicMessage, is_total: bool, column: &str) -> i64 {
        let part = if self.own && !is_total { "own" } else { "with_children" };
        let cell = cell::at(row, &format!("{part}.{column}"));
        cell.and_then(|(_, value)| value.as_i64()).unwrap_or_default()
    }
}

/// The rows, the total last.
fn rows(report: &DynamicMessage) -> Vec<(DynamicMessage, bool)> {
    let rows = cell::at(report, "rows").map(|(_, rows)| rows);
    let rows = rows.as_ref().and_then(|rows| rows.as_list()).unwrap_or_default();
    let rows = rows.iter().filter_map(|row| Some((row.as_message()?.clone(), false)));
    let total = cell::at(report, "total").and_then(|(_, total)| total.as_message().cloned());
    rows.chain(total.map(|total| (total, true))).collect()
}

/// The report as JSON: in each row and in the total the columns with the units below, and under `own` without.
pub fn value(report: &DynamicMessage) -> Value {
    let mut value = json::of(report);
    if let Some(total) = value.get_mut("total") {
        *total = row(total);
    }
    if let Some(rows) = value.get_mut("rows").and_then(Value::as_array_mut) {
        for each in rows {
            *each = row(each);
        }
    }
    value
}

fn row(given: &Value) -> Value {
    if given.is_null() {
        return Value::Null;
    }
    let mut row = figures(&given["with_children"]);
    for name in ["unit", "name", "depth"] {
        row.insert(name.to_owned(), given[name].clone());
    }
    row.insert("own".to_owned(), Value::Object(figures(&given["own"])));
    Value::Object(row)
}

fn figures(given: &Value) -> Map<String, Value> {
    // What is absent counts nothing.
    let number = |name: &str| given[name].as_i64().unwrap_or_default();
    let mut figures: Map<_, _> = COLUMNS.iter().map(|&column| (column.to_owned(), number(column).into())).collect();
    let rate = match number("rate_denominator") {
        0 => Value::Null,
        denominator => json!({"numerator": number("rate_numerator"), "denominator": denominator}),
    };
    figures.insert("rate".to_owned(), rate);
    figures
}

/// A rate with two decimals, cut off and never rounded up; a dash where nothing was due.
pub fn percent(numerator: i64, denominator: i64) -> String {
    if denominator == 0 {
        return NOTHING_DUE.to_owned();
    }
    let hundredths = (i128::from(numerator) * 10_000).div_euclid(i128::from(denominator));
    let sign = if hundredths < 0 { "-" } else { "" };
    let hundredths = hundredths.unsigned_abs();
    format!("{sign}{}.{:02}%", hundredths / 100, hundredths % 100)
}

#[cfg(test)]
mod tests {
    use super::{super::contract, *};

    #[test]
    fn a_rate_is_never_rounded_up() {
        assert_eq!(percent(1799, 2000), "89.95%");
        assert_eq!(percent(899_999, 1_000_000), "89.99%");
        assert_eq!(percent(2, 3), "66.66%");
        assert_eq!(percent(36, 36), "100.00%");
        assert_eq!(percent(i64::MAX - 1, i64::MAX), "99.99%");
        assert_eq!(percent(0, 7), "0.00%");
        assert_eq!(percent(-1, 3), "-33.34%");
        assert_eq!(percent(0, 0), "–");
    }

    #[test]
    fn the_columns_are_the_contract_s() {
        let kind = contract::message("ReportFigures").unwrap();
        let names: Vec<_> = kind.fields().map(|field| field.name().to_owned()).collect();
        assert_eq!(names[..COLUMNS.len()], COLUMNS);
        assert_eq!(names[COLUMNS.len()..], ["rate_numerator", "rate_denominator"]);
        assert!(MAIN.iter().all(|column| COLUMNS.contains(column)));
    }

    fn report() -> DynamicMessage {
        let kind = contract::message("GetOnTimeReportResponse").unwrap();
        let half = json!({"carried_in": 0, "received": 38, "handled": 36, "on_time": 36, "pending": 2,
            "within": 2, "published": 36, "rate_numerator": 36, "rate_denominator": 36});
        json::read(
            &kind,
            &json!({
                "from": "2022-01-01", "to": "2022-07-01", "formula": "DUE_BASIS",
                "rows": [
                    {"unit": "BTTTT", "name": "Bộ", "own": {}, "with_children": half},
                    {"unit": "VT", "name": "=Cục", "depth": 1, "own": half, "with_children": half},
                ],
                "total": {"own": {}, "with_children": half},
            }),
        )
        .unwrap()
    }

    #[test]
    fn json_has_every_column_in_every_row() {
        let value = value(&report());
        for row in [&value["rows"][0], &value["total"]] {
            assert!(COLUMNS.iter().all(|&column| row[column].is_i64()), "{row}");
            assert_eq!(row["received"], 38);
            assert_eq!(row["rate"], json!({"numerator": 36, "denominator": 36}));
            assert_eq!(row["own"]["rate"], Value::Null);
        }
        assert_eq!(value["formula"], "DUE_BASIS");
        assert_eq!(value["rows"][1]["unit"], "VT");
    }

    #[test]
    fn tables_end_with_the_total() {
        let layout = Layout { own: true, wide: false };
        let (headings, rows) = layout.table(&report());
        assert_eq!(headings.len(), rows[0].len());
        assert_eq!(rows[0].last().unwrap(), "–");
        assert_eq!(rows[1][0], "  VT");
        assert_eq!(rows[2][1], "Total");
        assert_eq!(rows[2].last().unwrap(), "100.00%");
        let (headings, rows) = Layout { own: false, wide: true }.sheet(&report());
        assert_eq!(headings.len(), rows[2].len());
        assert_eq!(rows[0][4], "38");
    }
}
