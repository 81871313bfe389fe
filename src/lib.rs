//! pakn
pub mod domain;
pub mod pb;
