//! Stories told against the running service, on SQLite and on PostgreSQL, with a set clock and seeded ids.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "../issuer_server/mod.rs"]
mod issuer_server;
#[path = "../smtp_server/mod.rs"]
mod smtp_server;
#[path = "../world/mod.rs"]
mod world;

mod accounts;
mod audit;
mod bench;
mod calendar_moves;
mod calendar_rules;
mod calendars;
mod client;
mod clocks;
mod conduct;
mod custody;
mod data_requests;
mod delegations;
mod directory;
mod dissolved;
mod erasure;
mod explained;
mod faces;
mod figures;
mod identity;
mod issuers;
mod letters;
mod limits;
mod lists;
mod mutual;
mod paper;
mod policies;
mod policy_ends;
mod post;
mod previews;
mod rates;
mod requests;
mod reveal;
mod roles;
mod routing;
mod shutdown;
mod similar;
mod states;
mod terminal;
mod time;
mod tls;
mod tokens;
mod tree;
mod unit_clock;
mod units;
mod verbs;
mod watch;
mod watch_on;
mod whole_life;
