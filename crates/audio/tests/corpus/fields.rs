//! The numbers in a file's structure that can lie, by what they are about.

use crate::{
    anatomy::Part,
    base::{Form, Kind},
};

/// What a number is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum About {
    Rate,
    Channels,
    Bits,
    /// How many bytes or samples go together.
    Block,
    /// The length of the sound.
    Sound,
    /// The length of the whole.
    Whole,
    /// The length of the head.
    Head,
    Coding,
    /// Ticks in a second.
    Clock,
    /// How long it claims to be.
    Duration,
    /// How many entries a table has.
    Count,
    /// What stands in a table: lengths and groupings.
    Entry,
    /// Where something lies.
    Place,
    Checksum,
    Sequence,
    Serial,
    /// When something is heard.
    Moment,
    Version,
}

/// A number in a file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Field {
    pub(crate) about: About,
    pub(crate) at: usize,
    pub(crate) width: usize,
    pub(crate) big: bool,
}

/// The numbers that are known of a form.
pub(crate) fn fields(form: &Form) -> Vec<Field> {
    match form.kind {
        Kind::Wav => of_wav(form),
        Kind::Aiff => of_aiff(form),
        Kind::Caf => of_caf(form),
        Kind::Flac => of_flac(form),
        Kind::Ogg => of_ogg(form),
        Kind::Matroska => of_matroska(form),
        Kind::Mp4 => of_mp4(form),
        Kind::Mpeg => of_frames(form, &[(About::Coding, 1, 1), (About::Rate, 2, 1)]),
        Kind::Adts => of_frames(
            form,
            &[
                (About::Coding, 1, 1),
                (About::Rate, 2, 1),
                (About::Channels, 3, 1),
                (About::Head, 4, 2),
            ],
        ),
    }
}

type Row = (About, usize, usize);

fn rows(big: bool, from: usize, rows: &[Row]) -> Vec<Field> {
    rows.iter().map(|&(about, at, width)| Field { about, at: from + at, width, big }).collect()
}

fn of_wav(form: &Form) -> Vec<Field> {
    use About::{Bits, Block, Channels, Coding, Head, Rate, Sound, Whole};
    let mut all = rows(false, 0, &[(Whole, 4, 4)]);
    if let Some(fmt) = form.part("fmt ") {
        all.extend(rows(false, fmt.at, &[(Head, 4, 4)]));
        let inner = [(Coding, 0, 2), (Channels, 2, 2), (Rate, 4, 4), (Block, 12, 2), (Bits, 14, 2)];
        all.extend(rows(false, fmt.start, &inner));
    }
    if let Some(data) = form.part("data") {
        all.extend(rows(false, data.at, &[(Sound, 4, 4)]));
    }
    all
}

fn of_aiff(form: &Form) -> Vec<Field> {
    use About::{Bits, Block, Channels, Duration, Head, Place, Rate, Sound, Whole};
    let mut all = rows(true, 0, &[(Whole, 4, 4)]);
    if let Some(common) = form.part("COMM") {
        all.extend(rows(true, common.at, &[(Head, 4, 4)]));
        // The rate is a float of 80 bits, whose first two bytes are its exponent.
        let inner = [(Channels, 0, 2), (Duration, 2, 4), (Bits, 6, 2), (Rate, 8, 2)];
        all.extend(rows(true, common.start, &inner));
    }
    if let Some(sound) = form.part("SSND") {
        all.extend(rows(true, sound.at, &[(Sound, 4, 4), (Place, 8, 4), (Block, 12, 4)]));
    }
    all
}

fn of_caf(form: &Form) -> Vec<Field> {
    use About::{Bits, Block, Channels, Coding, Count, Duration, Head, Rate, Sound, Version};
    let mut all = rows(true, 0, &[(Version, 4, 2)]);
    if let Some(desc) = form.part("desc") {
        all.extend(rows(true, desc.at, &[(Head, 4, 8)]));
        let inner = [
            (Rate, 0, 8),
            (Coding, 8, 4),
            (Block, 16, 4),
            (Block, 20, 4),
            (Channels, 24, 4),
            (Bits, 28, 4),
        ];
        all.extend(rows(true, desc.start, &inner));
    }
    if let Some(data) = form.part("data") {
        all.extend(rows(true, data.at, &[(Sound, 4, 8)]));
    }
    if let Some(table) = form.part("pakt") {
        all.extend(rows(true, table.start, &[(Count, 0, 8), (Duration, 8, 8), (Duration, 16, 4)]));
    }
    all
}

fn of_flac(form: &Form) -> Vec<Field> {
    use About::{Block, Duration, Entry, Head, Rate};
    let mut all = Vec::new();
    for part in form.parts.iter().filter(|p| p.name.starts_with("block")) {
        all.extend(rows(true, part.at, &[(Head, 1, 3)]));
    }
    if let Some(info) = form.part("block 0") {
        // Blocks, frames, then 20 bits of rate with channels and depth, then 36 bits of length.
        let inner = [
            (Block, 0, 2),
            (Block, 2, 2),
            (Entry, 4, 3),
            (Entry, 7, 3),
            (Rate, 10, 3),
            (Duration, 14, 4),
        ];
        all.extend(rows(true, info.start, &inner));
    }
    all
}

fn of_ogg(form: &Form) -> Vec<Field> {
    use About::{
        Block, Channels, Checksum, Count, Duration, Moment, Rate, Sequence, Serial, Version,
    };
    let mut all = Vec::new();
    for page in form.parts.iter().take(8) {
        let head = [
            (Version, 4, 1),
            (Version, 5, 1),
            (Moment, 6, 8),
            (Serial, 14, 4),
            (Sequence, 18, 4),
            (Checksum, 22, 4),
            (Count, 26, 1),
        ];
        all.extend(rows(false, page.at, &head));
    }
    if let Some(first) = form.parts.first() {
        all.extend(match form.name {
            "ogg vorbis" => rows(
                false,
                first.start,
                &[(Version, 7, 4), (Channels, 11, 1), (Rate, 12, 4), (Block, 28, 1)],
            ),
            "ogg opus" => rows(
                false,
                first.start,
                &[(Version, 8, 1), (Channels, 9, 1), (Duration, 10, 2), (Block, 18, 1)],
            ),
            // A byte and four letters, version, count of headers, then `fLaC` and its first block.
            _ => rows(
                true,
                first.start,
                &[(Version, 5, 2), (Block, 17, 2), (Rate, 27, 3), (Duration, 31, 4)],
            ),
        });
    }
    all
}

fn of_matroska(form: &Form) -> Vec<Field> {
    use About::{Bits, Channels, Clock, Coding, Duration, Moment, Rate, Serial};
    const KNOWN: [(&str, About); 9] = [
        ("b5", Rate),
        ("9f", Channels),
        ("6264", Bits),
        ("86", Coding),
        ("2ad7b1", Clock),
        ("4489", Duration),
        ("e7", Moment),
        ("d7", Serial),
        ("56aa", Duration),
    ];
    let field = |part: &Part| {
        let (_, about) = KNOWN.iter().find(|(id, _)| *id == part.name)?;
        let width = (part.end - part.start).min(8);
        Some(Field { about: *about, at: part.start, width, big: true })
    };
    form.parts.iter().filter_map(field).take(30).collect()
}

fn of_mp4(form: &Form) -> Vec<Field> {
    use About::{
        Bits, Block, Channels, Clock, Coding, Count, Duration, Entry, Place, Rate, Version,
    };
    const STBL: &str = "moov/trak/mdia/minf/stbl/";
    let tables: [(&str, &[Row]); 6] = [
        // The first entry begins at 8: length, name, and at 24 channels, depth and rate.
        (
            "stsd",
            &[
                (Count, 4, 4),
                (Entry, 8, 4),
                (Coding, 12, 4),
                (Channels, 32, 2),
                (Bits, 34, 2),
                (Rate, 40, 2),
            ],
        ),
        ("stts", &[(Count, 4, 4), (Count, 8, 4), (Entry, 12, 4)]),
        ("stsc", &[(Count, 4, 4), (Block, 8, 4), (Block, 12, 4), (Block, 16, 4)]),
        ("stsz", &[(Entry, 4, 4), (Count, 8, 4), (Entry, 12, 4)]),
        ("stco", &[(Count, 4, 4), (Place, 8, 4), (Place, 12, 4)]),
        ("stss", &[(Count, 4, 4)]),
    ];
    let heads: [(&str, &[Row]); 5] = [
        ("moov/mvhd", &[(Clock, 12, 4), (Duration, 16, 4), (Version, 0, 1)]),
        ("moov/trak/tkhd", &[(Version, 0, 1), (Duration, 20, 4)]),
        ("moov/trak/mdia/mdhd", &[(Clock, 12, 4), (Duration, 16, 4), (Version, 0, 1)]),
        (
            "moov/trak/edts/elst",
            &[(Count, 4, 4), (Duration, 8, 4), (Place, 12, 4), (Version, 0, 1)],
        ),
        ("moov/mvex/trex", &[(Duration, 12, 4), (Entry, 16, 4)]),
    ];
    // Of a film, the last track is the sound.
    let last = |name: &str| form.parts.iter().rfind(|part| part.name == name);
    let mut all = Vec::new();
    for (name, list) in tables {
        all.extend(
            last(&format!("{STBL}{name}")).into_iter().flat_map(|p| rows(true, p.start, list)),
        );
    }
    for (name, list) in heads {
        all.extend(last(name).into_iter().flat_map(|p| rows(true, p.start, list)));
    }
    let fragments: [(&str, &[Row]); 3] = [
        ("moof/traf/tfhd", &[(Place, 8, 4), (Duration, 12, 4)]),
        ("moof/traf/trun", &[(Count, 4, 4), (Place, 8, 4), (Entry, 12, 4), (Entry, 16, 4)]),
        ("moof/traf/tfdt", &[(About::Moment, 4, 4), (Version, 0, 1)]),
    ];
    for (name, list) in fragments {
        for part in form.parts.iter().filter(|part| part.name == name).skip(1).take(2) {
            all.extend(rows(true, part.start, list));
        }
    }
    all
}

fn of_frames(form: &Form, list: &[Row]) -> Vec<Field> {
    let frames = form.parts.iter().skip(1).step_by(9).take(5);
    frames.flat_map(|frame| rows(true, frame.at, list)).collect()
}
