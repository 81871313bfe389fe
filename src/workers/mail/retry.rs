//! How long to wait before a deferred letter is tried again.

use std::time::Duration;

/// The wait after the first failure.
const FIRST: Duration = Duration::from_secs(60);
/// The wait that no number of failures makes longer, jitter aside.
const LONGEST: Duration = Duration::from_secs(6 * 60 * 60);

/// The wait after `attempt` failed tries, from 1: one minute, three times as long each time, at most six hours,
/// then moved by up to a quarter either way by `jitter` in `0.0..1.0`, so that letters which failed together do
/// not come back together.
#[must_use]
pub fn retry_delay(attempt: u32, jitter: f64) -> Duration {
    let factor = 3_u32.saturating_pow(attempt.saturating_sub(1));
    let plain = FIRST.saturating_mul(factor).min(LONGEST);
    let jitter = if jitter.is_finite() { jitter.clamp(0.0, 1.0) } else { 0.5 };
    plain.mul_f64(0.75 + jitter / 2.0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn grows_threefold_to_six_hours() {
        let minutes: Vec<u64> = (1..=8).map(|attempt| retry_delay(attempt, 0.5).as_secs() / 60).collect();
        assert_eq!(minutes, [1, 3, 9, 27, 81, 243, 360, 360]);
    }

    #[test]
    fn no_nonsense_breaks_it() {
        assert_eq!(retry_delay(0, 0.5), FIRST);
        assert_eq!(retry_delay(u32::MAX, f64::NAN), LONGEST);
        assert_eq!(retry_delay(1, -7.0), Duration::from_secs(45));
    }

    proptest! {
        #[test]
        fn stays_within_a_quarter_and_never_shrinks(attempt in 0_u32.., jitter in 0.0_f64..1.0) {
            let plain = retry_delay(attempt, 0.5);
            let delay = retry_delay(attempt, jitter);
            prop_assert!(delay >= plain.mul_f64(0.7499) && delay <= plain.mul_f64(1.2501));
            prop_assert!(plain >= FIRST && plain <= LONGEST);
            prop_assert!(retry_delay(attempt.saturating_add(1), jitter) >= delay);
        }
    }
}
