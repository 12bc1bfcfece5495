//! Several channels into one, without anything being lost on the way.
//!
//! The mean of two channels is nothing where one of them is the other turned over, as a wrongly wired microphone or a
//! recorder's widening effect makes it. So it is listened whether they agree, and where they do not, one is turned
//! back. Nothing waits: each piece is judged with what came before it.

use super::pair::Sums;

/// Two channels that agree less than this are taken as one turned over.
const AGAINST: f32 = -0.6;
/// How much they have to agree for it to be turned back again.
const WITH: f32 = 0.2;
/// How much of what was heard before counts, a tenth of a second later.
const MEMORY: f32 = 0.6;
/// Below this mean square on both sides (−90 dB) there is nothing to judge by.
const NOTHING: f32 = 1e-9;

/// Mixes interleaved sound to one channel by its mean.
pub(super) struct Mixer {
    /// Frames in a tenth of a second: a channel is turned over within so many, so that nothing clicks.
    tenth: f32,
    agreement: Agreement,
    /// What the right channel is multiplied with: 1, −1 where it is turned over, and what lies between while it is
    /// being turned.
    right: f32,
    /// What it is turned to.
    goal: f32,
    /// Whether anything was heard to judge by.
    judged: bool,
}

impl Mixer {
    pub(super) fn new(rate: u32) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "a sample rate")]
        let tenth = (rate.max(10) as f32) / 10.0;
        Self { tenth, agreement: Agreement::default(), right: 1.0, goal: 1.0, judged: false }
    }

    /// Mixes frames of two channels, of which these are the sums, and adds them to `out`.
    pub(super) fn push_pair(&mut self, frames: &[[f32; 2]], sums: &Sums, out: &mut Vec<f32>) {
        #[expect(clippy::cast_precision_loss, reason = "frames of a packet")]
        let count = frames.len() as f32;
        self.agreement.hear(sums, MEMORY.powf(count / self.tenth));
        self.goal = match self.agreement.amount() {
            amount if amount < AGAINST => -1.0,
            amount if amount > WITH => 1.0,
            _ => self.goal,
        };
        let goal = self.goal;
        if !self.judged {
            self.judged = sums.squares.iter().any(|s| *s > NOTHING * count);
            self.right = goal;
        }
        // What is left of a turn that was begun.
        let step = 2.0 / self.tenth;
        let mut rest = frames.iter();
        #[expect(clippy::float_cmp, reason = "it ends at the goal, exactly")]
        while self.right != goal {
            let Some([left, right]) = rest.next() else { return };
            self.right += (goal - self.right).clamp(-step, step);
            out.push((left + right * self.right) * 0.5);
        }
        out.extend(rest.map(|[left, right]| (left + right * goal) * 0.5));
    }
}

/// Mixes frames of so many channels by their mean and adds them to `out`.
pub(super) fn mean(sound: &[f32], channels: usize, out: &mut Vec<f32>) {
    let count = f32::from(u16::try_from(channels.max(1)).unwrap_or(1));
    let frames = sound.chunks_exact(channels.max(1));
    out.extend(frames.map(|frame| frame.iter().sum::<f32>() / count));
}

/// How much two channels go up and down together.
#[derive(Default)]
struct Agreement {
    both: f32,
    left: f32,
    right: f32,
}

impl Agreement {
    fn hear(&mut self, sums: &Sums, memory: f32) {
        self.both = self.both * memory + sums.products;
        self.left = self.left * memory + sums.squares[0];
        self.right = self.right * memory + sums.squares[1];
    }

    /// The correlation: 1 for the same sound, −1 for one turned over, about 0 for two sounds. Where one channel has
    /// less than a hundredth of the other's power nothing can be lost, and it is 0.
    fn amount(&self) -> f32 {
        let (small, large) = (self.left.min(self.right), self.left.max(self.right));
        if small <= large * 0.01 || large <= 0.0 {
            return 0.0;
        }
        self.both / (self.left * self.right).sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Something like speech: loud and soft, high and low.
    fn voice(i: usize) -> f32 {
        let t = f32::from(u16::try_from(i % 60_000).unwrap_or(0)) / 8_000.0;
        (t * 700.0).sin() * (0.6 + 0.4 * (t * 9.0).sin()) * 0.5
    }

    fn mixed(frames: usize, frame: impl Fn(usize) -> [f32; 2]) -> Vec<f32> {
        let sound: Vec<[f32; 2]> = (0..frames).map(frame).collect();
        let (mut mixer, mut out) = (Mixer::new(8_000), Vec::new());
        for part in sound.chunks(234) {
            mixer.push_pair(part, &Sums::of(part), &mut out);
        }
        assert_eq!(out.len(), frames);
        out
    }

    fn power(sound: &[f32]) -> f32 {
        sound.iter().map(|s| s * s).sum()
    }

    #[test]
    fn a_channel_that_is_turned_over_does_not_cancel_the_other() {
        let whole = power(&(0..20_000).map(voice).collect::<Vec<_>>());
        for gain in [-1.0, -0.5, -0.2] {
            let out = mixed(20_000, |i| [voice(i), voice(i) * gain]);
            let expected = whole * ((1.0 - gain) / 2.0).powi(2);
            assert!((power(&out) / expected - 1.0).abs() < 1e-3, "{gain}");
        }
    }

    #[test]
    fn channels_that_agree_or_have_nothing_in_common_are_mixed_by_their_mean() {
        let other = |i: usize| voice(i * 7 + 311) * 0.7;
        assert_eq!(
            mixed(9_999, |i| [voice(i), voice(i)]),
            (0..9_999).map(voice).collect::<Vec<_>>()
        );
        let two = mixed(9_999, |i| [voice(i), other(i)]);
        assert!(
            two.iter()
                .enumerate()
                .all(|(i, s)| (s - f32::midpoint(voice(i), other(i))).abs() < 1e-6)
        );
    }

    #[test]
    fn a_change_on_the_way_is_followed_without_a_click() {
        let turned = |i: usize| if (20_000..50_000).contains(&i) { -1.0 } else { 1.0 };
        let out = mixed(80_000, |i| [voice(i), voice(i) * turned(i)]);
        for seconds in [15_000..19_000, 24_000..49_000, 60_000..80_000] {
            let whole = power(&seconds.clone().map(voice).collect::<Vec<_>>());
            assert!((power(&out[seconds.clone()]) / whole - 1.0).abs() < 1e-3, "{seconds:?}");
        }
        // The moments at which the sound itself breaks off are not the mixer's.
        let jump = |s: &[f32]| {
            let steps = s.windows(2).enumerate().filter(|(i, _)| ![19_999, 49_999].contains(i));
            steps.map(|(_, w)| (w[1] - w[0]).abs()).fold(0.0, f32::max)
        };
        let usual = jump(&(0..80_000).map(voice).collect::<Vec<_>>());
        assert!(jump(&out) < usual * 1.2, "{} against {usual}", jump(&out));
    }

    #[test]
    fn a_channel_that_is_turned_over_after_a_silence_is_whole_from_its_first_sample() {
        let out = mixed(20_000, |i| if i < 5_000 { [0.0; 2] } else { [voice(i), -voice(i)] });
        let whole: Vec<f32> = (5_000..20_000).map(voice).collect();
        let lost = out[5_000..].iter().zip(&whole).filter(|(a, b)| (*a - *b).abs() > 1e-6).count();
        assert!(lost < 234, "of the first piece with a sound at the most: {lost}");
    }

    #[test]
    fn more_than_two_channels_are_mixed_by_their_mean() {
        let mut out = Vec::new();
        mean(&[0.3, 0.6, 0.0, 0.9, 0.0, 0.0], 3, &mut out);
        assert!(out.len() == 2 && out.iter().all(|s| (s - 0.3).abs() < 1e-6), "{out:?}");
    }
}
