//! Simpler figures beside the alphas: shared time, and marks that match.

use super::{Mark, Timeline};
use crate::agreement::Share;

/// Of the milliseconds that either of two coders marked with a code, how many both did.
pub fn overlap(timeline: &Timeline, first: usize, second: usize, code: u32) -> Share {
    let spans = |coder: usize| {
        let pieces = timeline.coders.get(coder).into_iter().flatten();
        let with = pieces.filter(move |piece| piece.codes.contains(&code));
        with.map(|piece| (piece.start, piece.end)).collect::<Vec<_>>()
    };
    let (one, other) = (spans(first), spans(second));
    let time = |spans: &[(u64, u64)]| spans.iter().map(|(start, end)| end - start).sum::<u64>();
    let both: u64 = one
        .iter()
        .flat_map(|a| other.iter().map(|b| a.1.min(b.1).saturating_sub(a.0.max(b.0))))
        .sum();
    let either = time(&one) + time(&other) - both;
    Share { of_them: milliseconds(both), all: milliseconds(either) }
}

/// Of all the marks of two coders, how many have a partner: the same code, with both ends no further away than
/// `tolerance` milliseconds. Each mark has one partner at the most; the nearest are joined first. Print the tolerance.
pub fn matched(first: &[Mark], second: &[Mark], tolerance: u64) -> Share {
    let mut candidates: Vec<(u64, usize, usize)> = Vec::new();
    for (i, a) in first.iter().enumerate() {
        for (j, b) in second.iter().enumerate() {
            let (start, end) = (a.start.abs_diff(b.start), a.end.abs_diff(b.end));
            if a.code == b.code && start <= tolerance && end <= tolerance {
                candidates.push((start + end, i, j));
            }
        }
    }
    candidates.sort_unstable();
    let mut taken = (vec![false; first.len()], vec![false; second.len()]);
    let mut pairs = 0;
    for (_, i, j) in candidates {
        if !taken.0[i] && !taken.1[j] {
            (taken.0[i], taken.1[j]) = (true, true);
            pairs += 1;
        }
    }
    Share { of_them: 2 * pairs, all: first.len() + second.len() }
}

#[expect(clippy::cast_possible_truncation, reason = "recordings are shorter than 2³² ms")]
const fn milliseconds(time: u64) -> usize {
    time as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(start: u64, end: u64) -> Mark {
        Mark { start, end, code: 1 }
    }

    #[test]
    fn shared_time_and_partners() {
        let (first, second) = ([mark(0, 1_000), mark(5_000, 6_000)], [mark(500, 1_500)]);
        let line = Timeline::new(10_000, &[&first[..], &second[..]]);
        assert_eq!(overlap(&line, 0, 1, 1), Share { of_them: 500, all: 2_500 });
        assert_eq!(overlap(&line, 0, 1, 2), Share { of_them: 0, all: 0 });
        assert_eq!(matched(&first, &second, 500), Share { of_them: 2, all: 3 });
        assert_eq!(matched(&first, &second, 499), Share { of_them: 0, all: 3 });
        // Two near one mark: only one of them is its partner.
        let twice = [mark(0, 1_000), mark(10, 1_000)];
        assert_eq!(matched(&twice, &[mark(0, 1_000)], 100), Share { of_them: 2, all: 3 });
    }
}
