//! The source that takes the place of a voice's own: a buzz and a hiss, equally loud at every frequency.

use std::io;

use realfft::{RealToComplex, num_complex::Complex};

use super::{
    BINS, FRAME, HOP,
    drift::{Drift, between, random},
    pitch::Heard,
};
use crate::RATE;

/// How high it may be, in hertz; one height for all that it says, and by how much about that it drifts.
const LOW_HZ: f32 = 95.0;
const HIGH_HZ: f32 = 210.0;
const DRIFT: f32 = 0.08;
/// How much of the way it follows the old pitch: enough to hear a question, too little to know a melody by.
const FOLLOWS: std::ops::RangeInclusive<f32> = 0.25..=0.55;
/// From here on there is hiss in every voice, and from there on hardly anything else.
const HISS_FROM_HZ: f32 = 2_000.0;
const HISS_ONLY_HZ: f32 = 7_000.0;

/// Makes the source.
pub(super) struct Carrier {
    height_hz: Drift,
    follows: Drift,
    /// How much of a period is gone.
    phase: f32,
    buzz: Vec<f32>,
    hiss: Vec<f32>,
    /// State of the hiss, which tells nothing about the rest.
    noise: u64,
    /// What makes the mean power of a windowed frame one.
    scale: f32,
}

impl Carrier {
    pub(super) fn new(window: &[f32]) -> io::Result<Self> {
        let height = LOW_HZ * (HIGH_HZ / LOW_HZ).powf(between(&(0.0..=1.0))?);
        let power: f32 = window.iter().map(|w| w * w).sum();
        Ok(Self {
            height_hz: Drift::new(height * (1.0 - DRIFT)..=height * (1.0 + DRIFT))?,
            follows: Drift::new(FOLLOWS)?,
            phase: 0.0,
            buzz: vec![0.0; FRAME],
            hiss: vec![0.0; FRAME],
            noise: random()? | 1,
            scale: 1.0 / power.sqrt(),
        })
    }

    /// The spectrum of the next frame.
    pub(super) fn next(
        &mut self,
        forward: &dyn RealToComplex<f32>,
        window: &[f32],
        heard: Heard,
    ) -> io::Result<Vec<Complex<f32>>> {
        self.move_on(heard)?;
        let spectrum = |samples: &[f32]| {
            let mut windowed: Vec<f32> = samples.iter().zip(window).map(|(s, w)| s * w).collect();
            let mut spectrum = vec![Complex::default(); BINS];
            forward.process(&mut windowed, &mut spectrum).map_err(io::Error::other)?;
            Ok::<_, io::Error>(spectrum)
        };
        let (mut both, hiss) = (spectrum(&self.buzz)?, spectrum(&self.hiss)?);
        for (bin, (buzz, hiss)) in both.iter_mut().zip(hiss).enumerate() {
            let share = heard.voiced * clear(bin);
            *buzz = (*buzz * share.sqrt() + hiss * (1.0 - share).sqrt()) * self.scale;
        }
        Ok(both)
    }

    fn move_on(&mut self, heard: Heard) -> io::Result<()> {
        let hertz = self.height_hz.next()? * heard.raised.powf(self.follows.next()?);
        self.buzz.drain(..HOP);
        self.hiss.drain(..HOP);
        let step = hertz / RATE_HZ;
        for _ in 0..HOP {
            self.phase += step;
            // One sample in each period, as high as the period is long: a mean power of one.
            let beat = if self.phase >= 1.0 { (1.0 / step).sqrt() } else { 0.0 };
            self.phase = self.phase.fract();
            self.buzz.push(beat);
            let hiss = self.noise();
            self.hiss.push(hiss);
        }
        Ok(())
    }

    /// Even noise with a mean power of one.
    fn noise(&mut self) -> f32 {
        self.noise ^= self.noise << 13;
        self.noise ^= self.noise >> 7;
        self.noise ^= self.noise << 17;
        let bits = u16::try_from(self.noise >> 48).unwrap_or(0);
        (f32::from(bits) / 32_767.5 - 1.0) * 3_f32.sqrt()
    }
}

#[expect(clippy::cast_precision_loss, reason = "a small number")]
const RATE_HZ: f32 = RATE as f32;

/// How much of a voice is buzz at a number of its spectrum.
#[expect(clippy::cast_precision_loss, reason = "small numbers")]
fn clear(bin: usize) -> f32 {
    let hz = bin as f32 * RATE_HZ / FRAME as f32;
    ((HISS_ONLY_HZ - hz) / (HISS_ONLY_HZ - HISS_FROM_HZ)).clamp(0.1, 1.0)
}
