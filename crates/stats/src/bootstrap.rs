//! Intervals by drawing recordings again (Efron & Tibshirani, *An Introduction to the Bootstrap*, 1993).
//!
//! What is drawn are recordings, never single scores: the scores of one recording hang together. Draws come from
//! `ChaCha` with eight rounds, one stream for each resample, so that a seed gives the same interval on every machine
//! and with any number of threads.

use std::{num::NonZeroUsize, panic::resume_unwind, thread};

use rand_chacha::ChaCha8Rng;
use rand_core::{Rng as _, SeedableRng as _};
use statrs::function::erf::{erfc, erfc_inv};

use crate::{
    Interval, Ratings, Undefined,
    alpha::{Coincidences, Metric},
};

/// How to draw.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bootstrap {
    /// How many times the recordings are drawn.
    pub resamples: NonZeroUsize,
    /// The seed; print it with the result.
    pub seed: u64,
    /// The confidence, as 0.95.
    pub confidence: f64,
    /// How many threads may work at once.
    pub threads: NonZeroUsize,
}

/// What the resamples say.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Resampled {
    /// The estimate from the recordings as they are.
    pub value: f64,
    /// The middle part of the resamples.
    pub percentile: Interval,
    /// The same, corrected for bias and skew (`BCa`; chapter 14 there). None where the correction has no value, as when
    /// leaving one recording out never changes anything.
    pub bca: Option<Interval>,
    /// Resamples that had a value.
    pub used: usize,
    /// Resamples in which the figure was not defined, as when all scores drawn are the same. They are left out.
    pub undefined: usize,
}

/// Krippendorff's alpha with its interval over recordings. Recordings with fewer than two scores take no part.
pub fn alpha(ratings: &Ratings, metric: Metric, how: &Bootstrap) -> Result<Resampled, Undefined> {
    let coincidences = Coincidences::new(ratings, metric)?;
    resample(coincidences.recordings(), how, |drawn| coincidences.alpha(drawn.iter().copied()))
}

/// Any figure of some recordings, each as often as it is named. `recordings` is how many there are.
pub fn resample(
    recordings: usize,
    how: &Bootstrap,
    figure: impl Fn(&[usize]) -> Result<f64, Undefined> + Sync,
) -> Result<Resampled, Undefined> {
    let everything: Vec<usize> = (0..recordings).collect();
    let value = figure(&everything)?;
    let resamples = how.resamples.get();
    let share = resamples.div_ceil(how.threads.get());
    let mut values: Vec<f64> = thread::scope(|scope| {
        let parts: Vec<_> = (0..resamples)
            .step_by(share)
            .map(|from| {
                let figure = &figure;
                let to = resamples.min(from + share);
                scope.spawn(move || draw(recordings, how.seed, from..to, figure))
            })
            .collect();
        parts
            .into_iter()
            .flat_map(|part| part.join().unwrap_or_else(|panic| resume_unwind(panic)))
            .collect()
    });
    let used = values.len();
    if used * 2 <= resamples {
        return Err(Undefined::FewResamples);
    }
    values.sort_unstable_by(f64::total_cmp);
    let tail = (1.0 - how.confidence) / 2.0;
    let percentile = Interval { low: quantile(&values, tail), high: quantile(&values, 1.0 - tail) };
    let bca = jackknife(&everything, &figure)
        .and_then(|left_out| corrected(&values, value, &left_out, tail))
        .map(|(low, high)| Interval { low: quantile(&values, low), high: quantile(&values, high) });
    Ok(Resampled { value, percentile, bca, used, undefined: resamples - used })
}

/// The resamples of a range that have a value.
fn draw(
    recordings: usize,
    seed: u64,
    range: std::ops::Range<usize>,
    figure: &(impl Fn(&[usize]) -> Result<f64, Undefined> + Sync),
) -> Vec<f64> {
    let mut drawn = vec![0; recordings];
    let values = range.filter_map(|resample| {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        random.set_stream(resample as u64);
        for place in &mut drawn {
            *place = below(recordings, &mut random);
        }
        figure(&drawn).ok()
    });
    values.collect()
}

/// A number below `end`, each equally likely (Lemire 2019, "Fast random integer generation in an interval").
fn below(end: usize, random: &mut ChaCha8Rng) -> usize {
    let end = end as u64;
    loop {
        let wide = u64::from(random.next_u32()) * end;
        // The lowest 2³² mod end fractions would make some numbers likelier.
        if wide & 0xffff_ffff >= (1_u64 << 32) % end {
            return (wide >> 32) as usize;
        }
    }
}

/// The figure with each recording left out in turn; none if one of these is not defined.
fn jackknife(
    everything: &[usize],
    figure: &impl Fn(&[usize]) -> Result<f64, Undefined>,
) -> Option<Vec<f64>> {
    let mut rest = everything.get(1..)?.to_vec();
    let mut values = Vec::with_capacity(everything.len());
    for out in 0..everything.len() {
        values.push(figure(&rest).ok()?);
        if let Some(place) = rest.get_mut(out) {
            *place = out;
        }
    }
    Some(values)
}

/// Which quantiles of the resamples to take instead of the tails. `sorted` ascends.
fn corrected(sorted: &[f64], value: f64, left_out: &[f64], tail: f64) -> Option<(f64, f64)> {
    let below = sorted.partition_point(|v| *v < value);
    let not_above = sorted.partition_point(|v| *v <= value);
    // Those that equal the estimate count half.
    let bias = probit(count(below + not_above) / (2.0 * count(sorted.len())));
    let n = count(left_out.len());
    let mean = left_out.iter().sum::<f64>() / n;
    let (mut squares, mut cubes) = (0.0, 0.0);
    for one in left_out {
        let influence = (n - 1.0) * (mean - one);
        squares += influence.powi(2);
        cubes += influence.powi(3);
    }
    let acceleration = cubes / n.powi(3) / (squares / n.powi(2)).powf(1.5) / 6.0;
    let place = |z: f64| normal(bias + (bias + z) / (1.0 - acceleration * (bias + z)));
    let (low, high) = (place(probit(tail)), place(-probit(tail)));
    (low.is_finite() && high.is_finite() && low <= high).then_some((low, high))
}

/// The quantile of ascending numbers, between two of them in proportion (Hyndman & Fan's seventh definition).
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let at = share.clamp(0.0, 1.0) * count(sorted.len() - 1);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and the length"
    )]
    let index = at.floor() as usize;
    let next = sorted[(index + 1).min(sorted.len() - 1)];
    sorted[index] + (next - sorted[index]) * at.fract()
}

/// The standard normal distribution below `z`.
fn normal(z: f64) -> f64 {
    erfc(-z / std::f64::consts::SQRT_2) / 2.0
}

/// Below which value a standard normal lies with that probability.
fn probit(probability: f64) -> f64 {
    -std::f64::consts::SQRT_2 * erfc_inv(2.0 * probability)
}

#[expect(clippy::cast_precision_loss, reason = "counts are below 2⁵²")]
const fn count(number: usize) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn how(threads: usize) -> Bootstrap {
        Bootstrap {
            resamples: NonZeroUsize::new(2_000).unwrap(),
            seed: 7,
            confidence: 0.95,
            threads: NonZeroUsize::new(threads).unwrap(),
        }
    }

    fn mean_of(sample: &[f64]) -> impl Fn(&[usize]) -> Result<f64, Undefined> + Sync {
        |drawn| Ok(drawn.iter().map(|i| sample[*i]).sum::<f64>() / count(drawn.len()))
    }

    #[test]
    fn a_seed_gives_the_same_interval_with_any_number_of_threads() {
        let sample: Vec<f64> = (0..40).map(|i| f64::from(i * i % 17)).collect();
        let one = resample(40, &how(1), mean_of(&sample)).unwrap();
        let three = resample(40, &how(3), mean_of(&sample)).unwrap();
        assert_eq!(one, three);
        let other = Bootstrap { seed: 8, ..how(1) };
        assert_ne!(one, resample(40, &other, mean_of(&sample)).unwrap());
    }

    #[test]
    fn every_recording_is_drawn_as_often_as_any_other() {
        let mut random = ChaCha8Rng::seed_from_u64(1);
        let mut counts = [0_u32; 7];
        (0..70_000).for_each(|_| counts[below(7, &mut random)] += 1);
        // Five standard deviations of a binomial with a seventh of 70,000.
        assert!(counts.iter().all(|count| count.abs_diff(10_000) < 463), "{counts:?}");
    }

    #[test]
    fn an_interval_of_a_figure_that_mostly_has_no_value_is_none() {
        let rare = |drawn: &[usize]| {
            if drawn == (0..9).collect::<Vec<_>>() { Ok(1.0) } else { Err(Undefined::NoVariance) }
        };
        assert_eq!(resample(9, &how(1), rare), Err(Undefined::FewResamples));
    }

    #[test]
    fn the_correction_is_efrons() {
        let resamples: Vec<f64> = (0..=100).map(|i| f64::from(i) / 100.0).collect();
        let left_out = [0.40, 0.44, 0.41, 0.47, 0.43, 0.43, 0.39];
        let (low, high) = corrected(&resamples, 0.43, &left_out, 0.025).unwrap();
        // By `scipy.special`'s ndtr and ndtri, as `scipy.stats.bootstrap` has it.
        assert!((low - 0.007_627_479_221_018_37).abs() < 1e-9, "{low}");
        assert!((high - 0.937_771_432_859_632).abs() < 1e-9, "{high}");
        assert!((quantile(&resamples, 0.123_4) - 0.123_4).abs() < 1e-12);
    }

    #[test]
    fn a_figure_that_nothing_changes_has_no_correction() {
        let constant = resample(5, &how(2), |_| Ok(0.5)).unwrap();
        assert_eq!(constant.percentile, Interval { low: 0.5, high: 0.5 });
        assert_eq!(constant.bca, None);
    }
}
