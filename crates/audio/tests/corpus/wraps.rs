//! Files that were sent through something that changed them: mail, text mode, archives, other programs' containers.

use std::fmt::Write as _;

use crate::{
    base::{Form, Kind},
    case::{Case, Class, class},
    chance::Chance,
    cuts::whole_length,
    expect::{Answers, Expected},
};

pub(crate) const CLASSES: &[Class] = &[
    class("bytes in pairs the wrong way round", 1, swapped),
    class("backwards", 1, backwards),
    class("every bit the other way", 1, inverted),
    class("under a cipher", 2, ciphered),
    class("as base64", 1, base64),
    class("as hexadecimal text", 1, hexadecimal),
    class("in a zip file", 1, zipped),
    class("in a gzip file", 1, gzipped),
    class("behind a web page", 2, behind_html),
    class("behind a PDF", 2, behind_pdf),
    class("line ends made longer", 1, line_ends),
    class("every high bit lost", 1, seven_bits),
    class("read as text and written again", 1, as_text),
    class("bytes above 127 replaced", 1, question_marks),
    class("zero bytes dropped", 1, no_zeros),
    class("halves swapped", 1, halves),
];

/// What is not recognisable any more, unless its frames are still found inside.
fn unrecognisable(form: &Form, bytes: Vec<u8>) -> Option<Case> {
    let found = if form.searched() { Answers::SOUND } else { Answers::NOT_AUDIO };
    Some(Case::new(bytes, Expected::one_of(found | Answers::NOT_AUDIO)))
}

/// What certainly is no sound file any more.
fn never(bytes: Vec<u8>) -> Option<Case> {
    Some(Case::new(bytes, Expected::one_of(Answers::NOT_AUDIO)))
}

/// What may have kept the marker of its kind, but is damaged all over.
fn damaged(bytes: Vec<u8>) -> Option<Case> {
    Some(Case::new(bytes, Expected::one_of(Answers::BROKEN)))
}

fn swapped(form: &Form, _: &mut Chance, _: usize) -> Option<Case> {
    let mut bytes = form.bytes.clone();
    for pair in bytes.chunks_exact_mut(2) {
        pair.swap(0, 1);
    }
    never(bytes)
}

fn backwards(form: &Form, _: &mut Chance, _: usize) -> Option<Case> {
    never(form.bytes.iter().rev().copied().collect())
}

fn inverted(form: &Form, _: &mut Chance, _: usize) -> Option<Case> {
    // Zeros become ones, and ones are how frames begin; but no sound comes of them.
    let bytes = form.bytes.iter().map(|b| !b).collect();
    Some(Case::new(bytes, Expected::one_of(Answers::NOT_AUDIO | Answers::CORRUPT | Answers::EMPTY)))
}

fn ciphered(form: &Form, chance: &mut Chance, _: usize) -> Option<Case> {
    let stream = chance.bytes(form.bytes.len());
    never(form.bytes.iter().zip(stream).map(|(a, b)| a ^ b).collect())
}

fn base64(form: &Form, _: &mut Chance, _: usize) -> Option<Case> {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = b"Content-Transfer-Encoding: base64\r\n\r\n".to_vec();
    for three in form.bytes.chunks_exact(3) {
        let bits = u32::from_be_bytes([0, three[0], three[1], three[2]]);
        text.extend((0..4).rev().map(|i| LETTERS[(bits >> (6 * i) & 63) as usize]));
    }
    never(text)
}

fn hexadecimal(form: &Form, _: &mut Chance, _: usize) -> Option<Case> {
    let mut text = String::new();
    for byte in &form.bytes {
        let _ = write!(text, "{byte:02x}");
    }
    never(text.into_bytes())
}

/// A zip file with one file in it, stored as it is; its checksum is left out, as streaming writers do.
pub(crate) fn zip_of(name: &str, content: &[u8]) -> Vec<u8> {
    let mut zip = b"PK\x03\x04\x0a\0\x08\0\0\0\0\0\0\0\0\0\0\0".to_vec();
    zip.extend((content.len() as u32).to_le_bytes());
    zip.extend((content.len() as u32).to_le_bytes());
    zip.extend((name.len() as u16).to_le_bytes());
    zip.extend([0, 0]);
    zip.extend(name.as_bytes());
    zip.extend(content);
    let directory = zip.len() as u32;
    zip.extend(b"PK\x05\x06\0\0\0\0\x01\0\x01\0\0\0\0\0");
    zip.extend(directory.to_le_bytes());
    zip.extend([0, 0]);
    zip
}

fn zipped(form: &Form, _: &mut Chance, _: usize) -> Option<Case> {
    unrecognisable(form, zip_of("visit", &form.bytes))
}

fn gzipped(form: &Form, _: &mut Chance, _: usize) -> Option<Case> {
    let mut gzip = b"\x1f\x8b\x08\0\0\0\0\0\0\x03".to_vec();
    // Stored blocks of deflate (RFC 1951 §3.2.4).
    for block in form.bytes.chunks(60_000) {
        let len = block.len() as u16;
        gzip.push(0);
        gzip.extend(len.to_le_bytes());
        gzip.extend((!len).to_le_bytes());
        gzip.extend(block);
    }
    unrecognisable(form, gzip)
}

/// Frames that are found behind something else are sound, and only ever heard: nothing is served as it was sent.
fn behind(form: &Form, front: Vec<u8>) -> Option<Case> {
    let near = front.len() < 60_000;
    let expected =
        if form.searched() && near { whole_length() } else { Expected::one_of(Answers::NOT_AUDIO) };
    Some(Case::new([front, form.bytes.clone()].concat(), expected))
}

fn behind_html(form: &Form, _: &mut Chance, n: usize) -> Option<Case> {
    let page = "<html><script>alert(document.cookie)</script>fLaC OggS ftyp RIFF WAVE</html>\n";
    behind(form, page.repeat([1, 1_000][n]).into_bytes())
}

fn behind_pdf(form: &Form, _: &mut Chance, n: usize) -> Option<Case> {
    let pdf =
        "%PDF-1.4\n1 0 obj << /OpenAction << /S /JavaScript /JS (app.alert(1)) >> >> endobj\n";
    behind(form, pdf.repeat([1, 900][n]).into_bytes())
}

fn line_ends(form: &Form, _: &mut Chance, _: usize) -> Option<Case> {
    let longer = |b: &u8| if *b == b'\n' { vec![b'\r', b'\n'] } else { vec![*b] };
    damaged(form.bytes.iter().flat_map(longer).collect())
}

fn seven_bits(form: &Form, _: &mut Chance, _: usize) -> Option<Case> {
    damaged(form.bytes.iter().map(|b| b & 0x7f).collect())
}

fn as_text(form: &Form, _: &mut Chance, _: usize) -> Option<Case> {
    damaged(String::from_utf8_lossy(&form.bytes).into_owned().into_bytes())
}

fn question_marks(form: &Form, _: &mut Chance, _: usize) -> Option<Case> {
    damaged(form.bytes.iter().map(|b| if *b > 127 { b'?' } else { *b }).collect())
}

fn no_zeros(form: &Form, _: &mut Chance, _: usize) -> Option<Case> {
    damaged(form.bytes.iter().copied().filter(|b| *b != 0).collect())
}

fn halves(form: &Form, _: &mut Chance, _: usize) -> Option<Case> {
    let (front, back) = form.bytes.split_at(form.bytes.len() / 2);
    let bytes = [back, front].concat();
    if form.kind == Kind::Mpeg || form.kind == Kind::Adts {
        return Some(Case::new(bytes, Expected::sound(1..=2 * crate::base::MS)));
    }
    never(bytes)
}
