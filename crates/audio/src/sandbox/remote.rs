//! The recording as the child sees it: a socket on which it may ask.

use std::{
    fs::File,
    io,
    sync::{Arc, Mutex, MutexGuard},
};

use super::frame::{self, MAX_READ, Tag};
use crate::ReadAt;

/// The child's end of the socket. One thread asks for bytes while the other sends sound, so each direction has its
/// lock.
#[derive(Clone)]
pub(super) struct Line(Arc<Ends>);

struct Ends {
    socket: File,
    hear: Mutex<()>,
    say: Mutex<()>,
}

impl Line {
    pub(super) fn new(socket: File) -> Self {
        Self(Arc::new(Ends { socket, hear: Mutex::new(()), say: Mutex::new(()) }))
    }

    /// Sends a message whole: none of the other thread's comes between.
    pub(super) fn send(&self, tag: Tag, body: &[u8]) -> io::Result<()> {
        let _whole = lock(&self.0.say)?;
        frame::send(&mut &self.0.socket, tag, body)
    }

    pub(super) fn send_json<T: serde::Serialize>(&self, tag: Tag, body: &T) -> io::Result<()> {
        let _whole = lock(&self.0.say)?;
        frame::send_json(&mut &self.0.socket, tag, body)
    }

    pub(super) fn receive(&self, body: &mut Vec<u8>) -> io::Result<Tag> {
        let _whole = lock(&self.0.hear)?;
        frame::receive(&mut &self.0.socket, body)?
            .ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }
}

fn lock(end: &Mutex<()>) -> io::Result<MutexGuard<'_, ()>> {
    end.lock().map_err(|_| io::Error::other("socket poisoned"))
}

/// The parent's recording, at the other end of the line.
///
/// What was fetched last is kept: demuxers read a few bytes here and there, and each question costs the parent a
/// decryption.
pub(super) struct Remote {
    line: Line,
    len: u64,
    kept: Vec<u8>,
    kept_at: u64,
}

impl Remote {
    pub(super) fn new(line: Line, len: u64) -> Self {
        Self { line, len, kept: Vec::new(), kept_at: 0 }
    }
}

/// What is fetched at least, after a jump.
const AHEAD: usize = 64 * 1024;

impl ReadAt for Remote {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_at(&mut self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        if offset >= self.len || buf.is_empty() {
            return Ok(0);
        }
        let kept = &mut self.kept;
        let inside = |at: u64, len: usize| {
            offset.checked_sub(at).and_then(|n| usize::try_from(n).ok()).filter(|n| *n < len)
        };
        let from = if let Some(from) = inside(self.kept_at, kept.len()) {
            from
        } else {
            // Whoever reads on where they stopped will go on reading.
            let onward = offset == self.kept_at + kept.len() as u64;
            let least = if onward { MAX_READ } else { AHEAD };
            let want = u32::try_from(buf.len().clamp(least, MAX_READ)).unwrap_or(u32::MAX);
            let mut question = [0; 12];
            question[..8].copy_from_slice(&offset.to_le_bytes());
            question[8..].copy_from_slice(&want.to_le_bytes());
            self.line.send(Tag::Read, &question)?;
            self.kept_at = offset;
            match self.line.receive(kept)? {
                Tag::Bytes => 0,
                Tag::Failed => {
                    kept.clear();
                    return Err(io::Error::other("the recording could not be read"));
                }
                _ => return Err(io::ErrorKind::InvalidData.into()),
            }
        };
        let ready = &kept[from.min(kept.len())..];
        let n = ready.len().min(buf.len());
        buf[..n].copy_from_slice(&ready[..n]);
        Ok(n)
    }
}
