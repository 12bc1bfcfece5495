//! A film or sound from before files said of themselves what they are: `QuickTime` without a `ftyp` box.
//!
//! The demuxer reads nothing that does not say so. Positions in such a file count from its beginning, so that nothing
//! can be put in front; but boxes may come in any order, and so the one that is missing is added behind the last.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use crate::ReadAt;

/// The box that is missing: `QuickTime`'s own brand.
const FTYP: [u8; 16] = *b"\0\0\0\x10ftypqt  \0\0\0\0";

/// How much of a file may be missing that is saved: a demuxer may read all of it to come to the end.
const MOST_MISSING: u64 = 4 << 30;

/// Whether the file that begins at `start` says of itself what it is.
pub(super) fn has_type(source: &mut dyn ReadAt, start: u64) -> io::Result<bool> {
    let mut head = [0; 8];
    let read = source.fill_at(start, &mut head)?;
    Ok(read == head.len() && head[4..] == *b"ftyp")
}

/// Such a file, with the missing box behind it.
pub(super) struct Typed {
    source: Box<dyn ReadAt>,
    /// Where the file ends, or would end had it not been cut off.
    end: u64,
    entered: Arc<AtomicBool>,
}

/// To be told once the demuxer is set up.
pub(super) struct Entered(Arc<AtomicBool>);

impl Entered {
    /// From now on a file that was cut off ends where it does. Before, what is missing reads as nothing, so that the
    /// demuxer comes to the box behind it.
    pub(super) fn tell(self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Typed {
    pub(super) fn new(source: Box<dyn ReadAt>, cut_from: Option<u64>) -> (Self, Entered) {
        let end = cut_from.unwrap_or_default().max(source.len());
        let entered = Arc::new(AtomicBool::new(false));
        (Self { source, end, entered: Arc::clone(&entered) }, Entered(entered))
    }
}

impl ReadAt for Typed {
    fn len(&self) -> u64 {
        self.end.saturating_add(FTYP.len() as u64)
    }

    fn read_at(&mut self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        let Some(within) = offset.checked_sub(self.end) else {
            let room = usize::try_from(self.end - offset).unwrap_or(usize::MAX).min(buf.len());
            let there = self.source.len();
            if offset < there {
                return self.source.read_at(offset, &mut buf[..room]);
            }
            if self.entered.load(Ordering::Relaxed) || self.end - there > MOST_MISSING {
                return Ok(0);
            }
            buf[..room].fill(0);
            return Ok(room);
        };
        let rest = usize::try_from(within).ok().and_then(|within| FTYP.get(within..));
        let rest = rest.unwrap_or_default();
        let n = rest.len().min(buf.len());
        buf[..n].copy_from_slice(&rest[..n]);
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Bytes;

    #[test]
    fn what_is_missing_stands_behind_the_end() {
        let file = b"\0\0\0\x08moov".to_vec();
        assert!(!has_type(&mut Bytes(file.clone()), 0).unwrap());
        assert!(has_type(&mut Bytes(FTYP.to_vec()), 0).unwrap());
        let (mut typed, _) = Typed::new(Box::new(Bytes(file.clone())), None);
        let mut all = vec![0; 64];
        let n = typed.fill_at(0, &mut all).unwrap();
        assert_eq!(all[..n], [&file[..], &FTYP].concat());
        assert_eq!(typed.len(), n as u64);
        // What is added stands where a file that was cut off would have ended.
        let (mut typed, entered) = Typed::new(Box::new(Bytes(file)), Some(20));
        assert_eq!(typed.fill_at(8, &mut all).unwrap(), 28);
        assert_eq!(all[..16], *b"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x10");
        entered.tell();
        assert_eq!(typed.read_at(8, &mut all).unwrap(), 0, "then it ends where it does");
        assert_eq!(typed.fill_at(24, &mut all).unwrap(), 12);
        assert_eq!(all[..4], *b"ftyp");
    }
}
