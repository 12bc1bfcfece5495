//! A record of the keyring: `v1 <id> <purpose> <epoch> <nonce and ciphertext in hexadecimal>`, one line.
//!
//! XChaCha20-Poly1305 under a key-encryption key; authenticated with it: id, purpose and epoch.

use std::io;

use chacha20poly1305::{
    KeyInit as _, XChaCha20Poly1305, XNonce,
    aead::{Aead as _, Payload},
};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::durable;

const VERSION: &str = "v1";
const NONCE: usize = 24;

/// 32 bytes that wrap others. Wiped when dropped, never printed.
pub(super) type Wrapping = Zeroizing<[u8; 32]>;

/// What a record is of.
#[derive(Clone, Copy)]
pub(super) struct Label<'a> {
    pub(super) id: Uuid,
    pub(super) purpose: &'a str,
    pub(super) epoch: u32,
}

impl Label<'_> {
    fn aad(self) -> Vec<u8> {
        let mut aad = b"hearback key v1\0".to_vec();
        // Fixed lengths first, so that nothing can run into its neighbour.
        aad.extend_from_slice(self.id.as_bytes());
        aad.extend_from_slice(&self.epoch.to_be_bytes());
        aad.extend_from_slice(self.purpose.as_bytes());
        aad
    }

    fn start(self) -> String {
        format!("{VERSION} {} {} {} ", self.id, self.purpose, self.epoch)
    }
}

pub(super) fn wrap(key: &Wrapping, label: Label<'_>, secret: &[u8]) -> io::Result<String> {
    let mut nonce = [0; NONCE];
    durable::random(&mut nonce)?;
    let sealed = XChaCha20Poly1305::new((&**key).into())
        .encrypt(XNonce::from_slice(&nonce), Payload { msg: secret, aad: &label.aad() })
        .map_err(|_| io::Error::other("a key is too long to be wrapped"))?;
    Ok(format!("{}{}{}\n", label.start(), hex::encode(nonce), hex::encode(sealed)))
}

/// The secret, if `line` is the record of `label`, unaltered, and `key` opens it.
pub(super) fn unwrap(key: &Wrapping, label: Label<'_>, line: &str) -> Option<Zeroizing<Vec<u8>>> {
    let text = line.strip_prefix(&label.start())?.strip_suffix('\n')?;
    let bytes = hex::decode(text).ok()?;
    // Capitals would decode to the same bytes, and nobody would know that the record was touched.
    if hex::encode(&bytes) != text {
        return None;
    }
    let (nonce, sealed) = bytes.split_at_checked(NONCE)?;
    XChaCha20Poly1305::new((&**key).into())
        .decrypt(XNonce::from_slice(nonce), Payload { msg: sealed, aad: &label.aad() })
        .ok()
        .map(Zeroizing::new)
}

/// The epoch that a record names. Not authenticated before it is unwrapped.
pub(super) fn epoch(line: &str) -> Option<u32> {
    line.split(' ').nth(3)?.parse().ok()
}
