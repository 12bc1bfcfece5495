//! `keys …`: what an operator does with the keyring. Needs no database, and no service that stands still.

use std::{io::Write as _, path::Path, sync::Arc};

use hearback_domain::Clock as _;
use hearback_vault::{
    Escrow, FileKeys, KeyBroker as _, KeyConfig, KeyError, KeyStatus, MasterKey, Placement,
    RootSource, RotationStep, Stamp, Vault,
};
use serde_json::json;

use crate::{
    cli::{EscrowArgs, KeyringArgs, KeysCommand, RotateCommand},
    failure::Failure,
    open::key_config,
    system::SystemClock,
};

pub(crate) fn run(command: KeysCommand) -> Result<(), Failure> {
    match command {
        KeysCommand::Status { keyring, json } => status(&keyring, json),
        KeysCommand::Rotate { what: RotateCommand::Kek { keyring, escrow } } => {
            rotate(&keyring, escrow.as_deref())
        }
        KeysCommand::Rotate { what: RotateCommand::Root { keyring, new_key_file } } => {
            rotate_root(&keyring, &new_key_file)
        }
        KeysCommand::Escrow { keyring, recipients, output } => {
            escrow(&keyring, &recipients, &output)
        }
        KeysCommand::Drill { keyring, escrow } => drill(&keyring, &escrow),
        KeysCommand::Recover { data, escrow, new_key_file, accept_colocated_key } => {
            recover(&data, &escrow, &new_key_file, accept_colocated_key)
        }
        KeysCommand::MergeLedger { keyring, ledger } => merge_ledger(&keyring, &ledger),
    }
}

fn refused(error: KeyError) -> Failure {
    let sentence = format!("This did not work: {error}.");
    if error.is_input() {
        Failure::BadInput(sentence)
    } else if error.is_configuration() {
        Failure::Unsafe(sentence)
    } else {
        Failure::Fault(error.into())
    }
}

/// A line for whoever typed the command.
fn say(text: &str) -> Result<(), Failure> {
    Ok(writeln!(std::io::stdout(), "{text}")?)
}

fn config(args: &KeyringArgs) -> KeyConfig {
    // These commands begin no keyring: what is not there is missing.
    key_config(&args.data, args.root.source(), args.accept_colocated_key, true)
}

fn open(args: &KeyringArgs) -> Result<FileKeys, Failure> {
    FileKeys::open(&config(args)).map_err(refused)
}

fn status(args: &KeyringArgs, as_json: bool) -> Result<(), Failure> {
    let status = open(args)?.status().map_err(refused)?;
    if as_json { say(&machine_readable(&status).to_string()) } else { say(&readable(&status)) }
}

fn placement(placement: Placement) -> (&'static str, &'static str) {
    match placement {
        Placement::SameTree => ("same-tree", "among the data: for trying things out only"),
        Placement::SameFileSystem => ("same-file-system", "on the same disk as the data"),
        Placement::Apart => ("apart", "on another disk than the data"),
        Placement::Elsewhere => ("elsewhere", "in no file"),
    }
}

fn machine_readable(status: &KeyStatus) -> serde_json::Value {
    let now = SystemClock.now();
    let stamp =
        |stamp: Option<Stamp>| stamp.map(|s| json!({"days": s.days(now), "epoch": s.epoch}));
    json!({
        "epoch": status.epoch,
        "rotating": status.rotating,
        "keys": status.keys,
        "destroyed": status.destroyed,
        "root": status.root,
        "placement": placement(status.placement).0,
        "recipients": status.recipients.len(),
        "escrow": stamp(status.escrowed),
        "drill": stamp(status.drilled),
        "erasures": status.ledger.seq.0,
        "erasures_head": hex(&status.ledger.link),
    })
}

fn readable(status: &KeyStatus) -> String {
    let when = |stamp: Option<Stamp>, never: &str| match stamp {
        None => never.to_owned(),
        Some(stamp) if stamp.epoch != status.epoch => {
            "before the last rotation: it opens nothing any longer".to_owned()
        }
        Some(stamp) => match stamp.days(SystemClock.now()) {
            0 => "today".to_owned(),
            1 => "yesterday".to_owned(),
            days => format!("{days} days ago"),
        },
    };
    let rotating = if status.rotating {
        "\nRotation      not complete; `hearback keys rotate kek` completes it"
    } else {
        ""
    };
    format!(
        "Master key    {}, {}\nEpoch         {}{rotating}\nKeys          {}, and {} destroyed\nEscrow        {}, \
         {} recipients\nLast drill    {}\nErasures      {} lines in the ledger",
        status.root,
        placement(status.placement).1,
        status.epoch,
        status.keys,
        status.destroyed,
        when(status.escrowed, "never written"),
        status.recipients.len(),
        when(status.drilled, "never"),
        status.ledger.seq.0,
    )
}

fn rotate(args: &KeyringArgs, escrow: Option<&Path>) -> Result<(), Failure> {
    let keys = open(args)?;
    let write = |file: &Path| keys.escrow(&[], file, SystemClock.now()).map(drop);
    let mut step = |step: RotationStep| match (step, escrow) {
        // Before anything lies under the new epoch, so that it is never without an escrow; and after the old one is
        // gone, so that no copy of that remains.
        (RotationStep::Begun(_) | RotationStep::Ended(_), Some(file)) => write(file),
        _ => Ok(()),
    };
    let done = keys.rotate(&mut step).map_err(refused)?;
    let before = if done.completed_another {
        " An earlier rotation was cut off; it is complete now."
    } else {
        ""
    };
    say(&format!("{} keys lie under epoch {} now.{before}", done.keys, done.epoch))?;
    if escrow.is_none() {
        say(
            "An escrow file from before opens nothing any longer: write a new one with `hearback keys escrow`.",
        )?;
    }
    Ok(())
}

/// A key file that is there, or a new one.
fn new_root(file: &Path) -> Result<RootSource, Failure> {
    match MasterKey::create_file(file) {
        // Of an earlier attempt, perhaps; it is looked at before it is used.
        Ok(_) | Err(KeyError::MasterExists(_)) => Ok(RootSource::File(file.to_owned())),
        Err(error) => Err(refused(error)),
    }
}

fn rotate_root(args: &KeyringArgs, new_key_file: &Path) -> Result<(), Failure> {
    let keys = open(args)?;
    let root = new_root(new_key_file)?;
    keys.rotate_root(&KeyConfig { root, ..config(args) }).map_err(refused)?;
    say(&format!(
        "The master key is in {} now. Start the service again with it, keep a copy of it in a safe place, and destroy \
         the old one: it still opens old copies of the keyring.",
        new_key_file.display()
    ))
}

fn escrow(args: &KeyringArgs, recipients: &[String], output: &Path) -> Result<(), Failure> {
    let keys = open(args)?;
    keys.escrow(recipients, output, SystemClock.now()).map_err(refused)?;
    let recipients = keys.status().map_err(refused)?.recipients.len();
    if recipients < 2 {
        eprintln!("There is one recipient. With a second one, no single loss is final.");
    }
    say(&format!(
        "The escrow is in {}, for {recipients} of them. Replace earlier copies of it, and try it with `hearback keys \
         drill`.",
        output.display()
    ))
}

fn drill(args: &KeyringArgs, escrow: &EscrowArgs) -> Result<(), Failure> {
    let keys = open(args)?;
    let escrow = Escrow::open(&escrow.escrow, &escrow.identity).map_err(refused)?;
    let found = keys.drill(&escrow, SystemClock.now()).map_err(refused)?;
    say(&format!(
        "The escrow opens all {} keys of epoch {}. The day is noted.",
        found.keys, found.epoch
    ))
}

fn recover(
    data: &Path,
    escrow: &EscrowArgs,
    new_key_file: &Path,
    accept_colocated: bool,
) -> Result<(), Failure> {
    let escrow = Escrow::open(&escrow.escrow, &escrow.identity).map_err(refused)?;
    let root = new_root(new_key_file)?;
    let config = key_config(data, root, accept_colocated, true);
    let status = FileKeys::recover(&config, &escrow).and_then(|k| k.status()).map_err(refused)?;
    say(&format!(
        "All {} keys open with the master key in {}. Keep a copy of it in a safe place, rotate the epoch with \
         `hearback keys rotate kek`, and write a new escrow.",
        status.keys,
        new_key_file.display()
    ))
}

fn merge_ledger(args: &KeyringArgs, ledger: &Path) -> Result<(), Failure> {
    let vault = Vault::new(&args.data, Arc::new(open(args)?))?;
    let lines = vault.adopt_ledger(ledger).map_err(|error| match error {
        hearback_vault::VaultError::Keys(error) => refused(error),
        error => error.into(),
    })?;
    say(&format!("{} erasures were carried out again.", lines.len()))
}

fn hex(bytes: &[u8]) -> String {
    hex::encode(bytes)
}
