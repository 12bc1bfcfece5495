//! Who speaks when.

mod files;

use std::{
    env, fs, io,
    path::PathBuf,
    sync::{Arc, OnceLock, atomic::Ordering},
};

use hearback_speech::{
    ErrorRate, RATE, Spoken, Turns, Voice, Voices, VoicesError, VoicesOptions, error_rate,
};
use serde_json::json;

use crate::{
    dialogue::{self, Dialogue, talk},
    evidence, models,
    pieces::pieces,
};

/// The collar that is usual on either side of each start and end.
const COLLAR_MS: u64 = 250;

fn voices() -> &'static Voices {
    static VOICES: OnceLock<Voices> = OnceLock::new();
    VOICES.get_or_init(|| Voices::load(&models::file("voices-resemblyzer.safetensors")).unwrap())
}

fn detector() -> Voice {
    Voice::load(&models::file("activity-silero.bin")).unwrap()
}

fn tell_apart(sound: &[f32], people: Option<u8>) -> Turns {
    let options = VoicesOptions { people, ..VoicesOptions::default() };
    let mut heard = 0;
    let turns = voices()
        .tell_apart(&mut pieces(sound, 16_000), &detector(), &options, &mut |done| {
            assert!(done.get() >= heard);
            heard = done.get();
        })
        .unwrap();
    let length = sound.len() as u64 * 1_000 / u64::from(RATE);
    assert_eq!(heard, length);
    assert!(turns.turns.is_sorted_by_key(|turn| turn.start_ms));
    assert!(turns.turns.iter().all(|turn| turn.start_ms < turn.end_ms && turn.end_ms <= length));
    turns
}

fn held_against(turns: &Turns, reference: &[Spoken<usize>]) -> ErrorRate {
    let found: Vec<_> =
        turns.turns.iter().map(|turn| (turn.start_ms, turn.end_ms, turn.speaker)).collect();
    error_rate(reference, &found, COLLAR_MS)
}

fn judge(dialogue: &Dialogue, people: Option<u8>) -> (ErrorRate, usize) {
    let turns = tell_apart(&dialogue.sound, people);
    (held_against(&turns, &dialogue.spoken), turns.people)
}

#[test]
fn people_who_talk_with_each_other_are_told_apart() {
    let deep = env::var_os("HEARBACK_TEST_DEEP").is_some();
    let mut all = ErrorRate::default();
    let (mut right, mut cases, mut seconds) = (0, 0, 0);
    for people in 2..=4 {
        for seed in 0..if deep { 6 } else { 1 } {
            let dialogue = talk(people, if deep { 180 } else { 45 }, seed);
            let (rate, found) = judge(&dialogue, None);
            println!("{people} people, seed {seed}: {found} found, {rate:?}, {:.3}", rate.share());
            all = all.and(rate);
            right += usize::from(found == people);
            cases += 1;
            seconds += dialogue.sound.len() / RATE as usize;
        }
    }
    evidence::add(&[
        ("dialogues", json!(cases)),
        ("dialogue_seconds", json!(seconds)),
        ("dialogues_wrong_number", json!(cases - right)),
        ("dialogue_error_rate", json!((all.share() * 1_000.0).round() / 1_000.0)),
    ]);
    assert!(all.spoken > 60_000, "{all:?}");
    assert!(all.share() < 0.04 && right == cases, "{all:?}, {right} of {cases}");
}

/// The most there are (two to six). With so many, each is heard for less, and two of them are one voice in two bodies.
#[test]
fn five_and_six_people_are_told_apart() {
    let deep = env::var_os("HEARBACK_TEST_DEEP").is_some();
    let mut all = ErrorRate::default();
    let (mut wrong, mut cases) = (0, 0);
    for people in 5..=6 {
        for seed in 0..if deep { 6 } else { 1 } {
            let dialogue = talk(people, if deep { 180 } else { 75 }, seed);
            let (rate, found) = judge(&dialogue, None);
            println!("{people} people, seed {seed}: {found} found, {rate:?}, {:.3}", rate.share());
            all = all.and(rate);
            wrong += usize::from(found != people);
            cases += 1;
        }
    }
    evidence::add(&[
        ("large_dialogues", json!(cases)),
        ("large_dialogues_wrong_number", json!(wrong)),
        ("large_dialogue_error_rate", json!((all.share() * 1_000.0).round() / 1_000.0)),
    ]);
    assert!(all.spoken > 60_000, "{all:?}");
    assert!(all.share() < 0.06, "{all:?}");
}

#[test]
fn a_number_that_is_known_is_kept_to() {
    let dialogue = talk(3, 30, 7);
    for people in [1, 2, 3] {
        assert_eq!(tell_apart(&dialogue.sound, Some(people)).people, usize::from(people));
    }
}

#[test]
fn one_person_is_one_person_and_nobody_is_nobody() {
    let alone = talk(1, 20, 3);
    assert_eq!(tell_apart(&alone.sound, None).people, 1);
    let nobody = tell_apart(&vec![0.0; 5 * RATE as usize], None);
    assert_eq!((nobody.people, nobody.turns.len()), (0, 0));
    assert_eq!(tell_apart(&[], None).turns, []);
    // Half a second of it is enough to be somebody.
    let from = usize::try_from(alone.spoken[0].0).unwrap() * 16;
    let short = tell_apart(&alone.sound[from..from + 8_000], None);
    assert_eq!(short.people, 1);
}

#[test]
fn the_same_sound_gives_the_same_turns_in_whatever_pieces_it_comes() {
    let dialogue = talk(2, 15, 1);
    let whole = tell_apart(&dialogue.sound, None);
    for piece in [160, 7_777] {
        let turns = voices()
            .tell_apart(
                &mut pieces(&dialogue.sound, piece),
                &detector(),
                &VoicesOptions::default(),
                &mut |_| {},
            )
            .unwrap();
        assert_eq!(turns, whole);
    }
}

#[test]
fn it_can_be_stopped_and_a_broken_source_is_told() {
    let options = VoicesOptions::default();
    let cancel = Arc::clone(&options.cancel);
    let mut seconds = 0;
    let stopped = voices().tell_apart(
        &mut |out, wanted| {
            out.resize(out.len() + wanted, 0.1);
            Ok(wanted)
        },
        &Voice::by_loudness(),
        &options,
        &mut |_| {
            seconds += 1;
            cancel.store(seconds == 3, Ordering::Relaxed);
        },
    );
    assert!(matches!(stopped, Err(VoicesError::Cancelled)));
    assert_eq!(seconds, 3);
    // Also when all of the sound has come and the people are being worked out.
    let mut left = 5;
    let stopped = voices().tell_apart(
        &mut |out, wanted| {
            cancel.store(left == 0, Ordering::Relaxed);
            let now = if left == 0 { 0 } else { wanted };
            left -= i32::from(left > 0);
            out.resize(out.len() + now, 0.1);
            Ok(now)
        },
        &Voice::by_loudness(),
        &options,
        &mut |_| {},
    );
    assert!(matches!(stopped, Err(VoicesError::Cancelled)));
    let broken = voices().tell_apart(
        &mut |_, _| Err(io::ErrorKind::UnexpectedEof.into()),
        &Voice::by_loudness(),
        &VoicesOptions::default(),
        &mut |_| {},
    );
    assert!(matches!(broken, Err(VoicesError::Sound(_))));
}

#[test]
fn it_keeps_up_with_the_sound_many_times_over() {
    let dialogue = talk(2, 60, 2);
    let samples = u32::try_from(dialogue.sound.len()).unwrap();
    let seconds = f64::from(samples) / f64::from(RATE);
    voices();
    let before = busy();
    tell_apart(&dialogue.sound, None);
    let factor = (busy() - before) / seconds;
    // Measured 0.014 to 0.03.
    evidence::add(&[("voices_real_time_factor", json!((factor * 1_000.0).round() / 1_000.0))]);
    assert!(factor < 0.05, "real-time factor {factor}");
}

#[test]
fn annotated_recordings_of_this_machine() {
    let Some(folder) = env::var_os("HEARBACK_VOICES_CASES") else { return };
    let mut all = ErrorRate::default();
    let mut names: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    names.retain(|path| path.extension().is_some_and(|extension| extension == "wav"));
    names.sort_unstable();
    for wav in &names {
        let mut reader = hound::WavReader::open(wav).unwrap();
        assert_eq!((reader.spec().sample_rate, reader.spec().channels), (RATE, 1));
        let sound: Vec<f32> =
            reader.samples::<i16>().map(|sample| f32::from(sample.unwrap()) / 32_768.0).collect();
        let (reference, people) = dialogue::rttm(&wav.with_extension("rttm"));
        let turns = tell_apart(&sound, None);
        let rate = held_against(&turns, &reference);
        all = all.and(rate);
        let name = wav.file_stem().unwrap().to_string_lossy();
        println!(
            "{name}: {} of {people} people, error rate {:.3} {rate:?}",
            turns.people,
            rate.share()
        );
    }
    println!("all {}: error rate {:.3} {all:?}", names.len(), all.share());
}

/// Seconds for which a processor has worked on this thread: what else the machine does is not counted.
fn busy() -> f64 {
    let line = fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    let nanoseconds: f64 = line.split_whitespace().next().unwrap().parse().unwrap();
    nanoseconds / 1e9
}
