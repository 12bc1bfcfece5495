//! The whole loop in a real browser, and what each person's browser received.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use hearback_domain::sound;
use serde_json::{Value, json};

use crate::service::{PASSPHRASE, Service, speak};

/// Samples of 16-bit mono sound.
fn samples(bytes: &[u8]) -> Vec<f64> {
    bytes.chunks_exact(2).map(|b| f64::from(i16::from_le_bytes([b[0], b[1]]))).collect()
}

/// How alike two stretches of sound are: 1 is the same.
fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let dot: f64 = a.iter().zip(b).map(|(a, b)| a * b).sum();
    let power = |x: &[f64]| x.iter().map(|x| x * x).sum::<f64>();
    dot / (power(a) * power(b)).sqrt()
}

/// A conversation in two voices, at 16 kHz: one WAV file, and where the third sentence lies.
pub(crate) fn conversation(dir: &Path) -> (Vec<u8>, u64, u64) {
    let lines = [
        ("rms", "I did not want to go back there on my own."),
        ("slt", "That makes sense. Thank you for telling me."),
        ("slt", "Perhaps we could choose together what happens on Saturday."),
        ("rms", "I would like to see my brother, if he wants that too."),
    ];
    let (mut pcm, mut marks) = (Vec::new(), Vec::new());
    for (n, (voice, text)) in lines.iter().enumerate() {
        let wav = dir.join(format!("{n}.wav"));
        speak(voice, text, &wav);
        let wav = fs::read(wav).unwrap();
        assert_eq!(wav[24..28], sound::RATE_HZ.to_le_bytes(), "flite's voices speak at 16 kHz");
        let start = pcm.len() as u64;
        pcm.extend_from_slice(&wav[44..]);
        marks.push((sound::duration(start).get(), sound::duration(pcm.len() as u64).get()));
        pcm.extend(std::iter::repeat_n(0, 16_000));
    }
    let header = sound::wav_header(sound::frames(pcm.len() as u64));
    let (from, to) = marks[2];
    ([&header[..], &pcm].concat(), from, to)
}

/// Has a script go through the service's pages with this recording, of which a passage (in milliseconds) matters; where
/// its pictures are.
pub(crate) fn browse(
    service: &Service,
    script: &str,
    out: &str,
    file: &[u8],
    passage: (u64, u64),
) -> PathBuf {
    let wav = service.dir.path().join("visit.wav");
    fs::write(&wav, file).unwrap();
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let out = here.join("../target").join(out);
    fs::remove_dir_all(&out).ok();
    let done = Command::new("node")
        .arg(here.join("browser").join(script))
        .env("ORIGIN", service.origin())
        .env("OUT", &out)
        .env("PASSPHRASE", PASSPHRASE)
        .env("WAV", &wav)
        .env("WORD", "saturday")
        .env("FROM", passage.0.to_string())
        .env("TO", passage.1.to_string())
        .output()
        .expect("node is installed: run `cargo xtask test`");
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{said}\n{}", service.log());
    out
}

#[test]
fn three_people_go_through_the_whole_loop() {
    let mut service = Service::with_people(&[
        ("wren", "practitioner"),
        ("rook", "researcher"),
        ("heron", "coach"),
        ("owl", "dpo"),
        ("crane", "sysadmin"),
        ("stork", "line_manager"),
    ]);
    service.start(&[]);
    let (file, from, to) = conversation(service.dir.path());
    let out = browse(&service, "loop.mjs", "browser", &file, (from, to));

    let received = |login: &str| -> Vec<(String, Value, Vec<u8>)> {
        let list: Value =
            serde_json::from_slice(&fs::read(out.join(format!("{login}.json"))).unwrap()).unwrap();
        let list = list.as_array().unwrap().iter();
        list.map(|sound| {
            let bytes = fs::read(out.join(sound["file"].as_str().unwrap())).unwrap();
            (sound["path"].as_str().unwrap().to_owned(), sound["range"].clone(), bytes)
        })
        .collect()
    };

    // The researcher hears the whole recording, exactly as it was; so does the practitioner, until there is a copy that
    // is made for listening.
    for login in ["wren", "rook"] {
        let whole = received(login).into_iter().find(|(path, _, _)| {
            path.ends_with("/audio") || (login == "wren" && path.ends_with("/listen"))
        });
        if let Some((path, _, copy)) = &whole
            && path.ends_with("/listen")
        {
            assert!(copy.starts_with(b"\0\0\0\x1cftypisom"), "{login} was sent something else");
            continue;
        }
        let (_, range, bytes) = whole.expect("the whole recording was played");
        assert_eq!(range, format!("bytes 0-{}/{}", file.len() - 1, file.len()), "{login}");
        assert_eq!(bytes, file, "{login} hears what was uploaded, to the sample");
    }

    // The coach's browser received the extract and nothing else.
    let original = samples(&file[44..]);
    let heard = received("heron");
    assert!(!heard.is_empty());
    let frames = usize::try_from((to - from) * 16).unwrap();
    let start = usize::try_from(from * 16).unwrap();
    for (path, _, bytes) in &heard {
        assert!(path.starts_with("/clips/") && path.ends_with("/audio"), "{path}");
        assert!(bytes.len() <= 44 + frames * 2, "{path}: more than the extract");
    }
    let clip = &heard.iter().find(|(_, _, bytes)| bytes.len() == 44 + frames * 2).unwrap().2;
    let clip = samples(&clip[44..]);
    let same = correlation(&clip, &original[start..start + frames]);
    assert!(same > 0.999, "the extract is not the passage that was marked: {same}");
    let elsewhere = correlation(&clip, &original[..frames]);
    assert!(elsewhere < 0.5, "the measure cannot tell: {elsewhere}");
    crate::evidence::add(
        "browser",
        &[("clip_correlation", json!(same)), ("sounds_received_by_coach", json!(heard.len()))],
    );
}

/// The pages of accounts, consents taken back, worries, real names and what is held: each at both widths, with axe.
#[test]
fn the_pages_on_which_trust_rests() {
    let mut service = Service::with_people(&[
        ("wren", "practitioner"),
        ("rook", "researcher"),
        ("owl", "dpo"),
        ("kite", "safeguarding_lead"),
        ("crane", "sysadmin"),
    ]);
    service.start(&[]);
    let (file, from, to) = conversation(service.dir.path());
    browse(&service, "trust.mjs", "browser-trust", &file, (from, to));
}
