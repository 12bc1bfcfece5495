//! `backup …` and `restore`: copies of everything that is kept, and the proof that they come back.
//!
//! A *set* is a directory with a copy of the database, the encrypted objects that it names, the ledger of erasures as
//! it was, and a signed manifest of all that. It holds no keys, so it may be kept for long, and where nothing can be
//! changed. The keyring is copied apart from it, into a few small copies that replace each other: what was erased is
//! gone from everywhere when the last copy of the keyring from before is gone.

mod create;
mod files;
mod keyrings;
mod prove;
mod raise;
mod restore;
mod set;
mod signed;
mod status;
mod verify;

use crate::{
    cli::{BackupCommand, RestoreArgs},
    failure::Failure,
};

pub(crate) async fn run(command: BackupCommand) -> Result<(), Failure> {
    match command {
        BackupCommand::Create { data, to } => create::run(&data, &to).await,
        BackupCommand::Keys { keyring, to } => keyrings::run(&keyring, &to),
        BackupCommand::Verify(args) => verify::run(&args).await,
        BackupCommand::Status { data, json } => status::run(&data, json),
    }
}

pub(crate) async fn restore(args: &RestoreArgs) -> Result<(), Failure> {
    restore::run(args).await
}
