//! Latencies summed up.

use std::time::Duration;

/// The smallest of sorted durations that `percent` of them do not exceed, in milliseconds.
pub fn quantile(sorted: &[Duration], percent: usize) -> Option<f64> {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.checked_sub(1)?).map(|took| took.as_secs_f64() * 1_000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_nearest_ranks() {
        let sorted: Vec<Duration> = (1..=200).map(Duration::from_millis).collect();
        assert_eq!(quantile(&sorted, 50), Some(100.0));
        assert_eq!(quantile(&sorted, 99), Some(198.0));
        assert_eq!(quantile(&sorted[..1], 50), Some(1.0));
        assert_eq!(quantile(&[], 50), None);
    }
}
