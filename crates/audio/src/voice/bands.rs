//! How loud a sound is in each of some wide bands, moved and coloured.

use std::io;

use realfft::num_complex::Complex;

use super::{
    BINS, FRAME,
    drift::{Drift, between, random},
};
use crate::RATE;

/// Bands are this far apart below a kilohertz, and a sixth of their height above. Each is measured over three such
/// distances, so that the harmonics of a voice of 250 Hz melt together.
const APART_HZ: f32 = 180.0;
const APART: f32 = 0.18;
/// The middle of the lowest band, and the top of the highest.
const LOWEST_HZ: f32 = 100.0;
const HIGHEST_HZ: f32 = 7_900.0;
/// Between these, the warp and the colour are straight lines.
const KNOTS_HZ: [f32; 5] = [0.0, 700.0, 1_600.0, 3_000.0, 8_000.0];
/// How far formants go: down or up, and by how much about that each part of the curve drifts.
const DOWN: (f32, f32) = (0.78, 0.86);
const UP: (f32, f32) = (1.16, 1.28);
const WARP: f32 = 0.07;
/// How many decibels of colour there are at most.
const COLOUR_DB: f32 = 5.0;
/// Nothing is softer than this: the square of a tenth of the lowest bit, in the sum over a window.
const FLOOR: f32 = 1e-9;

/// The bands of a voice, on their way.
pub(super) struct Bands {
    middles_hz: Vec<f32>,
    /// By how much the frequency is stretched at each knot, and how much louder it is there.
    warp: Vec<Drift>,
    colour: Vec<Drift>,
}

impl Bands {
    pub(super) fn new() -> io::Result<Self> {
        let mut middles_hz = Vec::new();
        let mut middle = LOWEST_HZ;
        while middle < HIGHEST_HZ {
            middles_hz.push(middle);
            middle += apart(middle);
        }
        let (low, high) = if random()? % 2 == 0 { DOWN } else { UP };
        let about = between(&(low..=high))?;
        let warp = || Drift::new(about * (1.0 - WARP)..=about * (1.0 + WARP));
        let colour = || Drift::new(-COLOUR_DB..=COLOUR_DB);
        Ok(Self {
            middles_hz,
            warp: KNOTS_HZ.iter().map(|_| warp()).collect::<Result<_, _>>()?,
            colour: KNOTS_HZ.iter().map(|_| colour()).collect::<Result<_, _>>()?,
        })
    }

    /// How high each number of a spectrum is to be, for a source of one height everywhere.
    pub(super) fn moved(&mut self, spectrum: &[Complex<f32>]) -> io::Result<Vec<f32>> {
        let loud: Vec<f32> = self.middles_hz.iter().map(|hz| around(spectrum, *hz)).collect();
        let warp = self.warp.iter_mut().map(Drift::next).collect::<Result<Vec<_>, _>>()?;
        let colour = self.colour.iter_mut().map(Drift::next).collect::<Result<Vec<_>, _>>()?;
        let height = |bin: usize| {
            let hz = hertz(bin);
            // What is heard here was somewhere else.
            let there = hz / along(&KNOTS_HZ, &warp, hz);
            let power_db = 10.0 * along(&self.middles_hz, &loud, there);
            10_f32.powf((power_db + along(&KNOTS_HZ, &colour, hz)) / 20.0)
        };
        Ok((0..BINS).map(height).collect())
    }
}

/// How far the next band lies above the one at `hz`.
fn apart(hz: f32) -> f32 {
    APART_HZ.max(hz * APART)
}

#[expect(clippy::cast_precision_loss, reason = "small numbers")]
fn hertz(bin: usize) -> f32 {
    bin as f32 * RATE as f32 / FRAME as f32
}

/// The decimal logarithm of the mean power around `hz`, weighted by nearness.
fn around(spectrum: &[Complex<f32>], hz: f32) -> f32 {
    let reach = 1.5 * apart(hz);
    let (mut sum, mut weights) = (0.0, 0.0);
    for (bin, value) in spectrum.iter().enumerate() {
        let weight = 1.0 - (hertz(bin) - hz).abs() / reach;
        if weight > 0.0 {
            sum += weight * value.norm_sqr();
            weights += weight;
        }
    }
    (sum / weights + FLOOR).log10()
}

/// The value at `x` of the lines through the points, and beyond them that of the first or last.
fn along(xs: &[f32], ys: &[f32], x: f32) -> f32 {
    let next = xs.partition_point(|at| *at <= x);
    let point = |i: usize| Some((*xs.get(i)?, *ys.get(i)?));
    match (next.checked_sub(1).and_then(point), point(next)) {
        (Some((x0, y0)), Some((x1, y1))) => y0 + (y1 - y0) * (x - x0) / (x1 - x0),
        (Some((_, y)), None) | (None, Some((_, y))) => y,
        (None, None) => 0.0,
    }
}
