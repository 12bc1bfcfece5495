//! How long to wait after sign-ins that did not work: longer each time, never for ever.

use hearback_domain::Timestamp;
use hearback_storage::SignInFailures;

/// Tries that cost nothing.
const FREE: u32 = 3;

/// The longest wait: fifteen minutes.
const LONGEST_SECONDS: i64 = 15 * 60;

/// The wait after so many failures in a row, in seconds.
fn wait_seconds(failures: u32) -> i64 {
    match failures.checked_sub(FREE) {
        None => 0,
        Some(n) if n < 10 => (2_i64 << n).min(LONGEST_SECONDS),
        Some(_) => LONGEST_SECONDS,
    }
}

/// How many whole seconds are left before the next try; none if it may be made now.
pub(crate) fn seconds_left(failures: SignInFailures, now: Timestamp) -> Option<i64> {
    let free_at = failures.last_at?.plus_seconds(wait_seconds(failures.count));
    let left = free_at.as_micros().saturating_sub(now.as_micros());
    // A clock that was set back is no reason to wait longer than the longest wait.
    (left > 0).then(|| (left.saturating_add(999_999) / 1_000_000).min(LONGEST_SECONDS))
}

/// The wait as people say it.
pub(crate) fn in_words(seconds: i64) -> String {
    match seconds {
        1 => "a second".to_owned(),
        2..=90 => format!("{seconds} seconds"),
        more => format!("{} minutes", (more + 59) / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_and_stops_growing() {
        let waits: Vec<_> = (0..16).map(wait_seconds).collect();
        assert_eq!(waits, [0, 0, 0, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900, 900]);
        assert_eq!(wait_seconds(u32::MAX), 900);
    }

    #[test]
    fn it_counts_from_the_last_failure() {
        let at = |seconds: i64| Timestamp::from_micros(seconds * 1_000_000);
        let failures = |count| SignInFailures { count, last_at: Some(at(100)) };
        assert_eq!(seconds_left(failures(2), at(100)), None, "the first three are free");
        assert_eq!(seconds_left(failures(5), at(101)), Some(7));
        assert_eq!(seconds_left(failures(5), at(108)), None);
        assert_eq!(seconds_left(failures(5), at(-9_000)), Some(900), "the clock was set back");
        assert_eq!(seconds_left(SignInFailures::default(), at(0)), None);
    }
}
