//! A clip as it has to be, frame by frame: the promise, as loud as it was asked for, coming and going at its ends.

use std::{collections::VecDeque, io};

use super::{
    Claim,
    promise::{MS, Part, Promise, rise},
};
use crate::{
    ReadAt,
    clip::Gain,
    limiter::Limiter,
    wav::{FRAME_LEN, HEADER_LEN},
};

/// A clip comes in and goes out over 5 ms.
const EDGE: u64 = 5 * MS;
/// What is made louder stays below −1 dB of full scale. The limiter hears what is promised and nothing else, so
/// nothing hidden comes through it.
const CEILING: f32 = 0.891;
/// By how much a value may be off half a step, since two ways of computing it round differently.
const ROUNDING: f64 = 1e-6;
/// The same where it went through a limiter, which works with 24 bits.
const ROUNDING_LIMITED: f64 = 0.01;
/// Frames that are read at once.
const BLOCK: u64 = 8_192;
/// Full scale.
const FULL: f64 = 32_768.0;

/// What has to be heard at a frame.
#[derive(Clone, Copy, Debug)]
pub(super) struct Expected {
    pub(super) part: Part,
    pub(super) original: i16,
    /// Before rounding; within what sixteen bits hold.
    pub(super) value: f64,
    slack: f64,
}

impl Expected {
    /// Whether `heard` is this value, rounded.
    pub(super) fn allows(&self, heard: i16) -> bool {
        (f64::from(heard) - self.value).abs() <= self.slack
    }
}

/// Gives out what a clip has to hold.
pub(super) struct Score<'a> {
    recording: &'a mut dyn ReadAt,
    promise: Promise,
    gain: f64,
    limiter: Option<Limiter>,
    first: u64,
    last: u64,
    /// The next frame to be read, and the next to be given out.
    read: u64,
    given: u64,
    /// What was read and not given out yet: where it lies and what it was; and how loud it is to be, as far as that is
    /// known.
    parts: VecDeque<(Part, i16)>,
    values: VecDeque<f64>,
}

impl<'a> Score<'a> {
    pub(super) fn new(recording: &'a mut dyn ReadAt, claim: &Claim<'_>) -> Self {
        let first = claim.clip.start().get() * MS;
        Self {
            recording,
            promise: Promise::new(claim.redaction),
            gain: claim.gain.factor(),
            limiter: (claim.gain.db() > Gain::NONE.db()).then(|| Limiter::new(1.0, CEILING)),
            first,
            last: claim.clip.end().get() * MS - 1,
            read: first,
            given: first,
            parts: VecDeque::new(),
            values: VecDeque::new(),
        }
    }

    /// Frames of the whole clip.
    pub(super) fn frames(&self) -> u64 {
        self.last + 1 - self.first
    }

    /// Frames that were given out.
    pub(super) fn given(&self) -> u64 {
        self.given - self.first
    }

    /// The next `count` frames; fewer at the end.
    pub(super) fn next(&mut self, count: usize) -> io::Result<Vec<Expected>> {
        while self.values.len() < count && self.read <= self.last {
            self.read_on()?;
        }
        let slack = 0.5 + if self.limiter.is_some() { ROUNDING_LIMITED } else { ROUNDING };
        let count = count.min(self.values.len());
        let ready = self.values.drain(..count).zip(self.parts.drain(..count));
        let expected = (self.given..).zip(ready).map(|(at, (value, (part, original)))| {
            let edge = rise((at - self.first).min(self.last - at), EDGE);
            Expected { part, original, value: (value * edge).clamp(-FULL, FULL - 1.0), slack }
        });
        let expected: Vec<_> = expected.collect();
        self.given += count as u64;
        Ok(expected)
    }

    fn read_on(&mut self) -> io::Result<()> {
        let to = (self.read + BLOCK).min(self.last + 1);
        let originals = self.originals(self.read, to)?;
        if (originals.len() as u64) < to - self.read {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let mut values = Vec::with_capacity(originals.len());
        for (at, original) in (self.read..).zip(originals) {
            let (part, value) = self.promise.at(at, f64::from(original) * self.gain);
            self.parts.push_back((part, original));
            values.push(value);
        }
        self.read = to;
        let Some(limiter) = &mut self.limiter else {
            self.values.extend(values);
            return Ok(());
        };
        let mut limited = Vec::new();
        limiter.push(&floats(&values), &mut limited);
        if self.read > self.last {
            let used = std::mem::replace(limiter, Limiter::new(1.0, CEILING));
            used.finish(&mut limited);
        }
        self.values.extend(limited.into_iter().map(|value| f64::from(value) * FULL));
        Ok(())
    }

    /// The recording's samples around what was given out last (`count` frames of it), as many as `margin` to either
    /// side as there are; and how many of them lie before.
    pub(super) fn around(&mut self, count: usize, margin: usize) -> io::Result<(Vec<i16>, usize)> {
        let from = self.given - count as u64;
        let lead = from.min(margin as u64);
        let samples = self.originals(from - lead, self.given + margin as u64)?;
        Ok((samples, usize::try_from(lead).unwrap_or(margin)))
    }

    /// The recording's samples from one frame up to another, or to its end.
    fn originals(&mut self, from: u64, to: u64) -> io::Result<Vec<i16>> {
        let len = usize::try_from((to - from) * FRAME_LEN).map_err(io::Error::other)?;
        let mut bytes = vec![0; len];
        let n = self.recording.fill_at(HEADER_LEN + from * FRAME_LEN, &mut bytes)?;
        let pairs = bytes[..n].chunks_exact(2);
        Ok(pairs.map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect())
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the limiter works with floats")]
fn floats(values: &[f64]) -> Vec<f32> {
    values.iter().map(|value| (value / FULL) as f32).collect()
}
