//! The root key, and the file it may come from.

use std::{
    fmt,
    fs::File,
    io::{self, Read as _, Write as _},
    os::unix::fs::PermissionsExt as _,
    path::Path,
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use zeroize::Zeroizing;

use super::{
    error::{KeyError, at},
    source::RootSource,
    wrapped::Wrapping,
};
use crate::durable;

/// Longer than either way of writing 32 bytes; more than that is read from no key file.
pub(super) const LONGEST_LINE: u64 = 200;

/// The root: 32 bytes that open the keyring's epochs. Wiped when dropped, never printed.
pub struct MasterKey(Wrapping);

impl MasterKey {
    /// Reads a key file: one line, 32 bytes in hexadecimal or base64, readable by its owner alone.
    pub fn read_file(path: &Path) -> Result<Self, KeyError> {
        let file = File::open(path).map_err(|e| match e.kind() {
            io::ErrorKind::NotFound => KeyError::NoMaster(path.to_owned()),
            _ => at(path)(e),
        })?;
        let metadata = file.metadata().map_err(at(path))?;
        let mode = metadata.permissions().mode() & 0o7777;
        if mode & 0o077 != 0 {
            return Err(KeyError::MasterExposed { path: path.to_owned(), mode });
        }
        // Room for all of it at once: a string that grows leaves copies behind.
        let mut text = Zeroizing::new(String::with_capacity(256));
        match file.take(LONGEST_LINE).read_to_string(&mut text) {
            Ok(_) => {}
            Err(e) if e.kind() == io::ErrorKind::InvalidData => {
                return Err(KeyError::NotAMaster(named(path)));
            }
            Err(e) => return Err(at(path)(e)),
        }
        Self::parse(text.trim()).ok_or_else(|| KeyError::NotAMaster(named(path)))
    }

    /// Makes a new key file, readable by its owner alone. Never overwrites one.
    pub fn create_file(path: &Path) -> Result<Self, KeyError> {
        let mut file = durable::new_file(path).map_err(|e| match e.kind() {
            io::ErrorKind::AlreadyExists => KeyError::MasterExists(path.to_owned()),
            _ => at(path)(e),
        })?;
        let mut key = Zeroizing::new([0; 32]);
        (|| {
            durable::random(&mut *key)?;
            let line = Zeroizing::new(hex::encode(*key));
            file.write_all(line.as_bytes())?;
            file.write_all(b"\n")?;
            file.sync_all()?;
            path.parent().map_or(Ok(()), durable::sync_dir)
        })()
        .map_err(at(path))?;
        Ok(Self(key))
    }

    pub(super) fn parse(line: &str) -> Option<Self> {
        let bytes = Zeroizing::new(if line.len() == 64 {
            hex::decode(line).ok()?
        } else {
            BASE64_STANDARD.decode(line).ok()?
        });
        let mut key = Zeroizing::new([0; 32]);
        if bytes.len() != key.len() {
            return None;
        }
        key.copy_from_slice(&bytes);
        Some(Self(key))
    }

    pub(super) fn bytes(&self) -> &Wrapping {
        &self.0
    }
}

fn named(path: &Path) -> String {
    RootSource::File(path.to_owned()).to_string()
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_of_writing_it_mean_the_same_key() {
        let hex = MasterKey::parse(&"ab".repeat(32)).unwrap();
        let base64 = MasterKey::parse(&BASE64_STANDARD.encode([0xab; 32])).unwrap();
        assert_eq!(hex.0, base64.0);
        for not_a_key in ["", "ab", &"zz".repeat(32), &BASE64_STANDARD.encode([0; 31])] {
            assert!(MasterKey::parse(not_a_key).is_none(), "{not_a_key}");
        }
    }
}
