//! What has to be true of corrections whatever the machine wrote and whatever people did.

mod people;
mod rules;

use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::{Timestamp, UserId};

/// Length of the recordings here.
const LENGTH: u64 = 60_000;

fn person() -> UserId {
    UserId::from_uuid(Uuid::from_u128(7))
}

fn span(start: u64, end: u64) -> Span {
    Span::new(Ms::new(start), Ms::new(end)).unwrap()
}

fn speaker(letter: char) -> Speaker {
    Speaker::try_from(letter).unwrap()
}

fn word(start_ms: u64, end_ms: u64, text: &str) -> Word {
    Word { start_ms, end_ms, text: text.to_owned(), p: 0.9, speaker: None }
}

/// One segment from its words.
fn segment(words: Vec<Word>) -> Segment {
    Segment {
        start_ms: words.first().map_or(0, |word| word.start_ms),
        end_ms: words.last().map_or(0, |word| word.end_ms),
        text: words.iter().map(|word| &*word.text).collect::<Vec<_>>().join(" "),
        words,
        ..Segment::default()
    }
}

fn transcript(segments: Vec<Segment>) -> Transcript {
    Transcript { duration_ms: LENGTH, segments, ..Transcript::default() }
}

/// Words of 400 ms, a half second apart, from `start`.
fn said(start: u64, text: &str) -> Segment {
    let times = (start..).step_by(500);
    segment(times.zip(text.split(' ')).map(|(at, text)| word(at, at + 400, text)).collect())
}

fn changed(transcript: &Transcript, changes: impl IntoIterator<Item = Change>) -> Corrections {
    let mut corrections = Corrections::default();
    for change in changes {
        let change = as_read(transcript, &corrections, change);
        corrections.add(transcript, Timestamp::from_micros(1), person(), change).unwrap();
    }
    corrections
}

/// The change of somebody who listens with the newest reading before them.
fn as_read(transcript: &Transcript, corrections: &Corrections, change: Change) -> Change {
    let Change::Heard { start_ms, end_ms, .. } = change else { return change };
    let was = read(transcript, corrections).text_in(span(start_ms, end_ms));
    Change::Heard { start_ms, end_ms, was }
}

fn text_of(reading: &Reading) -> String {
    reading.segments.iter().map(|segment| &*segment.text).collect::<Vec<_>>().join(" | ")
}

fn texts() -> impl Strategy<Value = String> {
    const WORDS: &[&str] =
        &["well", "Robin", "Robin's,", "came", "ROBIN.", "home?", "yes", "Robinson", "Ash"];
    prop::collection::vec(prop::sample::select(WORDS), 0..6).prop_map(|all| all.join(" "))
}

/// Transcripts as a machine writes them: in order of time, some words without a length, some abutting.
fn transcripts() -> impl Strategy<Value = Transcript> {
    let one = (0_u64..900, prop::sample::select(&[0_u64, 1, 90, 400, 700][..]), texts(), 0_u8..4);
    let doubts = prop::collection::vec(prop::sample::select(Doubt::ALL), 0..2);
    let segments = prop::collection::vec((prop::collection::vec(one, 0..8), doubts), 0..6);
    segments.prop_map(|segments| {
        let mut at = 0;
        let segments = segments.into_iter().map(|(words, doubts)| {
            let from = at;
            let words: Vec<Word> = words
                .into_iter()
                .map(|(gap, length, text, speaker)| {
                    let start = at + if gap < 300 { 0 } else { gap };
                    at = start + length;
                    let text = text.split(' ').next().filter(|t| !t.is_empty()).unwrap_or("so");
                    let speaker = (speaker < 3).then(|| Speaker::new(speaker)).flatten();
                    Word { speaker, ..word(start, at, text) }
                })
                .collect();
            at += 50;
            let empty = words.is_empty();
            let mut segment = segment(words);
            if empty {
                (segment.start_ms, segment.end_ms) = (from, at);
                segment.doubts = vec![Doubt::NoText];
            } else {
                segment.doubts = doubts;
            }
            segment
        });
        transcript(segments.collect())
    })
}

fn changes() -> impl Strategy<Value = Change> {
    let spans =
        || (0_u64..20_000, 1_u64..4_000).prop_map(|(start, length)| (start, start + length));
    let speakers = || (0_u8..4).prop_map(|index| Speaker::new(index).unwrap());
    prop_oneof![
        4 => (spans(), texts()).prop_map(|((start_ms, end_ms), text)| {
            Change::Text { start_ms, end_ms, was: String::new(), text }
        }),
        2 => (spans(), speakers()).prop_map(|((start_ms, end_ms), speaker)| {
            Change::Speaker { start_ms, end_ms, speaker }
        }),
        1 => (speakers(), "[A-Z][a-z]{0,5}|").prop_map(|(speaker, name)| {
            Change::Rename { speaker, name }
        }),
        1 => Just(Change::Merge { from: speaker('B'), into: speaker('A') }),
        2 => spans().prop_map(|(start_ms, end_ms)| {
            Change::Heard { start_ms, end_ms, was: String::new() }
        }),
        1 => Just(Change::Pseudonym { from: "robin".into(), to: "Kim".into() }),
        1 => (0_usize..4).prop_map(|index| Change::Undo { index }),
    ]
}

/// Those of the changes that can be taken.
fn taken(transcript: &Transcript, changes: Vec<Change>) -> Corrections {
    let mut corrections = Corrections::default();
    for change in changes {
        let change = as_read(transcript, &corrections, change);
        let result = corrections.add(transcript, Timestamp::from_micros(1), person(), change);
        assert!(matches!(result, Ok(()) | Err(CorrectionError::NoSuch)), "{result:?}");
    }
    corrections
}

proptest! {
    #[test]
    fn what_is_taken_back_leaves_nothing_and_can_be_brought_back(
        transcript in transcripts(), earlier in prop::collection::vec(changes(), 0..5), one in changes(),
    ) {
        let mut corrections = taken(&transcript, earlier);
        let before = read(&transcript, &corrections);
        let index = corrections.list().len();
        let mut add = |change| {
            let change = as_read(&transcript, &corrections, change);
            corrections.add(&transcript, Timestamp::from_micros(2), person(), change).is_ok()
                .then(|| read(&transcript, &corrections))
        };
        let Some(after) = add(one) else { return Ok(()) };
        prop_assert_eq!(add(Change::Undo { index }).unwrap(), before);
        prop_assert_eq!(add(Change::Undo { index: index + 1 }).unwrap(), after);
    }

    #[test]
    fn another_run_of_the_machine_keeps_every_word_of_a_person(
        first in transcripts(), second in transcripts(), those in prop::collection::vec(changes(), 0..8),
    ) {
        let corrections = taken(&first, those);
        let theirs = |transcript| {
            let reading = read(transcript, &corrections);
            let words = reading.words().filter(|word| word.by == By::Person);
            words.map(|word| (word.start_ms, word.end_ms, word.text.clone())).collect::<Vec<_>>()
        };
        // Names of several words are not among these, so no word of a person merges with one of the machine.
        prop_assert_eq!(theirs(&first), theirs(&second));
        prop_assert_eq!(read(&first, &corrections), read(&first, &Corrections::from_json(&corrections.to_json().unwrap()).unwrap()));
    }

    #[test]
    fn no_word_is_lost_or_doubled_and_time_goes_on(
        transcript in transcripts(), those in prop::collection::vec(changes(), 0..8),
    ) {
        let corrections = taken(&transcript, those);
        let reading = Reading::of_text(&transcript, &corrections);
        let spans: Vec<Span> = corrections
            .effective()
            .filter(|one| matches!(one.change, Change::Text { .. }))
            .filter_map(|one| one.change.span())
            .collect();
        let left = transcript.words().filter(|word| {
            let middle = word.start_ms + (word.end_ms - word.start_ms) / 2;
            !spans.iter().any(|span| (span.start().get()..span.end().get()).contains(&middle))
        });
        let left: Vec<&str> = left.map(|word| &*word.text).collect();
        let machine = reading.words().filter(|word| word.by == By::Machine);
        prop_assert_eq!(machine.map(|word| &*word.text).collect::<Vec<_>>(), left);
        let words: Vec<&ReadWord> = reading.words().collect();
        prop_assert!(words.is_sorted_by_key(|word| word.at));
        for pair in words.windows(2) {
            prop_assert!(pair[0].end_ms <= pair[1].start_ms, "{:?}", pair);
        }
        prop_assert!(reading.segments.is_sorted_by_key(|segment| segment.start_ms));
    }

    #[test]
    fn what_is_typed_is_what_is_read(
        transcript in transcripts(), earlier in prop::collection::vec(changes(), 0..4),
        which in any::<prop::sample::Index>(), typed in texts(),
    ) {
        let mut corrections = taken(&transcript, earlier);
        let reading = read(&transcript, &corrections);
        if reading.segments.is_empty() {
            return Ok(());
        }
        let before: String = text_of(&reading);
        let which = which.index(reading.segments.len());
        let stretch = reading.segments[which].span();
        let here = reading.text_in(stretch);
        let changes = reading.edited(stretch, &typed);
        prop_assert_eq!(changes.is_empty(), here == typed);
        for change in changes {
            let made = corrections.add(&transcript, Timestamp::from_micros(3), person(), change);
            prop_assert!(made.is_ok(), "{:?}", made);
        }
        // Not the stretch alone: nothing else may have changed. A name that is typed is read as its pseudonym.
        let joined = |text: &str| text.replace(" | ", " ").split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let words: Vec<&ReadWord> = reading.words().collect();
        let from = words.partition_point(|word| word.at < stretch.start().get());
        let to = words.partition_point(|word| word.at < stretch.end().get());
        let mut expected: Vec<String> = words[..from].iter().map(|word| word.text.clone()).collect();
        expected.extend(typed.split_whitespace().map(str::to_owned));
        expected.extend(words[to..].iter().map(|word| word.text.clone()));
        let renamed = corrections.effective().any(|one| matches!(one.change, Change::Pseudonym { .. }));
        let expected: Vec<String> = expected.iter().map(|word| match (renamed, &**word) {
            (true, "Robin" | "ROBIN") => "Kim".to_owned(),
            (true, "Robin's,") => "Kim's,".to_owned(),
            (true, "ROBIN.") => "Kim.".to_owned(),
            _ => word.clone(),
        }).collect();
        let now = text_of(&read(&transcript, &corrections));
        prop_assert_eq!(joined(&now), expected, "{}", before);
    }

    #[test]
    fn no_name_is_left(text in texts()) {
        let machine = transcript(vec![said(0, if text.is_empty() { "so" } else { &text })]);
        let corrections = changed(&machine, [Change::Pseudonym { from: "Robin".into(), to: "Kim".into() }]);
        let now = text_of(&read(&machine, &corrections));
        let names = |text: &str, name: &str| {
            text.split(|c: char| !c.is_alphanumeric()).filter(|word| word.to_lowercase() == name).count()
        };
        prop_assert_eq!(names(&now, "robin"), 0);
        prop_assert_eq!(names(&now, "kim"), names(&text, "robin"));
        prop_assert_eq!(now.matches("Robinson").count(), text.matches("Robinson").count());
    }
}
