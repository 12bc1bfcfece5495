//! Small files that ask for much: time, memory, or patience.

use hearback_audio::{Limits, wav};
use hearback_domain::Ms;

use super::{Named, long, named};
use crate::{
    anatomy::put,
    base::{self, MS, SLACK, form_named},
    case::{Case, Woven},
    cuts::{id3_head, whole_length},
    expect::{Answers, Expected},
};

pub(crate) const CASES: &[Named] = &[
    named("ten hours of silence in flac, where ten minutes are accepted", || {
        let mut case = silent_flac(10 * 3_600 - 1, Answers::DURATION);
        case.limits = Limits { max_duration: Ms::from_seconds(600), ..Limits::default() };
        case
    }),
    long("ten hours of silence in flac", || silent_flac(10 * 3_600 - 1, Answers::SOUND)),
    long("a day of silence in flac", || silent_flac(24 * 3_600, Answers::DURATION)),
    long("ten hours of mp3 at 8 kbit/s", || long_mp3(10 * 3_600 - 10, Answers::SOUND)),
    long("eleven hours of mp3 at 8 kbit/s", || long_mp3(11 * 3_600, Answers::DURATION)),
    named("a day claimed, a second there", || {
        let mut bytes = wav::header(24 * 3_600 * 16_000).to_vec();
        bytes.extend((0..32_000_u32).map(|i| (i * 7) as u8));
        Case::new(bytes, Expected::sound(999..=1_001))
    }),
    long("a second claimed, ten hours there", || {
        // What is behind the sound of a WAV file belongs to other chunks.
        let rest = (vec![7; 65_536], 10 * 3_600 * 32_000 / 65_536);
        let sound = [wav::header(16_000).to_vec(), vec![7; 32_000]].concat();
        Case::woven(Woven::of(vec![(sound, 1), rest]), Expected::sound(999..=1_001)).long()
    }),
    named("500 MB of padding in tags", || {
        // A tag says at most 256 MB.
        let (head, zeros) = (id3_head(250 << 20), vec![0; 1 << 20]);
        let pieces = vec![
            (head.clone(), 1),
            (zeros.clone(), 250),
            (head, 1),
            (zeros, 250),
            (form_named("mp3").bytes.clone(), 1),
        ];
        Case::woven(Woven::of(pieces), whole_length()).long()
    }),
    named("10,000 tracks", many_tracks),
    named("a million tiny boxes", || {
        let form = form_named("m4a index first");
        let head = form.part("ftyp").expect("its head").end;
        let pieces = vec![
            (form.bytes[..head].to_vec(), 1),
            (b"\0\0\0\x08free".to_vec(), 1_000_000),
            (form.bytes[head..].to_vec(), 1),
        ];
        // Places in the file are off by eight megabytes, and nobody writes a million boxes.
        Case::woven(Woven::of(pieces), Expected::one_of(Answers::BROKEN))
    }),
    named("boxes 64 deep", || nested(64)),
    named("boxes 100,000 deep", || nested(100_000)),
    named("an edit list that plays the same for ever", looping_edits),
    named("a cover of 100 MB in an m4a", || {
        let form = form_named("m4a index first");
        let mut tail = (100_000_000_u32 + 8).to_be_bytes().to_vec();
        tail.extend(b"udta");
        let pieces = vec![(form.bytes.clone(), 1), (tail, 1), (vec![0xd8; 100_000], 1_000)];
        Case::woven(Woven::of(pieces), whole_length()).long()
    }),
    named("a cover of 15 MB in a flac", || {
        let form = form_named("flac");
        let block = [&[6, 0xff, 0xff, 0xff][..]].concat();
        let (head, rest) = form.bytes.split_at(form.part("block 0").expect("the first").end);
        // 2^24 bytes less one.
        let cover = (vec![0_u8; 69_615], 241);
        let pieces = vec![(head.to_vec(), 1), (block, 1), cover, (rest.to_vec(), 1)];
        Case::woven(Woven::of(pieces), whole_length().or(Answers::CORRUPT)).long()
    }),
    long("50,000 streams strung together", || {
        let form = form_named("ogg opus");
        let one = [&form.bytes[..form.sound.0], &form.bytes[form.parts[form.parts.len() - 1].at..]];
        let woven = Woven::of(vec![(one.concat(), 50_000)]);
        Case::woven(
            woven,
            Expected { ms: 1..=36_001_000, ..Expected::one_of(Answers::SOUND | Answers::DURATION) },
        )
        .long()
    }),
    named("500 streams strung together", || {
        let form = form_named("ogg opus");
        Case::woven(
            Woven::of(vec![(form.bytes.clone(), 500)]),
            Expected::sound(500 * (MS - 20)..=500 * (MS + SLACK)),
        )
        .long()
    }),
];

/// Silence at 16 kHz, 16 bits, in blocks of 32,768 samples of one value each (RFC 9639 §9).
fn silent_flac(seconds: u64, answer: Answers) -> Case {
    let mut bytes = b"fLaC\x80\0\0\x22".to_vec();
    bytes.extend([0x80, 0, 0x80, 0, 0, 0, 0, 0, 0, 0]);
    // 20 bits of rate, 3 of channels less one, 5 of depth less one, 36 of length.
    bytes.extend((16_000_u64 << 44 | 15 << 36).to_be_bytes());
    bytes.extend([0; 16]);
    for number in 0..seconds * 16_000 / 32_768 {
        let start = bytes.len();
        // Fixed blocks; 2^(15−8) × 256 samples, rate from the head; one channel, 16 bits.
        bytes.extend([0xff, 0xf8, 0xf0, 0x08]);
        let number = u32::try_from(number).ok().and_then(char::from_u32).expect("few blocks");
        bytes.extend(number.to_string().into_bytes());
        bytes.push(crc(&bytes[start..], 8, 0x07) as u8);
        bytes.extend([0, 0, 0]);
        let sum = crc(&bytes[start..], 16, 0x8005);
        bytes.extend(sum.to_be_bytes());
    }
    let expected = match answer {
        Answers::SOUND => Expected {
            ms: seconds * 1_000 - 3_000..=seconds * 1_000,
            ..Expected::one_of(Answers::SOUND | Answers::RATIO)
        },
        other => Expected::one_of(other | Answers::RATIO),
    };
    Case::new(bytes, expected).long()
}

/// A checksum of 8 or 16 bits, nothing reflected.
fn crc(bytes: &[u8], width: u32, polynomial: u16) -> u16 {
    let top = 1_u16 << (width - 1);
    let mask = if width == 8 { 0xff } else { u16::MAX };
    bytes.iter().fold(0, |sum, byte| {
        (0..8).fold(sum ^ u16::from(*byte) << (width - 8), |sum, _| {
            if sum & top == 0 { sum << 1 & mask } else { (sum << 1 ^ polynomial) & mask }
        })
    })
}

/// Frames of 8 kbit/s at 8 kHz have 72 bytes and last as many milliseconds.
fn long_mp3(seconds: u64, answer: Answers) -> Case {
    let low = base::bytes("low.mp3");
    let frame = low.windows(2).rposition(|w| w == [0xff, 0xe3]).expect("a frame");
    let frame = low[frame..].iter().copied().chain([0; 72]).take(72).collect();
    let woven = Woven::of(vec![(frame, seconds * 1_000 / 72)]);
    let expected =
        Expected { ms: 1..=seconds * 1_000, ..Expected::one_of(answer | Answers::RATIO) };
    Case::woven(woven, expected).long()
}

/// The index of a file with its one track in it 10,000 times.
fn many_tracks() -> Case {
    let form = form_named("m4a index last");
    let (moov, trak) =
        (form.part("moov").expect("an index"), form.part("moov/trak").expect("a track"));
    let mut bytes = form.bytes[..moov.end].to_vec();
    let track = form.bytes[trak.at..trak.end].to_vec();
    let added = track.repeat(9_999);
    put(&mut bytes, moov.at, 4, true, (moov.end - moov.at + added.len()) as u64);
    bytes.extend(added);
    Case::new(bytes, Expected::sound(MS - 1..=MS + SLACK).or(Answers::MEMORY | Answers::CORRUPT))
}

/// Boxes in boxes that may hold boxes.
fn nested(depth: usize) -> Case {
    let form = form_named("m4a index first");
    let mut bytes = form.bytes[..form.part("ftyp").expect("its head").end].to_vec();
    for level in (1..=depth).rev() {
        bytes.extend((8 * level as u32).to_be_bytes());
        bytes.extend(if level == depth { b"moov" } else { b"trak" });
    }
    Case::new(bytes, Expected::one_of(Answers::STUB | Answers::NO_AUDIO | Answers::MEMORY))
}

/// 60 edits, each of which plays everything once more; what cannot be followed is heard once.
fn looping_edits() -> Case {
    let form = form_named("m4a index last");
    let list = form.part("moov/trak/edts/elst").expect("ffmpeg writes one");
    let entry = form.bytes[list.start + 8..list.start + 20].to_vec();
    let mut bytes = form.bytes.clone();
    put(&mut bytes, list.start + 4, 4, true, 60);
    bytes.splice(list.end..list.end, entry.repeat(59));
    for name in ["moov", "moov/trak", "moov/trak/edts", "moov/trak/edts/elst"] {
        let part = form.part(name).expect("a box by its name");
        put(&mut bytes, part.at, 4, true, (part.end - part.at + 59 * 12) as u64);
    }
    Case::new(bytes, whole_length())
}
