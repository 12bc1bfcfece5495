//! How loud a recording is to an ear, and how much louder or softer it has to be to be as loud as the others.
//!
//! Measured as broadcasters do it (EBU R 128, ITU-R BS.1770-5): in LUFS, over the passages that are not pauses.
//!
//! # The level that is aimed at
//!
//! −19 LUFS. Speech for phones and small loudspeakers is made at −16 LUFS in stereo (AES TD1008 and every large
//! podcast service); one channel that is played by two loudspeakers comes out 3 LU higher than it measures. Broadcast's
//! own −23 LUFS is made for quiet rooms and large loudspeakers, and a phone at full volume does not reach it.

use std::io;

use ebur128::{EbuR128, Mode};

use crate::{RATE, oversample::TruePeak};

/// The loudness that is aimed at, in LUFS, for one channel.
pub const SPEECH_LUFS: f64 = -19.0;

/// The most by which anything is made louder, in decibels. A recording that would need more is mostly the recorder's
/// own noise, which nobody is served by hearing at the level of speech.
pub const MOST_GAIN_DB: f64 = 30.0;

/// How loud a recording is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Loudness {
    /// Over the whole, without its pauses, in LUFS, as EBU R 128 has it; none if it is silent, or shorter than the
    /// 400 ms that are measured at once.
    pub integrated: Option<f64>,
    /// The same without the few moments that are much louder than all others.
    pub speech: Option<f64>,
    /// The highest point of the curve through the samples, 1.0 being full scale.
    pub true_peak: f32,
}

impl Loudness {
    /// By how many decibels it has to be made louder to be at the level of speech; below zero if softer.
    ///
    /// Zero where there is nothing to measure: what is silent stays so.
    pub fn gain_db(&self) -> f64 {
        self.speech.map_or(0.0, |lufs| (SPEECH_LUFS - lufs).min(MOST_GAIN_DB))
    }
}

/// Moments of 400 ms are measured, one beginning each 100 ms.
const STRETCH_MS: u32 = 100;
const STEP: usize = (RATE / 1_000 * STRETCH_MS) as usize;

/// What the standard adds, so that its own tone comes out as it wants it.
const OFFSET: f64 = -0.691;

/// Measures the working form, as it comes. Memory does not depend on how much comes.
pub struct LoudnessMeter {
    meter: EbuR128,
    peak: TruePeak,
    /// The energies of the last four stretches of 100 ms, the oldest first, and how many there were.
    stretches: [f64; 4],
    stretch: u64,
    moments: Moments,
    /// Frames since it was measured last.
    filled: usize,
}

impl LoudnessMeter {
    /// A meter that has heard nothing.
    pub fn new() -> io::Result<Self> {
        // It weighs the frequencies; what follows is counted here, once for each stretch and not once for each moment
        // that a stretch belongs to.
        let meter = EbuR128::new(1, RATE, Mode::M).map_err(io::Error::other)?;
        Ok(Self {
            meter,
            peak: TruePeak::new(),
            stretches: [0.0; 4],
            stretch: 0,
            moments: Moments::default(),
            filled: 0,
        })
    }

    /// Listens to samples, 1.0 being full scale.
    pub fn push(&mut self, mut samples: &[f32]) -> io::Result<()> {
        self.peak.push(samples);
        while !samples.is_empty() {
            let (here, rest) = samples.split_at(samples.len().min(STEP - self.filled));
            self.meter.add_frames_f32(here).map_err(io::Error::other)?;
            self.filled += here.len();
            if self.filled == STEP {
                self.filled = 0;
                let lufs = self.meter.loudness_window(STRETCH_MS).map_err(io::Error::other)?;
                self.end_stretch(10_f64.powf((lufs - OFFSET) / 10.0));
            }
            samples = rest;
        }
        Ok(())
    }

    fn end_stretch(&mut self, energy: f64) {
        self.stretches.rotate_left(1);
        self.stretches[3] = energy;
        self.stretch += 1;
        if self.stretch >= 4 {
            let mean = self.stretches.iter().sum::<f64>() / 4.0;
            self.moments.add(OFFSET + 10.0 * mean.log10());
        }
    }

    /// What it came to.
    pub fn finish(self) -> Loudness {
        Loudness {
            integrated: self.moments.level_below(f64::MAX),
            speech: self.moments.speech(),
            true_peak: self.peak.finish(),
        }
    }
}

/// How many moments were how loud.
///
/// A door that slams has the energy of hours of soft speech, and a mean of energies would take it for the voice. So
/// what is far above nearly all other moments is left out before the mean is taken as the standard takes it.
struct Moments {
    /// One count for each tenth of a decibel, from the standard's own threshold on.
    counts: Vec<u64>,
}

/// Below this nothing counts (BS.1770-5), in LUFS.
const THRESHOLD: f64 = -70.0;
/// Nor does what is so far below the rest, in LU.
const BELOW: f64 = 10.0;
/// Of a hundred moments so many tell how loud the loud ones are …
const NEARLY_ALL: u64 = 95;
/// … and what is so far above these is no voice, in LU.
const ABOVE: f64 = 10.0;
/// Counts for a decibel, and for all that are told apart: up to 10 LUFS.
const FINE: f64 = 10.0;
const BINS: usize = 800;

impl Default for Moments {
    fn default() -> Self {
        Self { counts: vec![0; BINS] }
    }
}

impl Moments {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "above the threshold; what is too loud is counted as the loudest"
    )]
    fn add(&mut self, lufs: f64) {
        if lufs > THRESHOLD {
            let bin = ((lufs - THRESHOLD) * FINE) as usize;
            self.counts[bin.min(BINS - 1)] += 1;
        }
    }

    /// The level without what is no voice, in LUFS; none if nothing was loud enough to count.
    fn speech(&self) -> Option<f64> {
        let all: u64 = self.counts.iter().sum();
        let mut so_far = 0;
        let loud = self.counts.iter().position(|count| {
            so_far += count;
            so_far * 100 >= all * NEARLY_ALL
        });
        self.level_below(lufs_of(loud.filter(|_| all > 0)?) + ABOVE)
    }

    /// The level as the standard has it, of the moments that are not louder than this.
    fn level_below(&self, highest: f64) -> Option<f64> {
        let level = self.mean_between(THRESHOLD, highest)?;
        self.mean_between(level - BELOW, highest)
    }

    /// The mean of the energies between two levels.
    #[expect(clippy::cast_precision_loss, reason = "a recording has far fewer than 2^52 moments")]
    fn mean_between(&self, low: f64, high: f64) -> Option<f64> {
        let (mut energy, mut moments) = (0.0, 0.0);
        for (bin, count) in self.counts.iter().enumerate() {
            let lufs = lufs_of(bin);
            if *count > 0 && (low..=high).contains(&lufs) {
                energy += 10_f64.powf(lufs / 10.0) * *count as f64;
                moments += *count as f64;
            }
        }
        (moments > 0.0).then(|| 10.0 * (energy / moments).log10())
    }
}

/// The middle of a bin.
#[expect(clippy::cast_precision_loss, reason = "some hundreds")]
fn lufs_of(bin: usize) -> f64 {
    THRESHOLD + (bin as f64 + 0.5) / FINE
}

/// Decibels as a factor.
#[expect(clippy::cast_possible_truncation, reason = "a factor needs no more than a float has")]
pub fn factor(db: f64) -> f32 {
    10_f64.powf(db / 20.0) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(samples: &[f32]) -> Loudness {
        let mut meter = LoudnessMeter::new().expect("a meter");
        for part in samples.chunks(777) {
            meter.push(part).expect("counts");
        }
        meter.finish()
    }

    fn tone(hertz: f64, height: f64, frames: u32) -> Vec<f32> {
        let turn = std::f64::consts::TAU * hertz / f64::from(RATE);
        #[expect(clippy::cast_possible_truncation, reason = "a sample")]
        let at = |i: u32| (height * (turn * f64::from(i)).sin()) as f32;
        (0..frames).map(at).collect()
    }

    #[test]
    fn the_standards_own_tone_measures_what_the_standard_says() {
        // A sine of 1 kHz at full scale in one channel is −3.01 LUFS (BS.1770-5, annex 1).
        for db in [0.0, -20.0, -40.0] {
            let found = measured(&tone(1_000.0, 10_f64.powf(db / 20.0), 10 * RATE));
            let lufs = found.integrated.expect("there is sound");
            assert!((lufs - (db - 3.01)).abs() < 0.15, "{db} dB measures {lufs} LUFS");
            let speech = found.speech.expect("there is sound");
            assert!((speech - lufs).abs() < 0.15, "a steady tone: {speech} and {lufs}");
            assert!((found.gain_db() - (SPEECH_LUFS - speech).min(MOST_GAIN_DB)).abs() < 1e-9);
        }
    }

    #[test]
    fn an_independent_meter_finds_the_same() {
        for (height, rise) in [(0.02, 1.0), (0.2, 0.01), (0.7, 30.0)] {
            let first = tone(700.0, height, 7 * RATE);
            let sound = [first, tone(180.0, height * rise / 30.0, 9 * RATE)].concat();
            let mut meter = EbuR128::new(1, RATE, Mode::I).expect("a meter");
            meter.add_frames_f32(&sound).expect("counts");
            let theirs = meter.loudness_global().expect("a figure");
            let ours = measured(&sound).integrated.expect("there is sound");
            assert!((ours - theirs).abs() < 0.1, "{ours} and {theirs}");
        }
    }

    #[test]
    fn pauses_do_not_count() {
        let sound = tone(1_000.0, 0.1, 5 * RATE);
        let paused = [&sound[..], &vec![0.0; 60 * RATE as usize], &sound].concat();
        let (dense, sparse) = (measured(&sound), measured(&paused));
        let difference = dense.integrated.expect("sound") - sparse.integrated.expect("sound");
        assert!(difference.abs() < 0.3, "{difference}");
    }

    #[test]
    fn a_slammed_door_does_not_make_the_voices_softer() {
        let soft = tone(1_000.0, 0.01, 60 * RATE);
        let mut slammed = soft.clone();
        slammed[200_000..204_000].copy_from_slice(&tone(300.0, 0.95, 4_000));
        let (before, after) = (measured(&soft), measured(&slammed));
        let moved = after.integrated.expect("sound") - before.integrated.expect("sound");
        assert!(moved > 10.0, "the standard's mean is the door's: {moved}");
        assert!((after.gain_db() - before.gain_db()).abs() < 0.5, "{after:?}");
    }

    #[test]
    fn silence_and_what_is_too_short_are_left_as_they_are() {
        for samples in [vec![], vec![0.0; 5 * RATE as usize], tone(300.0, 0.5, RATE / 4)] {
            let found = measured(&samples);
            assert_eq!((found.integrated, found.gain_db()), (None, 0.0));
        }
    }

    #[test]
    fn a_whisper_from_afar_is_not_raised_for_ever() {
        let found = measured(&tone(1_000.0, 0.001, 5 * RATE));
        assert!((found.gain_db() - MOST_GAIN_DB).abs() < f64::EPSILON, "{}", found.gain_db());
    }
}
