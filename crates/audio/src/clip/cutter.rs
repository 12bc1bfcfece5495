//! Gives out a clip's samples: what is heard of the recording, as loud as it is wanted, faded at both ends.

use std::io;

use super::{Cut, Gain};
use crate::{
    ReadAt,
    limiter::Limiter,
    ramp::{ramp, round},
    redact::Holes,
    wav::{Form, HEADER_LEN},
};

/// Milliseconds over which a clip comes in, and over which it goes out, as a raised cosine from nothing and to nothing.
pub const FADE_MS: u64 = 5;

/// Frames that are worked on at once.
const BLOCK: usize = 8_192;

/// Full scale.
const FULL: f64 = 32_768.0;

/// What a clip that is made louder stays below: −1 dB of full scale.
const CEILING: f32 = 0.891;

/// One clip on its way out of its recording.
pub(super) struct Cutter<'a> {
    source: &'a mut dyn ReadAt,
    form: Form,
    start: u64,
    end: u64,
    /// The next frame to be read.
    at: u64,
    /// The next frame to be handed out: a limiter holds some back.
    given: u64,
    fade: u64,
    factor: f64,
    holes: Option<Holes>,
    limiter: Option<Limiter>,
    bytes: Vec<u8>,
    /// What is heard, before the fades; full scale is 32 768.
    heard: Vec<f64>,
    limited: Vec<f32>,
    out: Vec<i16>,
}

impl<'a> Cutter<'a> {
    /// A clip that is known to lie in `source`, which has the form `form`.
    pub(super) fn new(source: &'a mut dyn ReadAt, form: Form, cut: &Cut<'_>) -> io::Result<Self> {
        if cut.gain != Gain::NONE && form != Form::WORKING {
            let reason = "only sound in the working form can be made louder or softer";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, reason));
        }
        let (start, end) = cut.frames(form);
        Ok(Self {
            source,
            form,
            start,
            end,
            at: start,
            given: start,
            fade: u64::from(form.rate_hz) * FADE_MS / 1_000,
            factor: cut.gain.factor(),
            holes: cut.redaction.map(|redaction| Holes::new(redaction, form.rate_hz)),
            // What is hidden is taken out before the limiter hears it, so that its gain cannot tell of it.
            limiter: (cut.gain.db() > 0.0).then(|| Limiter::new(1.0, CEILING)),
            bytes: Vec::new(),
            heard: Vec::new(),
            limited: Vec::new(),
            out: Vec::new(),
        })
    }

    /// Hands everything to `sink`; gives the number of frames.
    pub(super) fn run(mut self, sink: &mut dyn FnMut(&[i16]) -> io::Result<()>) -> io::Result<u64> {
        while self.at < self.end {
            self.read()?;
            if let Some(limiter) = &mut self.limiter {
                limiter.push(&as_floats(&self.heard), &mut self.limited);
                self.take_limited();
            }
            self.hand_out(sink)?;
        }
        if let Some(limiter) = self.limiter.take() {
            limiter.finish(&mut self.limited);
            self.take_limited();
            self.hand_out(sink)?;
        }
        Ok(self.given - self.start)
    }

    /// Reads the next frames: what is heard of them takes the place of what was there.
    fn read(&mut self) -> io::Result<()> {
        let left = usize::try_from(self.end - self.at).unwrap_or(usize::MAX);
        let frames = left.min(BLOCK);
        let frame_len = self.form.frame_len();
        self.bytes.resize(frames * frame_len, 0);
        let from = HEADER_LEN + self.at * frame_len as u64;
        if self.source.fill_at(from, &mut self.bytes)? < self.bytes.len() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.heard.clear();
        for (at, frame) in (self.at..).zip(self.bytes.chunks_exact(frame_len)) {
            for pair in frame.chunks_exact(2) {
                let sample = f64::from(i16::from_le_bytes([pair[0], pair[1]])) * self.factor;
                let hidden = self.holes.as_ref().map(|holes| holes.heard(at, sample));
                self.heard.push(hidden.unwrap_or(sample));
            }
        }
        self.at += frames as u64;
        Ok(())
    }

    fn take_limited(&mut self) {
        self.heard.clear();
        self.heard.extend(self.limited.drain(..).map(|sample| f64::from(sample) * FULL));
    }

    /// Fades what is heard, where it is near an edge.
    fn hand_out(&mut self, sink: &mut dyn FnMut(&[i16]) -> io::Result<()>) -> io::Result<()> {
        self.out.clear();
        for frame in self.heard.chunks_exact(usize::from(self.form.channels)) {
            let edge = (self.given - self.start).min(self.end - 1 - self.given);
            let height = ramp(edge, self.fade);
            self.out.extend(frame.iter().map(|sample| round(sample * height)));
            self.given += 1;
        }
        if self.out.is_empty() { Ok(()) } else { sink(&self.out) }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the limiter works with floats")]
fn as_floats(samples: &[f64]) -> Vec<f32> {
    samples.iter().map(|sample| (sample / FULL) as f32).collect()
}
