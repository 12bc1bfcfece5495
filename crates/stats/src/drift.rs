//! Whether a coder moves away from the others as time goes on: by how much, and whether they still tell recordings apart
//! as the others do.
//!
//! Everybody codes the same recordings now and then; a coder's scores are compared with the mean of the others there,
//! in windows that move along (usual practice of coding laboratories).

use crate::{
    Interval, Ratings, Undefined,
    f_distribution::quantile,
    icc::{Form, Icc, Variances},
};

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
    /// ICC(A,1) of the coder and the mean of the others, as if that were one more coder.
    pub icc: Result<Icc, Undefined>,
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
        let icc = panel(&scores[first..first + length], confidence);
        Window { first, recordings: length, difference, interval, icc }
    });
    Ok(windows.collect())
}

/// A coder and the mean of the others as two columns.
fn panel(window: &[Beside], confidence: f64) -> Result<Icc, Undefined> {
    let mut ratings = Ratings::new(2);
    for beside in window {
        // Two columns, as it was made for.
        let _ = ratings.push(&[Some(beside.coder), Some(beside.others)]);
    }
    Variances::new(&ratings)?.icc(Form::Agreement, confidence)
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
    fn somebody_who_is_always_one_higher_still_tells_apart() {
        let beside = |others: u32| Beside { coder: f64::from(others) + 1.0, others: others.into() };
        let scores: Vec<Beside> = (1..=5).map(beside).collect();
        let windows = rolling(&scores, 5, 0.95).unwrap();
        // By hand: mean squares 5 between recordings, 2.5 between the two, 0 of the rest: 5 / (5 + 2/5 · 2.5).
        let icc = windows[0].icc.unwrap();
        assert!((icc.value - 5.0 / 6.0).abs() < 1e-12, "{icc:?}");
        let same = [Beside { coder: 3.0, others: 3.0 }; 5];
        assert!(rolling(&same, 5, 0.95).unwrap()[0].icc.is_err(), "there is nothing to tell apart");
    }

    #[test]
    fn too_few_recordings_say_nothing() {
        assert_eq!(rolling(&[], 2, 0.95), Err(Undefined::FewComplete));
        let one = Beside { coder: 1.0, others: 2.0 };
        assert_eq!(rolling(&[one, one], 1, 0.95), Err(Undefined::FewComplete));
    }
}
