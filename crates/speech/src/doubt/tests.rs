//! What is doubted, and what is not.

use hearback_domain::Ms;

use super::*;
use crate::transcript::Word;

fn span(start: u64, end: u64) -> Span {
    Span::at_least_a_millisecond(Ms::new(start), Ms::new(end))
}

/// Words of equal length, from `start` on.
fn segment(text: &str, start: u64, each: u64, p: f32) -> Segment {
    let words: Vec<Word> = text
        .split_whitespace()
        .zip(0..)
        .map(|(text, at)| Word {
            start_ms: start + at * each,
            end_ms: start + (at + 1) * each,
            text: text.to_owned(),
            p,
            speaker: None,
        })
        .collect();
    Segment {
        start_ms: start,
        end_ms: words.last().map_or(start, |word| word.end_ms),
        text: text.to_owned(),
        avg_logprob: p.ln(),
        words,
        ..Segment::default()
    }
}

const SENTENCE: &str = "We talked about what might help her";

/// The doubts about `segment` in half a minute where somebody speaks at `voice`.
fn doubts(segment: Segment, voice: &[Span]) -> Vec<Doubt> {
    let scene = scene(voice);
    let (start, end) = (segment.start_ms, segment.end_ms);
    let all = mark(vec![segment], &scene);
    let found = all.iter().find(|one| (one.start_ms, one.end_ms) == (start, end)).unwrap();
    found.doubts.clone()
}

fn scene(voice: &[Span]) -> Scene<'_> {
    Scene {
        heard: span(0, 30_000),
        voice: Some(voice),
        language: "en",
        sounds_like: None,
        before: &[],
    }
}

#[test]
fn plain_speech_is_not_doubted() {
    let voice = [span(900, 3_200)];
    assert_eq!(doubts(segment(SENTENCE, 1_000, 300, 0.9), &voice), []);
    // One word, not very sure: people mumble.
    assert_eq!(doubts(segment("Yes.", 1_000, 300, 0.7), &voice[..1]), []);
}

#[test]
fn each_doubt_has_its_reason() {
    let voice = [span(900, 3_200)];
    assert_eq!(doubts(segment(SENTENCE, 10_000, 300, 0.9), &voice), [Doubt::NobodySpeaks]);
    assert_eq!(doubts(segment(SENTENCE, 1_000, 300, 0.5), &voice), [Doubt::LowProbability]);
    assert_eq!(doubts(segment(SENTENCE, 1_000, 100, 0.9), &voice), [Doubt::TooFast]);
    let squeezed = doubts(segment(SENTENCE, 1_000, 40, 0.9), &voice);
    assert_eq!(squeezed, [Doubt::TooFast, Doubt::NoLength]);
    let whispered = |p| Segment { no_speech_prob: 0.8, ..segment(SENTENCE, 1_000, 300, p) };
    assert_eq!(doubts(whispered(0.9), &voice), [], "it is sure, and there is a voice");
    assert_eq!(doubts(whispered(0.73), &voice), [Doubt::PerhapsNotSpeech]);
    let half = [span(900, 1_500)];
    assert_eq!(doubts(whispered(0.9), &half), [Doubt::PerhapsNotSpeech]);
    assert_eq!(doubts(segment("♪♪", 1_000, 900, 0.9), &voice), [Doubt::PerhapsNotSpeech]);
    let circle = "and then he said and then he said and then he said";
    assert_eq!(doubts(segment(circle, 1_000, 200, 0.9), &voice), [Doubt::Repetition]);
    let russian = "Продолжение следует";
    assert_eq!(doubts(segment(russian, 1_000, 900, 0.9), &voice), [Doubt::LanguageFlip]);
}

#[test]
fn a_stretch_that_sounds_like_another_language_is_doubted() {
    let voice = [span(900, 3_200)];
    let marked = |sounds_like| {
        let scene = Scene { sounds_like: Some(sounds_like), ..scene(&voice) };
        mark(vec![segment(SENTENCE, 1_000, 300, 0.9)], &scene)[0].doubts.clone()
    };
    assert_eq!(marked(("de", 0.9)), [Doubt::LanguageFlip]);
    assert_eq!(marked(("de", 0.4)), []);
    assert_eq!(marked(("en", 0.9)), []);
}

#[test]
fn a_confident_phrase_among_guesses_is_doubted() {
    let segments = vec![
        segment("I am a proud and", 0, 300, 0.4),
        segment("of our moons become", 2_000, 300, 0.4),
        segment("I see you", 4_000, 300, 0.9),
    ];
    let voice = [span(0, 5_000)];
    for segment in mark(segments, &scene(&voice)) {
        assert!(segment.doubts.contains(&Doubt::LowProbability), "{segment:?}");
    }
}

#[test]
fn a_voice_without_words_is_a_segment_without_words() {
    let voice =
        [span(1_000, 3_000), span(10_000, 12_000), span(12_300, 13_000), span(20_000, 20_500)];
    let all = mark(vec![segment(SENTENCE, 1_000, 280, 0.9)], &scene(&voice));
    assert_eq!(all.len(), 2, "{all:?}");
    let silent = &all[1];
    assert_eq!((silent.start_ms, silent.end_ms), (10_000, 13_000));
    assert_eq!((&*silent.text, silent.words.len()), ("", 0));
    assert_eq!(silent.doubts, [Doubt::NoText]);
    // Before the first words, too, and where there are none at all.
    let all = mark(vec![segment(SENTENCE, 11_000, 280, 0.9)], &scene(&voice));
    assert_eq!(all[0].doubts, [Doubt::NoText]);
    assert_eq!(mark(Vec::new(), &scene(&voice)).len(), 2);
    assert_eq!(mark(Vec::new(), &scene(&[])), []);
}

#[test]
fn where_nobody_knows_of_voices_nothing_is_said_of_them() {
    let scene = Scene { voice: None, ..scene(&[]) };
    let all = mark(vec![segment(SENTENCE, 1_000, 300, 0.9)], &scene);
    assert_eq!((all.len(), &all[0].doubts), (1, &Vec::new()));
}

/// Whatever comes in: nothing of it is lost or changed, it stays in order, and what is added has no words.
#[test]
fn nothing_is_taken_away() {
    let mut state = 11_u32;
    let mut draw = |below: u32| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 16) % below
    };
    for _ in 0..300 {
        let mut at = 0;
        let segments: Vec<Segment> = (0..draw(6))
            .map(|_| {
                let start = at + u64::from(draw(3_000));
                let words = vec!["word"; 1 + draw(20) as usize].join(" ");
                let p = (1 + draw(99)).to_string().parse::<f32>().unwrap() / 100.0;
                let one = segment(&words, start, u64::from(draw(400)), p);
                at = one.end_ms;
                one
            })
            .collect();
        let mut at = 0;
        let voice: Vec<Span> = (0..draw(6))
            .map(|_| {
                let start = at + u64::from(draw(4_000));
                at = start + 1 + u64::from(draw(5_000));
                span(start, at)
            })
            .collect();
        let marked = mark(segments.clone(), &scene(&voice));
        assert!(marked.is_sorted_by_key(|one| one.start_ms));
        let kept: Vec<_> = marked
            .iter()
            .filter(|one| one.doubts != [Doubt::NoText])
            .map(|one| Segment { doubts: Vec::new(), ..one.clone() })
            .collect();
        assert_eq!(kept, segments);
        for added in marked.iter().filter(|one| one.doubts == [Doubt::NoText]) {
            assert!(added.words.is_empty() && added.end_ms - added.start_ms >= UNWRITTEN_MS);
            let apart = |s: &Segment| s.end_ms <= added.start_ms || s.start_ms >= added.end_ms;
            assert!(segments.iter().all(apart));
        }
    }
}
