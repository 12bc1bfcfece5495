//! The aids for coders: one conversation whose numbers are known.

use super::{
    turns::{Questions, Turns},
    *,
};

fn says(start: u64, letter: char, text: &str) -> Segment {
    let mut segment = said(start, text);
    segment.words.iter_mut().for_each(|word| word.speaker = Some(speaker(letter)));
    segment
}

#[test]
fn a_conversation_in_numbers() {
    let mut second = says(4_200, 'B', "it was hard");
    // B begins while A's last word still sounds.
    second.words[0].start_ms = 1_000;
    second.words[0].end_ms = 1_500;
    second.words[1] = Word { speaker: second.words[1].speaker, ..word(1_600, 2_000, "was") };
    second.words[2] = Word { speaker: second.words[2].speaker, ..word(2_500, 3_000, "hard.") };
    let first = says(0, 'A', "week really now?");
    let mut first = Segment { words: first.words, ..first };
    first.words[2].end_ms = 1_300;
    let silent = Segment {
        start_ms: 14_000,
        end_ms: 15_000,
        doubts: vec![Doubt::NoText],
        ..Segment::default()
    };
    let ghost =
        Segment { doubts: vec![Doubt::NobodySpeaks], ..says(30_000, 'B', "thanks for watching") };
    let machine = transcript(vec![
        first,
        second,
        says(9_000, 'A', "So how was that?"),
        silent,
        says(20_000, 'B', "fine"),
        ghost,
    ]);
    let turns = Turns::of(&Reading::original(&machine), "en", Ms::new(4_000));
    let [a, b] = &*turns.speakers else { panic!("two speak: {turns:?}") };
    assert_eq!((a.turns, b.turns), (2, 2));
    assert_eq!((a.interruptions, b.interruptions), (0, 1));
    // A: 0–1.3 s with its breaths, and four words of 0.4 s with 0.1 s between them; B: 1.0–2.0, 2.5–3.0 (a breath of
    // half a second between), and one word.
    assert_eq!((a.talk_ms, b.talk_ms), (1_300 + 1_900, 2_000 + 400));
    assert!((a.share + b.share - 1.0).abs() < 1e-9 && a.share > b.share);
    assert_eq!(a.questions, Some(Questions { open: 1, closed: 0, other: 1 }));
    // Nobody speaks from 3 s to 9 s and from 15 s to 20 s; from 10.9 s to 14 s is too short.
    assert_eq!(turns.silences, [(3_000, 9_000), (15_000, 20_000)]);
    assert_eq!(
        Turns::of(&Reading::original(&machine), "cy", Ms::new(4_000)).speakers[0].questions,
        None
    );
}

#[test]
fn questions_by_their_first_words() {
    let open = [
        "What was that like?",
        "So, how did it go?",
        "And why's that?",
        "Tell me more?",
        "Could you tell me about it?",
        "In what way?",
        "Well what would you want?",
    ];
    let closed = [
        "Did he come?",
        "Is that okay?",
        "So have you eaten?",
        "How many were there?",
        "What time is it?",
        "Who came?",
        "Where do you live?",
        "Don't you think?",
        "How long ago?",
    ];
    let other = ["He came home?", "Really?", "In the park?", "So?"];
    let counted = |text: &str| {
        let machine = transcript(vec![says(0, 'A', text)]);
        let turns = Turns::of(&Reading::original(&machine), "en", Ms::new(4_000));
        let counted = turns.speakers[0].questions.unwrap();
        (counted.open, counted.closed, counted.other)
    };
    for text in open {
        assert_eq!(counted(text), (1, 0, 0), "{text}");
    }
    for text in closed {
        assert_eq!(counted(text), (0, 1, 0), "{text}");
    }
    for text in other {
        assert_eq!(counted(text), (0, 0, 1), "{text}");
    }
    assert_eq!(counted("You went. Did you?"), (0, 1, 0), "a sentence begins after a full stop");
}
