//! Listens along, for what the person who sent the recording may want to know.

use super::packets::Packets;
use crate::{RATE, Warning};

/// Quieter than this (mean square of −60 dB) is silence.
const SILENT: f64 = 1e-6;
/// A sample this close to full scale is taken as cut off.
const FULL: f32 = 0.999;

pub(super) struct Quality {
    window: usize,
    /// The energy below which a window is silent.
    quiet: f64,
    energy: f64,
    filled: usize,
    windows: u64,
    silent: u64,
    samples: u64,
    clipped: u64,
    peak: f32,
}

impl Quality {
    pub(super) fn new(rate: u32, channels: usize) -> Self {
        // A tenth of a second.
        let window = (rate / 10).max(1).saturating_mul(u32::try_from(channels).unwrap_or(1));
        Self {
            window: window as usize,
            quiet: SILENT * f64::from(window),
            energy: 0.0,
            filled: 0,
            windows: 0,
            silent: 0,
            samples: 0,
            clipped: 0,
            peak: 0.0,
        }
    }

    pub(super) fn listen(&mut self, samples: &[f32]) {
        for sample in samples {
            let size = sample.abs();
            self.peak = self.peak.max(size);
            self.clipped += u64::from(size >= FULL);
            self.energy += f64::from(size) * f64::from(size);
            self.filled += 1;
            if self.filled == self.window {
                self.windows += 1;
                self.silent += u64::from(self.energy < self.quiet);
                (self.energy, self.filled) = (0.0, 0);
            }
        }
        self.samples += samples.len() as u64;
    }

    pub(super) fn peak(&self) -> f32 {
        self.peak
    }

    pub(super) fn warnings(&self, packets: &Packets, rate: u32) -> Vec<Warning> {
        let clipped = self.clipped > 0 && self.clipped * 1_000 > self.samples;
        let silent = self.windows > 0 && self.silent * 20 > self.windows * 19;
        [
            (packets.salvaged, Warning::Salvaged),
            (packets.skipped > 0, Warning::Damaged),
            (packets.holes > 0, Warning::Gaps),
            (clipped, Warning::Clipped),
            (silent, Warning::MostlySilent),
            (rate < RATE, Warning::LowRate),
        ]
        .into_iter()
        .filter_map(|(holds, warning)| holds.then_some(warning))
        .collect()
    }
}
