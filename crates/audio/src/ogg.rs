//! Ogg files (RFC 3533): where their last page ends.
//!
//! Cards and downloads fill a file up with zeros. The demuxer takes them for a damaged page, and the last page for one
//! that is not the last.

use std::io;

use crate::ReadAt;

/// The longest page there can be.
const PAGE: usize = 27 + 255 + 255 * 255;
/// Zeros that are looked behind, in pages: 16 MiB.
const MOST: u64 = 256;

/// Where the last page ends, if there are nothing but zeros behind it.
pub(crate) fn last_page_end(source: &mut dyn ReadAt, start: u64) -> io::Result<Option<u64>> {
    let len = source.len();
    let mut last = vec![0; PAGE];
    let mut end = len;
    for _ in 0..MOST {
        let from = end.saturating_sub(PAGE as u64).max(start);
        let there = usize::try_from(end - from).unwrap_or(0);
        source.fill_at(from, &mut last[..there])?;
        match last[..there].iter().rposition(|byte| *byte > 0) {
            Some(_) if end == len && last[there - 1] > 0 => return Ok(None),
            // A page may end with zeros of its own.
            Some(at) => return page_end(source, start, from + at as u64 + 1),
            None if from == start => return Ok(None),
            None => end = from,
        }
    }
    Ok(None)
}

/// Where the last page that begins before `before` ends, if that is not before it.
fn page_end(source: &mut dyn ReadAt, start: u64, before: u64) -> io::Result<Option<u64>> {
    let from = before.saturating_sub(PAGE as u64).max(start);
    let mut bytes = vec![0; PAGE + 27 + 255];
    let n = source.fill_at(from, &mut bytes)?;
    let begun = usize::try_from(before - from).unwrap_or(n).min(n);
    let Some(at) = bytes[..begun].windows(4).rposition(|mark| mark == b"OggS") else {
        return Ok(None);
    };
    let Some((count, table)) = bytes[..n].get(at + 26..).and_then(<[u8]>::split_first) else {
        return Ok(None);
    };
    let lens = table.iter().take(usize::from(*count)).map(|len| u64::from(*len));
    let end = from + at as u64 + 27 + u64::from(*count) + lens.sum::<u64>();
    Ok((before..=source.len()).contains(&end).then_some(end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Bytes;

    /// A page with this content.
    fn page(content: &[u8]) -> Vec<u8> {
        let mut page = b"OggS".to_vec();
        page.extend([0; 22]);
        page.extend([1, u8::try_from(content.len()).expect("a short page")]);
        page.extend(content);
        page
    }

    #[test]
    fn zeros_behind_the_last_page_are_not_its_own() {
        let end = |bytes: Vec<u8>| last_page_end(&mut Bytes(bytes), 0).expect("memory can be read");
        let whole = [page(b"abc"), page(b"de\0\0")].concat();
        let len = whole.len();
        for zeros in [0, 1, 100, PAGE - 1, PAGE, 3 * PAGE + 5] {
            let bytes = [whole.clone(), vec![0; zeros]].concat();
            assert_eq!(end(bytes), Some(len as u64), "{zeros}");
        }
        assert_eq!(end(page(b"abc")), None, "there are none");
        assert_eq!(end([&whole[..], b"x\0\0"].concat()), None, "something else is behind");
        assert_eq!(end(vec![0; 1_000]), None, "nothing but zeros");
        assert_eq!(end(whole[..len - 1].to_vec()), None, "cut off");
    }
}
