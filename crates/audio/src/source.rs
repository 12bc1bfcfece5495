//! Where the bytes of a recording come from.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    os::unix::fs::FileExt,
    sync::Mutex,
};

use symphonia::core::io::MediaSource;

/// Bytes that can be read at any position: a file, an encrypted object, the far end of a socket.
pub trait ReadAt: Send {
    /// How many bytes there are.
    fn len(&self) -> u64;

    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Reads into `buf` from `offset`; gives how many bytes were read, which is zero only at or past the end (or for
    /// an empty `buf`), and may be fewer than asked for.
    fn read_at(&mut self, offset: u64, buf: &mut [u8]) -> io::Result<usize>;

    /// Reads from `offset` until `buf` is full or the bytes end; gives how many there were.
    fn fill_at(&mut self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        let mut done = 0;
        while done < buf.len() {
            match self.read_at(offset.saturating_add(done as u64), &mut buf[done..]) {
                Ok(0) => break,
                Ok(n) => done += n.min(buf.len() - done),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(done)
    }
}

/// A file on disk. Its length is taken once, when it is opened.
pub struct FileSource {
    file: File,
    len: u64,
}

impl FileSource {
    /// Takes a file that is open for reading.
    pub fn new(file: File) -> io::Result<Self> {
        let len = file.metadata()?.len();
        Ok(Self { file, len })
    }

    /// Opens the file at `path`.
    pub fn open(path: impl AsRef<std::path::Path>) -> io::Result<Self> {
        Self::new(File::open(path)?)
    }
}

impl ReadAt for FileSource {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_at(&mut self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        self.file.read_at(buf, offset)
    }
}

/// Bytes in memory.
pub struct Bytes(pub Vec<u8>);

impl ReadAt for Bytes {
    fn len(&self) -> u64 {
        self.0.len() as u64
    }

    fn read_at(&mut self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        let rest = usize::try_from(offset).ok().and_then(|at| self.0.get(at..)).unwrap_or(&[]);
        let n = rest.len().min(buf.len());
        buf[..n].copy_from_slice(&rest[..n]);
        Ok(n)
    }
}

/// A source as the demuxers want it: a stream with a position, which may begin late and may claim to be longer than
/// it is.
///
/// Beginning late skips what comes before the sound (an ID3 tag with a picture). Claiming to be longer makes a file
/// that was cut short readable up to the cut: there a read fails with `UnexpectedEof`, which the decoder takes as the
/// end of what can be saved.
pub(crate) struct Stream {
    // Never locked: the demuxers ask for `Sync`, which a source need not be.
    source: Mutex<Box<dyn ReadAt>>,
    start: u64,
    real_len: u64,
    claimed_len: u64,
    position: u64,
    seekable: bool,
}

impl Stream {
    pub(crate) fn new(source: Box<dyn ReadAt>, start: u64, claimed_end: Option<u64>) -> Self {
        let real_len = source.len().saturating_sub(start);
        let claimed_len =
            claimed_end.map_or(real_len, |end| end.saturating_sub(start).max(real_len));
        Self {
            source: Mutex::new(source),
            start,
            real_len,
            claimed_len,
            position: 0,
            seekable: true,
        }
    }

    /// What lies between two positions, and nothing else.
    pub(crate) fn between(source: Box<dyn ReadAt>, start: u64, end: u64) -> Self {
        let mut stream = Self::new(source, start, None);
        stream.real_len = stream.real_len.min(end.saturating_sub(start));
        stream.claimed_len = stream.real_len;
        stream
    }

    /// The same, to be read in one go: the demuxer will not look for what lies at the end.
    pub(crate) fn forward_only(self) -> Self {
        Self { seekable: false, ..self }
    }
}

/// A failure of the source itself. Demuxers and decoders report damage as failures to read, too, and damage is no
/// reason to try again.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
struct SourceFailed(io::Error);

/// Whether a failure to read is the source's own.
pub(crate) fn source_failed(error: &io::Error) -> bool {
    error.get_ref().is_some_and(<dyn std::error::Error + Send + Sync>::is::<SourceFailed>)
}

fn of_the_source(error: io::Error) -> io::Error {
    io::Error::new(error.kind(), SourceFailed(error))
}

impl Read for Stream {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.position >= self.real_len {
            return if self.position < self.claimed_len {
                Err(io::ErrorKind::UnexpectedEof.into())
            } else {
                Ok(0)
            };
        }
        let rest = usize::try_from(self.real_len - self.position).unwrap_or(usize::MAX);
        let most = buf.len().min(rest);
        let source = self.source.get_mut().map_err(|_| io::Error::other("source poisoned"))?;
        let at = self.start.saturating_add(self.position);
        let n = source.read_at(at, &mut buf[..most]).map_err(of_the_source)?;
        self.position += n as u64;
        Ok(n)
    }
}

impl Seek for Stream {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::Current(by) => self.position.checked_add_signed(by),
            SeekFrom::End(by) => self.claimed_len.checked_add_signed(by),
        };
        self.position = position.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.position)
    }
}

impl MediaSource for Stream {
    fn is_seekable(&self) -> bool {
        self.seekable
    }

    fn byte_len(&self) -> Option<u64> {
        self.seekable.then_some(self.claimed_len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_file_ends_with_an_error_and_a_whole_one_with_nothing() {
        let mut buf = [0; 8];
        let mut whole = Stream::new(Box::new(Bytes(b"xxabc".to_vec())), 2, None);
        assert_eq!(whole.read(&mut buf).ok(), Some(3));
        assert_eq!(&buf[..3], b"abc");
        assert_eq!(whole.read(&mut buf).ok(), Some(0));
        let mut cut = Stream::new(Box::new(Bytes(b"xxabc".to_vec())), 2, Some(100));
        assert_eq!(cut.byte_len(), Some(98));
        let mut inner = Stream::between(Box::new(Bytes(b"xxabcdefgh".to_vec())), 2, 6);
        assert_eq!(inner.read(&mut buf).ok(), Some(4));
        assert_eq!(&buf[..4], b"abcd");
        assert_eq!(inner.read(&mut buf).ok(), Some(0));
        assert_eq!(cut.read(&mut buf).ok(), Some(3));
        assert_eq!(cut.read(&mut buf).map_err(|e| e.kind()), Err(io::ErrorKind::UnexpectedEof));
    }
}
