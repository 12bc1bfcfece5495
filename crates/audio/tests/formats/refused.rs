//! Recordings that cannot be read here: told by what they are, with what to do about it.

use hearback_audio::{Bytes, Verdict};
use serde_json::json;

use crate::{evidence, file, signals, verdict, voice};

/// What ffmpeg can make of the sound that nothing here reads, and its name.
const MADE: &[(&str, &[&str], &str)] = &[
    ("x.wma", &["-c:a", "wmav2"], "WMA"),
    ("x.ac3", &["-c:a", "ac3"], "Dolby Digital"),
    ("ac3.mkv", &["-c:a", "ac3"], "Dolby Digital"),
    ("ac3.mp4", &["-c:a", "ac3"], "Dolby Digital"),
    ("gsm.wav", &["-c:a", "libgsm_ms", "-ar", "8000", "-ac", "1"], "GSM 6.10"),
    ("g726.wav", &["-c:a", "g726", "-ar", "8000", "-ac", "1"], "G.726"),
    ("x.spx", &["-c:a", "libspeex", "-ar", "16000", "-ac", "1"], "Speex"),
    ("surround.opus", &["-c:a", "libopus", "-ac", "6"], "Opus with several channels"),
    ("surround.webm", &["-c:a", "libopus", "-ac", "6"], "Opus with several channels"),
    ("x.avi", &["-c:a", "libmp3lame"], "AVI film"),
    ("x.ts", &["-c:a", "aac", "-f", "mpegts"], "MPEG film"),
    ("x.mpg", &["-c:a", "mp2", "-f", "mpeg"], "MPEG film"),
    ("x.flv", &["-c:a", "libmp3lame"], "Flash video"),
    ("x.wv", &["-c:a", "wavpack"], "WavPack"),
    ("x.au", &[], "Sun audio"),
    ("x.w64", &["-f", "w64"], "Wave64"),
];

/// What nothing makes, by how it begins.
const KNOWN: &[(&[u8], &str)] = &[
    (b"\x03ds2\0\0\0\0", "DS2 dictation"),
    (b"\x02dss\0\0\0\0", "DSS dictation"),
    (b"#!AMR_MC1.0\n\0\0\0\x02", "AMR with several channels"),
    (b"\x02#!SILK_V3", "SILK"),
    (b"RIFF\x40\0\0\0QLCMfmt ", "QCELP"),
    (b"MThd\0\0\0\x06", "MIDI"),
    (b"ADIF\0\0\0\0", "AAC in ADIF"),
    (b"Creative Voice File\x1a\x1a\0", "Creative Voice"),
    (b"NIST_1A\n   1024\n", "NIST Sphere"),
];

pub(crate) fn what_is_not_read_is_named() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let wav = dir.path().join("voices.wav");
    voice::write(&wav, 44_100, 2, &voice::both(44_100));
    for (name, args, codec) in MADE {
        let path = signals::encode(&wav, name, args);
        check(name, &verdict(file(&path)), codec);
    }
    for (bytes, codec) in KNOWN {
        check(codec, &verdict(Box::new(Bytes(bytes.to_vec()))), codec);
    }
    evidence::add(&[("named_refusals", json!(MADE.len() + KNOWN.len()))]);
}

fn check(file: &str, verdict: &Verdict, codec: &str) {
    assert_eq!(*verdict, Verdict::unsupported(codec), "{file}");
    let sentence = verdict.sentence();
    assert!(sentence.contains("original is safe") && sentence.contains("please"), "{sentence}");
    assert!(["WAV", "MP3", "MP4"].iter().any(|form| sentence.contains(form)), "{sentence}");
}
