//! The database of pakn.
