//! Agreement on where codes were put on a recording, and then on which.
//!
//! Krippendorff, Mathet, Bouvry & Widlöcher (2016), "On the reliability of unitizing textual continua: further
//! developments", *Quality & Quantity* 50(6). Equation numbers below are theirs. Time is counted in milliseconds; a gap
//! is one piece for each of them, as the paper has it, which at that length makes no difference anybody could see.
//!
//! The method wants pieces that do not overlap within one coder's work, and our coders may put several codes on one
//! passage. So each set of codes that holds at a time counts as a value of its own: "empathy" is not "empathy and
//! clarity".

mod overlap;

use std::collections::BTreeMap;

pub use self::overlap::{matched, overlap};
use crate::Undefined;

/// A code on a passage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mark {
    /// Milliseconds on the recording's clock.
    pub start: u64,
    /// The first millisecond that does not belong to it.
    pub end: u64,
    /// Which code.
    pub code: u32,
}

/// What several coders marked on one recording.
#[derive(Clone, Debug)]
pub struct Timeline {
    length: u64,
    coders: Vec<Vec<Piece>>,
}

/// A passage on which the same set of codes holds for one coder. An empty set is a gap.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Piece {
    start: u64,
    end: u64,
    codes: Vec<u32>,
}

impl Piece {
    const fn length(&self) -> u64 {
        self.end - self.start
    }
}

/// The figures of one recording.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Where {
    /// |uα (equation 6): marked or not, whatever the code.
    pub marked: Result<f64, Undefined>,
    /// uα (equation 5): where and which, in one.
    pub all: Result<f64, Undefined>,
    /// cuα (equation 11): which code, where at least two coders marked something.
    pub which: Result<f64, Undefined>,
    /// Which part of all the time looked at that last figure speaks of, 0 to 1.
    pub covered: f64,
}

impl Timeline {
    /// Each coder's marks on a recording of so many milliseconds. What lies behind its end is cut off; marks without a
    /// length are nothing; marks of one code that overlap or touch are one.
    pub fn new<M: AsRef<[Mark]>>(length: u64, coders: &[M]) -> Self {
        let coders = coders.iter().map(|marks| pieces(length, marks.as_ref())).collect();
        Self { length, coders }
    }

    /// The same for one code only.
    #[must_use]
    pub fn only(&self, code: u32) -> Self {
        let marks = |pieces: &Vec<Piece>| {
            let with = pieces.iter().filter(|piece| piece.codes.contains(&code));
            let marks = with.map(|piece| Mark { start: piece.start, end: piece.end, code });
            marks.collect::<Vec<_>>()
        };
        Self::new(self.length, &self.coders.iter().map(marks).collect::<Vec<_>>())
    }

    /// The figures.
    pub fn agreement(&self) -> Result<Where, Undefined> {
        if self.coders.len() < 2 {
            return Err(Undefined::OneCoder);
        }
        if self.coders.iter().flatten().all(|piece| piece.codes.is_empty()) {
            return Err(Undefined::NothingMarked);
        }
        let matrices = Matrices::of(self);
        let (which, covered) = matrices.which();
        Ok(Where { marked: matrices.marked(), all: matrices.all(), which, covered })
    }
}

/// Cuts marks into pieces with one set of codes each, gaps between them, from 0 to `length`.
fn pieces(length: u64, marks: &[Mark]) -> Vec<Piece> {
    // At each moment, which codes begin and end there.
    let mut changes: BTreeMap<u64, Vec<(u32, bool)>> = BTreeMap::new();
    for mark in marks {
        let end = mark.end.min(length);
        if mark.start < end {
            changes.entry(mark.start).or_default().push((mark.code, true));
            changes.entry(end).or_default().push((mark.code, false));
        }
    }
    let mut open: BTreeMap<u32, usize> = BTreeMap::new();
    let mut pieces: Vec<Piece> = Vec::new();
    let mut from = 0;
    for (at, changed) in changes {
        add(&mut pieces, from, at, &open);
        from = at;
        for (code, begins) in changed {
            let count = open.entry(code).or_default();
            // Marks of one code that touch end and begin in any order.
            *count = if begins { *count + 1 } else { count.wrapping_sub(1) };
        }
        open.retain(|_, count| *count != 0);
    }
    add(&mut pieces, from, length, &open);
    pieces
}

fn add(pieces: &mut Vec<Piece>, start: u64, end: u64, open: &BTreeMap<u32, usize>) {
    if start >= end {
        return;
    }
    let codes: Vec<u32> = open.keys().copied().collect();
    match pieces.last_mut() {
        Some(last) if last.codes == codes => last.end = end,
        _ => pieces.push(Piece { start, end, codes }),
    }
}

/// Coincidences of values, by time. Value 0 is the gap.
struct Matrices {
    values: usize,
    /// Row by row: how long value c of one coder meets value k of another (equation 1).
    observed: Vec<f64>,
    margins: Vec<f64>,
    /// For each value, the sum of squared lengths: how often a piece would meet itself (equation 4).
    itself: Vec<f64>,
    /// The same for the parts of pieces that meet another coder's piece (equation 10).
    itself_met: Vec<f64>,
}

impl Matrices {
    fn of(timeline: &Timeline) -> Self {
        let mut numbers: BTreeMap<&[u32], usize> = BTreeMap::from([(&[][..], 0)]);
        for piece in timeline.coders.iter().flatten() {
            let next = numbers.len();
            numbers.entry(&piece.codes).or_insert(next);
        }
        let values = numbers.len();
        let value = |piece: &Piece| numbers.get(&piece.codes[..]).copied().unwrap_or(0);
        let others = length(timeline.coders.len() as u64 - 1);
        let mut made = Self {
            values,
            observed: vec![0.0; values * values],
            margins: vec![0.0; values],
            itself: vec![0.0; values],
            itself_met: vec![0.0; values],
        };
        for (i, one) in timeline.coders.iter().enumerate() {
            for piece in one {
                let c = value(piece);
                made.margins[c] += length(piece.length());
                made.itself[c] += self_meeting(piece);
            }
            for (j, other) in timeline.coders.iter().enumerate() {
                if i != j {
                    made.meet(one, other, others, &value);
                }
            }
        }
        made
    }

    /// One coder's pieces with another's: both lists are in order and leave nothing out.
    fn meet(
        &mut self,
        one: &[Piece],
        other: &[Piece],
        others: f64,
        value: &impl Fn(&Piece) -> usize,
    ) {
        let mut rest = other;
        for piece in one {
            let c = value(piece);
            let mut met = 0;
            while let Some((next, behind)) = rest.split_first() {
                let shared = piece.end.min(next.end).saturating_sub(piece.start.max(next.start));
                let k = value(next);
                self.observed[c * self.values + k] += length(shared) / others;
                met += if k == 0 { 0 } else { shared };
                if next.end > piece.end {
                    break;
                }
                rest = behind;
            }
            if c != 0 {
                self.itself_met[c] += length(met).powi(2) / others;
            }
        }
    }

    fn total(&self) -> f64 {
        self.margins.iter().sum()
    }

    fn observed(&self, c: usize, k: usize) -> f64 {
        self.observed[c * self.values + k]
    }

    /// How long two values would meet by chance (equation 4).
    fn expected(&self, c: usize, k: usize) -> f64 {
        let total = self.total();
        let same = if c == k { self.itself[c] } else { 0.0 };
        let under = total.powi(2) - self.itself.iter().sum::<f64>();
        total * (self.margins[c] * self.margins[k] - same) / under
    }

    fn marked(&self) -> Result<f64, Undefined> {
        if self.margins[0] == 0.0 {
            return Err(Undefined::NothingLeftOut);
        }
        let observed = self.margins[0] - self.observed(0, 0);
        let expected: f64 = (1..self.values).map(|k| self.expected(0, k)).sum();
        ratio(observed, expected, Undefined::NothingLeftOut)
    }

    fn all(&self) -> Result<f64, Undefined> {
        let agreed: f64 = (0..self.values).map(|c| self.observed(c, c)).sum();
        let mut expected = 0.0;
        for c in 0..self.values {
            expected +=
                (0..self.values).filter(|k| *k != c).map(|k| self.expected(c, k)).sum::<f64>();
        }
        ratio(self.total() - agreed, expected, Undefined::NothingLeftOut)
    }

    /// cuα and what part of the continuum it covers (equations 10 and 11).
    fn which(&self) -> (Result<f64, Undefined>, f64) {
        let margins: Vec<f64> =
            (1..self.values).map(|c| self.margins[c] - self.observed(c, 0)).collect();
        let total: f64 = margins.iter().sum();
        let covered = total / self.total();
        // A hundredth of a millisecond is dust of the subtraction.
        if total < 0.01 {
            return (Err(Undefined::NoOverlap), 0.0);
        }
        let agreed: f64 = (1..self.values).map(|c| self.observed(c, c)).sum();
        let own: f64 = self.itself_met.iter().sum();
        let chance: f64 = margins.iter().zip(&self.itself_met[1..]).map(|(n, s)| n * n - s).sum();
        let expected = total - total * chance / (total.powi(2) - own);
        if margins.iter().filter(|margin| **margin >= 0.01).count() < 2 {
            return (Err(Undefined::OneCode), covered);
        }
        (ratio(total - agreed, expected, Undefined::OneCode), covered)
    }
}

fn ratio(observed: f64, expected: f64, otherwise: Undefined) -> Result<f64, Undefined> {
    let value = 1.0 - observed / expected;
    if expected > 0.0 && value.is_finite() { Ok(value) } else { Err(otherwise) }
}

/// A gap meets itself millisecond by millisecond, a marked piece as a whole.
fn self_meeting(piece: &Piece) -> f64 {
    let long = length(piece.length());
    if piece.codes.is_empty() { long } else { long * long }
}

#[expect(clippy::cast_precision_loss, reason = "recordings are shorter than 2⁵² ms")]
const fn length(ms: u64) -> f64 {
    ms as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(start: u64, end: u64, code: u32) -> Mark {
        Mark { start, end, code }
    }

    #[test]
    fn codes_that_overlap_are_a_value_of_their_own() {
        let made =
            pieces(100, &[mark(10, 40, 1), mark(30, 60, 2), mark(60, 70, 2), mark(90, 200, 1)]);
        let seen: Vec<(u64, u64, &[u32])> =
            made.iter().map(|p| (p.start, p.end, &p.codes[..])).collect();
        let expected: [(u64, u64, &[u32]); 6] = [
            (0, 10, &[]),
            (10, 30, &[1]),
            (30, 40, &[1, 2]),
            (40, 70, &[2]),
            (70, 90, &[]),
            (90, 100, &[1]),
        ];
        assert_eq!(seen, expected);
    }

    #[test]
    fn perfect_agreement_is_one_and_nothing_is_not_a_number() {
        let marks = [mark(1_000, 9_000, 1), mark(20_000, 30_000, 2)];
        let both = Timeline::new(60_000, &[marks, marks]).agreement().unwrap();
        assert_eq!(both.marked, Ok(1.0));
        assert_eq!(both.all, Ok(1.0));
        assert_eq!(both.which, Ok(1.0));
        assert!((both.covered - 0.3).abs() < 1e-12);
        let nobody = Timeline::new(60_000, &[[], []] as &[[Mark; 0]]);
        assert_eq!(nobody.agreement(), Err(Undefined::NothingMarked));
        let apart = Timeline::new(60_000, &[[marks[0]], [marks[1]]]).agreement().unwrap();
        assert!(apart.marked.unwrap() < 0.0);
        assert_eq!(apart.which, Err(Undefined::NoOverlap));
    }

    #[test]
    fn one_code_alone_is_looked_at_where_others_lie_on_it() {
        let first = [mark(10, 40, 1), mark(20, 30, 2)];
        let second = [mark(10, 40, 1)];
        let line = Timeline::new(100, &[&first[..], &second[..]]);
        assert_eq!(line.only(1).agreement().unwrap().marked, Ok(1.0));
        assert!(line.agreement().unwrap().all.unwrap() < 1.0);
    }
}
