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
}

/// Reads the headers of the file and of its segment. What makes no sense is left to the demuxer to judge.
pub(crate) fn survey(source: &mut dyn ReadAt, start: u64) -> io::Result<Segment> {
    let Some((_, header_end)) = element(source, start)? else { return Ok(Segment::default()) };
    let Some(header_end) = header_end else { return Ok(Segment::default()) };
    let mut segment = Segment::default();
    if let Some((0x1853_8067, end)) = element(source, header_end)? {
        segment.open_ended = end.is_none();
        segment.cut_from = end.filter(|end| *end > source.len());
    }
    Ok(segment)
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
        bytes.extend(vec![0; content]);
        survey(&mut Bytes(bytes), 0).expect("memory can be read")
    }

    #[test]
    fn a_segment_ends_where_it_says_or_nowhere() {
        assert_eq!(file(&[0x8a], 10), Segment::default());
        assert_eq!(file(&[0x8a], 9), Segment { open_ended: false, cut_from: Some(23) });
        let open = Segment { open_ended: true, cut_from: None };
        assert_eq!(file(&[0xff], 9), open);
        assert_eq!(file(&[0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], 9), open);
        assert_eq!(file(&[0x40, 0x0a], 10), Segment::default());
        assert_eq!(survey(&mut Bytes(vec![0; 3]), 0).ok(), Some(Segment::default()));
    }
}
