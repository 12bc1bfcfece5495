//! What the installation signs with.

use std::fmt;

use ed25519_dalek::{Signer as _, SigningKey, VerifyingKey};
use zeroize::Zeroizing;

/// The installation's Ed25519 key (RFC 8032): for checkpoints of the audit log, receipts and certificates of erasure.
///
/// It is wiped when dropped and never printed. The same key for as long as there is the keyring: who keeps the public
/// half can check what was signed years ago.
pub struct Signer(SigningKey);

impl Signer {
    /// From the 32 bytes that the keyring holds.
    pub(super) fn from_seed(seed: &[u8]) -> Option<Self> {
        let mut bytes = Zeroizing::new([0; 32]);
        if seed.len() != bytes.len() {
            return None;
        }
        bytes.copy_from_slice(seed);
        Some(Self(SigningKey::from_bytes(&bytes)))
    }

    /// The signature of a message. The same message has the same signature.
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).to_bytes()
    }

    /// The public half. Not a secret.
    pub fn public(&self) -> [u8; 32] {
        self.0.verifying_key().to_bytes()
    }

    /// Whether `signature` is what the holder of the key behind `public` gave for `message`.
    pub fn verify(public: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
        VerifyingKey::from_bytes(public)
            .is_ok_and(|key| key.verify_strict(message, &signature.into()).is_ok())
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signer(***)")
    }
}
