//! The one binary: settings, command line, wiring.
//!
//! Engines work without the server (`probe`, `decode`, `peaks`, `clip`, `transcribe`, `speakers`, `reliability`);
//! `serve` and `worker` run the service. Data goes to standard output, progress and logs to standard error.
//!
//! Exit status: 0 done, 1 our fault, 2 bad usage, 3 bad input (one sentence on standard error), 4 the audit log was
//! tampered with, 78 unsafe configuration or keys, 141 nobody reads the output any more.

mod audit;
mod backup;
mod cli;
mod clips;
mod engines;
mod failure;
mod keys;
mod models;
mod open;
mod people;
mod policy;
mod progress;
mod reliability;
mod serve;
mod single_sign_on;
mod speakers;
mod system;

use std::process::ExitCode;

use clap::Parser as _;

use self::{
    cli::{Cli, Command},
    failure::Failure,
};

fn main() -> ExitCode {
    // The decoding child is this binary again. It goes its own way before anything else has happened.
    if std::env::args_os().nth(1).is_some_and(|arg| arg == cli::DECODE_CHILD) {
        hearback_audio::sandbox::child_main();
    }
    let cli = Cli::parse();
    if matches!(cli.command, Command::Serve(_) | Command::Worker(_)) {
        system::wait_passively();
    }
    let done = match cli.command {
        Command::Probe(args) => engines::probe(&args),
        Command::Decode(args) => engines::decode(&args),
        Command::Peaks(args) => engines::peaks(&args),
        Command::Clip(args) => clips::clip(&args),
        Command::Transcribe(args) => engines::transcribe(&args),
        Command::Speakers(args) => speakers::run(&args),
        Command::Models { command, models } => models::run(&command, &models),
        Command::Reliability(args) => reliability::run(&args),
        Command::Init(args) => open::init(&args),
        Command::Migrate(args) => serve::block_on(open::migrate(&args)),
        Command::Serve(args) => serve::block_on(serve::serve(args)),
        Command::Worker(args) => serve::block_on(serve::worker(args)),
        Command::User { command } => serve::block_on(people::run(&command)),
        Command::Policy { json } => policy::run(json),
        Command::Keys { command } => keys::run(command),
        Command::Backup { command } => serve::block_on(backup::run(command)),
        Command::Restore(args) => serve::block_on(backup::restore(&args)),
        Command::Audit { command } => serve::block_on(audit::run(&command)),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            if !matches!(failure, Failure::NobodyReads) {
                eprintln!("{failure}");
            }
            failure.exit_code()
        }
    }
}
