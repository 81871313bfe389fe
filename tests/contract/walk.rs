//! Everything that a file of the contract declares, with its comment.

use std::collections::HashMap;

use prost_types::{DescriptorProto, EnumDescriptorProto, FileDescriptorProto};

/// What is declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Message,
    Field,
    Oneof,
    Enum,
    Value,
    Service,
    Rpc,
}

impl Kind {
    pub fn word(self) -> &'static str {
        match self {
            Self::Message => "message",
            Self::Field => "field",
            Self::Oneof => "oneof",
            Self::Enum => "enum",
            Self::Value => "value",
            Self::Service => "service",
            Self::Rpc => "rpc",
        }
    }
}

/// Something declared.
#[derive(Debug)]
pub struct Thing {
    pub kind: Kind,
    pub name: String,
    pub comment: String,
    /// Numbers of fields; of messages.
    pub numbers: Vec<i32>,
}

/// Numbers of `FileDescriptorProto`, `DescriptorProto`, `EnumDescriptorProto` and `ServiceDescriptorProto`.
const MESSAGES: i32 = 4;
const ENUMS: i32 = 5;
const SERVICES: i32 = 6;
const FIELDS: i32 = 2;
const NESTED_MESSAGES: i32 = 3;
const NESTED_ENUMS: i32 = 4;
const ONEOFS: i32 = 8;
const VALUES: i32 = 2;
const METHODS: i32 = 2;

struct Walk {
    comments: HashMap<Vec<i32>, String>,
    found: Vec<Thing>,
}

/// Everything that a file declares.
pub fn things(file: &FileDescriptorProto) -> Vec<Thing> {
    let info = file.source_code_info.as_ref().unwrap_or_else(|| panic!("{}: comments were dropped", file.name()));
    let comment = |at: &prost_types::source_code_info::Location| (at.path.clone(), at.leading_comments().to_owned());
    let mut walk = Walk { comments: info.location.iter().map(comment).collect(), found: Vec::new() };
    for (message, n) in file.message_type.iter().zip(0..) {
        walk.message(message, file.package(), &[MESSAGES, n]);
    }
    for (list, n) in file.enum_type.iter().zip(0..) {
        walk.list(list, file.package(), &[ENUMS, n]);
    }
    for (service, n) in file.service.iter().zip(0..) {
        let name = format!("{}.{}", file.package(), service.name());
        walk.add(Kind::Service, &name, &[SERVICES, n]);
        for (rpc, m) in service.method.iter().zip(0..) {
            walk.add(Kind::Rpc, &format!("{name}/{}", rpc.name()), &[SERVICES, n, METHODS, m]);
        }
    }
    walk.found
}

impl Walk {
    fn add(&mut self, kind: Kind, name: &str, path: &[i32]) {
        let comment = self.comments.get(path).cloned().unwrap_or_default();
        self.found.push(Thing { kind, name: name.to_owned(), comment, numbers: Vec::new() });
    }

    fn message(&mut self, message: &DescriptorProto, above: &str, path: &[i32]) {
        let name = format!("{above}.{}", message.name());
        self.add(Kind::Message, &name, path);
        if let Some(thing) = self.found.last_mut() {
            thing.numbers = message.field.iter().map(|field| field.number()).collect();
        }
        for (field, n) in message.field.iter().zip(0..) {
            self.add(Kind::Field, &format!("{name}.{}", field.name()), &[path, &[FIELDS, n]].concat());
        }
        // What `optional` makes is nobody's to comment on.
        let synthetic = |n| message.field.iter().any(|field| field.proto3_optional() && field.oneof_index == Some(n));
        for (oneof, n) in message.oneof_decl.iter().zip(0..).filter(|(_, n)| !synthetic(*n)) {
            self.add(Kind::Oneof, &format!("{name}.{}", oneof.name()), &[path, &[ONEOFS, n]].concat());
        }
        for (nested, n) in message.nested_type.iter().zip(0..) {
            self.message(nested, &name, &[path, &[NESTED_MESSAGES, n]].concat());
        }
        for (list, n) in message.enum_type.iter().zip(0..) {
            self.list(list, &name, &[path, &[NESTED_ENUMS, n]].concat());
        }
    }

    fn list(&mut self, list: &EnumDescriptorProto, above: &str, path: &[i32]) {
        let name = format!("{above}.{}", list.name());
        self.add(Kind::Enum, &name, path);
        for (value, n) in list.value.iter().zip(0..) {
            self.add(Kind::Value, &format!("{name}.{}", value.name()), &[path, &[VALUES, n]].concat());
        }
    }
}

/// Whether a file names a type of one that it imports.
pub fn uses(file: &FileDescriptorProto, import: &str, all: &[FileDescriptorProto]) -> bool {
    let declared: Vec<String> = match all.iter().find(|other| other.name() == import) {
        Some(other) => {
            let messages = other.message_type.iter().map(|message| message.name());
            let names = messages.chain(other.enum_type.iter().map(|list| list.name()));
            names.map(|name| format!(".{}.{name}", other.package())).collect()
        }
        None => vec![".google.protobuf.Timestamp".to_owned()],
    };
    file.message_type
        .iter()
        .flat_map(|message| &message.field)
        .any(|field| declared.iter().any(|name| name == field.type_name()))
}
