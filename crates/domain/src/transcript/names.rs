//! Names: found wherever they are written, and read as another one.

use super::{Corrections, ReadWord, Reading, Transcript, correction::plain, reading::joined};
use crate::Span;

/// Where a name is said: in what is read, before names are replaced, and in what the machine wrote, for a person who
/// leaves a name out of the text does not take it out of the sound. In order of time.
pub fn times_of(transcript: &Transcript, corrections: &Corrections, name: &str) -> Vec<Span> {
    let parts = parts(name);
    let readings = [Reading::of_text(transcript, corrections), Reading::original(transcript)];
    let mut times: Vec<Span> = Vec::new();
    for reading in &readings {
        let words: Vec<&ReadWord> = reading.words().collect();
        for at in 0..words.len() {
            let found = found_at(&words[at..], &parts);
            times.extend(found.map(|found| {
                let (first, last) = (words[at].within, words[at + found.words - 1].within);
                Span::at_least_a_millisecond(first.start(), last.end().max(first.end()))
            }));
        }
    }
    times.sort_unstable();
    // The two readings mostly say the same.
    times.dedup_by(|later, earlier| {
        let one = later.overlaps(*earlier);
        if one {
            let end = later.end().max(earlier.end());
            *earlier = Span::at_least_a_millisecond(earlier.start(), end);
        }
        one
    });
    times
}

/// Reads `to` wherever `name` is written: whatever its case, with what is written onto it (`Robin's`, `Robin,`), and
/// never inside another word. A name of several words is found where they follow each other, and becomes one word.
pub(super) fn replace(reading: &mut Reading, name: &str, to: &str) {
    let parts = parts(name);
    let all: Vec<&ReadWord> = reading.words().collect();
    // By the place of the first word: how many words, and what is read in their place.
    let mut changes: Vec<(usize, usize, String)> = Vec::new();
    let mut at = 0;
    while at < all.len() {
        let Some(found) = found_at(&all[at..], &parts) else {
            at += 1;
            continue;
        };
        let text = if found.words == 1 {
            everywhere(&all[at].text, &parts.join(" "), to)
        } else {
            let last = &all[at + found.words - 1].text;
            format!("{}{to}{}", &all[at].text[..found.begins], &last[found.ends..])
        };
        changes.push((at, found.words, text));
        at += found.words;
    }
    if changes.is_empty() {
        return;
    }
    let mut changes = changes.into_iter().peekable();
    // The rest of a name whose first words were the last ones of a segment.
    let mut swallowed = 0;
    let mut place = 0;
    let ends: Vec<ReadWord> = all.into_iter().cloned().collect();
    for segment in &mut reading.segments {
        let words = std::mem::take(&mut segment.words);
        let any = !words.is_empty();
        for mut word in words {
            if swallowed > 0 {
                swallowed -= 1;
            } else if let Some((_, words, text)) = changes.next_if(|change| change.0 == place) {
                for other in &ends[place..place + words] {
                    word.end_ms = word.end_ms.max(other.end_ms);
                    word.doubtful |= other.doubtful;
                    let end = word.within.end().max(other.within.end());
                    word.within = Span::at_least_a_millisecond(word.within.start(), end);
                }
                word.text = text;
                swallowed = words - 1;
                segment.words.push(word);
            } else {
                segment.words.push(word);
            }
            place += 1;
        }
        if any {
            segment.text = joined(segment.words.iter());
        }
    }
    reading.segments.retain(|segment| !segment.words.is_empty() || !segment.doubts.is_empty());
}

/// `to` in the place of every `part` that is written as a word of its own in `text`.
fn everywhere(text: &str, part: &str, to: &str) -> String {
    let mut made = String::new();
    let mut from = 0;
    while let Some((begins, ends)) = whole(text, part, from) {
        made.push_str(&text[from..begins]);
        made.push_str(to);
        from = ends;
    }
    made.push_str(&text[from..]);
    made
}

/// A name that was found.
struct Found {
    /// In how many words.
    words: usize,
    /// Where in the first of them, in bytes.
    begins: usize,
    /// Where in the last of them, in bytes.
    ends: usize,
}

/// The words of a name, as they are compared.
fn parts(name: &str) -> Vec<String> {
    name.split_whitespace().map(lower).collect()
}

fn lower(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).collect()
}

/// Whether a name begins in the first of these words.
fn found_at(words: &[&ReadWord], parts: &[String]) -> Option<Found> {
    let (first, others) = parts.split_first()?;
    let word = words.first()?;
    let Some((last, middle)) = others.split_last() else {
        let (begins, ends) = whole(&word.text, first, 0)?;
        return Some(Found { words: 1, begins, ends });
    };
    // The whole of it in one word: somebody corrected a stretch, or an earlier name became two words.
    if let Some((begins, ends)) = whole(&word.text, &parts.join(" "), 0) {
        return Some(Found { words: 1, begins, ends });
    }
    if words.len() < parts.len() {
        return None;
    }
    let (begins, ends) = whole(&word.text, first, 0)?;
    let only_marks = |text: &str| !text.contains(char::is_alphanumeric);
    if !only_marks(&word.text[ends..]) {
        return None;
    }
    let same = |(word, part): (&&ReadWord, &String)| plain(&word.text) == plain(part);
    if !words[1..].iter().zip(middle).all(same) {
        return None;
    }
    let end = words[parts.len() - 1];
    let (starts, ends) = whole(&end.text, last, 0)?;
    only_marks(&end.text[..starts]).then_some(Found { words: parts.len(), begins, ends })
}

/// Where `part`, in lower case, is written as a word of its own in `text`, at byte `from` or after it.
fn whole(text: &str, part: &str, from: usize) -> Option<(usize, usize)> {
    let starts = text.char_indices().map(|(at, _)| at).filter(|at| *at >= from);
    starts.filter(|at| begins_a_word(&text[..*at])).find_map(|at| {
        let length = begins_with(&text[at..], part)?;
        // What follows may be a full stop, a hyphen, `'s` or `'ll`, but no letter.
        let next = text[at + length..].chars().next();
        (!next.is_some_and(char::is_alphanumeric)).then_some((at, at + length))
    })
}

/// Whether a word may begin after `before`: not after a letter, nor after an apostrophe that follows one (`O'Hara`).
fn begins_a_word(before: &str) -> bool {
    let mut back = before.chars().rev();
    match back.next() {
        None => true,
        Some('\'' | '’') => !back.next().is_some_and(char::is_alphanumeric),
        Some(last) => !last.is_alphanumeric(),
    }
}

/// How many bytes of `text` say `part`, which is in lower case.
fn begins_with(text: &str, part: &str) -> Option<usize> {
    let mut wanted = part.chars().map(straight).peekable();
    for (at, letter) in text.char_indices() {
        if wanted.peek().is_none() {
            return Some(at);
        }
        for letter in letter.to_lowercase().map(straight) {
            if wanted.next() != Some(letter) {
                return None;
            }
        }
    }
    wanted.peek().is_none().then_some(text.len())
}

/// One apostrophe is as good as the other.
const fn straight(letter: char) -> char {
    if letter == '’' { '\'' } else { letter }
}
