//! The figures that these tests leave behind.

use std::{fs, path::Path};

use serde_json::{Map, Value};

/// Adds figures to `target/evidence/corpus.json`; `tests/goals.toml` holds the least that each has to reach. These
/// tests run one after the other, in one process.
pub(crate) fn add(figures: &[(&str, Value)]) {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/evidence");
    fs::create_dir_all(&dir).expect("a folder below target");
    let path = dir.join("corpus.json");
    let known = fs::read_to_string(&path).unwrap_or_default();
    let mut all: Map<String, Value> = serde_json::from_str(&known).unwrap_or_default();
    all.extend(figures.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
    fs::write(path, Value::Object(all).to_string()).expect("a file below target");
}
