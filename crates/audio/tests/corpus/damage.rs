//! Files whose sound is damaged where it lies, head and index being whole: bad cards, bad cables, bad recorders.

use crate::{
    base::{Form, Kind, MS, SLACK, forms},
    case::{Case, Class, class},
    chance::Chance,
    cuts::{stretch, whole_length},
    expect::{Answers, Expected},
};

pub(crate) const CLASSES: &[Class] = &[
    class("a hole of zeros", 4, zero_hole),
    class("a hole of noise", 4, noise_hole),
    class("a hole of ones", 2, ones_hole),
    class("single bits wrong", 4, single_bits),
    class("one byte in a hundred wrong", 2, many_bytes),
    class("every other block zero", 2, every_other_block),
    class("blocks in another order", 2, shuffled),
    class("blocks of another file", 3, foreign_blocks),
    class("nothing but zeros where the sound was", 1, all_zero),
    class("nothing but noise where the sound was", 2, all_noise),
    class("the head of one and the sound of another", 3, transplanted),
    class("the head twice", 1, two_heads),
    class("noise in an index that nobody needs", 2, needless_index),
];

/// What may come of damage to the sound alone: the file is still what it is, and never longer than it was by more than
/// what silence may stand in for. If the damage was such that no packet is left, it is called damaged.
fn hurt(form: &Form, bytes: Vec<u8>, some_is_left: bool) -> Option<Case> {
    // Samples as they are cannot be damaged. Fragments, clusters and pages have heads of their own among the sound.
    let expected = if form.plain {
        whole_length()
    } else if some_is_left {
        Expected::sound(1..=MS + 1_000)
    } else {
        Expected::sound(1..=MS + 1_000).or(Answers::CORRUPT | Answers::EMPTY)
    };
    Some(Case::new(bytes, expected))
}

fn filled(form: &Form, chance: &mut Chance, fill: impl Fn(&mut Chance) -> u8) -> Option<Case> {
    let (from, to) = stretch(form, chance, 3_000);
    let mut bytes = form.bytes.clone();
    for byte in &mut bytes[from..to] {
        *byte = fill(chance);
    }
    hurt(form, bytes, true)
}

fn zero_hole(form: &Form, chance: &mut Chance, _: usize) -> Option<Case> {
    filled(form, chance, |_| 0)
}

fn noise_hole(form: &Form, chance: &mut Chance, _: usize) -> Option<Case> {
    filled(form, chance, |c| c.number() as u8)
}

fn ones_hole(form: &Form, chance: &mut Chance, _: usize) -> Option<Case> {
    filled(form, chance, |_| 0xff)
}

fn single_bits(form: &Form, chance: &mut Chance, n: usize) -> Option<Case> {
    let mut bytes = form.bytes.clone();
    let mut first = form.sound.1;
    for _ in 0..=n * 5 {
        let at = chance.between(form.sound.0 + 100, form.sound.1);
        bytes[at] ^= 1 << chance.below(8);
        first = first.min(at);
    }
    let case = hurt(form, bytes, true)?;
    // Known shortfalls (`FORMATS.md`): Ogg's demuxer gives a file up whose first pages of sound are wrong, and a bit in
    // the time of a Matroska block makes a hole in time.
    let expected = match form.kind {
        Kind::Ogg if first < form.sound.0 + 8_192 => case.expected.or(Answers::CORRUPT),
        Kind::Matroska => Expected { ms: 1..=36_001_000, ..case.expected },
        _ => case.expected,
    };
    Some(Case { expected, ..case })
}

fn many_bytes(form: &Form, chance: &mut Chance, _: usize) -> Option<Case> {
    let mut bytes = form.bytes.clone();
    for byte in &mut bytes[form.sound.0..form.sound.1] {
        if chance.below(100) == 0 {
            *byte = chance.number() as u8;
        }
    }
    // A page of Ogg and a frame of FLAC with one wrong byte are left out whole; there may be none without.
    broken(form, bytes)
}

/// Damage to everything that lies among the sound, heads of pages, clusters and fragments included.
fn broken(form: &Form, bytes: Vec<u8>) -> Option<Case> {
    let headed = matches!(form.kind, Kind::Matroska | Kind::Ogg) || form.part("moof").is_some();
    let case = hurt(form, bytes, false)?;
    let expected = if headed {
        Expected { ms: 1..=36_001_000, ..case.expected.or(Answers::DURATION | Answers::RATIO) }
    } else if form.searched() {
        case.expected.or(Answers::NOT_AUDIO)
    } else {
        case.expected
    };
    Some(Case { expected, ..Case::woven(case.body, Expected::one_of(Answers::SOUND)) }.long())
}

fn every_other_block(form: &Form, chance: &mut Chance, _: usize) -> Option<Case> {
    let size = *chance.choose(&[128, 512]);
    let mut bytes = form.bytes.clone();
    for block in bytes[form.sound.0..form.sound.1].chunks_mut(size).skip(1).step_by(2) {
        block.fill(0);
    }
    broken(form, bytes)
}

fn shuffled(form: &Form, chance: &mut Chance, _: usize) -> Option<Case> {
    let size = *chance.choose(&[512, 4_096]);
    let (from, to) = form.sound;
    let mut blocks: Vec<&[u8]> = form.bytes[from..to].chunks(size).collect();
    for n in (1..blocks.len()).rev() {
        blocks.swap(n, chance.below(n + 1));
    }
    let bytes = [&form.bytes[..from], &blocks.concat(), &form.bytes[to..]].concat();
    broken(form, bytes)
}

fn foreign_blocks(form: &Form, chance: &mut Chance, _: usize) -> Option<Case> {
    let other = &chance.choose(forms()).bytes;
    let mut bytes = form.bytes.clone();
    for block in bytes[form.sound.0..form.sound.1].chunks_mut(1_024) {
        if chance.below(3) == 0 {
            let at = chance.below(other.len().saturating_sub(block.len()));
            let from = &other[at..(at + block.len()).min(other.len())];
            block[..from.len()].copy_from_slice(from);
        }
    }
    let case = broken(form, bytes)?;
    // Frames without a clock whose heads are gone are reckoned from the bytes that held them. Here a third of these are
    // gone, and of the rest the short frames, those of silence, are more often whole: what comes out may be half as
    // long again.
    let ms = if form.searched() { 1..=MS * 3 / 2 } else { case.expected.ms.clone() };
    Some(Case { expected: Expected { ms, ..case.expected }, ..case })
}

fn all_zero(form: &Form, _: &mut Chance, _: usize) -> Option<Case> {
    let mut bytes = form.bytes.clone();
    bytes[form.sound.0..form.sound.1].fill(0);
    broken(form, bytes)
}

fn all_noise(form: &Form, chance: &mut Chance, _: usize) -> Option<Case> {
    let mut bytes = form.bytes.clone();
    let noise = chance.bytes(form.sound.1 - form.sound.0);
    bytes[form.sound.0..form.sound.1].copy_from_slice(&noise);
    broken(form, bytes)
}

fn transplanted(form: &Form, chance: &mut Chance, _: usize) -> Option<Case> {
    let other = chance.choose(forms());
    let sound = &other.bytes[other.sound.0..other.sound.1];
    let bytes = [&form.bytes[..form.sound.0], sound, &form.bytes[form.sound.1..]].concat();
    Some(
        Case::new(
            bytes,
            Expected {
                ms: 1..=36_001_000,
                ..Expected::one_of(Answers::BROKEN | Answers::DURATION | Answers::RATIO)
            },
        )
        .long(),
    )
}

fn two_heads(form: &Form, _: &mut Chance, _: usize) -> Option<Case> {
    let head = &form.bytes[..form.sound.0];
    let bytes = [head, &form.bytes].concat();
    Some(Case::new(
        bytes,
        Expected { ms: 1..=2 * (MS + SLACK), ..Expected::one_of(Answers::BROKEN) },
    ))
}

fn needless_index(form: &Form, chance: &mut Chance, _: usize) -> Option<Case> {
    // Cues: where to jump to.
    let index = form.part("1c53bb6b")?;
    let mut bytes = form.bytes.clone();
    bytes[index.start..index.end].copy_from_slice(&chance.bytes(index.end - index.start));
    Some(Case::new(bytes, whole_length()))
}
