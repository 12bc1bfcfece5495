//! Plain shares: how often two coders say the same, or nearly; and the gate for becoming a coder (REL-02).

use crate::Ratings;

/// Scores are written with few decimals, and 3.3 − 2.3 is not quite 1 in binary: a boundary is met within this.
const DUST: f64 = 1e-9;

/// So many of so many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// How many do.
    pub of_them: usize,
    /// How many were looked at.
    pub all: usize,
}

impl Share {
    /// From 0 to 1; none if nothing was looked at.
    #[expect(clippy::cast_precision_loss, reason = "counts are below 2⁵²")]
    pub fn fraction(self) -> Option<f64> {
        (self.all > 0).then(|| self.of_them as f64 / self.all as f64)
    }

    /// Whether it is at least so many per cent, the boundary included. Nothing of nothing is not.
    pub const fn reaches(self, per_cent: usize) -> bool {
        self.all > 0 && self.of_them * 100 >= self.all * per_cent
    }
}

/// Over every pair of coders and recording: how many pairs of scores are no further apart than `margin`.
pub fn within(ratings: &Ratings, margin: f64) -> Share {
    let coders = 0..ratings.coders();
    let pairs = coders.clone().flat_map(|a| coders.clone().skip(a + 1).map(move |b| (a, b)));
    let shares = pairs.map(|(a, b)| pair_within(ratings, a, b, margin));
    shares.fold(Share { of_them: 0, all: 0 }, |sum, one| Share {
        of_them: sum.of_them + one.of_them,
        all: sum.all + one.all,
    })
}

/// The same for one pair of coders.
pub fn pair_within(ratings: &Ratings, first: usize, second: usize, margin: f64) -> Share {
    let mut share = Share { of_them: 0, all: 0 };
    for (a, b) in ratings.pairs(first, second) {
        share.all += 1;
        share.of_them += usize::from(close(a, b, margin));
    }
    share
}

/// A trainee's scores beside the agreed ones, cell by cell (REL-02): how many lie within the margin, the boundary
/// included. An agreed score that the trainee left out counts, as one that does not.
pub fn gate(agreed: &[Option<f64>], attempt: &[Option<f64>], margin: f64) -> Share {
    let mut share = Share { of_them: 0, all: 0 };
    for (at, agreed) in agreed.iter().enumerate() {
        let Some(agreed) = agreed else { continue };
        share.all += 1;
        let given = attempt.get(at).copied().flatten();
        share.of_them += usize::from(given.is_some_and(|given| close(*agreed, given, margin)));
    }
    share
}

fn close(a: f64, b: f64, margin: f64) -> bool {
    (a - b).abs() <= margin + DUST
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_boundary_of_the_gate_counts_and_a_gap_does_not() {
        let agreed: Vec<Option<f64>> = (0..50).map(|_| Some(3.3)).collect();
        let mut attempt: Vec<Option<f64>> = (0..40).map(|_| Some(2.3)).collect();
        attempt.extend([None; 10]);
        let share = gate(&agreed, &attempt, 1.0);
        assert_eq!(share, Share { of_them: 40, all: 50 });
        assert!(share.reaches(80));
        attempt[0] = Some(2.2);
        assert!(!gate(&agreed, &attempt, 1.0).reaches(80));
        // What the experts left open is nobody's mistake.
        assert_eq!(
            gate(&[None, Some(1.0)], &[Some(5.0), Some(2.0)], 1.0),
            Share { of_them: 1, all: 1 }
        );
        assert!(!gate(&[], &[], 1.0).reaches(80));
    }
}
