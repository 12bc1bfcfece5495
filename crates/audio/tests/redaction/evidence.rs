//! The figures that these tests leave behind.

use std::{
    fs::{self, File},
    io::{Read as _, Seek as _, Write as _},
    path::Path,
};

use serde_json::{Map, Value};

/// Adds figures to `target/evidence/redaction.json`; `tests/goals.toml` holds the least that each has to reach. Tests
/// may run at the same time: the file is locked.
pub(crate) fn add(figures: &[(&str, Value)]) {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/evidence");
    fs::create_dir_all(&dir).expect("a folder below target");
    let path = dir.join("redaction.json");
    let open = File::options().read(true).write(true).create(true).truncate(false).open(path);
    let mut file = open.expect("a file below target");
    file.lock().expect("a lock");
    let mut known = String::new();
    file.read_to_string(&mut known).expect("text");
    let mut all: Map<String, Value> = serde_json::from_str(&known).unwrap_or_default();
    all.extend(figures.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
    file.rewind().expect("a file");
    file.set_len(0).expect("a file");
    file.write_all(Value::Object(all).to_string().as_bytes()).expect("a file");
}
