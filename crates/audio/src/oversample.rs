//! What lies between the samples: a signal's height at four points for each of its samples.
//!
//! A converter plays a smooth curve through the samples, and the curve may rise above all of them. The points in
//! between come from a band-limited interpolation over twelve samples, as ITU-R BS.1770-5, annex 2, has it.

use std::sync::LazyLock;

use crate::lanes::loudest;

/// Samples on either side of an interval that have a say in what lies within it.
pub(crate) const REACH: usize = 6;

/// Samples that have a say in one point.
const TAPS: usize = 2 * REACH;

/// The points in an interval beside its first sample, a quarter apart.
const BETWEEN: usize = 3;

/// By how much the curve can rise above the highest of the samples around it, at the very most: the largest sum of a
/// point's weights without their signs, rounded up.
const MOST_RISE: f32 = 2.2;

/// The weights of the samples around an interval, for each point within it: sinc under a Hann window.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "numbers up to twelve, and weights"
)]
static WEIGHTS: LazyLock<[[f32; TAPS]; BETWEEN]> = LazyLock::new(|| {
    std::array::from_fn(|point| {
        std::array::from_fn(|tap| {
            // From the point to the sample, in samples; never zero.
            let distance = tap as f64 - (REACH as f64 - 1.0) - (point as f64 + 1.0) / 4.0;
            let turn = std::f64::consts::PI * distance;
            let window = 0.5 + 0.5 * (turn / REACH as f64).cos();
            (turn.sin() / turn * window) as f32
        })
    })
});

/// The height of the curve in the interval that begins at the sixth of twelve samples, its end not included.
pub(crate) fn height(around: &[f32; TAPS]) -> f32 {
    WEIGHTS.iter().fold(around[REACH - 1].abs(), |height, weights| {
        let point: f32 = around.iter().zip(weights).map(|(sample, weight)| sample * weight).sum();
        height.max(point.abs())
    })
}

/// Finds the highest point of a whole signal, as it comes.
pub(crate) struct TruePeak {
    /// The last samples of what came before, which have a say in what comes next.
    held: Vec<f32>,
    highest: f32,
}

/// Samples that are looked over together before it is worked out what lies between them.
const STRETCH: usize = 64;

impl TruePeak {
    pub(crate) fn new() -> Self {
        // Before the beginning there was nothing.
        Self { held: vec![0.0; TAPS - 1], highest: 0.0 }
    }

    pub(crate) fn push(&mut self, samples: &[f32]) {
        self.held.extend_from_slice(samples);
        let last = self.held.len() - (TAPS - 1);
        for start in (0..last).step_by(STRETCH) {
            let end = (start + STRETCH).min(last);
            let stretch = &self.held[start..end + TAPS - 1];
            // Where even the steepest curve would stay below what was found before, there is nothing to find.
            if loudest(stretch) * MOST_RISE > self.highest {
                let intervals = stretch.windows(TAPS).filter_map(|around| around.try_into().ok());
                self.highest = intervals.map(height).fold(self.highest, f32::max);
            }
        }
        self.held.drain(..last);
    }

    /// The highest point, 1.0 being full scale.
    pub(crate) fn finish(mut self) -> f32 {
        self.push(&[0.0; TAPS]);
        self.highest
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn nothing_rises_by_more_than_the_bound() {
        for weights in WEIGHTS.iter() {
            let sum: f32 = weights.iter().map(|w| w.abs()).sum();
            assert!(sum < MOST_RISE, "{sum}");
            let level: f32 = weights.iter().sum();
            assert!((level - 1.0).abs() < 0.01, "what is level stays so: {level}");
        }
    }

    #[test]
    fn a_tone_between_its_samples_is_as_high_as_it_is() {
        // A quarter of the rate, an eighth of a turn off: no sample is higher than 0.707.
        let tone: Vec<f32> = (0..4_000_u16)
            .map(|i| {
                (std::f32::consts::FRAC_PI_2 * f32::from(i % 4) + std::f32::consts::FRAC_PI_4).sin()
            })
            .collect();
        let mut peak = TruePeak::new();
        peak.push(&tone);
        let found = peak.finish();
        assert!((found - 1.0).abs() < 0.05, "{found}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn an_independent_meter_finds_the_same_height(
            samples in prop::collection::vec(-1.0_f32..1.0, 1..2_000),
            block in 1_usize..300,
        ) {
            let mut peak = TruePeak::new();
            for part in samples.chunks(block) {
                peak.push(part);
            }
            let mut meter = ebur128::EbuR128::new(1, 16_000, ebur128::Mode::TRUE_PEAK).expect("mono");
            meter.add_frames_f32(&samples).expect("frames");
            // So that what lies after the last sample counts for it too.
            meter.add_frames_f32(&[0.0; 32]).expect("frames");
            let theirs = meter.true_peak(0).expect("a channel");
            let ours = f64::from(peak.finish());
            prop_assert!((ours / theirs).log10().abs() * 20.0 < 0.3, "{} and {}", ours, theirs);
        }
    }
}
