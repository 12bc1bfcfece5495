//! Where each word lies.
//!
//! The alignment says for each word when the model had heard enough of it: roughly where it ends, give or take a
//! fifth of a second, with every pause given to the word after it. The sound itself says where the pauses are. Here the
//! one is laid over the other.

use crate::sound::{Loudness, STEP_MS};

/// No word is shorter.
const SHORTEST_MS: u64 = 40;
/// Quiet that is left on a word's edges: soft onsets and endings.
const EDGE_MS: u64 = 30;
/// Quiet that counts as a pause between two words: longer than the closure of most stops. 80 ms in steps.
const PAUSE: usize = 8;
/// Quiet that cannot be inside a word.
const LONG_PAUSE_MS: u64 = 250;
/// How far from the alignment's boundary the pause may lie that is meant.
const BEFORE_MS: u64 = 150;
const AFTER_MS: u64 = 250;

/// What the model says of a word's place, in milliseconds of the window.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Anchor {
    /// It begins here or later.
    pub(crate) not_before: Option<u64>,
    /// The alignment's end; a word that has none is put between its neighbours.
    pub(crate) end: Option<u64>,
}

/// Start and end of each word in milliseconds of the window: in order, not overlapping, inside the window.
pub(crate) fn place(anchors: &[Anchor], loudness: &Loudness, length_ms: u64) -> Vec<(u64, u64)> {
    let bounds = bounds(anchors, length_ms);
    let pauses: Vec<(u64, u64)> = loudness
        .pauses(loudness.threshold(), PAUSE)
        .into_iter()
        .map(|(start, end)| (start as u64 * STEP_MS, end as u64 * STEP_MS))
        .collect();
    let mut words: Vec<(u64, u64)> = bounds.windows(2).map(|pair| (pair[0], pair[1])).collect();
    for (word, anchor) in words.iter_mut().zip(anchors) {
        if let Some(start) = anchor.not_before.filter(|start| start + SHORTEST_MS <= word.1) {
            word.0 = word.0.max(start);
        }
    }
    for next in 1..words.len() {
        let (before, after) = words.split_at_mut(next);
        if let (Some(before), Some(after)) = (before.last_mut(), after.first_mut()) {
            part(before, after, &pauses);
        }
    }
    for word in &mut words {
        shorten(word, &pauses);
    }
    limit(&mut words);
    words
}

/// The boundaries between words, from the first one's start to the last one's end, each word at least
/// [`SHORTEST_MS`] long where the window has the room.
fn bounds(anchors: &[Anchor], length_ms: u64) -> Vec<u64> {
    let mut bounds = vec![0];
    let mut at = 0;
    for anchor in anchors {
        at = anchor.end.unwrap_or(0).max(at + SHORTEST_MS);
        bounds.push(at);
    }
    let mut limit = length_ms;
    for bound in bounds.iter_mut().rev() {
        *bound = (*bound).min(limit);
        limit = bound.saturating_sub(SHORTEST_MS);
    }
    bounds
}

/// Moves the boundary between two neighbours to the pause that is meant by it, if there is one.
fn part(before: &mut (u64, u64), after: &mut (u64, u64), pauses: &[(u64, u64)]) {
    let bound = before.1;
    let near = |pause: &&(u64, u64)| pause.1 + BEFORE_MS > bound && pause.0 < bound + AFTER_MS;
    let Some(pause) = pauses.iter().filter(near).max_by_key(|pause| pause.1 - pause.0) else {
        return;
    };
    let end = (pause.0 + EDGE_MS).min(pause.1);
    let start = pause.1.saturating_sub(EDGE_MS).max(end);
    if end >= before.0 + SHORTEST_MS && start + SHORTEST_MS <= after.1 {
        before.1 = end;
        after.0 = start;
    }
}

/// Takes off what cannot belong to a word: a pause at its end, and everything up to its last long pause.
fn shorten(word: &mut (u64, u64), pauses: &[(u64, u64)]) {
    for pause in pauses {
        if pause.0 >= word.1 || pause.1 <= word.0 {
            continue;
        }
        let end = pause.0 + EDGE_MS;
        let start = pause.1.saturating_sub(EDGE_MS);
        if pause.1 >= word.1 {
            if end >= word.0 + SHORTEST_MS {
                word.1 = word.1.min(end);
            }
        } else if (pause.0 <= word.0 || pause.1 - pause.0 >= LONG_PAUSE_MS)
            && start + SHORTEST_MS <= word.1
        {
            word.0 = word.0.max(start);
        }
    }
}

/// A word several times as long as the others has swallowed something: noise, or somebody's breath. Its end is the
/// surer side.
fn limit(words: &mut [(u64, u64)]) {
    let mut lengths: Vec<u64> = words.iter().map(|(start, end)| end - start).collect();
    lengths.sort_unstable();
    let usual = lengths.get(lengths.len().saturating_sub(1) / 2).copied().unwrap_or(0);
    let most = (usual * 4).max(1_000);
    for (start, end) in words {
        *start = (*start).max(end.saturating_sub(most));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sound::STEP;

    /// Sound made of stretches of (milliseconds, height).
    fn loudness(parts: &[(usize, f32)]) -> Loudness {
        let samples: Vec<f32> = parts
            .iter()
            .flat_map(|(ms, height)| {
                (0..ms / 10 * STEP).map(move |i| if i % 20 < 10 { *height } else { -height })
            })
            .collect();
        Loudness::of(&samples)
    }

    fn ends(ends: &[Option<u64>]) -> Vec<Anchor> {
        ends.iter().map(|end| Anchor { not_before: None, end: *end }).collect()
    }

    const TWO_WORDS: [(usize, f32); 5] =
        [(500, 0.001), (400, 0.2), (800, 0.001), (300, 0.2), (1_000, 0.001)];

    #[test]
    fn boundaries_move_into_the_pause() {
        // The words lie at 500–900 and 1700–2000; the alignment is a little late with both.
        let words = place(&ends(&[Some(1_750), Some(2_060)]), &loudness(&TWO_WORDS), 3_000);
        assert_eq!(words, [(470, 930), (1_670, 2_030)]);
        // … or a little early.
        let words = place(&ends(&[Some(860), Some(1_990)]), &loudness(&TWO_WORDS), 3_000);
        assert_eq!(words, [(470, 930), (1_670, 1_990)]);
    }

    #[test]
    fn words_without_a_pause_keep_the_alignment() {
        let sound = loudness(&[(500, 0.001), (1_000, 0.2), (500, 0.001)]);
        let words = place(&ends(&[Some(800), Some(1_200), Some(1_500)]), &sound, 2_000);
        assert_eq!(words, [(470, 800), (800, 1_200), (1_200, 1_500)]);
    }

    #[test]
    fn a_word_never_swallows_a_minute_of_noise() {
        let sound = loudness(&[(10_000, 0.2)]);
        let words = place(&ends(&[Some(9_000), Some(9_200)]), &sound, 10_000);
        assert_eq!(words, [(8_000, 9_000), (9_000, 9_200)]);
    }

    #[test]
    fn whatever_the_alignment_says_words_are_in_order_and_inside() {
        let sound = loudness(&TWO_WORDS);
        for said in [
            vec![Some(9_000), Some(100), None, Some(2_900)],
            vec![None; 5],
            vec![Some(0); 200],
            vec![Some(u64::from(u32::MAX)), Some(0), Some(3_000)],
        ] {
            let words = place(&ends(&said), &sound, 3_000);
            assert_eq!(words.len(), said.len());
            let mut at = 0;
            for (start, end) in words {
                assert!(at <= start && start <= end && end <= 3_000, "{said:?}: {start}-{end}");
                at = end;
            }
        }
    }

    #[test]
    fn a_word_begins_after_its_mark() {
        let sound = loudness(&[(3_000, 0.2)]);
        let anchors = [
            Anchor { not_before: None, end: Some(500) },
            Anchor { not_before: Some(1_200), end: Some(1_500) },
            Anchor { not_before: Some(9_000), end: Some(1_900) },
        ];
        assert_eq!(place(&anchors, &sound, 3_000), [(0, 500), (1_200, 1_500), (1_500, 1_900)]);
    }

    #[test]
    fn no_words_no_times() {
        assert_eq!(place(&[], &loudness(&TWO_WORDS), 3_000), []);
    }
}
