//! Files whose structure lies about them: rates, channels, lengths, tables, places, times, checksums.

use crate::{
    anatomy::{be, le, put, seal_page},
    base::{Form, Kind, MS},
    case::{Case, Class, class},
    chance::Chance,
    expect::{Answers, Expected},
    fields::{About, Field, fields},
};

pub(crate) const CLASSES: &[Class] = &[
    class("a rate that cannot be", 6, impossible_rate),
    class("another rate", 2, other_rate),
    class("no channels", 1, no_channels),
    class("too many channels", 3, many_channels),
    class("a depth that cannot be", 5, odd_bits),
    class("blocks that cannot be", 8, odd_blocks),
    class("the length of the sound", 7, |f, c, n| lie(f, c, n, About::Sound, length_lie)),
    class("the length of the whole", 4, |f, c, n| lie(f, c, n, About::Whole, length_lie)),
    class("the length of the head", 6, |f, c, n| lie(f, c, n, About::Head, head_lie)),
    class("an unknown coding", 4, |f, c, n| lie(f, c, n, About::Coding, coding_lie)),
    class("a clock that cannot be", 5, |f, c, n| lie(f, c, n, About::Clock, time_lie)),
    class("a claimed duration", 8, |f, c, n| lie(f, c, n, About::Duration, time_lie)),
    class("the count of a table", 10, |f, c, n| lie(f, c, n, About::Count, table_lie)),
    class("the entry of a table", 10, |f, c, n| lie(f, c, n, About::Entry, table_lie)),
    class("a place outside the file", 8, |f, c, n| lie(f, c, n, About::Place, table_lie)),
    class("a wrong checksum", 4, |f, c, n| lie(f, c, n, About::Checksum, page_lie)),
    class("pages out of order", 4, |f, c, n| lie(f, c, n, About::Sequence, page_lie)),
    class("another stream's number", 4, |f, c, n| lie(f, c, n, About::Serial, page_lie)),
    class("a moment that cannot be", 8, |f, c, n| lie(f, c, n, About::Moment, moment_lie)),
    class("a version that is not known", 5, |f, c, n| lie(f, c, n, About::Version, table_lie)),
    class("the length of any part", 8, part_length),
];

/// The `n`th number about something.
fn field(form: &Form, about: About, n: usize) -> Option<Field> {
    let all: Vec<Field> = fields(form).into_iter().filter(|f| f.about == about).collect();
    (!all.is_empty()).then(|| all[n % all.len()])
}

/// The file with a number in it changed, and its checksum right.
fn with(form: &Form, field: Field, value: u64) -> Vec<u8> {
    let mut bytes = form.bytes.clone();
    put(&mut bytes, field.at, field.width, field.big, value);
    if form.kind == Kind::Ogg && field.about != About::Checksum {
        let page = form.parts.iter().find(|p| (p.at..p.end).contains(&field.at));
        if let Some(page) = page {
            seal_page(&mut bytes, page);
        }
    }
    bytes
}

fn value(form: &Form, field: Field) -> u64 {
    if field.big {
        be(&form.bytes, field.at, field.width)
    } else {
        le(&form.bytes, field.at, field.width)
    }
}

/// A number that is not the true one: extremes first, then its neighbours, then whatever is drawn.
fn false_value(form: &Form, chance: &mut Chance, field: Field) -> u64 {
    let most = u64::MAX >> (64 - 8 * field.width);
    let truth = value(form, field);
    let drawn = [
        0,
        1,
        most,
        most >> 1,
        (most >> 1) + 1,
        most - 8,
        truth.wrapping_add(1) & most,
        truth.wrapping_sub(1) & most,
        truth.wrapping_mul(2) & most,
        truth / 2,
        chance.number() & most,
    ];
    let at = chance.below(drawn.len());
    let others = || drawn.iter().cycle().skip(at).copied();
    others().find(|v| *v != truth).unwrap_or(0)
}

type Judgement = fn(&Form, Field) -> Expected;

fn lie(form: &Form, chance: &mut Chance, n: usize, about: About, judge: Judgement) -> Option<Case> {
    let field = field(form, about, n)?;
    let value = false_value(form, chance, field);
    Some(Case::new(with(form, field, value), judge(form, field)).long_if_endless())
}

/// The sound up to a little more than there is.
fn some_sound() -> Expected {
    Expected::sound(1..=2 * MS)
}

fn impossible_rate(form: &Form, chance: &mut Chance, n: usize) -> Option<Case> {
    let field = field(form, About::Rate, n)?;
    let wrong = match (form.kind, n) {
        // Floats: zero, less than one, infinite, no number, negative.
        (Kind::Caf | Kind::Matroska, n) => {
            [0.0, 0.5, f64::INFINITY, f64::NAN, -44_100.0, 1e300][n].to_bits()
        }
        // An exponent: 2 to the power of −1, of 16 383, of 30.
        (Kind::Aiff, n) => [0, 0x3ffe, 0x7fff, 0x401d, 0xc00e, 0x3fff][n],
        (_, 0) => 0,
        (_, 1) => 1,
        (_, 2) => u64::MAX >> (64 - 8 * field.width),
        (_, 3) => 7_999.min(u64::MAX >> (64 - 8 * field.width)),
        (_, 4) => 192_001,
        _ => chance.number() >> 40,
    };
    let wide = Answers::RATE | Answers::CORRUPT | Answers::UNSUPPORTED;
    let expected = match form.kind {
        Kind::Wav | Kind::Aiff | Kind::Caf if form.plain && n < 5 => Expected::one_of(wide),
        // Here one frame of many is hit, or the true rate stands in the coding itself, or three bytes hold more than
        // the rate.
        _ => Expected {
            ms: 1..=36_001_000,
            ..Expected::one_of(
                wide | Answers::SOUND | Answers::CHANNELS | Answers::MEMORY | Answers::EMPTY,
            )
        },
    };
    Some(Case::new(with(form, field, wrong), expected))
}

fn other_rate(form: &Form, _: &mut Chance, n: usize) -> Option<Case> {
    matches!(form.kind, Kind::Wav).then_some(())?;
    let field = field(form, About::Rate, 0)?;
    // Believed, since nothing else says how fast it was: 8 000 and 192 000 are the bounds.
    let (rate, ms) = [(8_000, MS * 44_100 / 8_000), (192_000, MS * 44_100 / 192_000)][n];
    Some(Case::new(with(form, field, rate), Expected::sound(ms - ms / 100..=ms + ms / 100)))
}

fn no_channels(form: &Form, _: &mut Chance, n: usize) -> Option<Case> {
    let field = field(form, About::Channels, n)?;
    let refused = Answers::CHANNELS | Answers::CORRUPT | Answers::UNSUPPORTED;
    Some(Case::new(with(form, field, 0), channels_expected(form, refused)))
}

fn many_channels(form: &Form, _: &mut Chance, n: usize) -> Option<Case> {
    let field = field(form, About::Channels, n)?;
    let most = u64::MAX >> (64 - 8 * field.width);
    let refused = Answers::CHANNELS | Answers::CORRUPT | Answers::UNSUPPORTED | Answers::MEMORY;
    Some(Case::new(with(form, field, [9, most, most >> 1][n]), channels_expected(form, refused)))
}

/// Where the coding itself says how many channels there are, the container's number is not believed.
fn channels_expected(form: &Form, refused: Answers) -> Expected {
    match form.kind {
        Kind::Mp4 | Kind::Matroska | Kind::Adts => Expected::one_of(refused | Answers::SOUND),
        Kind::Caf if !form.plain => Expected::one_of(refused | Answers::SOUND),
        _ => Expected::one_of(refused),
    }
}

fn odd_bits(form: &Form, _: &mut Chance, n: usize) -> Option<Case> {
    let field = field(form, About::Bits, n)?;
    let most = u64::MAX >> (64 - 8 * field.width);
    let wrong = with(form, field, [0, 7, most, 33, 1][n]);
    let refused = Answers::CORRUPT | Answers::UNSUPPORTED;
    // Codings that have a depth of their own are not told one.
    let expected = if form.plain && !matches!(form.kind, Kind::Mp4) && form.name != "wav mulaw" {
        Expected::one_of(refused | Answers::SOUND)
    } else {
        some_sound().or(refused)
    };
    Some(Case::new(wrong, expected))
}

fn odd_blocks(form: &Form, chance: &mut Chance, n: usize) -> Option<Case> {
    lie(form, chance, n, About::Block, |_, _| {
        Expected::one_of(Answers::BROKEN | Answers::DURATION | Answers::RATIO)
    })
}

/// A length that is not true is not believed further than the file goes.
fn length_lie(form: &Form, _: Field) -> Expected {
    let behind = form.index_end > form.sound.0;
    let short = Expected::sound(1..=MS + 130).or(Answers::EMPTY | Answers::CORRUPT);
    if behind { short.or(Answers::NO_INDEX) } else { short }
}

fn head_lie(form: &Form, _: Field) -> Expected {
    if form.searched() {
        return some_sound();
    }
    Expected::one_of(Answers::BROKEN)
}

fn coding_lie(form: &Form, _: Field) -> Expected {
    if form.searched() {
        return some_sound().or(Answers::CORRUPT);
    }
    Expected::one_of(
        Answers::UNSUPPORTED
            | Answers::CORRUPT
            | Answers::SOUND
            | Answers::NO_AUDIO
            | Answers::EMPTY,
    )
}

/// What a file claims about time is not what counts: but a clock that runs wrong may make holes of any length, up to
/// what is accepted at all.
fn time_lie(_: &Form, _: Field) -> Expected {
    let any = Answers::BROKEN | Answers::DURATION | Answers::RATIO;
    Expected { ms: 1..=36_001_000, ..Expected::one_of(any) }
}

fn table_lie(_: &Form, _: Field) -> Expected {
    Expected {
        ms: 1..=36_001_000,
        ..Expected::one_of(Answers::BROKEN | Answers::DURATION | Answers::RATIO)
    }
}

fn page_lie(form: &Form, field: Field) -> Expected {
    // The first pages are the head, and the first with sound is where the demuxer begins to count.
    if field.at < form.sound.0 + 8_192 {
        return Expected::one_of(Answers::BROKEN);
    }
    Expected::sound(1..=MS + 130)
}

fn moment_lie(_: &Form, _: Field) -> Expected {
    Expected {
        ms: 1..=36_001_000,
        ..Expected::one_of(Answers::BROKEN | Answers::DURATION | Answers::RATIO)
    }
}

fn part_length(form: &Form, chance: &mut Chance, _: usize) -> Option<Case> {
    let part = chance.choose(&form.parts);
    let (at, width, big) = match form.kind {
        Kind::Wav => (part.at + 4, 4, false),
        Kind::Aiff => (part.at + 4, 4, true),
        Kind::Caf => (part.at + 4, 8, true),
        Kind::Mp4 => (part.at, 4, true),
        Kind::Flac => (part.at + 1, 3, true),
        Kind::Matroska => (part.start - 1, 1, true),
        Kind::Ogg => (part.start - 1, 1, false),
        Kind::Mpeg => (part.at + 2, 1, true),
        Kind::Adts => (part.at + 4, 1, true),
    };
    let field = Field { about: About::Head, at, width, big };
    let value = false_value(form, chance, field);
    Some(Case::new(with(form, field, value), table_lie(form, field)).long_if_endless())
}
