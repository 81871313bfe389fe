//! pakn
pub mod client;
pub mod domain;
pub mod pb;
pub mod store;
pub mod workers { pub mod mail; }
