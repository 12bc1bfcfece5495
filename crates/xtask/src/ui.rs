//! The user interface: TypeScript and style sheets, built by npm into files that the binary embeds.

use std::{fs, path::Path, process::Command};

use anyhow::Context as _;

use crate::shell::{program, run, say};

/// Installs the locked packages and builds.
pub(crate) fn build(root: &Path) -> anyhow::Result<()> {
    say("user interface");
    let folder = root.join("crates/web/ui");
    install(&folder)?;
    run(&mut npm(&folder, &["run", "--silent", "build"]))
}

/// Installs the packages that a folder's lock file names, unless these very ones are there.
pub(crate) fn install(folder: &Path) -> anyhow::Result<()> {
    let lock = fs::read(folder.join("package-lock.json"))
        .with_context(|| format!("{} has no package-lock.json", folder.display()))?;
    // npm empties node_modules first, so the stamp lies there only after a complete installation.
    let stamp = folder.join("node_modules/.hearback-lock");
    if fs::read(&stamp).ok().as_ref() == Some(&lock) {
        return Ok(());
    }
    run(&mut npm(folder, &["ci", "--no-audit", "--no-fund"]))?;
    fs::create_dir_all(folder.join("node_modules"))
        .and_then(|()| fs::write(&stamp, &lock))
        .context("could not note which packages are installed")
}

/// npm in a folder.
pub(crate) fn npm(folder: &Path, words: &[&str]) -> Command {
    let mut npm = program("npm", words);
    npm.current_dir(folder).env("npm_config_update_notifier", "false");
    npm
}
