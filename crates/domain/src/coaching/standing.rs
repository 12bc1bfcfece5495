//! How long ago a coach was supervised, and what follows (SUP-06).
//!
//! The source leaves the interval open; group supervision is every four to six weeks there (SUP-01). Here the next
//! supervision is due after six, and whoever had none for twelve is not chosen for new series. What is under way goes on.

use crate::Timestamp;

const WEEK: i64 = 7 * 86_400;

/// After so many weeks the next supervision is due (SUP-01, SUP-06).
pub const SUPERVISION_WEEKS: i64 = 6;

/// After so many weeks a coach is not chosen for new series (SUP-06).
pub const WAITING_WEEKS: i64 = 12;

/// How a coach stands with their own supervision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// They were supervised not long ago.
    InTime,
    /// A good moment for the next supervision.
    Due,
    /// They are chosen for a new series after their next supervision.
    Waiting,
}

/// How somebody stands who was last supervised then. The day on which their certificate was looked at counts too:
/// whoever has just begun has not been supervised yet.
pub fn standing(last: Timestamp, now: Timestamp) -> Standing {
    if now < last.plus_seconds(SUPERVISION_WEEKS * WEEK) {
        Standing::InTime
    } else if now < last.plus_seconds(WAITING_WEEKS * WEEK) {
        Standing::Due
    } else {
        Standing::Waiting
    }
}

/// Until when the next supervision would be.
pub const fn next_supervision(last: Timestamp) -> Timestamp {
    last.plus_seconds(SUPERVISION_WEEKS * WEEK)
}

/// From when on nobody chooses them for a new series, if there is no supervision before.
pub const fn waits_from(last: Timestamp) -> Timestamp {
    last.plus_seconds(WAITING_WEEKS * WEEK)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn six_weeks_and_twelve() {
        let last = Timestamp::from_micros(1_000_000);
        let after =
            |weeks: i64, seconds: i64| standing(last, last.plus_seconds(weeks * WEEK + seconds));
        assert_eq!(after(0, 0), Standing::InTime);
        assert_eq!(after(6, -1), Standing::InTime);
        assert_eq!(after(6, 0), Standing::Due);
        assert_eq!(after(12, -1), Standing::Due);
        assert_eq!(after(12, 0), Standing::Waiting);
        assert_eq!(after(-1, 0), Standing::InTime, "a clock that was put back");
    }

    proptest! {
        #[test]
        fn supervision_never_makes_it_worse(
            last in 0..10_000_000_000i64, later in 0..10_000_000_000i64, now in 0..20_000_000_000i64
        ) {
            let at = |seconds: i64| Timestamp::from_micros(0).plus_seconds(seconds);
            prop_assert!(standing(at(last + later), at(now)) <= standing(at(last), at(now)));
            prop_assert_eq!(
                standing(at(last), at(now)) == Standing::InTime,
                at(now) < next_supervision(at(last))
            );
            prop_assert_eq!(
                standing(at(last), at(now)) == Standing::Waiting,
                at(now) >= waits_from(at(last))
            );
        }
    }
}
