//! What is heard of two channels while they go by: how loud each is, how much they go up and down together, and, every
//! 20 ms of the recording, which of them is the louder.

use crate::sides::{self, STEP_MS};

/// Sums over a stretch of two channels.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sums {
    /// Of the squares, left and right.
    pub(super) squares: [f32; 2],
    /// Of the products of left and right.
    pub(super) products: f32,
    /// Of the samples themselves, left and right.
    plain: [f32; 2],
    /// The height of the loudest sample.
    pub(super) peak: f32,
}

impl Sums {
    /// In lanes that do not wait for each other, as in [`crate::lanes`].
    pub(super) fn of(frames: &[[f32; 2]]) -> Self {
        let (fours, rest) = frames.as_chunks::<4>();
        let (mut squares, mut plain, mut peaks) = ([0.0_f32; 8], [0.0_f32; 8], [0.0_f32; 8]);
        let mut products = [0.0_f32; 4];
        for four in fours {
            let lanes = four.as_flattened();
            for (lane, sample) in lanes.iter().enumerate() {
                squares[lane] += sample * sample;
                plain[lane] += sample;
                let height = sample.abs();
                peaks[lane] = if height > peaks[lane] { height } else { peaks[lane] };
            }
            for (product, [left, right]) in products.iter_mut().zip(four) {
                *product += left * right;
            }
        }
        let side = |lanes: &[f32; 8], side: usize| lanes.iter().skip(side).step_by(2).sum::<f32>();
        let mut sums = Self {
            squares: [side(&squares, 0), side(&squares, 1)],
            products: products.iter().sum(),
            plain: [side(&plain, 0), side(&plain, 1)],
            peak: peaks.iter().copied().fold(0.0, f32::max),
        };
        for [left, right] in rest {
            sums.squares[0] += left * left;
            sums.squares[1] += right * right;
            sums.products += left * right;
            sums.plain[0] += left;
            sums.plain[1] += right;
            sums.peak = sums.peak.max(left.abs()).max(right.abs());
        }
        sums
    }

    /// Whether every sample was a number of a size that a decoder gives.
    pub(super) fn sane(&self, most: f32) -> bool {
        self.peak <= most && self.squares.iter().all(|s| s.is_finite())
    }

    fn add(&mut self, other: &Self) {
        for side in 0..2 {
            self.squares[side] += other.squares[side];
            self.plain[side] += other.plain[side];
        }
        self.products += other.products;
        self.peak = self.peak.max(other.peak);
    }
}

/// Cuts the recording into steps of 20 ms and says of each which channel was the louder.
pub(super) struct Steps {
    rate: u32,
    /// Where on the recording's clock the frames of this rate began, in nanoseconds.
    began: u64,
    /// Frames of this rate so far.
    frames: u64,
    /// Steps that are done.
    done: u64,
    /// Of the step that is being made, and its frames.
    sums: Sums,
    filled: u32,
    ready: Vec<i8>,
}

const SECOND: u64 = 1_000_000_000;

impl Steps {
    pub(super) fn new(rate: u32) -> Self {
        let sums = Sums::default();
        Self { rate, began: 0, frames: 0, done: 0, sums, filled: 0, ready: Vec::new() }
    }

    /// From here on, frames are at another rate.
    pub(super) fn follow(&mut self, rate: u32) {
        let nanoseconds =
            u128::from(self.frames) * u128::from(SECOND) / u128::from(self.rate.max(1));
        self.began = self.began.saturating_add(u64::try_from(nanoseconds).unwrap_or(u64::MAX));
        (self.rate, self.frames) = (rate, 0);
    }

    /// How many frames are missing to the end of the step that is being made; at least one.
    pub(super) fn missing(&self) -> usize {
        let end = (self.done + 1).saturating_mul(STEP_MS * SECOND / 1_000);
        let after = u128::from(end.saturating_sub(self.began)) * u128::from(self.rate);
        let frames = u64::try_from(after.div_ceil(SECOND.into())).unwrap_or(u64::MAX);
        usize::try_from(frames.saturating_sub(self.frames)).unwrap_or(usize::MAX).max(1)
    }

    /// Takes what was heard of so many frames, no more than are missing.
    pub(super) fn take(&mut self, sums: &Sums, frames: usize) {
        let missing = self.missing();
        self.sums.add(sums);
        self.frames += frames as u64;
        self.filled = self.filled.saturating_add(u32::try_from(frames).unwrap_or(u32::MAX));
        if frames >= missing {
            self.end();
        }
    }

    /// Ends the step that is being made, if there is anything in it.
    pub(super) fn end(&mut self) {
        if self.filled == 0 {
            return;
        }
        #[expect(clippy::cast_precision_loss, reason = "frames of 20 ms")]
        let frames = self.filled as f32;
        // A recorder's constant offset is no sound.
        let power = |side: usize| {
            let offset = self.sums.plain[side] / frames;
            (self.sums.squares[side] / frames - offset * offset).max(0.0)
        };
        self.ready.push(sides::step(power(0), power(1)));
        self.done += 1;
        (self.sums, self.filled) = (Sums::default(), 0);
    }

    /// The steps that are done and were not asked for before.
    pub(super) fn ready(&mut self) -> Vec<i8> {
        std::mem::take(&mut self.ready)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn sums_are_what_a_plain_loop_finds(
            frames in prop::collection::vec((-1.0_f32..1.0, -1.0_f32..1.0), 0..300)
        ) {
            let frames: Vec<[f32; 2]> = frames.into_iter().map(<[f32; 2]>::from).collect();
            let sums = Sums::of(&frames);
            let plain = |of: fn(&[f32; 2]) -> f32| frames.iter().map(of).map(f64::from).sum::<f64>();
            let near = |a: f32, b: f64| (f64::from(a) - b).abs() < 1e-3;
            prop_assert!(near(sums.squares[0], plain(|f| f[0] * f[0])));
            prop_assert!(near(sums.squares[1], plain(|f| f[1] * f[1])));
            prop_assert!(near(sums.products, plain(|f| f[0] * f[1])));
            prop_assert!(near(sums.plain[0], plain(|f| f[0])) && near(sums.plain[1], plain(|f| f[1])));
            let peak = frames.as_flattened().iter().fold(0.0_f32, |high, s| high.max(s.abs()));
            prop_assert!((sums.peak - peak).abs() < f32::EPSILON);
            prop_assert!(sums.sane(4.0));
        }
    }

    #[test]
    fn what_is_no_number_is_noticed() {
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 4.5, -1e30] {
            for at in 0..9 {
                let mut frames = [[0.5_f32; 2]; 9];
                frames[at][at % 2] = bad;
                assert!(!Sums::of(&frames).sane(4.0), "{bad} at {at}");
            }
        }
    }

    /// Steps of frames in which the sides take turns, in pieces of any size.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        reason = "seconds"
    )]
    fn turns(rates: &[(u32, usize)], piece: usize, turn_ms: u64) -> Vec<i8> {
        let mut steps = Steps::new(rates[0].0);
        let (mut ns, mut count) = (0.0, 0_u64);
        for (rate, frames) in rates {
            steps.follow(*rate);
            let mut left = *frames;
            while left > 0 {
                let n = piece.min(left).min(steps.missing());
                let sound: Vec<[f32; 2]> = (0..n)
                    .map(|_| {
                        let loud = if count.is_multiple_of(2) { 0.4 } else { -0.4 };
                        count += 1;
                        let turn = (ns / 1e6 / turn_ms as f64) as u64;
                        ns += 1e9 / f64::from(*rate);
                        // The offset is no sound.
                        if turn.is_multiple_of(2) { [loud, 0.05] } else { [0.04 * loud, loud] }
                    })
                    .collect();
                steps.take(&Sums::of(&sound), n);
                left -= n;
            }
        }
        steps.end();
        steps.ready()
    }

    #[test]
    fn steps_keep_to_the_clock_at_any_rate() {
        for rate in [8_000_u32, 11_025, 16_000, 22_050, 44_100, 48_000, 96_000] {
            for piece in [1, 333, 100_000] {
                let found = turns(&[(rate, rate as usize * 4)], piece, 1_000);
                assert_eq!(found.len(), 200, "{rate} Hz");
                // A turn may begin a frame into a step.
                for (at, step) in found.iter().enumerate().filter(|(at, _)| at % 50 > 0) {
                    let left = (at / 50) % 2 == 0;
                    assert!(
                        if left { *step > 100 } else { *step < -40 },
                        "{rate} Hz, {at}: {step}"
                    );
                }
            }
        }
        // 755.8, 2 015.5 and 1 157.4 ms.
        let changing = [(44_100, 33_333), (11_025, 22_221), (48_000, 55_555)];
        assert_eq!(turns(&changing, 500, 1_000).len(), 197);
    }

    #[test]
    fn what_is_silent_on_both_sides_is_nobodys() {
        let mut steps = Steps::new(8_000);
        steps.take(&Sums::of(&[[0.5, -0.5]; 160]), 160);
        assert_eq!(steps.ready(), [i8::MIN], "an offset alone is no sound");
        steps.end();
        assert!(steps.ready().is_empty());
    }
}
