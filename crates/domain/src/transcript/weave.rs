//! The machine's words and people's, in one row.
//!
//! Changes are carried out one after the other on the row of words, each on what the ones before it left: a later one
//! wins where two overlap. Where a person's words lie follows from their changes alone, so that they are the same
//! whatever the machine wrote.

use super::{
    Change, Corrections, Segment, Speaker, Transcript, Word,
    correction::plain,
    reading::{By, ReadWord, joined},
};
use crate::Span;

/// The row of words.
pub(super) struct Woven {
    /// Each word with the number of the machine's segment that it belongs to, in order of time.
    pub(super) words: Vec<(usize, ReadWord)>,
    /// The machine's segments that have no words, and are in doubt because of it.
    pub(super) unwritten: Vec<usize>,
}

const fn middle(start_ms: u64, end_ms: u64) -> u64 {
    start_ms + end_ms.saturating_sub(start_ms) / 2
}

/// How many words on either side may reach into a stretch.
const REACH: usize = 8;

/// Carries out what people changed of the words.
pub(super) fn weave(transcript: &Transcript, corrections: &Corrections) -> Woven {
    let mut words = machine(transcript);
    let mut unwritten: Vec<usize> = (0..transcript.segments.len())
        .filter(|index| {
            let segment = &transcript.segments[*index];
            segment.words.is_empty() && !segment.doubts.is_empty()
        })
        .collect();
    for correction in corrections.effective() {
        let Some(span) = correction.change.span() else { continue };
        let answered = match &correction.change {
            Change::Text { text, .. } => {
                replace(transcript, &mut words, span, text);
                true
            }
            Change::Heard { was, .. } => heard(&mut words, span, was),
            _ => false,
        };
        if answered {
            unwritten.retain(|index| {
                let silent = &transcript.segments[*index];
                !(span.start().get() <= silent.start_ms && silent.end_ms <= span.end().get())
            });
        }
    }
    // A person's words belong where the machine's around them do; nothing goes back.
    let mut least = 0;
    for (index, _) in &mut words {
        least = least.max(*index);
        *index = least;
    }
    Woven { words, unwritten }
}

fn machine(transcript: &Transcript) -> Vec<(usize, ReadWord)> {
    let mut words: Vec<(usize, ReadWord)> = Vec::new();
    for (index, segment) in transcript.segments.iter().enumerate() {
        let doubtful = !segment.doubts.is_empty();
        words.extend(segment.words.iter().map(|word| {
            let read = ReadWord {
                start_ms: word.start_ms,
                end_ms: word.end_ms.max(word.start_ms),
                text: word.text.clone(),
                p: word.p,
                by: By::Machine,
                speaker: word.speaker.or(segment.speaker),
                doubtful,
                within: word.span(),
                at: middle(word.start_ms, word.end_ms),
            };
            (index, read)
        }));
        if segment.words.is_empty() {
            words.extend(shared_out(&segment.text, segment.span()).map(|(start, end, text)| {
                let speaker = segment.speaker;
                (
                    index,
                    ReadWord {
                        speaker,
                        doubtful,
                        by: By::Machine,
                        ..text_at(start, end, text, segment.span())
                    },
                )
            }));
        }
    }
    words.sort_by_key(|(_, word)| word.at);
    words
}

/// Puts `text` into the place of the words of a stretch. What reaches into it from outside ends, or begins, there.
fn replace(transcript: &Transcript, words: &mut Vec<(usize, ReadWord)>, span: Span, text: &str) {
    let (start, end) = (span.start().get(), span.end().get());
    let from = words.partition_point(|(_, word)| word.at < start);
    let to = words.partition_point(|(_, word)| word.at < end);
    for (_, word) in words[..from].iter_mut().rev().take(REACH) {
        word.end_ms = word.end_ms.min(start);
    }
    for (_, word) in words[to..].iter_mut().take(REACH) {
        word.start_ms = word.start_ms.max(end);
    }
    let segment = transcript.segments.partition_point(|segment| segment.start_ms <= start);
    let new: Vec<_> = shared_out(text, span)
        .map(|(start_ms, end_ms, text)| {
            let speaker = speaker_at(transcript, middle(start_ms, end_ms));
            (
                segment.saturating_sub(1),
                ReadWord { speaker, ..text_at(start_ms, end_ms, text, span) },
            )
        })
        .collect();
    words.splice(from..to, new);
}

/// A person's word.
fn text_at(start_ms: u64, end_ms: u64, text: &str, within: Span) -> ReadWord {
    ReadWord {
        start_ms,
        end_ms,
        text: text.to_owned(),
        p: 1.0,
        by: By::Person,
        speaker: None,
        doubtful: false,
        within,
        at: middle(start_ms, end_ms),
    }
}

/// The words of a text with their times: a stretch shared out by the length of the words.
fn shared_out(text: &str, span: Span) -> impl Iterator<Item = (u64, u64, &str)> {
    let weight = |word: &str| word.chars().count() as u64 + 1;
    let all: u64 = text.split_whitespace().map(weight).sum();
    let (start, length) = (span.start().get(), span.len().get());
    let place = move |part: u64| {
        let ms = u128::from(length) * u128::from(part) / u128::from(all.max(1));
        start + u64::try_from(ms).unwrap_or(length)
    };
    text.split_whitespace().scan(0, move |before, word| {
        let from = place(*before);
        *before += weight(word);
        Some((from, place(*before), word))
    })
}

/// Who speaks at a moment as the machine heard it: whoever says the word that is nearest.
fn speaker_at(transcript: &Transcript, at: u64) -> Option<Speaker> {
    let near = |segment: &Segment| {
        segment.start_ms.saturating_sub(at).max(at.saturating_sub(segment.end_ms))
    };
    let segment = transcript.segments.iter().min_by_key(|segment| near(segment))?;
    let away = |word: &&Word| word.start_ms.saturating_sub(at).max(at.saturating_sub(word.end_ms));
    let word = segment.words.iter().filter(|word| word.speaker.is_some()).min_by_key(away);
    word.map_or(segment.speaker, |word| word.speaker)
}

/// Answers the doubts of a stretch, if what is read there is what was heard; whether it is.
fn heard(words: &mut [(usize, ReadWord)], span: Span, was: &str) -> bool {
    let here = || (0..words.len()).filter(|index| words[*index].1.is_in(span));
    let text = joined(here().map(|index| &words[index].1));
    if plain(&text) != plain(was) {
        return false;
    }
    for index in here().collect::<Vec<_>>() {
        words[index].1.doubtful = false;
    }
    true
}
