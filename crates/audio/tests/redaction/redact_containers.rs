//! Files that hold more than their sound, or say something else of it than is true.

use flacenc::{component::BitRepr as _, error::Verify as _};
use hearback_audio::{
    redact::{Doubt, ProofError, RedactWith},
    wav::{Form, header_of},
};
use serde_json::json;

use crate::{
    evidence, files,
    scene::Scene,
    sounds::{Voice, speech},
};

/// What is wrong with a file, and a renderer that writes it so.
type Fault = (&'static str, fn(&Scene) -> Vec<u8>);

const WAV: &[Fault] = &[
    ("a LIST chunk with what was said", |s| {
        chunk(s, *b"LIST", b"INFOICMT\x14\0\0\0Mary of Mill Street\0", true)
    }),
    ("a LIST chunk before the sound", |s| chunk(s, *b"LIST", b"INFOINAM\x04\0\0\0Mary", false)),
    ("a JUNK chunk with the original", |s| chunk(s, *b"JUNK", &files::bytes(s.original()), true)),
    ("a PAD chunk of nothing", |s| chunk(s, *b"PAD ", &[0; 64], true)),
    ("a bext chunk", |s| chunk(s, *b"bext", &[b'x'; 602], false)),
    ("a cue chunk that says where names are", |s| chunk(s, *b"cue ", &[1; 28], true)),
    ("an id3 chunk", |s| chunk(s, *b"id3 ", b"ID3\x04\0\0\0\0\0\0", true)),
    ("a second data chunk with the original", |s| {
        chunk(s, *b"data", &files::bytes(s.original()), true)
    }),
    ("an empty second data chunk", |s| chunk(s, *b"data", &[], true)),
    ("the original after its end", |s| {
        [files::wav(&s.rendered()), files::bytes(s.original())].concat()
    }),
    ("a byte after its end", |s| [files::wav(&s.rendered()), vec![0]].concat()),
    ("an ID3v1 tag after its end", |s| {
        let mut tag = b"TAGMary".to_vec();
        tag.resize(128, 0);
        [files::wav(&s.rendered()), tag].concat()
    }),
    ("another file after its end", |s| {
        [files::wav(&s.rendered()), files::wav(s.original())].concat()
    }),
    ("a wrong length of the whole", |s| patched(s, 4, &[1, 0, 0, 0])),
    ("a length that stops before the original", |s| {
        let mut both = s.rendered();
        both.extend_from_slice(s.original());
        let mut file = files::wav(&both);
        let half = (s.frames() as u32 * 2).to_le_bytes();
        file[40..44].copy_from_slice(&half);
        file
    }),
    ("no length, as while it is written", |s| patched(s, 40, &[0xff; 4])),
    ("another rate", |s| patched(s, 24, &8_000_u32.to_le_bytes())),
    ("another number of bytes a second", |s| patched(s, 28, &1_u32.to_le_bytes())),
    ("bits that are no bits", |s| patched(s, 34, &15_u16.to_le_bytes())),
    ("another codec's number", |s| patched(s, 20, &0xfffe_u16.to_le_bytes())),
    ("two channels, the original in one", |s| two_channels(s, false)),
    ("its end missing", |s| {
        let file = files::wav(&s.rendered());
        file[..file.len() - 2].to_vec()
    }),
    ("half a sample missing", |s| {
        let file = files::wav(&s.rendered());
        file[..file.len() - 1].to_vec()
    }),
    ("the mark of big numbers", |s| {
        let mut file = files::wav(&s.rendered());
        file[..4].copy_from_slice(b"RIFX");
        file
    }),
    ("RF64's mark", |s| {
        let mut file = files::wav(&s.rendered());
        file[..4].copy_from_slice(b"RF64");
        file
    }),
    ("nothing", |_| Vec::new()),
    ("no mark", |s| files::bytes(&s.rendered())),
];

const FLAC: &[Fault] = &[
    ("a comment with what was said", |s| {
        block(s, 4, b"\x08\0\0\0hearback\x01\0\0\0\x0a\0\0\0TITLE=Mary")
    }),
    ("a comment that says nothing", |s| block(s, 4, &[0; 8])),
    ("padding of nothing", |s| block(s, 1, &[0; 512])),
    ("padding with the original", |s| block(s, 1, &files::bytes(&s.original()[..8_000]))),
    ("an application's block with the original", |s| {
        block(s, 2, &[&b"riff"[..], &files::bytes(&s.original()[..8_000])].concat())
    }),
    ("a seek table", |s| block(s, 3, &[0; 18])),
    ("a cue sheet", |s| block(s, 5, &[0; 396])),
    ("a picture", |s| block(s, 6, &[0; 32])),
    ("a block that nobody knows", |s| block(s, 77, b"Mary")),
    ("its facts twice", |s| block(s, 0, &files::flac(&s.rendered())[8..42])),
    ("an ID3v2 tag before it", |s| {
        [b"ID3\x04\0\0\0\0\0\0".to_vec(), files::flac(&s.rendered())].concat()
    }),
    ("an ID3v1 tag after it", |s| {
        let mut tag = b"TAGMary".to_vec();
        tag.resize(128, 0);
        [files::flac(&s.rendered()), tag].concat()
    }),
    ("a byte after it", |s| [files::flac(&s.rendered()), vec![0]].concat()),
    ("zeros after it, which its checksum forgives", |s| {
        [files::flac(&s.rendered()), vec![0; 64]].concat()
    }),
    ("the original after it", |s| [files::flac(&s.rendered()), files::flac(s.original())].concat()),
    ("frames of the original after its end", |s| {
        let mut both = s.rendered();
        both.resize(both.len().next_multiple_of(4_096), 0);
        both.extend_from_slice(s.original());
        let mut file = files::flac(&both);
        set_total(&mut file, s.frames() as u64);
        file
    }),
    ("the checksum of the original", |s| {
        let mut file = files::flac(&s.rendered());
        file[26..42].copy_from_slice(&files::flac(s.original())[26..42]);
        file
    }),
    ("a checksum with a bit turned", |s| flipped(s, 30, 1)),
    ("no length", |s| {
        let mut file = files::flac(&s.rendered());
        set_total(&mut file, 0);
        file
    }),
    ("a length that is one short", |s| {
        let mut file = files::flac(&s.rendered());
        set_total(&mut file, s.frames() as u64 - 1);
        file
    }),
    ("a longest frame that is not the longest", |s| flipped(s, 15, 0x40)),
    ("another rate in its facts", |s| flipped(s, 18, 0x10)),
    ("two channels in its facts", |s| flipped(s, 20, 2)),
    ("two channels, the original in one", |s| two_channels(s, true)),
    ("another rate all through", |s| {
        files::flac_of(Form { rate_hz: 8_000, channels: 1 }, &s.rendered())
    }),
    ("24 bits, the original in the lowest eight", |s| deep(s)),
    ("its last frame missing", |s| {
        let file = files::flac(&s.rendered());
        let last = frames_of(&file).pop().unwrap_or(42);
        file[..last].to_vec()
    }),
    ("its first frame twice", |s| {
        let file = files::flac(&s.rendered());
        let second = frames_of(&file)[1];
        [&file[..second], &file[42..]].concat()
    }),
    ("a bit of a frame's head turned", |s| flipped(s, 45, 1)),
    ("a bit of its sound turned", |s| {
        let middle = files::flac(&s.rendered()).len() / 2;
        flipped(s, middle, 0x10)
    }),
    ("its last byte missing", |s| {
        let mut file = files::flac(&s.rendered());
        file.pop();
        file
    }),
    ("its mark alone", |_| b"fLaC".to_vec()),
    ("no sound", |s| files::flac(&s.rendered())[..42].to_vec()),
    ("a comment and nothing that says it is the last", |s| {
        let mut file = files::flac(&s.rendered());
        file[4] = 0;
        file
    }),
    ("Ogg around it", |s| [b"OggS\0\x02".to_vec(), files::flac(&s.rendered())].concat()),
];

fn chunk(scene: &Scene, id: [u8; 4], body: &[u8], after: bool) -> Vec<u8> {
    let file = files::wav(&scene.rendered());
    let mut chunk = id.to_vec();
    chunk.extend((body.len() as u32).to_le_bytes());
    chunk.extend(body);
    chunk.resize(chunk.len().next_multiple_of(2), 0);
    let at = if after { file.len() } else { 36 };
    let mut out = [&file[..at], &chunk, &file[at..]].concat();
    let whole = (out.len() as u32 - 8).to_le_bytes();
    out[4..8].copy_from_slice(&whole);
    out
}

fn patched(scene: &Scene, at: usize, bytes: &[u8]) -> Vec<u8> {
    let mut file = files::wav(&scene.rendered());
    file[at..at + bytes.len()].copy_from_slice(bytes);
    file
}

/// With one more block of facts after the first.
fn block(scene: &Scene, kind: u8, body: &[u8]) -> Vec<u8> {
    let mut file = files::flac(&scene.rendered());
    file[4] = 0;
    let len = (body.len() as u32).to_be_bytes();
    let head = [0x80 | kind, len[1], len[2], len[3]];
    [&file[..42], &head, body, &file[42..]].concat()
}

fn flipped(scene: &Scene, at: usize, bit: u8) -> Vec<u8> {
    let mut file = files::flac(&scene.rendered());
    file[at] ^= bit;
    file
}

fn set_total(file: &mut [u8], total: u64) {
    let bytes = total.to_be_bytes();
    file[21] = file[21] & 0xf0 | bytes[3] & 0x0f;
    file[22..26].copy_from_slice(&bytes[4..]);
}

/// Where frames begin: at the mark that our encoder gives each of them.
fn frames_of(file: &[u8]) -> Vec<usize> {
    let mark = [file[42], file[43], file[44], file[45]];
    let last = (file.len() - 4).max(42);
    let starts = (42..last).filter(|i| file[*i..].starts_with(&mark[..3]));
    starts.collect()
}

fn two_channels(scene: &Scene, flac: bool) -> Vec<u8> {
    let rendered = scene.rendered();
    let both: Vec<i16> =
        rendered.iter().zip(scene.original()).flat_map(|(l, r)| [*l, *r]).collect();
    if flac {
        return files::flac_of(Form { rate_hz: 16_000, channels: 2 }, &both);
    }
    let mut file = header_of(scene.frames() as u64, 16_000, 2).to_vec();
    file.extend(files::bytes(&both));
    file
}

fn deep(scene: &Scene) -> Vec<u8> {
    let rendered = scene.rendered();
    let both = rendered.iter().zip(scene.original());
    let samples: Vec<i32> =
        both.map(|(r, o)| i32::from(*r) << 8 | i32::from(*o >> 8 & 0x7f)).collect();
    let config = flacenc::config::Encoder::default().into_verified().expect("a configuration");
    let source = flacenc::source::MemSource::from_samples(&samples, 1, 24, 16_000);
    let stream = flacenc::encode_with_fixed_block_size(&config, source, 4_096).expect("FLAC");
    let mut sink = flacenc::bitsink::ByteSink::new();
    stream.write(&mut sink).expect("memory");
    sink.as_slice().to_vec()
}

fn scene(with: RedactWith) -> Scene {
    Scene::new(speech(4, Voice::WOMAN, 50_000), &[(600, 900), (2_000, 2_100)], with, (150, 2_950))
}

/// What every one of these files sounds like may be right: it is refused for what else is in it.
#[test]
fn a_file_that_is_more_than_its_sound_is_refused() {
    let mut refused = 0;
    for with in [RedactWith::Tone, RedactWith::Silence] {
        let scene = scene(with);
        for (name, fault) in WAV.iter().chain(FLAC) {
            let passed = scene.prove(&fault(&scene));
            assert!(
                matches!(passed, Err(ProofError::Refused(_))),
                "a file with {name}: {passed:?}"
            );
            refused += 1;
        }
        for flac in [false, true] {
            assert!(scene.prove(&scene.file(flac)).is_ok());
        }
    }
    let renderers = WAV.len() + FLAC.len();
    evidence::add(&[
        ("faulty_containers", json!(renderers)),
        ("faulty_containers_refused", json!(refused)),
    ]);
}

/// No single byte of a FLAC file can be another one.
#[test]
fn whatever_byte_is_changed_is_noticed() {
    let scene =
        Scene::new(speech(4, Voice::MAN, 10_000), &[(200, 300)], RedactWith::Tone, (0, 600));
    let file = scene.file(true);
    for at in 0..file.len() {
        for bit in [1, 0x80] {
            let mut other = file.clone();
            other[at] ^= bit;
            let passed = scene.prove(&other);
            assert!(passed.is_err(), "byte {at} of {}", file.len());
        }
    }
}

#[test]
fn the_reason_names_the_file() {
    let scene = scene(RedactWith::Silence);
    let doubt = |fault: &str| {
        let (_, make) = WAV.iter().chain(FLAC).find(|(name, _)| *name == fault).expect("a fault");
        scene.doubt(&make(&scene))
    };
    assert_eq!(doubt("padding of nothing"), Doubt::Container("it holds more than its sound"));
    assert_eq!(doubt("a byte after it"), Doubt::Container("it has bytes that are no sound"));
    assert_eq!(doubt("the checksum of the original"), Doubt::Checksum);
    assert!(matches!(doubt("its end missing"), Doubt::Length { .. }));
}
