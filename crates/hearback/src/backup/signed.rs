//! JSON with a signature beside it: `NAME` and `NAME.sig`.
//!
//! The second file is one line, `ed25519 <public key> <signature>` in lower-case hexadecimal, over a few words and the
//! bytes of the first. There is one way to write it, so a change of any bit of either shows.

use std::{fs, path::Path};

use hearback_vault::Signer;
use serde::{Serialize, de::DeserializeOwned};

use super::files;

/// Why a signed file is not believed.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotSigned {
    #[error("{0} cannot be read")]
    Unreadable(String, #[source] std::io::Error),
    #[error("{0} is not as it was signed")]
    Changed(String),
    #[error("{0} is of a form that this version of Hearback does not know")]
    Unknown(String),
}

fn message(name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut message = format!("hearback signed file v1\0{name}\0").into_bytes();
    message.extend_from_slice(bytes);
    message
}

/// Writes both files. They are on the disk when this returns.
pub(super) fn write(
    dir: &Path,
    name: &str,
    value: &impl Serialize,
    signer: &Signer,
) -> anyhow::Result<()> {
    let mut bytes = serde_json::to_vec_pretty(value)?;
    bytes.push(b'\n');
    let signature = signer.sign(&message(name, &bytes));
    let line = format!("ed25519 {} {}\n", hex::encode(signer.public()), hex::encode(signature));
    files::write_whole(&dir.join(format!("{name}.sig")), line.as_bytes())?;
    Ok(files::write_whole(&dir.join(name), &bytes)?)
}

/// Reads both files: what they say, and the public key of whoever signed it.
pub(super) fn read<T: DeserializeOwned>(
    dir: &Path,
    name: &str,
) -> Result<(T, [u8; 32]), NotSigned> {
    let read = |path: &Path| {
        fs::read(path).map_err(|e| NotSigned::Unreadable(path.display().to_string(), e))
    };
    let (path, beside) = (dir.join(name), dir.join(format!("{name}.sig")));
    let (bytes, line) = (read(&path)?, read(&beside)?);
    let changed = || NotSigned::Changed(path.display().to_string());
    let (public, signature) = parts(&line).ok_or_else(changed)?;
    if !Signer::verify(&public, &message(name, &bytes), &signature) {
        return Err(changed());
    }
    let value = serde_json::from_slice(&bytes);
    Ok((value.map_err(|_| NotSigned::Unknown(path.display().to_string()))?, public))
}

fn parts(line: &[u8]) -> Option<([u8; 32], [u8; 64])> {
    let text = str::from_utf8(line).ok()?;
    let (public, signature) = text.strip_prefix("ed25519 ")?.strip_suffix('\n')?.split_once(' ')?;
    let (mut key, mut sig) = ([0; 32], [0; 64]);
    hex::decode_to_slice(public, &mut key).ok()?;
    hex::decode_to_slice(signature, &mut sig).ok()?;
    (format!("ed25519 {} {}\n", hex::encode(key), hex::encode(sig)) == text).then_some((key, sig))
}
