//! Between the messages of the contract and the words of the domain.

pub(super) mod account;
pub(super) mod calendar;
pub(super) mod casework;
pub(super) mod copies;
pub(super) mod deadline;
pub(super) mod delegation;
pub(super) mod delivery;
pub(super) mod directory;
pub(super) mod identity;
pub(super) mod intake;
pub(super) mod parse;
pub(super) mod publication;
pub(super) mod routing;
pub(super) mod supervision;
pub(super) mod unit;
pub(super) mod view;
pub(super) mod words;

pub use self::deadline::explanation;
