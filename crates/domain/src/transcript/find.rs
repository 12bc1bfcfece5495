//! Finding words in what was said: whole words, beginnings of words, phrases. Case and accents do not matter.
//!
//! What is typed is read as people type into a search box: `school` is that word, `sch*` every word that begins so,
//! `"my brother"` the two one after the other (the last of them may end in `*`). Several of these are all to be there.
//! What joins or surrounds letters and digits separates words, on both sides: `mother-in-law` is three, and `in` finds
//! it.

use memchr::memmem::Finder;
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::fold::{folded, is_mark};

/// The most letters of a question.
pub const LONGEST_QUERY: usize = 200;

/// The most terms of a question.
pub const MOST_TERMS: usize = 8;

/// Why there is nothing to look for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// Neither a letter nor a digit in it.
    #[error("type a word to look for")]
    Empty,
    /// More than [`LONGEST_QUERY`] or [`MOST_TERMS`].
    #[error("that is more than can be looked for at once; a word or two find it too")]
    TooLong,
}

/// What somebody looks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    terms: Vec<Term>,
}

/// Words one after the other: folded, each with a space before it, and one at the end unless that is only a beginning.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Term(String);

/// The words of a transcript, made for being searched: folded, in a row. It never grows, and is zeroed when it is
/// dropped.
#[derive(Clone, Debug, Default, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Haystack {
    /// ` one word after the other `.
    text: String,
    /// For each word as it is read, where it begins in the text. One of which nothing is left begins where the next
    /// does.
    starts: Vec<u32>,
}

/// Where something was found: words of the haystack, counted from zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Found {
    /// The first of them.
    pub first: usize,
    /// The last of them.
    pub last: usize,
}

impl Query {
    /// Reads what somebody typed.
    pub fn parse(typed: &str) -> Result<Self, QueryError> {
        if typed.chars().count() > LONGEST_QUERY {
            return Err(QueryError::TooLong);
        }
        let mut terms = Vec::new();
        // Pieces between quotation marks, typographic ones too, are the odd ones.
        for (nth, piece) in typed.split(['"', '“', '”', '„', '«', '»']).enumerate() {
            if nth % 2 == 1 {
                terms.extend(Term::of(piece));
            } else {
                terms.extend(piece.split_whitespace().filter_map(Term::of));
            }
        }
        match terms.len() {
            0 => Err(QueryError::Empty),
            1..=MOST_TERMS => Ok(Self { terms }),
            _ => Err(QueryError::TooLong),
        }
    }
}

impl Term {
    fn of(piece: &str) -> Option<Self> {
        let mut text = String::from(" ");
        each_folded(piece, |letter| text.push(letter));
        if text.len() == 1 {
            return None;
        }
        if piece.trim_end().ends_with('*') {
            text.pop();
        }
        Some(Self(text))
    }
}

impl Haystack {
    /// From the words as they are read, in order.
    pub fn of<'a>(words: impl IntoIterator<Item = &'a str>) -> Self {
        Self::with_gaps(words.into_iter().map(Some))
    }

    /// The same where some words are left out: nothing is found there, and no phrase goes across it.
    pub fn with_gaps<'a>(words: impl IntoIterator<Item = Option<&'a str>>) -> Self {
        let words: Vec<Option<&str>> = words.into_iter().collect();
        // Room for all of it at once: a text that grows leaves copies of itself behind, which nobody zeroes.
        let mut bytes = 1;
        for word in &words {
            match word {
                Some(word) => each_folded(word, |letter| bytes += letter.len_utf8()),
                None => bytes += 1,
            }
        }
        let mut text = String::with_capacity(bytes);
        let mut starts = Vec::with_capacity(words.len());
        let place = text.as_ptr();
        text.push(' ');
        for word in words {
            // An hour has some 50 kB: what does not fit in 32 bits is not found.
            starts.push(u32::try_from(text.len()).unwrap_or(u32::MAX));
            match word {
                Some(word) => each_folded(word, |letter| text.push(letter)),
                // Two spaces, which no phrase has.
                None => text.push(' '),
            }
        }
        debug_assert_eq!(place, text.as_ptr(), "there was not room enough");
        Self { text, starts }
    }

    /// How much memory it takes, in bytes.
    pub fn bytes(&self) -> usize {
        self.text.capacity() + self.starts.capacity() * size_of::<u32>()
    }

    /// Where the words of the question are, in order; nothing if one of its terms is not there at all.
    pub fn find(&self, query: &Query) -> Vec<Found> {
        let text = self.text.as_bytes();
        let finders: Vec<_> = query.terms.iter().map(|t| Finder::new(t.0.as_bytes())).collect();
        if finders.iter().any(|finder| finder.find(text).is_none()) {
            return Vec::new();
        }
        let mut found = Vec::new();
        for finder in &finders {
            let needle = finder.needle();
            // The last letter of the last word; the space behind it belongs to what comes next.
            let length = needle.len() - usize::from(needle.ends_with(b" "));
            let mut from = 0;
            while let Some(at) = text.get(from..).and_then(|rest| finder.find(rest)) {
                let at = from + at;
                found.push(Found { first: self.word(at + 1), last: self.word(at + length - 1) });
                // Two places may share the space between them.
                from = at + 1;
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// The word that has this byte of the text.
    fn word(&self, at: usize) -> usize {
        let before = self.starts.partition_point(|&start| start as usize <= at);
        before.saturating_sub(1)
    }
}

/// Gives the words of `piece` letter by letter, folded, with a space behind each.
fn each_folded(piece: &str, mut give: impl FnMut(char)) {
    let mut open = false;
    for letter in piece.chars() {
        if is_mark(letter) {
            continue;
        }
        if !letter.is_alphanumeric() {
            if open {
                give(' ');
            }
            open = false;
            continue;
        }
        open = true;
        if letter.is_ascii() {
            give(letter.to_ascii_lowercase());
        } else {
            folded(letter).for_each(&mut give);
        }
    }
    if open {
        give(' ');
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SAID: &[&str] = &[
        "My",
        "brother",
        "–",
        "went",
        "to",
        "Zoë’s",
        "school",
        "on",
        "Saturday.",
        "My",
        "mother-in-law",
        "said:",
        "School!",
        "no,",
        "no,",
        "no",
        "Éclair",
        "STRASSE",
    ];

    fn found(typed: &str) -> Vec<(usize, usize)> {
        let found = Haystack::of(SAID.iter().copied()).find(&Query::parse(typed).unwrap());
        found.into_iter().map(|place| (place.first, place.last)).collect()
    }

    #[test]
    fn words_beginnings_and_phrases() {
        for (typed, places) in [
            ("school", vec![(6, 6), (12, 12)]),
            ("SCHOOL", vec![(6, 6), (12, 12)]),
            ("sch", vec![]),
            ("sch*", vec![(6, 6), (12, 12)]),
            ("zoe", vec![(5, 5)]),
            ("Zoë's", vec![(5, 5)]),
            ("zoe*", vec![(5, 5)]),
            ("eclair", vec![(16, 16)]),
            ("straße", vec![(17, 17)]),
            ("E\u{301}clair", vec![(16, 16)]),
            ("in", vec![(10, 10)]),
            ("\"my brother went\"", vec![(0, 3)]),
            ("“my brother”", vec![(0, 1)]),
            ("\"my mo*\"", vec![(9, 10)]),
            ("\"no no\"", vec![(13, 14), (14, 15)]),
            ("no", vec![(13, 13), (14, 14), (15, 15)]),
            ("my saturday", vec![(0, 0), (8, 8), (9, 9)]),
            ("my sunday", vec![]),
            ("\"brother my\"", vec![]),
        ] {
            assert_eq!(found(typed), places, "{typed}");
        }
    }

    #[test]
    fn what_cannot_be_looked_for_is_told() {
        for (typed, error) in [
            ("", QueryError::Empty),
            ("  *  \" \" –", QueryError::Empty),
            ("a b c d e f g h i", QueryError::TooLong),
        ] {
            assert_eq!(Query::parse(typed), Err(error), "{typed}");
        }
        assert_eq!(Query::parse(&"x".repeat(LONGEST_QUERY + 1)), Err(QueryError::TooLong));
    }

    #[test]
    fn no_phrase_goes_across_what_is_left_out() {
        let said = Haystack::with_gaps([Some("we"), None, Some("met"), Some("–"), Some("twice")]);
        let places = |typed| said.find(&Query::parse(typed).unwrap());
        assert_eq!(places("\"we met\""), []);
        assert_eq!(places("\"met twice\""), [Found { first: 2, last: 4 }]);
        assert_eq!(places("we"), [Found { first: 0, last: 0 }]);
    }

    proptest! {
        /// Each word of a transcript is found where it stands, and nothing is found where it does not stand.
        #[test]
        fn a_word_is_found_wherever_it_stands(
            words in proptest::collection::vec("[a-zéÉß0-9]{1,4}", 1..40),
            nth in any::<prop::sample::Index>(),
        ) {
            let haystack = Haystack::of(words.iter().map(String::as_str));
            let wanted = nth.get(&words);
            let folded = |word: &str| { let mut text = String::new(); each_folded(word, |letter| text.push(letter)); text };
            let expected: Vec<_> = words.iter().enumerate()
                .filter(|(_, word)| folded(word) == folded(wanted))
                .map(|(at, _)| Found { first: at, last: at })
                .collect();
            prop_assert_eq!(haystack.find(&Query::parse(wanted).unwrap()), expected);
        }
    }
}
