//! Values of the database, sealed under keys of the keyring.
//!
//! ```text
//! "E1" | kind of key (1 byte) | whose key (16) | nonce (24) | XChaCha20-Poly1305(key, plain; AAD)
//! AAD = "hearback field v1\0" ‖ the first 19 bytes ‖ row (16) ‖ length of table (4) ‖ table ‖ column
//! key = HKDF-SHA256(secret of the keyring, salt "hearback", info "field v1")
//! ```
//!
//! The key is derived so that it is never the age identity itself, and read from the keyring each time: what was
//! destroyed opens nothing a moment later, in every process. That costs some microseconds; see the measurement among
//! the tests. The nonce is random and long enough to be.

use chacha20poly1305::{
    KeyInit as _, XChaCha20Poly1305, XNonce,
    aead::{Aead as _, Payload},
};
use hearback_access::seal::{FieldCipher, FieldKey, Place, SealError};
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::{error::KeyError, file::FileKeys, name::KeyName};
use crate::durable;

const VERSION: &[u8; 2] = b"E1";
const KEY_ID: usize = VERSION.len() + 1 + 16;
const NONCE: usize = 24;

/// Which kind of key, in one byte.
const fn kind(name: KeyName) -> u8 {
    use hearback_domain::KeyClass as C;
    match name {
        KeyName::Recording(_, C::Sound) => b's',
        KeyName::Recording(_, C::Text) => b't',
        KeyName::Recording(_, C::Extracts) => b'x',
        KeyName::Recording(_, C::Coding) => b'c',
        KeyName::Person(_) => b'p',
        KeyName::Installation => b'i',
        KeyName::Signing => b'g',
    }
}

fn key_id(name: KeyName) -> Vec<u8> {
    let mut id = Vec::with_capacity(KEY_ID);
    id.extend_from_slice(VERSION);
    id.push(kind(name));
    id.extend_from_slice(name.id().as_bytes());
    id
}

fn aad(key_id: &[u8], place: Place<'_>) -> Vec<u8> {
    let mut aad = b"hearback field v1\0".to_vec();
    // Of fixed length or with their length before them, so that nothing can run into its neighbour.
    aad.extend_from_slice(key_id);
    aad.extend_from_slice(place.row.as_bytes());
    aad.extend_from_slice(&(place.table.len() as u64).to_be_bytes()[4..]);
    aad.extend_from_slice(place.table.as_bytes());
    aad.extend_from_slice(place.column.as_bytes());
    aad
}

fn cipher(secret: &[u8]) -> Option<XChaCha20Poly1305> {
    let mut key = Zeroizing::new([0; 32]);
    Hkdf::<Sha256>::new(Some(b"hearback"), secret).expand(b"field v1", &mut *key).ok()?;
    Some(XChaCha20Poly1305::new((&*key).into()))
}

impl FieldCipher for FileKeys {
    fn seal(&self, key: FieldKey, place: Place<'_>, plain: &[u8]) -> Result<Vec<u8>, SealError> {
        let name = KeyName::from(key);
        let secret = match self.secret(name) {
            Err(KeyError::Absent(_)) => {
                self.make(name).map_err(sealing)?;
                self.secret(name)
            }
            had => had,
        };
        let secret = secret.map_err(sealing)?;
        let mut nonce = [0; NONCE];
        durable::random(&mut nonce).map_err(|e| SealError::Unavailable(Box::new(e)))?;
        let mut sealed = key_id(name);
        let payload = Payload { msg: plain, aad: &aad(&sealed, place) };
        // Neither goes wrong for anything that fits into memory.
        let body = cipher(&secret)
            .and_then(|cipher| cipher.encrypt(XNonce::from_slice(&nonce), payload).ok())
            .ok_or_else(|| sealing(KeyError::Damaged(name)))?;
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(&body);
        Ok(sealed)
    }

    fn open(&self, key: FieldKey, place: Place<'_>, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        let name = KeyName::from(key);
        // The key first: what was erased is gone, and not damaged, whatever lies there.
        let secret = self.secret(name).map_err(sealing)?;
        let key_id = key_id(name);
        let (nonce, body) = sealed
            .strip_prefix(&*key_id)
            .and_then(|rest| rest.split_at_checked(NONCE))
            .ok_or(SealError::Damaged)?;
        let payload = Payload { msg: body, aad: &aad(&key_id, place) };
        cipher(&secret)
            .and_then(|cipher| cipher.decrypt(XNonce::from_slice(nonce), payload).ok())
            .ok_or(SealError::Damaged)
    }
}

fn sealing(error: KeyError) -> SealError {
    match error {
        KeyError::Destroyed(_) => SealError::Destroyed,
        error => SealError::Unavailable(Box::new(error)),
    }
}
