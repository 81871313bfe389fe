//! Rows as they are stored, one file a table. Nothing outside `store` sees them.
#![allow(missing_docs, unreachable_pub, reason = "columns are named as in the migrations")]

pub mod account;
pub mod account_grant;
pub mod attempt;
pub mod calendar;
pub mod delegation;
pub mod digest;
pub mod directory_event;
pub mod directory_request;
pub mod event;
pub mod field;
pub mod job;
pub mod letter;
pub mod likeness;
pub mod notice;
pub mod petition;
pub mod petitioner;
pub mod policy;
pub mod policy_end;
pub mod publication;
pub mod redacted_copy;
pub mod reference;
pub mod request;
pub mod reveal;
pub mod routing_rule;
pub mod setting;
pub mod standing;
pub mod text;
pub mod token;
pub mod unit;
