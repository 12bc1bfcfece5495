//! What is heard where a recording is hidden.
//!
//! ```text
//! what is marked                        |=========|
//! what is hidden              |---------===========---------|      the mark and its guard
//! the sound beside it   ______\.                             ./______   fades in the outermost 10 ms of the guard
//! what is put there             ./~~~~~~~~~~~~~~~~~~~~~~~~~\.      and comes up inside of that
//! ```
//!
//! Between the two fades no sample depends on the recording: each is a function of its position alone.

use std::{f64::consts::TAU, fmt, str::FromStr};

use hearback_domain::{Ms, Span};

use super::{Digest, MarkError, SpanSet};
use crate::ramp::{ramp, round};

/// How long sound beside a hidden passage takes to go and to come (at most: it never takes longer than the guard), and
/// how long the tone in it does.
const RAMP: Ms = Ms::new(10);
/// The tone's frequency in hertz and its height (−20 dB): heard as "something is left out", and no louder than speech.
const TONE_HZ: u64 = 1_000;
const TONE_HEIGHT: f64 = 0.1;

/// What stands in for a hidden passage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RedactWith {
    /// A tone of 1 kHz, of one height whatever was said.
    Tone,
    /// Nothing.
    Silence,
}

/// What is hidden of a recording, and with what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redaction {
    spans: SpanSet,
    with: RedactWith,
}

impl Redaction {
    /// Hides `spans` with `with`.
    pub fn new(spans: SpanSet, with: RedactWith) -> Self {
        Self { spans, with }
    }

    /// Hides nothing of a recording that is so long.
    pub fn nothing(recording: Ms) -> Self {
        Self::new(SpanSet::nothing(recording), RedactWith::Silence)
    }

    /// Where it hides.
    pub fn spans(&self) -> &SpanSet {
        &self.spans
    }

    /// With what.
    pub fn with(&self) -> RedactWith {
        self.with
    }

    /// The name of this redaction. It goes with whatever is made under it.
    pub fn digest(&self) -> Digest {
        Digest::of(&self.to_string())
    }
}

/// The form in which a redaction is kept, and of which its digest is made. [`FromStr`] reads it.
impl fmt::Display for Redaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let with = match self.with {
            RedactWith::Tone => "tone",
            RedactWith::Silence => "silence",
        };
        write!(f, "redaction 1 with {with} {}", self.spans)
    }
}

impl FromStr for Redaction {
    type Err = MarkError;

    fn from_str(text: &str) -> Result<Self, MarkError> {
        let rest = text.strip_prefix("redaction 1 with ").ok_or(MarkError::Unreadable)?;
        let (with, spans) = rest.split_once(' ').ok_or(MarkError::Unreadable)?;
        let with = match with {
            "tone" => RedactWith::Tone,
            "silence" => RedactWith::Silence,
            _ => return Err(MarkError::Unreadable),
        };
        Ok(Self::new(spans.parse()?, with))
    }
}

/// A redaction on sound of one sample rate: the one place where samples are replaced.
#[derive(Clone, Debug)]
pub struct Holes {
    /// In order, none touching the next.
    list: Vec<Hole>,
    with: RedactWith,
    rate_hz: u32,
    /// Frames over which a tone comes and goes.
    ramp: u64,
}

/// Frames of a hidden passage.
#[derive(Clone, Copy, Debug)]
struct Hole {
    /// From here the sound beside it fades.
    start: u64,
    /// From here on, up to `silent_to`, nothing of the recording is left.
    silent_from: u64,
    silent_to: u64,
    /// Here the sound is whole again.
    end: u64,
}

impl Holes {
    /// `redaction` on sound of so many frames a second.
    pub fn new(redaction: &Redaction, rate_hz: u32) -> Self {
        let spans = &redaction.spans;
        let fade = RAMP.min(spans.rules().guard).to_frames(rate_hz);
        let hole = |span: Span| {
            let start = span.start().to_frames(rate_hz);
            // The last millisecond of a recording is seldom a whole one, and has no number of its own.
            let last = span.end() == spans.recording();
            let end = if last { u64::MAX } else { span.end().to_frames(rate_hz) };
            // At the recording's own ends there is no sound beside it.
            let silent_from = if start == 0 { 0 } else { start + fade };
            let silent_to = if last { end } else { end - fade };
            Hole { start, silent_from, silent_to, end }
        };
        let list = spans.hidden().map(hole).collect();
        Self { list, with: redaction.with, rate_hz, ramp: RAMP.to_frames(rate_hz) }
    }

    /// What is heard at frame `at` of the recording, where it has `original`: any unit, as long as full scale is
    /// 32 768.
    pub fn heard(&self, at: u64, original: f64) -> f64 {
        let next = self.list.partition_point(|hole| hole.end <= at);
        match self.list.get(next) {
            Some(hole) if hole.start <= at => self.instead(hole, at, original),
            _ => original,
        }
    }

    /// Replaces what is hidden in `samples`: whole frames of so many channels, the first of them frame `first` of the
    /// recording.
    pub fn apply(&self, first: u64, channels: u16, samples: &mut [i16]) {
        let channels = usize::from(channels.max(1));
        let frames = samples.len().div_ceil(channels) as u64;
        let next = self.list.partition_point(|hole| hole.end <= first);
        let hidden = self.list[next..].iter().take_while(|hole| hole.start < first + frames);
        for hole in hidden {
            let from = hole.start.saturating_sub(first);
            let to = (hole.end - first).min(frames);
            let [from, to] = [from, to].map(|at| usize::try_from(at).unwrap_or(usize::MAX));
            let frames = samples.chunks_mut(channels).skip(from).take(to - from);
            for (at, frame) in (first + from as u64..).zip(frames) {
                for sample in frame {
                    *sample = round(self.instead(hole, at, f64::from(*sample)));
                }
            }
        }
    }

    /// What is heard at frame `at` of `hole`.
    fn instead(&self, hole: &Hole, at: u64, original: f64) -> f64 {
        let fade = hole.silent_from - hole.start;
        if at < hole.silent_from {
            return original * ramp(hole.silent_from - 1 - at, fade);
        }
        if at >= hole.silent_to {
            return original * ramp(at - hole.silent_to, hole.end - hole.silent_to);
        }
        match self.with {
            RedactWith::Silence => 0.0,
            RedactWith::Tone => {
                let edge = (at - hole.silent_from).min(hole.silent_to - 1 - at);
                tone(at, self.rate_hz) * ramp(edge, self.ramp)
            }
        }
    }
}

/// The tone at frame `at` of the recording: it is always there, and holes let it be heard.
#[expect(clippy::cast_precision_loss, reason = "smaller than the rate")]
fn tone(at: u64, rate_hz: u32) -> f64 {
    let rate = u64::from(rate_hz.max(1));
    let turns = (at % rate * TONE_HZ % rate) as f64 / rate as f64;
    (turns * TAU).sin() * TONE_HEIGHT * 32_768.0
}
