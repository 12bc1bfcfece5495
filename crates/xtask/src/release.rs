//! `cargo xtask build`: the user interface, then the one binary, as an operator would run it.

use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::{
    machine::{self, Purpose},
    shell::{cargo, output, run, say},
    ui,
};

/// Builds everything and says where it lies.
pub(crate) fn build(root: &Path) -> anyhow::Result<PathBuf> {
    machine::prepare(Purpose::Build)?;
    ui::build(root)?;
    say("hearback, the first time this takes about ten minutes on two cores");
    run(cargo(root).args([
        "build",
        "--locked",
        "--release",
        "--package",
        "hearback",
        "--bin",
        "hearback",
    ]))?;
    let binary = target_dir(root)?.join("release/hearback");
    println!("built {}", binary.display());
    Ok(binary)
}

/// Where cargo puts what it builds.
pub(crate) fn target_dir(root: &Path) -> anyhow::Result<PathBuf> {
    let said = output(cargo(root).args(["metadata", "--no-deps", "--format-version", "1"]))?;
    let metadata: serde_json::Value = serde_json::from_str(&said).context("cargo metadata")?;
    let target =
        metadata["target_directory"].as_str().context("cargo metadata names no target folder")?;
    Ok(PathBuf::from(target))
}
