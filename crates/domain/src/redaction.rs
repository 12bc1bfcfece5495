//! What is hidden of a recording from those who hear extracts of it: names, addresses, somebody who has not agreed.
//!
//! Hiding is easy and showing again is not: one person marks a passage, and it is hidden at once; only a second person
//! can have it shown again. A marked passage is never changed. To hide less of it, one hides the smaller passage and
//! has the larger one shown again, which takes two people like everything that uncovers sound.

use std::fmt;

use crate::{Ms, Span, UnknownWord, UserId, person::words};

/// How far on either side of a marked passage something may sound different because of it: the guard that is hidden
/// with it, because marks are some tens of milliseconds off and a name can be known by its first sound (150 ms); a gap
/// to the next hidden passage that is too short to be left (100 ms); and the fades of what is beside it.
pub const REACH: Ms = Ms::new(300);

/// The most passages that are hidden of one recording.
pub const MOST_HIDDEN: usize = 500;

words! {
    /// What is heard in the place of hidden passages, of all those of a recording.
    HideWith, UnknownWord;
    /// A tone of one height, whatever was said: heard as "something is left out".
    Tone = "tone",
    /// Nothing.
    Silence = "silence",
}

words! {
    /// Why a passage is hidden: a kind, and no words. What was said is not to be found beside where it was hidden.
    HideReason, UnknownWord;
    /// A name.
    Name = "name",
    /// Where somebody lives or is to be found.
    Address = "address",
    /// A school, a doctor, a place of work.
    School = "school",
    /// Somebody who is talked about or heard and was not asked.
    ThirdParty = "third_party",
    /// Something else by which somebody could be known.
    Other = "other",
}

impl HideWith {
    /// For a page.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Tone => "A tone",
            Self::Silence => "Silence",
        }
    }
}

impl HideReason {
    /// For a page.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Name => "A name",
            Self::Address => "An address or a place",
            Self::School => "A school, a surgery or a workplace",
            Self::ThirdParty => "Somebody else",
            Self::Other => "Something else",
        }
    }
}

/// A passage that is hidden.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hidden {
    /// Where, as it was marked.
    pub span: Span,
    /// Why.
    pub why: HideReason,
}

impl Hidden {
    /// Everything that may sound different because of it: the passage with [`REACH`] on either side.
    pub fn reach(&self) -> Span {
        let start = Ms::new(self.span.start().get().saturating_sub(REACH.get()));
        // Widening keeps the order of the two ends.
        Span::new(start, self.span.end().plus(REACH)).unwrap_or(self.span)
    }
}

/// Everything that is hidden of a recording, as of one version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedactionSet {
    /// Which version.
    pub version: RedactionVersion,
    /// What is heard in their place.
    pub with: HideWith,
    /// The passages, by where they begin.
    pub hidden: Vec<Hidden>,
}

impl RedactionSet {
    /// Whether anything of `span` (a word, a caption, an extract) lies where something is hidden. Text there is hidden
    /// with the sound.
    pub fn touches(&self, span: Span) -> bool {
        self.hidden.iter().any(|one| one.reach().overlaps(span))
    }
}

/// Which state of a recording's hidden passages: counts each passage that was hidden or shown again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RedactionVersion(u64);

impl RedactionVersion {
    /// From its number; zero is a recording of which nothing was ever hidden.
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// Its number.
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl fmt::Display for RedactionVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Why a passage cannot be hidden.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HideError {
    /// It reaches past the end of the recording.
    #[error("the passage reaches past the end of the recording")]
    PastEnd,
    /// There are [`MOST_HIDDEN`] already.
    #[error(
        "that is more than can be hidden one by one; hide a longer passage in place of several"
    )]
    TooMany,
}

/// Checks a passage that is to be hidden beside `others` of a recording this long.
pub fn check_hidden(span: Span, others: usize, recording: Ms) -> Result<(), HideError> {
    if span.end() > recording {
        Err(HideError::PastEnd)
    } else if others >= MOST_HIDDEN {
        Err(HideError::TooMany)
    } else {
        Ok(())
    }
}

/// No word lasts longer: where the recogniser says so, its times are not to be believed.
const LONGEST_WORD: Ms = Ms::from_seconds(5);

/// The passage with every word that it touches whole, and what is said over those: half a name is a name.
///
/// `words` are the times of the words, in any order. What comes out ends within the recording.
pub fn whole_words(marked: Span, words: &[Span], recording: Ms) -> Span {
    let believed = |word: &&Span| word.len() <= LONGEST_WORD && word.start() < recording;
    let mut whole = marked;
    loop {
        let touched = words.iter().filter(believed).filter(|word| word.overlaps(whole));
        let wider = touched.fold(whole, |whole, word| {
            let end = word.end().min(recording).max(whole.end());
            Span::new(word.start().min(whole.start()), end).unwrap_or(whole)
        });
        if wider == whole {
            return whole;
        }
        whole = wider;
    }
}

/// Why a hidden passage stays hidden.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StaysHidden {
    /// Nobody asked for it.
    #[error("nobody has asked for this passage to be heard again")]
    NotAsked,
    /// Whoever asked for it says yes to it too.
    #[error("somebody else says yes to that: two people decide that a passage is heard again")]
    SamePerson,
}

/// Whether `second` may have a passage shown again that `first` asked for: two people, whatever hats they wear.
pub fn may_show_again(first: Option<UserId>, second: UserId) -> Result<(), StaysHidden> {
    match first {
        None => Err(StaysHidden::NotAsked),
        Some(first) if first == second => Err(StaysHidden::SamePerson),
        Some(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn span(start: u64, end: u64) -> Span {
        Span::new(Ms::new(start), Ms::new(end)).unwrap()
    }

    fn hidden(start: u64, end: u64) -> Hidden {
        Hidden { span: span(start, end), why: HideReason::Name }
    }

    #[test]
    fn a_word_is_hidden_with_whatever_its_sound_touches() {
        let both = vec![hidden(100, 400), hidden(5_000, 5_500)];
        assert_eq!(both[0].reach(), span(0, 700), "never before the beginning");
        assert_eq!(both[1].reach(), span(4_700, 5_800));
        let set =
            RedactionSet { version: RedactionVersion::new(2), with: HideWith::Tone, hidden: both };
        for (word, expected) in [
            (span(699, 800), true),
            (span(700, 4_700), false),
            (span(4_000, 4_701), true),
            (span(5_100, 5_200), true),
            (span(5_800, 6_000), false),
        ] {
            assert_eq!(set.touches(word), expected, "{word:?}");
        }
        let nothing = RedactionSet { hidden: Vec::new(), ..set };
        assert!(!nothing.touches(span(0, 1)));
    }

    #[test]
    fn no_word_is_cut_in_two() {
        let words = [span(900, 1_000), span(1_000, 1_300), span(1_250, 1_600), span(1_700, 1_900)];
        let minute = Ms::from_seconds(60);
        for (marked, whole) in [
            (span(1_100, 1_200), span(1_000, 1_600)),
            (span(1_000, 1_600), span(1_000, 1_600)),
            (span(1_610, 1_690), span(1_610, 1_690)),
            (span(950, 1_800), span(900, 1_900)),
        ] {
            assert_eq!(whole_words(marked, &words, minute), whole, "{marked:?}");
        }
        let loops = [span(0, 30_000), span(59_900, 61_000)];
        assert_eq!(whole_words(span(10, 20), &loops, minute), span(10, 20), "no word is so long");
        assert_eq!(whole_words(span(59_950, 60_000), &loops, minute), span(59_900, 60_000));
    }

    #[test]
    fn two_people_decide_that_something_is_heard_again() {
        let person = |n| UserId::from_uuid(Uuid::from_u128(n));
        assert_eq!(may_show_again(None, person(1)), Err(StaysHidden::NotAsked));
        assert_eq!(may_show_again(Some(person(1)), person(1)), Err(StaysHidden::SamePerson));
        assert_eq!(may_show_again(Some(person(1)), person(2)), Ok(()));
    }

    #[test]
    fn what_is_hidden_lies_in_the_recording() {
        let minute = Ms::from_seconds(60);
        assert_eq!(check_hidden(span(59_000, 60_000), 0, minute), Ok(()));
        assert_eq!(check_hidden(span(59_000, 60_001), 0, minute), Err(HideError::PastEnd));
        assert_eq!(check_hidden(span(0, 1), MOST_HIDDEN, minute), Err(HideError::TooMany));
    }
}
