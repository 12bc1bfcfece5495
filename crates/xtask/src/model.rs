//! The models that the demo and the tests run with.

use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::shell::{program, run, say};

/// The smallest English model, enough for synthesised voices and for the tests; what tells voices from everything else;
/// and what tells them from each other.
const MODELS: [&str; 3] = ["tiny.en", "silero", "resemblyzer"];

/// Sees to it that the models are there and whole, through the binary itself; says where they lie.
pub(crate) fn fetch(hearback: &Path, target: &Path) -> anyhow::Result<PathBuf> {
    let models = target.join("models");
    std::fs::create_dir_all(&models).context("could not make the folder for models")?;
    for model in MODELS {
        say(&format!("model {model}"));
        run(program(hearback, ["models", "fetch", model]).env("HEARBACK_MODELS", &models))?;
    }
    Ok(models)
}
