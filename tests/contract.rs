//! The contract keeps its own rules: everything in it says what it is, and buf's STANDARD rules hold as far as a
//! descriptor set tells.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "contract/walk.rs"]
mod walk;

use std::collections::HashSet;

use prost::Message as _;
use prost_types::{FileDescriptorProto, FileDescriptorSet};
use walk::{Kind, Thing, things};

fn contract() -> Vec<FileDescriptorProto> {
    let set = FileDescriptorSet::decode(pakn::pb::DESCRIPTORS).unwrap();
    let own: Vec<_> = set.file.into_iter().filter(|file| file.name().starts_with("pakn/")).collect();
    assert!(own.len() >= 8, "the contract was not found");
    own
}

fn everything() -> Vec<Thing> {
    let found: Vec<Thing> = contract().iter().flat_map(things).collect();
    let of = |kind| found.iter().filter(|thing| thing.kind == kind).count();
    assert!(of(Kind::Rpc) >= 53 && of(Kind::Field) >= 200 && of(Kind::Value) >= 60, "the walk missed something");
    found
}

#[test]
fn everything_says_what_it_is() {
    let silent: Vec<String> =
        everything().into_iter().filter(|thing| thing.comment.trim().is_empty()).map(|t| t.name).collect();
    assert!(silent.is_empty(), "without a comment: {silent:#?}");
}

#[test]
fn comments_are_sentences() {
    let ends = |thing: &Thing| thing.comment.trim().ends_with(['.', '`', ':', ')']);
    let bad: Vec<String> = everything().into_iter().filter(|thing| !ends(thing)).map(|t| t.name).collect();
    assert!(bad.is_empty(), "{bad:#?}");
}

#[test]
fn names_are_written_as_buf_wants_them() {
    for thing in everything() {
        let name = thing.name.rsplit(['.', '/']).next().unwrap();
        let fits = match thing.kind {
            Kind::Message | Kind::Enum | Kind::Rpc => pascal(name),
            Kind::Service => pascal(name) && name.ends_with("Service"),
            Kind::Field | Kind::Oneof => snake(name),
            Kind::Value => name.to_uppercase() == name && snake(&name.to_lowercase()),
        };
        assert!(fits, "{} {}", thing.kind.word(), thing.name);
    }
}

#[test]
fn enum_values_carry_the_name_and_begin_with_unspecified() {
    for file in contract() {
        let nested = file.message_type.iter().flat_map(|message| &message.enum_type);
        for list in file.enum_type.iter().chain(nested) {
            let prefix = format!("{}_", upper_snake(list.name()));
            for value in &list.value {
                assert!(value.name().starts_with(&prefix), "{} does not begin with {prefix}", value.name());
            }
            let zero = list.value.first().unwrap();
            assert_eq!((zero.name(), zero.number()), (format!("{prefix}UNSPECIFIED").as_str(), 0), "{}", list.name());
            assert!(!list.options.as_ref().is_some_and(|options| options.allow_alias()), "{}", list.name());
        }
    }
}

#[test]
fn every_rpc_has_a_request_and_a_response_of_its_own() {
    let mut seen = HashSet::new();
    for file in contract() {
        for service in &file.service {
            for rpc in &service.method {
                let own = |suffix: &str| format!(".pakn.v1.{}{suffix}", rpc.name());
                assert_eq!((rpc.input_type(), rpc.output_type()), (own("Request").as_str(), own("Response").as_str()));
                assert!(seen.insert(rpc.name().to_owned()), "{} is named twice", rpc.name());
                assert!(!rpc.client_streaming() && !rpc.server_streaming(), "{}: a stream needs limits", rpc.name());
            }
        }
    }
}

#[test]
fn files_stand_where_their_package_says() {
    for file in contract() {
        let (folder, name) = file.name().rsplit_once('/').unwrap();
        assert_eq!(
            (folder.replace('/', "."), file.package(), file.syntax()),
            ("pakn.v1".to_owned(), "pakn.v1", "proto3")
        );
        assert!(snake(name.trim_end_matches(".proto")), "{name}");
        assert!(file.public_dependency.is_empty() && file.weak_dependency.is_empty(), "{name}");
        let unused: Vec<&String> =
            file.dependency.iter().filter(|path| !walk::uses(&file, path, &contract())).collect();
        assert!(unused.is_empty(), "{name} imports in vain: {unused:?}");
    }
}

#[test]
fn numbers_run_without_gaps() {
    for thing in everything().iter().filter(|thing| thing.kind == Kind::Message) {
        let expected: Vec<i32> = (1..).take(thing.numbers.len()).collect();
        let mut numbers = thing.numbers.clone();
        numbers.sort_unstable();
        assert_eq!(numbers, expected, "{}: a number that is left out must be reserved, and this test told", thing.name);
    }
}

fn pascal(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_uppercase()) && name.chars().all(|c| c.is_ascii_alphanumeric())
}

fn snake(name: &str) -> bool {
    let parts = || name.split('_');
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && parts().all(|part| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit()))
}

fn upper_snake(name: &str) -> String {
    let mut out = String::new();
    for (at, c) in name.char_indices() {
        if at > 0 && c.is_ascii_uppercase() {
            out.push('_');
        }
        out.push(c.to_ascii_uppercase());
    }
    out
}
