//! Altered voices, for teaching (ETH-15).
//!
//! What makes a voice somebody's is mostly how high it is, the shape of the throat, and the grain of the source. Moving
//! pitch and formants by fixed amounts hides none of it, because whoever moves them back has the voice again; so has
//! whoever knows the one coefficient of the `McAdams` method (Patino et al., "Speaker anonymisation using the `McAdams`
//! coefficient", Interspeech 2021). Here most of it is **thrown away** instead, as in a vocoder (Dudley 1939; noise
//! bands are enough to understand by: Shannon et al., Science 270, 1995):
//!
//! * The sound is measured in some two dozen bands, too wide to hold a voice's own harmonics; everything finer is gone.
//! * A new source is put in its place, a buzz and a hiss, whose pitch follows the old one a little of the way.
//! * The bands are moved by a warp that is not one number but a curve, and are coloured; both drift. Every number comes
//!   from the operating system when it is needed, is used for less than a second, and is kept nowhere.
//!
//! **It does not make anybody anonymous** ([`LABEL`]). Rhythm, accent, turns of phrase and what is said stay, people
//! who know the speaker may recognise all of them, and programs that were trained to compare voices may find what is
//! left.

mod bands;
mod carrier;
mod drift;
mod pitch;

use std::{io, sync::Arc};

use realfft::{ComplexToReal, RealFftPlanner, RealToComplex, num_complex::Complex};

use self::{bands::Bands, carrier::Carrier, pitch::Pitch};
use crate::{AudioError, wav::to_i16};

/// What stands beside a voice that was altered, wherever it is played.
pub const LABEL: &str = "The voices were altered. They are not anonymous: somebody who knows the speakers may recognise them.";

/// Frames that are looked at together (32 ms), and by how many the look moves on (8 ms).
const FRAME: usize = 512;
const HOP: usize = FRAME / 4;
/// Numbers of a spectrum.
const BINS: usize = FRAME / 2 + 1;
/// Undoes what a spectrum there and back multiplies by, and what four squared windows add up to at each sample.
const SCALE: f32 = 1.0 / (512.0 * 1.5);

/// Alters the voices in a clip in the working form, as it streams by. As long as what came in, to the sample.
///
/// To be used once: two clips of one speaker have nothing in common that it put there.
pub struct Disguise {
    forward: Arc<dyn RealToComplex<f32>>,
    backward: Arc<dyn ComplexToReal<f32>>,
    window: Vec<f32>,
    pitch: Pitch,
    bands: Bands,
    carrier: Carrier,
    /// What is looked at next, as far as it is here.
    pending: Vec<f32>,
    /// What goes out next, as far as it was added up; the first [`HOP`] of it are whole.
    adding: Vec<f32>,
    /// Samples before the beginning, which are not handed out.
    lead: usize,
    /// Samples that came in and did not go out yet.
    owed: usize,
}

impl Disguise {
    /// A new one, unlike any other.
    pub fn new() -> Result<Self, AudioError> {
        let mut planner = RealFftPlanner::new();
        let window: Vec<f32> = (0..FRAME).map(hann).collect();
        let lead = FRAME - HOP;
        Ok(Self {
            forward: planner.plan_fft_forward(FRAME),
            backward: planner.plan_fft_inverse(FRAME),
            bands: Bands::new()?,
            carrier: Carrier::new(&window)?,
            pitch: Pitch::new(),
            window,
            pending: vec![0.0; lead],
            adding: vec![0.0; FRAME],
            lead,
            owed: 0,
        })
    }

    /// Takes samples and adds those that are ready to `out`. An error if the system has no random numbers to give:
    /// then nothing is to be used of what came out.
    pub fn push(&mut self, samples: &[i16], out: &mut Vec<i16>) -> Result<(), AudioError> {
        self.owed += samples.len();
        self.pending.extend(samples.iter().map(|s| f32::from(*s) / 32_768.0));
        let mut from = 0;
        while self.pending.len() - from >= FRAME {
            let frame = self.pending[from..from + FRAME].to_vec();
            self.step(&frame, out)?;
            from += HOP;
        }
        self.pending.drain(..from);
        Ok(())
    }

    /// Adds the rest to `out`.
    pub fn finish(mut self, out: &mut Vec<i16>) -> Result<(), AudioError> {
        let owed = self.owed;
        let before = out.len();
        self.push(&[0; 2 * FRAME], out)?;
        out.truncate(before + owed);
        Ok(())
    }

    /// Looks at one frame, and hands out what it completes.
    fn step(&mut self, frame: &[f32], out: &mut Vec<i16>) -> Result<(), AudioError> {
        let heard = self.pitch.follow(frame);
        let mut windowed: Vec<f32> = frame.iter().zip(&self.window).map(|(s, w)| s * w).collect();
        let mut spectrum = vec![Complex::default(); BINS];
        self.forward.process(&mut windowed, &mut spectrum).map_err(io::Error::other)?;
        let heights = self.bands.moved(&spectrum)?;

        let mut spectrum = self.carrier.next(&*self.forward, &self.window, heard)?;
        for (bin, height) in spectrum.iter_mut().zip(&heights) {
            *bin *= *height;
        }
        // The first and the last number of a spectrum have no phase.
        spectrum[0] = Complex::default();
        spectrum[BINS - 1] = Complex::default();
        self.backward.process(&mut spectrum, &mut windowed).map_err(io::Error::other)?;
        for ((sum, sample), window) in self.adding.iter_mut().zip(&windowed).zip(&self.window) {
            *sum += sample * window * SCALE;
        }
        for sample in self.adding.drain(..HOP) {
            if self.lead > 0 {
                self.lead -= 1;
            } else {
                out.push(to_i16(sample));
                self.owed = self.owed.saturating_sub(1);
            }
        }
        self.adding.resize(FRAME, 0.0);
        Ok(())
    }
}

/// A raised cosine over a frame.
#[expect(clippy::cast_precision_loss, reason = "small numbers")]
fn hann(i: usize) -> f32 {
    0.5 - 0.5 * (std::f32::consts::TAU * i as f32 / FRAME as f32).cos()
}
