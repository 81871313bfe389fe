//! The hash chain: what makes a rewritten trail show.

use sha2::{Digest as _, Sha256};

/// SHA-256 over the hash of the event before (zeroes for the first) and the stored bytes.
pub fn link(previous: &[u8; 32], stored: &str) -> [u8; 32] {
    Sha256::new().chain_update(previous).chain_update(stored).finalize().into()
}
