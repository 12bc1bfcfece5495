//! A recording as somebody may hear it, read from any byte on.

use std::io;

use super::{Holes, Redaction};
use crate::{
    RATE, ReadAt,
    wav::{FRAME_LEN, HEADER_LEN},
};

/// Bytes that are read at once, at most.
const BLOCK: usize = 64 * 1024;

/// A recording in the working form with a redaction put on as it is read.
///
/// Any byte can be asked for, in any order; the answer depends on the position alone.
pub struct Redacted<S> {
    source: S,
    holes: Holes,
    /// Bytes before the first sample.
    head: u64,
    bytes: Vec<u8>,
    samples: Vec<i16>,
}

impl<S: ReadAt> Redacted<S> {
    /// Of samples alone.
    pub fn bare(source: S, redaction: &Redaction) -> Self {
        Self::after(source, 0, redaction)
    }

    /// Of a WAV file with our own header.
    pub fn wav(source: S, redaction: &Redaction) -> Self {
        Self::after(source, HEADER_LEN, redaction)
    }

    fn after(source: S, head: u64, redaction: &Redaction) -> Self {
        let holes = Holes::new(redaction, RATE);
        Self { source, holes, head, bytes: Vec::new(), samples: Vec::new() }
    }
}

impl<S: ReadAt> ReadAt for Redacted<S> {
    /// Half a sample at the end is no sound, and is not there.
    fn len(&self) -> u64 {
        let len = self.source.len();
        len - len.saturating_sub(self.head) % FRAME_LEN
    }

    fn read_at(&mut self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        if let Some(before) = self.head.checked_sub(offset).filter(|left| *left > 0) {
            let most = usize::try_from(before).unwrap_or(usize::MAX).min(buf.len());
            return self.source.read_at(offset, &mut buf[..most]);
        }
        // Whole samples are read, and of them the bytes that were asked for are given out.
        let at = offset - self.head;
        let (first, lead) = (at / FRAME_LEN, usize::from(!at.is_multiple_of(FRAME_LEN)));
        let wanted = buf.len().min(BLOCK);
        self.bytes.resize((lead + wanted).next_multiple_of(2), 0);
        let n = self.source.fill_at(self.head + first * FRAME_LEN, &mut self.bytes)?;
        self.samples.clear();
        let pairs = self.bytes[..n].chunks_exact(2);
        self.samples.extend(pairs.map(|pair| i16::from_le_bytes([pair[0], pair[1]])));
        self.holes.apply(first, 1, &mut self.samples);
        let bytes = self.samples.iter().flat_map(|sample| sample.to_le_bytes());
        let given = buf[..wanted].iter_mut().zip(bytes.skip(lead));
        Ok(given.map(|(to, from)| *to = from).count())
    }
}
