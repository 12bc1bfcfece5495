//! Files of which a part is missing, or that carry too much: what cables, batteries and web forms do.

use crate::{
    base::{Form, Kind, MS, SLACK},
    case::{Case, Class, class},
    chance::Chance,
    expect::{Answers, Expected},
};

pub(crate) const CLASSES: &[Class] = &[
    class("nothing wrong", 1, whole),
    class("cut at a share", 8, cut_at_share),
    class("cut at the edge of a part", 6, cut_at_edge),
    class("cut before the sound", 6, cut_before_sound),
    class("cut within the last packet", 2, cut_at_the_last_moment),
    class("zeros behind", 2, zeros_behind),
    class("noise behind", 2, noise_behind),
    class("another file behind", 1, zip_behind),
    class("twice in a row", 1, twice),
    class("zeros in front", 3, zeros_in_front),
    class("a tag in front", 3, tag_in_front),
    class("a piece of the sound missing", 4, piece_missing),
    class("a piece of the sound twice", 3, piece_twice),
    class("only the sound, no head", 1, headless),
    class("the second half only", 2, second_half),
];

/// What to expect of a file that ends at `end`: up to there it is itself.
pub(crate) fn ending_at(form: &Form, end: usize) -> Expected {
    let Form { sound, index_end, .. } = form;
    // As much of a form's sound as may lie in a packet, page or cluster that is not whole.
    let piece = if form.plain { 64 } else { 8 * 1024 };
    let sound_up_to = Expected::sound(1..=MS + SLACK);
    if end < *index_end {
        return Expected::one_of(Answers::STUB);
    }
    if end <= sound.0 {
        Expected::one_of(Answers::STUB)
    } else if end <= sound.0 + piece {
        sound_up_to.or(Answers::STUB)
    } else {
        sound_up_to
    }
}

/// The length of a file whose samples are all there.
pub(crate) fn whole_length() -> Expected {
    Expected::sound(MS - 1..=MS + SLACK)
}

fn whole(form: &Form, _: &mut Chance, _: usize) -> Option<Case> {
    Some(Case::new(form.bytes.clone(), whole_length()))
}

fn cut(form: &Form, end: usize) -> Option<Case> {
    Some(Case::new(form.bytes[..end].to_vec(), ending_at(form, end)))
}

fn cut_at_share(form: &Form, chance: &mut Chance, n: usize) -> Option<Case> {
    let eighth = form.bytes.len() / 8;
    cut(form, (n * eighth + chance.below(eighth)).max(1))
}

fn cut_at_edge(form: &Form, chance: &mut Chance, _: usize) -> Option<Case> {
    let part = chance.choose(&form.parts);
    cut(form, (*chance.choose(&[part.at, part.start, part.end])).max(1))
}

fn cut_before_sound(form: &Form, chance: &mut Chance, _: usize) -> Option<Case> {
    // A stream of frames has nothing before its sound.
    (!form.searched()).then_some(())?;
    cut(form, chance.between(1, form.sound.0))
}

fn cut_at_the_last_moment(form: &Form, chance: &mut Chance, _: usize) -> Option<Case> {
    cut(form, form.bytes.len() - 1 - chance.below(64))
}

fn zeros_behind(form: &Form, chance: &mut Chance, _: usize) -> Option<Case> {
    let mut bytes = form.bytes.clone();
    bytes.resize(bytes.len() + chance.between(1, 100_000), 0);
    Some(Case::new(bytes, whole_length()))
}

/// How long the sound is at least where something else stands behind it. Only in FLAC files does the last frame end
/// where the next would begin, and so is lost: up to 2,048 samples, a known shortfall (`FORMATS.md`).
fn least_before_more(form: &Form) -> u64 {
    if form.kind == Kind::Flac { MS - 47 } else { MS - 1 }
}

fn noise_behind(form: &Form, chance: &mut Chance, _: usize) -> Option<Case> {
    let mut bytes = form.bytes.clone();
    let noise = chance.between(1, 20_000);
    bytes.extend(chance.bytes(noise));
    // Where frames are looked for, noise may look like one now and then.
    let most = if form.searched() { MS + 1_000 } else { MS + SLACK };
    Some(Case::new(bytes, Expected::sound(least_before_more(form)..=most)))
}

fn zip_behind(form: &Form, _: &mut Chance, _: usize) -> Option<Case> {
    let mut bytes = form.bytes.clone();
    bytes.extend(super::wraps::zip_of("notes.txt", b"what was said"));
    Some(Case::new(bytes, Expected::sound(least_before_more(form)..=MS + SLACK)))
}

fn twice(form: &Form, _: &mut Chance, _: usize) -> Option<Case> {
    // Recordings that were strung together: all of it, or the first, never anything between.
    Some(Case::new(form.bytes.repeat(2), Expected::sound(MS - 1..=2 * (MS + SLACK))))
}

fn zeros_in_front(form: &Form, chance: &mut Chance, n: usize) -> Option<Case> {
    // Padding is accepted before a stream of frames, up to 64 KiB.
    let zeros = match n {
        0 => 1 + chance.below(16),
        1 => 1 + chance.below(50_000),
        _ => 70_000,
    };
    let bytes = [vec![0; zeros], form.bytes.clone()].concat();
    let found = form.searched() && zeros < 60_000;
    let expected = if found { whole_length() } else { Expected::one_of(Answers::NOT_AUDIO) };
    // The marker of an MP4 file is preceded by a length, of which some bytes may be anything.
    Some(Case::new(bytes, expected))
}

fn tag_in_front(form: &Form, chance: &mut Chance, n: usize) -> Option<Case> {
    let content = [0, 1_000, 200_000][n] + chance.below(100);
    Some(Case::new([id3(content), form.bytes.clone()].concat(), whole_length()))
}

/// An ID3 tag with padding in it.
pub(crate) fn id3(padding: usize) -> Vec<u8> {
    let mut tag = id3_head(padding);
    tag.resize(10 + padding, 0);
    tag
}

/// How a tag of that length begins.
pub(crate) fn id3_head(len: usize) -> Vec<u8> {
    let mut head = b"ID3\x04\0\0".to_vec();
    head.extend((0..4).rev().map(|i| (len >> (7 * i) & 0x7f) as u8));
    head
}

/// A stretch of the sound, away from its ends.
pub(crate) fn stretch(form: &Form, chance: &mut Chance, most: usize) -> (usize, usize) {
    let (from, to) = form.sound;
    let len = to - from;
    let at = chance.between(from + len / 4, from + len / 2);
    (at, at + chance.between(1, most.min(len / 4)))
}

/// What comes of sound in which something was moved: a form whose index lies behind the sound loses it, unless its
/// place is given from the front.
fn moved(form: &Form) -> Expected {
    let longest = Expected::sound(1..=2 * (MS + SLACK));
    let behind = form.index_end > form.sound.0;
    match form.kind {
        Kind::Mp4 | Kind::Caf if behind => longest.or(Answers::NO_INDEX | Answers::CORRUPT),
        _ => longest,
    }
}

fn piece_missing(form: &Form, chance: &mut Chance, _: usize) -> Option<Case> {
    let (from, to) = stretch(form, chance, 5_000);
    let bytes = [&form.bytes[..from], &form.bytes[to..]].concat();
    Some(Case::new(bytes, moved(form)))
}

fn piece_twice(form: &Form, chance: &mut Chance, _: usize) -> Option<Case> {
    let (from, to) = stretch(form, chance, 5_000);
    let bytes = [&form.bytes[..to], &form.bytes[from..]].concat();
    Some(Case::new(bytes, moved(form)))
}

fn headless(form: &Form, _: &mut Chance, _: usize) -> Option<Case> {
    (!form.searched()).then_some(())?;
    let bytes = form.bytes[form.sound.0..].to_vec();
    // Pages and fragments have markers of their own, but say nothing about the coding.
    let answers = match form.kind {
        Kind::Ogg => Answers::STUB,
        _ => Answers::NOT_AUDIO,
    };
    Some(Case::new(bytes, Expected::one_of(answers)))
}

fn second_half(form: &Form, chance: &mut Chance, _: usize) -> Option<Case> {
    let (from, to) = form.sound;
    let middle = chance.between(from + (to - from) / 3, from + (to - from) / 2);
    let bytes = form.bytes[middle..].to_vec();
    let expected = if form.searched() {
        Expected::sound(1..=MS)
    } else {
        Expected::one_of(Answers::NOT_AUDIO)
    };
    Some(Case::new(bytes, expected))
}
