//! When somebody speaks.
//!
//! A [`Voice`] is the detector: a small neural network (Silero), or, where its file is not on the machine, the loudness
//! alone. A [`Vad`] listens to one recording with it, piece by piece, and gives [`Span`]s in which somebody speaks. It
//! remembers what the network has to remember and at most ten seconds of numbers, whatever the recording's length.

mod silero;

use std::{path::Path, sync::Arc};

use hearback_domain::{Ms, Span};

use self::silero::{FRAME, GATES, Memory, Network};
use crate::{RATE, engine::SpeechError, sound::SILENCE};

/// Above this probability a voice begins; below the other it may have ended.
const BEGINS: f32 = 0.5;
const ENDS: f32 = 0.35;
/// Frames without a voice that end a span: 160 ms. Shorter gaps are the closures of consonants.
const GAP: u64 = 5;
/// A voice that lasts fewer frames is a click: 96 ms.
const LEAST: u64 = 3;
/// What is put around a span, in frames: the network is a little late.
const EDGE: u64 = 1;
/// A span never has more frames (ten seconds): somebody who goes on is cut at the quietest frame of its later half.
const MOST: usize = 312;

/// After so many frames without a voice the network forgets what was before: 192 ms. Whoever begins to listen there
/// hears the same from there on.
const FORGETS: u64 = 6;

/// The detector. Cheap to clone; listening needs a [`Vad`].
#[derive(Clone, Debug)]
pub struct Voice(Option<Arc<Network>>);

impl Voice {
    /// Loads the neural detector from its file.
    ///
    /// # Errors
    /// [`SpeechError::Model`] if the file is not what it has to be.
    pub fn load(path: &Path) -> Result<Self, SpeechError> {
        let network = Network::load(path).map_err(|flaw| SpeechError::Model {
            path: path.to_owned(),
            reason: flaw.to_string(),
        })?;
        Ok(Self(Some(Arc::new(network))))
    }

    /// Takes everything that can be heard for speech: for a machine without the detector's file.
    pub const fn by_loudness() -> Self {
        Self(None)
    }

    /// Whether this is the neural detector.
    pub const fn is_neural(&self) -> bool {
        self.0.is_some()
    }
}

/// Listens to one recording.
#[derive(Clone, Debug)]
pub struct Vad {
    voice: Voice,
    memory: Memory,
    /// Samples that are no whole frame yet.
    rest: Vec<f32>,
    /// Frames that were judged.
    frames: u64,
    /// Samples that came.
    samples: u64,
    open: Option<Open>,
    /// Frames since the last voice, and where the network last forgot everything.
    quiet: u64,
    fresh: u64,
}

/// What a [`Vad`] notices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sign {
    /// Somebody spoke.
    Voice(Span),
    /// A [`Vad`] that begins to listen here notices the same from here on. Comes in every pause of [`FORGETS`] frames,
    /// and every ten seconds of a long one.
    Fresh(Ms),
}

/// A span that has not ended, in frames.
#[derive(Clone, Debug)]
struct Open {
    start: u64,
    /// After the last frame with a voice.
    end: u64,
    /// No voice since `end`.
    ending: bool,
    /// It goes on from one that was cut for its length.
    goes_on: bool,
    /// Loudness of each frame since `start`.
    loudness: Vec<f32>,
}

impl Vad {
    /// Loads the neural detector and listens to a recording from its start.
    pub fn load(path: &Path) -> Result<Self, SpeechError> {
        Voice::load(path).map(|voice| Self::new(&voice))
    }

    /// Listens to a recording from its start.
    pub fn new(voice: &Voice) -> Self {
        Self {
            voice: voice.clone(),
            memory: Memory::default(),
            rest: Vec::with_capacity(FRAME),
            frames: 0,
            samples: 0,
            open: None,
            quiet: FORGETS,
            fresh: 0,
        }
    }

    /// Listens afresh from `at`, a whole number of frames: what it notices from there on is what [`Self::new`] would
    /// notice, on the recording's clock.
    pub(crate) fn restart(&mut self, at: Ms) {
        let samples = at.to_frames(RATE);
        let frames = samples / FRAME as u64;
        *self = Self { samples, frames, fresh: frames, ..Self::new(&self.voice) };
    }

    /// The last whole frame's start at or before a moment.
    pub(crate) fn aligned(at: Ms) -> Ms {
        Self::at(at.to_frames(RATE) / FRAME as u64)
    }

    /// Hears the next samples (mono, [`RATE`], −1 to 1) and returns the spans that have ended.
    ///
    /// Spans come in order, do not overlap, and are at most ten seconds long; two that touch are one person who goes
    /// on.
    pub fn push(&mut self, samples: &[f32]) -> Vec<Span> {
        voices(self.listen(samples))
    }

    /// The recording is over: the spans that were still open.
    pub fn finish(&mut self) -> Vec<Span> {
        voices(self.end())
    }

    /// [`Self::push`], with every [`Sign`].
    pub(crate) fn listen(&mut self, samples: &[f32]) -> Vec<Sign> {
        self.samples += samples.len() as u64;
        let clean = |sample: &f32| if sample.is_finite() { *sample } else { 0.0 };
        self.rest.extend(samples.iter().map(clean));
        let whole = self.rest.len() / FRAME * FRAME;
        let mut signs = Vec::new();
        if whole > 0 {
            let rest = self.rest.split_off(whole);
            let sound = std::mem::replace(&mut self.rest, rest);
            self.judge(&sound, &mut signs);
        }
        signs
    }

    /// [`Self::finish`], with every [`Sign`].
    pub(crate) fn end(&mut self) -> Vec<Sign> {
        let mut signs = Vec::new();
        if !self.rest.is_empty() {
            let mut sound = std::mem::take(&mut self.rest);
            sound.resize(FRAME, 0.0);
            self.judge(&sound, &mut signs);
        }
        if let Some(open) = self.open.take() {
            self.close(&open, &mut signs);
        }
        signs
    }

    /// No span that is still to come begins before this.
    pub fn settled(&self) -> Ms {
        let frame = self.open.as_ref().map_or(self.frames, |open| open.start);
        Self::at(frame.saturating_sub(EDGE).max(self.fresh))
    }

    fn judge(&mut self, sound: &[f32], signs: &mut Vec<Sign>) {
        let (frames, _) = sound.as_chunks::<FRAME>();
        let loudness: Vec<f32> = frames.iter().map(loudness).collect();
        let Some(network) = self.voice.0.clone() else {
            for loudness in loudness {
                self.frame(if loudness >= SILENCE { 1.0 } else { 0.0 }, loudness, signs);
            }
            return;
        };
        let prepared = network.prepare(&mut self.memory, frames);
        let mut forgot = false;
        for (index, loudness) in loudness.into_iter().enumerate() {
            let alone;
            let mut numbers = &prepared[index * GATES..][..GATES];
            if forgot {
                // Nor does it know the samples before.
                alone = network.prepare(&mut Memory::default(), &frames[index..=index]);
                numbers = &alone;
            }
            let likely = network.remember(&mut self.memory, numbers);
            forgot = self.frame(likely, loudness, signs);
            if forgot {
                self.memory.forget();
            }
        }
        if forgot {
            self.memory = Memory::default();
        }
    }

    /// One more frame. Whether it is time to forget.
    fn frame(&mut self, likely: f32, loudness: f32, signs: &mut Vec<Sign>) -> bool {
        let at = self.frames;
        self.frames += 1;
        let Some(open) = &mut self.open else {
            self.quiet += 1;
            if likely >= BEGINS {
                let loudness = vec![loudness];
                self.open =
                    Some(Open { start: at, end: at + 1, ending: false, goes_on: false, loudness });
            } else if self.quiet >= FORGETS && (self.quiet - FORGETS).is_multiple_of(MOST as u64) {
                self.fresh = self.frames;
                signs.push(Sign::Fresh(Self::at(self.fresh)));
                return true;
            }
            return false;
        };
        open.loudness.push(loudness);
        open.ending = likely < ENDS || (open.ending && likely < BEGINS);
        if !open.ending {
            open.end = at + 1;
        }
        if at + 1 - open.end >= GAP {
            if let Some(open) = self.open.take() {
                // After a click the pause goes on.
                if self.close(&open, signs) {
                    self.quiet = GAP;
                }
            }
        } else if open.loudness.len() >= MOST {
            let cut = quietest(&open.loudness);
            let rest = open.loudness.split_off(cut);
            let cut = open.start + cut as u64;
            let start = Self::begin(open, self.fresh);
            signs.extend(Span::new(Self::at(start), Self::at(cut)).map(Sign::Voice));
            (open.start, open.goes_on, open.loudness) = (cut, true, rest);
            open.end = open.end.max(cut);
            if !self.voice.is_neural() {
                // Loudness has no memory: whoever begins here hears the same.
                (open.goes_on, self.fresh) = (false, cut);
                signs.push(Sign::Fresh(Self::at(cut)));
            }
        }
        false
    }

    /// Whether it was a voice.
    fn close(&self, open: &Open, signs: &mut Vec<Sign>) -> bool {
        if !open.goes_on && open.end - open.start < LEAST {
            return false;
        }
        let over = Ms::of_frames(self.samples, RATE);
        let end = Self::at(open.end + EDGE).min(over);
        let span = Span::new(Self::at(Self::begin(open, self.fresh)), end);
        signs.extend(span.map(Sign::Voice));
        true
    }

    fn begin(open: &Open, fresh: u64) -> u64 {
        if open.goes_on { open.start } else { open.start.saturating_sub(EDGE).max(fresh) }
    }

    fn at(frame: u64) -> Ms {
        Ms::of_frames(frame.saturating_mul(FRAME as u64), RATE)
    }
}

fn voices(signs: Vec<Sign>) -> Vec<Span> {
    let voice = |sign| if let Sign::Voice(span) = sign { Some(span) } else { None };
    signs.into_iter().filter_map(voice).collect()
}

/// Root mean square.
#[expect(clippy::cast_precision_loss, reason = "512")]
fn loudness(frame: &[f32; FRAME]) -> f32 {
    (frame.iter().map(|sample| sample * sample).sum::<f32>() / FRAME as f32).sqrt()
}

/// The quietest frame of the later half, its neighbours heard along.
fn quietest(loudness: &[f32]) -> usize {
    let sum = |at: usize| loudness[at - 1..=at + 1].iter().sum::<f32>();
    (loudness.len() / 2..loudness.len() - 1)
        .min_by(|a, b| sum(*a).total_cmp(&sum(*b)))
        .unwrap_or(loudness.len() / 2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sound::made_of as sound;

    fn spans(sound: &[f32], piece: usize) -> Vec<(u64, u64)> {
        let mut vad = Vad::new(&Voice::by_loudness());
        let mut spans = Vec::new();
        for piece in sound.chunks(piece) {
            let settled = vad.settled();
            let new = vad.push(piece);
            assert!(new.iter().all(|span| span.start() >= settled));
            spans.extend(new);
        }
        spans.extend(vad.finish());
        spans.iter().map(|span| (span.start().get(), span.end().get())).collect()
    }

    #[test]
    fn pauses_part_spans_and_closures_do_not() {
        let sound = sound(&[(640, 0.0), (640, 0.1), (64, 0.0), (640, 0.1), (640, 0.0), (320, 0.1)]);
        assert_eq!(spans(&sound, 16_000), [(608, 2_016), (2_592, 2_944)]);
        assert_eq!(spans(&sound, 777), spans(&sound, 16_000));
    }

    #[test]
    fn clicks_are_no_speech_and_no_sound_has_no_spans() {
        assert_eq!(spans(&sound(&[(640, 0.0), (32, 0.5), (640, 0.0)]), 1_000), []);
        assert_eq!(spans(&[], 1), []);
        assert_eq!(spans(&vec![f32::NAN; 5_000], 100), []);
    }

    #[test]
    fn whoever_does_not_pause_is_cut_where_it_is_quietest() {
        let parts = [(8_000, 0.1), (96, 0.01), (17_000, 0.1)];
        let spans = spans(&sound(&parts), 5_000);
        assert!(spans.windows(2).all(|pair| pair[0].1 == pair[1].0), "{spans:?}");
        assert!(spans.iter().all(|span| span.1 - span.0 <= 10_000), "{spans:?}");
        assert!((8_000..8_096).contains(&spans[0].1), "{spans:?}");
        assert_eq!((spans[0].0, spans[spans.len() - 1].1), (0, 25_096));
    }
}
