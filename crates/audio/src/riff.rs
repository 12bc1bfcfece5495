//! What the demuxer takes at its word in a WAV file: the two lengths, which a recorder writes last.
//!
//! A recorder that lost power leaves zeros there, with hours of sound behind them. One that writes into a pipe leaves
//! the largest number there is.

use std::io;

use crate::ReadAt;

/// What the lengths of a WAV file are worth.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Lengths {
    /// The recorder was cut off before it wrote them.
    pub(crate) unfinished: bool,
    /// They were never going to be known.
    pub(crate) open_ended: bool,
    /// What ought to stand where: positions from the start of the file, and four bytes each.
    pub(crate) mended: Vec<(u64, [u8; 4])>,
}

/// Reads chunk headers up to the sound.
pub(crate) fn survey(source: &mut dyn ReadAt, start: u64) -> io::Result<Lengths> {
    let mut lengths = Lengths::default();
    let mut header = [0; 8];
    source.fill_at(start, &mut header)?;
    let whole = u64::from(word(header));
    let mut at = start.saturating_add(12);
    // Recorders write a handful of chunks before the sound.
    for _ in 0..100 {
        if source.fill_at(at, &mut header)? < 8 {
            break;
        }
        let size = word(header);
        let content = at.saturating_add(8);
        if header.starts_with(b"data") {
            let rest = source.len().saturating_sub(content);
            lengths.open_ended = size == u32::MAX;
            // An empty file of a careful writer counts its chunks; one that was cut off has not come to that.
            lengths.unfinished = size == 0 && rest > 0 && whole + 8 <= content - start;
            if lengths.open_ended || lengths.unfinished {
                let rest = u32::try_from(rest).unwrap_or(u32::MAX - 1);
                let before = u32::try_from(content - start - 8).unwrap_or(0);
                let all = before.saturating_add(rest);
                lengths.mended =
                    vec![(4, all.to_le_bytes()), (content - start - 4, rest.to_le_bytes())];
            }
            break;
        }
        // Chunks begin at even positions.
        at = content.saturating_add(u64::from(size)).saturating_add(u64::from(size & 1));
    }
    Ok(lengths)
}

fn word(header: [u8; 8]) -> u32 {
    u32::from_le_bytes([header[4], header[5], header[6], header[7]])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Bytes, wav};

    fn file(whole: u32, data: u32, content: usize) -> Lengths {
        let mut bytes = wav::header(0).to_vec();
        bytes[4..8].copy_from_slice(&whole.to_le_bytes());
        bytes[40..44].copy_from_slice(&data.to_le_bytes());
        bytes.extend(vec![0; content]);
        survey(&mut Bytes(bytes), 0).expect("memory can be read")
    }

    #[test]
    fn lengths_that_were_never_written_are_mended() {
        let mended = vec![(4, 136_u32.to_le_bytes()), (40, 100_u32.to_le_bytes())];
        for whole in [0, 36] {
            let lengths = file(whole, 0, 100);
            assert!(lengths.unfinished && !lengths.open_ended);
            assert_eq!(lengths.mended, mended);
        }
        let piped = file(u32::MAX, u32::MAX, 100);
        assert!(piped.open_ended && !piped.unfinished);
        assert_eq!(piped.mended, mended);
        assert_eq!(file(136, 100, 100), Lengths::default());
        assert_eq!(file(36, 0, 0), Lengths::default(), "empty, and says so");
        assert_eq!(file(136, 0, 100), Lengths::default(), "empty, with a note behind");
    }
}
