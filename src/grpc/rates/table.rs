//! Who has called how often of late: a bucket a key, in a table that never grows. A full bucket is one that is not
//! there; where there is no room, the one that is nearest to full makes it, so that whoever calls most stays known.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use super::Rate;

/// Sets of a table, and keys of a set: 16,384 keys in 256 KiB.
const SETS: usize = 2_048;
const WAYS: usize = 8;

/// A bucket, by the instant at which it will be full (the generic cell rate algorithm): one number says it all.
#[derive(Debug, Clone, Copy, Default)]
struct Bucket {
    key: u64,
    /// Nanoseconds since the table began.
    full_at: u64,
}

/// The buckets of one limit.
#[derive(Debug)]
pub(super) struct Table {
    sets: Box<[Mutex<[Bucket; WAYS]>]>,
    /// Nanoseconds after which a call is given back.
    interval: u64,
    /// Nanoseconds that a bucket takes to fill.
    whole: u64,
    began: Instant,
}

impl Table {
    /// A table for a rate; none for no limit.
    pub(super) fn new(rate: Rate) -> Option<Self> {
        if rate.a_second <= 0.0 {
            return None;
        }
        let nanos = |seconds: f64| u64::try_from(Duration::try_from_secs_f64(seconds).ok()?.as_nanos()).ok();
        let interval = nanos(1.0 / rate.a_second).unwrap_or(u64::MAX).max(1);
        let burst = if rate.burst == 0 { rate.a_second.max(1.0) } else { rate.burst.into() };
        Some(Self {
            sets: (0..SETS).map(|_| Mutex::default()).collect(),
            interval,
            whole: nanos(burst / rate.a_second).unwrap_or(u64::MAX).max(interval),
            began: Instant::now(),
        })
    }

    /// Takes a call out of a key's bucket.
    ///
    /// # Errors
    /// How long until there is one again.
    pub(super) fn take(&self, key: u64) -> Result<(), Duration> {
        self.take_at(key, u64::try_from(self.began.elapsed().as_nanos()).unwrap_or(u64::MAX))
    }

    fn take_at(&self, key: u64, now: u64) -> Result<(), Duration> {
        let place = usize::try_from(key % SETS as u64).unwrap_or_default();
        let Some(set) = self.sets.get(place) else { return Ok(()) };
        let mut set = set.lock().unwrap_or_else(PoisonError::into_inner);
        let known = set.iter().position(|bucket| bucket.key == key && bucket.full_at > now);
        let bucket = match known {
            Some(known) => set.get_mut(known),
            None => set.iter_mut().min_by_key(|bucket| bucket.full_at),
        };
        let Some(bucket) = bucket else { return Ok(()) };
        let full_at = if known.is_some() { bucket.full_at } else { now };
        let then = full_at.saturating_add(self.interval);
        let over = (then - now).saturating_sub(self.whole);
        if over > 0 {
            return Err(Duration::from_nanos(over));
        }
        *bucket = Bucket { key, full_at: then };
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000_000;

    fn table(a_second: f64, burst: u32) -> Table {
        Table::new(Rate { a_second, burst }).unwrap()
    }

    #[test]
    fn a_bucket_empties_and_fills() {
        let table = table(10.0, 3);
        for _ in 0..3 {
            table.take_at(7, SECOND).unwrap();
        }
        assert_eq!(table.take_at(7, SECOND), Err(Duration::from_millis(100)));
        assert_eq!(table.take_at(7, SECOND + 60_000_000), Err(Duration::from_millis(40)));
        table.take_at(7, SECOND + 100_000_000).expect("when it was said");
        assert!(table.take_at(7, SECOND + 100_000_000).is_err());
        table.take_at(8, SECOND).expect("another's is another's");
        for _ in 0..3 {
            table.take_at(7, 9 * SECOND).expect("it holds three and no more");
        }
        assert!(table.take_at(7, 9 * SECOND).is_err());
    }

    #[test]
    fn no_limit_needs_no_table() {
        assert!(Table::new(Rate { a_second: 0.0, burst: 9 }).is_none());
        let second = table(5.0, 0);
        assert_eq!((0..9).filter(|_| second.take_at(1, SECOND).is_ok()).count(), 5);
    }

    /// However many call, whoever has called most is not forgotten.
    #[test]
    fn a_full_table_remembers_who_calls_most() {
        let table = table(1.0, 5);
        for _ in 0..5 {
            table.take_at(3, SECOND).unwrap();
        }
        for key in 0..200_000_u64 {
            let _ = table.take_at(key << 1, SECOND);
        }
        assert!(table.take_at(3, SECOND).is_err());
    }
}
