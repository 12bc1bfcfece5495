//! Listens along while the file's own samples go by, before they are mixed or resampled, for what cannot be told
//! afterwards: cut-off tops, and a channel that has nothing in it.

use super::{packets::Packets, pair::Sums};
use crate::{
    RATE, Warning,
    lanes::{add_energies, loudest},
    limits::MAX_CHANNELS,
};

/// A sample this close to full scale is taken as cut off.
const FULL: f32 = 0.999;

/// Samples in a row that are: a single one is a coincidence.
const FLAT: u32 = 3;

/// What of all samples has to be cut off before a word is worth it: one in so many.
const RARE: u64 = 5_000;

/// A channel with less than this share of the loudest one's energy (−40 dB) has nothing in it …
const DEAD: f64 = 1e-4;
/// … if that one has anything in it: its mean square, −60 dB.
const SILENT: f64 = 1e-6;

/// What was noticed so far.
#[derive(Default)]
pub(super) struct Quality {
    /// The energy of each channel.
    energies: Vec<f64>,
    /// Samples at full scale in a row, up to now, in each channel.
    flat: Vec<u32>,
    samples: u64,
    cut_off: u64,
}

impl Quality {
    /// Listens to interleaved samples as the file has them, unless there is one among them that is no number or higher
    /// than `most`: then nothing is counted, and the answer is no.
    pub(super) fn listen(&mut self, samples: &[f32], channels: usize, most: f32) -> bool {
        let (mut energies, peak) = ([0.0; MAX_CHANNELS], loudest(samples));
        let energies = &mut energies[..channels.min(MAX_CHANNELS)];
        add_energies(samples, energies);
        if peak > most || energies.iter().any(|energy| !energy.is_finite()) {
            return false;
        }
        self.count(samples, energies, peak);
        true
    }

    /// Listens to frames of two channels, of which these are the sums.
    pub(super) fn listen_pair(&mut self, frames: &[[f32; 2]], sums: &Sums) {
        self.count(frames.as_flattened(), &sums.squares.map(f64::from), sums.peak);
    }

    fn count(&mut self, samples: &[f32], energies: &[f64], peak: f32) {
        let channels = energies.len();
        if self.energies.len() < channels {
            self.energies.resize(channels, 0.0);
            self.flat.resize(channels, 0);
        }
        for (all, energy) in self.energies.iter_mut().zip(energies) {
            *all += energy;
        }
        self.samples += samples.len() as u64;
        // Hardly any block has a sample at full scale.
        if peak < FULL {
            self.flat.fill(0);
            return;
        }
        for frame in samples.chunks_exact(channels.max(1)) {
            for (flat, sample) in self.flat.iter_mut().zip(frame) {
                self.cut_off += cuts_off(flat, *sample);
            }
        }
    }

    pub(super) fn warnings(&self, packets: &Packets, rate: u32) -> Vec<Warning> {
        let clipped = self.cut_off > 0 && self.cut_off >= self.samples / RARE;
        [
            (packets.salvaged, Warning::Salvaged),
            (packets.skipped > 0, Warning::Damaged),
            (packets.holes > 0, Warning::Gaps),
            (clipped, Warning::Clipped),
            (self.has_dead_channel(), Warning::DeadChannel),
            (rate < RATE, Warning::LowRate),
        ]
        .into_iter()
        .filter_map(|(holds, warning)| holds.then_some(warning))
        .collect()
    }

    fn has_dead_channel(&self) -> bool {
        let loudest = self.energies.iter().copied().fold(0.0, f64::max);
        #[expect(
            clippy::cast_precision_loss,
            reason = "a recording has far fewer than 2^52 samples"
        )]
        let frames = self.samples as f64 / self.energies.len().max(1) as f64;
        loudest > SILENT * frames && self.energies.iter().any(|energy| *energy < loudest * DEAD)
    }
}

/// Counts the samples of a flat top once it is one; `flat` is how long it has been so far.
fn cuts_off(flat: &mut u32, sample: f32) -> u64 {
    *flat = if sample.abs() < FULL { 0 } else { *flat + 1 };
    match (*flat).cmp(&FLAT) {
        std::cmp::Ordering::Less => 0,
        std::cmp::Ordering::Equal => u64::from(FLAT),
        std::cmp::Ordering::Greater => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(frames: &[[f32; 2]], block: usize) -> Quality {
        let mut quality = Quality::default();
        for part in frames.chunks(block) {
            quality.listen_pair(part, &Sums::of(part));
        }
        let mut same = Quality::default();
        for part in frames.chunks(block) {
            assert!(same.listen(part.as_flattened(), 2, 4.0));
        }
        assert_eq!(same.cut_off, quality.cut_off);
        assert_eq!(same.has_dead_channel(), quality.has_dead_channel());
        quality
    }

    #[test]
    fn a_flat_top_counts_and_a_single_high_sample_does_not() {
        let mut frames = vec![[0.1, 0.2]; 1_000];
        frames[500] = [1.0, 0.2];
        assert_eq!(heard(&frames, 7).cut_off, 0);
        for frame in &mut frames[500..505] {
            *frame = [-1.0, 0.2];
        }
        for block in [1, 3, 1_000] {
            assert_eq!(heard(&frames, block).cut_off, 5, "blocks of {block}");
        }
    }

    #[test]
    fn a_channel_with_nothing_in_it_is_told_from_a_softer_one() {
        assert!(heard(&vec![[0.2, 0.001]; 100], 9).has_dead_channel());
        assert!(!heard(&vec![[0.2, 0.01]; 100], 9).has_dead_channel());
        assert!(
            !heard(&vec![[0.0, 0.0]; 100], 9).has_dead_channel(),
            "silence has no dead channel"
        );
    }
}
