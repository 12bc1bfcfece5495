//! Files of every kind, whatever they are called: what is no sound, what is two things at once, what is odd sound.

use std::{fs, path::Path};

use hearback_audio::wav;

use super::{Named, named};
use crate::{
    base::{self, MS, SLACK, form_named},
    case::Case,
    chance::Chance,
    cuts::{id3, whole_length},
    expect::{Answers, Expected},
    wraps::zip_of,
};

pub(crate) const CASES: &[Named] = &[
    named("an mp4 with pictures only", || film("silent-film.mp4")),
    named("an mkv with pictures only", || film("silent-film.mkv")),
    named("an mp4 with pictures and sound", || whole("mp4 film")),
    named("a pdf", || foreign(b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n")),
    named("a zip", || never(zip_of("a.txt", b"notes"))),
    named("a program", || foreign(b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0\xb8\0\0\0")),
    named("a program for linux", || foreign(b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0\x3e\0")),
    named("a web page", || foreign(b"<!doctype html><title>A visit</title>\n")),
    named("a drawing", || {
        foreign(b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>\n")
    }),
    named("a text", || foreign(b"Dear Ana, the recording is on my phone.\n")),
    named("a gzip", || foreign(b"\x1f\x8b\x08\0\0\0\0\0\0\x03")),
    named("a picture", || foreign(b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x01")),
    named("a bought song", || coded_as("enca", Answers::ENCRYPTED)),
    named("a bought song, as the shop calls it", || {
        coded_as("drms", Answers::ENCRYPTED | Answers::UNSUPPORTED)
    }),
    named("a codec that nobody knows", || coded_as("zzzz", Answers::UNSUPPORTED)),
    named("amr without a frame", || {
        Case::new(
            b"#!AMR\n".to_vec(),
            Expected::one_of(Answers::UNSUPPORTED | Answers::EMPTY | Answers::CORRUPT),
        )
    }),
    named("wma", || unsupported(b"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\0\xaa\0\x62\xce\x6c")),
    named("a dictation in dss", || unsupported(b"\x02dss\0\0\0\0\0\0\0\0\0\0\0\0")),
    named("opus in webm", || whole("webm opus")),
    named("alac", || whole("m4a alac")),
    named("adpcm of microsoft", || made("ms.wav", Answers::SOUND)),
    named("µ-law", || whole("wav mulaw")),
    named("24 bits", || made("s24.wav", Answers::SOUND)),
    named("floats", || whole("wav f32")),
    named("192 kHz", || made("192k.wav", Answers::SOUND)),
    named("8 channels", || made("8ch.wav", Answers::SOUND)),
    named("a zip behind an mp3", || {
        Case::new([form_named("mp3").bytes.clone(), zip_of("x", b"y")].concat(), whole_length())
    }),
    named("a script in a tag", || {
        let text = b"TXXX\0\0\0\x24\0\0\0a\0<script>fetch('//x')</script>";
        let mut tag = id3(64);
        tag[10..10 + text.len()].copy_from_slice(text);
        Case::new([tag, form_named("mp3 without xing").bytes.clone()].concat(), whole_length())
    }),
    named("names and places in a bext chunk", || {
        with_chunk(*b"bext", b"Robin and Ana, 51.5N 0.1W")
    }),
    named("a program in an unknown chunk", || with_chunk(*b"MZ\x90\0", b"\x7fELF and more")),
    named("nothing but silence", || wave(|_| 0)),
    named("cut off at full scale", || wave(|i| if i / 20 % 2 == 0 { i16::MAX } else { i16::MIN })),
    named("a constant", || wave(|_| 9_000)),
    named("noise at full scale", || {
        let noise = Chance::of(1, &["noise"], 0).bytes(32_000);
        Case::new([wav::header(16_000).to_vec(), noise].concat(), second())
    }),
    named("floats that are no numbers", || floats(&[f32::NAN, f32::INFINITY, f32::NEG_INFINITY])),
    named("floats that are hardly anything", || floats(&[1e-40, -1e-44, f32::MIN_POSITIVE])),
    named("floats beyond everything", || floats(&[f32::MAX, f32::MIN, 3.0])),
    named("one channel of two is silent", one_sided),
    named("mono, then stereo at another rate", strung_together),
    named("what made the demuxer of mp4 panic", || {
        fixture("symphonia-format-isomp4-0.6.1_src_stream.rs_152.mp4")
    }),
    named("what made the reader panic", || {
        fixture("symphonia-core-0.6.1_src_io_media_source_stream.rs_536.mp4")
    }),
    named("what made the demuxer of aiff panic", || {
        fixture("symphonia-format-riff-0.6.1_src_common.rs_215.aiff")
    }),
    named("what made the demuxer of wav panic", || {
        fixture("symphonia-format-riff-0.6.1_src_wave_chunks.rs_100.wav")
    }),
];

fn never(bytes: Vec<u8>) -> Case {
    Case::new(bytes, Expected::one_of(Answers::NOT_AUDIO))
}

/// How something begins that is no sound, and then more of its kind.
fn foreign(beginning: &[u8]) -> Case {
    never(beginning.repeat(200))
}

fn unsupported(beginning: &[u8]) -> Case {
    Case::new(beginning.repeat(50), Expected::one_of(Answers::UNSUPPORTED))
}

fn whole(form: &str) -> Case {
    Case::new(form_named(form).bytes.clone(), whole_length())
}

fn film(file: &str) -> Case {
    Case::new(base::bytes(file), Expected::one_of(Answers::NO_AUDIO))
}

fn made(file: &str, answers: Answers) -> Case {
    let ms = MS - 1..=MS + SLACK;
    Case::new(base::bytes(file), Expected { ms, ..Expected::one_of(answers) })
}

/// An M4A file that calls its coding something else.
fn coded_as(entry: &str, answers: Answers) -> Case {
    let mut bytes = form_named("m4a index first").bytes.clone();
    let at = bytes.windows(4).position(|w| w == b"mp4a").expect("its coding");
    bytes[at..at + 4].copy_from_slice(entry.as_bytes());
    Case::new(bytes, Expected::one_of(answers))
}

/// A second of sound with another chunk before it.
fn with_chunk(name: [u8; 4], content: &[u8]) -> Case {
    let header = wav::header(16_000);
    let chunk = [&name[..], &(content.len() as u32).to_le_bytes(), content].concat();
    let pad = vec![0; chunk.len() % 2];
    let sound = vec![5; 32_000];
    Case::new([&header[..36], &chunk, &pad, &header[36..], &sound].concat(), second())
}

fn second() -> Expected {
    Expected::sound(1_000..=1_000)
}

fn wave(at: impl Fn(usize) -> i16) -> Case {
    let sound: Vec<u8> = (0..16_000).flat_map(|i| at(i).to_le_bytes()).collect();
    Case::new([wav::header(16_000).to_vec(), sound].concat(), second())
}

fn floats(values: &[f32]) -> Case {
    let mut bytes = wav::header(32_000).to_vec();
    // IEEE floats of 32 bits.
    bytes[20] = 3;
    bytes[28..32].copy_from_slice(&64_000_u32.to_le_bytes());
    bytes[32] = 4;
    bytes[34] = 32;
    bytes.extend(values.iter().cycle().take(16_000).flat_map(|v| v.to_le_bytes()));
    Case::new(bytes, second())
}

fn one_sided() -> Case {
    let mut bytes = wav::header_of(16_000, 16_000, 2).to_vec();
    bytes.extend((0..16_000_u16).flat_map(|i| [0, 0, i as u8, (i >> 10) as u8]));
    Case::new(bytes, second())
}

/// Two streams in one file, as recorders write that append.
fn strung_together() -> Case {
    let other = base::bytes("low.mp3");
    let bytes = [form_named("mp3 without xing").bytes.clone(), other].concat();
    Case::new(bytes, Expected::sound(1..=2 * (MS + SLACK) + 300))
}

/// A file that once made the decoder panic: whatever is made of it now, it is an answer.
fn fixture(name: &str) -> Case {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name);
    let bytes = fs::read(path).expect("it lies beside these tests");
    Case::new(
        bytes,
        Expected { ms: 1..=3_600_000, ..Expected::one_of(Answers::BROKEN | Answers::RATIO) },
    )
}
