//! Random bytes, from the system.

use std::{fs::File, io::Read as _};

use anyhow::Context as _;

/// As many as are asked for.
pub(crate) fn bytes<const N: usize>() -> anyhow::Result<[u8; N]> {
    let mut bytes = [0; N];
    File::open("/dev/urandom")
        .and_then(|mut source| source.read_exact(&mut bytes))
        .context("the system gives no random bytes")?;
    Ok(bytes)
}

/// Any number.
pub(crate) fn number() -> anyhow::Result<u64> {
    bytes().map(u64::from_le_bytes)
}
