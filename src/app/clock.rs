//! The one clock, injected everywhere.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use crate::domain::time::{Instant, truncate};

/// Where "now" comes from.
#[derive(Debug, Clone, Default)]
pub struct Clock(Option<Arc<AtomicI64>>);

impl Clock {
    /// The system's clock.
    pub const fn system() -> Self {
        Self(None)
    }

    /// A clock that stands at an instant until it is set.
    pub fn set_to(instant: Instant) -> Self {
        Self(Some(Arc::new(AtomicI64::new(instant.timestamp_micros()))))
    }

    /// Now, to the microsecond.
    #[expect(clippy::disallowed_methods, reason = "this is the injected clock")]
    pub fn now(&self) -> Instant {
        let set = self.0.as_ref().and_then(|micros| Instant::from_timestamp_micros(micros.load(Ordering::SeqCst)));
        set.unwrap_or_else(|| truncate(chrono::Utc::now()))
    }

    /// Moves a set clock; does nothing to the system's.
    pub fn set(&self, instant: Instant) {
        if let Some(micros) = &self.0 {
            micros.store(instant.timestamp_micros(), Ordering::SeqCst);
        }
    }
}
