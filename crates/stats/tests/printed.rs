//! Data sets with results that were printed.

use std::num::NonZeroUsize;

use hearback_stats::{
    Ratings, Undefined,
    alpha::{self, Metric},
    bootstrap::{self, Bootstrap},
    icc::{Form, Variances},
    kappa,
    timeline::{Mark, Timeline},
};

/// Four observers, twelve units, with gaps: Krippendorff (2011), "Computing Krippendorff's alpha-reliability", example
/// C.
fn four_observers() -> Ratings {
    let observers = [
        "1 2 3 3 2 1 4 1 2 . . .",
        "1 2 3 3 2 2 4 1 2 5 . 3",
        ". 3 3 3 2 3 4 2 2 5 1 .",
        "1 2 3 3 2 4 4 1 2 5 1 .",
    ];
    let columns: Vec<Vec<Option<f64>>> = observers
        .iter()
        .map(|line| line.split(' ').map(|cell| cell.parse().ok()).collect())
        .collect();
    let mut ratings = Ratings::new(4);
    for unit in 0..12 {
        let row: Vec<Option<f64>> = columns.iter().map(|column| column[unit]).collect();
        ratings.push(&row).expect("four scores");
    }
    ratings
}

/// Six subjects, four judges: Shrout & Fleiss (1979), table 2.
fn six_subjects() -> Ratings {
    let rows =
        [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]];
    let rows = rows.map(|row| row.map(|score| Some(f64::from(score))));
    Ratings::from_rows(4, &rows).expect("four scores in each row")
}

fn near(ours: f64, printed: f64, decimals: i32) {
    let half = 0.5 * 10_f64.powi(-decimals) + 1e-12;
    assert!((ours - printed).abs() <= half, "{ours} is not {printed}");
}

#[test]
fn alphas_are_those_that_krippendorff_prints() {
    let ratings = four_observers();
    for (metric, printed) in
        [(Metric::Nominal, 0.743), (Metric::Ordinal, 0.815), (Metric::Interval, 0.849)]
    {
        near(alpha::alpha(&ratings, metric).unwrap(), printed, 3);
    }
    assert_eq!((ratings.recordings(), ratings.missing()), (12, 7));
}

#[test]
fn correlations_are_those_that_shrout_and_fleiss_print() {
    let variances = Variances::new(&six_subjects()).unwrap();
    let printed = [0.17, 0.29, 0.71, 0.44, 0.62, 0.91];
    for (form, printed) in Form::ALL.into_iter().zip(printed) {
        near(variances.icc(form, 0.95).unwrap().value, printed, 2);
    }
    // The intervals that McGraw and Wong's formulas give there, as printed by R's psych.
    let interval = variances.icc(Form::Agreement, 0.95).unwrap().interval;
    near(interval.low, 0.019, 3);
    near(interval.high, 0.761, 3);
    let interval = variances.icc(Form::Consistency, 0.95).unwrap().interval;
    near(interval.low, 0.342, 3);
    near(interval.high, 0.946, 3);
}

#[test]
fn what_has_no_value_says_why() {
    let constant = Ratings::from_rows(2, &[[Some(3.0), Some(3.0)]; 9]).unwrap();
    assert_eq!(alpha::alpha(&constant, Metric::Ordinal), Err(Undefined::NoVariance));
    assert_eq!(kappa::quadratic(&constant, 0, 1), Err(Undefined::NoVariance));
    let variances = Variances::new(&constant).unwrap();
    for form in Form::ALL {
        assert_eq!(variances.icc(form, 0.95), Err(Undefined::NoVariance));
    }
    let alone = Ratings::from_rows(2, &[[Some(3.0), None], [None, Some(2.0)]]).unwrap();
    assert_eq!(alpha::alpha(&alone, Metric::Nominal), Err(Undefined::NoPairs));
    assert_eq!(kappa::quadratic(&alone, 0, 1), Err(Undefined::NoPairs));
    assert_eq!(Variances::new(&alone), Err(Undefined::FewComplete));
    let one = Ratings::from_rows(1, &[[Some(3.0)]; 3]).unwrap();
    assert_eq!(alpha::alpha(&one, Metric::Nominal), Err(Undefined::OneCoder));
    assert_eq!(Variances::new(&one), Err(Undefined::OneCoder));
    // Coders who differ only by their habits: the recordings are all the same.
    let habits = Ratings::from_rows(2, &[[Some(2.0), Some(4.0)]; 9]).unwrap();
    let correlation = Variances::new(&habits).unwrap().icc(Form::ConsistencyMean, 0.95);
    assert_eq!(correlation, Err(Undefined::NoDifferenceBetweenRecordings));
    for why in [Undefined::NoVariance, Undefined::NoPairs, Undefined::FewComplete] {
        assert!(!why.to_string().contains("NaN"));
    }
}

#[test]
fn an_interval_of_alpha_holds_it() {
    let how = Bootstrap {
        resamples: NonZeroUsize::new(10_000).unwrap(),
        seed: 2,
        confidence: 0.95,
        threads: NonZeroUsize::new(2).unwrap(),
    };
    let drawn = bootstrap::alpha(&four_observers(), Metric::Interval, &how).unwrap();
    near(drawn.value, 0.849, 3);
    assert!(drawn.percentile.low < drawn.value && drawn.value < drawn.percentile.high);
    let bca = drawn.bca.unwrap();
    // The statistic is skewed to the left: the correction moves the interval down.
    assert!(bca.low < drawn.percentile.low && bca.high < 1.0, "{drawn:?}");
    assert_eq!(drawn.used + drawn.undefined, 10_000);
}

/// The example of an independent program after the same paper (`u_alpha` of Anna Lindahl, University of Gothenburg):
/// three annotators, 20 characters.
#[test]
fn where_codes_lie_is_measured_as_others_measure_it() {
    let mark = |start, end, code| Mark { start, end, code };
    let coders = [
        vec![mark(2, 5, 1), mark(9, 11, 1), mark(12, 20, 2)],
        vec![mark(2, 5, 1), mark(7, 15, 2)],
        vec![mark(2, 5, 1), mark(10, 15, 2)],
    ];
    let agreement = Timeline::new(20, &coders).agreement().unwrap();
    near(agreement.all.unwrap(), 0.474, 3);
    near(agreement.marked.unwrap(), 0.433, 3);
    near(agreement.which.unwrap(), 0.779, 3);
    near(agreement.covered, 0.383_3, 4);
}
