//! `cargo xtask lint`: what a reviewer should never have to say.

use std::{path::Path, process::Command};

use crate::shell::{cargo, run, say};

/// Whether the formatting is right.
pub(crate) fn format(root: &Path) -> Command {
    let mut command = cargo(root);
    command.args(["fmt", "--all", "--check"]);
    command
}

/// Clippy on everything, warnings included.
pub(crate) fn clippy(root: &Path) -> Command {
    let mut command = cargo(root);
    command.args(["clippy", "--locked", "--workspace", "--all-targets", "--", "-D", "warnings"]);
    command
}

/// The documentation, broken links included.
pub(crate) fn documentation(root: &Path) -> Command {
    let mut command = cargo(root);
    command.env("RUSTDOCFLAGS", "-D warnings");
    command.args(["doc", "--locked", "--workspace", "--no-deps", "--document-private-items"]);
    command
}

/// All of them; stops at the first that finds something.
pub(crate) fn run_all(root: &Path) -> anyhow::Result<()> {
    for (name, command) in [
        ("formatting", format(root)),
        ("clippy", clippy(root)),
        ("documentation", documentation(root)),
    ] {
        say(name);
        run(&mut { command })?;
    }
    Ok(())
}
