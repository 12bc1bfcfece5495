//! Where the parts of a sound file lie, as far as tests need to know it to spoil them. Written for files that are
//! whole; what does not parse is simply not found.

/// A part of a file: its name, where it begins with its header, where its content begins, and where that ends.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub(crate) name: String,
    pub(crate) at: usize,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

pub(crate) fn be(bytes: &[u8], at: usize, width: usize) -> u64 {
    let part = bytes.get(at..at + width).unwrap_or(&[]);
    part.iter().fold(0, |n, b| n << 8 | u64::from(*b))
}

pub(crate) fn le(bytes: &[u8], at: usize, width: usize) -> u64 {
    let part = bytes.get(at..at + width).unwrap_or(&[]);
    part.iter().rev().fold(0, |n, b| n << 8 | u64::from(*b))
}

/// Writes a number over what stands there.
pub(crate) fn put(bytes: &mut [u8], at: usize, width: usize, big_end_first: bool, value: u64) {
    for i in 0..width {
        let place = if big_end_first { at + width - 1 - i } else { at + i };
        if let Some(byte) = bytes.get_mut(place) {
            *byte = (value >> (8 * i)) as u8;
        }
    }
}

fn name(bytes: &[u8], at: usize) -> String {
    bytes.get(at..at + 4).unwrap_or(&[]).iter().map(|b| char::from(*b)).collect()
}

/// The chunks of a WAV or AIFF file.
pub(crate) fn chunks(bytes: &[u8]) -> Vec<Part> {
    let size = |at| if bytes.starts_with(b"FORM") { be(bytes, at, 4) } else { le(bytes, at, 4) };
    let (mut parts, mut at) = (Vec::new(), 12);
    while at + 8 <= bytes.len() {
        let end = (at + 8 + size(at + 4) as usize).min(bytes.len());
        parts.push(Part { name: name(bytes, at), at, start: at + 8, end });
        at = end + (end & 1);
    }
    parts
}

/// The chunks of a CAF file, whose lengths have eight bytes.
pub(crate) fn caf_chunks(bytes: &[u8]) -> Vec<Part> {
    let (mut parts, mut at) = (Vec::new(), 8);
    while at + 12 <= bytes.len() {
        let size = usize::try_from(be(bytes, at + 4, 8)).unwrap_or(usize::MAX);
        let end = (at + 12).saturating_add(size).min(bytes.len());
        parts.push(Part { name: name(bytes, at), at, start: at + 12, end });
        at = end;
    }
    parts
}

/// The boxes of an MP4 file, each named with the boxes that it lies in: `moov/trak/mdia`.
pub(crate) fn boxes(bytes: &[u8]) -> Vec<Part> {
    let mut parts = Vec::new();
    boxes_in(bytes, 0, bytes.len(), "", &mut parts);
    parts
}

fn boxes_in(bytes: &[u8], mut at: usize, limit: usize, path: &str, parts: &mut Vec<Part>) {
    const HOLDERS: [&str; 9] =
        ["moov", "trak", "mdia", "minf", "stbl", "edts", "moof", "traf", "mvex"];
    while at + 8 <= limit {
        let size = be(bytes, at, 4) as usize;
        if size < 8 || at + size > limit {
            return;
        }
        let kind = name(bytes, at + 4);
        let full = if path.is_empty() { kind.clone() } else { format!("{path}/{kind}") };
        parts.push(Part { name: full.clone(), at, start: at + 8, end: at + size });
        if HOLDERS.contains(&kind.as_str()) {
            boxes_in(bytes, at + 8, at + size, &full, parts);
        }
        at += size;
    }
}

/// The elements of a Matroska file that lie on the two uppermost levels and in its tracks, by their identifiers in
/// hexadecimal.
pub(crate) fn elements(bytes: &[u8]) -> Vec<Part> {
    let mut parts = Vec::new();
    elements_in(bytes, 0, bytes.len(), &mut parts);
    parts
}

fn elements_in(bytes: &[u8], mut at: usize, limit: usize, parts: &mut Vec<Part>) {
    // Segment, Cluster, Tracks, TrackEntry, Audio, Info.
    const HOLDERS: [u64; 6] = [0x1853_8067, 0x1f43_b675, 0x1654_ae6b, 0xae, 0xe1, 0x1549_a966];
    while at < limit {
        let id_len = bytes[at].leading_zeros() as usize + 1;
        let Some(first) = bytes.get(at + id_len).filter(|_| id_len <= 4) else { return };
        let size_len = first.leading_zeros() as usize + 1;
        if size_len > 8 || at + id_len + size_len > limit {
            return;
        }
        let id = be(bytes, at, id_len);
        let all = be(bytes, at + id_len, size_len);
        let size = all & ((1 << (7 * size_len)) - 1);
        let start = at + id_len + size_len;
        let unknown = size == (1 << (7 * size_len)) - 1;
        let end = if unknown { limit } else { start.saturating_add(size as usize) };
        if end > limit {
            return;
        }
        parts.push(Part { name: format!("{id:x}"), at, start, end });
        if HOLDERS.contains(&id) {
            elements_in(bytes, start, end, parts);
        }
        at = end;
    }
}

/// The pages of an Ogg file.
pub(crate) fn pages(bytes: &[u8]) -> Vec<Part> {
    let (mut parts, mut at) = (Vec::new(), 0);
    while bytes.get(at..at + 4) == Some(b"OggS") && at + 27 <= bytes.len() {
        let count = usize::from(bytes[at + 26]);
        let Some(lacing) = bytes.get(at + 27..at + 27 + count) else { break };
        let start = at + 27 + count;
        let end = start + lacing.iter().map(|b| usize::from(*b)).sum::<usize>();
        if end > bytes.len() {
            break;
        }
        parts.push(Part { name: "page".to_owned(), at, start, end });
        at = end;
    }
    parts
}

/// Makes the checksum of an Ogg page right again (RFC 3533: polynomial 0x04c11db7, nothing reflected).
pub(crate) fn seal_page(bytes: &mut [u8], page: &Part) {
    put(bytes, page.at + 22, 4, false, 0);
    let mut sum = 0_u32;
    for byte in &bytes[page.at..page.end] {
        sum ^= u32::from(*byte) << 24;
        for _ in 0..8 {
            sum = if sum >> 31 == 1 { sum << 1 ^ 0x04c1_1db7 } else { sum << 1 };
        }
    }
    put(bytes, page.at + 22, 4, false, sum.into());
}

/// The metadata blocks of a FLAC file; the last part is its frames.
pub(crate) fn flac_blocks(bytes: &[u8]) -> Vec<Part> {
    let (mut parts, mut at) = (Vec::new(), 4);
    while at + 4 <= bytes.len() {
        let end = (at + 4 + be(bytes, at + 1, 3) as usize).min(bytes.len());
        let kind = bytes[at] & 0x7f;
        parts.push(Part { name: format!("block {kind}"), at, start: at + 4, end });
        let last = bytes[at] & 0x80 != 0;
        at = end;
        if last {
            break;
        }
    }
    parts.push(Part { name: "frames".to_owned(), at, start: at, end: bytes.len() });
    parts
}

/// The frames of an ADTS stream.
pub(crate) fn adts_frames(bytes: &[u8]) -> Vec<Part> {
    let (mut parts, mut at) = (Vec::new(), 0);
    while at + 7 <= bytes.len() && bytes[at] == 0xff && bytes[at + 1] & 0xf6 == 0xf0 {
        let len = (be(bytes, at + 3, 3) >> 5 & 0x1fff) as usize;
        if len < 7 || at + len > bytes.len() {
            break;
        }
        parts.push(Part { name: "frame".to_owned(), at, start: at + 7, end: at + len });
        at += len;
    }
    parts
}

/// The frames of an MPEG 1 layer 3 stream at 44.1 kHz, after its ID3 tag.
pub(crate) fn mp3_frames(bytes: &[u8]) -> Vec<Part> {
    const KBPS: [usize; 15] = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
    let tag = bytes.get(6..10).filter(|_| bytes.starts_with(b"ID3"));
    let mut at = tag.map_or(0, |t| 10 + t.iter().fold(0, |n, b| n << 7 | usize::from(*b)));
    let mut parts = Vec::new();
    while at + 4 <= bytes.len() && bytes[at] == 0xff && bytes[at + 1] & 0xfe == 0xfa {
        let Some(kbps) = KBPS.get(usize::from(bytes[at + 2] >> 4)) else { break };
        let end = at + 144_000 * kbps / 44_100 + usize::from(bytes[at + 2] >> 1 & 1);
        if end > bytes.len() {
            break;
        }
        parts.push(Part { name: "frame".to_owned(), at, start: at + 4, end });
        at = end;
    }
    parts
}

/// The part of that name.
pub(crate) fn part<'a>(parts: &'a [Part], name: &str) -> Option<&'a Part> {
    parts.iter().find(|part| part.name == name)
}
