//! Span sets against a slow definition: one flag for each millisecond.

use hearback_audio::redact::{Digest, MarkError, RedactWith, Redaction, Rules, SpanSet, mark};
use hearback_domain::{Ms, Span};
use proptest::prelude::*;
use serde_json::json;

use crate::{
    evidence,
    scene::{span, spans},
};

/// Generated cases of each property.
const CASES: u32 = 5_000;

fn rules() -> impl Strategy<Value = Rules> {
    (0_u64..300, 0_u64..200)
        .prop_map(|(guard, gap)| Rules { guard: Ms::new(guard), least_gap: Ms::new(gap) })
}

fn marks() -> impl Strategy<Value = Vec<Span>> {
    let one = (0_u64..3_000, 1_u64..700).prop_map(|(start, len)| span(start, start + len));
    prop::collection::vec(one, 0..12)
}

/// Which milliseconds are hidden, by the words of the rules.
fn slowly(marks: &[Span], recording: u64, rules: Rules) -> Vec<bool> {
    let (guard, gap) = (rules.guard.get(), rules.least_gap.get() as usize);
    let mut hidden: Vec<bool> = (0..recording)
        .map(|ms| {
            let near = |m: &Span| m.start().get() < ms + guard + 1 && ms < m.end().get() + guard;
            marks.iter().any(near)
        })
        .collect();
    let mut at = 0;
    while !marks.is_empty() && at < hidden.len() {
        let run = hidden[at..].iter().take_while(|h| !**h).count();
        if run > 0 && run < gap {
            hidden[at..at + run].fill(true);
        }
        at += run.max(1);
    }
    hidden
}

fn flags(set: &SpanSet) -> Vec<bool> {
    let inside = |ms: u64| set.hidden().any(|s| s.start().get() <= ms && ms < s.end().get());
    (0..set.recording().get()).map(inside).collect()
}

/// The same marks, otherwise: in another order, some twice, some in two pieces.
fn otherwise(marks: &[Span], seed: u64) -> Vec<Span> {
    let mut chance = crate::sounds::Chance::new(seed);
    let mut out = Vec::new();
    for one in marks {
        let (start, end) = (one.start().get(), one.end().get());
        if end - start > 1 {
            let cut = start + 1 + chance.next() % (end - start - 1);
            let overlap = chance.next() % 3;
            out.push(span(start, (cut + overlap).min(end)));
            out.push(span(cut, end));
        } else {
            out.push(*one);
        }
        if chance.next().is_multiple_of(3) {
            out.push(*one);
        }
    }
    for i in (1..out.len()).rev() {
        out.swap(i, (chance.next() % (i as u64 + 1)) as usize);
    }
    out
}

proptest! {
    #![proptest_config(ProptestConfig { cases: CASES, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_hidden_is_what_the_rules_say(marks in marks(), recording in 3_000_u64..4_000, rules in rules()) {
        let set = SpanSet::new(marks.clone(), Ms::new(recording), rules).expect("marks");
        prop_assert_eq!(flags(&set), slowly(&marks, recording, rules));
        let length = flags(&set).iter().filter(|h| **h).count() as u64;
        prop_assert_eq!(set.length(), Ms::new(length));
        let hidden: Vec<Span> = set.hidden().collect();
        prop_assert!(hidden.windows(2).all(|w| w[0].end() < w[1].start()), "none touches the next");
        prop_assert_eq!(set.is_empty(), marks.is_empty());
    }

    #[test]
    fn however_it_is_marked_it_is_the_same_set(marks in marks(), seed: u64, rules in rules(), tone: bool) {
        let recording = Ms::new(3_800);
        let with = if tone { RedactWith::Tone } else { RedactWith::Silence };
        let set = SpanSet::new(marks.clone(), recording, rules).expect("marks");
        let other = SpanSet::new(otherwise(&marks, seed), recording, rules).expect("marks");
        prop_assert_eq!(&set, &other);
        let again = SpanSet::new(set.marks().to_vec(), recording, rules).expect("marks");
        prop_assert_eq!(&set, &again, "marking it again changes nothing");
        let redaction = Redaction::new(set, with);
        prop_assert_eq!(redaction.digest(), Redaction::new(other, with).digest());
        let read: Redaction = redaction.to_string().parse().expect("its own text");
        prop_assert_eq!(&read, &redaction);
        let digest: Digest = redaction.digest().to_string().parse().expect("its own text");
        prop_assert_eq!(digest, redaction.digest());
    }

    #[test]
    fn another_mark_hides_more_and_never_less(marks in marks(), more in marks(), rules in rules()) {
        let recording = Ms::new(3_800);
        let before = SpanSet::new(marks.clone(), recording, rules).expect("marks");
        let after = SpanSet::new(marks.into_iter().chain(more), recording, rules).expect("marks");
        prop_assert!(flags(&before).iter().zip(flags(&after)).all(|(b, a)| a >= *b));
        let digest = |set| Redaction::new(set, RedactWith::Tone).digest();
        prop_assert_eq!(before == after, digest(before.clone()) == digest(after.clone()));
    }

    #[test]
    fn no_word_is_cut_in_two(
        marks in marks(),
        words in prop::collection::vec((0_u64..3_400, 1_u64..90), 0..60),
        rules in rules(),
    ) {
        let recording = Ms::new(3_800);
        let words: Vec<Span> = words.into_iter().map(|(start, len)| span(start, start + len)).collect();
        let set = SpanSet::of_words(marks.clone(), &words, recording, rules).expect("marks");
        let inside = |mark: &Span, word: &Span| mark.start() <= word.start() && word.end() <= mark.end();
        for mark in set.marks() {
            for word in words.iter().filter(|word| word.overlaps(*mark)) {
                prop_assert!(inside(mark, word), "{:?} in {:?}", word, mark);
            }
        }
        for mark in &marks {
            prop_assert!(set.marks().iter().any(|snapped| inside(snapped, mark)));
        }
        let again = SpanSet::of_words(set.marks().to_vec(), &words, recording, rules).expect("marks");
        prop_assert_eq!(set, again);
    }

    #[test]
    fn times_from_outside_are_marks_or_mistakes(start in any::<f64>(), end in any::<f64>()) {
        match mark(start, end) {
            Ok(span) => {
                prop_assert!(0.0 <= start && start < end && end < 9e15);
                prop_assert!(span.start().get() as f64 <= start && end <= span.end().get() as f64);
            }
            Err(MarkError::NoLength) => prop_assert!(start >= end),
            Err(MarkError::NoTime) => {
                prop_assert!([start, end].iter().any(|t| !(0.0..9e15).contains(t)));
            }
            Err(other) => prop_assert!(false, "{}", other),
        }
    }

    #[test]
    fn text_that_was_not_written_here_is_refused(marks in marks(), at: u16, byte in 32_u8..127) {
        let set = SpanSet::new(marks, Ms::new(3_500), Rules::default()).expect("marks");
        let text = Redaction::new(set, RedactWith::Tone).to_string();
        let mut other = text.clone().into_bytes();
        let at = usize::from(at) % other.len();
        other[at] = byte;
        let other = String::from_utf8(other).expect("ASCII");
        // What is read is written again as it was.
        if let Ok(read) = other.parse::<Redaction>() {
            prop_assert_eq!(read.to_string(), other);
        }
    }
}

#[test]
fn the_figures_of_these_properties() {
    evidence::add(&[("span_set_cases", json!(6 * CASES))]);
}

#[test]
fn ten_thousand_marks_take_a_moment() {
    let recording = Ms::from_seconds(36_000);
    let marks: Vec<Span> = (0..10_000).map(|i| span(i * 3_600, i * 3_600 + 500)).collect();
    let words: Vec<Span> = (0..100_000).map(|i| span(i * 360, i * 360 + 340)).collect();
    let started = std::time::Instant::now();
    let set = SpanSet::of_words(marks, &words, recording, Rules::default()).expect("marks");
    assert_eq!(set.marks().len(), 10_000);
    assert!(started.elapsed().as_secs() < 2, "{:?}", started.elapsed());
}

#[test]
fn a_set_knows_what_it_touches() {
    let set =
        SpanSet::new(spans(&[(1_000, 1_200)]), Ms::new(5_000), Rules::default()).expect("marks");
    assert!(set.touches(span(0, 851)), "the guard counts");
    assert!(!set.touches(span(0, 850)));
    assert!(set.touches(span(1_349, 2_000)));
    assert!(!set.touches(span(1_350, 2_000)));
}
