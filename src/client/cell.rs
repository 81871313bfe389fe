//! The fields of a message as cells: which there are, what they are called, how they read. Knows no layout.

use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, MessageDescriptor, ReflectMessage as _, Value};

use super::{contract, instant, instant::Zone, json};

/// Messages that only wrap others; their names say nothing in a heading.
const WRAPPERS: [&str; 6] = ["petition", "summary", "outcome", "details", "letter", "event"];

/// How cells are to read.
#[derive(Clone, Copy, Debug)]
pub enum Style {
    /// For people, with times in a zone.
    Reading(Zone),
    /// For people who look at one thing: states also carry their Vietnamese labels.
    Explaining(Zone),
    /// For programs: RFC 3339, nothing abbreviated.
    Exact,
}

impl Style {
    /// Whether a message is one cell, not several.
    fn is_whole(self, kind: &MessageDescriptor) -> bool {
        json::is_timestamp(kind) || (!matches!(self, Self::Exact) && kind.name() == "Due")
    }
}

/// Dotted paths of all cells of a message, in the contract's order.
pub fn paths(kind: &MessageDescriptor, style: Style) -> Vec<String> {
    let mut paths = Vec::new();
    for field in kind.fields() {
        match field.kind() {
            Kind::Message(inner) if !field.is_list() && !style.is_whole(&inner) => {
                let inner = self::paths(&inner, style).into_iter();
                paths.extend(inner.map(|path| format!("{}.{path}", field.name())));
            }
            _ => paths.push(field.name().to_owned()),
        }
    }
    paths
}

/// What the cells of these paths are called: without wrappers, unless two would be called the same.
pub fn headings(paths: &[String]) -> Vec<String> {
    let short: Vec<&str> = paths.iter().map(|path| unwrapped(path)).collect();
    let is_unique = |name: &&str| short.iter().filter(|other| other == &name).count() == 1;
    let names = paths.iter().zip(&short);
    names.map(|(path, name)| if is_unique(name) { *name } else { path }).map(str::to_owned).collect()
}

fn unwrapped(mut path: &str) -> &str {
    while let Some((first, rest)) = path.split_once('.') {
        if !WRAPPERS.contains(&first) {
            break;
        }
        path = rest;
    }
    path
}

/// The field at a dotted path and its value; nothing where the path or a message on it is absent.
pub fn at(message: &DynamicMessage, path: &str) -> Option<(FieldDescriptor, Value)> {
    let (name, rest) = path.split_once('.').map_or((path, None), |(a, b)| (a, Some(b)));
    let field = message.descriptor().get_field_by_name(name)?;
    if field.supports_presence() && !message.has_field(&field) {
        return None;
    }
    let value = message.get_field(&field);
    match rest {
        Some(rest) => at(value.as_message()?, rest),
        None => Some((field, value.into_owned())),
    }
}

/// The cell at a dotted path as text; empty where there is nothing. Not yet made harmless.
pub fn text(message: &DynamicMessage, path: &str, style: Style) -> String {
    at(message, path).map_or_else(String::new, |(field, value)| shown(&field, &value, style))
}

fn shown(field: &FieldDescriptor, value: &Value, style: Style) -> String {
    match (value, field.kind()) {
        (Value::List(items), Kind::Message(_)) if matches!(style, Style::Exact) => match items.is_empty() {
            true => String::new(),
            false => json::value_of(field, &Value::List(items.clone())).to_string(),
        },
        (Value::List(items), _) => {
            let items = items.iter().map(|item| shown(field, item, style));
            items.collect::<Vec<_>>().join("; ")
        }
        (Value::EnumNumber(number), Kind::Enum(kind)) => {
            let name = contract::short_name(&kind, *number).unwrap_or_default();
            match label(&name) {
                Some(label) if matches!(style, Style::Explaining(_)) && kind.name() == "PetitionState" => {
                    format!("{name} ({label})")
                }
                _ => name,
            }
        }
        (Value::Message(message), Kind::Message(kind)) => whole(message, &kind, style),
        (Value::Bool(flag), _) => match (style, flag) {
            (Style::Exact, flag) => flag.to_string(),
            (_, true) => "yes".to_owned(),
            (_, false) => String::new(),
        },
        (Value::I32(number), _) => number.to_string(),
        (Value::I64(number), _) => number.to_string(),
        (Value::String(text), _) => text.clone(),
        _ => String::new(),
    }
}

/// A message in one cell: an instant, a due date, or its own cells in a row.
fn whole(message: &DynamicMessage, kind: &MessageDescriptor, style: Style) -> String {
    if json::is_timestamp(kind) {
        let show = |instant| match style {
            Style::Reading(zone) | Style::Explaining(zone) => zone.show(instant),
            Style::Exact => instant::rfc3339(instant),
        };
        return json::timestamp(message).map(show).unwrap_or_default();
    }
    if kind.name() == "Due" {
        let provisional = text(message, "provisional", style);
        let mark = if provisional.is_empty() { "" } else { " (provisional)" };
        return text(message, "date", style) + mark;
    }
    let cells = paths(kind, style).into_iter().map(|path| text(message, &path, style));
    cells.filter(|cell| !cell.is_empty()).collect::<Vec<_>>().join(" ")
}

/// What citizens and officials call a state.
fn label(state: &str) -> Option<&'static str> {
    Some(match state {
        "SUBMITTED" => "Chờ tiếp nhận",
        "NEEDS_INFORMATION" => "Yêu cầu bổ sung",
        "ACCEPTED" => "Đã tiếp nhận",
        "ASSIGNED" => "Đã chuyển xử lý",
        "IN_PROGRESS" => "Đang xử lý",
        "AWAITING_APPROVAL" => "Chờ phê duyệt",
        "ANSWERED" => "Đã trả lời",
        "CLOSED" => "Kết thúc",
        "REFUSED" => "Không tiếp nhận",
        "WITHDRAWN" => "Đã rút",
        "MERGED" => "Đã gộp",
        "TRANSFERRED" => "Đã chuyển cơ quan khác",
        _ => return None,
    })
}

/// Fails unless every path leads to a field of the message.
#[cfg(test)]
pub fn assert_columns(name: &str, columns: &[&str]) {
    for path in columns {
        let mut kind = contract::message(name).ok();
        for name in path.split('.') {
            let field = kind.and_then(|kind| kind.get_field_by_name(name));
            assert!(field.is_some(), "{path}");
            kind = field.and_then(|field| field.kind().as_message().cloned());
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_outcome_reads_in_each_style() {
        let kind = contract::message("ApproveAnswerResponse").unwrap();
        let answer = json::read(
            &kind,
            &json!({
                "outcome": {
                    "code": "PAKN.1", "state": "ANSWERED", "happened_at": "2026-11-21T01:30:00Z",
                    "answer_due": {"date": "2026-12-11", "provisional": true},
                },
                "verdict": "EARLY",
            }),
        )
        .unwrap();
        let zone = Zone::new(false);
        let read = |path, style| text(&answer, path, style);
        assert_eq!(read("outcome.state", Style::Reading(zone)), "ANSWERED");
        assert_eq!(read("outcome.state", Style::Explaining(zone)), "ANSWERED (Đã trả lời)");
        assert_eq!(read("outcome.happened_at", Style::Reading(zone)), "2026-11-21 08:30");
        assert_eq!(read("outcome.happened_at", Style::Exact), "2026-11-21T01:30:00Z");
        assert_eq!(read("outcome.answer_due", Style::Reading(zone)), "2026-12-11 (provisional)");
        assert_eq!(read("outcome.answer_due.date", Style::Exact), "2026-12-11");
        assert_eq!(read("nothing.here", Style::Exact), "");
    }

    #[test]
    fn every_state_has_a_label() {
        let field = contract::message("PetitionSummary").unwrap().get_field_by_name("state").unwrap();
        let Kind::Enum(states) = field.kind() else { unreachable!() };
        for state in states.values().skip(1) {
            let name = contract::short_name(&states, state.number()).unwrap();
            assert!(label(&name).is_some(), "{name}");
        }
    }

    #[test]
    fn wrappers_go_unless_names_collide() {
        let paths = ["petition.summary.code", "petition.received_at", "received_at"];
        let paths = paths.map(str::to_owned);
        assert_eq!(headings(&paths), ["code", "petition.received_at", "received_at"]);
    }
}
