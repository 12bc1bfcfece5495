//! `cargo xtask demo`: from nothing to a coding workspace and a coaching session that can begin, on invented people.

mod client;
mod people;
mod script;
mod series;
mod service;
mod visit;
mod voices;

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context as _;

use crate::{
    args::Args,
    machine::{self, Purpose},
    model,
    release::{self, target_dir},
    shell::say,
};
use people::People;
use service::{Keep, Service};

/// How the demo is to be run.
pub(crate) struct Options {
    port: u16,
    keep: bool,
    exit_when_ready: bool,
    bin: Option<PathBuf>,
    data: Option<PathBuf>,
}

/// The demo's recording alone: some five minutes of two voices, 16 kHz mono.
pub(crate) fn spoken_visit(file: &Path) -> anyhow::Result<()> {
    voices::speak(&script::Script::own()?, file).map(drop)
}

/// What is said in it, turn by turn.
pub(crate) fn lines() -> anyhow::Result<Vec<String>> {
    Ok(script::Script::own()?.turns.into_iter().map(|turn| turn.text).collect())
}

/// The port that the demo prefers; another is taken if somebody sits on it.
const PORT: u16 = 8765;

impl Options {
    /// From the command line.
    pub(crate) fn read(mut args: Args) -> anyhow::Result<Self> {
        let options = Self {
            port: args.number("--port")?.unwrap_or(PORT),
            keep: args.flag("--keep"),
            exit_when_ready: args.flag("--exit-when-ready"),
            bin: args.option("--bin")?.map(PathBuf::from),
            data: args.option("--data")?.map(PathBuf::from),
        };
        args.finish()?;
        Ok(options)
    }

    /// As the tests run it: with a binary that is built, from nothing, and not waiting for anybody.
    pub(crate) fn for_test(bin: &Path, data: PathBuf) -> Self {
        Self {
            port: 0,
            keep: false,
            exit_when_ready: true,
            bin: Some(bin.to_path_buf()),
            data: Some(data),
        }
    }
}

/// Runs the demo until Ctrl-C, or until everything is in place.
pub(crate) fn run(root: &Path, options: &Options) -> anyhow::Result<()> {
    machine::prepare(Purpose::Demo)?;
    let binary = match &options.bin {
        Some(binary) => {
            fs::canonicalize(binary).with_context(|| format!("there is no {}", binary.display()))?
        }
        None => release::build(root)?,
    };
    let target = target_dir(root)?;
    let models = model::fetch(&binary, &target)?;
    let data = options.data.clone().unwrap_or_else(|| target.join("demo"));
    let keep = if options.keep { Keep::What } else { Keep::Nothing };
    let home = service::Home::make(&binary, &data, &models, keep)?;
    let people = if home.is_new() { People::invent(&home)? } else { People::remembered(&home)? };

    say("starting the service");
    let mut service = Service::start(&home, options.port)?;
    if home.is_new() {
        say("a fictional home visit");
        let script = script::Script::own()?;
        let recording = voices::speak(&script, &data.join("visit.wav"))?;
        visit::through_the_loop(service.address(), &people, &script, &recording)?;
        home.note_complete()?;
    }
    println!("\nHearback is ready:  {}\n\n{people}", service.address());
    if options.exit_when_ready {
        return Ok(());
    }
    println!(
        "Everything here is invented and lies in {}.\nCtrl-C stops the service.",
        data.display()
    );
    service.wait()
}
