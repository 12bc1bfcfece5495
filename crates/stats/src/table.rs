//! One line of the table that reports reliability (REL-03): means, alpha, correlations, shares.
//!
//! It has what a reader needs to judge the figures by: how many recordings, how many gaps, which form of each
//! coefficient, and whether the scores lie so close together that alpha and correlations say little.

use crate::{
    Ratings, Undefined,
    agreement::{self, Share},
    alpha::Metric,
    bootstrap::{self, Bootstrap, Resampled},
    icc::{Form, Icc, Variances},
    kappa,
};

/// What is printed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Choice {
    /// Alpha's metric.
    pub metric: Metric,
    /// The correlation of one coder's scores …
    pub single: Form,
    /// … and of the mean of all coders.
    pub average: Form,
    /// How intervals of alpha are drawn.
    pub bootstrap: Bootstrap,
}

/// The figures of one skill.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Recordings that anybody scored.
    pub recordings: usize,
    /// Of them, those that every coder scored: the only ones that correlations are made from.
    pub complete: usize,
    /// Cells without a score in them.
    pub missing: usize,
    /// Each coder's mean; none for one who scored nothing.
    pub means: Vec<Option<f64>>,
    /// Krippendorff's alpha with its interval of resamples.
    pub alpha: Result<Resampled, Undefined>,
    /// One coder's correlation.
    pub single: Result<Icc, Undefined>,
    /// The correlation of the mean of all coders.
    pub average: Result<Icc, Undefined>,
    /// Pairs of scores that are the same.
    pub exact: Share,
    /// Pairs of scores that are no more than 1 apart.
    pub within_one: Share,
    /// Every pair of coders.
    pub pairs: Vec<Pair>,
    /// Nine of ten scores lie on two neighbouring steps. Alpha and correlations compare disagreement with the
    /// differences between recordings; where there are hardly any, they come out low however well coders agree.
    pub narrow: bool,
}

/// Two coders.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pair {
    /// Their columns.
    pub coders: (usize, usize),
    /// Kappa with quadratic weights.
    pub kappa: Result<f64, Undefined>,
    /// Scores that are the same.
    pub exact: Share,
    /// Scores that are no more than 1 apart.
    pub within_one: Share,
}

impl Line {
    /// The figures of these scores.
    pub fn of(ratings: &Ratings, choice: &Choice) -> Self {
        let variances = Variances::new(ratings);
        let icc = |form| variances.and_then(|v| v.icc(form, choice.bootstrap.confidence));
        let coders = 0..ratings.coders();
        let pairs = coders.clone().flat_map(|a| coders.clone().skip(a + 1).map(move |b| (a, b)));
        Self {
            recordings: ratings.recordings(),
            complete: ratings.complete().count(),
            missing: ratings.missing(),
            means: coders.clone().map(|coder| ratings.mean(coder)).collect(),
            alpha: bootstrap::alpha(ratings, choice.metric, &choice.bootstrap),
            single: icc(choice.single),
            average: icc(choice.average),
            exact: agreement::within(ratings, 0.0),
            within_one: agreement::within(ratings, 1.0),
            pairs: pairs.map(|(a, b)| Pair::of(ratings, a, b)).collect(),
            narrow: narrow(ratings),
        }
    }
}

impl Pair {
    fn of(ratings: &Ratings, first: usize, second: usize) -> Self {
        Self {
            coders: (first, second),
            kappa: kappa::quadratic(ratings, first, second),
            exact: agreement::pair_within(ratings, first, second, 0.0),
            within_one: agreement::pair_within(ratings, first, second, 1.0),
        }
    }
}

fn narrow(ratings: &Ratings) -> bool {
    let scores: Vec<f64> = ratings.rows().flatten().flatten().copied().collect();
    let near =
        |low: f64| scores.iter().filter(|score| **score >= low && **score <= low + 1.0).count();
    ratings.values().into_iter().any(|low| near(low) * 10 >= scores.len() * 9)
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;

    use super::*;

    fn choice() -> Choice {
        let one = NonZeroUsize::new(1).unwrap();
        let resamples = NonZeroUsize::new(200).unwrap();
        Choice {
            metric: Metric::Ordinal,
            single: Form::Agreement,
            average: Form::AgreementMean,
            bootstrap: Bootstrap { resamples, seed: 1, confidence: 0.95, threads: one },
        }
    }

    fn ratings(rows: &[[u8; 2]]) -> Ratings {
        let rows: Vec<_> =
            rows.iter().map(|row| row.map(|s| (s > 0).then_some(f64::from(s)))).collect();
        Ratings::from_rows(2, &rows).unwrap()
    }

    #[test]
    fn scores_that_hardly_differ_are_said_to() {
        // Everybody at 3 or 4, never more than one apart: agreement is plain, and alpha is about nothing.
        let close = ratings(&[
            [3, 4],
            [3, 3],
            [4, 3],
            [3, 3],
            [4, 4],
            [3, 4],
            [3, 3],
            [4, 3],
            [3, 3],
            [3, 3],
        ]);
        let line = Line::of(&close, &choice());
        assert_eq!(line.within_one.fraction(), Some(1.0));
        assert!(line.alpha.unwrap().value < 0.4);
        assert!(line.narrow);
        let wide = ratings(&[[1, 1], [2, 2], [3, 3], [4, 5], [5, 5], [1, 2]]);
        assert!(!Line::of(&wide, &choice()).narrow);
    }

    #[test]
    fn gaps_are_counted_and_are_never_agreement() {
        let line = Line::of(&ratings(&[[1, 0], [2, 2], [0, 5], [4, 5], [0, 0]]), &choice());
        assert_eq!((line.recordings, line.complete, line.missing), (5, 2, 4));
        assert_eq!((line.exact.of_them, line.exact.all), (1, 2));
        assert_eq!(line.means, [Some(7.0 / 3.0), Some(4.0)]);
    }
}
