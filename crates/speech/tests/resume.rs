//! A transcription that is stopped anywhere and taken up again: the same words.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

mod flite;
mod models;
mod pieces;

use std::{io, ops::ControlFlow};

use hearback_domain::Ms;
use hearback_speech::{Doubt, Engine, Event, Options, RATE, Segment, SpeechError, Voice};

use self::{flite::say, pieces::pieces};

fn engine(neural: bool) -> Engine {
    let engine = Engine::load(&models::file("ggml-tiny.en.bin"), 2).unwrap();
    if neural {
        engine.with_voice(Voice::load(&models::file("activity-silero.bin")).unwrap())
    } else {
        engine
    }
}

/// A minute of talk with pauses of every kind, in a room that is never quite silent.
fn visit() -> Vec<f32> {
    let talk = [
        ("Thank you for coming in today. Last time you told me about the mornings.", 300),
        ("Yes.", 2_500),
        ("The little one wakes up first, and then my son cannot find his shoes.", 700),
        ("And what happens then?", 100),
        (
            "Then I start to shout, and I do not like it when I shout, but nobody hears me otherwise.",
            11_000,
        ),
        ("It sounds as if you notice it very quickly.", 1_200),
        (
            "I do, and I feel bad about it for the rest of the day, and in the evening I am tired.",
            400,
        ),
        ("What would a good morning look like for you?", 25_000),
        ("We would all sit down together, and nobody would cry.", 50),
        ("When was the last time that you had a morning like that?", 900),
        (
            "Last Saturday, I think, when my sister came to stay and helped with the children.",
            1_500,
        ),
    ];
    let mut sound = vec![0.0; 5_000];
    for (text, pause) in talk {
        sound.extend(say("slt", text));
        sound.extend(vec![0.0; pause * RATE as usize / 1_000]);
    }
    let mut state = 3_u32;
    for sample in &mut sound {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        *sample += (f32::from((state >> 16) as u16) / 32_768.0 - 1.0) * 1e-3;
    }
    sound
}

fn source(sound: &[f32], from: Ms) -> impl FnMut(&mut Vec<f32>, usize) -> io::Result<usize> {
    pieces(&sound[usize::try_from(from.to_frames(RATE)).unwrap()..], usize::MAX)
}

/// From where a new run may go on, and how many segments lie before.
type Points = Vec<(Ms, usize)>;

/// What is final: the segments that were told, up to each point from which a new run may go on.
fn told(
    engine: &Engine,
    sound: &[f32],
    from: Ms,
    stop_after: usize,
) -> (Vec<Segment>, Points, Result<u64, SpeechError>) {
    let options = Options { from, ..Options::default() };
    let mut segments = Vec::new();
    let mut points = Vec::new();
    let ended = engine.transcribe(&mut source(sound, from), &options, &mut |event| {
        match event {
            Event::Language(_) => {}
            Event::Segments(new) => segments.extend_from_slice(new),
            Event::Progress { done } => {
                points.push((done, segments.len()));
                if points.len() == stop_after {
                    return ControlFlow::Break(());
                }
            }
        }
        ControlFlow::Continue(())
    });
    (segments, points, ended.map(|transcript| transcript.duration_ms))
}

#[test]
fn whoever_goes_on_loses_no_word_and_doubles_none() {
    let engine = engine(true);
    let sound = visit();
    let (whole, points, ended) = told(&engine, &sound, Ms::ZERO, usize::MAX);
    assert_eq!(ended.unwrap(), sound.len() as u64 / 16);
    assert!(points.len() >= 5, "{points:?}");
    assert!(points.is_sorted_by_key(|(done, _)| *done), "{points:?}");
    for (done, count) in &points {
        let (before, after) = whole.split_at(*count);
        assert!(before.iter().all(|segment| segment.end_ms <= done.get()), "{done:?}");
        assert!(after.iter().all(|segment| segment.start_ms >= done.get()), "{done:?}");
        let (rest, _, ended) = told(&engine, &sound, *done, usize::MAX);
        assert_eq!(rest, after, "from {} ms", done.get());
        assert_eq!(ended.unwrap(), sound.len() as u64 / 16);
    }
}

#[test]
fn three_runs_that_are_stopped_make_one() {
    let engine = engine(true);
    let sound = visit();
    let (whole, ..) = told(&engine, &sound, Ms::ZERO, usize::MAX);
    let (mut all, mut from) = (Vec::new(), Ms::ZERO);
    for _ in 0..3 {
        let (segments, points, ended) = told(&engine, &sound, from, 1);
        assert!(matches!(ended, Err(SpeechError::Cancelled)));
        let (done, count) = *points.last().unwrap();
        all.extend_from_slice(&segments[..count]);
        from = done;
    }
    all.extend(told(&engine, &sound, from, usize::MAX).0);
    assert_eq!(all, whole);
}

#[test]
fn without_a_detector_a_new_run_goes_on_as_well() {
    let engine = engine(false);
    let sound = visit();
    let (whole, points, _) = told(&engine, &sound, Ms::ZERO, usize::MAX);
    assert!(points.len() >= 3, "{points:?}");
    let (done, count) = points[points.len() / 2];
    assert_eq!(told(&engine, &sound, done, usize::MAX).0, whole[count..]);
}

#[test]
fn a_circle_that_began_before_is_seen() {
    let engine = engine(true);
    let sound = say("slt", "We will talk about it next week.");
    let hear = |before: Vec<Segment>| {
        let options = Options { before, ..Options::default() };
        let mut told = Vec::new();
        let transcript = engine.transcribe(&mut source(&sound, Ms::ZERO), &options, &mut |event| {
            if let Event::Segments(new) = event {
                told.extend_from_slice(new);
            }
            ControlFlow::Continue(())
        });
        let transcript = transcript.unwrap();
        // What was heard before is neither told nor kept again.
        assert_eq!(transcript.segments, told);
        assert_eq!(told.len(), 1, "{told:?}");
        told.remove(0)
    };
    let once = hear(Vec::new());
    assert!(!once.doubts.contains(&Doubt::Repetition), "{once:?}");
    let again = hear(vec![once.clone(), once.clone()]);
    assert_eq!(again.text, once.text);
    assert!(again.doubts.contains(&Doubt::Repetition), "{again:?}");
}

#[test]
fn a_language_that_was_not_asked_for_is_told_before_everything_else() {
    let engine = engine(true);
    let sound = say("slt", "We will talk about it next week.");
    let told = |language: Option<&str>| {
        let options = Options { language: language.map(str::to_owned), ..Options::default() };
        let mut told = Vec::new();
        let heard = engine.transcribe(&mut source(&sound, Ms::ZERO), &options, &mut |event| {
            told.push(if let Event::Language(found) = event { Some(found) } else { None });
            ControlFlow::Continue(())
        });
        assert_eq!(heard.unwrap().language, "en");
        told
    };
    let found = told(None);
    assert_eq!(found[0], Some("en"));
    assert!(found.len() > 1 && found[1..].iter().all(Option::is_none), "{found:?}");
    assert!(told(Some("en")).iter().all(Option::is_none));
}
