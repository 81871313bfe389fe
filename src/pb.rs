//! The contract as Rust: generated from `proto/pakn/v1`, nothing else.
#![allow(
    missing_docs,
    clippy::all,
    clippy::pedantic,
    clippy::allow_attributes_without_reason,
    unused_qualifications,
    reason = "generated code"
)]

tonic::include_proto!("pakn.v1");

/// The contract's descriptor set, for reflection.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/pakn_descriptor.bin"));
