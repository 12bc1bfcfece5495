//! People and the audit log.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use hearback_domain::Role;

use super::{DataArgs, DatabaseArgs};

#[derive(Debug, Subcommand)]
pub(crate) enum UserCommand {
    /// Add a person
    Add(UserAddArgs),
    /// Give a person another passphrase and sign them out everywhere
    Passphrase(UserPassphraseArgs),
}

#[derive(Debug, Args)]
pub(crate) struct UserPassphraseArgs {
    #[command(flatten)]
    pub(crate) data: DataArgs,
    /// The sign-in name
    #[arg(long)]
    pub(crate) login: String,
    /// Read the passphrase from standard input, as its first line
    #[arg(long, required = true)]
    pub(crate) password_stdin: bool,
}

#[derive(Debug, Args)]
pub(crate) struct UserAddArgs {
    #[command(flatten)]
    pub(crate) data: DataArgs,
    /// The sign-in name
    #[arg(long)]
    pub(crate) login: String,
    /// What they are called on screen
    #[arg(long)]
    pub(crate) name: String,
    /// What they may be; may be given several times
    #[arg(long = "role", required = true, value_parser = role)]
    pub(crate) roles: Vec<Role>,
    /// Read the passphrase from standard input, as its first line
    #[arg(long, required = true)]
    pub(crate) password_stdin: bool,
}

pub(super) fn role(text: &str) -> Result<Role, String> {
    text.parse().map_err(|_| {
        let all: Vec<_> = Role::ALL.iter().map(|r| r.as_str()).collect();
        format!("the roles are {}", all.join(", "))
    })
}

#[derive(Debug, Subcommand)]
pub(crate) enum AuditCommand {
    /// Check that no entry was changed, removed or reordered
    Verify(AuditVerifyArgs),
    /// Seal the log now: sign it as it is, and keep that outside the database
    Checkpoint {
        #[command(flatten)]
        data: DataArgs,
        /// Where to keep it; may be given several times. Beside the master key's file if not given
        #[arg(
            long = "checkpoints",
            env = "HEARBACK_CHECKPOINTS",
            value_name = "DIR",
            value_delimiter = ':'
        )]
        checkpoints: Vec<PathBuf>,
        /// Seal although checkpoints that the database remembers are not there: you know how they were lost
        #[arg(long)]
        checkpoints_are_lost: bool,
    },
    /// Print the whole log. It holds ids and fixed words, no names
    Export {
        #[command(flatten)]
        database: DatabaseArgs,
        /// The form
        #[arg(long, default_value = "csv")]
        format: ExportFormat,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportFormat {
    Csv,
    Jsonl,
}

#[derive(Debug, Args)]
pub(crate) struct AuditVerifyArgs {
    #[command(flatten)]
    pub(crate) database: DatabaseArgs,
    /// A file or directory of checkpoints, best from another machine; may be given several times
    #[arg(long = "checkpoint", value_name = "FILE|DIR")]
    pub(crate) checkpoints: Vec<PathBuf>,
    /// The public key that the checkpoints are signed with, as `audit checkpoint` prints it
    #[arg(long, value_name = "HEX")]
    pub(crate) public_key: Option<String>,
    /// By how many seconds the clock may have been set back between two entries
    #[arg(long, value_name = "SECONDS", default_value_t = 120)]
    pub(crate) clock_tolerance_seconds: u32,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}
