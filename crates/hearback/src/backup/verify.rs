//! `backup verify`: brings a set back into a scratch directory and looks at all of it.

use std::{io::Write as _, path::PathBuf, time::Instant};

use hearback_domain::Clock as _;
use hearback_storage_postgres::PostgresStore;
use hearback_vault::FileKeys;
use serde::Serialize;
use serde_json::json;

use super::{
    files,
    prove::Proven,
    raise::{Keys, Raised, raise},
    set::{Set, is_there},
    signed,
    status::{self, Stamp},
};
use crate::{
    cli::{BackupVerifyArgs, DataDir},
    failure::Failure,
    system::SystemClock,
};

/// What is said about a set that is sound.
#[derive(Serialize)]
struct Report {
    backup: PathBuf,
    backup_made_at: i64,
    verified_at: i64,
    seconds: f64,
    /// Whether everything was decrypted too.
    with_keys: bool,
    signed_by: String,
    checked: Proven,
}

pub(super) async fn run(args: &BackupVerifyArgs) -> Result<(), Failure> {
    if !is_there(&args.set) {
        return Err(Failure::BadInput(format!(
            "There is no backup in {}; name the directory that `hearback backup create` made.",
            args.set.display()
        )));
    }
    let keys = match (&args.keyring, args.root.source()) {
        (None, _) => None,
        (Some(keyring), Some(root)) => {
            Some(Keys { keyring, root, ledger: args.ledger.as_deref(), accept_colocated: true })
        }
        (Some(_), None) => {
            return Err(Failure::BadInput(
                "Say where the master key is, with --key-file: the keyring does not open without it."
                    .to_owned(),
            ));
        }
    };
    let begun = Instant::now();
    let scratch = files::scratch(args.scratch.as_deref())?;
    let found = match Set::read(&args.set) {
        Ok(set) => raise(&set, scratch.path(), args.database.as_deref(), keys.as_ref())
            .await
            .map(|raised| (set, raised)),
        Err(wrong) => Err(wrong),
    };
    let told = match found {
        Ok((set, raised)) => {
            let told = tell(args, &set, &raised, begun);
            raised.close().await;
            if let Some(url) = &args.database {
                PostgresStore::clear(url).await?;
            }
            told
        }
        Err(wrong) => {
            if args.json {
                writeln!(std::io::stdout(), "{}", json!({"sound": false, "problem": wrong}))?;
            }
            Err(Failure::Unsafe(format!(
                "The backup in {} is not sound: {wrong}.",
                args.set.display()
            )))
        }
    };
    // The keys were here for a moment.
    let keyring = scratch.path().join("keys");
    if keyring.exists() {
        FileKeys::destroy_copy(&keyring).map_err(anyhow::Error::from)?;
    }
    told
}

fn tell(
    args: &BackupVerifyArgs,
    set: &Set,
    raised: &Raised,
    begun: Instant,
) -> Result<(), Failure> {
    let now = SystemClock.now();
    let report = Report {
        backup: args.set.clone(),
        backup_made_at: set.manifest.made_at,
        verified_at: now.as_micros(),
        seconds: begun.elapsed().as_secs_f64(),
        with_keys: raised.vault.is_some(),
        signed_by: hex::encode(set.public),
        checked: raised.proven,
    };
    let mut out = std::io::stdout();
    let Proven { audit_entries, objects, decrypted, erased, texts, texts_erased } = raised.proven;
    if args.json {
        writeln!(out, "{}", json!({"sound": true, "report": report}))?;
    } else {
        writeln!(
            out,
            "The backup comes back: {objects} encrypted files and {audit_entries} audit entries, each as it was."
        )?;
    }
    let Some(vault) = &raised.vault else {
        if !args.json {
            writeln!(
                out,
                "Nothing was decrypted: with --keyring and --key-file it is proven that it opens, too."
            )?;
        }
        return Ok(());
    };
    if !args.json {
        writeln!(
            out,
            "{decrypted} files and {texts} names and notes open; {} were erased since and stay closed.",
            erased + texts_erased
        )?;
    }
    let signer = vault.signer()?;
    if let Some(file) = &args.report {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        signed::write(file.parent().unwrap_or(std::path::Path::new("")), &name, &report, &signer)?;
    }
    if let DataDir { data: Some(data) } = &args.data {
        let stamp = Stamp {
            at: now.as_micros(),
            backup_made_at: set.manifest.made_at,
            audit_entries,
            objects,
        };
        status::stamp(data, &stamp, &signer)?;
    }
    Ok(())
}
