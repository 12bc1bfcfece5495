//! Which of two channels is the louder, every 20 ms of a recording: who speaks, where each voice has a microphone of
//! its own.
//!
//! ```text
//! bytes 0–3    "HBSD"
//! byte  4      version, 1
//! byte  5      milliseconds in a step, 20
//! bytes 6–7    zero
//! bytes 8–11   number of steps, little end first
//! then         one signed byte for each step: by how many half decibels the left is louder; −128 where both are silent
//! ```

use std::io::{self, Write};

use hearback_domain::{Ms, Span};

/// Milliseconds in a step.
pub(crate) const STEP_MS: u64 = 20;
/// What stands for a step in which both are silent.
const NOBODY: i8 = i8::MIN;
/// A stretch of less power on both sides (mean square of −60 dB) is silent.
pub(crate) const SILENT: f32 = 1e-6;
/// What is added to both before they are compared, so that nothing is infinitely louder than nothing.
const FLOOR: f32 = 1e-9;
/// A channel that is louder by so many decibels, at least, has the word.
const LOUDER_DB: f32 = 3.0;

const MARK: &[u8; 4] = b"HBSD";
const VERSION: u8 = 1;
const HEAD: usize = 12;

/// One of two channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The first.
    Left,
    /// The second.
    Right,
}

/// Which channel is the louder, step by step: one byte for every 20 ms, so three hours are 540 kB.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct SideTrack {
    steps: Vec<i8>,
}

impl std::fmt::Debug for SideTrack {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SideTrack({} steps)", self.steps.len())
    }
}

/// How the steps of a stretch of time are shared out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shares {
    /// Steps in which the left is louder by 3 dB or more.
    pub left: u32,
    /// Steps in which the right is.
    pub right: u32,
    /// Steps in which there is sound and neither is.
    pub both: u32,
    /// Steps in which both are silent, or which lie behind the end.
    pub silent: u32,
}

impl Shares {
    /// The side that has the word: the one with more steps of its own, where these are at least half of those in which
    /// there is sound.
    pub fn side(&self) -> Option<Side> {
        let (more, side) = match self.left.cmp(&self.right) {
            std::cmp::Ordering::Greater => (self.left, Side::Left),
            std::cmp::Ordering::Less => (self.right, Side::Right),
            std::cmp::Ordering::Equal => return None,
        };
        (more * 2 >= self.left + self.right + self.both).then_some(side)
    }
}

impl SideTrack {
    /// How long a step is.
    pub const STEP: Ms = Ms::new(STEP_MS);

    pub(crate) fn new(steps: Vec<i8>) -> Self {
        Self { steps }
    }

    /// How many steps there are.
    pub fn len(&self) -> usize {
        self.steps.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// By how many decibels the left is louder than the right at `at`; below zero where the right is, and nothing where
    /// both are silent or the recording has ended.
    pub fn left_above_right_db(&self, at: Ms) -> Option<f32> {
        let step = usize::try_from(at.get() / STEP_MS).ok()?;
        self.steps.get(step).filter(|step| **step != NOBODY).map(|step| f32::from(*step) / 2.0)
    }

    /// How the steps that begin in `span` are shared out; of a span shorter than a step, the one it begins in.
    pub fn shares(&self, span: Span) -> Shares {
        let step = |ms: Ms| usize::try_from(ms.get() / STEP_MS).unwrap_or(usize::MAX);
        let (start, end) = (step(span.start()), step(span.end()).max(step(span.start()) + 1));
        let mut shares = Shares::default();
        for at in start..end.min(self.steps.len()) {
            let half_decibels = self.steps[at];
            let count = match f32::from(half_decibels) / 2.0 {
                _ if half_decibels == NOBODY => &mut shares.silent,
                db if db >= LOUDER_DB => &mut shares.left,
                db if db <= -LOUDER_DB => &mut shares.right,
                _ => &mut shares.both,
            };
            *count += 1;
        }
        let behind = end.saturating_sub(start.max(self.steps.len()));
        shares.silent = shares.silent.saturating_add(u32::try_from(behind).unwrap_or(u32::MAX));
        shares
    }

    /// Which channel each step belongs to, 0 or 1; none where both are silent or neither is clearly the louder.
    pub fn louder(&self) -> impl Iterator<Item = Option<u8>> {
        (0..self.steps.len() as u64).map(|step| {
            let start = Ms::new(step * STEP_MS);
            let here = self.shares(Span::at_least_a_millisecond(start, start.plus(Self::STEP)));
            here.side().map(|side| match side {
                Side::Left => 0,
                Side::Right => 1,
            })
        })
    }

    /// Writes it down, as the head of this module says.
    pub fn write_to(&self, out: &mut dyn Write) -> io::Result<()> {
        let count = u32::try_from(self.steps.len()).map_err(io::Error::other)?;
        let [step, ..] = STEP_MS.to_le_bytes();
        out.write_all(MARK)?;
        out.write_all(&[VERSION, step, 0, 0])?;
        out.write_all(&count.to_le_bytes())?;
        let bytes: Vec<u8> = self.steps.iter().map(|step| step.cast_unsigned()).collect();
        out.write_all(&bytes)
    }

    /// Reads what [`write_to`](Self::write_to) wrote. [`io::ErrorKind::InvalidData`] if it is something else, or
    /// another version of it.
    pub fn read(bytes: &[u8]) -> io::Result<Self> {
        let strange = || io::Error::from(io::ErrorKind::InvalidData);
        let (head, steps) = bytes.split_at_checked(HEAD).ok_or_else(strange)?;
        let [.., a, b, c, d] = head else { return Err(strange()) };
        let count = u32::from_le_bytes([*a, *b, *c, *d]) as usize;
        let [step, ..] = STEP_MS.to_le_bytes();
        if !head.starts_with(MARK) || head[4..8] != [VERSION, step, 0, 0] || count != steps.len() {
            return Err(strange());
        }
        Ok(Self { steps: steps.iter().map(|step| step.cast_signed()).collect() })
    }
}

/// A step of which the mean squares of both channels are these, as the byte that stands for it.
pub(crate) fn step(left: f32, right: f32) -> i8 {
    if left < SILENT && right < SILENT {
        return NOBODY;
    }
    let half_decibels = 20.0 * ((left + FLOOR) / (right + FLOOR)).log10();
    #[expect(clippy::cast_possible_truncation, reason = "clamped")]
    let step = half_decibels.round().clamp(-127.0, 127.0) as i8;
    step
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn span(start: u64, end: u64) -> Span {
        Span::new(Ms::new(start), Ms::new(end)).expect("in order")
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(steps in prop::collection::vec(any::<i8>(), 0..500), cut in 0_usize..12) {
            let track = SideTrack::new(steps);
            let mut bytes = Vec::new();
            track.write_to(&mut bytes).expect("memory");
            prop_assert_eq!(SideTrack::read(&bytes).ok(), Some(track));
            prop_assert!(SideTrack::read(&bytes[..bytes.len() - cut - 1]).is_err(), "cut off");
            bytes[cut] ^= 0x55;
            prop_assert!(SideTrack::read(&bytes).is_err(), "another head");
        }

        #[test]
        fn every_step_of_a_span_is_counted_once(
            steps in prop::collection::vec(any::<i8>(), 0..300),
            start in 0_u64..7_000,
            steps_long in 1_u64..100,
        ) {
            let shares = SideTrack::new(steps).shares(span(start, start + steps_long * STEP_MS));
            let all = shares.left + shares.right + shares.both + shares.silent;
            prop_assert_eq!(u64::from(all), steps_long);
        }
    }

    #[test]
    fn who_is_louder_has_the_word() {
        let steps = [step(0.1, 0.001), step(0.1, 0.001), step(0.1, 0.1), step(1e-8, 1e-7)];
        assert_eq!(steps, [40, 40, 0, NOBODY]);
        let track = SideTrack::new([steps, [step(0.0, 0.5), -40, -2, 3]].concat());
        assert_eq!(track.left_above_right_db(Ms::new(39)), Some(20.0));
        assert_eq!(track.left_above_right_db(Ms::new(60)), None);
        assert_eq!(track.left_above_right_db(Ms::new(81)), Some(-63.5));
        let first = track.shares(span(0, 80));
        assert_eq!(first, Shares { left: 2, right: 0, both: 1, silent: 1 });
        assert_eq!(first.side(), Some(Side::Left));
        assert_eq!(track.shares(span(80, 160)).side(), Some(Side::Right));
        assert_eq!(track.shares(span(40, 60)).side(), None);
        assert_eq!(track.shares(span(81, 90)).side(), Some(Side::Right), "shorter than a step");
        assert_eq!(track.shares(span(150, 1_000)).silent, 42);
    }
}
