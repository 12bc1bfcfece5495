//! A record of the keyring: `v1 <id> <purpose> <KEK epoch> <nonce and ciphertext in hexadecimal>`, one line.

use std::io;

use chacha20poly1305::{
    XNonce,
    aead::{Aead as _, Payload},
};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::master::MasterKey;
use crate::durable;

const VERSION: &str = "v1";
/// The only one so far: the key file itself is the key-encryption key.
const EPOCH: u32 = 1;
const NONCE: usize = 24;

/// What a record is for. Part of what is authenticated, so that one cannot stand in for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    Recording,
    Canary,
}

impl Purpose {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Recording => "recording",
            Self::Canary => "canary",
        }
    }
}

fn aad(id: Uuid, purpose: Purpose) -> Vec<u8> {
    let mut aad = b"hearback key v1\0".to_vec();
    aad.extend_from_slice(id.as_bytes());
    aad.extend_from_slice(&EPOCH.to_be_bytes());
    aad.extend_from_slice(purpose.as_str().as_bytes());
    aad
}

pub(super) fn wrap(
    master: &MasterKey,
    id: Uuid,
    purpose: Purpose,
    secret: &[u8],
) -> io::Result<String> {
    let mut nonce = [0; NONCE];
    durable::random(&mut nonce)?;
    let sealed = master
        .cipher()
        .encrypt(XNonce::from_slice(&nonce), Payload { msg: secret, aad: &aad(id, purpose) })
        .map_err(|_| io::Error::other("a key is too long to be wrapped"))?;
    let (nonce, sealed) = (hex::encode(nonce), hex::encode(sealed));
    Ok(format!("{VERSION} {id} {} {EPOCH} {nonce}{sealed}\n", purpose.as_str()))
}

/// The secret, if `line` is the record of `id` for `purpose`, unaltered, and `master` opens it.
pub(super) fn unwrap(
    master: &MasterKey,
    id: Uuid,
    purpose: Purpose,
    line: &str,
) -> Option<Zeroizing<Vec<u8>>> {
    let start = format!("{VERSION} {id} {} {EPOCH} ", purpose.as_str());
    let bytes = hex::decode(line.strip_prefix(&start)?.strip_suffix('\n')?).ok()?;
    let (nonce, sealed) = bytes.split_at_checked(NONCE)?;
    let payload = Payload { msg: sealed, aad: &aad(id, purpose) };
    master.cipher().decrypt(XNonce::from_slice(nonce), payload).ok().map(Zeroizing::new)
}
