//! Clips: a stretch of a recording, to the millisecond, with what must not be heard taken out of it.
//!
//! A passage that is redacted is **replaced**: not one sample of it takes part in the result, so nothing of it can be
//! brought back. The sound beside it is faded, so that the edge does not click.

use std::{
    f64::consts::{PI, TAU},
    io::{self, Write},
};

use flacenc::{
    bitsink::ByteSink,
    component::BitRepr,
    config,
    error::{SourceError, Verify},
    source::{Fill, Source},
};
use hearback_domain::{Ms, Span};

use crate::{
    AudioError, RATE, ReadAt,
    wav::{FRAME_LEN, HEADER_LEN, header},
};

/// Frames over which a clip comes in and goes out: 5 ms.
const FADE: u64 = RATE as u64 * 5 / 1_000;
/// Frames over which sound beside a redaction goes and comes, and over which its tone does: 10 ms.
const RAMP: u64 = RATE as u64 * 10 / 1_000;
/// The tone's frequency in hertz and its height (−20 dB): heard as "something is left out", and no louder than speech.
const TONE_HZ: f64 = 1_000.0;
const TONE_HEIGHT: f64 = 0.1;
/// Frames that are worked on at once.
const BLOCK: usize = 8_192;

/// What stands in for a redacted passage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RedactWith {
    /// A tone of 1 kHz, of one height whatever was said.
    Tone,
    /// Nothing.
    Silence,
}

/// Writes the stretch `span` of `source` (a recording in the working form: 16-bit mono WAV at 16 kHz) as a WAV file.
/// Gives the number of sample frames: sixteen for each millisecond.
///
/// `redact` is on the recording's clock, in any order; what lies outside of the stretch does not matter, except that
/// sound beside it fades.
pub fn cut(
    source: &mut dyn ReadAt,
    span: Span,
    redact: &[Span],
    with: RedactWith,
    out: &mut dyn Write,
) -> Result<u64, AudioError> {
    let mut cutter = Cutter::new(source, span, redact, with)?;
    let frames = cutter.end - cutter.at;
    out.write_all(&header(frames))?;
    let mut samples = Vec::with_capacity(BLOCK);
    let mut bytes = Vec::with_capacity(BLOCK * 2);
    while cutter.next(BLOCK, &mut samples)? {
        bytes.clear();
        bytes.extend(samples.iter().flat_map(|s| s.to_le_bytes()));
        out.write_all(&bytes)?;
    }
    Ok(frames)
}

/// Like [`cut`], but writes FLAC.
///
/// The coded clip is held in memory until it is whole, because FLAC says at its beginning how it ends: about 1 MB for
/// each minute.
pub fn cut_flac(
    source: &mut dyn ReadAt,
    span: Span,
    redact: &[Span],
    with: RedactWith,
    out: &mut dyn Write,
) -> Result<u64, AudioError> {
    let cutter = Cutter::new(source, span, redact, with)?;
    let frames = cutter.end - cutter.at;
    encode_flac(cutter, out)?;
    Ok(frames)
}

fn encode_flac(cutter: Cutter<'_>, out: &mut dyn Write) -> io::Result<()> {
    let config = config::Encoder::default()
        .into_verified()
        .map_err(|(_, error)| io::Error::other(error.to_string()))?;
    let mut feed = Feed { cutter, samples: Vec::new(), wide: Vec::new(), failed: None };
    let coded = flacenc::encode_with_fixed_block_size(&config, &mut feed, config.block_size);
    if let Some(error) = feed.failed {
        return Err(error);
    }
    let mut stream = coded.map_err(|error| io::Error::other(error.to_string()))?;
    // The format leaves the last, shorter block out of this count; the encoder does not, and decoders that take it at
    // its word then lose their place.
    let info = stream.stream_info_mut();
    info.set_block_sizes(config.block_size, config.block_size)
        .map_err(|error| io::Error::other(error.to_string()))?;
    let mut sink = ByteSink::new();
    stream.write(&mut sink).map_err(|error| io::Error::other(error.to_string()))?;
    out.write_all(sink.as_slice())
}

/// The cutter as the FLAC encoder wants it.
struct Feed<'a> {
    cutter: Cutter<'a>,
    samples: Vec<i16>,
    wide: Vec<i32>,
    failed: Option<io::Error>,
}

impl Source for Feed<'_> {
    fn channels(&self) -> usize {
        1
    }

    fn bits_per_sample(&self) -> usize {
        16
    }

    fn sample_rate(&self) -> usize {
        RATE as usize
    }

    fn read_samples<F: Fill>(&mut self, size: usize, dest: &mut F) -> Result<usize, SourceError> {
        if let Err(error) = self.cutter.next(size, &mut self.samples) {
            self.failed = Some(error);
            self.samples.clear();
        }
        self.wide.clear();
        self.wide.extend(self.samples.iter().map(|s| i32::from(*s)));
        dest.fill_interleaved(&self.wide)?;
        Ok(self.wide.len())
    }
}

/// Gives out a clip's samples in order.
struct Cutter<'a> {
    source: &'a mut dyn ReadAt,
    start: u64,
    at: u64,
    end: u64,
    /// Redacted frames, in order, none touching the next.
    holes: Vec<(u64, u64)>,
    with: RedactWith,
    bytes: Vec<u8>,
}

impl<'a> Cutter<'a> {
    fn new(
        source: &'a mut dyn ReadAt,
        span: Span,
        redact: &[Span],
        with: RedactWith,
    ) -> Result<Self, AudioError> {
        let mut head = [0; 44];
        let n = source.fill_at(0, &mut head)?;
        // Everything but the two lengths, which a file that is still growing does not know yet.
        let ours = header(0);
        let same = |range: std::ops::Range<usize>| head[range.clone()] == ours[range];
        if n < 44 || !(same(0..4) && same(8..40)) {
            let reason = "a clip is cut from a recording in the working form, which this is not";
            return Err(io::Error::new(io::ErrorKind::InvalidData, reason).into());
        }
        let frames = source.len().saturating_sub(HEADER_LEN) / FRAME_LEN;
        let (start, end) = (span.start().to_frames(RATE), span.end().to_frames(RATE));
        if end > frames {
            let recording = Ms::of_frames(frames, RATE);
            return Err(AudioError::PastTheEnd { end: span.end(), recording });
        }
        let holes = merged(redact);
        Ok(Self { source, start, at: start, end, holes, with, bytes: Vec::new() })
    }

    /// Puts the next samples, `max` at the most, into `out`; false at the end.
    fn next(&mut self, max: usize, out: &mut Vec<i16>) -> io::Result<bool> {
        out.clear();
        let left = usize::try_from(self.end - self.at).unwrap_or(usize::MAX);
        let frames = left.min(max);
        self.bytes.resize(frames * 2, 0);
        let n = self.source.fill_at(HEADER_LEN + self.at * FRAME_LEN, &mut self.bytes)?;
        if n < self.bytes.len() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        for (at, pair) in (self.at..).zip(self.bytes.chunks_exact(2)) {
            out.push(self.heard(at, i16::from_le_bytes([pair[0], pair[1]])));
        }
        self.at += frames as u64;
        Ok(frames > 0)
    }

    /// What is heard at frame `at`, where the recording has `sample`.
    #[expect(clippy::cast_precision_loss, reason = "a recording has far fewer than 2^52 frames")]
    fn heard(&self, at: u64, sample: i16) -> i16 {
        let edge = ramp(at - self.start, FADE).min(ramp(self.end - 1 - at, FADE));
        // The first hole that does not lie wholly before this frame.
        let next = self.holes.partition_point(|(_, end)| *end <= at);
        let value = match self.holes.get(next) {
            Some((start, end)) if *start <= at => match self.with {
                RedactWith::Silence => 0.0,
                RedactWith::Tone => {
                    let height = ramp(at - start, RAMP).min(ramp(end - 1 - at, RAMP));
                    let turns = (at - start) as f64 * TONE_HZ / f64::from(RATE);
                    (turns * TAU).sin() * TONE_HEIGHT * height * 32_768.0
                }
            },
            after => {
                let before = next.checked_sub(1).and_then(|i| self.holes.get(i));
                let coming = after.map_or(1.0, |(start, _)| ramp(start - 1 - at, RAMP));
                let gone = before.map_or(1.0, |(_, end)| ramp(at - end, RAMP));
                f64::from(sample) * coming * gone
            }
        };
        round(value * edge)
    }
}

/// Rises from 0 to 1 over `length` frames as a raised cosine, by the distance from its low end.
#[expect(clippy::cast_precision_loss, reason = "a recording has far fewer than 2^52 frames")]
fn ramp(distance: u64, length: u64) -> f64 {
    if distance >= length {
        return 1.0;
    }
    0.5 - 0.5 * (PI * distance as f64 / length as f64).cos()
}

#[expect(clippy::cast_possible_truncation, reason = "clamped to the range of 16 bits")]
fn round(value: f64) -> i16 {
    value.round().clamp(-32_768.0, 32_767.0) as i16
}

/// Redactions as frames, in order, joined where they touch.
fn merged(redact: &[Span]) -> Vec<(u64, u64)> {
    let frames = |span: &Span| (span.start().to_frames(RATE), span.end().to_frames(RATE));
    let mut spans: Vec<_> = redact.iter().map(frames).collect();
    spans.sort_unstable();
    let mut holes: Vec<(u64, u64)> = Vec::with_capacity(spans.len());
    for (start, end) in spans {
        match holes.last_mut() {
            Some(last) if start <= last.1 => last.1 = last.1.max(end),
            _ => holes.push((start, end)),
        }
    }
    holes
}
