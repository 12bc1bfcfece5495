//! Scores of several coders for several recordings.

/// A rectangle of scores: one row for each recording, one column for each coder, with gaps.
///
/// Scores are numbers on any scale; a gap is "not scored" or "not codable", which is never agreement (REL-05).
///
/// **Invariant:** every row has as many cells as there are coders, and every score is finite.
#[derive(Clone, Debug, PartialEq)]
pub struct Ratings {
    coders: usize,
    cells: Vec<Option<f64>>,
}

/// What cannot be a row of scores.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RatingsError {
    /// Too many or too few.
    #[error("a row has {found} cells for {coders} coders")]
    Width {
        /// Cells in the row.
        found: usize,
        /// Cells that it would have to have.
        coders: usize,
    },
    /// Infinite, or not a number.
    #[error("a score is not a finite number")]
    NotFinite,
}

impl Ratings {
    /// No recordings yet.
    pub const fn new(coders: usize) -> Self {
        Self { coders, cells: Vec::new() }
    }

    /// From rows of equal width.
    pub fn from_rows<R: AsRef<[Option<f64>]>>(
        coders: usize,
        rows: &[R],
    ) -> Result<Self, RatingsError> {
        let mut ratings = Self::new(coders);
        rows.iter().try_for_each(|row| ratings.push(row.as_ref()))?;
        Ok(ratings)
    }

    /// Adds one recording: one cell for each coder.
    pub fn push(&mut self, row: &[Option<f64>]) -> Result<(), RatingsError> {
        if row.len() != self.coders {
            return Err(RatingsError::Width { found: row.len(), coders: self.coders });
        }
        if row.iter().flatten().any(|score| !score.is_finite()) {
            return Err(RatingsError::NotFinite);
        }
        self.cells.extend_from_slice(row);
        Ok(())
    }

    /// How many coders.
    pub const fn coders(&self) -> usize {
        self.coders
    }

    /// How many recordings.
    pub fn recordings(&self) -> usize {
        self.cells.len().checked_div(self.coders).unwrap_or(0)
    }

    /// How many cells are empty.
    pub fn missing(&self) -> usize {
        self.cells.iter().filter(|cell| cell.is_none()).count()
    }

    /// The recordings one by one.
    pub fn rows(&self) -> impl Iterator<Item = &[Option<f64>]> + Clone {
        // A table without coders has no cells, and chunks of nothing are no chunks.
        self.cells.chunks_exact(self.coders.max(1))
    }

    /// The recordings that every coder scored.
    pub fn complete(&self) -> impl Iterator<Item = Vec<f64>> {
        self.rows().filter_map(|row| row.iter().copied().collect())
    }

    /// One coder's scores, in the order of the recordings.
    pub fn coder(&self, coder: usize) -> impl Iterator<Item = Option<f64>> {
        self.rows().map(move |row| row.get(coder).copied().flatten())
    }

    /// A coder's mean over what they scored; none if they scored nothing.
    pub fn mean(&self, coder: usize) -> Option<f64> {
        let (sum, n) =
            self.coder(coder).flatten().fold((0.0, 0_u32), |(sum, n), score| (sum + score, n + 1));
        (n > 0).then(|| sum / f64::from(n))
    }

    /// What two coders both scored, in the order of the recordings.
    pub fn pairs(&self, first: usize, second: usize) -> impl Iterator<Item = (f64, f64)> {
        self.coder(first).zip(self.coder(second)).filter_map(|(a, b)| a.zip(b))
    }

    /// The same recordings with these columns only, in this order. Unknown columns are empty.
    #[must_use]
    pub fn of(&self, coders: &[usize]) -> Self {
        let cells = self
            .rows()
            .flat_map(|row| coders.iter().map(|coder| row.get(*coder).copied().flatten()))
            .collect();
        Self { coders: coders.len(), cells }
    }

    /// The scores that occur, ascending, each once.
    pub(crate) fn values(&self) -> Vec<f64> {
        let mut values: Vec<f64> = self.cells.iter().flatten().copied().collect();
        values.sort_unstable_by(f64::total_cmp);
        // Not by their bits: 0 and −0 are one score.
        values.dedup_by(|next, kept| *next <= *kept);
        values
    }
}
