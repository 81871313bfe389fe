//! pakn
pub mod app;
pub mod client;
pub mod domain;
pub mod grpc;
pub mod pb;
pub mod store;
pub mod workers;
