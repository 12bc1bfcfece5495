//! Krippendorff's alpha.
//!
//! Krippendorff, *Content Analysis* (2004), chapter 11; Hayes & Krippendorff (2007), "Answering the call for a standard
//! reliability measure for coding data", *Communication Methods and Measures* 1(1). Any number of coders, with gaps.
//!
//! A recording with *m* scores gives each ordered pair of them a weight of 1/(*m* − 1). Summed over recordings these
//! are the coincidences *o*; their margins *n* say how often each score would meet each other one by chance:
//! α = 1 − (*n* − 1) Σ *o*·δ² / Σ *n*·*n*·δ².

use crate::{Ratings, Undefined};

/// More different scores than on any scale; the coincidences are a square of them.
const MOST_VALUES: usize = 1_000;

/// How far two scores are apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Metric {
    /// The same or not.
    Nominal,
    /// By ranks: how many scores lie between them. The default for five-point scores (REL-05).
    Ordinal,
    /// By their difference.
    Interval,
}

impl Metric {
    /// Its name in tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Nominal => "nominal",
            Self::Ordinal => "ordinal",
            Self::Interval => "interval",
        }
    }
}

/// Alpha of all the recordings that at least two coders scored: 1 is perfect, 0 is chance, below is worse than chance.
pub fn alpha(ratings: &Ratings, metric: Metric) -> Result<f64, Undefined> {
    let coincidences = Coincidences::new(ratings, metric)?;
    coincidences.alpha(0..coincidences.recordings())
}

/// A recording's part of the coincidences, so that resamples of recordings cost additions only.
#[derive(Clone, Debug)]
pub struct Coincidences {
    metric: Metric,
    /// The scores that occur, ascending.
    values: Vec<f64>,
    /// Recordings with at least two scores: where their entries begin and end.
    bounds: Vec<usize>,
    /// Cell of the upper triangle and weight, both orders of a pair together.
    entries: Vec<(u32, f64)>,
}

impl Coincidences {
    /// Counts what meets what in each recording.
    pub fn new(ratings: &Ratings, metric: Metric) -> Result<Self, Undefined> {
        if ratings.coders() < 2 {
            return Err(Undefined::OneCoder);
        }
        let values = ratings.values();
        if values.len() > MOST_VALUES {
            return Err(Undefined::TooManyScores);
        }
        let mut bounds = vec![0];
        let mut entries = Vec::new();
        let mut ranks = Vec::with_capacity(ratings.coders());
        for row in ratings.rows() {
            ranks.clear();
            ranks.extend(row.iter().flatten().map(|score| values.partition_point(|v| v < score)));
            if ranks.len() > 1 {
                pairs(&mut ranks, values.len(), &mut entries);
                bounds.push(entries.len());
            }
        }
        if bounds.len() < 2 {
            Err(Undefined::NoPairs)
        } else {
            Ok(Self { metric, values, bounds, entries })
        }
    }

    /// How many recordings have at least two scores.
    pub fn recordings(&self) -> usize {
        self.bounds.len() - 1
    }

    /// Alpha of some of these recordings, each as often as it is named.
    ///
    /// # Panics
    /// If one is named that there is not.
    pub fn alpha(&self, recordings: impl IntoIterator<Item = usize>) -> Result<f64, Undefined> {
        let size = self.values.len();
        let mut matrix = vec![0.0; triangle(size)];
        for recording in recordings {
            for (cell, weight) in &self.entries[self.bounds[recording]..self.bounds[recording + 1]]
            {
                matrix[*cell as usize] += weight;
            }
        }
        self.of(&matrix)
    }

    fn of(&self, matrix: &[f64]) -> Result<f64, Undefined> {
        let size = self.values.len();
        let mut margins = vec![0.0; size];
        let mut at = 0;
        for row in 0..size {
            margins[row] += matrix[at];
            for column in row + 1..size {
                // The cell holds both orders; each margin takes one of them.
                let half = matrix[at + column - row] / 2.0;
                margins[row] += half;
                margins[column] += half;
            }
            at += size - row;
        }
        let total: f64 = margins.iter().sum();
        let (mut observed, mut expected) = (0.0, 0.0);
        let mut at = 0;
        for row in 0..size {
            let mut between = 0.0;
            for column in row + 1..size {
                let distance = match self.metric {
                    Metric::Nominal => 1.0,
                    Metric::Ordinal => {
                        let ranks = f64::midpoint(margins[row], margins[column]) + between;
                        ranks * ranks
                    }
                    Metric::Interval => {
                        let difference = self.values[column] - self.values[row];
                        difference * difference
                    }
                };
                between += margins[column];
                observed += matrix[at + column - row] / 2.0 * distance;
                expected += margins[row] * margins[column] * distance;
            }
            at += size - row;
        }
        if expected > 0.0 {
            Ok(1.0 - (total - 1.0) * observed / expected)
        } else {
            Err(Undefined::NoVariance)
        }
    }
}

/// Cells of the upper triangle of a square, with its diagonal.
const fn triangle(size: usize) -> usize {
    size * (size + 1) / 2
}

/// The cell of a row and a column that is not left of it.
const fn cell(size: usize, row: usize, column: usize) -> usize {
    row * size - row * row.saturating_sub(1) / 2 + column - row
}

/// Appends one recording's pairs, each cell once.
fn pairs(ranks: &mut [usize], size: usize, entries: &mut Vec<(u32, f64)>) {
    ranks.sort_unstable();
    let from = entries.len();
    #[expect(clippy::cast_precision_loss, reason = "fewer coders than 2⁵²")]
    let weight = 2.0 / (ranks.len() - 1) as f64;
    for (i, a) in ranks.iter().enumerate() {
        for b in &ranks[i + 1..] {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "a thousand different scores at the most"
            )]
            let cell = cell(size, *a, *b) as u32;
            match entries[from..].iter_mut().find(|(known, _)| *known == cell) {
                Some((_, sum)) => *sum += weight,
                None => entries.push((cell, weight)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_of_the_triangle_are_numbered_row_by_row() {
        let mut next = 0;
        for row in 0..7 {
            for column in row..7 {
                assert_eq!(cell(7, row, column), next);
                next += 1;
            }
        }
        assert_eq!(next, triangle(7));
    }
}
