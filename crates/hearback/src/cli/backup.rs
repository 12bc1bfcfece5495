//! Backups and restoring.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{DataArgs, DataDir, KeyringArgs, MaybeRootArgs, RootArgs};

#[derive(Debug, Subcommand)]
pub(crate) enum BackupCommand {
    /// Copy the database and the encrypted files, while the service goes on. No keys
    Create {
        #[command(flatten)]
        data: DataArgs,
        /// The directory to make; a new one for each backup
        #[arg(long, value_name = "DIR")]
        to: PathBuf,
    },
    /// Copy the keys: one copy for each day, none older than a week
    Keys {
        #[command(flatten)]
        keyring: KeyringArgs,
        /// The directory of the copies: apart from the data and from the backups
        #[arg(long, value_name = "DIR")]
        to: PathBuf,
    },
    /// Bring a backup back into a scratch directory and look at all of it
    Verify(BackupVerifyArgs),
    /// When it was last proven that a backup comes back
    Status {
        #[command(flatten)]
        data: StatusArgs,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Args)]
pub(crate) struct StatusArgs {
    /// The data directory
    #[arg(long, env = "HEARBACK_DATA", value_name = "DIR")]
    pub(crate) data: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct BackupVerifyArgs {
    /// The backup
    #[arg(value_name = "DIR")]
    pub(crate) set: PathBuf,
    /// The keyring (`keys` in the data directory) or a copy of it: then everything is decrypted too
    #[arg(long, value_name = "DIR")]
    pub(crate) keyring: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) root: MaybeRootArgs,
    /// A newer ledger of erasures than the keyring's: `erasures.log`, or the keyring that has it
    #[arg(long, value_name = "FILE|DIR")]
    pub(crate) ledger: Option<PathBuf>,
    /// Where to put things for a moment; needs as much room as the backup
    #[arg(long, value_name = "DIR")]
    pub(crate) scratch: Option<PathBuf>,
    /// An empty PostgreSQL database to bring a PostgreSQL backup back into; it is emptied again
    #[arg(long, value_name = "URL")]
    pub(crate) database: Option<String>,
    #[command(flatten)]
    pub(crate) data: DataDir,
    /// Write a signed report
    #[arg(long, value_name = "FILE")]
    pub(crate) report: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct RestoreArgs {
    /// The backup
    #[arg(long, value_name = "DIR")]
    pub(crate) from: PathBuf,
    /// The keyring (`keys` in the old data directory) or a copy of it
    #[arg(long, value_name = "DIR")]
    pub(crate) keyring: PathBuf,
    #[command(flatten)]
    pub(crate) root: RootArgs,
    /// The newest ledger of erasures, if the keyring is a copy: `erasures.log`, or the keyring that has it
    #[arg(long, value_name = "FILE|DIR")]
    pub(crate) ledger: Option<PathBuf>,
    /// Go on without it: what was erased after the keyring was copied comes back
    #[arg(long, conflicts_with = "ledger")]
    pub(crate) ledger_is_lost: bool,
    /// The data directory to make
    #[arg(long, value_name = "DIR")]
    pub(crate) to: PathBuf,
    /// The empty PostgreSQL database to put a PostgreSQL backup in
    #[arg(long, value_name = "URL")]
    pub(crate) database: Option<String>,
    /// Where checkpoints of the audit log are kept; may be given several times. Beside the master key's file if not
    /// given
    #[arg(
        long = "checkpoints",
        env = "HEARBACK_CHECKPOINTS",
        value_name = "DIR",
        value_delimiter = ':'
    )]
    pub(crate) checkpoints: Vec<PathBuf>,
    /// Allow the master key to lie with the data it opens (for trying things out)
    #[arg(long, env = "HEARBACK_ACCEPT_COLOCATED_KEY")]
    pub(crate) accept_colocated_key: bool,
}
