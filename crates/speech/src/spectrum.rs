//! What is in 25 ms of sound: the power at each frequency, and in bands of them.

use std::{f32::consts::TAU, fmt, sync::Arc};

use realfft::{RealFftPlanner, RealToComplex, num_complex::Complex32};

pub(crate) use crate::convert::mel::BINS;

/// Samples of a window.
pub(crate) const WINDOW: usize = 400;

/// Works out power spectra, with the memory for it.
pub(crate) struct Spectrum {
    fft: Arc<dyn RealToComplex<f32>>,
    /// Hann's, periodic.
    window: Vec<f32>,
    input: Vec<f32>,
    output: Vec<Complex32>,
    scratch: Vec<Complex32>,
}

impl Spectrum {
    #[expect(clippy::cast_precision_loss, reason = "below four hundred")]
    pub(crate) fn new() -> Self {
        let fft = RealFftPlanner::new().plan_fft_forward(WINDOW);
        let turn = |i: usize| TAU * i as f32 / WINDOW as f32;
        Self {
            window: (0..WINDOW).map(|i| 0.5 - 0.5 * turn(i).cos()).collect(),
            input: fft.make_input_vec(),
            output: fft.make_output_vec(),
            scratch: fft.make_scratch_vec(),
            fft,
        }
    }

    /// The power in each bin of [`WINDOW`] samples; what is missing at their end is silence.
    pub(crate) fn power<'a>(&mut self, samples: impl Iterator<Item = &'a f32>) -> [f32; BINS] {
        self.input.fill(0.0);
        for ((to, from), weight) in self.input.iter_mut().zip(samples).zip(&self.window) {
            *to = from * weight;
        }
        // It fails on wrong lengths only, and these are its own.
        let done =
            self.fft.process_with_scratch(&mut self.input, &mut self.output, &mut self.scratch);
        debug_assert!(done.is_ok());
        std::array::from_fn(|bin| self.output[bin].norm_sqr())
    }
}

/// Bands of a spectrum: for each its first bin, and the weights from there. Most weights of a filter are nothing.
#[derive(Clone)]
pub(crate) struct Bands(Vec<(usize, Vec<f32>)>);

impl Bands {
    /// From filters with a weight for every bin.
    pub(crate) fn new(filters: &[[f32; BINS]]) -> Self {
        let band = |filter: &[f32; BINS]| {
            let start = filter.iter().position(|weight| *weight != 0.0).unwrap_or(0);
            let end = filter.iter().rposition(|weight| *weight != 0.0).map_or(0, |last| last + 1);
            (start, filter[start.min(end)..end].to_vec())
        };
        Self(filters.iter().map(band).collect())
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The power in a band.
    pub(crate) fn power(&self, band: usize, spectrum: &[f32; BINS]) -> f32 {
        let (start, weights) = &self.0[band];
        weights.iter().zip(&spectrum[*start..]).map(|(a, b)| a * b).sum()
    }
}

impl fmt::Debug for Bands {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bands", self.len())
    }
}
