//! What has to be true of a database and objects that came out of a set.

use std::collections::BTreeMap;

use hearback_access::audit::{AuditSeq, CLOCK_TOLERANCE_SECONDS, Verifier};
use hearback_domain::ObjectId;
use hearback_storage::{Store, verify_log};
use hearback_vault::{LedgerSeq, Vault, VaultError};
use serde::Serialize;

use super::set::{LogEnd, Set};

/// What was looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Proven {
    /// Entries of the audit log, each as it was written.
    pub(super) audit_entries: u64,
    /// Objects that are as they were copied.
    pub(super) objects: u64,
    /// Objects that were decrypted to their last byte.
    pub(super) decrypted: u64,
    /// Objects whose key is destroyed since.
    pub(super) erased: u64,
    /// Names and notes that open.
    pub(super) texts: u64,
    /// Those whose key is destroyed since.
    pub(super) texts_erased: u64,
}

/// Looks at the database: whether it is sound, has the log that it had, and names the objects that the set has.
pub(super) async fn database(set: &Set, store: &dyn Store) -> Result<Proven, String> {
    let failed = |e: hearback_storage::StoreError| format!("the database cannot be read: {e}");
    let mut work = store.begin().await.map_err(failed)?;
    if let Some(first) = work.contradictions().await.map_err(failed)?.first() {
        return Err(format!("the database is not sound: {first}"));
    }
    let mut named: BTreeMap<ObjectId, _> = BTreeMap::new();
    for row in work.every_object().await.map_err(failed)? {
        named.insert(row.id, row);
    }
    drop(work);
    let mut objects = 0;
    for row in set.rows() {
        if named.remove(&row.id) != Some(row) {
            return Err(format!("the database knows another object {}", row.id));
        }
        objects += 1;
    }
    let manifest = &set.manifest;
    if let Some(left) = named.keys().find(|id| !manifest.erased.contains(&id.as_uuid())) {
        return Err(format!("object {left} was damaged or missing when the backup was made"));
    }
    let unsealed = Verifier::new(Vec::new(), CLOCK_TOLERANCE_SECONDS);
    let log = verify_log(store, unsealed, AuditSeq(0)).await.map_err(failed)?;
    let head = log.map_err(|e| format!("its audit log is not as it was written: {e}"))?.head;
    if LogEnd::from(&head) != manifest.audit {
        return Err("its audit log is not the one that was copied".to_owned());
    }
    Ok(Proven { audit_entries: head.seq.0, objects, ..Proven::default() })
}

/// Decrypts everything, and lets go of it.
pub(super) async fn content(
    set: &Set,
    store: &dyn Store,
    vault: &Vault,
    proven: &mut Proven,
) -> Result<(), String> {
    for row in set.rows() {
        match vault.prove(&row) {
            Ok(()) => proven.decrypted += 1,
            Err(VaultError::Gone) => proven.erased += 1,
            Err(e) => return Err(format!("object {} does not open: {e}", row.id)),
        }
    }
    let mut work = store.begin().await.map_err(|e| e.to_string())?;
    let texts = work
        .try_texts()
        .await
        .map_err(|e| format!("keyring and database do not belong together: {}", chain(&e)))?;
    (proven.texts, proven.texts_erased) = (texts.opened, texts.erased);
    Ok(())
}

/// Refuses a keyring whose ledger of erasures says less than the database has carried out.
pub(super) async fn not_older(store: &dyn Store, vault: &Vault) -> Result<(), String> {
    let mut work = store.begin().await.map_err(|e| e.to_string())?;
    let applied = work.ledger_applied().await.map_err(|e| e.to_string())?;
    let known = vault.ledger_head().map_err(|e| e.to_string())?.seq;
    if LedgerSeq(applied) > known {
        return Err(format!(
            "this keyring is older than the backup: its ledger ends at erasure {}, and the database has carried out {applied}",
            known.0
        ));
    }
    Ok(())
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        next = cause.source();
    }
    text
}
