//! A message of the contract as JSON and back, by the contract's own field names. Prints nothing.
//!
//! Absent messages, unspecified enumerations and empty strings are `null`; lists, numbers and booleans are always
//! given. Enumerations have their short names, instants are RFC 3339.

use std::path::Path;

use chrono::{DateTime, Utc};
use prost::Message;
use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, MessageDescriptor, ReflectMessage as _, Value as Field};
use serde_json::{Map, Value};

use super::{contract, failure::Failure, instant, prose};

const TIMESTAMP: &str = "google.protobuf.Timestamp";

/// The message as a JSON object.
pub fn of(message: &DynamicMessage) -> Value {
    let fields = message.descriptor();
    let members = fields.fields().map(|field| {
        let value = if field.supports_presence() && !message.has_field(&field) {
            Value::Null
        } else {
            value_of(&field, &message.get_field(&field))
        };
        (field.name().to_owned(), value)
    });
    Value::Object(members.collect())
}

/// A message from a JSON file, or from the answer with it `within`, as `show` prints one.
pub fn file<T: Message + Default>(path: &Path, kind: &str, within: &str) -> Result<T, Failure> {
    let wrong = |problem: String| Failure::usage(format!("{}: {problem}", path.display()));
    let value: Value = serde_json::from_str(&prose::file(path)?).map_err(|error| wrong(error.to_string()))?;
    let value = value.get(within).cloned().unwrap_or(value);
    read(&contract::message(kind)?, &value)?.transcode_to().map_err(|error| wrong(error.to_string()))
}

/// One field's value.
pub fn value_of(field: &FieldDescriptor, value: &Field) -> Value {
    match (value, field.kind()) {
        (Field::List(items), _) => items.iter().map(|item| value_of(field, item)).collect(),
        (Field::EnumNumber(number), Kind::Enum(kind)) => contract::short_name(&kind, *number).into(),
        (Field::Message(message), Kind::Message(kind)) if is_timestamp(&kind) => {
            timestamp(message).map(instant::rfc3339).into()
        }
        (Field::Message(message), _) => of(message),
        (Field::String(text), _) if text.is_empty() => Value::Null,
        (Field::String(text), _) => text.as_str().into(),
        (Field::Bool(flag), _) => (*flag).into(),
        (Field::I32(number), _) => (*number).into(),
        (Field::I64(number), _) => (*number).into(),
        // The contract has no other scalars.
        _ => Value::Null,
    }
}

/// Whether a message is an instant.
pub fn is_timestamp(kind: &MessageDescriptor) -> bool {
    kind.full_name() == TIMESTAMP
}

/// The instant of a timestamp message.
pub fn timestamp(message: &DynamicMessage) -> Option<DateTime<Utc>> {
    let seconds = message.get_field_by_name("seconds")?.as_i64()?;
    let nanos = message.get_field_by_name("nanos")?.as_i32()?;
    instant::from_parts(seconds, nanos)
}

/// JSON as text; what a terminal might act on is escaped, which changes nothing of the data.
pub fn print(value: &Value) -> String {
    let mut printed = String::new();
    for c in format!("{value:#}").chars() {
        // Only strings can hold such a character, and line ends within them are escaped already.
        if c != '\n' && super::plain::is_unsafe(c) {
            printed.push_str(&format!("\\u{:04x}", u32::from(c)));
        } else {
            printed.push(c);
        }
    }
    printed
}

/// Reads a message from a JSON object with the contract's field names. Unknown names are refused.
pub fn read(kind: &MessageDescriptor, value: &Value) -> Result<DynamicMessage, Failure> {
    read_object(kind, value, kind.name())
}

fn read_object(kind: &MessageDescriptor, value: &Value, at: &str) -> Result<DynamicMessage, Failure> {
    let members: &Map<_, _> = value.as_object().ok_or_else(|| wrong(at, "an object"))?;
    let mut message = DynamicMessage::new(kind.clone());
    for (name, value) in members {
        let field = kind.get_field_by_name(name).ok_or_else(|| Failure::usage(format!("{at} has no field {name}")))?;
        match value {
            Value::Null => {}
            Value::Array(items) if field.is_list() => {
                let items: Result<_, _> = items.iter().map(|i| read_field(&field, i)).collect();
                message.set_field(&field, Field::List(items?));
            }
            _ if field.is_list() => return Err(wrong(name, "a list")),
            value => message.set_field(&field, read_field(&field, value)?),
        }
    }
    Ok(message)
}

fn read_field(field: &FieldDescriptor, value: &Value) -> Result<Field, Failure> {
    let name = field.name();
    let text = value.as_str();
    match field.kind() {
        Kind::String => text.map(|text| Field::String(text.to_owned())),
        Kind::Bool => value.as_bool().map(Field::Bool),
        Kind::Int64 => value.as_i64().map(Field::I64),
        Kind::Int32 => value.as_i64().and_then(|number| i32::try_from(number).ok()).map(Field::I32),
        Kind::Enum(kind) => text.and_then(|text| contract::number(&kind, text)).map(Field::EnumNumber),
        Kind::Message(kind) if is_timestamp(&kind) => {
            let instant = instant::parse(text.unwrap_or_default())
                .map_err(|expected| Failure::usage(format!("{name}: {expected}")))?;
            let mut message = DynamicMessage::new(kind);
            message.set_field_by_name("seconds", Field::I64(instant.seconds));
            message.set_field_by_name("nanos", Field::I32(instant.nanos));
            Some(Field::Message(message))
        }
        Kind::Message(kind) => Some(Field::Message(read_object(&kind, value, name)?)),
        _ => None,
    }
    .ok_or_else(|| wrong(name, &expected(field)))
}

fn expected(field: &FieldDescriptor) -> String {
    match field.kind() {
        Kind::Enum(kind) => {
            let names = (1..).map_while(|number| {
                kind.get_value(number)?;
                contract::short_name(&kind, number)
            });
            format!("one of {}", names.collect::<Vec<_>>().join(", "))
        }
        Kind::Bool => "true or false".to_owned(),
        Kind::String => "a string".to_owned(),
        _ => "a number".to_owned(),
    }
}

fn wrong(at: &str, expected: &str) -> Failure {
    Failure::usage(format!("{at}: expected {expected}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_submission_reads_and_writes_the_same() {
        let kind = contract::message("SubmitPetitionRequest").unwrap();
        let given = json!({
            "kind": "FEEDBACK", "title": "Cột sóng", "received_at": "2026-11-21T01:30:00Z",
            "petitioner": {"type": "INDIVIDUAL", "name": "An", "signatories": 2},
            "consents": [{"purpose": "PUBLISH_NAME", "text": "Đồng ý"}],
        });
        let back = of(&read(&kind, &given).unwrap());
        for (name, value) in given.as_object().unwrap() {
            if name != "petitioner" {
                assert_eq!(&back[name], value, "{name}");
            }
        }
        assert_eq!(back["petitioner"]["name"], "An");
        assert_eq!(back["petitioner"]["email"], Value::Null);
        assert_eq!(back["channel"], Value::Null);
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let kind = contract::message("SubmitPetitionRequest").unwrap();
        let error = |given| read(&kind, &given).unwrap_err().to_string();
        assert_eq!(error(json!({"titel": "x"})), "SubmitPetitionRequest has no field titel");
        assert_eq!(error(json!({"kind": "PRAISE"})), "kind: expected one of FEEDBACK, PROPOSAL, DATA_REQUEST");
        assert_eq!(error(json!({"petitioner": {"signatories": "2"}})), "signatories: expected a number");
    }

    #[test]
    fn printed_json_is_the_same_data_without_controls() {
        let value = json!({"text": "a\u{202e}b\u{9b}c\u{1b}\n"});
        let printed = print(&value);
        assert!(!printed.contains(['\u{202e}', '\u{9b}', '\u{1b}']));
        assert_eq!(serde_json::from_str::<Value>(&printed).unwrap(), value);
    }
}
