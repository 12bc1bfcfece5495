//! Who is held against us: whisper.cpp as it comes, and faster-whisper, each with the same weights.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Context as _;
use serde::Deserialize;

use crate::{
    python,
    shell::{program, run, say},
};

/// What faster-whisper is and what it runs on.
const REQUIREMENTS: &str = include_str!("../../../bench/requirements.txt");
/// One run of it.
const RUN: &str = include_str!("../../../bench/faster_whisper.py");
/// Its weights, out of the wheels that ours come from.
const UNPACK: &str = include_str!("../../../bench/unpack.py");

/// Where a Python of our own lies, and what it runs.
pub(super) struct FasterWhisper {
    python: PathBuf,
    folder: PathBuf,
}

impl FasterWhisper {
    /// Makes its environment below `folder`, unless it is there in this version.
    pub(super) fn install(folder: &Path) -> anyhow::Result<Self> {
        fs::create_dir_all(folder)?;
        for (name, text) in [("run.py", RUN), ("unpack.py", UNPACK)] {
            fs::write(folder.join(name), text)?;
        }
        let python = python::environment(&folder.join("faster-whisper"), REQUIREMENTS)?;
        Ok(Self { python, folder: folder.to_owned() })
    }

    /// A model's `CTranslate2` folder, made from the wheels that the manifest names.
    pub(super) fn model(&self, manifest: &Path, name: &str) -> anyhow::Result<PathBuf> {
        let model = self.folder.join(format!("ct2-{name}"));
        if model.join("config.json").exists() {
            return Ok(model);
        }
        say(&format!("{name} for faster-whisper"));
        let wheels = wheels(manifest, name)?;
        let list = self.folder.join(format!("wheels-{name}.txt"));
        let lines: Vec<String> = wheels
            .iter()
            .map(|w| format!("{}=={} --hash=sha256:{}\n", w.package, w.version, w.sha256))
            .collect();
        fs::write(&list, lines.concat())?;
        let to = self.folder.join("wheels");
        let mut pip = program(
            &self.python,
            ["-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"],
        );
        run(pip.args(["--require-hashes", "-r"]).arg(&list).arg("-d").arg(&to))?;
        // Under another name until it is whole.
        let part = self.folder.join(format!("part-{name}"));
        let mut unpack = program(&self.python, [self.folder.join("unpack.py")]);
        unpack.arg(&part);
        for wheel in &wheels {
            let package = wheel.package.replace('-', "_");
            let file = format!("{package}-{}-py3-none-any.whl", wheel.version);
            unpack.arg(to.join(file)).arg(wheel.weights.as_deref().unwrap_or_default());
        }
        run(&mut unpack)?;
        fs::rename(&part, &model)?;
        Ok(model)
    }

    /// One run: `mode` is plain, vad or batched.
    pub(super) fn command(
        &self,
        mode: &str,
        model: &Path,
        sound: &Path,
        [threads, beam]: [u32; 2],
        result: &Path,
    ) -> Command {
        let mut command = program(&self.python, [self.folder.join("run.py")]);
        command.arg(model).arg(sound).arg(mode);
        command.args([threads.to_string(), beam.to_string()]).arg(result);
        // Everything is here, and nothing else is to be asked for.
        command.env("HF_HUB_OFFLINE", "1").env("OMP_NUM_THREADS", threads.to_string());
        // Its threads wait as they do where nobody has set anything.
        command.env_remove("OMP_WAIT_POLICY");
        command
    }
}

/// A wheel of the manifest.
#[derive(Deserialize)]
struct Wheel {
    package: String,
    version: String,
    sha256: String,
    weights: Option<String>,
}

fn wheels(manifest: &Path, name: &str) -> anyhow::Result<Vec<Wheel>> {
    let text = fs::read_to_string(manifest)
        .with_context(|| format!("could not read {}", manifest.display()))?;
    let table: toml::Table = text.parse()?;
    let models = table.get("model").and_then(toml::Value::as_array).into_iter().flatten();
    let wheels = models
        .filter(|model| model.get("name").and_then(toml::Value::as_str) == Some(name))
        .find_map(|model| model.get("source")?.get("wheel")?.as_array())
        .with_context(|| format!("{name} does not come from wheels, which faster-whisper needs"))?;
    let wheels: Vec<Wheel> = wheels
        .iter()
        .map(|wheel| wheel.clone().try_into().context("a wheel of the manifest"))
        .collect::<anyhow::Result<_>>()?;
    Ok(wheels.into_iter().filter(|wheel| wheel.weights.is_some()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manifests_wheels_are_found() {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/manifest.toml");
        assert_eq!(wheels(&manifest, "tiny.en").unwrap().len(), 1);
        assert_eq!(wheels(&manifest, "base").unwrap().len(), 2);
        assert!(wheels(&manifest, "small.en").is_err());
    }
}
