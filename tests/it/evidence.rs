//! The figures that a suite leaves behind.

use std::{
    fs::{self, File},
    io::{Read as _, Seek as _, Write as _},
    path::Path,
};

use serde_json::{Map, Value};

/// Adds figures to `target/evidence/<suite>.json`; `tests/goals.toml` holds the least that each has to reach.
///
/// Tests of one suite may run at the same time: the file is locked, and each adds its own.
pub(crate) fn add(suite: &str, figures: &[(&str, Value)]) {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/evidence");
    fs::create_dir_all(&dir).unwrap();
    let path = dir.join(format!("{suite}.json"));
    let mut file =
        File::options().read(true).write(true).create(true).truncate(false).open(path).unwrap();
    file.lock().unwrap();
    let mut known = String::new();
    file.read_to_string(&mut known).unwrap();
    let mut all: Map<String, Value> = serde_json::from_str(&known).unwrap_or_default();
    all.extend(figures.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
    file.rewind().unwrap();
    file.set_len(0).unwrap();
    file.write_all(Value::Object(all).to_string().as_bytes()).unwrap();
}
