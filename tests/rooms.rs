//! The rooms keep apart. Reads the source and fails on an import that crosses, on a room that says what it must
//! not know, and on files that nobody reads in one sitting.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "rooms/source.rs"]
mod source;

use std::path::Path;

use source::{File, words};

/// Each room, and the rooms that it may name: `domain <- store <- app <- {grpc, workers, web} <- cli`, and
/// `client <- cli`; `pb` is for whoever speaks the contract.
const ROOMS: [(&str, &[&str]); 9] = [
    ("domain", &["domain"]),
    ("store", &["domain", "store"]),
    ("app", &["domain", "store", "app"]),
    ("grpc", &["domain", "app", "grpc", "pb"]),
    ("web", &["domain", "app", "web"]),
    ("workers", &["domain", "app", "workers"]),
    ("client", &["pb", "client"]),
    ("cli", &["domain", "store", "app", "grpc", "web", "workers", "client", "pb", "cli"]),
    ("pb", &["pb"]),
];

/// Words that only some rooms may say.
const WORDS: [(&[&str], &[&str]); 8] = [
    (&["sea_orm", "sqlx", "sea_query", "sea_orm_migration", "pakn_migrations"], &["store"]),
    (
        &["tonic", "tonic_health", "tonic_reflection", "tonic_web", "tonic_types", "tower", "tower_http"],
        &["grpc", "client", "cli", "pb"],
    ),
    (&["tokio"], &["store", "app", "grpc", "web", "workers", "client", "cli"]),
    (&["async", "await", "futures"], &["store", "app", "grpc", "web", "workers", "client", "cli", "pb"]),
    (&["prost", "prost_types", "prost_reflect"], &["grpc", "client", "cli", "pb"]),
    (&["lettre", "minijinja"], &["workers", "web", "cli"]),
    (&["clap"], &["cli", "client"]),
    (&["jsonwebtoken", "hyper_rustls", "hyper_util", "rustls", "webpki_roots", "x509_parser"], &["grpc"]),
];

/// Names that say nothing.
const NAMES: [&str; 8] = ["util", "utils", "helper", "helpers", "common", "manager", "misc", "shared_utils"];

/// Lines of a file at the most.
const LONGEST: usize = 400;

fn crossings(file: &File) -> Vec<String> {
    let Some(room) = file.room() else { return Vec::new() };
    let Some((_, may)) = ROOMS.iter().find(|(name, _)| *name == room) else {
        return vec![format!("{}: {room} is not a room", file.path)];
    };
    let mut found = Vec::new();
    for named in file.rooms_named() {
        if (named == "*" || ROOMS.iter().any(|(name, _)| *name == named)) && !may.contains(&named.as_str()) {
            found.push(format!("{}: {room} names {named}", file.path));
        }
    }
    for word in words(&file.text) {
        let said = WORDS.iter().find(|(words, _)| words.contains(&word.as_str()));
        if said.is_some_and(|(_, rooms)| !rooms.contains(&room)) {
            found.push(format!("{}: {room} says {word}", file.path));
        }
    }
    found.sort();
    found.dedup();
    found
}

fn unread(file: &File) -> Vec<String> {
    let mut found = Vec::new();
    let lines = file.text.lines().count();
    if lines > LONGEST {
        found.push(format!("{}: {lines} lines", file.path));
    }
    if !file.text.starts_with("//!") {
        found.push(format!("{}: does not say what belongs in it (`//!` in its first line)", file.path));
    }
    let plain = |part: &str| part.trim_end_matches(".rs").to_lowercase();
    if file.path.split('/').any(|part| NAMES.contains(&plain(part).as_str())) {
        found.push(format!("{}: says nothing by its name", file.path));
    }
    found
}

fn every_file() -> Vec<File> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files: Vec<File> = ["src", "tests", "migrations", "bench", "build.rs"]
        .iter()
        .flat_map(|place| source::files(root, &root.join(place)))
        .collect();
    assert!(files.iter().filter(|file| file.room().is_some()).count() > 80, "the source was not found");
    files
}

#[test]
fn nothing_crosses_between_rooms() {
    let found: Vec<String> = every_file().iter().flat_map(crossings).collect();
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn every_file_can_be_read_in_one_sitting() {
    let found: Vec<String> = every_file().iter().flat_map(unread).collect();
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn the_entry_names_the_command_line_alone() {
    let main = every_file().into_iter().find(|file| file.path == "src/main.rs").unwrap();
    assert_eq!(main.rooms_named(), ["cli"]);
}

/// The check itself: planted crossings are found, and what is allowed is not.
#[test]
fn planted_crossings_are_found() {
    let planted = |path: &str, text: &str| crossings(&File { path: path.to_owned(), text: text.to_owned() });
    for (path, text) in [
        ("src/domain/a.rs", "use crate::store::Store;"),
        ("src/domain/a.rs", "use super::super::app;"),
        ("src/domain/decide/a.rs", "use super::super::super::{store, grpc::wire};"),
        ("src/domain/a.rs", "pub async fn f() {}"),
        ("src/domain/a.rs", "fn f() { tokio::spawn(g()); }"),
        ("src/store/a.rs", "use crate::{domain::x, app::{App, Caller}};"),
        ("src/app/a.rs", "use sea_orm::DbErr;"),
        ("src/app/a.rs", "use crate::grpc;"),
        ("src/grpc/wire/a.rs", "use crate::{\n    app::App,\n    store::Filter,\n};"),
        ("src/grpc/a.rs", "fn f(e: &crate::store::Error) {}"),
        ("src/grpc/a.rs", "use crate::workers::life;"),
        ("src/workers/a.rs", "use pakn::store;"),
        ("src/client/a.rs", "use crate::domain::words;"),
        ("src/client/mod.rs", "use super::app;"),
        ("src/client/mod.rs", "mod tests { use super::super::app; }"),
        ("src/client/mod.rs", "mod tests { use super::*; } use super::*;"),
        ("src/pb.rs", "use crate::domain;"),
        ("src/grpc/a.rs", "use crate as root;"),
        ("src/grpc/a.rs", "use crate::*;"),
        ("src/pantry/a.rs", "fn f() {}"),
    ] {
        assert!(!planted(path, text).is_empty(), "{path}: {text}");
    }
    for (path, text) in [
        ("src/domain/a.rs", "// use crate::store::Store; async\n/* tokio */ const T: &str = \"use crate::store\";"),
        ("src/domain/decide/a.rs", "use super::super::store_of_words;"),
        ("src/grpc/a.rs", "use crate::{app::{App, store}, domain::x, pb};"),
        ("src/cli/a.rs", "use crate::{store::Store, client};"),
        ("src/client/mod.rs", "#[cfg(test)] mod tests { fn f() { g(); } use super::*; }"),
        ("src/lib.rs", "pub mod store;"),
    ] {
        assert_eq!(planted(path, text), Vec::<String>::new(), "{path}: {text}");
    }
}
