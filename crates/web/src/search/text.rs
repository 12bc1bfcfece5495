//! The words of one recording as a search wants them: small, and zeroed when they are dropped.

use hearback_domain::{
    RedactionSet,
    transcript::{
        BLANK, Doubt, ReadWord, Reading,
        find::{Found, Haystack, Query},
    },
};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// How many words are read before and after what was found.
const AROUND: usize = 9;

/// Below this a word is one that the machine was unsure of, as on the page of words.
const UNSURE: f32 = 0.5;

/// Words, folded for searching and as they are read, with their times.
#[derive(Zeroize, ZeroizeOnDrop)]
pub(crate) struct Text {
    folded: Haystack,
    /// As they are read, with a space behind each.
    read: String,
    /// For each word, where it begins in `read`.
    starts: Vec<u32>,
    /// For each word, when it begins (ms).
    at: Vec<u32>,
    /// The words that the machine was unsure of, by number.
    unsure: Vec<u32>,
    /// The passages in doubt, in their order.
    #[zeroize(skip)]
    doubted: Vec<Doubted>,
}

/// A passage in doubt that nobody has listened to.
struct Doubted {
    /// The number of its first word.
    first: u32,
    /// The number of the word behind it.
    end: u32,
    why: Vec<Doubt>,
}

/// Something found, with what is said around it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hit {
    /// When it begins (ms).
    pub(crate) at: u64,
    pub(crate) before: String,
    pub(crate) said: String,
    pub(crate) after: String,
    /// Whether the machine was unsure of what was found.
    pub(crate) unsure: bool,
    /// Why it is worth listening to.
    pub(crate) doubts: Vec<Doubt>,
}

impl Text {
    /// What is read, without what is hidden: that is neither found nor shown.
    pub(crate) fn of(reading: Reading, set: &RedactionSet) -> Self {
        let reading = reading.hiding(set);
        let words: Vec<&ReadWord> = reading.words().collect();
        // Room for all of it at once: a text that grows leaves copies of itself behind, which nobody zeroes.
        let bytes = words.iter().map(|word| word.text.trim().len() + 1).sum();
        let mut read = String::with_capacity(bytes);
        let mut starts = Vec::with_capacity(words.len());
        let mut at = Vec::with_capacity(words.len());
        let place = read.as_ptr();
        for word in &words {
            starts.push(small(read.len() as u64));
            at.push(small(word.start_ms));
            read.push_str(word.text.trim());
            read.push(' ');
        }
        debug_assert_eq!(place, read.as_ptr(), "there was not room enough");
        let unsure = words.iter().zip(0..).filter(|(word, _)| word.p < UNSURE);
        let unsure = unsure.map(|(_, nth)| nth).collect();
        let doubted = doubted(&reading);
        let seen = words.iter().map(|word| Some(&*word.text).filter(|text| *text != BLANK));
        Self { folded: Haystack::with_gaps(seen), read, starts, at, unsure, doubted }
    }

    /// How much memory it takes, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        let numbers = self.starts.capacity() + self.at.capacity() + self.unsure.capacity();
        let why: usize = self.doubted.iter().map(|one| one.why.capacity()).sum();
        let doubts = self.doubted.capacity() * size_of::<Doubted>() + why * size_of::<Doubt>();
        let numbers = numbers * size_of::<u32>();
        size_of::<Self>() + self.folded.bytes() + self.read.capacity() + numbers + doubts
    }

    /// Where the question's words are.
    pub(crate) fn find(&self, query: &Query) -> Vec<Found> {
        self.folded.find(query)
    }

    /// A place with what is said around it.
    pub(crate) fn hit(&self, found: Found) -> Hit {
        let end = found.last + 1;
        Hit {
            at: self.at.get(found.first).copied().unwrap_or_default().into(),
            before: self.row(found.first.saturating_sub(AROUND), found.first),
            said: self.row(found.first, end),
            after: self.row(end, end.saturating_add(AROUND)),
            unsure: self.unsure.iter().any(|nth| (found.first..end).contains(&(*nth as usize))),
            doubts: self.doubts(found),
        }
    }

    /// Why what was found is in doubt, each reason once.
    fn doubts(&self, found: Found) -> Vec<Doubt> {
        let here =
            |one: &&Doubted| one.first as usize <= found.last && found.first < one.end as usize;
        let mut why: Vec<_> =
            self.doubted.iter().filter(here).flat_map(|one| one.why.iter().copied()).collect();
        why.sort_unstable();
        why.dedup();
        why
    }

    fn word(&self, nth: usize) -> &str {
        let begin = self.starts.get(nth).map_or(self.read.len(), |at| *at as usize);
        let end = self.starts.get(nth + 1).map_or(self.read.len(), |at| *at as usize);
        self.read.get(begin..end).unwrap_or_default().trim_end()
    }

    fn row(&self, from: usize, to: usize) -> String {
        let to = to.min(self.starts.len());
        (from..to).map(|nth| self.word(nth)).collect::<Vec<_>>().join(" ")
    }
}

/// The passages in doubt, by the numbers of their words.
fn doubted(reading: &Reading) -> Vec<Doubted> {
    let mut first = 0;
    let mut doubted = Vec::new();
    for segment in &reading.segments {
        let end = first + small(segment.words.len() as u64);
        if !segment.doubts.is_empty() {
            doubted.push(Doubted { first, end, why: segment.doubts.clone() });
        }
        first = end;
    }
    doubted
}

/// An hour has 3.6 million milliseconds and some 60 kB of words.
fn small(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use hearback_domain::{
        Hidden, HideReason, HideWith, Ms, RedactionVersion, Span,
        transcript::{Segment, Transcript, Word},
    };

    use super::*;

    fn text(words: &[(u64, u64, &str)], hidden: &[(u64, u64)]) -> Text {
        let word = |&(start_ms, end_ms, text): &(u64, u64, &str)| Word {
            start_ms,
            end_ms,
            text: text.to_owned(),
            p: 1.0,
            ..Word::default()
        };
        let words: Vec<_> = words.iter().map(word).collect();
        let segment = Segment {
            start_ms: words[0].start_ms,
            end_ms: words[words.len() - 1].end_ms,
            words,
            ..Segment::default()
        };
        let transcript =
            Transcript { duration_ms: 60_000, segments: vec![segment], ..Transcript::default() };
        let hide = |&(start, end): &(u64, u64)| Hidden {
            span: Span::new(Ms::new(start), Ms::new(end)).unwrap(),
            why: HideReason::Name,
        };
        let set = RedactionSet {
            version: RedactionVersion::new(1),
            with: HideWith::Tone,
            hidden: hidden.iter().map(hide).collect(),
        };
        Text::of(Reading::original(&transcript), &set)
    }

    #[test]
    fn what_is_found_is_shown_with_what_is_around_it() {
        let words =
            [(0, 400, "We"), (500, 900, "met"), (1_000, 1_500, "Zoë,"), (2_000, 2_500, "twice.")];
        let text = text(&words, &[]);
        let hits: Vec<_> = text
            .find(&Query::parse("zoe").unwrap())
            .into_iter()
            .map(|found| text.hit(found))
            .collect();
        let hit = Hit {
            at: 1_000,
            before: "We met".to_owned(),
            said: "Zoë,".to_owned(),
            after: "twice.".to_owned(),
            unsure: false,
            doubts: Vec::new(),
        };
        assert_eq!(hits, [hit]);
    }

    #[test]
    fn what_is_in_doubt_says_so_where_it_is_found() {
        let word = |start_ms, text: &str, p| Word {
            start_ms,
            end_ms: start_ms + 400,
            text: text.to_owned(),
            p,
            ..Word::default()
        };
        let segment = |words: Vec<Word>, doubts: &[Doubt]| Segment {
            start_ms: words[0].start_ms,
            end_ms: words[words.len() - 1].end_ms,
            words,
            doubts: doubts.to_vec(),
            ..Segment::default()
        };
        let transcript = Transcript {
            duration_ms: 60_000,
            segments: vec![
                segment(vec![word(0, "we", 0.9), word(500, "met", 0.3)], &[]),
                segment(
                    vec![word(5_000, "you", 0.9), word(5_500, "you", 0.9)],
                    &[Doubt::Repetition],
                ),
                segment(vec![word(9_000, "twice", 0.9)], &[]),
            ],
            ..Transcript::default()
        };
        let set = RedactionSet {
            version: RedactionVersion::new(1),
            with: HideWith::Tone,
            hidden: Vec::new(),
        };
        let text = Text::of(Reading::original(&transcript), &set);
        let told = |typed| -> Vec<(bool, Vec<Doubt>)> {
            let found = text.find(&Query::parse(typed).unwrap()).into_iter();
            found.map(|found| text.hit(found)).map(|hit| (hit.unsure, hit.doubts)).collect()
        };
        assert_eq!(told("we"), [(false, vec![])]);
        assert_eq!(told("met"), [(true, vec![])], "a dotted line");
        let doubted = (false, vec![Doubt::Repetition]);
        assert_eq!(told("you"), [doubted.clone(), doubted]);
        assert_eq!(told("twice"), [(false, vec![])]);
        assert_eq!(told("\"met you\""), [(true, vec![Doubt::Repetition])], "across two passages");
    }

    #[test]
    fn what_is_hidden_is_neither_found_nor_shown() {
        let words = [
            (0, 400, "met"),
            (5_000, 5_500, "Robin"),
            (5_500, 6_000, "Ashdown"),
            (9_000, 9_500, "twice"),
        ];
        let text = text(&words, &[(5_000, 6_000)]);
        let found = |typed| text.find(&Query::parse(typed).unwrap()).len();
        for name in ["robin", "ashdown", "rob*", "hidden", "\"met twice\""] {
            assert_eq!(found(name), 0, "{name}");
        }
        let hit = text.hit(text.find(&Query::parse("met").unwrap())[0]);
        assert_eq!((hit.said.as_str(), hit.after.as_str()), ("met", "[hidden] twice"));
    }
}
