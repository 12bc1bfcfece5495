//! Louder, but never above a ceiling: a gain that makes room before a loud moment comes, and gives it back slowly
//! after.
//!
//! What counts is the curve between the samples (`oversample`), not the samples alone. The gain is turned down
//! over 5 ms, so that nothing clicks, and is all the way down before the first sample that has a say in the loud
//! moment. It is counted in whole numbers, so that where nothing is too loud the gain is exactly one and every sample
//! is what it would have been without a limiter.

use std::collections::VecDeque;

use crate::{
    RATE,
    oversample::{REACH, height},
};

/// Frames over which the gain is turned down: 5 ms.
const ATTACK: usize = RATE as usize * 5 / 1_000;

/// Frames after which it is all the way back, from nothing: 200 ms.
const RELEASE: u32 = RATE / 5;

/// No change of the gain.
const ONE: u32 = 1 << 24;

/// How far below the ceiling it aims: while the gain moves, the curve between two samples is not quite the curve
/// through what they have become. −0.3 dB.
const MARGIN: f32 = 0.966;

/// Frames that it holds back.
const DELAY: usize = ATTACK + 2 * REACH;

/// A limiter for one channel at the working rate. Gives as many samples as it takes, in the end.
pub struct Limiter {
    gain: f32,
    target: f32,
    /// Louder, but not yet limited. The first is the next to go out.
    waiting: VecDeque<f32>,
    /// The last samples, for the curve between them.
    around: [f32; 2 * REACH],
    /// Frames that came in.
    taken: usize,
    lowest: Lowest,
    /// The gain after it was given back slowly.
    released: u32,
    mean: Mean,
}

impl Limiter {
    /// Multiplies by `gain` and keeps the curve through the samples below `ceiling`, 1.0 being full scale.
    pub fn new(gain: f32, ceiling: f32) -> Self {
        Self {
            gain,
            target: ceiling * MARGIN,
            waiting: VecDeque::with_capacity(DELAY + 1),
            around: [0.0; 2 * REACH],
            taken: 0,
            lowest: Lowest { span: ATTACK + 2 * REACH + 1, queue: VecDeque::new() },
            released: ONE,
            mean: Mean::new(),
        }
    }

    /// Takes samples and adds those that are ready to `out`.
    pub fn push(&mut self, samples: &[f32], out: &mut Vec<f32>) {
        out.reserve(samples.len());
        for sample in samples {
            out.extend(self.step(sample * self.gain));
        }
    }

    /// Adds the rest to `out`.
    pub fn finish(mut self, out: &mut Vec<f32>) {
        let left = self.waiting.len();
        // What comes after the end is silent and stays inside.
        out.extend((0..DELAY).filter_map(|_| self.step(0.0)).take(left));
    }

    /// One frame in, and the one from [`DELAY`] frames ago out.
    fn step(&mut self, sample: f32) -> Option<f32> {
        self.waiting.push_back(sample);
        self.around.copy_within(1.., 0);
        self.around[2 * REACH - 1] = sample;
        let high = height(&self.around);
        let allowed = if high > self.target { fixed(self.target / high) } else { ONE };
        let low = self.lowest.push(self.taken, allowed);
        self.released = low.min(self.released.saturating_add(ONE / RELEASE));
        let gain = self.mean.push(self.released);
        self.taken += 1;
        if self.taken <= DELAY {
            return None;
        }
        let sample = self.waiting.pop_front()?;
        Some(if gain == ONE { sample } else { sample * float(gain) })
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "between zero and one"
)]
fn fixed(gain: f32) -> u32 {
    (gain * ONE as f32) as u32
}

#[expect(clippy::cast_precision_loss, reason = "24 bits fit")]
fn float(gain: u32) -> f32 {
    gain as f32 / ONE as f32
}

/// The lowest of the last `span` values.
struct Lowest {
    span: usize,
    /// Places and values, both rising: what cannot become the lowest any more is not kept.
    queue: VecDeque<(usize, u32)>,
}

impl Lowest {
    fn push(&mut self, at: usize, value: u32) -> u32 {
        while self.queue.back().is_some_and(|(_, last)| *last >= value) {
            self.queue.pop_back();
        }
        self.queue.push_back((at, value));
        while self.queue.front().is_some_and(|(place, _)| place + self.span <= at) {
            self.queue.pop_front();
        }
        self.queue.front().map_or(value, |(_, lowest)| *lowest)
    }
}

/// The mean of the last [`ATTACK`] values; before the first it was one.
struct Mean {
    values: VecDeque<u32>,
    sum: u64,
}

impl Mean {
    fn new() -> Self {
        Self { values: VecDeque::from(vec![ONE; ATTACK]), sum: u64::from(ONE) * ATTACK as u64 }
    }

    fn push(&mut self, value: u32) -> u32 {
        self.sum += u64::from(value);
        self.sum -= self.values.pop_front().map_or(0, u64::from);
        self.values.push_back(value);
        // A mean of numbers below 2^24 is one.
        u32::try_from(self.sum / ATTACK as u64).unwrap_or(ONE)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CEILING: f32 = 0.89;

    fn limited(samples: &[f32], gain: f32, block: usize) -> Vec<f32> {
        let mut limiter = Limiter::new(gain, CEILING);
        let mut out = Vec::new();
        for part in samples.chunks(block.max(1)) {
            limiter.push(part, &mut out);
        }
        limiter.finish(&mut out);
        out
    }

    /// The highest point between the samples, by somebody else's meter.
    fn true_peak(samples: &[f32]) -> f64 {
        let mut meter = ebur128::EbuR128::new(1, RATE, ebur128::Mode::TRUE_PEAK).expect("mono");
        meter.add_frames_f32(samples).expect("frames");
        meter.add_frames_f32(&[0.0; 32]).expect("frames");
        meter.true_peak(0).expect("a channel")
    }

    /// Quiet noise with bursts: what a slammed door is among voices.
    fn noise(seed: u64, frames: usize, bursts: &[(usize, usize, f32)]) -> Vec<f32> {
        let mut x = seed | 1;
        (0..frames)
            .map(|i| {
                x ^= x << 13;
                x ^= x >> 7;
                x ^= x << 17;
                let white = f32::from(u16::try_from(x >> 48).expect("16 bits")) / 32_768.0 - 1.0;
                let loud = bursts.iter().filter(|(from, len, _)| (*from..from + len).contains(&i));
                white * loud.map(|(_, _, height)| *height).fold(0.02, f32::max)
            })
            .collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]
        #[test]
        fn nothing_is_ever_above_the_ceiling(
            seed: u64,
            bursts in prop::collection::vec((0_usize..6_000, 1_usize..900, 0.05_f32..1.0), 0..8),
            gain in 0.5_f32..30.0,
            block in 1_usize..2_000,
        ) {
            let samples = noise(seed, 6_500, &bursts);
            let out = limited(&samples, gain, block);
            prop_assert_eq!(out.len(), samples.len());
            let peak = true_peak(&out);
            prop_assert!(peak <= f64::from(CEILING), "{} is above the ceiling", peak);
        }

        #[test]
        fn what_is_quiet_is_untouched_but_for_the_gain(
            seed: u64,
            gain in 0.1_f32..10.0,
            block in 1_usize..2_000,
        ) {
            let samples = noise(seed, 4_000, &[]);
            let expected: Vec<f32> = samples.iter().map(|s| s * gain).collect();
            prop_assert_eq!(limited(&samples, gain, block), expected);
        }
    }

    #[test]
    fn the_gain_moves_without_a_click_and_comes_back_whole() {
        // A steady tone with a blow of ten times its height in the middle.
        let frames = 16_000_usize;
        let samples: Vec<f32> = (0_u16..16_000)
            .map(|i| {
                let tone = 0.3 * (std::f32::consts::TAU * 200.0 * f32::from(i) / 16_000.0).sin();
                if (8_000..8_004).contains(&i) { 3.0 } else { tone }
            })
            .collect();
        let out = limited(&samples, 1.0, 512);
        let gains: Vec<f32> = samples
            .iter()
            .zip(&out)
            .map(|(before, after)| if before.abs() > 0.01 { after / before } else { f32::NAN })
            .collect();
        let steps = gains.windows(2).map(|w| (w[1] - w[0]).abs()).filter(|s| s.is_finite());
        let steepest = steps.fold(0.0, f32::max);
        let attack = f32::from(u16::try_from(ATTACK).expect("a few samples"));
        assert!(steepest <= 1.2 / attack, "the gain jumps by {steepest}");
        assert_eq!(out[..7_850], samples[..7_850], "untouched before the blow is near");
        assert_eq!(out[frames - 4_000..], samples[frames - 4_000..], "and long after it");
    }

    #[test]
    fn nothing_in_nothing_out() {
        assert_eq!(limited(&[], 2.0, 1), Vec::<f32>::new());
        assert_eq!(limited(&[0.25], 2.0, 1), [0.5]);
    }
}
