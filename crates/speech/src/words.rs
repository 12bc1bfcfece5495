//! From the model's tokens to words, and from words to segments.
//!
//! A token that starts with a space begins a word. Words make a segment until the model marks a new utterance, somebody
//! pauses, or a sentence of some length is over.

use crate::{
    sound::{Loudness, steps},
    times::{self, Anchor},
    transcript::{Segment, Word},
};

/// One token of the model's answer.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) kind: TokenKind,
    /// Probability, 0 to 1.
    pub(crate) p: f32,
    /// Natural logarithm of the probability.
    pub(crate) log_p: f32,
}

/// What a token is.
#[derive(Clone, Debug)]
pub(crate) enum TokenKind {
    /// A piece of text; ends at that many milliseconds of the window, where the alignment knows.
    Text { bytes: Vec<u8>, end_ms: Option<u64> },
    /// The model's own mark: an utterance begins or ends about there in the window.
    Mark { at_ms: u64 },
}

/// A gap between words that ends a segment.
const GAP_MS: u64 = 1_500;
/// A segment at least so long ends with its sentence.
const SENTENCE_MS: u64 = 3_000;
/// A segment never grows longer than this where a word ends.
const LONGEST_MS: u64 = 15_000;

/// How far the model's marks may be off.
const MARK_MS: u64 = 300;

/// What is true of the whole window.
pub(crate) struct Heard<'a> {
    pub(crate) loudness: &'a Loudness,
    pub(crate) length_ms: u64,
    pub(crate) no_speech_prob: f32,
    /// From milliseconds of the stretch to the recording's clock.
    pub(crate) clock: &'a dyn Fn(u64, u64) -> (u64, u64),
}

/// A word before it is part of a segment.
struct Raw {
    bytes: Vec<u8>,
    end_ms: Option<u64>,
    p: f32,
    log_p: f32,
    tokens: u16,
    /// The model's mark just before it.
    mark_before: Option<u64>,
    /// The model's mark just after it.
    mark_after: Option<u64>,
}

/// Segments on the recording's clock, without doubts.
pub(crate) fn segments(tokens: &[Token], heard: &Heard<'_>) -> Vec<Segment> {
    let raw = group(tokens);
    let anchors = anchors(&raw);
    let times = times::place(&anchors, heard.loudness, heard.length_ms);
    let mut segments: Vec<Segment> = Vec::new();
    let mut sums = Sums::default();
    for (raw, (start_ms, end_ms)) in raw.iter().zip(times) {
        if heard.loudness.silent(steps(start_ms), steps(end_ms).max(steps(start_ms) + 1)) {
            // Words in silence are the model's invention.
            continue;
        }
        let text = String::from_utf8_lossy(&raw.bytes).trim().to_owned();
        let p = rounded((raw.p / f32::from(raw.tokens)).clamp(0.0, 1.0));
        let (start_ms, end_ms) = (heard.clock)(start_ms, end_ms);
        let word = Word { start_ms, end_ms, text, p, speaker: None };
        match segments.last_mut() {
            Some(segment) if !begins(segment, raw.mark_before.is_some(), &word) => {
                sums.add(raw);
                extend(segment, word, &sums);
            }
            _ => {
                sums = Sums::default();
                sums.add(raw);
                segments.push(new_segment(word, heard.no_speech_prob, &sums));
            }
        }
    }
    segments
}

/// Log-probabilities of the segment that is being made.
#[derive(Default)]
struct Sums {
    log_p: f32,
    tokens: f32,
}

impl Sums {
    fn add(&mut self, raw: &Raw) {
        self.log_p += raw.log_p;
        self.tokens += f32::from(raw.tokens);
    }

    fn mean(&self) -> f32 {
        rounded(self.log_p / self.tokens.max(1.0))
    }
}

fn new_segment(word: Word, no_speech_prob: f32, sums: &Sums) -> Segment {
    Segment {
        start_ms: word.start_ms,
        end_ms: word.end_ms,
        text: word.text.clone(),
        speaker: None,
        no_speech_prob: rounded(no_speech_prob),
        avg_logprob: sums.mean(),
        doubts: Vec::new(),
        words: vec![word],
    }
}

fn extend(segment: &mut Segment, word: Word, sums: &Sums) {
    segment.end_ms = segment.end_ms.max(word.end_ms);
    segment.text.push(' ');
    segment.text.push_str(&word.text);
    segment.avg_logprob = sums.mean();
    segment.words.push(word);
}

/// Whether a word begins a new segment.
fn begins(segment: &Segment, marked: bool, word: &Word) -> bool {
    let length = segment.end_ms.saturating_sub(segment.start_ms);
    let sentence = segment.text.ends_with(['.', '?', '!', '…']);
    marked
        || word.start_ms.saturating_sub(segment.end_ms) >= GAP_MS
        || (sentence && length >= SENTENCE_MS)
        || length >= LONGEST_MS
}

/// Puts tokens together: one that starts with a space begins a word.
fn group(tokens: &[Token]) -> Vec<Raw> {
    let mut words: Vec<Raw> = Vec::new();
    let mut mark = None;
    for token in tokens {
        let (bytes, end_ms) = match &token.kind {
            TokenKind::Mark { at_ms } => {
                if let (None, Some(word)) = (mark, words.last_mut()) {
                    word.mark_after = Some(*at_ms);
                }
                mark = Some(*at_ms);
                continue;
            }
            TokenKind::Text { bytes, end_ms } => (bytes, *end_ms),
        };
        match words.last_mut() {
            Some(word) if !bytes.starts_with(b" ") && mark.is_none() => {
                word.bytes.extend_from_slice(bytes);
                word.end_ms = end_ms.or(word.end_ms);
                word.p += token.p;
                word.log_p += token.log_p;
                word.tokens = word.tokens.saturating_add(1);
            }
            _ => words.push(Raw {
                bytes: bytes.clone(),
                end_ms,
                p: token.p,
                log_p: token.log_p,
                tokens: 1,
                mark_before: mark,
                mark_after: None,
            }),
        }
        mark = None;
    }
    words.retain(|word| !String::from_utf8_lossy(&word.bytes).trim().is_empty());
    words
}

/// What the model says of each word's place. Its alignment stretches an utterance's last word over whatever follows;
/// its marks know better.
fn anchors(words: &[Raw]) -> Vec<Anchor> {
    let mut limit = u64::MAX;
    let mut anchors: Vec<Anchor> = words
        .iter()
        .rev()
        .map(|word| {
            limit = word.mark_after.map_or(limit, |mark| mark + MARK_MS);
            let anchor = Anchor {
                not_before: word.mark_before.map(|mark| mark.saturating_sub(MARK_MS)),
                end: word.end_ms.map(|end| end.min(limit)),
            };
            limit = word.mark_before.map_or(limit, |mark| limit.min(mark + MARK_MS));
            anchor
        })
        .collect();
    anchors.reverse();
    anchors
}

/// Four decimals are more than these numbers mean.
fn rounded(value: f32) -> f32 {
    (value * 10_000.0).round() / 10_000.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RATE;

    fn text(text: &str, end_ms: u64) -> Token {
        let kind = TokenKind::Text { bytes: text.as_bytes().to_vec(), end_ms: Some(end_ms) };
        Token { kind, p: 0.5, log_p: -0.5 }
    }

    fn mark(at_ms: u64) -> Token {
        Token { kind: TokenKind::Mark { at_ms }, p: 0.9, log_p: -0.1 }
    }

    /// Ten seconds of steady sound.
    fn sound() -> Loudness {
        let samples: Vec<f32> =
            (0..10 * RATE).map(|i| if i % 20 < 10 { 0.2 } else { -0.2 }).collect();
        Loudness::of(&samples)
    }

    fn made(tokens: &[Token]) -> Vec<Segment> {
        let loudness = sound();
        let clock = |start, end| (start, end);
        let heard =
            Heard { loudness: &loudness, length_ms: 10_000, no_speech_prob: 0.1, clock: &clock };
        segments(tokens, &heard)
    }

    #[test]
    fn tokens_become_words_and_marks_become_segments() {
        let made = made(&[
            mark(0),
            text(" She", 400),
            text("'s", 600),
            text(" well", 1_000),
            text(".", 1_020),
            mark(1_100),
            mark(1_300),
            text(" Good", 1_600),
            text("!", 1_700),
            mark(1_900),
        ]);
        let texts: Vec<&str> = made.iter().map(|segment| &*segment.text).collect();
        assert_eq!(texts, ["She's well.", "Good!"]);
        let words: Vec<&str> = made[0].words.iter().map(|word| &*word.text).collect();
        assert_eq!(words, ["She's", "well."]);
        assert_eq!((made[0].start_ms, made[0].end_ms), (0, 1_020));
        assert_eq!((made[1].start_ms, made[1].end_ms), (1_020, 1_700));
        assert!((made[0].avg_logprob + 0.5).abs() < 1e-6);
        assert!((made[0].words[0].p - 0.5).abs() < 1e-6);
    }

    #[test]
    fn a_letter_that_is_cut_between_tokens_is_whole_again() {
        let bytes = " café".as_bytes();
        let piece = |bytes: &[u8], end_ms| Token {
            kind: TokenKind::Text { bytes: bytes.to_vec(), end_ms: Some(end_ms) },
            p: 0.5,
            log_p: -0.5,
        };
        let made = made(&[piece(&bytes[..5], 300), piece(&bytes[5..], 400)]);
        assert_eq!(made[0].text, "café");
    }

    #[test]
    fn the_last_word_ends_with_its_utterance() {
        let made = made(&[mark(0), text(" Very", 400), text(" quickly.", 9_000), mark(1_000)]);
        assert_eq!(made[0].end_ms, 1_300);
    }

    #[test]
    fn a_sentence_of_some_length_ends_its_segment() {
        let made = made(&[
            text(" One", 3_200),
            text(".", 3_300),
            text(" Two", 4_000),
            text(".", 4_100),
            text(" Three", 5_000),
        ]);
        let texts: Vec<&str> = made.iter().map(|segment| &*segment.text).collect();
        assert_eq!(texts, ["One.", "Two. Three"]);
    }
}
