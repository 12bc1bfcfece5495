//! Whether a coder moves away from the others as time goes on.
//!
//! Everybody codes the same recordings now and then; a coder's scores are compared with the mean of the others there,
//! in windows that move along (usual practice of coding laboratories).

use crate::{Interval, Undefined, f_distribution::quantile};

/// A coder beside the mean of the others, on one recording.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Beside {
    /// The coder's score.
    pub coder: f64,
    /// The mean of the others' scores.
    pub others: f64,
}

/// One window.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Window {
    /// Where it begins, counted in recordings.
    pub first: usize,
    /// How many recordings it spans.
    pub recordings: usize,
    /// The mean of coder less others: above zero scores higher than they do.
    pub difference: f64,
    /// Where that mean may lie, from Student's t.
    pub interval: Interval,
}

/// The windows of `length` recordings, in the order of time, each one recording after the one before.
///
/// A window of fewer than two has no spread: then nothing is said. So it is with fewer recordings than a window.
pub fn rolling(
    scores: &[Beside],
    length: usize,
    confidence: f64,
) -> Result<Vec<Window>, Undefined> {
    if length < 2 || scores.len() < length {
        return Err(Undefined::FewComplete);
    }
    let differences: Vec<f64> = scores.iter().map(|beside| beside.coder - beside.others).collect();
    #[expect(clippy::cast_precision_loss, reason = "fewer recordings than 2⁵²")]
    let n = length as f64;
    // t² with n degrees of freedom is F with 1 and n.
    let t = quantile(confidence, 1.0, n - 1.0).sqrt();
    let windows = differences.windows(length).enumerate().map(|(first, window)| {
        let difference = window.iter().sum::<f64>() / n;
        let spread = window.iter().map(|d| (d - difference).powi(2)).sum::<f64>() / (n - 1.0);
        let half = t * (spread / n).sqrt();
        let interval = Interval { low: difference - half, high: difference + half };
        Window { first, recordings: length, difference, interval }
    });
    Ok(windows.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_coder_who_grows_milder_is_seen() {
        let scores: Vec<Beside> = (0..20)
            .map(|i| Beside {
                coder: 3.0 + f64::from(i) / 10.0 + f64::from(i % 2) / 5.0,
                others: 3.0,
            })
            .collect();
        let windows = rolling(&scores, 5, 0.95).unwrap();
        assert_eq!(windows.len(), 16);
        assert!(windows.windows(2).all(|w| w[1].difference > w[0].difference - 0.05));
        // Mean and half-width of 0, 0.3, 0.2, 0.5, 0.4: scipy.stats.t.interval(0.95, 4, 0.28, sem).
        let first = windows[0];
        assert!((first.difference - 0.28).abs() < 1e-12);
        assert!((first.interval.low - 0.041_161_2).abs() < 1e-6, "{first:?}");
        assert!(windows[15].interval.low > 1.0);
    }

    #[test]
    fn too_few_recordings_say_nothing() {
        assert_eq!(rolling(&[], 2, 0.95), Err(Undefined::FewComplete));
        let one = Beside { coder: 1.0, others: 2.0 };
        assert_eq!(rolling(&[one, one], 1, 0.95), Err(Undefined::FewComplete));
    }
}
