//! How alike two sounds are: only ever to say why something was refused.

/// Frames by which the one may come earlier or later than the other: 50 ms.
pub(super) const MOST_LAG: usize = 800;

/// The normalised correlation of pairs of samples, from 0 to 1, upside down or not.
pub(super) fn alike(pairs: impl Iterator<Item = (f64, f64)>) -> f64 {
    let (mut product, mut left, mut right) = (0.0, 0.0, 0.0);
    for (a, b) in pairs {
        product += a * b;
        left += a * a;
        right += b * b;
    }
    let both: f64 = left * right;
    if both > 0.0 { (product / both.sqrt()).abs() } else { 0.0 }
}

/// How alike `surplus` is to `original` at the best of all lags, from 0 to 1, as far as there is any. Its first sample
/// lies beside `original[lead]`.
pub(super) fn likeness(surplus: &[f64], original: &[i16], lead: usize) -> f64 {
    let original: Vec<f64> = original.iter().copied().map(f64::from).collect();
    let at_lag = |first: usize| {
        // Later lags begin behind the original's first frame, earlier ones before it.
        let shifted = original.get(first..).unwrap_or_default();
        let pairs = surplus.iter().copied().zip(shifted.iter().copied());
        alike(pairs.filter(|(surplus, _)| *surplus != 0.0))
    };
    let lags = lead.saturating_sub(MOST_LAG)..=lead + MOST_LAG;
    lags.map(at_lag).fold(0.0, f64::max)
}
