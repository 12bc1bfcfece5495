//! Numbers that wander, and are forgotten.

use std::{io, ops::RangeInclusive};

/// Steps from one place to the next: from a third of a second to nine tenths.
const SHORTEST: f32 = 40.0;
const LONGEST: f32 = 112.0;

/// A number that goes smoothly from one random place to the next.
pub(super) struct Drift {
    range: RangeInclusive<f32>,
    from: f32,
    to: f32,
    /// How much of the way is gone, and how much is gone with each step.
    gone: f32,
    pace: f32,
}

impl Drift {
    /// Somewhere in `range`.
    pub(super) fn new(range: RangeInclusive<f32>) -> io::Result<Self> {
        let (from, to) = (between(&range)?, between(&range)?);
        Ok(Self { range, from, to, gone: 0.0, pace: 1.0 / between(&(SHORTEST..=LONGEST))? })
    }

    /// Where it is now; it moves on.
    pub(super) fn next(&mut self) -> io::Result<f32> {
        if self.gone >= 1.0 {
            self.from = self.to;
            self.to = between(&self.range)?;
            self.pace = 1.0 / between(&(SHORTEST..=LONGEST))?;
            self.gone = 0.0;
        }
        let eased = 0.5 - 0.5 * (std::f32::consts::PI * self.gone).cos();
        self.gone += self.pace;
        Ok(self.from + (self.to - self.from) * eased)
    }
}

/// A random number between two others.
pub(super) fn between(range: &RangeInclusive<f32>) -> io::Result<f32> {
    let bits = u16::try_from(random()? >> 48).unwrap_or(0);
    let unit = f32::from(bits) / 65_535.0;
    Ok(range.start() + (range.end() - range.start()) * unit)
}

/// Random bits.
pub(super) fn random() -> io::Result<u64> {
    getrandom::u64().map_err(|error| io::Error::other(error.to_string()))
}
