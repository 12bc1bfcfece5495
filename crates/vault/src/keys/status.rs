//! How the keyring is: what an operator looks at, and nothing secret.

use hearback_domain::Timestamp;

use super::{
    error::{KeyError, at},
    file::FileKeys,
    ledger::{Ledger, LedgerHead},
    placement::Placement,
};
use crate::durable;

pub(super) const DRILLED: &str = "drilled";
pub(super) const ESCROWED: &str = "escrowed";
const RECIPIENTS: &str = "escrow.recipients";

/// When something was done, and in which epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// When.
    pub at: Timestamp,
    /// The keyring's epoch then.
    pub epoch: u32,
}

impl Stamp {
    /// For how many whole days that has been so.
    pub fn days(self, now: Timestamp) -> i64 {
        (now.as_micros() - self.at.as_micros()).max(0) / 86_400_000_000
    }

    fn line(self) -> String {
        format!("v1 {} {}\n", self.at.as_micros(), self.epoch)
    }

    fn parse(line: &str) -> Option<Self> {
        let (at, epoch) = line.strip_prefix("v1 ")?.trim_end().split_once(' ')?;
        Some(Self { at: Timestamp::from_micros(at.parse().ok()?), epoch: epoch.parse().ok()? })
    }
}

/// How a keyring is.
#[derive(Clone, Debug)]
pub struct KeyStatus {
    /// Its epoch.
    pub epoch: u32,
    /// A rotation was cut off, or is going on.
    pub rotating: bool,
    /// How many keys there are.
    pub keys: u64,
    /// How many were destroyed.
    pub destroyed: u64,
    /// Where the root key comes from, in words.
    pub root: String,
    /// How far it is from the data.
    pub placement: Placement,
    /// The newest escrow that was written, if its epoch is this one it opens the keyring.
    pub escrowed: Option<Stamp>,
    /// Who can open the escrow.
    pub recipients: Vec<String>,
    /// When it was last proven that the escrow opens the keyring.
    pub drilled: Option<Stamp>,
    /// The newest line of the ledger of erasures.
    pub ledger: LedgerHead,
}

impl FileKeys {
    pub(super) fn look(&self) -> Result<KeyStatus, KeyError> {
        let epochs = self.dir.epochs()?;
        let count = |names: Vec<_>| names.len() as u64;
        Ok(KeyStatus {
            epoch: epochs.last().copied().unwrap_or(0),
            rotating: epochs.len() > 1,
            keys: count(self.dir.keys()?),
            destroyed: count(self.dir.tombstones()?),
            root: self.epochs.root().to_string(),
            placement: self.placement,
            escrowed: self.stamped(ESCROWED)?,
            recipients: self.recipients()?,
            drilled: self.stamped(DRILLED)?,
            ledger: Ledger::read(&self.ledger())?.head(),
        })
    }

    /// The caller holds the keyring's lock.
    pub(super) fn stamp(&self, name: &str, stamp: Stamp) -> Result<(), KeyError> {
        self.dir.write_file(name, &stamp.line())
    }

    fn stamped(&self, name: &str) -> Result<Option<Stamp>, KeyError> {
        let path = self.dir.file(name);
        let text = durable::read_text(&path).map_err(at(&path))?;
        Ok(text.and_then(|line| Stamp::parse(&line)))
    }

    /// The caller holds the keyring's lock.
    pub(super) fn remember(&self, recipients: &[String]) -> Result<(), KeyError> {
        self.dir.write_file(RECIPIENTS, &(recipients.join("\n") + "\n"))
    }

    pub(super) fn recipients(&self) -> Result<Vec<String>, KeyError> {
        let path = self.dir.file(RECIPIENTS);
        let text = durable::read_text(&path).map_err(at(&path))?.unwrap_or_default();
        Ok(text.lines().map(str::to_owned).collect())
    }
}
