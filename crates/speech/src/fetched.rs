//! Where the models lie that unit tests run with.

use std::{env, path::PathBuf};

/// A model's file. `cargo xtask test` fetches them and says where they are.
pub(crate) fn file(name: &str) -> PathBuf {
    let folder = env::var_os("HEARBACK_MODELS").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../target/models"),
        PathBuf::from,
    );
    folder.join(name)
}
