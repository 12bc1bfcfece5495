//! The speech model that the demo and the tests run with.

use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::shell::{program, run, say};

/// The smallest English model: enough for synthesised voices and for the tests.
const MODEL: &str = "tiny.en";

/// Sees to it that the model is there and whole, through the binary itself; says where the models lie.
pub(crate) fn fetch(hearback: &Path, target: &Path) -> anyhow::Result<PathBuf> {
    let models = target.join("models");
    std::fs::create_dir_all(&models).context("could not make the folder for models")?;
    say(&format!("speech model {MODEL}"));
    run(program(hearback, ["models", "fetch", MODEL]).env("HEARBACK_MODELS", &models))?;
    Ok(models)
}
