//! A WebM or Matroska file that is damaged within: the damage is covered with what readers pass over, and all else
//! stays where it is.

use std::{
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::{ReadAt, ebml};

/// More damage than this is no recording any more.
const MOST: usize = 1_000;

/// A recording that can be mended while it is read.
#[derive(Clone)]
pub(super) struct Mend {
    inner: Arc<Mutex<Inner>>,
    len: u64,
}

struct Inner {
    source: Box<dyn ReadAt>,
    /// Where other bytes stand than in the recording, and these.
    covers: Vec<(u64, Vec<u8>)>,
    /// Whether damage was looked for.
    looked: bool,
}

impl Mend {
    pub(super) fn new(source: Box<dyn ReadAt>) -> Self {
        let len = source.len();
        let inner = Inner { source, covers: Vec::new(), looked: false };
        Self { inner: Arc::new(Mutex::new(inner)), len }
    }

    /// Looks for damage, once, in the file that begins at `start`, and covers it. Tells whether there was any.
    pub(super) fn cover(&self, start: u64) -> io::Result<bool> {
        let mut inner = self.inner();
        if inner.looked {
            return Ok(false);
        }
        inner.looked = true;
        let damage = ebml::damage(inner.source.as_mut(), start, MOST)?;
        inner.covers = damage.iter().map(|hole| (hole.start, ebml::room(hole))).collect();
        Ok(!inner.covers.is_empty())
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        // Nothing panics while it is locked; what is in it is whole at any moment.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ReadAt for Mend {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_at(&mut self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        let mut inner = self.inner();
        let n = inner.source.read_at(offset, buf)?.min(buf.len());
        let end = offset.saturating_add(n as u64);
        for (at, bytes) in &inner.covers {
            for (position, byte) in (*at..).zip(bytes).filter(|(p, _)| (offset..end).contains(p)) {
                if let Ok(index) = usize::try_from(position - offset) {
                    buf[index] = *byte;
                }
            }
        }
        Ok(n)
    }
}
