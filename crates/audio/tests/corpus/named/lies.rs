//! Files that say of themselves what is not so.

use hearback_audio::wav;

use super::{Named, named};
use crate::{
    anatomy::{be, put, seal_page},
    base::{Form, MS, SLACK, form_named},
    case::Case,
    cuts::whole_length,
    expect::{Answers, Expected},
};

const REFUSED: Answers = Answers::CORRUPT;

pub(crate) const CASES: &[Named] = &[
    named("rate 0", || rate(0)),
    named("rate 1", || rate(1)),
    named("rate 4.29 GHz", || rate(u32::MAX)),
    named("no channels", || {
        header(22, 2, 0, Answers::CHANNELS | Answers::CORRUPT | Answers::UNSUPPORTED)
    }),
    named("65,535 channels", || {
        header(22, 2, 65_535, Answers::CHANNELS | Answers::CORRUPT | Answers::UNSUPPORTED)
    }),
    named("a depth of 0 bits", || header(34, 2, 0, REFUSED | Answers::UNSUPPORTED)),
    // As many bits as there is room for, the lowest of them of no account.
    named("a depth of 7 bits", || header(34, 2, 7, Answers::SOUND)),
    named("a depth of 65,535 bits", || header(34, 2, 65_535, REFUSED | Answers::UNSUPPORTED)),
    // Redundant, and so not believed.
    named("blocks of nothing", || header(32, 2, 0, REFUSED | Answers::SOUND)),
    named("rf64 whose length is a lie", || rf64(*b"RF64", u64::MAX)),
    named("bw64 whose length is a lie", || rf64(*b"BW64", 1 << 40)),
    named("rf64 without a length", || rf64(*b"RF64", 0)),
    named("flac of 2^36 samples", || {
        let form = form_named("flac");
        let info = form.part("block 0").expect("it is the first");
        let mut bytes = form.bytes.clone();
        bytes[info.start + 13] |= 0x0f;
        put(&mut bytes, info.start + 14, 4, true, u64::MAX);
        Case::new(bytes, whole_length())
    }),
    named("a media header that claims 2^31 ticks", || {
        patched("m4a index first", "moov/trak/mdia/mdhd", &[(16, 4, 1 << 31)], sound())
    }),
    named("no ticks in a second", || {
        patched("m4a index first", "moov/trak/mdia/mdhd", &[(12, 4, 0)], sound().or(REFUSED))
    }),
    named("times for 2^32 samples", || {
        patched("m4a index first", &stbl("stts"), &[(4, 4, u32::MAX.into())], broken())
    }),
    named("a group before the first", || {
        patched("m4a index first", &stbl("stsc"), &[(8, 4, 0)], broken())
    }),
    named("samples of 4 GB each", || {
        patched("m4a index first", &stbl("stsz"), &[(4, 4, u32::MAX.into())], broken())
    }),
    named("sound past the end of the file", || {
        patched("m4a index first", &stbl("stco"), &[(8, 4, u32::MAX.into())], broken())
    }),
    named("sound that lies backwards", backwards),
    named("a name of 4 GB", || {
        patched_at("m4a index first", "moov/trak/mdia/hdlr", u32::MAX.into())
    }),
    named("a tag of 256 MB", || {
        let mut bytes = b"ID3\x04\0\0\x7f\x7f\x7f\x7f".to_vec();
        bytes.extend(&form_named("mp3 without xing").bytes);
        // The tag covers the whole file: whether the frames in it are found is a matter of taste.
        Case::new(bytes, sound().or(Answers::NOT_AUDIO | REFUSED))
    }),
    named("a tag of 33 bytes that nobody expected", || {
        let tag = b"ID3\x04\0\0\0\0\0\x17TPE1\0\0\0\x0d\0\0\x7fWhoever spoke";
        let mut bytes = tag.to_vec();
        bytes.extend(&form_named("mp3 without xing").bytes);
        Case::new(bytes, whole_length())
    }),
    named("matroska whose codec's own data has 2^64 bytes", || {
        let form = form_named("webm vorbis");
        let part = form.part("63a2").expect("vorbis has headers of its own");
        let mut bytes = form.bytes.clone();
        bytes.splice(part.at + 2..part.start, [0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe]);
        Case::new(bytes, Expected::one_of(Answers::BROKEN))
    }),
    named("a vorbis codebook of 2^24 entries", || {
        let form = form_named("ogg vorbis");
        let mut bytes = form.bytes.clone();
        let at = bytes.windows(3).position(|w| w == b"BCV").expect("a codebook");
        put(&mut bytes, at + 5, 3, false, 0x00ff_ffff);
        let page = form.parts.iter().find(|p| (p.at..p.end).contains(&at)).expect("a page");
        seal_page(&mut bytes, page);
        Case::new(bytes, Expected::one_of(REFUSED | Answers::UNSUPPORTED | Answers::MEMORY))
    }),
    named("an ape tag of 4 GB", || {
        let mut bytes = form_named("mp3 without xing").bytes.clone();
        bytes.extend(
            b"APETAGEX\xd0\x07\0\0\xff\xff\xff\xff\xff\xff\xff\xff\0\0\0\xa0\0\0\0\0\0\0\0\0",
        );
        Case::new(bytes, whole_length())
    }),
    named("an xing header of 2^32 frames", || {
        let form = form_named("mp3");
        let mut bytes = form.bytes.clone();
        let at = bytes.windows(4).position(|w| w == b"Xing" || w == b"Info").expect("its header");
        put(&mut bytes, at + 8, 4, true, u32::MAX.into());
        Case::new(bytes, Expected::sound(MS - 1..=MS + SLACK))
    }),
];

fn sound() -> Expected {
    Expected::sound(1..=2 * MS)
}

fn broken() -> Expected {
    Expected {
        ms: 1..=36_001_000,
        ..Expected::one_of(Answers::BROKEN | Answers::DURATION | Answers::RATIO)
    }
}

/// A second of sound with a number in its header changed.
fn header(at: usize, width: usize, value: u64, answers: Answers) -> Case {
    let mut bytes = wav::header(16_000).to_vec();
    put(&mut bytes, at, width, false, value);
    bytes.extend((0..32_000_u32).map(|i| (i * 7) as u8));
    Case::new(bytes, Expected::one_of(answers))
}

fn rate(hz: u32) -> Case {
    header(24, 4, hz.into(), Answers::RATE | Answers::CORRUPT)
}

/// A file for more than 4 GB whose lengths stand in a chunk of their own (EBU Tech 3306).
fn rf64(kind: [u8; 4], length: u64) -> Case {
    let mut bytes = kind.to_vec();
    bytes.extend(b"\xff\xff\xff\xffWAVEds64\x1c\0\0\0");
    for number in [length, length, length / 2] {
        bytes.extend(number.to_le_bytes());
    }
    bytes.extend([0; 4]);
    let mut plain = wav::header(16_000)[12..].to_vec();
    put(&mut plain, 28, 4, false, u32::MAX.into());
    bytes.extend(plain);
    bytes.extend((0..32_000_u32).map(|i| (i * 7) as u8));
    // A second, up to the end of the file; or nothing, where that is what it says.
    let expected = Expected::sound(999..=1_001).or(Answers::UNSUPPORTED);
    Case::new(bytes, if length == 0 { expected.or(Answers::EMPTY) } else { expected })
}

fn stbl(name: &str) -> String {
    format!("moov/trak/mdia/minf/stbl/{name}")
}

fn patched(form: &str, name: &str, numbers: &[(usize, usize, u64)], expected: Expected) -> Case {
    let form: &Form = form_named(form);
    let part = form.part(name).expect("a box by its name");
    let mut bytes = form.bytes.clone();
    for (at, width, value) in numbers {
        put(&mut bytes, part.start + at, *width, true, *value);
    }
    Case::new(bytes, expected)
}

/// A box with another length.
fn patched_at(form: &str, name: &str, length: u64) -> Case {
    let form = form_named(form);
    let mut bytes = form.bytes.clone();
    put(&mut bytes, form.part(name).expect("a box by its name").at, 4, true, length);
    Case::new(bytes, broken())
}

/// The places of the sound, in the opposite order.
fn backwards() -> Case {
    let form = form_named("m4a index first");
    let table = form.part(&stbl("stco")).expect("a table of places");
    let count = be(&form.bytes, table.start + 4, 4) as usize;
    let mut bytes = form.bytes.clone();
    for n in 0..count {
        let place = be(&form.bytes, table.start + 8 + 4 * (count - 1 - n), 4);
        put(&mut bytes, table.start + 8 + 4 * n, 4, true, place);
    }
    Case::new(bytes, broken())
}
