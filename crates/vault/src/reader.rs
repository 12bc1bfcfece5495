//! Reading an object: any range of it, chunk by chunk.

use std::{
    fmt,
    fs::File,
    io::{self, BufReader, Read, Seek, SeekFrom},
    sync::Arc,
};

use age::stream::StreamReader;
use age_core::format::FileKey;
use hearback_domain::ObjectId;

use crate::{
    error::{VaultError, while_decrypting},
    keys::RecordingKey,
    seal::{self, Place},
};

/// An open object.
///
/// The key is unwrapped once, when it is opened; after that, a range costs the decryption of the 64 KiB chunks it
/// touches. Bytes come out only after their chunk was authenticated. Errors are `std::io` errors of kind
/// `InvalidData` that carry a [`VaultError::Damaged`], or the disk's own; `VaultError::from` tells them apart. After
/// the first error the reader gives nothing more.
pub struct ObjectReader {
    inner: StreamReader<BufReader<File>>,
    key: ObjectKey,
    id: ObjectId,
    len: u64,
    position: u64,
    state: State,
}

/// The key of one object, from a reader that opened it: opens the same object again without asking the keyring for its
/// key ([`Vault::open_again`](crate::Vault::open_again)).
///
/// For whoever answers many requests for ranges of one object, one after the other. Cheap to clone; forgotten when the
/// last clone is dropped. Keep it for one play of one person, for minutes, and in memory only.
#[derive(Clone)]
pub struct ObjectKey {
    key: Arc<FileKey>,
    id: ObjectId,
    /// Of the plaintext. Authenticated.
    len: u64,
    /// Of the encrypted file.
    file_len: u64,
}

impl fmt::Debug for ObjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ObjectKey").field("id", &self.id).finish_non_exhaustive()
    }
}

/// What became of earlier reads.
enum State {
    Sound,
    /// A chunk was not what was written.
    Damaged,
    /// The disk would not; opening the object again may help.
    Broken,
}

impl ObjectReader {
    /// Opens a file and authenticates its header and its end, hence its length.
    pub(crate) fn open(key: &RecordingKey, place: Place, file: File) -> Result<Self, VaultError> {
        let file_len = file.metadata()?.len();
        let (mut inner, key) = seal::decrypt(key, place, file)?;
        // Seeking from the end decrypts the last chunk *as the last*: a file that was cut at a chunk's border is found
        // here, not at the end of an hour.
        let len = inner.seek(SeekFrom::End(0)).map_err(|e| while_decrypting(e, place.id))?;
        inner.seek(SeekFrom::Start(0)).map_err(|e| while_decrypting(e, place.id))?;
        let key = ObjectKey { key: Arc::new(key), id: place.id, len, file_len };
        Ok(Self { inner, key, id: place.id, len, position: 0, state: State::Sound })
    }

    /// Opens a file whose header and end were authenticated with this key before, and that is as long as it was.
    pub(crate) fn again(key: &ObjectKey, place: Place, file: File) -> Result<Self, VaultError> {
        if key.id != place.id || key.file_len != file.metadata()?.len() {
            return Err(VaultError::Damaged(place.id));
        }
        let inner = seal::decrypt_with(&key.key, place, file)?;
        let key = key.clone();
        Ok(Self { inner, id: place.id, len: key.len, key, position: 0, state: State::Sound })
    }

    /// What opens this object again.
    pub fn key(&self) -> ObjectKey {
        self.key.clone()
    }

    /// The length of the plaintext, in bytes. Authenticated.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Reads at `offset` until `buf` is full or the object ends; the number of bytes read.
    ///
    /// Moves the position behind what was read.
    pub fn read_at(&mut self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        self.position = offset;
        let mut filled = 0;
        while filled < buf.len() {
            match self.read(&mut buf[filled..])? {
                0 => break,
                n => filled += n,
            }
        }
        Ok(filled)
    }

    fn read_some(&mut self, buf: &mut [u8]) -> Result<usize, VaultError> {
        let damaged = |e| while_decrypting(e, self.id);
        // Within the same chunk this only moves a number.
        self.inner.seek(SeekFrom::Start(self.position)).map_err(damaged)?;
        match self.inner.read(buf).map_err(damaged)? {
            0 => Err(VaultError::Damaged(self.id)),
            n => Ok(n),
        }
    }
}

impl Read for ObjectReader {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        match self.state {
            State::Sound => {}
            State::Damaged => return Err(VaultError::Damaged(self.id).into()),
            State::Broken => return Err(io::Error::other("an earlier read failed")),
        }
        let left = usize::try_from(self.len.saturating_sub(self.position)).unwrap_or(usize::MAX);
        let wanted = buf.len().min(left);
        if wanted == 0 {
            return Ok(0);
        }
        match self.read_some(&mut buf[..wanted]) {
            Ok(n) => {
                self.position += n as u64;
                Ok(n)
            }
            Err(e) => {
                // The reader below may have stopped halfway through a chunk: its state is not worth a second try.
                self.state = match e {
                    VaultError::Damaged(_) => State::Damaged,
                    _ => State::Broken,
                };
                Err(e.into())
            }
        }
    }
}

/// A position behind the end is allowed; there is nothing to read there.
impl Seek for ObjectReader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = match to {
            SeekFrom::Start(offset) => Some(offset),
            SeekFrom::End(offset) => self.len.checked_add_signed(offset),
            SeekFrom::Current(offset) => self.position.checked_add_signed(offset),
        };
        self.position = position.ok_or_else(|| {
            io::Error::new(io::ErrorKind::InvalidInput, "a position before the start")
        })?;
        Ok(self.position)
    }
}

impl fmt::Debug for ObjectReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ObjectReader")
            .field("id", &self.id)
            .field("len", &self.len)
            .finish_non_exhaustive()
    }
}
