//! What kind of file this is, by its first bytes. Names and declared types are never looked at.
//!
//! A demuxer that searches for its own marker finds one in any sufficiently long PDF. So a kind is named here only if
//! its marker stands where it has to, and for the streams without a marker (MPEG, ADTS) only if several frames follow
//! each other without a gap.

use std::io;

use crate::{
    ReadAt, Verdict,
    decode::{AMR_MARK, AMR_WIDE_MARK},
    foreign,
    mpeg::{Adts, Mpeg},
    riff,
};

/// A kind of file that can be taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Container {
    Wav,
    Aiff,
    Caf,
    Flac,
    Ogg,
    Matroska,
    Mp4,
    Mpeg,
    Adts,
    Amr,
    AmrWide,
}

impl Container {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Wav => "wav",
            Self::Aiff => "aiff",
            Self::Caf => "caf",
            Self::Flac => "flac",
            Self::Ogg => "ogg",
            Self::Matroska => "matroska",
            Self::Mp4 => "mp4",
            Self::Mpeg => "mpeg",
            Self::Adts => "adts",
            Self::Amr | Self::AmrWide => "amr",
        }
    }
}

impl Container {
    /// Whether its times are numbers of samples, rather than when a device came to write.
    pub(crate) fn counts_samples(self) -> bool {
        !matches!(self, Self::Mp4 | Self::Matroska)
    }
}

/// How far into a file the first MPEG or ADTS frame may lie (after any ID3 tags): recorders and web tools put
/// padding there.
const SEARCH: usize = 64 * 1024;

/// How many frames have to follow each other.
const CHAIN: usize = 3;

/// The kind of file and the position where it begins.
pub(crate) fn identify(source: &mut dyn ReadAt) -> io::Result<Result<(Container, u64), Verdict>> {
    if source.is_empty() {
        return Ok(Err(Verdict::Empty));
    }
    let start = after_tags(source)?;
    let mut head = vec![0; SEARCH];
    let n = source.fill_at(start, &mut head)?;
    head.truncate(n);
    if let Some(container) = by_marker(&head) {
        return Ok(Ok((container, start)));
    }
    if let Some(name) = foreign::file_name(&head) {
        return Ok(Err(Verdict::unsupported(name)));
    }
    Ok(match first_frame(&head) {
        Some((container, at)) => Ok((container, start + at as u64)),
        None => Err(Verdict::NotAudio),
    })
}

/// The position after any `ID3v2` tags: ten bytes of header, a length in four times seven bits, perhaps a footer.
fn after_tags(source: &mut dyn ReadAt) -> io::Result<u64> {
    let mut at = 0;
    // A handful: some tools write a new tag before the old one.
    for _ in 0..8 {
        let mut header = [0; 10];
        if source.fill_at(at, &mut header)? < 10 || !header.starts_with(b"ID3") {
            break;
        }
        let len = header[6..10].iter().fold(0, |n, b| n << 7 | u64::from(b & 0x7f));
        let footer = if header[5] & 0x10 == 0 { 0 } else { 10 };
        at += 10 + len + footer;
    }
    Ok(if at < source.len() { at } else { 0 })
}

fn by_marker(head: &[u8]) -> Option<Container> {
    let at = |offset: usize, marker: &[u8]| {
        head.get(offset..offset + marker.len()).is_some_and(|b| b == marker)
    };
    Some(match () {
        () if riff::is_wave(head) => Container::Wav,
        () if at(0, b"FORM") && (at(8, b"AIFF") || at(8, b"AIFC")) => Container::Aiff,
        () if at(0, b"caff") => Container::Caf,
        () if at(0, b"fLaC") => Container::Flac,
        () if at(0, b"OggS") => Container::Ogg,
        () if at(0, b"\x1a\x45\xdf\xa3") => Container::Matroska,
        () if at(4, b"ftyp") || is_quicktime(head) => Container::Mp4,
        () if at(0, AMR_MARK) => Container::Amr,
        () if at(0, AMR_WIDE_MARK) => Container::AmrWide,
        () => return None,
    })
}

/// Whether this is `QuickTime` from before files said what they are: the sound or the index comes first, or after boxes
/// that only fill room.
fn is_quicktime(head: &[u8]) -> bool {
    let mut at = 0;
    while let Some(Some(bytes)) = head.get(at..).map(<[u8]>::first_chunk::<8>) {
        let size = u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]) as usize;
        match &bytes[4..] {
            // Zero reaches to the end; with one the length comes later.
            b"moov" | b"mdat" => return size < 2 || size >= bytes.len(),
            b"wide" | b"free" | b"skip" | b"pnot" if size >= bytes.len() => at += size,
            _ => return false,
        }
    }
    false
}

/// The first of [`CHAIN`] frames that follow each other, or of all that there are if the file ends before.
fn first_frame(head: &[u8]) -> Option<(Container, usize)> {
    let starts = head.windows(2).enumerate().filter(|(_, w)| w[0] == 0xff && w[1] & 0xe0 == 0xe0);
    for (at, _) in starts {
        let Some((container, _)) = frame(&head[at..]) else { continue };
        let mut next = at;
        let mut seen = 0;
        while let Some((same, len)) = head.get(next..).and_then(frame) {
            if same != container {
                break;
            }
            seen += 1;
            next += len;
            if seen == CHAIN {
                return Some((container, at));
            }
        }
        // A very short file: its frames run exactly up to its end.
        if seen > 0 && next == head.len() {
            return Some((container, at));
        }
    }
    None
}

/// The kind and length in bytes of the frame whose header stands here.
fn frame(bytes: &[u8]) -> Option<(Container, usize)> {
    let adts = Adts::new(bytes).map(|frame| (Container::Adts, frame.len));
    adts.or_else(|| Mpeg::new(bytes).map(|frame| (Container::Mpeg, frame.len)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Bytes;

    fn kind(bytes: &[u8]) -> Result<(Container, u64), Verdict> {
        identify(&mut Bytes(bytes.to_vec())).expect("memory can be read")
    }

    #[test]
    fn markers_count_only_where_they_belong() {
        assert_eq!(kind(b""), Err(Verdict::Empty));
        assert_eq!(kind(b"RIFF\0\0\0\0WAVEfmt "), Ok((Container::Wav, 0)));
        assert_eq!(kind(b"RF64\xff\xff\xff\xffWAVEds64"), Ok((Container::Wav, 0)));
        assert_eq!(kind(b"RIFF\0\0\0\0AVI LIST"), Err(Verdict::unsupported("AVI film")));
        assert_eq!(kind(b"Minutes: fLaC OggS ftyp RIFF WAVE caff"), Err(Verdict::NotAudio));
        assert_eq!(kind(b"\0\0\0\x08wide\0\0\x10\0mdat"), Ok((Container::Mp4, 0)));
        assert_eq!(kind(b"\0\0\x02\x6bmoov\0\0\0\x6cmvhd"), Ok((Container::Mp4, 0)));
        assert_eq!(kind(b"We have mdat, wide and free"), Err(Verdict::NotAudio));
        assert_eq!(kind(b"\0\0\0\x08free\0\0\0\x08free"), Err(Verdict::NotAudio));
        assert_eq!(kind(b"#!AMR\n<"), Ok((Container::Amr, 0)));
        assert_eq!(kind(b"#!AMR-WB\n<"), Ok((Container::AmrWide, 0)));
    }

    #[test]
    fn one_sync_word_is_not_an_mp3() {
        // MPEG 1 layer 3, 128 kbit/s, 44.1 kHz: 417 bytes.
        let header = [0xff, 0xfb, 0x90, 0x00];
        assert_eq!(frame(&header), Some((Container::Mpeg, 417)));
        let mut noise = vec![7; 5_000];
        noise[1_000..1_004].copy_from_slice(&header);
        assert_eq!(kind(&noise), Err(Verdict::NotAudio));
        for n in 1..3 {
            noise[1_000 + n * 417..][..4].copy_from_slice(&header);
        }
        assert_eq!(kind(&noise), Ok((Container::Mpeg, 1_000)));
        let mut tagged = b"ID3\x04\0\0\0\0\x01\x00".to_vec();
        tagged.extend([0; 128]);
        tagged.extend(&noise);
        assert_eq!(kind(&tagged), Ok((Container::Mpeg, 1_138)));
    }
}
