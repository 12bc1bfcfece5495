//! What kind of file this is, by its first bytes. Names and declared types are never looked at.
//!
//! A demuxer that searches for its own marker finds one in any sufficiently long PDF. So a kind is named here only if
//! its marker stands where it has to, and for the streams without a marker (MPEG, ADTS) only if several frames follow
//! each other without a gap.

use std::io;

use crate::{ReadAt, Verdict};

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
        }
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
    if let Some(name) = foreign(&head) {
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
        () if at(0, b"RIFF") && at(8, b"WAVE") => Container::Wav,
        () if at(0, b"FORM") && (at(8, b"AIFF") || at(8, b"AIFC")) => Container::Aiff,
        () if at(0, b"caff") => Container::Caf,
        () if at(0, b"fLaC") => Container::Flac,
        () if at(0, b"OggS") => Container::Ogg,
        () if at(0, b"\x1a\x45\xdf\xa3") => Container::Matroska,
        () if at(4, b"ftyp") => Container::Mp4,
        () => return None,
    })
}

/// Sound (or what people mistake for it) that has a name but cannot be read here.
fn foreign(head: &[u8]) -> Option<&'static str> {
    const KNOWN: [(usize, &[u8], &str); 14] = [
        (0, b"#!AMR", "AMR"),
        (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "WMA"),
        (0, b"\x02dss", "DSS dictation"),
        (0, b"\x03dss", "DSS dictation"),
        (0, b"\x03ds2", "DS2 dictation"),
        (0, b"\x07ds2", "DS2 dictation"),
        (0, b"RF64", "RF64"),
        (0, b"BW64", "BW64"),
        (0, b"riff\x2e\x91\xcf\x11", "Wave64"),
        (0, b".snd", "Sun audio"),
        (0, b".RMF", "RealAudio"),
        (0, b"MThd", "MIDI"),
        (0, b"MAC ", "Monkeys Audio"),
        (4, b"moov", "QuickTime without a file type"),
    ];
    KNOWN
        .iter()
        .find(|(at, marker, _)| head.get(*at..at + marker.len()).is_some_and(|b| b == *marker))
        .map(|(_, _, name)| *name)
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
    let header: [u8; 4] = bytes.get(..4)?.try_into().ok()?;
    if header[0] != 0xff {
        return None;
    }
    if header[1] & 0xf6 == 0xf0 {
        // ADTS: thirteen bits of length, headers included; frequency indices above 12 do not exist.
        let len = u32::from_be_bytes([0, header[3], *bytes.get(4)?, *bytes.get(5)?]) >> 5 & 0x1fff;
        let known = header[2] >> 2 & 0xf <= 12;
        return (known && len > 7).then_some((Container::Adts, len as usize));
    }
    mpeg_frame_len(header).map(|len| (Container::Mpeg, len))
}

/// ISO 11172-3 §2.4.1.3 and 13818-3: the length of an MPEG audio frame. Free format is not accepted.
fn mpeg_frame_len(header: [u8; 4]) -> Option<usize> {
    const V1: [[usize; 14]; 3] = [
        [32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
        [32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
        [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
    ];
    const V2: [[usize; 14]; 2] = [
        [32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
        [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
    ];
    if header[1] & 0xe0 != 0xe0 {
        return None;
    }
    let (version, layer) = (header[1] >> 3 & 3, 4 - (header[1] >> 1 & 3));
    if version == 1 || layer == 4 {
        return None;
    }
    let first = version == 3;
    let bitrate = (header[2] >> 4).checked_sub(1).map(usize::from)?;
    let kbps = match (first, layer) {
        (true, _) => V1[usize::from(layer) - 1].get(bitrate),
        (false, 1) => V2[0].get(bitrate),
        (false, _) => V2[1].get(bitrate),
    }?;
    let rate = [44_100, 48_000, 32_000].get(usize::from(header[2] >> 2 & 3))?
        >> match version {
            3 => 0,
            2 => 1,
            _ => 2,
        };
    let padding = usize::from(header[2] >> 1 & 1);
    Some(match (layer, first) {
        (1, _) => (12_000 * kbps / rate + padding) * 4,
        (3, false) => 72_000 * kbps / rate + padding,
        _ => 144_000 * kbps / rate + padding,
    })
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
        assert_eq!(kind(b"RIFF\0\0\0\0AVI LIST"), Err(Verdict::NotAudio));
        assert_eq!(kind(b"Minutes: fLaC OggS ftyp RIFF WAVE caff"), Err(Verdict::NotAudio));
        assert_eq!(kind(b"#!AMR\n<"), Err(Verdict::unsupported("AMR")));
    }

    #[test]
    fn one_sync_word_is_not_an_mp3() {
        // MPEG 1 layer 3, 128 kbit/s, 44.1 kHz: 417 bytes.
        let header = [0xff, 0xfb, 0x90, 0x00];
        assert_eq!(mpeg_frame_len(header), Some(417));
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
