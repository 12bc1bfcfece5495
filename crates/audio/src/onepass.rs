//! Everything that is learnt from a recording while its samples go by once: the samples as they are kept, the waveform
//! at every level, how loud it is, and when somebody speaks.
//!
//! Holds a block of samples, and besides only what it gives in the end.

use std::io;

use crate::{
    Peaks, PeaksBuilder, Warning,
    activity::{Activity, Voices},
    loudness::{Loudness, LoudnessMeter},
    wav::to_i16,
};

/// Takes decoded sound in the working form, block by block.
pub struct OnePass {
    peaks: PeaksBuilder,
    loudness: LoudnessMeter,
    activity: Activity,
    frames: Vec<i16>,
}

/// What there is to know after the last block.
#[derive(Clone, Debug, PartialEq)]
pub struct Findings {
    /// The waveform, the finest level first.
    pub peaks: Vec<Peaks>,
    /// How loud it is.
    pub loudness: Loudness,
    /// When somebody speaks.
    pub voices: Voices,
}

impl OnePass {
    /// Draws the waveform with `peaks`, which counts one channel.
    pub fn new(peaks: PeaksBuilder) -> io::Result<Self> {
        Ok(Self {
            peaks,
            loudness: LoudnessMeter::new()?,
            activity: Activity::new(),
            frames: Vec::new(),
        })
    }

    /// Takes a block, 1.0 being full scale; gives it back as the 16-bit samples that are kept.
    pub fn push(&mut self, samples: &[f32]) -> io::Result<&[i16]> {
        self.frames.clear();
        self.frames.extend(samples.iter().copied().map(to_i16));
        self.peaks.push(&self.frames);
        self.loudness.push(samples)?;
        self.activity.push(samples);
        Ok(&self.frames)
    }

    /// What came of it.
    pub fn finish(self) -> Findings {
        Findings {
            peaks: self.peaks.finish_all(),
            loudness: self.loudness.finish(),
            voices: self.activity.finish(),
        }
    }
}

impl Findings {
    /// What the person who sent the recording may want to know: what decoding noticed, and what listening did.
    pub fn notes(&self, decoding: &[Warning]) -> Vec<Warning> {
        let mut notes = decoding.to_vec();
        for note in self.voices.notes(&self.loudness) {
            if !notes.contains(&note) {
                notes.push(note);
            }
        }
        notes
    }
}
