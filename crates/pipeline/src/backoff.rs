//! How long to wait before a job is tried again.

use std::time::Duration;

/// The first wait, before it is doubled and scattered.
const FIRST: Duration = Duration::from_secs(5);

/// No wait is longer.
const LONGEST: Duration = Duration::from_mins(30);

/// The wait after the `attempt`th try (the first is 1): 5 s, doubled each time, scattered by a half either way with
/// `dice`, so that jobs which failed together do not come back together. Never more than half an hour.
pub(crate) fn delay(attempt: u32, dice: u64) -> Duration {
    let doubled = FIRST.saturating_mul(2_u32.saturating_pow(attempt.saturating_sub(1)));
    // Two thirds of the longest, so that even the largest scatter stays within it.
    scatter(doubled.min(LONGEST * 2 / 3), dice)
}

/// `around`, a half shorter up to a half longer.
pub(crate) fn scatter(around: Duration, dice: u64) -> Duration {
    let micros = u64::try_from(around.as_micros()).unwrap_or(u64::MAX);
    Duration::from_micros(micros / 2 + dice.checked_rem(micros).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_within_their_scatter_and_end_at_half_an_hour() {
        for (attempt, seconds) in [(1, 5), (2, 10), (3, 20), (6, 160), (8, 640), (9, 1_200)] {
            let around = Duration::from_secs(seconds);
            assert_eq!(delay(attempt, 0), around / 2, "the shortest of try {attempt}");
            let longest = delay(attempt, seconds * 1_000_000 - 1);
            assert_eq!(longest + Duration::from_micros(1), around * 3 / 2);
        }
        for attempt in [0, 10, 31, 32, 33, u32::MAX] {
            for dice in [0, 1, u64::MAX / 3, u64::MAX] {
                assert!(delay(attempt, dice) <= LONGEST, "try {attempt}, dice {dice}");
            }
        }
    }

    #[test]
    fn nothing_scattered_is_nothing() {
        assert_eq!(scatter(Duration::ZERO, 7), Duration::ZERO);
    }
}
