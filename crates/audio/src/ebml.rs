//! What the demuxer does not tell about a WebM or Matroska file: whether it was meant to have an end.

use std::io;

use crate::ReadAt;

/// How the one segment of the file is delimited (RFC 8794 §6).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Segment {
    /// The recorder did not say how long it would be, as browsers do not: wherever it ends is its end.
    pub(crate) open_ended: bool,
    /// Where it would end had it not been cut off.
    pub(crate) cut_from: Option<u64>,
    /// Whether something is missing in it or too much, so that its index points to where nothing is.
    pub(crate) shifted: bool,
    /// Nanoseconds at the end of the last packet that only fill it up.
    pub(crate) filled_ns: u64,
}

/// Reads the headers of the file and of its segment. What makes no sense is left to the demuxer to judge.
pub(crate) fn survey(source: &mut dyn ReadAt, start: u64) -> io::Result<Segment> {
    let Some((_, header_end)) = element(source, start)? else { return Ok(Segment::default()) };
    let Some(header_end) = header_end else { return Ok(Segment::default()) };
    let mut segment = Segment::default();
    if let Some((SEGMENT, end)) = element(source, header_end)? {
        if let Some(end) = end.filter(|end| *end <= source.len()) {
            segment.shifted = shifted(source, header_end, end)?;
        }
        segment.open_ended = end.is_none();
        segment.cut_from = end.filter(|end| *end > source.len());
        segment.filled_ns = filled(source)?;
    }
    Ok(segment)
}

const SEGMENT: u32 = 0x1853_8067;
/// What a segment is made of: index, facts, tracks, clusters, cues, files, chapters, tags, and room (RFC 9559 §5.1).
const PARTS: [u32; 10] = [
    0x114d_9b74,
    0x1549_a966,
    0x1654_ae6b,
    0x1f43_b675,
    0x1c53_bb6b,
    0x1941_a469,
    0x1043_a770,
    0x1254_c367,
    0xec,
    0xbf,
];
/// Parts that are gone through; an hour from a browser has a few thousand.
const MAX_PARTS: usize = 20_000;

/// Whether the parts of the segment at `segment` do not lead from one to the next up to its `end`.
fn shifted(source: &mut dyn ReadAt, segment: u64, end: u64) -> io::Result<bool> {
    // Four bytes of a name, and what the first byte says of the length.
    let mut first = [0; 5];
    source.fill_at(segment, &mut first)?;
    let mut at = segment.saturating_add(5 + u64::from(first[4].leading_zeros()));
    for _ in 0..MAX_PARTS {
        if at >= end {
            return Ok(at > end);
        }
        match element(source, at)? {
            Some((part, next)) if PARTS.contains(&part) => match next {
                Some(next) => at = next,
                None => return Ok(false),
            },
            _ => return Ok(true),
        }
    }
    Ok(false)
}

/// How far from the end of the file the last packet may lie: an index and some words come behind it.
const TAIL: usize = 64 * 1024;
/// No packet is longer.
const LONGEST_NS: u64 = 120_000_000;

/// What the last group of blocks says of its end (`DiscardPadding`, RFC 9559 §5.1.3.5.7). The demuxer passes over it.
fn filled(source: &mut dyn ReadAt) -> io::Result<u64> {
    let mut tail = vec![0; TAIL];
    let n = source.fill_at(source.len().saturating_sub(TAIL as u64), &mut tail)?;
    tail.truncate(n);
    let Some(at) = tail.windows(2).rposition(|w| w == b"\x75\xa2") else { return Ok(0) };
    let len = tail.get(at + 2).map_or(0, |byte| usize::from(byte & 0x7f));
    let end = at + 3 + len;
    let value = tail.get(at + 3..end).unwrap_or(&[]);
    let ns = value.iter().take(8).fold(0, |n, byte| n << 8 | u64::from(*byte));
    // It is meant only if a group of blocks ends with it.
    let group =
        (0..at).any(|start| tail[start] == 0xa0 && ends_at(&tail[start + 1..], end - start));
    Ok(if group && len <= 8 && ns <= LONGEST_NS { ns } else { 0 })
}

/// Whether an element whose length stands here ends so many bytes after its name began, the name being one byte.
fn ends_at(bytes: &[u8], end: usize) -> bool {
    let Some(first) = bytes.first() else { return false };
    let width = first.leading_zeros() as usize + 1;
    let Some(rest) = bytes.get(1..width) else { return false };
    let marked = u64::from(*first) & (0xff_u64 >> width);
    let len = rest.iter().fold(marked, |n, byte| n << 8 | u64::from(*byte));
    len.checked_add(1 + width as u64) == Some(end as u64)
}

/// The name of the element at `at`, and where it ends if it says.
fn element(source: &mut dyn ReadAt, at: u64) -> io::Result<Option<(u32, Option<u64>)>> {
    let mut bytes = [0; 12];
    source.fill_at(at, &mut bytes)?;
    let id_len = bytes[0].leading_zeros() as usize + 1;
    if id_len > 4 {
        return Ok(None);
    }
    let id = bytes[..id_len].iter().fold(0, |n, b| n << 8 | u32::from(*b));
    let size_len = bytes[id_len].leading_zeros() as usize + 1;
    if size_len > 8 {
        return Ok(None);
    }
    // The length's own length is marked by its first set bit, which is not part of the number.
    let first = u64::from(bytes[id_len]) & (0xff >> size_len);
    let rest = &bytes[id_len + 1..id_len + size_len];
    let size = rest.iter().fold(first, |n, b| n << 8 | u64::from(*b));
    let unknown = size == (1 << (7 * size_len)) - 1;
    let end = at.saturating_add((id_len + size_len) as u64).saturating_add(size);
    Ok(Some((id, (!unknown).then_some(end))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Bytes;

    fn file(size: &[u8], content: usize) -> Segment {
        let mut bytes = b"\x1a\x45\xdf\xa3\x83abc\x18\x53\x80\x67".to_vec();
        bytes.extend(size);
        // Room, as far as there is any.
        bytes.extend(b"\xec\x88".iter().chain(&[0; 8]).take(content));
        survey(&mut Bytes(bytes), 0).expect("memory can be read")
    }

    #[test]
    fn a_segment_ends_where_it_says_or_nowhere() {
        assert_eq!(file(&[0x8a], 10), Segment::default());
        assert_eq!(file(&[0x8a], 9), Segment { cut_from: Some(23), ..Segment::default() });
        let open = Segment { open_ended: true, ..Segment::default() };
        assert_eq!(file(&[0xff], 9), open);
        assert_eq!(file(&[0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], 9), open);
        assert_eq!(file(&[0x40, 0x0a], 10), Segment::default());
        assert_eq!(survey(&mut Bytes(vec![0; 3]), 0).ok(), Some(Segment::default()));
    }

    #[test]
    fn parts_that_do_not_lead_to_the_end_are_noticed() {
        let shifted = |parts: &[u8]| {
            let mut bytes = b"\x1a\x45\xdf\xa3\x83abc\x18\x53\x80\x67".to_vec();
            bytes.push(0x80 | u8::try_from(parts.len()).expect("a few"));
            bytes.extend(parts);
            survey(&mut Bytes(bytes), 0).expect("memory can be read").shifted
        };
        assert!(!shifted(b""));
        assert!(!shifted(b"\x16\x54\xae\x6b\x82ab\xec\x80\x1f\x43\xb6\x75\x81a"));
        assert!(!shifted(b"\x16\x54\xae\x6b\x82ab\x1f\x43\xb6\x75\xffabcde"), "no length");
        assert!(shifted(b"\x16\x54\xae\x6b\x82b\xec\x80\x1f\x43\xb6\x75\x81a"), "a byte less");
        assert!(shifted(b"\x16\x54\xae\x6b\x82abab\x1f\x43\xb6\x75\x81a"), "two bytes more");
    }

    #[test]
    fn what_fills_up_the_last_packet_is_told_by_its_group() {
        let filled = |group: &[u8]| {
            let mut bytes = b"\x1a\x45\xdf\xa3\x83abc\x18\x53\x80\x67\xff".to_vec();
            bytes.extend(b"\x75\xa2\x81\x07");
            bytes.extend(group);
            bytes.extend(b"words behind it");
            survey(&mut Bytes(bytes), 0).expect("memory can be read").filled_ns
        };
        assert_eq!(filled(b"\xa0\x8a\xa1\x83abc\x75\xa2\x82\x01\x00"), 256);
        assert_eq!(filled(b"\xa0\x89\xa1\x83abc\x75\xa2\x82\x01\x00"), 0, "another length");
        assert_eq!(filled(b"\xa0\x8b\xa1\x83abc\x75\xa2\x83\xff\xff\xff"), 16_777_215);
        assert_eq!(filled(b""), 0, "no group");
    }
}
