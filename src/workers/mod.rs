//! What runs by itself. Each worker is a `step` that a test can call, and a loop around it.

pub mod life;
pub mod mail;
pub mod sweep;
