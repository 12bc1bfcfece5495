//! When somebody speaks, by the signal alone, and what that says about the recording.
//!
//! A frame of 20 ms is taken for a voice when it stands out from the quietest moments of the last seconds *and* is not
//! just noise: a voice is made by a throat, whose next sample can be guessed from the last ones (its spectrum is not
//! flat), and it does not cross zero as often as a hiss does. Three such frames begin a voice; it ends a fifth of a
//! second after the last one, because words have soft ends.
//!
//! This is a measure of recordings, for what their owner may want to know on day one. It takes music for a voice, and
//! it is no recogniser's segmentation.

use hearback_domain::{Ms, Span};

use crate::{RATE, Warning, lanes::dot, loudness::Loudness};

/// Frames of 20 ms: samples in one.
const FRAME: usize = RATE as usize / 50;
/// Milliseconds in one.
const FRAME_MS: u64 = 20;

/// How far above the quietest moments a voice stands, in decibels.
const ABOVE_DB: f64 = 6.0;
/// Below this, in decibels of full scale, nothing is a voice.
const SILENT_DB: f64 = -65.0;
/// How much of a frame can be guessed from the sample before and the one before that, at the least, where it is no
/// hiss: 2 dB of it.
const GUESSED: f64 = 0.37;
/// The share of samples at which a hiss changes its sign.
const HISS: f64 = 0.45;

/// Frames in a row that begin a voice.
const ONSET: u32 = 3;
/// Frames after the last one that still belong to it.
const HANGOVER: u32 = 10;

/// Frames over which one of the quietest moments is looked for, and how many of these are remembered: 12 s in all.
const LULL: u32 = 50;
const LULLS: usize = 12;

/// Below this loudness, in LUFS, people put the volume up and still lean in.
const TOO_QUIET_LUFS: f64 = -42.0;
/// A voice that stands less above what is beside it, in decibels, takes an effort to follow.
const NOISY_DB: f64 = 10.0;
/// What of a recording is voice, at the least, in parts of a hundred.
const LEAST_VOICE: u64 = 4;

/// Listens for voices, as the sound comes.
pub struct Activity {
    pending: Vec<f32>,
    floor: Floor,
    frames: u64,
    /// Frames in a row that sounded like a voice.
    risen: u32,
    /// Frames for which a voice still counts as there.
    hangover: u32,
    /// Where the voice that is there began, in frames.
    since: u64,
    voices: Vec<Span>,
    loud: Mean,
    soft: Mean,
}

/// When somebody spoke.
#[derive(Clone, Debug, PartialEq)]
pub struct Voices {
    /// The stretches in which somebody spoke, in order; some sixteen bytes for each.
    pub spans: Vec<Span>,
    /// How long that is in all.
    pub spoken: Ms,
    /// How long was listened.
    pub heard: Ms,
    /// By how many decibels the voices stand above what is beside them; none where there is only one of the two.
    pub above_noise_db: Option<f64>,
}

impl Default for Activity {
    fn default() -> Self {
        Self::new()
    }
}

impl Activity {
    /// A listener that has heard nothing.
    pub fn new() -> Self {
        Self {
            pending: Vec::with_capacity(FRAME),
            floor: Floor::new(),
            frames: 0,
            risen: 0,
            hangover: 0,
            since: 0,
            voices: Vec::new(),
            loud: Mean::default(),
            soft: Mean::default(),
        }
    }

    /// Listens to samples of the working form, 1.0 being full scale.
    pub fn push(&mut self, mut samples: &[f32]) {
        if !self.pending.is_empty() {
            let (missing, rest) = samples.split_at(samples.len().min(FRAME - self.pending.len()));
            self.pending.extend_from_slice(missing);
            if self.pending.len() < FRAME {
                return;
            }
            let frame = std::mem::take(&mut self.pending);
            self.frame(&frame);
            self.pending = frame;
            self.pending.clear();
            samples = rest;
        }
        let mut whole = samples.chunks_exact(FRAME);
        whole.by_ref().for_each(|frame| self.frame(frame));
        self.pending.extend_from_slice(whole.remainder());
    }

    /// What was heard. A last piece of less than a frame does not count.
    pub fn finish(mut self) -> Voices {
        if self.hangover > 0 {
            self.end_voice();
        }
        let spoken = self.voices.iter().map(|span| span.end().get() - span.start().get()).sum();
        let above = match (self.loud.mean(), self.soft.mean()) {
            (Some(loud), Some(soft)) if loud > soft => Some(db((loud - soft) / soft.max(1e-12))),
            (Some(_), Some(_)) => Some(0.0),
            _ => None,
        };
        Voices {
            spans: self.voices,
            spoken: Ms::new(spoken),
            heard: Ms::new(self.frames * FRAME_MS),
            above_noise_db: above,
        }
    }

    fn frame(&mut self, samples: &[f32]) {
        let frame = Frame::of(samples);
        let floor = self.floor.under(frame.energy);
        let voiced = frame.level > (floor + ABOVE_DB).max(SILENT_DB) && !frame.is_hiss();
        self.risen = if voiced { self.risen + 1 } else { 0 };
        if self.risen >= ONSET {
            if self.hangover == 0 {
                self.since = self.frames + 1 - u64::from(ONSET);
            }
            self.hangover = HANGOVER;
        } else if self.hangover > 0 {
            // A voice that is there is held by single frames too.
            self.hangover = if voiced { HANGOVER } else { self.hangover - 1 };
            if self.hangover == 0 {
                self.end_voice();
            }
        }
        // What is near the end of a voice is neither one nor the other.
        match self.hangover {
            0 => self.soft.add(frame.energy),
            _ if voiced => self.loud.add(frame.energy),
            _ => {}
        }
        self.frames += 1;
    }

    fn end_voice(&mut self) {
        self.hangover = 0;
        let at = |frames: u64| Ms::new(frames * FRAME_MS);
        if let Ok(span) = Span::new(at(self.since), at(self.frames)) {
            self.voices.push(span);
        }
    }
}

impl Voices {
    /// What the person who sent the recording may want to know. Never a reason to turn it away.
    pub fn notes(&self, loudness: &Loudness) -> Vec<Warning> {
        let hardly_any = self.spoken.get() * 100 < self.heard.get() * LEAST_VOICE;
        let quiet = loudness.speech.is_some_and(|lufs| lufs < TOO_QUIET_LUFS);
        let noisy = self.above_noise_db.is_some_and(|db| db < NOISY_DB);
        let silent = self.heard > Ms::ZERO && hardly_any;
        [
            (silent, Warning::MostlySilent),
            (quiet && !silent, Warning::TooQuiet),
            (noisy && !silent, Warning::Noisy),
        ]
        .into_iter()
        .filter_map(|(holds, note)| holds.then_some(note))
        .collect()
    }
}

/// What can be told of 20 ms.
struct Frame {
    /// The mean of the squares.
    energy: f64,
    /// The same in decibels of full scale.
    level: f64,
    /// What share of it cannot be guessed from the two samples before.
    surprise: f64,
    /// The share of samples at which the sign changes.
    crossings: f64,
}

impl Frame {
    fn of(samples: &[f32]) -> Self {
        let lag = |lag: usize| f64::from(dot(samples, &samples[lag.min(samples.len())..]));
        let (r0, r1, r2) = (lag(0), lag(1), lag(2));
        // Levinson and Durbin's first two steps.
        let surprise = if r0 > 0.0 {
            let k1 = r1 / r0;
            let left = (1.0 - k1 * k1).max(0.0);
            let k2 = if left > 0.0 { (r2 / r0 - k1 * k1) / left } else { 0.0 };
            left * (1.0 - k2 * k2).max(0.0)
        } else {
            1.0
        };
        let signs = samples.iter().zip(&samples[1.min(samples.len())..]);
        let crossings = signs.filter(|(a, b)| (**a < 0.0) != (**b < 0.0)).count();
        let count = f64::from(u32::try_from(samples.len().max(1)).unwrap_or(u32::MAX));
        let energy = r0 / count;
        let crossings = f64::from(u32::try_from(crossings).unwrap_or(u32::MAX)) / count;
        Self { energy, level: db(energy), surprise, crossings }
    }

    fn is_hiss(&self) -> bool {
        self.surprise > 1.0 - GUESSED || self.crossings > HISS
    }
}

/// How much of the frames before counts in what is taken for the quietest: a single frame may be quiet by chance.
const SMOOTH: f64 = 0.7;

/// The quietest of the last seconds, in decibels of full scale.
struct Floor {
    /// The energy of the last frames, the newest counting most.
    smooth: Option<f64>,
    /// The quietest frame of each lull that is remembered, the newest last.
    lulls: std::collections::VecDeque<f64>,
    quietest: f64,
    frames: u32,
}

impl Floor {
    fn new() -> Self {
        let lulls = std::collections::VecDeque::new();
        Self { smooth: None, lulls, quietest: f64::MAX, frames: 0 }
    }

    /// Counts a frame's energy; gives the quietest, that frame included.
    fn under(&mut self, energy: f64) -> f64 {
        let before = self.smooth.unwrap_or(energy);
        let smooth = before * SMOOTH + energy * (1.0 - SMOOTH);
        self.smooth = Some(smooth);
        self.quietest = self.quietest.min(db(smooth));
        self.frames += 1;
        let quietest = self.lulls.iter().copied().fold(self.quietest, f64::min);
        if self.frames == LULL {
            self.lulls.push_back(self.quietest);
            if self.lulls.len() > LULLS {
                self.lulls.pop_front();
            }
            (self.quietest, self.frames) = (f64::MAX, 0);
        }
        quietest
    }
}

/// The mean of energies.
#[derive(Default)]
struct Mean {
    sum: f64,
    count: u64,
}

impl Mean {
    fn add(&mut self, energy: f64) {
        self.sum += energy;
        self.count += 1;
    }

    #[expect(clippy::cast_precision_loss, reason = "a recording has far fewer than 2^52 frames")]
    fn mean(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum / self.count as f64)
    }
}

/// Energy in decibels of full scale; −120 for nothing.
fn db(energy: f64) -> f64 {
    10.0 * energy.max(1e-12).log10()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loudness::LoudnessMeter;

    fn noise(seed: u64, height: f32, frames: usize) -> Vec<f32> {
        let mut x = seed | 1;
        (0..frames)
            .map(|_| {
                x ^= x << 13;
                x ^= x >> 7;
                x ^= x << 17;
                (f32::from(u16::try_from(x >> 48).expect("16 bits")) / 32_768.0 - 1.0) * height
            })
            .collect()
    }

    /// Something like a voice: a buzz of 140 Hz with fourteen overtones that are softer the higher, in syllables.
    fn voice(height: f32, seconds: u16) -> Vec<f32> {
        (0..u32::from(seconds) * RATE)
            .map(|i| {
                #[expect(clippy::cast_precision_loss, reason = "a few seconds")]
                let t = i as f32 / RATE as f32;
                let buzz: f32 = (1..15_u16)
                    .map(|n| {
                        let n = f32::from(n);
                        (std::f32::consts::TAU * 140.0 * n * t).sin() / n
                    })
                    .sum();
                let syllable = (std::f32::consts::PI * 3.1 * t).sin().abs().powi(2);
                let pause = if t % 4.0 < 2.6 { 1.0 } else { 0.0 };
                height * 0.4 * buzz * syllable * pause
            })
            .collect()
    }

    fn mix(a: &[f32], b: &[f32]) -> Vec<f32> {
        a.iter().zip(b).map(|(a, b)| a + b).collect()
    }

    fn heard(samples: &[f32]) -> (Voices, Vec<Warning>) {
        let (mut activity, mut meter) = (Activity::new(), LoudnessMeter::new().expect("a meter"));
        for part in samples.chunks(1_234) {
            activity.push(part);
            meter.push(part).expect("counts");
        }
        let voices = activity.finish();
        let notes = voices.notes(&meter.finish());
        (voices, notes)
    }

    #[test]
    fn a_voice_is_found_where_it_is() {
        let room = noise(3, 0.001, 20 * RATE as usize);
        let (voices, notes) = heard(&mix(&voice(0.4, 20), &room));
        assert_eq!(notes, [], "{voices:?}");
        let share = voices.spoken.get() * 100 / voices.heard.get();
        assert!((55..=80).contains(&share), "{share} of a hundred, where 65 are voice");
        let pauses = voices.spans.windows(2).filter(|w| {
            let gap = w[1].start().get() - w[0].end().get();
            gap > 900
        });
        assert_eq!(pauses.count(), 4, "each pause of 1.4 s is one: {:?}", voices.spans);
    }

    #[test]
    fn noise_and_hum_are_no_voices() {
        let hum: Vec<f32> = voice(0.0, 10)
            .iter()
            .zip(0_u32..)
            .map(|(_, i)| {
                #[expect(clippy::cast_precision_loss, reason = "ten seconds")]
                let t = i as f32 / RATE as f32;
                0.1 * (std::f32::consts::TAU * 50.0 * t).sin()
            })
            .collect();
        for sound in [noise(5, 0.1, 10 * RATE as usize), hum, vec![0.0; 10 * RATE as usize]] {
            let (voices, notes) = heard(&sound);
            assert_eq!(voices.spans, [], "nobody speaks");
            assert_eq!(notes, [Warning::MostlySilent]);
        }
    }

    #[test]
    fn each_note_says_what_is_the_matter() {
        let room = |height| noise(7, height, 20 * RATE as usize);
        let (_, notes) = heard(&mix(&voice(0.008, 20), &room(0.000_02)));
        assert_eq!(notes, [Warning::TooQuiet]);
        let (voices, notes) = heard(&mix(&voice(0.2, 20), &room(0.03)));
        assert_eq!(notes, [Warning::Noisy], "{:?}", voices.above_noise_db);
        let long = [voice(0.4, 4), vec![0.0; 120 * RATE as usize]].concat();
        assert_eq!(heard(&long).1, [Warning::MostlySilent]);
    }

    #[test]
    fn nothing_is_nothing() {
        let (voices, notes) = heard(&[]);
        assert_eq!((voices.heard, voices.spoken, notes), (Ms::ZERO, Ms::ZERO, vec![]));
        assert_eq!(voices.above_noise_db, None);
    }

    #[test]
    fn blocks_of_any_size_give_the_same() {
        let sound = mix(&voice(0.3, 5), &noise(9, 0.002, 5 * RATE as usize));
        let whole = {
            let mut activity = Activity::new();
            activity.push(&sound);
            activity.finish()
        };
        for block in [1, 319, 320, 321, 5_000] {
            let mut activity = Activity::new();
            sound.chunks(block).for_each(|part| activity.push(part));
            assert_eq!(activity.finish(), whole, "blocks of {block}");
        }
    }
}
