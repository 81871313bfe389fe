//! Every field of a message, and everything bad that can be put there.

use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, MessageDescriptor, Value};

/// A field, reached from the top; each step may go into the first element of a repeated field.
pub type Path = Vec<FieldDescriptor>;

/// Every field of a message, recursively.
pub fn fields(message: &MessageDescriptor) -> Vec<Path> {
    let mut found = Vec::new();
    for field in message.fields() {
        found.push(vec![field.clone()]);
        if let Kind::Message(below) = field.kind() {
            let deeper = |path: Path| [vec![field.clone()], path].concat();
            found.extend(fields(&below).into_iter().map(deeper));
        }
    }
    found
}

/// The path as violations name it. An instant is one field.
pub fn name(path: &Path) -> String {
    let mut parts: Vec<String> = Vec::new();
    for (at, field) in path.iter().enumerate() {
        let index = if field.is_list() && at + 1 < path.len() { "[0]" } else { "" };
        parts.push(format!("{}{index}", field.name()));
        if matches!(field.kind(), Kind::Message(below) if below.full_name() == "google.protobuf.Timestamp") {
            break;
        }
    }
    parts.join(".")
}

/// Puts a value at a path; makes the messages on the way that are not there.
pub fn put(message: &mut DynamicMessage, path: &[FieldDescriptor], value: Option<Value>) {
    let (field, rest) = path.split_first().unwrap();
    if rest.is_empty() {
        match value {
            Some(value) => message.set_field(field, value),
            None => message.clear_field(field),
        }
        return;
    }
    let Kind::Message(below) = field.kind() else { panic!("{} has no fields", field.full_name()) };
    let empty = || Value::Message(DynamicMessage::new(below.clone()));
    let inner = match message.get_field_mut(field) {
        Value::List(list) => {
            if list.is_empty() {
                list.push(empty());
            }
            &mut list[0]
        }
        single => single,
    };
    let Value::Message(inner) = inner else { panic!("{} is not a message", field.full_name()) };
    put(inner, rest, value);
}

/// Something bad to put into a field.
pub struct Bad {
    pub what: String,
    /// None clears the field.
    pub value: Option<Value>,
    /// It can be valid nowhere: exactly this field must be named.
    pub certain: bool,
}

/// Everything bad for a field. What is huge comes only where it is asked for.
pub fn bads(field: &FieldDescriptor) -> Vec<Bad> {
    let mut all: Vec<Bad> = vec![Bad { what: "absent".to_owned(), value: None, certain: false }];
    let one = singles(&field.kind());
    if field.is_list() {
        let sample = Value::default_value(&field.kind());
        for count in [1, 1_000, 10_000] {
            let value = Some(Value::List(vec![sample.clone(); count]));
            all.push(Bad { what: format!("{count} empty ones"), value, certain: count > 1 });
        }
        let listed = one.into_iter().map(|bad| Bad { value: bad.value.map(|value| Value::List(vec![value])), ..bad });
        all.extend(listed.map(|bad| Bad { certain: false, ..bad }));
    } else {
        all.extend(one);
    }
    all
}

fn singles(kind: &Kind) -> Vec<Bad> {
    let bad = |what: String, value, certain| Bad { what, value: Some(value), certain };
    match kind {
        Kind::String => strings(),
        Kind::Enum(_) => [(-1, true), (99, true), (i32::MIN, true), (i32::MAX, true), (0, false)]
            .map(|(n, certain)| bad(format!("number {n}"), Value::EnumNumber(n), certain))
            .into(),
        Kind::Int32 => [(-1, true), (i32::MIN, true), (i32::MAX, false), (0, false)]
            .map(|(n, certain)| bad(format!("{n}"), Value::I32(n), certain))
            .into(),
        Kind::Int64 => [-1, i64::MIN, i64::MIN + 1, i64::MAX, 0, 253_402_300_799, 253_402_300_800, -62_135_596_801]
            .map(|n| bad(format!("{n}"), Value::I64(n), n == i64::MIN))
            .into(),
        Kind::Bool => [true, false].map(|b| bad(format!("{b}"), Value::Bool(b), false)).into(),
        Kind::Message(below) => {
            vec![bad("empty".to_owned(), Value::Message(DynamicMessage::new(below.clone())), false)]
        }
        other => panic!("nothing bad is known for {other:?}"),
    }
}

fn strings() -> Vec<Bad> {
    const MIB: usize = 1_048_576;
    let certain = [
        ("NUL", "a\0b".to_owned()),
        ("bell", "an\u{7}toàn".to_owned()),
        ("escape", "\u{1b}[2Jabcdefghijkl".to_owned()),
        ("C1", "abcdefghijkl\u{85}x\u{9b}31m".to_owned()),
        ("bare CR", "abcdefghij\rklm".to_owned()),
        ("right-to-left override", "abcdefghijkl\u{202e}fdp.exe".to_owned()),
        ("isolate", "abcdefghijkl\u{2066}x".to_owned()),
        ("noncharacter", "abcdefghijkl\u{ffff}".to_owned()),
        ("4 MiB", "a".repeat(4 * MIB)),
        ("4 MiB of marks", "\u{301}".repeat(2 * MIB)),
    ];
    let possible = [
        ("empty", String::new()),
        ("white space", " \t \u{3000}\u{a0} ".to_owned()),
        ("header injection", "An\r\nBcc: moi@nguoi.example\r\n\r\nabc".to_owned()),
        ("line separator", "abcdefgh\u{2028}ijklm".to_owned()),
        ("decomposed", "\u{110}u\u{31b}o\u{31b}\u{300}ng pho\u{302}\u{301} Hue\u{302}\u{301}".to_owned()),
        ("lone mark", "\u{301}".to_owned()),
        ("marks", format!("a{}", "\u{301}\u{323}".repeat(60))),
        ("emoji", "👩‍👩‍👧‍👦🇻🇳 tốt".to_owned()),
        ("wide", "\u{fdfa}".repeat(200)),
        ("invisible", "\u{200b}\u{200b}\u{200b}\u{200b}\u{200b}\u{200b}\u{200b}\u{200b}\u{200b}\u{200b}".to_owned()),
        ("not a UUID", "00000000-0000-0000-0000-00000000000g".to_owned()),
        ("nil UUID", "00000000-0000-0000-0000-000000000000".to_owned()),
        ("unknown UUID", "019a0000-0000-7000-8000-000000000000".to_owned()),
        ("no such day", "2026-02-30".to_owned()),
        ("far day", "99999-01-01".to_owned()),
        ("signed day", "-262143-01-01".to_owned()),
        ("unknown code", "PAKN.20261121.00000000".to_owned()),
        ("no code", "PAKN.99999999.00000000".to_owned()),
        ("address", "a@b@c, d@e.vn".to_owned()),
        ("address with a comment", "\"x\r\ny\"@dan.example".to_owned()),
        ("SQL", "' or 1=1; drop table petition; --".to_owned()),
        ("wildcards", "%_%\\".to_owned()),
        ("formats", "{0} %s ${jndi:ldap://x} {{7*7}}".to_owned()),
        ("markup", "<script>alert(1)</script>".to_owned()),
        ("token", "00".repeat(40)),
        ("80 letters", "đ".repeat(40)),
        ("long", "ắ".repeat(3_000)),
    ];
    let make = |certain| {
        move |(what, text): (&str, String)| Bad { what: what.to_owned(), value: Some(Value::String(text)), certain }
    };
    certain.into_iter().map(make(true)).chain(possible.into_iter().map(make(false))).collect()
}
