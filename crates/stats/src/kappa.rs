//! Cohen's kappa with quadratic weights, for one pair of coders.
//!
//! Cohen (1968), "Weighted kappa", *Psychological Bulletin* 70(4): 1 less the ratio of the mean squared difference of
//! the pairs to the one that the two coders' own habits would give by chance.

use crate::{Ratings, Undefined};

/// Kappa of what two coders both scored. Columns that there are not hold nothing.
pub fn quadratic(ratings: &Ratings, first: usize, second: usize) -> Result<f64, Undefined> {
    let pairs: Vec<(f64, f64)> = ratings.pairs(first, second).collect();
    if pairs.is_empty() {
        return Err(Undefined::NoPairs);
    }
    let observed: f64 = pairs.iter().map(|(a, b)| (a - b) * (a - b)).sum();
    #[expect(clippy::cast_precision_loss, reason = "fewer recordings than 2⁵²")]
    let n = pairs.len() as f64;
    let (mean_a, mean_b) = pairs.iter().fold((0.0, 0.0), |(a, b), (x, y)| (a + x / n, b + y / n));
    // Σᵢ Σⱼ (aᵢ − bⱼ)² / n, from the spreads about both means.
    let expected: f64 = pairs
        .iter()
        .map(|(a, b)| (a - mean_a).powi(2) + (b - mean_b).powi(2) + (mean_a - mean_b).powi(2))
        .sum();
    // Rounding leaves dust where everything is the same number.
    let dust = f64::EPSILON * n * (mean_a.abs() + mean_b.abs() + 1.0).powi(2);
    if expected > dust { Ok(1.0 - observed / expected) } else { Err(Undefined::NoVariance) }
}
