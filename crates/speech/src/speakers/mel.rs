//! What the voice encoder hears: 40 mel bands every 10 ms, as librosa's `melspectrogram` gives them (power, centred
//! Hann windows of 25 ms), and how loud each 10 ms are.

use std::{collections::VecDeque, sync::Arc};

use realfft::{RealFftPlanner, RealToComplex, num_complex::Complex32};

use crate::{
    convert::mel::{BINS, filter_bank},
    sound::STEP,
};

/// Bands of a frame.
pub(crate) const MELS: usize = 40;
/// Samples of a window.
const WINDOW: usize = 400;
/// As loud as the encoder was taught to expect speech: −30 dB of full scale, as a mean square.
const LOUDNESS: f32 = 1e-3;

/// Turns samples into frames as they come, and forgets those that nobody needs any more.
pub(crate) struct Frames {
    fft: Arc<dyn RealToComplex<f32>>,
    window: Vec<f32>,
    /// For each band its first bin and the weights from there.
    bank: Vec<(usize, Vec<f32>)>,
    /// Samples from half a window before the next frame's middle.
    pending: VecDeque<f32>,
    /// Frames that are kept, and the mean square of their steps.
    kept: VecDeque<([f32; MELS], f32)>,
    /// Number of the first that is kept.
    first: usize,
    input: Vec<f32>,
    output: Vec<Complex32>,
    scratch: Vec<Complex32>,
}

impl Frames {
    #[expect(clippy::cast_precision_loss, reason = "below four hundred")]
    pub(crate) fn new() -> Self {
        let fft = RealFftPlanner::new().plan_fft_forward(WINDOW);
        let turn = |i: usize| std::f32::consts::TAU * i as f32 / WINDOW as f32;
        let bank = filter_bank(MELS).into_iter().map(|filter| {
            let start = filter.iter().position(|weight| *weight > 0.0).unwrap_or(0);
            let end = filter.iter().rposition(|weight| *weight > 0.0).map_or(0, |last| last + 1);
            (start, filter[start.min(end)..end].to_vec())
        });
        Self {
            window: (0..WINDOW).map(|i| 0.5 - 0.5 * turn(i).cos()).collect(),
            bank: bank.collect(),
            // The first frame's middle is the first sample.
            pending: std::iter::repeat_n(0.0, WINDOW / 2).collect(),
            kept: VecDeque::new(),
            first: 0,
            input: fft.make_input_vec(),
            output: fft.make_output_vec(),
            scratch: fft.make_scratch_vec(),
            fft,
        }
    }

    /// Takes samples.
    pub(crate) fn push(&mut self, samples: &[f32]) {
        self.pending.extend(samples.iter().map(|s| if s.is_finite() { *s } else { 0.0 }));
        while self.pending.len() >= WINDOW {
            self.frame();
        }
    }

    /// No more samples will come: the last frames look into silence.
    pub(crate) fn finish(&mut self) {
        self.push(&[0.0; WINDOW / 2]);
    }

    fn frame(&mut self) {
        for ((to, from), weight) in self.input.iter_mut().zip(&self.pending).zip(&self.window) {
            *to = from * weight;
        }
        let middle = self.pending.range(WINDOW / 2 - STEP / 2..WINDOW / 2 + STEP / 2);
        #[expect(clippy::cast_precision_loss, reason = "160")]
        let square = middle.map(|s| s * s).sum::<f32>() / STEP as f32;
        // It fails on wrong lengths only, and these are its own.
        let done =
            self.fft.process_with_scratch(&mut self.input, &mut self.output, &mut self.scratch);
        debug_assert!(done.is_ok());
        let power: [f32; BINS] = std::array::from_fn(|bin| self.output[bin].norm_sqr());
        let frame = std::array::from_fn(|band| {
            let (start, weights) = &self.bank[band];
            weights.iter().zip(&power[*start..]).map(|(a, b)| a * b).sum()
        });
        self.kept.push_back((frame, square));
        self.pending.drain(..STEP);
    }

    /// Number of the frame after the last one so far.
    pub(crate) fn end(&self) -> usize {
        self.first + self.kept.len()
    }

    /// Forgets the frames before that one.
    pub(crate) fn forget(&mut self, before: usize) {
        let number = before.saturating_sub(self.first).min(self.kept.len());
        self.kept.drain(..number);
        self.first += number;
    }

    /// The frames of a stretch, brought to the loudness that the encoder knows if they are softer.
    pub(crate) fn stretch(&self, from: usize, to: usize) -> Vec<f32> {
        let index = |frame: usize| frame.saturating_sub(self.first).min(self.kept.len());
        let frames = self.kept.range(index(from)..index(to.max(from)));
        #[expect(clippy::cast_precision_loss, reason = "a few hundred")]
        let number = frames.len().max(1) as f32;
        let square = frames.clone().map(|(_, square)| square).sum::<f32>() / number;
        let gain = if square > 0.0 { (LOUDNESS / square).max(1.0) } else { 1.0 };
        frames.flat_map(|(frame, _)| frame.iter().map(move |power| power * gain)).collect()
    }
}
