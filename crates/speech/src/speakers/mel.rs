//! What the voice encoder hears: 40 mel bands every 10 ms, as librosa's `melspectrogram` gives them (power, centred
//! Hann windows of 25 ms), and how loud each 10 ms are.

use std::collections::VecDeque;

use crate::{
    convert::mel::filter_bank,
    sound::STEP,
    spectrum::{Bands, Spectrum, WINDOW},
};

/// Bands of a frame.
pub(crate) const MELS: usize = 40;
/// As loud as the encoder was taught to expect speech: −30 dB of full scale, as a mean square.
const LOUDNESS: f32 = 1e-3;

/// Turns samples into frames as they come, and forgets those that nobody needs any more.
pub(crate) struct Frames {
    spectrum: Spectrum,
    bands: Bands,
    /// Samples from half a window before the next frame's middle.
    pending: VecDeque<f32>,
    /// Frames that are kept, and the mean square of their steps.
    kept: VecDeque<([f32; MELS], f32)>,
    /// Number of the first that is kept.
    first: usize,
}

impl Frames {
    pub(crate) fn new() -> Self {
        Self {
            spectrum: Spectrum::new(),
            bands: Bands::new(&filter_bank(MELS)),
            // The first frame's middle is the first sample.
            pending: std::iter::repeat_n(0.0, WINDOW / 2).collect(),
            kept: VecDeque::new(),
            first: 0,
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
        let middle = self.pending.range(WINDOW / 2 - STEP / 2..WINDOW / 2 + STEP / 2);
        #[expect(clippy::cast_precision_loss, reason = "160")]
        let square = middle.map(|s| s * s).sum::<f32>() / STEP as f32;
        let spectrum = self.spectrum.power(self.pending.iter());
        let frame = std::array::from_fn(|band| self.bands.power(band, &spectrum));
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
