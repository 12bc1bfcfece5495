//! The synthesiser, from the package `flite`.

use std::{fs, path::Path};

use anyhow::{Context as _, bail};

use crate::{
    shell::{output, program},
    wav,
};

/// What a voice says, at [`wav::RATE`], without the silence that the synthesiser puts around it; `settings` are its
/// own, as in `duration_stretch=1.1`.
pub(crate) fn say(
    voice: &str,
    settings: &[String],
    text: &str,
    scratch: &Path,
) -> anyhow::Result<Vec<i16>> {
    let mut flite = program("flite", ["-voice", voice]);
    for setting in settings {
        flite.args(["--setf", setting]);
    }
    output(flite.args(["-t", text, "-o"]).arg(scratch))?;
    let wav = fs::read(scratch).context("the synthesiser wrote nothing")?;
    // Failing to remove a scratch file harms nobody.
    let _ = fs::remove_file(scratch);
    let sound = wav::samples(&wav).with_context(|| format!("what flite wrote for “{text}”"))?;
    let loud = |sample: &i16| sample.unsigned_abs() > 200;
    match (sound.iter().position(loud), sound.iter().rposition(loud)) {
        (Some(first), Some(last)) => Ok(sound[first..=last].to_vec()),
        _ => bail!("flite said nothing for “{text}”"),
    }
}
