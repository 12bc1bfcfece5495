//! Whether two channels are two microphones, one for each voice, or twice the same.
//!
//! Sound is averaged down to 4 to 6 kHz, where voices are, and looked at in blocks of a twentieth of a second: how loud
//! each side is, and, of every third block, how well they match within the time that sound takes from one microphone of
//! a device to another.

use crate::{
    lanes::dot,
    report::{Relation, Stereo},
    sides::SILENT,
};

/// What is averaged down to, in hertz, at the least.
const COARSE: u32 = 4_000;
/// Blocks in a second.
const BLOCKS: u32 = 20;
/// By how much one side may come later: one in so many averages of a second, which is 1.25 ms, or 40 cm of air.
const LAG: u32 = 800;
/// Of so many blocks one is matched. The rest would tell the same, as syllables are longer.
const MATCHED: u64 = 3;
/// Sides that match this well differ by what coding did to them.
const SAME: f32 = 0.95;
/// A side that has so many times the other's power (6 dB) has the word.
const LOUDER: f32 = 4.0;

/// Listens to two channels.
pub(super) struct Sides {
    /// Frames in an average: a power of two.
    step: usize,
    /// Averages in a block.
    full: usize,
    /// Averages by which one side may come later.
    lag: usize,
    /// Frames that wait for the rest of their average.
    waiting: Vec<[f32; 2]>,
    block: [Vec<f32>; 2],
    /// Blocks that are not silent on both sides.
    blocks: u64,
    /// Blocks in which a side is not silent.
    alive: [u64; 2],
    /// Blocks in which a side is much louder than the other.
    louder: [u64; 2],
    /// Sums over the blocks that were matched, each as heavy as it is loud.
    weight: f64,
    agreement: f64,
    coherence: f64,
}

impl Sides {
    pub(super) fn new(rate: u32) -> Self {
        let [step, full, lag] = sizes(rate);
        Self {
            step,
            full,
            lag,
            waiting: Vec::with_capacity(step),
            block: [Vec::with_capacity(full), Vec::with_capacity(full)],
            blocks: 0,
            alive: [0; 2],
            louder: [0; 2],
            weight: 0.0,
            agreement: 0.0,
            coherence: 0.0,
        }
    }

    /// From here on, frames are at another rate. The block that was begun, less than a twentieth of a second, says
    /// nothing.
    pub(super) fn follow(&mut self, rate: u32) {
        [self.step, self.full, self.lag] = sizes(rate);
        self.waiting.clear();
        self.block.iter_mut().for_each(Vec::clear);
    }

    /// Listens to frames of two channels.
    pub(super) fn listen(&mut self, mut frames: &[[f32; 2]]) {
        if !self.waiting.is_empty() {
            let (missing, rest) = frames.split_at(frames.len().min(self.step - self.waiting.len()));
            self.waiting.extend_from_slice(missing);
            frames = rest;
            if self.waiting.len() < self.step {
                return;
            }
            let whole = std::mem::take(&mut self.waiting);
            self.average(&whole);
            self.waiting = whole;
            self.waiting.clear();
        }
        // A size that is known when this is compiled is what makes it fast; these are the rates that recorders have.
        let rest = match self.step {
            8 => self.averages::<8>(frames),
            4 => self.averages::<4>(frames),
            2 => self.averages::<2>(frames),
            step => {
                let whole = frames.chunks_exact(step);
                let rest = whole.remainder();
                whole.for_each(|frames| self.average(frames));
                rest
            }
        };
        self.waiting.extend_from_slice(rest);
    }

    fn averages<'a, const STEP: usize>(&mut self, frames: &'a [[f32; 2]]) -> &'a [[f32; 2]] {
        let (whole, rest) = frames.as_chunks::<STEP>();
        for frames in whole {
            self.average(frames);
        }
        rest
    }

    #[inline]
    fn average(&mut self, frames: &[[f32; 2]]) {
        let add = |[left, right]: [f32; 2], frame: &[f32; 2]| [left + frame[0], right + frame[1]];
        let sum = frames.iter().fold([0.0; 2], add);
        #[expect(clippy::cast_precision_loss, reason = "frames of an average")]
        let share = 1.0 / frames.len() as f32;
        for (block, sum) in self.block.iter_mut().zip(sum) {
            block.push(sum * share);
        }
        if self.block[0].len() == self.full {
            self.judge();
        }
    }

    fn judge(&mut self) {
        let [left, right] = &self.block;
        #[expect(clippy::cast_precision_loss, reason = "averages of a block")]
        let power = |side: &[f32]| dot(side, side) / self.full as f32;
        let powers = [power(left), power(right)];
        if powers.iter().any(|p| *p > SILENT) {
            if self.blocks.is_multiple_of(MATCHED) {
                let matched = matched(left, right, self.lag);
                let weight = f64::from(powers[0].max(powers[1]).sqrt());
                self.weight += weight;
                self.agreement += weight * f64::from(matched);
                self.coherence += weight * f64::from(matched * matched);
            }
            self.blocks += 1;
            for side in 0..2 {
                self.alive[side] += u64::from(powers[side] > SILENT);
                self.louder[side] += u64::from(powers[side] > LOUDER * powers[1 - side]);
            }
        }
        self.block.iter_mut().for_each(Vec::clear);
    }

    /// What was heard so far; nothing of a recording without a sound.
    pub(super) fn verdict(&self) -> Option<Stereo> {
        if self.blocks == 0 {
            return None;
        }
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            reason = "a share of a number of blocks"
        )]
        let share = |n: u64| (n as f64 / self.blocks as f64) as f32;
        #[expect(clippy::cast_possible_truncation, reason = "between −1 and 1")]
        let mean = |sum: f64| (sum / self.weight) as f32;
        let (agreement, coherence) = (mean(self.agreement), mean(self.coherence));
        let louder = self.louder.map(share);
        let relation = match self.alive {
            [0, _] => Relation::LeftDead,
            [_, 0] => Relation::RightDead,
            _ if louder.iter().all(|l| *l > 0.05) && louder[0] + louder[1] > 0.6 => Relation::Apart,
            _ if agreement > SAME => Relation::Same,
            _ if agreement < -SAME => Relation::Opposed,
            _ if coherence < 0.2 => Relation::Apart,
            _ => Relation::Room,
        };
        Some(Stereo { relation, agreement, coherence, louder })
    }
}

/// At a rate, the frames in an average, the averages in a block, and those by which one side may come later.
fn sizes(rate: u32) -> [usize; 3] {
    let step = 1 << (rate / COARSE).max(1).ilog2();
    let full = (rate / step / BLOCKS).max(1) as usize;
    [step as usize, full, ((rate / step).div_ceil(LAG) as usize).min(full - 1)]
}

/// The best match of two sides (1 the same, −1 turned over) where one may be a little later. A side that is silent
/// matches nothing.
fn matched(left: &[f32], right: &[f32], lag: usize) -> f32 {
    let at = |later: usize, a: &[f32], b: &[f32]| {
        let (a, b) = (&a[later..], &b[..b.len() - later]);
        let power = (dot(a, a) * dot(b, b)).sqrt();
        if power > f32::MIN_POSITIVE { dot(a, b) / power } else { 0.0 }
    };
    let matches = (0..=lag).flat_map(|later| [at(later, left, right), at(later, right, left)]);
    matches.max_by(|a, b| a.abs().total_cmp(&b.abs())).unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: usize = 16_000;

    /// One of several voices: noise in syllables, which no two share.
    fn voice(seed: u64, i: usize) -> f32 {
        let mut x = (i as u64 / 3).wrapping_add(seed << 32).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        x ^= x >> 29;
        x = x.wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let noise = f32::from(u16::try_from(x >> 48).unwrap_or(0)) / 32_768.0 - 1.0;
        let syllable = (i / (RATE / 5)) as u64 + seed;
        if syllable % 4 == 3 { 0.0 } else { noise * 0.3 }
    }

    /// Two people in turns of two seconds.
    fn turn(who: usize, i: usize) -> f32 {
        if i / (2 * RATE) % 2 == who { voice(who as u64 + 1, i) } else { 0.0 }
    }

    fn relation(frame: impl Fn(usize) -> [f32; 2]) -> Option<Stereo> {
        let mut sides = Sides::new(u32::try_from(RATE).unwrap_or(0));
        let sound: Vec<[f32; 2]> = (0..12 * RATE).map(frame).collect();
        sound.chunks(2_222).for_each(|part| sides.listen(part));
        sides.verdict()
    }

    #[test]
    fn what_two_channels_are_to_each_other_is_heard() {
        let hiss = |i: usize| voice(77, i) * 0.01;
        let later = |who, i: usize| if i > 4 { turn(who, i - 4) } else { 0.0 };
        let both = |i| turn(0, i) + turn(1, i);
        let is = |expected: Relation, heard: Option<Stereo>| {
            assert_eq!(heard.map(|s| s.relation), Some(expected), "{heard:?}");
        };
        is(Relation::Same, relation(|i| [both(i), both(i) * 0.5]));
        is(Relation::Opposed, relation(|i| [both(i), -both(i)]));
        is(Relation::LeftDead, relation(|i| [0.0, both(i)]));
        is(Relation::RightDead, relation(|i| [both(i), 0.0001]));
        is(Relation::Apart, relation(|i| [turn(0, i) + hiss(i), turn(1, i) + hiss(i + 9)]));
        // Each microphone hears the other voice too, softer and later.
        is(
            Relation::Apart,
            relation(|i| [turn(0, i) + 0.2 * later(1, i), turn(1, i) + 0.2 * later(0, i)]),
        );
        // The same, put there by hand: loudness alone.
        is(
            Relation::Apart,
            relation(|i| [turn(0, i) + 0.3 * turn(1, i), turn(1, i) + 0.3 * turn(0, i)]),
        );
        // Two microphones of one device, in a room with walls.
        let late = |by: usize, i: usize| if i > by { both(i - by) } else { 0.0 };
        is(
            Relation::Room,
            relation(|i| [both(i) + 0.6 * late(200, i), 0.8 * late(4, i) + 0.6 * late(330, i)]),
        );
        assert_eq!(relation(|_| [0.0, 0.0]), None);
    }

    #[test]
    fn behind_a_recording_of_another_rate_the_same_is_heard() {
        let sound: Vec<[f32; 2]> =
            (0..12 * RATE).map(|i| [voice(1, i), 0.8 * voice(1, i.saturating_sub(9))]).collect();
        let heard = |rates: &[u32]| {
            let mut sides = Sides::new(rates[0]);
            for rate in &rates[1..] {
                // Silence, and not a whole number of blocks of it.
                sides.listen(&vec![[0.0; 2]; 12_345]);
                sides.follow(*rate);
            }
            sides.listen(&sound);
            sides.verdict()
        };
        let expected = heard(&[16_000]);
        assert!(expected.is_some());
        assert_eq!(heard(&[48_000, 16_000]), expected);
        assert_eq!(heard(&[8_000, 44_100, 16_000]), expected);
    }
}
