//! Several channels into one, without anything being lost on the way.
//!
//! The mean of two channels is nothing where one of them is the other turned over, as a wrongly wired microphone or a
//! recorder's widening effect makes it. So it is listened whether they agree, and where they do not, one is turned back.

/// Two channels that agree less than this are taken as one turned over.
const AGAINST: f32 = -0.6;
/// How much they have to agree for it to be turned back again.
const WITH: f32 = 0.2;
/// How much of what was heard before counts, after each block of a tenth of a second.
const MEMORY: f32 = 0.5;

/// Mixes interleaved sound to one channel by its mean.
pub(super) struct Mixer {
    /// Frames that are judged together.
    block: usize,
    /// Frames of two channels that wait for their block to be full.
    waiting: Vec<f32>,
    agreement: Agreement,
    /// What the right channel is multiplied with: 1, or −1 where it is turned over. Unknown before the first block.
    right: Option<f32>,
}

impl Mixer {
    pub(super) fn new(rate: u32) -> Self {
        Self {
            block: (rate / 10).max(1) as usize,
            waiting: Vec::new(),
            agreement: Agreement::default(),
            right: None,
        }
    }

    /// Mixes frames of so many channels and adds what is ready to `out`: of two channels whole blocks, else all.
    pub(super) fn push(&mut self, sound: &[f32], channels: usize, out: &mut Vec<f32>) {
        if channels != 2 {
            self.finish(out);
            let count = f32::from(u16::try_from(channels.max(1)).unwrap_or(1));
            let frames = sound.chunks_exact(channels.max(1));
            out.extend(frames.map(|frame| frame.iter().sum::<f32>() / count));
            return;
        }
        self.waiting.extend_from_slice(sound);
        let whole = self.waiting.len() / (2 * self.block) * 2 * self.block;
        let waiting = std::mem::take(&mut self.waiting);
        for block in waiting[..whole].chunks(2 * self.block) {
            self.mix(block, out);
        }
        self.waiting = waiting;
        self.waiting.drain(..whole);
    }

    /// Adds what still waits.
    pub(super) fn finish(&mut self, out: &mut Vec<f32>) {
        let waiting = std::mem::take(&mut self.waiting);
        if !waiting.is_empty() {
            self.mix(&waiting, out);
        }
    }

    fn mix(&mut self, block: &[f32], out: &mut Vec<f32>) {
        self.agreement.listen(block);
        let before = self.right;
        let after = match (before.unwrap_or(1.0), self.agreement.amount()) {
            (_, amount) if amount < AGAINST => -1.0,
            (_, amount) if amount > WITH => 1.0,
            (same, _) => same,
        };
        self.right = Some(after);
        let before = before.unwrap_or(after);
        let frames = block.chunks_exact(2);
        #[expect(clippy::float_cmp, reason = "both are 1 or −1, exactly")]
        if before == after {
            out.extend(frames.map(|frame| f32::midpoint(frame[0], frame[1] * after)));
            return;
        }
        // Over the whole block, so that nothing clicks.
        let step = (after - before) / f32::from(u16::try_from(self.block).unwrap_or(u16::MAX));
        let mut right = before;
        out.extend(frames.map(|frame| {
            right += step;
            f32::midpoint(frame[0], frame[1] * right)
        }));
    }
}

/// How much two channels go up and down together.
#[derive(Default)]
struct Agreement {
    both: f32,
    left: f32,
    right: f32,
}

impl Agreement {
    fn listen(&mut self, frames: &[f32]) {
        self.both *= MEMORY;
        self.left *= MEMORY;
        self.right *= MEMORY;
        for frame in frames.chunks_exact(2) {
            self.both += frame[0] * frame[1];
            self.left += frame[0] * frame[0];
            self.right += frame[1] * frame[1];
        }
    }

    /// The correlation: 1 for the same sound, −1 for one turned over, about 0 for two sounds. Where one channel has less
    /// than a hundredth of the other's power nothing can be lost, and it is 0.
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
        let sound: Vec<f32> = (0..frames).flat_map(frame).collect();
        let (mut mixer, mut out) = (Mixer::new(8_000), Vec::new());
        for part in sound.chunks(1_234) {
            mixer.push(part, 2, &mut out);
        }
        mixer.finish(&mut out);
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
    fn more_than_two_channels_are_mixed_by_their_mean() {
        let (mut mixer, mut out) = (Mixer::new(8_000), Vec::new());
        mixer.push(&[0.3, 0.6, 0.0, 0.9, 0.0, 0.0], 3, &mut out);
        assert!(out.len() == 2 && out.iter().all(|s| (s - 0.3).abs() < 1e-6), "{out:?}");
    }
}
