//! Points in time, and positions on a recording's clock.

use std::{
    fmt,
    sync::atomic::{AtomicI64, Ordering},
};

use serde::{Deserialize, Serialize};

/// A point in time, to the microsecond.
///
/// Microseconds, because that is what both databases keep: a finer value would not be equal to itself after a
/// round trip.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From microseconds since 1970-01-01T00:00:00Z.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since 1970-01-01T00:00:00Z.
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// This moment and `seconds` more (or fewer, if negative).
    #[must_use]
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(1_000_000)))
    }
}

/// Tells the time.
pub trait Clock: Send + Sync {
    /// The present moment.
    fn now(&self) -> Timestamp;
}

/// A clock that stands still until it is moved. For tests.
pub struct ManualClock(AtomicI64);

impl ManualClock {
    /// A clock that shows `at`.
    pub const fn at(at: Timestamp) -> Self {
        Self(AtomicI64::new(at.0))
    }

    /// Moves the clock forward.
    pub fn advance_seconds(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1_000_000, Ordering::Relaxed);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::Relaxed))
    }
}

/// A position on, or a length of, a recording's clock: whole milliseconds.
///
/// Zero is the first presented sample, after encoder priming and edit lists.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Ms(u64);

impl Ms {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// So many milliseconds.
    pub const fn new(ms: u64) -> Self {
        Self(ms)
    }

    /// So many seconds.
    pub const fn from_seconds(seconds: u64) -> Self {
        Self(seconds.saturating_mul(1_000))
    }

    /// The whole number of milliseconds.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// The length of `frames` sample frames at `rate_hz`, rounded down: a position never points past the sound.
    ///
    /// A rate of zero has no length.
    pub const fn of_frames(frames: u64, rate_hz: u32) -> Self {
        if rate_hz == 0 {
            return Self(0);
        }
        // The whole seconds apart from the rest, so that no product overflows.
        let rate = rate_hz as u64;
        Self((frames / rate).saturating_mul(1_000).saturating_add((frames % rate) * 1_000 / rate))
    }

    /// The first sample frame at or after this position, at `rate_hz`.
    pub const fn to_frames(self, rate_hz: u32) -> u64 {
        let rate = rate_hz as u64;
        (self.0 / 1_000)
            .saturating_mul(rate)
            .saturating_add(((self.0 % 1_000) * rate).div_ceil(1_000))
    }

    /// The distance back to `earlier`; zero if that is later.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Self {
        Self(self.0.saturating_sub(earlier.0))
    }

    /// This position and `more`.
    #[must_use]
    pub const fn plus(self, more: Self) -> Self {
        Self(self.0.saturating_add(more.0))
    }
}

/// Minutes and seconds as people read them: `4:07`, `1:02:45`.
impl fmt::Display for Ms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0 / 1_000;
        let (h, m, s) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
        if h > 0 { write!(f, "{h}:{m:02}:{s:02}") } else { write!(f, "{m}:{s:02}") }
    }
}

/// A stretch of a recording: from `start` up to, not including, `end`.
///
/// **Invariant:** `start < end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    start: Ms,
    end: Ms,
}

/// A stretch that ends before it begins, or has no length.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("the end has to come after the start")]
pub struct SpanError;

impl Span {
    /// The stretch from `start` to `end`.
    pub const fn new(start: Ms, end: Ms) -> Result<Self, SpanError> {
        if start.0 < end.0 { Ok(Self { start, end }) } else { Err(SpanError) }
    }

    /// The stretch from `start` to `end`, or the millisecond at `start` if that is not after it.
    ///
    /// For times that a machine wrote. At the end of time itself, the millisecond before.
    pub const fn at_least_a_millisecond(start: Ms, end: Ms) -> Self {
        if start.0 < end.0 {
            return Self { start, end };
        }
        let start = if start.0 == u64::MAX { Ms(u64::MAX - 1) } else { start };
        Self { start, end: Ms(start.0 + 1) }
    }

    /// Where it begins.
    pub const fn start(self) -> Ms {
        self.start
    }

    /// Where it ends; the first millisecond that is not part of it.
    pub const fn end(self) -> Ms {
        self.end
    }

    /// How long it is. Never zero.
    pub const fn len(self) -> Ms {
        self.end.since(self.start)
    }

    /// Whether the two share at least a millisecond.
    pub const fn overlaps(self, other: Self) -> bool {
        self.start.0 < other.end.0 && other.start.0 < self.end.0
    }

    /// The shortest stretch that holds both.
    #[must_use]
    pub fn hull(self, other: Self) -> Self {
        Self { start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_and_milliseconds_agree_at_the_working_rate() {
        for ms in [0, 1, 999, 1_000, 36_000_000] {
            assert_eq!(Ms::of_frames(Ms::new(ms).to_frames(16_000), 16_000), Ms::new(ms));
        }
        assert_eq!(Ms::new(1).to_frames(44_100), 45, "the first frame at or after the position");
        assert_eq!(Ms::of_frames(44, 44_100), Ms::ZERO, "never past the sound");
    }

    #[test]
    fn times_read_as_people_say_them() {
        assert_eq!(Ms::new(247_900).to_string(), "4:07");
        assert_eq!(Ms::new(3_765_000).to_string(), "1:02:45");
    }

    #[test]
    fn a_span_has_a_length() {
        assert_eq!(Span::new(Ms::new(5), Ms::new(5)), Err(SpanError));
        let span = Span::new(Ms::new(5), Ms::new(7)).unwrap();
        assert_eq!(span.len(), Ms::new(2));
        assert!(
            !span.overlaps(Span::new(Ms::new(7), Ms::new(9)).unwrap()),
            "the end is not part of it"
        );
    }
}
