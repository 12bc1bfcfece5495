//! What the demuxer does not tell about a WebM or Matroska file: whether it was meant to have an end, and where it is
//! damaged.

use std::{io, ops::Range};

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

/// A group of blocks.
const CLUSTER: u32 = 0x1f43_b675;
/// The time from which a cluster's blocks are counted.
const CLOCK: u32 = 0xe7;
/// What a cluster is made of (RFC 9559 §5.1.3), and what may stand anywhere.
const IN_CLUSTER: [u32; 8] = [CLOCK, 0xa3, 0xa0, 0xab, 0xa7, 0xaf, 0xec, 0xbf];
/// So many elements have to follow each other where it is to go on after damage.
const CHAIN: usize = 4;
/// Bytes that are looked through at once.
const WINDOW: usize = 32 * 1024;

/// Where the elements of the segment do not lead from one to the next, from the end of the last one that makes sense to
/// the beginning of the next one that others follow; no more than `most` of these. The file begins at `start`.
pub(crate) fn damage(
    source: &mut dyn ReadAt,
    start: u64,
    most: usize,
) -> io::Result<Vec<Range<u64>>> {
    let mut found = Vec::new();
    let Some((_, Some(header_end))) = element(source, start)? else { return Ok(found) };
    let Some((SEGMENT, mut at, end)) = head(source, header_end)? else { return Ok(found) };
    let end = end.unwrap_or(u64::MAX).min(source.len());
    while at < end && found.len() < most {
        match head(source, at)? {
            Some((CLUSTER, content, cluster_end)) => {
                let known = cluster_end.filter(|cluster_end| *cluster_end <= end);
                at = within(source, content, known, end, most, &mut found)?;
            }
            Some((part, _, Some(next))) if PARTS.contains(&part) && next <= end => at = next,
            // Cut off, or without a length of its own: for the demuxer to judge.
            Some((part, ..)) if PARTS.contains(&part) => break,
            _ => {
                let next = resume(source, at + 2, end, None)?.unwrap_or(end);
                found.push(at..next);
                at = next;
            }
        }
    }
    Ok(found)
}

/// The same within a cluster, whose end may not be known; gives where it ends.
fn within(
    source: &mut dyn ReadAt,
    content: u64,
    known: Option<u64>,
    segment_end: u64,
    most: usize,
    found: &mut Vec<Range<u64>>,
) -> io::Result<u64> {
    let end = known.unwrap_or(segment_end);
    let (mut at, mut has_clock) = (content, false);
    while at < end && found.len() < most {
        match head(source, at)? {
            Some((part, ..)) if known.is_none() && PARTS[..8].contains(&part) => return Ok(at),
            Some((part, _, Some(next))) if IN_CLUSTER.contains(&part) && next <= end => {
                has_clock |= part == CLOCK;
                at = next;
            }
            // The last block of a file that was cut off.
            Some((part, ..)) if IN_CLUSTER.contains(&part) && end == source.len() => {
                return Ok(end);
            }
            _ => {
                // Blocks without the time that they are counted from are of no use.
                let next = if has_clock {
                    resume(source, at + 2, end, Some(end))?
                } else if known.is_none() {
                    resume(source, at + 2, end, None)?
                } else {
                    None
                };
                let next = next.unwrap_or(end);
                found.push(at..next);
                at = next;
            }
        }
    }
    Ok(end)
}

/// Where it goes on, from `from` on and before `end`: at the next cluster, or, inside of a cluster up to `cluster_end`,
/// at the next of its elements that others follow.
fn resume(
    source: &mut dyn ReadAt,
    from: u64,
    end: u64,
    cluster_end: Option<u64>,
) -> io::Result<Option<u64>> {
    let mut window = vec![0; WINDOW];
    let mut at = from;
    while at < end {
        let n = source.fill_at(at, &mut window)?;
        if n == 0 {
            break;
        }
        for (candidate, byte) in (at..end).zip(&window[..n]) {
            let may_be = *byte == 0x1f || cluster_end.is_some() && matches!(*byte, 0xa3 | 0xa0);
            if may_be && leads_on(source, candidate, cluster_end.unwrap_or(end))? {
                return Ok(Some(candidate));
            }
        }
        at += n as u64;
    }
    Ok(None)
}

/// Whether elements follow each other from `at`, up to `end` at the most.
fn leads_on(source: &mut dyn ReadAt, mut at: u64, end: u64) -> io::Result<bool> {
    for step in 0..CHAIN {
        if at == end {
            return Ok(step > 0);
        }
        at = match head(source, at)? {
            // What is in it has to make sense too.
            Some((CLUSTER, content, _)) => content,
            Some((part, content, Some(next)))
                if IN_CLUSTER.contains(&part)
                    && next <= end
                    && (part != 0xa3 || next > content + 4) =>
            {
                next
            }
            _ => return Ok(false),
        };
    }
    Ok(true)
}

/// The head of an element that is passed over and takes up this room: two bytes at the least.
pub(crate) fn room(place: &Range<u64>) -> Vec<u8> {
    let len = place.end.saturating_sub(place.start);
    let mut head = vec![0xec];
    if len < 9 {
        let [content, ..] = len.saturating_sub(2).to_le_bytes();
        head.push(0x80 | content);
    } else {
        let content = (len - 9) & 0x00ff_ffff_ffff_ffff;
        head.extend((content | 1 << 56).to_be_bytes());
    }
    head
}

/// The name of the element at `at`, and where it ends if it says.
fn element(source: &mut dyn ReadAt, at: u64) -> io::Result<Option<(u32, Option<u64>)>> {
    Ok(head(source, at)?.map(|(id, _, end)| (id, end)))
}

/// The name of the element at `at`, where its content begins, and where it ends if it says.
fn head(source: &mut dyn ReadAt, at: u64) -> io::Result<Option<(u32, u64, Option<u64>)>> {
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
    let content = at.saturating_add((id_len + size_len) as u64);
    Ok(Some((id, content, (!unknown).then_some(content.saturating_add(size)))))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Bytes;

    /// A segment of clusters with a clock and five blocks each; where each block begins.
    fn clusters(known: bool) -> (Vec<u8>, Vec<usize>) {
        let mut bytes =
            b"\x1a\x45\xdf\xa3\x83abc\x18\x53\x80\x67\x01\xff\xff\xff\xff\xff\xff\xff".to_vec();
        let mut blocks = Vec::new();
        for cluster in 0..6_u8 {
            bytes.extend(b"\x1f\x43\xb6\x75");
            // A clock of 3 bytes, and 5 blocks of 22.
            bytes.push(if known { 0x80 | (3 + 5 * 22) } else { 0xff });
            bytes.extend([0xe7, 0x81, cluster]);
            for block in 0..5 {
                blocks.push(bytes.len());
                bytes.extend([0xa3, 0x94, 0x81, 0, block, 0x80]);
                bytes.extend([0x11; 16]);
            }
        }
        (bytes, blocks)
    }

    proptest! {
        #[test]
        fn what_is_damaged_is_found_and_what_is_not_is_kept(
            known in any::<bool>(),
            cluster in 1_usize..5,
            block in 1_usize..5,
            long in 4_usize..60,
        ) {
            let (mut bytes, blocks) = clusters(known);
            let from = blocks[cluster * 5 + block];
            bytes[from..from + long].fill(0);
            let found = damage(&mut Bytes(bytes.clone()), 0, 10).expect("memory");
            prop_assert!(!found.is_empty());
            for hole in &found {
                prop_assert!(hole.end - hole.start >= 2);
                let end = usize::try_from(hole.start).expect("small");
                bytes.splice(end..end + room(hole).len(), room(hole));
            }
            prop_assert_eq!(damage(&mut Bytes(bytes.clone()), 0, 10).expect("memory"), vec![], "mended");
            let lost = |at: &&usize| found.iter().any(|hole| hole.contains(&(**at as u64)));
            let lost: Vec<_> = blocks.iter().filter(lost).collect();
            // The blocks that were hit; and if the next cluster's head was, all of that one.
            let hit = blocks.iter().filter(|at| **at + 22 > from && **at < from + long).count();
            prop_assert!(lost.len() <= hit + 5, "{} of {hit}", lost.len());
            prop_assert!(blocks[..cluster * 5 + block].iter().all(|at| !lost.contains(&at)));
        }
    }

    #[test]
    fn nothing_is_found_where_nothing_is_damaged() {
        for known in [true, false] {
            let (bytes, blocks) = clusters(known);
            for cut in [bytes.len(), blocks[17], blocks[17] + 9] {
                let found = damage(&mut Bytes(bytes[..cut].to_vec()), 0, 10).expect("memory");
                assert_eq!(found, [], "{known}, {cut}");
            }
        }
    }

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
