//! Where data and keys lie, and the commands about keys.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use hearback_vault::RootSource;

/// Where the database is.
#[derive(Debug, Args, Clone)]
pub(crate) struct DatabaseArgs {
    /// The data directory
    #[arg(long, env = "HEARBACK_DATA", value_name = "DIR")]
    pub(crate) data: PathBuf,
    /// The database: `sqlite:FILE` or `postgres://…`. A file in the data directory if not given
    #[arg(long, env = "HEARBACK_DATABASE", value_name = "URL", hide_env_values = true)]
    pub(crate) database: Option<String>,
}

/// Where the database, the vault and its master key are.
#[derive(Debug, Args, Clone)]
pub(crate) struct DataArgs {
    #[command(flatten)]
    pub(crate) database: DatabaseArgs,
    #[command(flatten)]
    pub(crate) root: RootArgs,
    /// Allow the master key to lie with the data it opens (for trying things out)
    #[arg(long, env = "HEARBACK_ACCEPT_COLOCATED_KEY")]
    pub(crate) accept_colocated_key: bool,
}

/// Where the master key comes from. It opens everything: keep it apart from the data.
#[derive(Debug, Args, Clone)]
#[group(required = true, multiple = false)]
#[expect(clippy::struct_field_names, reason = "the names are the options' own")]
pub(crate) struct RootArgs {
    /// The master key's file
    #[arg(long, env = "HEARBACK_KEY_FILE", value_name = "FILE")]
    key_file: Option<PathBuf>,
    /// The environment variable that holds the master key
    #[arg(long, env = "HEARBACK_KEY_ENV", value_name = "NAME")]
    key_env: Option<String>,
    /// The command that prints the master key, as in `systemd-creds decrypt /etc/hearback.cred -`; words are separated
    /// by spaces, and there is no shell
    #[arg(long, env = "HEARBACK_KEY_COMMAND", value_name = "COMMAND")]
    key_command: Option<String>,
}

impl RootArgs {
    pub(crate) fn source(&self) -> RootSource {
        let words = |command: &String| command.split_whitespace().map(str::to_owned).collect();
        match (&self.key_file, &self.key_env) {
            (Some(file), _) => RootSource::File(file.clone()),
            (_, Some(name)) => RootSource::Env(name.clone()),
            _ => RootSource::Command(self.key_command.as_ref().map(words).unwrap_or_default()),
        }
    }
}

/// Where the vault's keys are.
#[derive(Debug, Args, Clone)]
pub(crate) struct KeyringArgs {
    /// The data directory
    #[arg(long, env = "HEARBACK_DATA", value_name = "DIR")]
    pub(crate) data: PathBuf,
    #[command(flatten)]
    pub(crate) root: RootArgs,
    /// Allow the master key to lie with the data it opens (for trying things out)
    #[arg(long, env = "HEARBACK_ACCEPT_COLOCATED_KEY")]
    pub(crate) accept_colocated_key: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum KeysCommand {
    /// Epoch, number of keys, escrow and its last drill
    Status {
        #[command(flatten)]
        keyring: KeyringArgs,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Replace keys while the service goes on
    Rotate {
        #[command(subcommand)]
        what: RotateCommand,
    },
    /// Encrypt the keys for people who can bring them back if the master key is lost
    Escrow {
        #[command(flatten)]
        keyring: KeyringArgs,
        /// Somebody's public age key, as `age-keygen` prints it; may be given several times. Those of the last time if
        /// not given
        #[arg(long = "recipient", value_name = "age1…")]
        recipients: Vec<String>,
        /// Where to write; what is there is replaced
        #[arg(short, long, value_name = "FILE")]
        output: PathBuf,
    },
    /// Prove that the escrow opens the keys, and note the day
    Drill {
        #[command(flatten)]
        keyring: KeyringArgs,
        #[command(flatten)]
        escrow: EscrowArgs,
    },
    /// Give the keys another master key, with the escrow, when theirs is lost
    Recover {
        /// The data directory
        #[arg(long, env = "HEARBACK_DATA", value_name = "DIR")]
        data: PathBuf,
        #[command(flatten)]
        escrow: EscrowArgs,
        /// The new master key's file; made if it is not there
        #[arg(long, value_name = "FILE")]
        new_key_file: PathBuf,
        /// Allow the master key to lie with the data it opens (for trying things out)
        #[arg(long, env = "HEARBACK_ACCEPT_COLOCATED_KEY")]
        accept_colocated_key: bool,
    },
    /// Erase again what another copy of the ledger of erasures says was erased, after a restore from an old copy
    MergeLedger {
        #[command(flatten)]
        keyring: KeyringArgs,
        /// The other copy of `erasures.log`
        ledger: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum RotateCommand {
    /// Wrap every key anew and destroy what wrapped them: old copies of the keyring then open nothing
    Kek {
        #[command(flatten)]
        keyring: KeyringArgs,
        /// Write the escrow anew too, for its recipients of the last time
        #[arg(long, value_name = "FILE")]
        escrow: Option<PathBuf>,
    },
    /// Replace the master key
    Root {
        #[command(flatten)]
        keyring: KeyringArgs,
        /// The new master key's file; made if it is not there
        #[arg(long, value_name = "FILE")]
        new_key_file: PathBuf,
    },
}

#[derive(Debug, Args, Clone)]
pub(crate) struct EscrowArgs {
    /// The escrow file
    #[arg(long, value_name = "FILE")]
    pub(crate) escrow: PathBuf,
    /// The age identity of one of its recipients
    #[arg(long, value_name = "FILE")]
    pub(crate) identity: PathBuf,
}

/// A data directory, if there is one.
#[derive(Debug, Args)]
pub(crate) struct DataDir {
    /// The data directory in which to note that a backup came back
    #[arg(long, env = "HEARBACK_DATA", value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
}

/// Where the master key comes from, if that is known.
#[derive(Debug, Args, Clone)]
#[group(multiple = false)]
#[expect(clippy::struct_field_names, reason = "the names are the options' own")]
pub(crate) struct MaybeRootArgs {
    /// The master key's file
    #[arg(long, env = "HEARBACK_KEY_FILE", value_name = "FILE")]
    key_file: Option<PathBuf>,
    /// The environment variable that holds the master key
    #[arg(long, env = "HEARBACK_KEY_ENV", value_name = "NAME")]
    key_env: Option<String>,
    /// The command that prints the master key
    #[arg(long, env = "HEARBACK_KEY_COMMAND", value_name = "COMMAND")]
    key_command: Option<String>,
}

impl MaybeRootArgs {
    pub(crate) fn source(&self) -> Option<RootSource> {
        let Self { key_file, key_env, key_command } = self.clone();
        let given = key_file.is_some() || key_env.is_some() || key_command.is_some();
        given.then(|| RootArgs { key_file, key_env, key_command }.source())
    }
}
