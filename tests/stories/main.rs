//! Stories told against the running service, on SQLite and on PostgreSQL, with a set clock and seeded ids.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "../smtp_server/mod.rs"]
mod smtp_server;
#[path = "../world/mod.rs"]
mod world;

mod audit;
mod bench;
mod calendars;
mod client;
mod clocks;
mod conduct;
mod custody;
mod directory;
mod erasure;
mod faces;
mod figures;
mod identity;
mod letters;
mod limits;
mod lists;
mod policies;
mod post;
mod requests;
mod reveal;
mod roles;
mod shutdown;
mod similar;
mod states;
mod terminal;
mod time;
mod tls;
mod tokens;
mod unit_clock;
mod verbs;
mod watch;
mod whole_life;
