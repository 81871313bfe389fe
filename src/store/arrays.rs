//! Many rows as one array a column: PostgreSQL then prepares one statement for any number of rows, and binds a value for
//! each column instead of one for each cell.

use std::fmt::Write as _;

use sea_orm::{DbErr, Value};

/// A column of values as the text of an array of PostgreSQL.
#[derive(Debug, Default)]
struct Array {
    kind: &'static str,
    text: String,
}

/// Rows turned into arrays: what stands in a statement for them, as `unnest(...)` with marks from `$1` on, and the values
/// for the marks.
///
/// # Errors
/// For a value of a kind that no column of ours has.
pub(super) fn unnest(rows: impl IntoIterator<Item = Vec<Value>>) -> Result<(String, Vec<Value>), DbErr> {
    let mut arrays: Vec<Array> = Vec::new();
    for row in rows {
        arrays.resize_with(row.len().max(arrays.len()), Array::default);
        for (array, value) in arrays.iter_mut().zip(row) {
            array.text.push(if array.text.is_empty() { '{' } else { ',' });
            array.kind = put(&mut array.text, value)?;
        }
    }
    let (mut sql, mut values) = ("unnest(".to_owned(), Vec::with_capacity(arrays.len()));
    for (n, Array { kind, mut text }) in arrays.into_iter().enumerate() {
        let _ = write!(sql, "{}${}::text::{kind}[]", if n == 0 { "" } else { ", " }, n + 1);
        text.push('}');
        values.push(text.into());
    }
    sql.push(')');
    Ok((sql, values))
}

/// Writes an element; gives the type of its column.
fn put(text: &mut String, value: Value) -> Result<&'static str, DbErr> {
    macro_rules! plain {
        ($value:expr, $kind:literal) => {{
            match $value {
                Some(value) => {
                    let _ = write!(text, "{value}");
                }
                None => text.push_str("NULL"),
            }
            Ok($kind)
        }};
    }
    match value {
        Value::Bool(value) => plain!(value, "boolean"),
        Value::Int(value) => plain!(value, "integer"),
        Value::BigInt(value) => plain!(value, "bigint"),
        Value::Uuid(value) => plain!(value, "uuid"),
        Value::ChronoDate(value) => plain!(value, "date"),
        Value::ChronoDateTimeUtc(value) => {
            plain!(value.map(|at| at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true)), "timestamptz")
        }
        Value::Bytes(None) => plain!(None::<u8>, "bytea"),
        Value::Bytes(Some(bytes)) => {
            text.push_str("\\\\x");
            for byte in bytes {
                text.push(char::from(DIGITS[usize::from(byte >> 4)]));
                text.push(char::from(DIGITS[usize::from(byte & 15)]));
            }
            Ok("bytea")
        }
        Value::String(None) => plain!(None::<u8>, "text"),
        Value::String(Some(value)) => {
            text.reserve(value.len() + 2);
            text.push('"');
            let mut rest = value.as_str();
            while let Some(at) = rest.find(['"', '\\']) {
                let (before, after) = rest.split_at(at);
                text.push_str(before);
                text.push('\\');
                text.push_str(&after[..1]);
                rest = &after[1..];
            }
            text.push_str(rest);
            text.push('"');
            Ok("text")
        }
        other => Err(DbErr::Type(format!("no column is of the kind of {other:?}"))),
    }
}

const DIGITS: &[u8; 16] = b"0123456789abcdef";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_become_arrays() {
        let rows = [
            vec![Value::from(1i64), Value::from(r#"a "b" \c {,}"#), Value::from(vec![0u8, 0xab]), Value::Int(None)],
            vec![Value::BigInt(None), Value::from(""), Value::Bytes(None), Value::from(7)],
            vec![Value::from(-2i64), Value::String(None), Value::from(Vec::<u8>::new()), Value::Int(None)],
        ];
        let (sql, values) = unnest(rows).unwrap();
        assert_eq!(sql, "unnest($1::text::bigint[], $2::text::text[], $3::text::bytea[], $4::text::integer[])");
        let expected = ["{1,NULL,-2}", r#"{"a \"b\" \\c {,}","",NULL}"#, r"{\\x00ab,NULL,\\x}", "{NULL,7,NULL}"];
        assert_eq!(values, expected.map(Value::from));
        assert!(unnest([vec![Value::Float(None)]]).is_err());
    }
}
