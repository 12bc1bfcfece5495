//! Destroying keys, with the ledger before it.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
};

use hearback_domain::Timestamp;

use super::{
    error::KeyError,
    file::FileKeys,
    ledger::{Cause, Erased, Ledger, LedgerLine, LedgerSeq},
    name::KeyName,
};

pub(super) const LEDGER: &str = "erasures.log";

impl FileKeys {
    pub(super) fn ledger(&self) -> PathBuf {
        self.dir.file(LEDGER)
    }

    pub(super) fn erase(
        &self,
        what: &Erased,
        cause: Cause,
        at: Timestamp,
    ) -> Result<LedgerSeq, KeyError> {
        let path = self.ledger();
        let _lock = self.dir.lock()?;
        let mut ledger = Ledger::read(&path)?;
        ledger.mend(&path)?;
        let seq = ledger.append(&path, what, cause, at)?;
        what.names().into_iter().try_for_each(|name| self.dir.destroy(name))?;
        Ok(seq)
    }

    pub(super) fn ledger_lines_after(&self, seq: LedgerSeq) -> Result<Vec<LedgerLine>, KeyError> {
        let ledger = Ledger::read(&self.ledger())?;
        Ok(ledger.lines().iter().filter(|line| line.seq > seq).cloned().collect())
    }

    pub(super) fn adopt(&self, other: &Path) -> Result<Vec<LedgerLine>, KeyError> {
        let path = self.ledger();
        if !other.exists() {
            return Err(KeyError::NoLedger(other.to_owned()));
        }
        let theirs = Ledger::read(other)?;
        let _lock = self.dir.lock()?;
        let mut ours = Ledger::read(&path)?;
        ours.mend(&path)?;
        let missing =
            ours.missing(&theirs).ok_or_else(|| KeyError::LedgersDiffer(other.to_owned()))?;
        ours.extend(&path, missing.clone())?;
        for name in missing.iter().flat_map(|line| line.erased.names()) {
            self.dir.destroy(name)?;
        }
        Ok(missing)
    }

    /// Completes what was cut off: leftovers of writers, and keys that the ledger says are no more. Refuses a keyring
    /// with erasures that its ledger does not know of.
    pub(super) fn finish_erasures(&self) -> Result<(), KeyError> {
        let path = self.ledger();
        let _lock = self.dir.lock()?;
        self.dir.clear_leftovers()?;
        let mut ledger = Ledger::read(&path)?;
        let erased = ledger.names();
        let tombstones: HashSet<KeyName> = self.dir.tombstones()?.into_iter().collect();
        if !tombstones.is_subset(&erased) {
            return Err(KeyError::LedgerShort(path));
        }
        ledger.mend(&path)?;
        let there: HashSet<KeyName> = self.dir.keys()?.into_iter().collect();
        for name in erased {
            if there.contains(&name) || !tombstones.contains(&name) {
                self.dir.destroy(name)?;
            }
        }
        Ok(())
    }
}
