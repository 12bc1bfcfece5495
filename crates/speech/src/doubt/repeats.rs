//! Text that goes round in a circle, and what to do about it.
//!
//! Two signs: a phrase that follows itself too often, and text that packs too well (the ratio of Radford et al. 2022,
//! "Robust Speech Recognition via Large-Scale Weak Supervision", §4.5, with their threshold).

use std::io::Write as _;

use flate2::{Compression, write::ZlibEncoder};

use super::too_fast;
use crate::transcript::Segment;

/// Text that becomes smaller than one part in so many says little.
const PACKS_TOO_WELL: f32 = 2.4;
/// Shorter text does not pack at all.
const ENOUGH_TO_PACK: usize = 40;
/// The longest phrase that is looked for, in words.
const LONGEST: usize = 24;
/// How many segments before are looked at.
const BEFORE: usize = 6;

/// How often a phrase of so many words follows itself before it is a circle: people say "no, no, no, no".
const fn often(words: usize) -> usize {
    match words {
        1 => 6,
        2 => 4,
        _ => 3,
    }
}

/// Which of the segments take part in a circle. One that began before them counts.
pub(super) fn circles(before: &[Segment], segments: &[Segment]) -> Vec<bool> {
    let before = &before[before.len().saturating_sub(BEFORE)..];
    let mut words: Vec<String> = Vec::new();
    let mut ends: Vec<usize> = Vec::new();
    for segment in before.iter().chain(segments) {
        words.extend(plain(&segment.text));
        ends.push(words.len());
    }
    let turning = turning(&words);
    let mut start = 0;
    let mut marked: Vec<bool> = ends
        .iter()
        .map(|end| {
            let mine = &turning[start..*end];
            start = *end;
            mine.iter().filter(|turns| **turns).count() * 2 > mine.len()
        })
        .collect();
    let mut marked = marked.split_off(before.len());
    for (marked, segment) in marked.iter_mut().zip(segments) {
        *marked |= packs_too_well(&segment.text);
    }
    let whole: Vec<&str> = segments.iter().map(|segment| &*segment.text).collect();
    if packs_too_well(&whole.join(" ")) {
        // Which of them it is cannot be told: each says what the others say.
        marked.fill(true);
    }
    marked
}

/// Which words belong to a phrase that follows itself too often.
fn turning(words: &[String]) -> Vec<bool> {
    let mut marked = vec![false; words.len()];
    for length in 1..=LONGEST.min(words.len() / 2) {
        let mut start = 0;
        while start + length < words.len() {
            let same = (start..words.len() - length)
                .take_while(|at| words[*at] == words[at + length])
                .count();
            if same >= length * (often(length) - 1) {
                marked[start..start + same + length].fill(true);
            }
            start += same + 1;
        }
    }
    marked
}

/// Small letters and figures. A long word that consists of repeats ("hahahaha") is taken apart into them.
fn plain(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric() && c != '\'')
        .filter(|word| !word.is_empty())
        .flat_map(|word| {
            let letters: Vec<char> = word.to_lowercase().chars().collect();
            let period = (1..=4).find(|p| {
                letters.len() >= p * 6 && letters.iter().zip(&letters[*p..]).all(|(a, b)| a == b)
            });
            match period {
                Some(p) => letters.chunks(p).map(|part| part.iter().collect()).collect(),
                None => vec![letters.into_iter().collect()],
            }
        })
        .collect()
}

fn packs_too_well(text: &str) -> bool {
    text.len() >= ENOUGH_TO_PACK && ratio(text) > PACKS_TOO_WELL
}

/// By how much zlib makes it smaller.
#[expect(clippy::cast_precision_loss, reason = "some thousand bytes")]
fn ratio(text: &str) -> f32 {
    let mut packed = ZlibEncoder::new(Vec::new(), Compression::new(6));
    // Writing to memory does not fail.
    let packed = packed.write_all(text.as_bytes()).and_then(|()| packed.finish());
    packed.map_or(1.0, |packed| text.len() as f32 / packed.len().max(1) as f32)
}

/// How to hear a stretch again.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Retry {
    /// With the encoder's whole context: most circles come from a shortened one.
    Wholly,
    /// In two halves, cut in the pause nearest to the middle: with other sound around it the model seldom falls into
    /// the same circle.
    Halves,
    /// With this temperature: the likeliest next word is not always taken.
    Freely(f32),
}

/// A shorter stretch is not cut any more.
const SHORTEST_TO_CUT_MS: u64 = 4_000;

/// What to try next with a stretch of `length_ms`, if it came out as a circle, or with more words than anybody says in
/// its time: that is how a circle of whole sentences looks while it is short. `tried` is how often it was heard.
pub(crate) fn again(segments: &[Segment], length_ms: u64, tried: usize) -> Option<Retry> {
    let turns = circles(&[], segments).contains(&true);
    let retry = match tried {
        1 => Retry::Wholly,
        2 if length_ms >= SHORTEST_TO_CUT_MS => Retry::Halves,
        2 | 3 => Retry::Freely(0.4),
        4 => Retry::Freely(0.8),
        _ => return None,
    };
    // Somebody may really speak so fast: then nothing is left to the draw.
    let hurried = !matches!(retry, Retry::Freely(_)) && segments.iter().any(|s| too_fast(s, None));
    (turns || hurried).then_some(retry)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transcript::Word;

    fn segments(texts: &[&str]) -> Vec<Segment> {
        texts
            .iter()
            .map(|text| Segment { text: (*text).to_owned(), ..Segment::default() })
            .collect()
    }

    fn marked(texts: &[&str]) -> Vec<bool> {
        circles(&[], &segments(texts))
    }

    #[test]
    fn circles_of_every_length_are_found() {
        for text in [
            "no no no no no no no no",
            "I know, I know, I know, I know.",
            "and then he said and then he said and then he said",
            "We will have a good time, we will have a good time, we will have a good time.",
            "Hahahahahahahahaha!",
            "Mm. Mm. Mm. Mm. Mm. Mm. Mm.",
        ] {
            assert_eq!(marked(&[text]), [true], "{text}");
        }
        // Over several segments.
        let line = "I will see you next week.";
        assert_eq!(marked(&["Good morning to you.", line, line, line]), [false, true, true, true]);
    }

    #[test]
    fn people_repeat_themselves() {
        for text in [
            "No, no, no, no, I told him.",
            "Yes. Yes, that is right. Yes.",
            "It was very, very, very cold.",
            "He said no, and she said no, and so I said that we would wait and see.",
            "Every day I get up, and every day I make breakfast, and every day they are late.",
            "",
            "…",
        ] {
            assert_eq!(marked(&[text]), [false], "{text}");
        }
        assert_eq!(marked(&["I know.", "I know."]), [false, false]);
    }

    #[test]
    fn a_circle_goes_on_from_what_was_heard_before() {
        let line = ["I will see you next week."; 2];
        assert_eq!(circles(&segments(&line), &segments(&line[..1])), [true]);
        assert_eq!(circles(&segments(&line), &segments(&["It is late."])), [false]);
    }

    #[test]
    fn text_that_packs_too_well_is_a_circle() {
        // Nothing in it follows itself, and still it says next to nothing.
        let text = "the good one and the good one with the good one, the good one and the good one for the good \
                    one, the good one and the good one at the good one";
        assert!(ratio(text) > PACKS_TOO_WELL, "{}", ratio(text));
        assert_eq!(marked(&[text]), [true]);
        let plain =
            "What would you like to tell me about your week at school, and who was there with you?";
        assert!(ratio(plain) < 1.5, "{}", ratio(plain));
    }

    #[test]
    fn what_nobody_could_say_so_fast_is_heard_again_with_the_same_temperature() {
        let words = (0..30).map(|i| Word { text: format!("w{i}"), ..Word::default() }).collect();
        let text = (0..30).map(|i| format!("w{i}")).collect::<Vec<_>>().join(" ");
        let hurried = [Segment { end_ms: 3_000, text, words, ..Segment::default() }];
        assert_eq!(again(&hurried, 20_000, 1), Some(Retry::Wholly));
        assert_eq!(again(&hurried, 20_000, 2), Some(Retry::Halves));
        assert_eq!(again(&hurried, 2_000, 2), None);
        assert_eq!(again(&hurried, 20_000, 3), None);
        let slower = [Segment { end_ms: 9_000, ..hurried[0].clone() }];
        assert_eq!(again(&slower, 20_000, 1), None);
    }

    #[test]
    fn what_goes_round_is_heard_again_four_times_at_the_most() {
        let circle = segments(&["and so on and so on and so on and so on"]);
        assert_eq!(again(&circle, 20_000, 1), Some(Retry::Wholly));
        assert_eq!(again(&circle, 20_000, 2), Some(Retry::Halves));
        assert_eq!(again(&circle, 2_000, 2), Some(Retry::Freely(0.4)));
        assert_eq!(again(&circle, 20_000, 3), Some(Retry::Freely(0.4)));
        assert_eq!(again(&circle, 20_000, 4), Some(Retry::Freely(0.8)));
        assert_eq!(again(&circle, 20_000, 5), None);
        assert_eq!(again(&segments(&["It went well."]), 20_000, 1), None);
    }
}
