//! The one source of ids and randomness, injected everywhere.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use sha2::{Digest as _, Sha256};
use uuid::{ContextV7, Timestamp, Uuid};

use crate::domain::{ids::Source, time::Instant};

/// The operating system's secure source.
#[derive(Debug, Default)]
pub struct Secure {
    /// Keeps ids of one process in the order they were made in.
    context: Mutex<ContextV7>,
}

impl Source for Secure {
    fn id(&self, now: Instant) -> Uuid {
        let context = self.context.lock().unwrap_or_else(PoisonError::into_inner);
        let seconds = u64::try_from(now.timestamp()).unwrap_or(0);
        Uuid::new_v7(Timestamp::from_unix(&*context, seconds, now.timestamp_subsec_nanos()))
    }

    fn random(&self) -> [u8; 16] {
        secure_bytes()
    }
}

/// Secure random bytes.
///
/// Without randomness no code, key or token is safe, and nothing can go on: where the operating system has none
/// to give the process ends.
pub fn secure_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    if let Err(error) = getrandom::fill(&mut bytes) {
        tracing::error!(%error, "the operating system gives no randomness");
        std::process::abort();
    }
    bytes
}

/// A source for tests: the same seed gives the same ids in the same order.
#[derive(Debug)]
pub struct Seeded {
    seed: u64,
    drawn: AtomicU64,
}

impl Seeded {
    /// A source with a seed.
    pub const fn new(seed: u64) -> Self {
        Self { seed, drawn: AtomicU64::new(0) }
    }

    fn draw(&self) -> ([u8; 16], u64) {
        let n = self.drawn.fetch_add(1, Ordering::SeqCst);
        let hash = Sha256::new().chain_update(self.seed.to_be_bytes()).chain_update(n.to_be_bytes()).finalize();
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&hash[..16]);
        (bytes, n)
    }
}

impl Source for Seeded {
    fn id(&self, now: Instant) -> Uuid {
        let (mut bytes, n) = self.draw();
        // In the order they were drawn, within one instant too.
        bytes[6..14].copy_from_slice(&n.to_be_bytes());
        let mut tail = [0; 10];
        tail.copy_from_slice(&bytes[6..]);
        let millis = u64::try_from(now.timestamp_millis()).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(millis, &tail).into_uuid()
    }

    fn random(&self) -> [u8; 16] {
        self.draw().0
    }
}
