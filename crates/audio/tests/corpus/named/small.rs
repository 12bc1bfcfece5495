//! Files with hardly anything in them, and files that were cut off.

use hearback_audio::wav;

use super::{Named, named};
use crate::{
    anatomy::{le, put, seal_page},
    base::{MS, SLACK, form_named},
    case::{Case, Woven},
    cuts::{ending_at, whole_length},
    expect::{Answers, Expected},
};

pub(crate) const CASES: &[Named] = &[
    named("no bytes", || never(Vec::new(), Answers::EMPTY)),
    named("one byte", || never(vec![b'R'], Answers::NOT_AUDIO)),
    named("eleven bytes", || never(b"RIFF\0\0\0\0WAV".to_vec(), Answers::NOT_AUDIO)),
    named("a wav header and nothing else", || never(wav::header(0).to_vec(), Answers::EMPTY)),
    named("a riff without data", || {
        never(b"RIFF\x24\0\0\0WAVE".to_vec(), Answers::CORRUPT | Answers::EMPTY)
    }),
    named("only ftyp", || never(b"\0\0\0\x18ftypM4A \0\0\0\0M4A isom".to_vec(), Answers::NO_INDEX)),
    named("a megabyte of zeros", || filled(0)),
    named("a megabyte of ones", || filled(0xff)),
    named("wav cut within its header", || cut("wav s16", 30)),
    named("wav cut behind its header", || {
        let form = form_named("wav s16");
        cut("wav s16", form.sound.0)
    }),
    named("m4a whose index is cut", || {
        cut("m4a index last", form_named("m4a index last").bytes.len() - 500)
    }),
    named("m4a with its index in front, cut at a quarter", || quarter("m4a index first")),
    named("mp4 in fragments, cut within one", || {
        let form = form_named("mp4 fragments");
        let moof = form.parts.iter().filter(|part| part.name == "moof").nth(3).expect("fragments");
        cut("mp4 fragments", moof.start + 20)
    }),
    named("mp3 cut within a frame", || cut("mp3", form_named("mp3").parts[20].start + 33)),
    named("flac cut", || quarter("flac")),
    named("ogg without its last page", || {
        let form = form_named("ogg opus");
        cut("ogg opus", form.parts.last().expect("pages").at)
    }),
    named("ogg whose last page claims more than there is", final_granule),
    named("webm cut within a cluster of unknown length", || quarter("webm opus")),
    named("wav that was never given its length", || without_lengths(0)),
    named("wav with the largest length there is", || without_lengths(u32::MAX)),
    named("wav with an odd length", || {
        let mut bytes = form_named("wav s16").bytes.clone();
        let at = form_named("wav s16").sound.0 - 4;
        let length = le(&bytes, at, 4);
        put(&mut bytes, at, 4, false, length - 1);
        Case::new(bytes, Expected::sound(MS - 1..=MS))
    }),
];

fn never(bytes: Vec<u8>, answers: Answers) -> Case {
    Case::new(bytes, Expected::one_of(answers))
}

fn filled(byte: u8) -> Case {
    Case::woven(Woven::of(vec![(vec![byte; 1_024], 1_024)]), Expected::one_of(Answers::NOT_AUDIO))
}

fn cut(form: &str, end: usize) -> Case {
    let form = form_named(form);
    Case::new(form.bytes[..end].to_vec(), ending_at(form, end))
}

fn quarter(form: &str) -> Case {
    cut(form, form_named(form).bytes.len() / 4)
}

/// As a messenger writes them: the last page ends later than its packets do.
fn final_granule() -> Case {
    let form = form_named("ogg opus");
    let mut bytes = form.bytes.clone();
    let page = form.parts.last().expect("pages");
    let granule = le(&bytes, page.at + 6, 8);
    put(&mut bytes, page.at + 6, 8, false, granule + 48_000);
    seal_page(&mut bytes, page);
    Case::new(bytes, Expected::sound(MS - 1..=MS + SLACK))
}

fn without_lengths(length: u32) -> Case {
    let form = form_named("wav s16");
    let mut bytes = form.bytes.clone();
    put(&mut bytes, 4, 4, false, length.into());
    put(&mut bytes, form.sound.0 - 4, 4, false, length.into());
    Case::new(bytes, whole_length())
}
