//! What people who work on Hearback run: `cargo xtask build`, `demo`, `test`, `bench`, `lint`.
//!
//! It knows the machine (packages, npm, PostgreSQL, the speech synthesiser) and it drives the built binary from
//! outside, as an operator and a browser would. It must never depend on another crate of this workspace: it has to
//! build in seconds, and it has to be able to say what is wrong when the others do not build.

#![expect(clippy::print_stdout, reason = "its output is what the person who ran it reads")]

mod args;
mod bench;
mod chance;
mod demo;
mod flite;
mod lint;
mod machine;
mod model;
mod progress;
mod python;
mod release;
mod shell;
mod test;
mod ui;
mod wav;

use std::{
    env,
    path::{Path, PathBuf},
    process::ExitCode,
};

use args::Args;

const USAGE: &str = "\
What people who work on Hearback run.

  cargo xtask build
      Build the user interface and the release binary.

  cargo xtask demo [--port N] [--keep] [--exit-when-ready] [--bin FILE] [--data DIR]
      Install what is missing, build, make a fictional recording and take it through the whole loop.
      --keep             start again with what an earlier demo left
      --exit-when-ready  stop when everything is in place
      --bin FILE         use this binary instead of building one
      --data DIR         keep the demo's data here (default target/demo)

  cargo xtask test [--suite NAME] [--deep] [--seed N]
      Install what the tests need and run them. `--suite list` names the suites.
      --deep    the long forms, with new random numbers
      --seed N  these random numbers

  cargo xtask bench audio [--minutes N] [--rounds N]
      Decode an hour of speech in several formats, side by side with ffmpeg; the release build.

  cargo xtask bench speech [--minutes N] [--rounds N] [--threads N] [--beam N] [--models A,B] [--also FILE.wav] [--only NAME]
      Turn visits into text, side by side with whisper.cpp and faster-whisper; the release build.
      --beam N         follow so many answers at once, in theirs (default 1, as ours)
      --also FILE.wav  this file too (16 kHz, 16 bits, mono), with its words in FILE.txt
      --only NAME      only the sounds whose names begin so: read, noisy, visit

  cargo xtask bench stats [--recordings N] [--resamples N] [--rounds N]
      Alpha with its intervals, side by side with Python; the release build.

  cargo xtask lint
      Formatting, clippy and documentation.
";

fn main() -> ExitCode {
    let mut args = Args::new(env::args().skip(1));
    let done = match args.command().as_deref() {
        Some("build") => args.finish().and_then(|()| release::build(&root()).map(drop)),
        Some("demo") => demo::Options::read(args).and_then(|options| demo::run(&root(), &options)),
        Some("test") => test::Options::read(args).and_then(|options| test::run(&root(), &options)),
        Some("bench") => bench::Bench::read(args).and_then(|bench| bench.run(&root())),
        Some("lint") => args.finish().and_then(|()| lint::run_all(&root())),
        Some("help" | "--help" | "-h") => {
            print!("{USAGE}");
            Ok(())
        }
        _ => {
            eprint!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.is::<args::Usage>() => {
            eprintln!("{error}\n\n{USAGE}");
            ExitCode::from(2)
        }
        // It has said all there is to say, and its closing line stays the last.
        Err(error) if error.is::<test::Failed>() => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("\n{error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The repository's top folder.
fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_path_buf()
}
