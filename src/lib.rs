//! pakn
pub mod pb;
