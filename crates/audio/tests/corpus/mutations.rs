//! Blind changes to whole files, head and all: nothing is known of what comes of them but that it is an answer.

use hearback_audio::Limits;
use hearback_domain::Ms;

use crate::{
    base::{Form, forms},
    case::Case,
    chance::Chance,
    expect::{Answers, Expected},
};

/// One file with one to eight changes, most of them in its first kilobyte, where the structure is.
pub(crate) fn mutated(chance: &mut Chance) -> (&'static Form, Case) {
    let form = chance.choose(forms());
    let mut bytes = form.bytes.clone();
    for _ in 0..=chance.below(8) {
        change(&mut bytes, chance);
    }
    let mut case = Case::new(bytes, Expected::one_of(Answers::ANY));
    // A clock that was hit makes holes, and what fills them takes its time.
    case.limits = Limits { max_duration: Ms::from_seconds(600), ..Limits::default() };
    (form, case.long())
}

fn change(bytes: &mut Vec<u8>, chance: &mut Chance) {
    if bytes.is_empty() {
        return;
    }
    let near = if chance.below(3) == 0 { bytes.len() } else { bytes.len().min(1_024) };
    let at = chance.below(near);
    match chance.below(9) {
        0 => bytes[at] ^= 1 << chance.below(8),
        1 => bytes[at] = *chance.choose(&[0, 1, 0x7f, 0x80, 0xff]),
        2 => length(bytes, at, chance),
        3 => bytes.truncate(chance.between(1, bytes.len())),
        4 => drop(bytes.drain(at..(at + chance.below(64)).min(bytes.len()))),
        5 => {
            let count = chance.below(64);
            let noise = chance.bytes(count);
            bytes.splice(at..at, noise);
        }
        6 => {
            let other = chance.below(bytes.len());
            bytes.swap(at, other);
        }
        7 => twice(bytes, at, chance),
        _ => splice(bytes, chance),
    }
}

/// Four bytes that may be a length, as some number that lengths go wrong at.
fn length(bytes: &mut [u8], at: usize, chance: &mut Chance) {
    let number = *chance.choose(&[0_u32, 1, 7, 8, 0x7fff_ffff, 0x8000_0000, 0xffff_fff0, u32::MAX]);
    let number = if chance.below(2) == 0 { number.to_be_bytes() } else { number.to_le_bytes() };
    for (place, byte) in bytes[at..].iter_mut().zip(number) {
        *place = byte;
    }
}

/// A piece once more, somewhere else.
fn twice(bytes: &mut Vec<u8>, at: usize, chance: &mut Chance) {
    let piece = bytes[at..(at + chance.below(512)).min(bytes.len())].to_vec();
    let to = chance.below(bytes.len());
    bytes.splice(to..to, piece);
}

/// From somewhere on, another file.
fn splice(bytes: &mut Vec<u8>, chance: &mut Chance) {
    let other = &chance.choose(forms()).bytes;
    bytes.truncate(chance.between(1, bytes.len()));
    bytes.extend(&other[chance.below(other.len())..]);
}
