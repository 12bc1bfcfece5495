//! Names: found wherever they are written, and read as another one.

use super::{
    Change, Corrections, ReadWord, Reading, Transcript,
    fold::{folded, is_mark},
    reading::joined,
};
use crate::Span;

impl Corrections {
    /// Which name is read as which other one, in the order in which people said so.
    pub(super) fn names(&self) -> impl Iterator<Item = (&str, &str)> {
        self.effective().filter_map(|one| match &one.change {
            Change::Pseudonym { from, to } => Some((&**from, &**to)),
            _ => None,
        })
    }

    /// A text that stands beside the words, with the names that are read in the place of others.
    pub fn rename(&self, text: &str) -> String {
        let text = text.to_owned();
        self.names().fold(text, |text, (from, to)| in_text(&text, &parts(from), to))
    }
}

/// Where a name is said: in what is read, before names are replaced, and in what the machine wrote, for a person who
/// leaves a name out of the text does not take it out of the sound. In order of time.
pub fn times_of(transcript: &Transcript, corrections: &Corrections, name: &str) -> Vec<Span> {
    let parts = parts(name);
    let readings = [Reading::of_text(transcript, corrections), Reading::original(transcript)];
    let mut times: Vec<Span> = Vec::new();
    for reading in &readings {
        let words: Vec<&ReadWord> = reading.words().collect();
        let texts: Vec<&str> = words.iter().map(|word| &*word.text).collect();
        for at in 0..words.len() {
            let found = found_at(&texts[at..], &parts);
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

/// Reads `to` wherever `name` is written, in the words and in what the voices are called: whatever its case and its
/// accents, with what is written onto it (`Robin's`, `Robin,`), and never inside another word. A name of several words
/// is found where they follow each other, and becomes one word.
pub(super) fn replace(reading: &mut Reading, name: &str, to: &str) {
    let parts = parts(name);
    let speakers = reading.speakers.iter_mut().filter_map(|speaker| speaker.name.as_mut());
    let segments = reading.segments.iter_mut().filter_map(|segment| segment.name.as_mut());
    for called in speakers.chain(segments) {
        *called = in_text(called, &parts, to);
    }
    in_words(reading, &parts, to);
}

/// The same in a text whose words have no times.
fn in_text(text: &str, parts: &[String], to: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let changes = replacements(&words, parts, to);
    if changes.is_empty() {
        return text.to_owned();
    }
    let mut changes = changes.into_iter().peekable();
    let mut made: Vec<String> = Vec::with_capacity(words.len());
    let mut at = 0;
    while let Some(word) = words.get(at) {
        if let Some(change) = changes.next_if(|change| change.first == at) {
            at += change.words;
            made.push(change.text);
        } else {
            at += 1;
            made.push((*word).to_owned());
        }
    }
    made.join(" ")
}

fn in_words(reading: &mut Reading, parts: &[String], to: &str) {
    let all: Vec<&ReadWord> = reading.words().collect();
    let texts: Vec<&str> = all.iter().map(|word| &*word.text).collect();
    let changes = replacements(&texts, parts, to);
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
            } else if let Some(change) = changes.next_if(|change| change.first == place) {
                for other in &ends[place..place + change.words] {
                    word.end_ms = word.end_ms.max(other.end_ms);
                    word.doubtful |= other.doubtful;
                    let end = word.within.end().max(other.within.end());
                    word.within = Span::at_least_a_millisecond(word.within.start(), end);
                }
                word.text = change.text;
                swallowed = change.words - 1;
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

/// Words in whose place something else is read.
struct Replacement {
    /// The first of them.
    first: usize,
    /// How many.
    words: usize,
    /// What is read in their place, with what was written onto them.
    text: String,
}

/// Everywhere that a name is written among words, in order.
fn replacements(words: &[&str], parts: &[String], to: &str) -> Vec<Replacement> {
    let mut all = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let Some(found) = found_at(&words[at..], parts) else {
            at += 1;
            continue;
        };
        let text = if found.words == 1 {
            everywhere(words[at], &parts.join(" "), to)
        } else {
            let last = words[at + found.words - 1];
            format!("{}{to}{}", &words[at][..found.begins], &last[found.ends..])
        };
        all.push(Replacement { first: at, words: found.words, text });
        at += found.words;
    }
    all
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
    let part = |word: &str| word.chars().flat_map(compared).collect::<String>();
    name.split_whitespace().map(part).filter(|part| !part.is_empty()).collect()
}

/// What a letter is compared as: as in a search, and one apostrophe is as good as the other.
fn compared(letter: char) -> impl Iterator<Item = char> {
    folded(letter).map(|letter| if letter == '’' { '\'' } else { letter })
}

/// The letters and digits of a word, as they are compared.
fn letters(text: &str) -> impl Iterator<Item = char> {
    text.chars().filter(|letter| letter.is_alphanumeric()).flat_map(compared)
}

/// Whether a name begins in the first of these words.
fn found_at(words: &[&str], parts: &[String]) -> Option<Found> {
    let (first, others) = parts.split_first()?;
    let word = *words.first()?;
    let Some((last, middle)) = others.split_last() else {
        let (begins, ends) = whole(word, first, 0)?;
        return Some(Found { words: 1, begins, ends });
    };
    // The whole of it in one word: somebody corrected a stretch, or an earlier name became two words.
    if let Some((begins, ends)) = whole(word, &parts.join(" "), 0) {
        return Some(Found { words: 1, begins, ends });
    }
    if words.len() < parts.len() {
        return None;
    }
    let (begins, ends) = whole(word, first, 0)?;
    let only_marks = |text: &str| !text.contains(char::is_alphanumeric);
    if !only_marks(&word[ends..]) {
        return None;
    }
    let same = |(word, part): (&&str, &String)| letters(word).eq(letters(part));
    if !words[1..].iter().zip(middle).all(same) {
        return None;
    }
    let end = words[parts.len() - 1];
    let (starts, ends) = whole(end, last, 0)?;
    only_marks(&end[..starts]).then_some(Found { words: parts.len(), begins, ends })
}

/// Where `part`, as it is compared, is written as a word of its own in `text`, at byte `from` or after it.
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
    let mut back = before.chars().rev().filter(|letter| !is_mark(*letter));
    match back.next() {
        None => true,
        Some('\'' | '’') => !back.next().is_some_and(char::is_alphanumeric),
        Some(last) => !last.is_alphanumeric(),
    }
}

/// How many bytes of `text` say `part`, with the marks on its last letter.
fn begins_with(text: &str, part: &str) -> Option<usize> {
    let mut wanted = part.chars().peekable();
    for (at, letter) in text.char_indices() {
        if wanted.peek().is_none() && !is_mark(letter) {
            return Some(at);
        }
        for letter in compared(letter) {
            if wanted.next() != Some(letter) {
                return None;
            }
        }
    }
    wanted.peek().is_none().then_some(text.len())
}
