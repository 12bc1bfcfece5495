//! WAV files: what kind of samples they hold, and where these begin and end.
//!
//! Three things are taken with care. The lengths, which a recorder writes last: one that lost power leaves zeros there,
//! with hours of sound behind them; one that writes into a pipe leaves the largest number there is. The 64-bit forms
//! RF64 and BW64 (EBU Tech 3306, ITU-R BS.2088), which keep their lengths in a chunk of their own. And the format tag,
//! behind which nearly any coding can stand.

use std::io;

use crate::{ReadAt, Verdict, foreign::wave_tag_name};

/// How the samples are coded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Coding {
    /// Whole numbers, of so many bytes.
    Pcm(u16),
    /// The same as other machines write them, big end first, a single byte with its sign.
    PcmBig(u16),
    /// Floating point, of so many bytes.
    Float(u16),
    FloatBig(u16),
    ALaw,
    MuLaw,
    AdpcmMs,
    AdpcmIma,
    /// Another stream with its own marks: MPEG audio.
    Mpeg,
    /// Another stream with its own marks: AAC.
    Adts,
}

/// What a WAV file says of its sound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wave {
    pub(crate) coding: Coding,
    pub(crate) rate: u32,
    pub(crate) channels: u16,
    /// Bytes in a block: one frame, or for ADPCM as many as are coded together.
    pub(crate) block: u16,
    /// Frames in a block.
    pub(crate) frames_per_block: u16,
    /// Where the sound begins and ends, in bytes from the start of the source.
    pub(crate) start: u64,
    pub(crate) end: u64,
    /// Frames by the file's own count, for codings whose last block may be filled up.
    pub(crate) counted: Option<u64>,
    /// The recorder was cut off before it wrote the lengths, or the file is shorter than they say.
    pub(crate) cut: bool,
    /// The lengths were never going to be known.
    pub(crate) open_ended: bool,
}

/// The kinds of file that share this form.
const MARKERS: [&[u8; 4]; 3] = [b"RIFF", b"RF64", b"BW64"];

/// Whether a WAV file begins here.
pub(crate) fn is_wave(head: &[u8]) -> bool {
    let marker = head.get(..4).is_some_and(|m| MARKERS.iter().any(|known| m == known.as_slice()));
    marker && head.get(8..12) == Some(b"WAVE")
}

/// More chunks than any recorder writes before the sound.
const MAX_CHUNKS: usize = 1_000;
/// No header says more about its coding.
const MAX_FORMAT: usize = 64;
/// Programs that write into a pipe leave a length near one of these two.
const UNKNOWN: [std::ops::RangeInclusive<u32>; 2] =
    [0x7fff_0000..=0x8000_0000, 0xffff_0000..=u32::MAX];

/// Reads chunk headers up to the sound.
pub(crate) fn survey(source: &mut dyn ReadAt, start: u64) -> io::Result<Result<Wave, Verdict>> {
    let mut header = [0; 12];
    source.fill_at(start, &mut header)?;
    let mut whole = u64::from(le32(&header, 4));
    let (mut long_data, mut counted, mut format) = (None, None, None);
    let mut at = start.saturating_add(12);
    for _ in 0..MAX_CHUNKS {
        let mut header = [0; 8];
        if source.fill_at(at, &mut header)? < 8 {
            break;
        }
        let size = le32(&header, 4);
        let content = at.saturating_add(8);
        match &header[..4] {
            b"ds64" => {
                let bytes = read(source, content, size, 24)?;
                (whole, long_data) = (le64(&bytes, 0), Some(le64(&bytes, 8)));
            }
            b"fmt " => format = Some(read(source, content, size, MAX_FORMAT)?),
            b"fact" => counted = Some(u64::from(le32(&read(source, content, size, 4)?, 0))),
            b"data" => {
                let Some(format) = format else { break };
                let sound = Sound::new(source.len(), start, content, size, whole, long_data);
                return Ok(Wave::new(&format, &sound, counted));
            }
            _ => {}
        }
        // Chunks begin at even positions.
        at = content.saturating_add(u64::from(size)).saturating_add(u64::from(size & 1));
    }
    Ok(Err(Verdict::Corrupt))
}

/// Where the sound lies.
struct Sound {
    start: u64,
    end: u64,
    cut: bool,
    open_ended: bool,
}

impl Sound {
    fn new(len: u64, file: u64, start: u64, size: u32, whole: u64, long_data: Option<u64>) -> Self {
        let rest = len.saturating_sub(start);
        let size = match long_data {
            Some(long) if size == u32::MAX => long,
            _ => u64::from(size),
        };
        let known = u32::try_from(size).is_ok_and(|s| UNKNOWN.iter().all(|u| !u.contains(&s)));
        let open_ended = long_data.is_none() && !known && size > rest;
        // An empty file of a careful writer counts its chunks; one that was cut off has not come to that.
        let unfinished = size == 0 && rest > 0 && whole.saturating_add(8) <= start - file;
        let end = if open_ended || unfinished { len } else { start.saturating_add(size).min(len) };
        Self { start, end, cut: unfinished || (size > rest && !open_ended), open_ended }
    }
}

impl Wave {
    /// What the `fmt ` chunk says (RFC 2361 and Microsoft's `mmreg.h`).
    fn new(format: &[u8], sound: &Sound, counted: Option<u64>) -> Result<Self, Verdict> {
        if format.len() < 14 {
            return Err(Verdict::Corrupt);
        }
        let (tag, bits) = (tag(format), le16(format, 14));
        let (channels, rate, block) = (le16(format, 2), le32(format, 4), le16(format, 12));
        if channels == 0 {
            return Err(Verdict::Corrupt);
        }
        // A depth that is no whole number of bytes lies in as many as a block has room for.
        let room = if bits.is_multiple_of(8) { 0 } else { block / channels };
        let bytes = bits.div_ceil(8).max(if room <= 4 { room } else { 0 });
        let coding = match (tag, bytes) {
            (1, 1..=4) => Coding::Pcm(bytes),
            (3, 4 | 8) => Coding::Float(bytes),
            (1 | 3, _) => return Err(Verdict::Corrupt),
            (2, _) => Coding::AdpcmMs,
            (6, _) => Coding::ALaw,
            (7, _) => Coding::MuLaw,
            (0x11, _) => Coding::AdpcmIma,
            (0x50 | 0x55, _) => Coding::Mpeg,
            (0x1600, _) => Coding::Adts,
            (other, _) => return Err(Verdict::unsupported(wave_tag_name(other))),
        };
        let (block, frames_per_block) = match coding {
            Coding::Pcm(bytes)
            | Coding::PcmBig(bytes)
            | Coding::Float(bytes)
            | Coding::FloatBig(bytes) => (channels.saturating_mul(bytes), 1),
            Coding::ALaw | Coding::MuLaw => (channels, 1),
            Coding::AdpcmMs | Coding::AdpcmIma => (block, adpcm_frames(coding, block, channels)?),
            Coding::Mpeg | Coding::Adts => (1, 1),
        };
        let &Sound { start, end, cut, open_ended } = sound;
        let counted = counted.filter(|_| frames_per_block > 1);
        Ok(Self {
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
        })
    }
}

/// The format tag, also where it is the beginning of a longer name (`WAVE_FORMAT_EXTENSIBLE`).
fn tag(format: &[u8]) -> u16 {
    const EXTENSIBLE: u16 = 0xfffe;
    /// How the names of all but a few of the longer tags end.
    const FAMILY: &[u8] = b"\0\0\0\0\x10\0\x80\0\0\xaa\0\x38\x9b\x71";
    match le16(format, 0) {
        EXTENSIBLE if format.get(26..40) == Some(FAMILY) => le16(format, 24),
        short => short,
    }
}

/// Frames in a block: each channel's header carries one (IMA) or two (MS), each further byte two.
fn adpcm_frames(coding: Coding, block: u16, channels: u16) -> Result<u16, Verdict> {
    let (header, carried) = if coding == Coding::AdpcmMs { (7, 2) } else { (4, 1) };
    let body = (block / channels).checked_sub(header).filter(|_| channels <= 2);
    let frames = body.and_then(|b| b.checked_mul(2)).map(|frames| frames + carried);
    frames.filter(|_| block.is_multiple_of(channels)).ok_or(Verdict::Corrupt)
}

/// The first bytes of a chunk, at most `most`.
fn read(source: &mut dyn ReadAt, at: u64, size: u32, most: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; most.min(size as usize)];
    let n = source.fill_at(at, &mut bytes)?;
    bytes.truncate(n);
    Ok(bytes)
}

/// Two bytes, little end first; zero if they are not there.
fn le16(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..at + 2).and_then(|b| b.try_into().ok()).map_or(0, u16::from_le_bytes)
}

fn le32(bytes: &[u8], at: usize) -> u32 {
    u32::from(le16(bytes, at)) | u32::from(le16(bytes, at + 2)) << 16
}

fn le64(bytes: &[u8], at: usize) -> u64 {
    u64::from(le32(bytes, at)) | u64::from(le32(bytes, at + 4)) << 32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Bytes, wav};

    fn file(whole: u32, data: u32, content: usize) -> (u64, bool, bool) {
        let mut bytes = wav::header(0).to_vec();
        bytes[4..8].copy_from_slice(&whole.to_le_bytes());
        bytes[40..44].copy_from_slice(&data.to_le_bytes());
        bytes.extend(vec![0; content]);
        let wave = survey(&mut Bytes(bytes), 0).expect("memory can be read").expect("a WAV file");
        assert_eq!((wave.coding, wave.start, wave.block), (Coding::Pcm(2), 44, 2));
        (wave.end - wave.start, wave.cut, wave.open_ended)
    }

    #[test]
    fn lengths_that_were_never_written_are_found_out() {
        for whole in [0, 36] {
            assert_eq!(file(whole, 0, 100), (100, true, false), "cut off");
        }
        for data in [u32::MAX, 0xffff_ff00, 0x7fff_f024] {
            assert_eq!(file(data, data, 100), (100, false, true), "written into a pipe");
        }
        assert_eq!(file(136, 100, 100), (100, false, false));
        assert_eq!(file(136, 100, 60), (60, true, false), "cut off later");
        assert_eq!(file(36, 0, 0), (0, false, false), "empty, and says so");
        assert_eq!(file(136, 0, 100), (0, false, false), "empty, with a note behind");
    }

    #[test]
    fn long_files_have_long_lengths() {
        let mut bytes = b"RF64\xff\xff\xff\xffWAVEds64\x1c\0\0\0".to_vec();
        bytes.extend([1_000_u64, 8, 4].iter().flat_map(|n| n.to_le_bytes()));
        bytes.extend([0; 4]);
        bytes.extend(&wav::header(0)[12..36]);
        bytes.extend(b"data\xff\xff\xff\xff12345678LIST");
        assert!(is_wave(&bytes));
        let wave = survey(&mut Bytes(bytes), 0).expect("memory").expect("a WAV file");
        assert_eq!((wave.end - wave.start, wave.cut, wave.open_ended), (8, false, false));
    }

    #[test]
    fn what_stands_behind_the_tag_is_told() {
        let wave = |tag: u16, bits: u16, block: u16| {
            let mut bytes = wav::header(4).to_vec();
            bytes[20..22].copy_from_slice(&tag.to_le_bytes());
            bytes[32..34].copy_from_slice(&block.to_le_bytes());
            bytes[34..36].copy_from_slice(&bits.to_le_bytes());
            let wave = survey(&mut Bytes(bytes), 0).expect("memory can be read");
            wave.map(|w| (w.coding, w.block, w.frames_per_block))
        };
        assert_eq!(wave(1, 24, 9), Ok((Coding::Pcm(3), 3, 1)));
        assert_eq!(wave(1, 12, 2), Ok((Coding::Pcm(2), 2, 1)));
        assert_eq!(wave(1, 7, 2), Ok((Coding::Pcm(2), 2, 1)));
        assert_eq!(wave(3, 64, 8), Ok((Coding::Float(8), 8, 1)));
        assert_eq!(wave(0x11, 4, 512), Ok((Coding::AdpcmIma, 512, 1_017)));
        assert_eq!(wave(2, 4, 256), Ok((Coding::AdpcmMs, 256, 500)));
        for (tag, bits, block) in [(1, 0, 2), (1, 65_535, 2), (3, 16, 2), (2, 4, 6), (0x11, 4, 0)] {
            assert_eq!(wave(tag, bits, block), Err(Verdict::Corrupt), "{tag} {bits} {block}");
        }
        assert_eq!(wave(0x31, 0, 65), Err(Verdict::unsupported("GSM 6.10")));
    }
}
