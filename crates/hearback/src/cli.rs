//! The command line: a contract, written in one place.

use clap::{Parser, Subcommand};

mod backup;
mod data;
mod engines;
mod figures;
mod people;
mod service;

pub(crate) use self::{backup::*, data::*, engines::*, figures::*, people::*, service::*};

/// The hidden command under which this binary is its own decoding child.
pub(crate) const DECODE_CHILD: &str = "decode-child";

/// Turns recordings of social work practice into coaching, on your own machine.
#[derive(Debug, Parser)]
#[command(name = "hearback", version, about, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
#[expect(clippy::large_enum_variant, reason = "there is one, once")]
pub(crate) enum Command {
    /// Tell what a recording is: container, codec, channels, rate, length
    Probe(ProbeArgs),
    /// Decode a recording to a 16-bit mono WAV file
    Decode(DecodeArgs),
    /// Make the data of a waveform picture (audiowaveform's .dat or .json)
    Peaks(PeaksArgs),
    /// Cut an extract to the millisecond, with passages hidden if wanted
    Clip(ClipArgs),
    /// Turn speech into text with word times, on this machine
    Transcribe(TranscribeArgs),
    /// Tell voices apart: who speaks when, on this machine. Nobody is recognised, and no voice is kept
    Speakers(SpeakersArgs),
    /// List, fetch and verify speech models
    Models {
        #[command(subcommand)]
        command: ModelsCommand,
        #[command(flatten)]
        models: ModelsDir,
    },
    /// Tell how far coders agree, from a table of scores
    Reliability(ReliabilityArgs),
    /// Make a data directory and its master key
    Init(DataArgs),
    /// Bring the database up to date
    Migrate(DatabaseArgs),
    /// Run the service: pages, and (unless told not to) the worker
    Serve(ServeArgs),
    /// Run only the worker that decodes, transcribes and cuts
    Worker(WorkerArgs),
    /// Add people
    User {
        #[command(subcommand)]
        command: UserCommand,
    },
    /// Print the access table: who may do what, and under which conditions
    Policy {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Look after the keys: rotation, escrow, recovery
    Keys {
        #[command(subcommand)]
        command: KeysCommand,
    },
    /// Copy everything that is kept, and prove that it comes back
    Backup {
        #[command(subcommand)]
        command: BackupCommand,
    },
    /// Make a new data directory out of a backup and a keyring
    Restore(RestoreArgs),
    /// Check the audit log
    Audit {
        #[command(subcommand)]
        command: AuditCommand,
    },
}
