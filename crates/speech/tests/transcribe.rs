//! The real model on real sound: sentences that a speech synthesiser says.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

mod flite;
mod models;
mod pieces;

use std::{
    fs, io,
    ops::ControlFlow,
    sync::{Arc, OnceLock, atomic::Ordering},
};

use hearback_speech::{Engine, Event, Options, RATE, SpeechError, Transcript, Voice};

use self::{flite::say, pieces::pieces};

const MODEL: &str = "ggml-tiny.en.bin";

/// One engine for all tests of this binary.
fn engine() -> &'static Engine {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    ENGINE.get_or_init(|| {
        let voice = Voice::load(&models::file("activity-silero.bin")).unwrap();
        Engine::load(&models::file(MODEL), 2).unwrap().with_voice(voice)
    })
}

fn silence(ms: usize) -> Vec<f32> {
    vec![0.0; ms * RATE as usize / 1_000]
}

fn transcribe(sound: &[f32]) -> Transcript {
    let transcript = engine()
        .transcribe(&mut pieces(sound, 16_000), &Options::default(), &mut |_| {
            ControlFlow::Continue(())
        })
        .unwrap();
    check(&transcript, sound.len());
    transcript
}

/// What is true of every transcript.
fn check(transcript: &Transcript, samples: usize) {
    assert_eq!(transcript.model, "tiny.en");
    assert_eq!(transcript.language, "en");
    assert_eq!(transcript.duration_ms, samples as u64 / 16);
    let mut at = 0;
    for segment in &transcript.segments {
        assert!(!segment.words.is_empty());
        let spoken: Vec<&str> = segment.words.iter().map(|word| &*word.text).collect();
        assert_eq!(segment.text, spoken.join(" "));
        assert_eq!(segment.start_ms, segment.words[0].start_ms);
        assert_eq!(segment.end_ms, segment.words[segment.words.len() - 1].end_ms);
        assert!(segment.avg_logprob <= 0.0 && (0.0..=1.0).contains(&segment.no_speech_prob));
        for word in &segment.words {
            assert!(at <= word.start_ms && word.start_ms <= word.end_ms, "{word:?} after {at} ms");
            assert!((0.0..=1.0).contains(&word.p));
            at = word.end_ms;
        }
    }
    assert!(at <= transcript.duration_ms);
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace()
        .map(|word| word.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect())
        .filter(|word: &String| !word.is_empty())
        .collect()
}

/// What was heard, and nothing else.
fn text(heard: &Transcript) -> String {
    heard.segments.iter().map(|segment| segment.text.as_str()).collect::<Vec<_>>().join(" ")
}

/// How many words of `said` come in `heard`, in order.
fn found(said: &str, heard: &Transcript) -> usize {
    let heard = words(&text(heard));
    let mut at = 0;
    let mut found = 0;
    for word in words(said) {
        // Looks a little ahead: a word too many must not hide the rest.
        let near = &heard[at..heard.len().min(at + 8)];
        if let Some(step) = near.iter().position(|other| *other == word) {
            at += step + 1;
            found += 1;
        }
    }
    found
}

const GREETING: &str = "Good morning. I would like to hear how the week has been for you.";

#[test]
fn says_what_was_said_and_when() {
    let (first, second) =
        (say("slt", "We talked about the school."), say("slt", "The garden is quiet today."));
    let sound = [&first[..], &silence(3_000), &second].concat();
    let transcript = transcribe(&sound);
    assert_eq!(
        words(&text(&transcript)),
        words("We talked about the school. The garden is quiet today.")
    );
    let ends = first.len() as u64 / 16;
    let all: Vec<_> = transcript.segments.iter().flat_map(|segment| &segment.words).collect();
    let (before, after) = all.split_at(5);
    // The synthesiser leaves a fifth of a second of silence on both ends of what it says.
    assert!(before[0].start_ms < 400, "{before:?}");
    assert!(before.iter().all(|word| word.end_ms <= ends), "{before:?}");
    assert!(after.iter().all(|word| word.start_ms >= ends + 2_900), "{after:?}");
    assert!(after[0].start_ms < ends + 3_000 + 400, "{after:?}");
    assert!(transcript.segments.len() >= 2);
}

#[test]
fn the_size_of_the_pieces_does_not_matter() {
    let sound = say("slt", GREETING);
    let whole = transcribe(&sound);
    assert_eq!(found(GREETING, &whole), words(GREETING).len(), "{}", whole.to_txt());
    let options = Options::default();
    let mut quiet = |_: Event<'_>| ControlFlow::Continue(());
    let pieced = engine().transcribe(&mut pieces(&sound, 777), &options, &mut quiet).unwrap();
    assert_eq!(whole, pieced);
}

#[test]
fn a_long_conversation_loses_nothing_at_the_cuts() {
    let said = "Thank you for coming in today. Last time you told me that the mornings were the \
        hardest part of the day. I have been thinking about that since. What happens in your house \
        between seven and eight in the morning? Well, the little one wakes up first, and she wants \
        her breakfast. Then my son cannot find his shoes, and I start to shout. I do not like it \
        when I shout. It sounds as if you notice it very quickly. Yes, I notice it, and then I feel \
        bad for the rest of the day. What would a good morning look like for you? A good morning \
        would be quiet. We would all sit down together, and nobody would cry. And when was the last \
        time that you had a morning like that? Last Saturday, I think. My sister came to stay, and \
        she helped with the children. So it was easier when somebody was with you.";
    let sound = say("slt", said);
    assert!(sound.len() > 35 * RATE as usize, "too short to be cut");
    let mut done = Vec::new();
    let mut told = 0;
    let transcript = engine()
        .transcribe(&mut pieces(&sound, 5_000), &Options::default(), &mut |event| {
            match event {
                Event::Progress { done: at } => done.push(at.get()),
                Event::Segments(segments) => told += segments.len(),
                Event::Language(_) => panic!("it was asked for"),
            }
            ControlFlow::Continue(())
        })
        .unwrap();
    check(&transcript, sound.len());
    let (found, all) = (found(said, &transcript), words(said).len());
    assert!(found * 100 >= all * 96, "{found} of {all} words in:\n{}", transcript.to_txt());
    assert_eq!(told, transcript.segments.len());
    assert!(done.len() >= 3 && done.is_sorted(), "{done:?}");
    assert_eq!(done.last(), Some(&transcript.duration_ms));
    assert!(transcript.to_vtt().contains(" --> "));
}

#[test]
fn silence_and_hiss_have_no_words() {
    assert_eq!(transcribe(&silence(45_000)).segments, []);
    assert_eq!(transcribe(&[]).segments, []);
    let mut state = 1_u32;
    let hiss: Vec<f32> = (0..20 * RATE)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (f32::from((state >> 16) as u16) / 32_768.0 - 1.0) * 4e-4
        })
        .collect();
    assert_eq!(transcribe(&hiss).segments, []);
}

#[test]
fn the_shortest_sounds_are_no_trouble() {
    let sound = say("slt", "Yes.");
    for samples in [1, 100, 1_599, 1_600, 8_000, sound.len()] {
        transcribe(&sound[..samples.min(sound.len())]);
    }
    // As loud as it gets, and beyond.
    transcribe(&vec![1.0; 3_200]);
    transcribe(&vec![f32::INFINITY; 3_200]);
}

#[test]
fn stops_when_told_to() {
    let sound = [say("slt", GREETING), silence(2_000), say("slt", GREETING)].concat();
    let stopped =
        engine().transcribe(&mut pieces(&sound, 16_000), &Options::default(), &mut |_| {
            ControlFlow::Break(())
        });
    assert!(matches!(stopped, Err(SpeechError::Cancelled)));

    // The flag is set while the first window is being filled: the model is already running when it is seen.
    let options = Options::default();
    let cancel = Arc::clone(&options.cancel);
    let mut source = pieces(&sound, 16_000);
    let stopped = engine().transcribe(
        &mut |out, wanted| {
            cancel.store(true, Ordering::Relaxed);
            source(out, wanted)
        },
        &options,
        &mut |_| panic!("a cancelled window must not be reported"),
    );
    assert!(matches!(stopped, Err(SpeechError::Cancelled)));
    // The engine is none the worse for it.
    assert_eq!(found(GREETING, &transcribe(&say("slt", GREETING))), words(GREETING).len());
}

#[test]
fn sound_that_breaks_off_is_an_error() {
    let broken = engine().transcribe(
        &mut |_, _| Err(io::Error::other("the decoder died")),
        &Options::default(),
        &mut |_| ControlFlow::Continue(()),
    );
    let error = broken.unwrap_err();
    assert!(error.to_string().contains("the decoder died"), "{error}");
}

#[test]
fn a_language_that_the_model_cannot_read_is_refused() {
    for language in ["cy", "xx", "", "e\0n", "english"] {
        let options = Options { language: Some(language.to_owned()), ..Options::default() };
        let refused =
            engine().transcribe(&mut pieces(&[], 1), &options, &mut |_| ControlFlow::Continue(()));
        assert!(matches!(refused, Err(SpeechError::Language { .. })), "{language:?}");
    }
}

#[test]
fn one_engine_serves_two_at_once() {
    let sound = say("slt", GREETING);
    let alone = transcribe(&sound);
    let (one, two) = std::thread::scope(|scope| {
        let one = scope.spawn(|| transcribe(&sound));
        let two = scope.spawn(|| transcribe(&sound));
        (one.join().unwrap(), two.join().unwrap())
    });
    assert_eq!(one, alone);
    assert_eq!(two, alone);
}

#[test]
fn a_damaged_model_is_a_sentence_and_never_a_crash() {
    let whole = fs::read(models::file(MODEL)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ggml-tiny.en.bin");
    for end in [3, 47, 64_000, 1_000_000, whole.len() - 1] {
        fs::write(&path, &whole[..end]).unwrap();
        let refused = Engine::load(&path, 1);
        assert!(matches!(refused, Err(SpeechError::Model { .. })), "cut at {end}");
    }
    // A count in the header, in the filter bank's, in the vocabulary's and in the first tensor's.
    for at in [4, 8, 12, 16, 20, 24, 40, 44, 48, 52, 64_376] {
        for (byte, bits) in [(0, 0x04), (3, 0x80)] {
            let mut altered = whole.clone();
            altered[at + byte] ^= bits;
            fs::write(&path, &altered).unwrap();
            let refused = Engine::load(&path, 1);
            assert!(
                matches!(refused, Err(SpeechError::Model { .. })),
                "byte {} altered",
                at + byte
            );
        }
    }
}
