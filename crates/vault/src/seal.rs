//! How an object is sealed: one X25519 recipient, and a stanza that binds the file to its place.

use std::{
    cell::OnceCell,
    collections::HashSet,
    fs::File,
    io::{self, BufReader, Read, Seek as _, SeekFrom, Write},
    iter,
};

use age::{
    DecryptError, Decryptor, EncryptError, Encryptor, Identity, Recipient,
    secrecy::ExposeSecret as _,
    stream::{StreamReader, StreamWriter},
    x25519,
};
use age_core::format::{FileKey, Stanza};
use hearback_access::ObjectKind;
use hearback_domain::{ObjectId, RecordingId};
use sha2::{Digest as _, Sha256};

use crate::{
    error::{VaultError, while_decrypting},
    keys::RecordingKey,
};

const STANZA: &str = "hearback-object";
const VERSION: &str = "v1";

/// Longer than any header that [`encrypt`] writes. A longer one is not ours, and reading on would let a hostile file
/// fill the memory.
const LONGEST_HEADER: u64 = 4096;

/// The place an object belongs to: which recording's, which object, of which kind.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    pub(crate) recording: RecordingId,
    pub(crate) id: ObjectId,
    pub(crate) kind: ObjectKind,
}

impl Place {
    fn stanza(self) -> Stanza {
        let mut hash = Sha256::new_with_prefix(b"hearback object v1\0");
        // Fixed lengths first, so that nothing can run into its neighbour.
        hash.update(self.recording.as_uuid().as_bytes());
        hash.update(self.id.as_uuid().as_bytes());
        hash.update(self.kind.clip().map_or([0; 16], |clip| *clip.as_uuid().as_bytes()));
        hash.update(self.kind.as_str());
        Stanza {
            tag: STANZA.to_owned(),
            args: vec![VERSION.to_owned()],
            body: hash.finalize().to_vec(),
        }
    }
}

struct Bound<K> {
    key: K,
    place: Place,
}

impl Recipient for Bound<x25519::Recipient> {
    fn wrap_file_key(
        &self,
        file_key: &FileKey,
    ) -> Result<(Vec<Stanza>, HashSet<String>), EncryptError> {
        let (mut stanzas, labels) = self.key.wrap_file_key(file_key)?;
        stanzas.push(self.place.stanza());
        Ok((stanzas, labels))
    }
}

/// What opens the header of one file.
enum Opener<'a> {
    /// The recording's key; the file's key that comes out is noted.
    Recording(&'a x25519::Identity, OnceCell<FileKey>),
    /// The file's key itself.
    File(&'a FileKey),
}

impl Identity for Bound<Opener<'_>> {
    fn unwrap_stanza(&self, stanza: &Stanza) -> Option<Result<FileKey, DecryptError>> {
        match &self.key {
            Opener::Recording(identity, _) => identity.unwrap_stanza(stanza),
            Opener::File(key) => Some(Ok(copy(key))),
        }
    }

    // The header's MAC, which age checks next with the key that comes out of here, covers our stanza too.
    fn unwrap_stanzas(&self, stanzas: &[Stanza]) -> Option<Result<FileKey, DecryptError>> {
        if !stanzas.contains(&self.place.stanza()) {
            return None;
        }
        let (identity, noted) = match &self.key {
            Opener::Recording(identity, noted) => (identity, noted),
            Opener::File(key) => return Some(Ok(copy(key))),
        };
        let opened = identity.unwrap_stanzas(stanzas);
        if let Some(Ok(key)) = &opened {
            noted.get_or_init(|| copy(key));
        }
        opened
    }
}

fn copy(key: &FileKey) -> FileKey {
    FileKey::init_with_mut(|bytes| bytes.copy_from_slice(key.expose_secret()))
}

/// Writes the header and gives the writer that encrypts.
pub(crate) fn encrypt<W: Write>(
    key: &RecordingKey,
    place: Place,
    output: W,
) -> Result<StreamWriter<W>, VaultError> {
    let recipient = Bound { key: key.identity().to_public(), place };
    match Encryptor::with_recipients(iter::once(&recipient as &dyn Recipient)) {
        Ok(encryptor) => encryptor.wrap_output(output).map_err(VaultError::Io),
        Err(EncryptError::Io(e)) => Err(VaultError::Io(e)),
        // Only several recipients or an odd label can go wrong in another way; there is one recipient without a label.
        Err(e) => Err(VaultError::Io(io::Error::other(e))),
    }
}

/// Reads the header and gives the reader that decrypts, if the file belongs to `place`; and the file's key.
pub(crate) fn decrypt(
    key: &RecordingKey,
    place: Place,
    file: File,
) -> Result<(StreamReader<BufReader<File>>, FileKey), VaultError> {
    let identity = Bound { key: Opener::Recording(key.identity(), OnceCell::new()), place };
    let reader = open(&identity, file)?;
    match identity.key {
        Opener::Recording(_, noted) => noted.into_inner().map(|key| (reader, key)),
        Opener::File(_) => None,
    }
    .ok_or(VaultError::Damaged(place.id))
}

/// The same with the file's key at hand.
pub(crate) fn decrypt_with(
    key: &FileKey,
    place: Place,
    file: File,
) -> Result<StreamReader<BufReader<File>>, VaultError> {
    open(&Bound { key: Opener::File(key), place }, file)
}

fn open(
    identity: &Bound<Opener<'_>>,
    file: File,
) -> Result<StreamReader<BufReader<File>>, VaultError> {
    let id = identity.place.id;
    let mut input = BufReader::new(file);
    let mut start = Vec::new();
    input.by_ref().take(LONGEST_HEADER).read_to_end(&mut start).map_err(VaultError::Io)?;
    // The line with the MAC ends the header.
    if !start.windows(5).any(|w| w == b"\n--- ") {
        return Err(VaultError::Damaged(id));
    }
    input.seek(SeekFrom::Start(0)).map_err(VaultError::Io)?;
    Decryptor::new_buffered(input)
        .and_then(|d| d.decrypt(iter::once(identity as &dyn Identity)))
        .map_err(|e| match e {
            DecryptError::Io(e) => while_decrypting(e, id),
            _ => VaultError::Damaged(id),
        })
}
