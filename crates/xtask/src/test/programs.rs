//! Builds every test program in one go, and runs them one by one.
//!
//! One build of all targets of the whole workspace, so that nothing is compiled twice with other features; the
//! programs are then run directly, so that each test is known by its package.

use std::{
    collections::HashMap,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Instant,
};

use anyhow::{Context as _, bail};
use serde_json::Value;

use super::libtest::{self, Test};
use crate::shell::{cargo, output, which};

/// The longest that one test program may take before it is ended.
const LIMIT: &str = "45m";

/// A built test program.
pub(super) struct Program {
    pub(super) package: String,
    target: String,
    folder: PathBuf,
    file: PathBuf,
}

/// What the build made.
pub(super) struct Programs {
    /// The one binary, as the tests start it.
    pub(super) hearback: PathBuf,
    /// Libraries' own tests first, those that start the real thing last.
    pub(super) tests: Vec<Program>,
}

impl Programs {
    /// Builds all targets of the workspace.
    pub(super) fn build(root: &Path) -> anyhow::Result<Self> {
        let packages = packages(root)?;
        let mut child = cargo(root)
            .args(["build", "--locked", "--workspace", "--all-targets"])
            .arg("--message-format=json-render-diagnostics")
            .stdout(Stdio::piped())
            .spawn()
            .context("could not start cargo")?;
        let since = Instant::now();
        let (mut hearback, mut tests) = (None, Vec::new());
        for line in BufReader::new(child.stdout.take().context("no output to read")?).lines() {
            let Ok(message) = serde_json::from_str::<Value>(&line?) else { continue };
            let (Some(file), Some(manifest)) =
                (message["executable"].as_str(), message["manifest_path"].as_str())
            else {
                continue;
            };
            let (Some(package), Some(folder)) =
                (packages.get(manifest), Path::new(manifest).parent())
            else {
                continue;
            };
            let target = message["target"]["name"].as_str().unwrap_or_default().to_owned();
            if message["profile"]["test"] == true {
                tests.push(Program {
                    package: package.clone(),
                    target,
                    folder: folder.into(),
                    file: file.into(),
                });
            } else if package == "hearback" && target == "hearback" {
                hearback = Some(PathBuf::from(file));
            }
        }
        if !child.wait()?.success() {
            bail!("the tests do not build");
        }
        println!("built in {} s", since.elapsed().as_secs());
        tests.sort_by_key(|program| {
            (program.package == "tests", program.package.clone(), program.target.clone())
        });
        Ok(Self { hearback: hearback.context("the build made no binary named hearback")?, tests })
    }
}

/// The names of the workspace's packages by their manifest.
fn packages(root: &Path) -> anyhow::Result<HashMap<String, String>> {
    let said = output(cargo(root).args(["metadata", "--no-deps", "--format-version", "1"]))?;
    let metadata: Value = serde_json::from_str(&said).context("cargo metadata")?;
    let list = metadata["packages"].as_array().context("cargo metadata lists no packages")?;
    Ok(list
        .iter()
        .filter_map(|p| {
            Some((p["manifest_path"].as_str()?.to_owned(), p["name"].as_str()?.to_owned()))
        })
        .collect())
}

impl Program {
    /// Runs the tests whose path contains one of `filters`, or all of them if there are none.
    pub(super) fn run(
        &self,
        filters: &[&str],
        deep: bool,
        settings: &dyn Fn(&mut Command),
    ) -> anyhow::Result<Vec<Test>> {
        println!("\n-- {} {}", self.package, self.target);
        let mut command = match which("timeout") {
            Some(timeout) => {
                let mut command = Command::new(timeout);
                command.args(["--foreground", "--kill-after=10s", LIMIT]).arg(&self.file);
                command
            }
            None => Command::new(&self.file),
        };
        command
            .args(filters)
            .args(deep.then_some("--include-ignored"))
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .env("CARGO_MANIFEST_DIR", &self.folder)
            .env("CARGO_PKG_NAME", &self.package);
        settings(&mut command);
        libtest::run(&self.package, &self.target, &mut command)
    }
}

/// The examples in the documentation.
pub(super) fn doc_tests(root: &Path, settings: &dyn Fn(&mut Command)) -> anyhow::Result<Vec<Test>> {
    println!("\n-- examples in the documentation");
    let mut command = cargo(root);
    command.args(["test", "--locked", "--workspace", "--doc", "--no-fail-fast"]);
    settings(&mut command);
    libtest::run("documentation", "cargo test --doc", &mut command)
}
