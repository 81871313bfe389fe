//! What is true: the petition's life, its clocks, who may do what. Pure: no async, no I/O, no clock read, no
//! framework type. Everything else calls in here.

pub mod account;
pub mod apply;
pub mod calendar;
pub mod chain;
pub mod change;
pub mod clocks;
pub mod closing;
pub mod code;
pub mod command;
pub mod custody;
pub mod deadline;
pub mod decide;
pub mod event;
pub mod fold;
pub mod ids;
pub mod ladder;
pub mod letters;
pub mod likeness;
pub mod permission;
pub mod petition;
pub mod petitioner;
pub mod places;
pub mod policy;
pub mod reference;
pub mod refusal;
pub mod report;
pub mod reveal;
pub mod routing;
pub mod standing;
pub mod succession;
pub mod text;
pub mod time;
pub mod unit;
pub mod watch;
pub mod words;
