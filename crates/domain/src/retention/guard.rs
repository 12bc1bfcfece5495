//! What keeps a mistaken clock, or a mistaken rule, from destroying much.
//!
//! A sweep says what it is about to do and what it knows of the time; if any of it is odd, it pauses, and a person
//! looks. Nothing is lost by waiting: what is due is closed to everybody already.

use crate::Timestamp;

/// The wall clock may run away from the stopwatch by so many seconds between two sweeps: ten minutes.
const MOST_DRIFT_SECONDS: u64 = 600;

/// Without a stopwatch, nothing is destroyed so many seconds after the last that is known to have happened: 48 hours.
const MOST_SILENCE_SECONDS: i64 = 48 * 3_600;

/// So many more than forecast may always go.
const FEW: u64 = 20;

/// And so many in a hundred of all there are.
const PERCENT: u64 = 2;

/// When the last sweep was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lately {
    /// By the clock on the wall.
    pub wall: Timestamp,
    /// How long ago, by a stopwatch, in seconds; none if the process has begun since.
    pub stopwatch_seconds: Option<u64>,
}

/// What a sweep is about to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sweep {
    /// The clock on the wall.
    pub now: Timestamp,
    /// The sweep before this one.
    pub last: Option<Lately>,
    /// The newest entry of the audit log.
    pub newest_audit: Option<Timestamp>,
    /// Of how many recordings something would be destroyed.
    pub due: u64,
    /// Of how many something was destroyed since the forecast.
    pub already: u64,
    /// Of how many the forecast said so, a day ago.
    pub forecast: u64,
    /// How many recordings there are.
    pub recordings: u64,
    /// Of how many a person said that it is all right, having looked.
    pub released: u64,
}

/// Why a sweep destroys nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Pause {
    /// The clock moved by itself, or may have while nobody could tell.
    #[error(
        "the clock of this machine was moved by more than ten minutes, or is more than two days after anything \
         that happened before this start"
    )]
    ClockJumped,
    /// The clock is behind what has happened.
    #[error("the clock of this machine is behind what the audit log has")]
    ClockBehind,
    /// More than anybody expected.
    #[error(
        "of {due} recordings something would be destroyed at once, and {allowed} were expected at the most"
    )]
    TooMany {
        /// Of how many.
        due: u64,
        /// Of how many without asking.
        allowed: u64,
    },
}

impl Pause {
    /// The word for storage.
    pub const fn word(self) -> &'static str {
        match self {
            Self::ClockJumped => "clock_jumped",
            Self::ClockBehind => "clock_behind",
            Self::TooMany { .. } => "too_many",
        }
    }
}

/// How many recordings a sweep may touch without asking: what was forecast, and max(20, 2 %) more, less what went
/// since.
pub const fn allowed(sweep: &Sweep) -> u64 {
    let share = sweep.recordings.saturating_mul(PERCENT) / 100;
    let beyond = if share > FEW { share } else { FEW };
    sweep.forecast.saturating_add(beyond).saturating_sub(sweep.already)
}

impl Sweep {
    /// Whether it may go on.
    pub fn check(&self) -> Result<(), Pause> {
        if self.newest_audit.is_some_and(|audit| self.now < audit) {
            return Err(Pause::ClockBehind);
        }
        if let Some(last) = self.last {
            if self.now < last.wall {
                return Err(Pause::ClockBehind);
            }
            if let Some(stopwatch) = last.stopwatch_seconds {
                let wall = self.now.as_micros().abs_diff(last.wall.as_micros()) / 1_000_000;
                if wall.abs_diff(stopwatch) > MOST_DRIFT_SECONDS {
                    return Err(Pause::ClockJumped);
                }
            }
        }
        // A machine that starts with a wrong clock has no stopwatch to find it out by.
        let stopwatch = self.last.and_then(|last| last.stopwatch_seconds);
        let latest = self.newest_audit.max(self.last.map(|last| last.wall));
        let silent = |at: Timestamp| self.now > at.plus_seconds(MOST_SILENCE_SECONDS);
        if stopwatch.is_none() && self.due > 0 && latest.is_some_and(silent) {
            return Err(Pause::ClockJumped);
        }
        let allowed = allowed(self);
        if self.due > allowed && self.due > self.released {
            return Err(Pause::TooMany { due: self.due, allowed });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: u64 = 3_600;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(1_790_000_000_000_000).plus_seconds(seconds)
    }

    /// An hour after a sweep, nothing due.
    fn quiet() -> Sweep {
        Sweep {
            now: at(3_600),
            last: Some(Lately { wall: at(0), stopwatch_seconds: Some(HOUR) }),
            newest_audit: Some(at(3_599)),
            due: 0,
            already: 0,
            forecast: 0,
            recordings: 100,
            released: 0,
        }
    }

    fn many(due: u64, forecast: u64, already: u64, recordings: u64, released: u64) -> Sweep {
        Sweep { due, already, forecast, recordings, released, ..quiet() }
    }

    /// Forty cases and more: what pauses a sweep, and what does not.
    #[test]
    fn odd_clocks_and_odd_numbers_pause_a_sweep() {
        use Pause::{ClockBehind, ClockJumped, TooMany};
        let clock = |now: i64, last: i64, stopwatch: Option<u64>, audit: Option<i64>| Sweep {
            now: at(now),
            last: Some(Lately { wall: at(last), stopwatch_seconds: stopwatch }),
            newest_audit: audit.map(at),
            ..quiet()
        };
        let due = |sweep: Sweep| Sweep { due: 1, ..sweep };
        let day = 86_400;
        let year = 365 * day;
        let cases: &[(&str, Sweep, Result<(), Pause>)] = &[
            ("nothing to do", quiet(), Ok(())),
            ("the very first sweep", Sweep { last: None, newest_audit: None, ..quiet() }, Ok(())),
            ("first, with a log", Sweep { last: None, ..quiet() }, Ok(())),
            // Wall and stopwatch.
            ("they agree", clock(3_600, 0, Some(3_600), None), Ok(())),
            ("a second apart", clock(3_601, 0, Some(3_600), None), Ok(())),
            ("nine minutes forward", clock(3_600 + 540, 0, Some(3_600), None), Ok(())),
            ("ten minutes forward", clock(3_600 + 600, 0, Some(3_600), None), Ok(())),
            ("just more forward", clock(3_600 + 601, 0, Some(3_600), None), Err(ClockJumped)),
            ("an hour forward", clock(7_200, 0, Some(3_600), None), Err(ClockJumped)),
            ("a day forward", clock(90_000, 0, Some(3_600), None), Err(ClockJumped)),
            ("fourteen years forward", clock(14 * year, 0, Some(3_600), None), Err(ClockJumped)),
            ("nine minutes short", clock(3_060, 0, Some(3_600), None), Ok(())),
            ("ten minutes short", clock(3_000, 0, Some(3_600), None), Ok(())),
            ("just more short", clock(2_999, 0, Some(3_600), None), Err(ClockJumped)),
            ("stood still", clock(0, 0, Some(3_600), None), Err(ClockJumped)),
            ("back before the last sweep", clock(-1, 0, Some(3_600), None), Err(ClockBehind)),
            ("back a year", clock(-year, 0, Some(3_600), None), Err(ClockBehind)),
            ("back, after a restart", clock(-1, 0, None, None), Err(ClockBehind)),
            ("forward, after a restart", due(clock(14 * year, 0, None, None)), Err(ClockJumped)),
            ("the same, nothing due", clock(14 * year, 0, None, None), Ok(())),
            ("two days, after a restart", due(clock(2 * day, 0, None, None)), Ok(())),
            ("just more", due(clock(2 * day + 1, 0, None, None)), Err(ClockJumped)),
            ("somebody was here", due(clock(9 * day, 0, None, Some(8 * day))), Ok(())),
            ("nobody was", due(clock(9 * day, 0, None, Some(6 * day))), Err(ClockJumped)),
            ("three days by the stopwatch", due(clock(3 * day, 0, Some(259_200), None)), Ok(())),
            (
                "the first sweep, forward",
                Sweep { last: None, now: at(14 * year), due: 1, ..quiet() },
                Err(ClockJumped),
            ),
            (
                "a person said so, and not of the clock",
                Sweep { released: 9, ..due(clock(14 * year, 0, None, None)) },
                Err(ClockJumped),
            ),
            ("asleep for a night", clock(36_000, 0, Some(36_000), None), Ok(())),
            ("right after the last one", clock(0, 0, Some(0), None), Ok(())),
            // Wall and audit log.
            ("at the newest entry", clock(3_600, 0, Some(3_600), Some(3_600)), Ok(())),
            ("a second behind it", clock(3_600, 0, Some(3_600), Some(3_601)), Err(ClockBehind)),
            ("a year behind it", clock(3_600, 0, Some(3_600), Some(year)), Err(ClockBehind)),
            ("behind it, after a restart", clock(3_600, 0, None, Some(3_601)), Err(ClockBehind)),
            (
                "behind it, at the first sweep",
                Sweep { last: None, newest_audit: Some(at(9_999)), ..quiet() },
                Err(ClockBehind),
            ),
            // How many.
            ("one", many(1, 0, 0, 100, 0), Ok(())),
            ("twenty", many(20, 0, 0, 100, 0), Ok(())),
            ("twenty-one", many(21, 0, 0, 100, 0), Err(TooMany { due: 21, allowed: 20 })),
            (
                "twenty-one, all there are",
                many(21, 0, 0, 21, 0),
                Err(TooMany { due: 21, allowed: 20 }),
            ),
            ("as forecast", many(50, 50, 0, 100, 0), Ok(())),
            ("twenty beyond", many(70, 50, 0, 100, 0), Ok(())),
            ("more beyond", many(71, 50, 0, 100, 0), Err(TooMany { due: 71, allowed: 70 })),
            ("two per cent of many", many(100, 0, 0, 5_000, 0), Ok(())),
            ("more than that", many(101, 0, 0, 5_000, 0), Err(TooMany { due: 101, allowed: 100 })),
            ("some went already", many(15, 0, 5, 100, 0), Ok(())),
            (
                "too many went already",
                many(16, 0, 5, 100, 0),
                Err(TooMany { due: 16, allowed: 15 }),
            ),
            ("none left", many(1, 0, 20, 100, 0), Err(TooMany { due: 1, allowed: 0 })),
            ("nothing due, none left", many(0, 0, 99, 100, 0), Ok(())),
            ("a person said so", many(71, 50, 0, 100, 71), Ok(())),
            (
                "a person said so of fewer",
                many(71, 50, 0, 100, 70),
                Err(TooMany { due: 71, allowed: 70 }),
            ),
            ("numbers without end", many(u64::MAX, u64::MAX, 0, u64::MAX, 0), Ok(())),
            // What a person said of the number says nothing of the clock.
            (
                "the clock all the same",
                Sweep { released: 99, ..clock(9_999, 0, Some(3_600), None) },
                Err(ClockJumped),
            ),
        ];
        assert!(cases.len() >= 40, "{}", cases.len());
        for (what, sweep, expected) in cases {
            assert_eq!(sweep.check(), *expected, "{what}");
        }
    }
}
