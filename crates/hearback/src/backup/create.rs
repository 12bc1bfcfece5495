//! `backup create`: while the service goes on.

use std::{
    collections::BTreeMap,
    fs,
    io::{self, Write as _},
    path::Path,
};

use anyhow::Context as _;
use hearback_access::{StoredObject, audit::Head};
use hearback_domain::{Clock as _, ObjectId};
use hearback_vault::{StoredAt as _, Vault};

use super::{
    files::{self, Growing},
    set::{CopiedObject, Dialect, FORM, LEDGER, LogEnd, MANIFEST, Manifest},
    signed,
};
use crate::{cli::DataArgs, failure::Failure, open, system::SystemClock};

/// How often the database is copied anew because something that it named was replaced meanwhile.
const TRIES: u32 = 5;

/// What the copy of the database says.
struct Seen {
    objects: Vec<StoredObject>,
    head: Head,
    schema: i64,
    ledger_applied: u64,
}

/// What became of the objects so far.
#[derive(Default)]
struct Objects {
    copied: BTreeMap<ObjectId, CopiedObject>,
    erased: Vec<ObjectId>,
    damaged: Vec<ObjectId>,
    /// Gone, and not by an erasure: replaced, if the database says so the next time.
    gone: Vec<ObjectId>,
}

pub(super) async fn run(args: &DataArgs, to: &Path) -> Result<(), Failure> {
    if !files::is_free(to)? {
        return Err(Failure::BadInput(format!(
            "There is something in {} already; name a new directory for each backup.",
            to.display()
        )));
    }
    let opened = open::all(args).await?;
    let set = Growing::beside(to).with_context(|| format!("cannot write to {}", to.display()))?;
    let made_at = SystemClock.now();
    let dialect = dialect_of(args.database.database.as_deref());
    let copy = set.path().join(dialect.file());

    let mut objects = Objects::default();
    let mut tries = 1;
    let seen = loop {
        let seen = look(&opened, &copy).await?;
        objects.follow(&seen, &opened.vault, &args.database.data, set.path())?;
        if objects.gone.is_empty() || tries == TRIES {
            break seen;
        }
        tries += 1;
        fs::remove_file(&copy)?;
    };
    objects.damaged.append(&mut objects.gone);

    // After the database: it says no less than that knows.
    let lines = opened.vault.ledger_after(hearback_vault::LedgerSeq(0))?;
    let mut ledger = String::new();
    for line in lines {
        ledger.push_str(&line.to_string());
        ledger.push('\n');
    }
    files::write_whole(&set.path().join(LEDGER), ledger.as_bytes())?;
    files::settle(&copy)?;
    let manifest = Manifest {
        form: FORM,
        program: env!("CARGO_PKG_VERSION").to_owned(),
        made_at: made_at.as_micros(),
        dialect,
        schema: seen.schema,
        database: files::digest(&copy)?.into(),
        audit: LogEnd::from(&seen.head),
        ledger: files::digest(&set.path().join(LEDGER))?.into(),
        ledger_applied: seen.ledger_applied,
        objects: objects.copied.into_values().collect(),
        erased: objects.erased.iter().map(|id| id.as_uuid()).collect(),
        damaged: objects.damaged.iter().map(|id| id.as_uuid()).collect(),
    };
    // Last: without it, nothing here is a backup.
    signed::write(set.path(), MANIFEST, &manifest, &opened.vault.signer()?)?;
    set.finish()?;
    say(to, &manifest)
}

/// Copies the database, and reads in the copy what there is.
async fn look(opened: &open::Opened, copy: &Path) -> Result<Seen, Failure> {
    let mut work = opened.store.snapshot(copy).await.context("cannot copy the database")?;
    Ok(Seen {
        objects: work.every_object().await?,
        head: work.audit_head().await?,
        schema: work.schema_version().await?,
        ledger_applied: work.ledger_applied().await?,
    })
}

impl Objects {
    /// Copies what is not copied yet, and drops what is named no longer.
    fn follow(
        &mut self,
        seen: &Seen,
        vault: &Vault,
        data: &Path,
        set: &Path,
    ) -> Result<(), Failure> {
        self.erased.clear();
        self.damaged.clear();
        self.gone.clear();
        let mut before = std::mem::take(&mut self.copied);
        for object in &seen.objects {
            if let Some(copied) = before.remove(&object.id) {
                self.copied.insert(object.id, copied);
            } else {
                self.copy(object, vault, data, set)?;
            }
        }
        for unnamed in before.into_values().filter_map(|object| object.row()) {
            fs::remove_file(set.join(unnamed.stored_at()))?;
        }
        Ok(())
    }

    fn copy(
        &mut self,
        object: &StoredObject,
        vault: &Vault,
        data: &Path,
        set: &Path,
    ) -> Result<(), Failure> {
        let path = object.stored_at();
        let to = set.join(&path);
        match files::copy(&data.join(&path), &to) {
            Ok(digest) if digest.1 == object.sha256 => {
                self.copied.insert(object.id, CopiedObject::new(object, digest));
                return Ok(());
            }
            Ok(_) => fs::remove_file(&to)?,
            Err(e) if e.kind() == io::ErrorKind::NotFound => {}
            Err(e) => {
                return Err(anyhow::Error::from(e).context("an object cannot be copied").into());
            }
        }
        // A key that is destroyed explains it; then it is not missed.
        if vault.is_erased(object.recording, object.kind.class())? {
            self.erased.push(object.id);
        } else if data.join(&path).exists() {
            self.damaged.push(object.id);
        } else {
            self.gone.push(object.id);
        }
        Ok(())
    }
}

fn say(to: &Path, manifest: &Manifest) -> Result<(), Failure> {
    let Manifest { objects, erased, damaged, audit, .. } = manifest;
    let erased = match erased.len() {
        0 => String::new(),
        n => format!(" {n} were erased meanwhile."),
    };
    writeln!(
        io::stdout(),
        "The backup is in {}: the database with {} audit entries, and {} encrypted files.{erased} It holds no keys; \
         those are copied with `hearback backup keys`.",
        to.display(),
        audit.entries,
        objects.len(),
    )?;
    if damaged.is_empty() {
        return Ok(());
    }
    Err(anyhow::anyhow!(
        "{} encrypted files are damaged or missing here, and so in the backup; put them back from an earlier one",
        damaged.len()
    )
    .into())
}

/// What the address of a database says about it.
pub(super) fn dialect_of(url: Option<&str>) -> Dialect {
    match url {
        Some(url) if url.starts_with("postgres") => Dialect::Postgres,
        _ => Dialect::Sqlite,
    }
}
