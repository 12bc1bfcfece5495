//! `restore`: a new data directory out of a set and a keyring.

use std::{io::Write as _, path::Path};

use hearback_access::{
    ObjectRef,
    audit::{AuditSeq, CLOCK_TOLERANCE_SECONDS, Decision, NewEntry, PublicKey, Verifier, event},
};
use hearback_domain::{Clock as _, Hat, Role};
use hearback_pipeline::replay;
use hearback_storage::{Store, verify_log};
use hearback_vault::{RootSource, Vault};
use serde::Serialize;

use super::{
    files::{self, Growing},
    raise::{Keys, Raised, raise},
    set::{LogEnd, Set, is_there},
    signed,
};
use crate::{
    audit::checkpoints,
    cli::RestoreArgs,
    failure::Failure,
    system::{RandomIds, SystemClock},
};

/// The file in the new data directory.
const NOTE: &str = "restored.json";

/// What was put in the place of what. The audit log holds that it happened; its two ends are here.
#[derive(Serialize)]
struct Note {
    /// When, in microseconds since 1970.
    at: i64,
    backup_made_at: i64,
    /// The end of the log that came out of the backup.
    backup: LogEnd,
    /// The end of the log from which it goes on.
    restored: LogEnd,
    /// The newest checkpoint there was of the log that this one replaces.
    last_sealed: Option<u64>,
}

pub(super) async fn run(args: &RestoreArgs) -> Result<(), Failure> {
    if !is_there(&args.from) {
        return Err(Failure::BadInput(format!(
            "There is no backup in {}; name the directory that `hearback backup create` made.",
            args.from.display()
        )));
    }
    if !files::is_free(&args.to)? {
        return Err(Failure::BadInput(format!(
            "There is something in {} already; name a new directory.",
            args.to.display()
        )));
    }
    let unsound = |wrong: String| {
        Failure::Unsafe(format!("The backup in {} was not restored: {wrong}.", args.from.display()))
    };
    let set = Set::read(&args.from).map_err(unsound)?;
    let keys = Keys {
        keyring: &args.keyring,
        root: args.root.source(),
        ledger: args.ledger.as_deref(),
        accept_colocated: args.accept_colocated_key,
    };
    let growing = Growing::beside(&args.to)?;
    let raised = raise(&set, growing.path(), args.database.as_deref(), Some(&keys))
        .await
        .map_err(unsound)?;
    let done = settle(args, &set, &raised, growing.path()).await;
    raised.close().await;
    if let (Err(_), Some(url)) = (&done, &args.database) {
        hearback_storage_postgres::PostgresStore::clear(url).await?;
    }
    done?;
    growing.finish()?;
    let proven = raised.proven;
    writeln!(
        std::io::stdout(),
        "The backup is in {}: {} encrypted files and {} audit entries, all as they were; {} files and {} names and notes \
         were erased since and stay so. Nobody is signed in. Start the service with this data directory, and with that \
         alone.",
        args.to.display(),
        proven.decrypted,
        proven.audit_entries,
        proven.erased,
        proven.texts_erased,
    )?;
    Ok(())
}

async fn settle(
    args: &RestoreArgs,
    set: &Set,
    raised: &Raised,
    data: &Path,
) -> Result<(), Failure> {
    let vault = raised.vault.as_ref().ok_or_else(|| anyhow::anyhow!("there are no keys"))?;
    if raised.keys_copied_at.is_some() && args.ledger.is_none() && !args.ledger_is_lost {
        return Err(Failure::Unsafe(
            "The backup was not restored: this keyring is a copy and does not know what was erased since. Give the newest \
             ledger of erasures with --ledger (the keyring itself or its newest copy will do), or say that there is \
             none with --ledger-is-lost."
                .to_owned(),
        ));
    }
    let now = SystemClock.now();
    let store = raised.store();
    let entries = set.manifest.audit.entries;
    let last_sealed = look_at_checkpoints(args, &*store, vault, entries).await?;
    let mut work = store.begin().await?;
    let backup = LogEnd::from(&work.audit_head().await?);
    work.start_anew(now).await?;
    work.append_audit(&NewEntry {
        at: now,
        actor: None,
        hat: Hat::Person(Role::SysAdmin),
        action: event::RESTORE,
        object: ObjectRef::Installation,
        recording: None,
        decision: Decision::Allowed,
    })
    .await?;
    work.commit().await?;
    // What was erased since is erased here too, before anybody can look.
    replay(&*store, vault, &RandomIds, now).await?;
    let restored = LogEnd::from(&store.begin().await?.audit_head().await?);
    let note = Note {
        at: now.as_micros(),
        backup_made_at: set.manifest.made_at,
        backup,
        restored,
        last_sealed,
    };
    Ok(signed::write(data, NOTE, &note, &vault.signer()?)?)
}

/// The restored log has to fit the checkpoints that it should know. Those of entries that are lost would make it look
/// cut for ever: they are kept under another name.
async fn look_at_checkpoints(
    args: &RestoreArgs,
    store: &dyn Store,
    vault: &Vault,
    entries: u64,
) -> Result<Option<u64>, Failure> {
    let public = PublicKey::new(&vault.signer()?.public())?;
    let beside = match args.root.source() {
        RootSource::File(file) => vec![file.with_file_name("checkpoints")],
        _ => Vec::new(),
    };
    let dirs = if args.checkpoints.is_empty() { &beside } else { &args.checkpoints };
    let (mut fitting, mut last, mut newer) = (Vec::new(), None, Vec::new());
    for dir in dirs {
        let known = checkpoints::read_one(dir, &public)?;
        let newest = known.iter().map(|known| known.size).max();
        last = last.max(newest);
        if newest.is_some_and(|size| size > entries) {
            newer.push(dir);
        }
        fitting.extend(known.into_iter().filter(|known| known.size <= entries));
    }
    let verifier = Verifier::new(fitting, CLOCK_TOLERANCE_SECONDS);
    verify_log(store, verifier, AuditSeq(0)).await?.map_err(|what| {
        Failure::Tampered(format!("The audit log in the backup is not as it was sealed: {what}."))
    })?;
    for dir in newer {
        checkpoints::set_aside(dir, entries)?;
        eprintln!(
            "The checkpoints in {} knew entries that the backup does not have; they are kept there under another name.",
            dir.display()
        );
    }
    Ok(last)
}
