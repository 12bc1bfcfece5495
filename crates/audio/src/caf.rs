//! CAF files: where their sound ends, and plain samples in them.
//!
//! The container is Apple's Core Audio Format: a mark, then chunks with lengths of 64 bits. Recorders leave the length
//! of the sound at −1 until they are done, and downloads are cut off; the sound is there all the same.

use std::io;

use crate::{
    ReadAt, Verdict,
    riff::{Coding, Wave},
};

/// What a CAF file says of its sound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Caf {
    /// Samples that stand there as they are.
    pub(crate) plain: Option<Result<Wave, Verdict>>,
    /// Whether the table of packets is missing, without which nothing can be found in the sound.
    pub(crate) lost_index: bool,
    /// Where the last chunk ends: what lies behind it is something else.
    pub(crate) end: u64,
    /// Whether the file is shorter than it says.
    pub(crate) cut: bool,
}

/// The chunks that may come behind the sound.
const BEHIND: [&[u8; 4]; 15] = [
    b"kuki", b"chan", b"pakt", b"info", b"free", b"strg", b"mark", b"regn", b"inst", b"umid",
    b"ovvw", b"peak", b"midi", b"edct", b"uuid",
];
/// More than any recorder writes.
const MAX_CHUNKS: usize = 1_000;
/// Bytes of what the first chunk says of the samples.
const FORMAT: usize = 32;
/// The sound's own count of edits comes before it.
const EDITS: u64 = 4;

/// Reads the heads of all chunks.
pub(crate) fn survey(source: &mut dyn ReadAt, start: u64) -> io::Result<Caf> {
    let len = source.len();
    let mut format = [0; FORMAT];
    let mut sound: Option<Sound> = None;
    let mut indexed = false;
    let mut at = start.saturating_add(8);
    for _ in 0..MAX_CHUNKS {
        let mut head = [0; 12];
        if source.fill_at(at, &mut head)? < head.len() {
            break;
        }
        let [a, b, c, d, size @ ..] = head;
        let (name, size) = ([a, b, c, d], i64::from_be_bytes(size));
        if sound.is_some() && !BEHIND.contains(&&name) {
            break;
        }
        let content = at.saturating_add(12);
        let end = u64::try_from(size).map_or(len, |size| content.saturating_add(size));
        match &name {
            b"desc" => {
                source.fill_at(content, &mut format)?;
            }
            b"data" => {
                let (start, open_ended) = (content.saturating_add(EDITS), size < 0);
                let cut = end > len;
                sound = Some(Sound { start, end: end.min(len), cut, open_ended });
            }
            _ if size < 0 || end > len => break,
            b"pakt" => indexed = true,
            _ => {}
        }
        at = end.min(len);
    }
    let cut = sound.as_ref().is_some_and(|sound| sound.cut);
    let plain = sound.and_then(|sound| plain(&format, &sound));
    // Packets that all have the same length need no table.
    let lost_index = !indexed && format[16..20] == [0; 4];
    Ok(Caf { plain, lost_index, end: at, cut })
}

/// Where the sound lies.
struct Sound {
    start: u64,
    end: u64,
    cut: bool,
    open_ended: bool,
}

/// The samples, if they are coded in no way.
fn plain(format: &[u8; FORMAT], sound: &Sound) -> Option<Result<Wave, Verdict>> {
    const FLOAT: u32 = 1;
    const LITTLE: u32 = 2;
    let number = |at: usize| {
        format[at..at + 4].iter().fold(0, |number: u32, byte| number << 8 | u32::from(*byte))
    };
    if &format[8..12] != b"lpcm" {
        return None;
    }
    let rate = f64::from_bits(u64::from(number(0)) << 32 | u64::from(number(4)));
    let (flags, block, at_once) = (number(12), number(16), number(20));
    let (channels, bits) = (number(24), number(28));
    let narrow = |number: u32| u16::try_from(number).ok().filter(|number| *number > 0);
    let (Some(block), Some(channels)) = (narrow(block), narrow(channels)) else {
        return Some(Err(Verdict::Corrupt));
    };
    let bytes = block / channels;
    if at_once != 1 || bytes * channels != block || bits.div_ceil(8) != u32::from(bytes) {
        return Some(Err(Verdict::Corrupt));
    }
    let coding = match (flags & FLOAT > 0, flags & LITTLE > 0, bytes) {
        (false, true, 2..=4) => Coding::Pcm(bytes),
        (false, _, 1..=4) => Coding::PcmBig(bytes),
        (true, true, 4 | 8) => Coding::Float(bytes),
        (true, false, 4 | 8) => Coding::FloatBig(bytes),
        _ => return Some(Err(Verdict::Corrupt)),
    };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "what is no rate of sound becomes one that is refused"
    )]
    let rate = rate.round() as u32;
    let &Sound { start, end, cut, open_ended } = sound;
    let frames_per_block = 1;
    let counted = None;
    Some(Ok(Wave {
        coding,
        rate,
        channels,
        block,
        frames_per_block,
        start,
        end,
        counted,
        cut,
        open_ended,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Bytes;

    fn chunk(name: [u8; 4], size: i64, content: &[u8]) -> Vec<u8> {
        [&name[..], &size.to_be_bytes(), content].concat()
    }

    /// A file whose sound claims to be `size` bytes long, and is 104.
    fn file(flags: u32, channels: u32, size: i64) -> Vec<u8> {
        let mut format = 44_100_f64.to_be_bytes().to_vec();
        format.extend(b"lpcm");
        format.extend([flags, 4, 1, channels, 16].iter().flat_map(|n| n.to_be_bytes()));
        let sound = chunk(*b"data", size, &[0; 104]);
        [b"caff\0\x01\0\0".to_vec(), chunk(*b"desc", 32, &format), sound].concat()
    }

    fn read(bytes: Vec<u8>) -> Caf {
        survey(&mut Bytes(bytes), 0).expect("memory can be read")
    }

    #[test]
    fn the_sound_ends_where_it_ends() {
        let of = |bytes| {
            let caf = read(bytes);
            let wave = caf.plain.expect("plain samples").expect("that make sense");
            assert_eq!((wave.coding, wave.rate, wave.block), (Coding::Pcm(2), 44_100, 4));
            (wave.end - wave.start, wave.cut, wave.open_ended)
        };
        assert_eq!(of(file(2, 2, 104)), (100, false, false));
        assert_eq!(of(file(2, 2, 1_000)), (100, true, false));
        assert_eq!(of(file(2, 2, -1)), (100, false, true));
        let whole = file(2, 2, 104);
        assert_eq!(of(whole.repeat(2)), (100, false, false));
        assert_eq!(read(whole.repeat(2)).end, whole.len() as u64, "another file is not this one");
        let index = [whole.clone(), chunk(*b"pakt", 3, b"abc")].concat();
        assert_eq!(read([&index[..], &[0; 50]].concat()).end, index.len() as u64);
    }

    #[test]
    fn samples_that_do_not_fit_their_block_are_refused() {
        assert_eq!(read(file(2, 9, 104)).plain, Some(Err(Verdict::Corrupt)));
        assert_eq!(read(file(3, 2, 104)).plain, Some(Err(Verdict::Corrupt)), "half a float");
        let coding = read(file(0, 2, 104)).plain.map(|wave| wave.map(|wave| wave.coding));
        assert_eq!(coding, Some(Ok(Coding::PcmBig(2))));
    }
}
