//! Intraclass correlations of recordings that every coder scored.
//!
//! `McGraw` & Wong (1996), "Forming inferences about some intraclass correlation coefficients", *Psychological Methods*
//! 1(1), tables 4 and 7, with the names from there; Shrout & Fleiss (1979) for the interval of absolute agreement
//! (Satterthwaite's degrees of freedom).

use crate::{Interval, Ratings, Undefined, f_distribution::quantile};

/// Which correlation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    /// ICC(1): each recording has its own coders; one coder's score.
    One,
    /// ICC(A,1): the same coders everywhere, who have to give the same number; one coder's score.
    Agreement,
    /// ICC(C,1): the same coders everywhere, who may differ by a constant; one coder's score.
    Consistency,
    /// ICC(k): the mean of all coders, each recording with its own.
    OneMean,
    /// ICC(A,k): the mean of all coders, who have to give the same number.
    AgreementMean,
    /// ICC(C,k): the mean of all coders, who may differ by a constant.
    ConsistencyMean,
}

impl Form {
    /// All of them, single coders first.
    pub const ALL: [Self; 6] = [
        Self::One,
        Self::Agreement,
        Self::Consistency,
        Self::OneMean,
        Self::AgreementMean,
        Self::ConsistencyMean,
    ];

    /// Its name, as in `ICC(A,1)`; `k` stands for the number of coders.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::One => "ICC(1)",
            Self::Agreement => "ICC(A,1)",
            Self::Consistency => "ICC(C,1)",
            Self::OneMean => "ICC(k)",
            Self::AgreementMean => "ICC(A,k)",
            Self::ConsistencyMean => "ICC(C,k)",
        }
    }

    /// Whether it speaks of the mean of all coders instead of one coder's score.
    pub const fn average(self) -> bool {
        matches!(self, Self::OneMean | Self::AgreementMean | Self::ConsistencyMean)
    }
}

/// One correlation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Icc {
    /// The estimate: 1 is perfect; it can be negative.
    pub value: f64,
    /// Where it may lie, from F distributions.
    pub interval: Interval,
}

/// Variances of scores by where they come from: a two-way analysis without repetition.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Variances {
    /// Recordings that every coder scored.
    pub recordings: usize,
    /// Coders.
    pub coders: usize,
    between: f64,
    within: f64,
    coder: f64,
    rest: f64,
}

impl Variances {
    /// From the recordings that every coder scored; the others are left out, for the method knows no gaps.
    pub fn new(ratings: &Ratings) -> Result<Self, Undefined> {
        let coders = ratings.coders();
        if coders < 2 {
            return Err(Undefined::OneCoder);
        }
        let rows: Vec<Vec<f64>> = ratings.complete().collect();
        let recordings = rows.len();
        if recordings < 2 {
            return Err(Undefined::FewComplete);
        }
        let (n, k) = (count(recordings), count(coders));
        let grand = rows.iter().flatten().sum::<f64>() / (n * k);
        let columns = (0..coders).map(|c| rows.iter().map(|row| row[c]).sum::<f64>() / n);
        let means: Vec<f64> = columns.collect();
        let (mut between, mut within, mut rest) = (0.0, 0.0, 0.0);
        for row in &rows {
            let mean = row.iter().sum::<f64>() / k;
            between += k * square(mean - grand);
            for (score, column) in row.iter().zip(&means) {
                within += square(score - mean);
                rest += square(score - mean - column + grand);
            }
        }
        let coder: f64 = means.iter().map(|mean| n * square(mean - grand)).sum();
        // Rounding leaves dust where scores agree exactly.
        let dust = f64::EPSILON * n * k * square(grand.abs() + 1.0) * 16.0;
        let clean = |sum: f64| if sum < dust { 0.0 } else { sum };
        Ok(Self {
            recordings,
            coders,
            between: clean(between) / (n - 1.0),
            within: clean(within) / (n * (k - 1.0)),
            coder: clean(coder) / (k - 1.0),
            rest: clean(rest) / ((n - 1.0) * (k - 1.0)),
        })
    }

    /// One correlation with the interval of a confidence such as 0.95.
    pub fn icc(&self, form: Form, confidence: f64) -> Result<Icc, Undefined> {
        let tail = 1.0 - (1.0 - confidence) / 2.0;
        let icc = match form {
            Form::One => self.single(self.within, self.one_way(), tail),
            Form::Consistency => self.single(self.rest, self.two_way(), tail),
            Form::OneMean => self.mean(self.within, self.one_way(), tail),
            Form::ConsistencyMean => self.mean(self.rest, self.two_way(), tail),
            Form::Agreement => self.agreement(tail),
            Form::AgreementMean => self.agreement_mean(tail),
        }?;
        let ends = [icc.value, icc.interval.low, icc.interval.high];
        if ends.iter().all(|end| end.is_finite()) { Ok(icc) } else { Err(self.why()) }
    }

    /// Degrees of freedom of the recordings, and of the rest if coders are not told apart.
    fn one_way(&self) -> (f64, f64) {
        let (n, k) = self.sizes();
        (n - 1.0, n * (k - 1.0))
    }

    /// The same if they are.
    fn two_way(&self) -> (f64, f64) {
        let (n, k) = self.sizes();
        (n - 1.0, (n - 1.0) * (k - 1.0))
    }

    fn sizes(&self) -> (f64, f64) {
        (count(self.recordings), count(self.coders))
    }

    fn single(&self, error: f64, (d1, d2): (f64, f64), tail: f64) -> Result<Icc, Undefined> {
        let (_, k) = self.sizes();
        let value = self.ratio(self.between - error, self.between + (k - 1.0) * error)?;
        // (F/q − 1)/(F/q + k − 1) with F = between/error, without dividing by an error of nothing.
        let end = |between: f64| (between - error) / (between + (k - 1.0) * error);
        let low = end(self.between / quantile(tail, d1, d2));
        let high = end(self.between * quantile(tail, d2, d1));
        Ok(Icc { value, interval: Interval { low, high } })
    }

    fn mean(&self, error: f64, (d1, d2): (f64, f64), tail: f64) -> Result<Icc, Undefined> {
        let value = self.ratio(self.between - error, self.between)?;
        let low = 1.0 - error / self.between * quantile(tail, d1, d2);
        let high = 1.0 - error / self.between / quantile(tail, d2, d1);
        Ok(Icc { value, interval: Interval { low, high } })
    }

    fn agreement(&self, tail: f64) -> Result<Icc, Undefined> {
        let (n, k) = self.sizes();
        let (between, rest, coder) = (self.between, self.rest, self.coder);
        let value =
            self.ratio(between - rest, between + (k - 1.0) * rest + k * (coder - rest) / n)?;
        if rest + coder == 0.0 {
            // Everybody says the same of each recording: then nothing is left to be unsure about.
            return Ok(Icc { value, interval: Interval { low: value, high: value } });
        }
        let one = k * value * coder;
        let other = rest * (n * (1.0 + (k - 1.0) * value) - k * value);
        let (d1, d2) = self.two_way();
        // Satterthwaite's degrees of freedom, both parts times the square of the rest's variance.
        let freedom = d2 * square(one + other) / (d1 * square(one) + square(other));
        let spread = k * coder + (k * n - k - n) * rest;
        let wide = quantile(tail, d1, freedom);
        let narrow = quantile(tail, freedom, d1);
        let low = n * (between - wide * rest) / (wide * spread + n * between);
        let high = n * (narrow * between - rest) / (spread + n * narrow * between);
        Ok(Icc { value, interval: Interval { low, high } })
    }

    fn agreement_mean(&self, tail: f64) -> Result<Icc, Undefined> {
        let (n, k) = self.sizes();
        let value =
            self.ratio(self.between - self.rest, self.between + (self.coder - self.rest) / n)?;
        // Spearman and Brown: what the mean of k adds to one.
        let longer = |end: f64| end * k / (1.0 + end * (k - 1.0));
        let single = self.agreement(tail)?.interval;
        let interval = Interval { low: longer(single.low), high: longer(single.high) };
        Ok(Icc { value, interval })
    }

    fn ratio(&self, over: f64, under: f64) -> Result<f64, Undefined> {
        let value = over / under;
        if value.is_finite() { Ok(value) } else { Err(self.why()) }
    }

    fn why(&self) -> Undefined {
        if self.between + self.within > 0.0 {
            Undefined::NoDifferenceBetweenRecordings
        } else {
            Undefined::NoVariance
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "numbers of recordings and coders are small")]
const fn count(number: usize) -> f64 {
    number as f64
}

const fn square(number: f64) -> f64 {
    number * number
}
