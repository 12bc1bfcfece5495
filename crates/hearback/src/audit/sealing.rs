//! Seals the log: signs its root now and then, and keeps that outside the database.

use std::{fmt::Write as _, path::PathBuf, sync::Arc, time::Duration};

use hearback_access::audit::{AuditSeq, Checkpoint, Head, PublicKey, Sealed, Signer, Verifier};
use hearback_domain::{Clock as _, Timestamp};
use hearback_storage::{Store, verify_log};
use hearback_vault::RootSource;
use tokio_util::sync::CancellationToken;

use super::{checkpoints, tampered};
use crate::{cli::DataArgs, failure::Failure, open::Opened, system::SystemClock};

/// After so many seconds, whatever is new is sealed.
const SECONDS: i64 = 600;
/// After so many new entries, too.
const ENTRIES: u64 = 1_000;
/// How often it is looked whether it is time.
const LOOK: Duration = Duration::from_secs(5);

/// Where checkpoints go unless somebody says otherwise: beside the master key, so apart from the data if that is;
/// beside the data directory if the key is not in a file.
pub(crate) fn checkpoint_dirs(data: &DataArgs, given: &[PathBuf]) -> Vec<PathBuf> {
    if given.is_empty() {
        vec![match data.root.source() {
            RootSource::File(file) => file.with_file_name("checkpoints"),
            _ => data.database.data.with_extension("checkpoints"),
        }]
    } else {
        given.to_vec()
    }
}

/// The installation's key, as the log knows it.
struct Key(hearback_vault::Signer);

impl Signer for Key {
    fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message)
    }

    fn public(&self) -> [u8; 32] {
        self.0.public()
    }
}

/// Signs the log's root and writes it to every directory.
pub(crate) struct Sealer {
    store: Arc<dyn Store>,
    key: Key,
    public: PublicKey,
    dirs: Vec<PathBuf>,
    /// Up to here, this process has checked the log itself.
    checked: Option<Head>,
    last: Option<Sealed>,
    /// Somebody said that checkpoints which the database remembers are no more.
    are_lost: bool,
}

impl Sealer {
    pub(crate) fn new(opened: &Opened, dirs: Vec<PathBuf>) -> Result<Self, Failure> {
        let key = Key(opened.vault.signer()?);
        let public = PublicKey::new(&key.public())?;
        let store = opened.store.clone();
        Ok(Self { store, key, public, dirs, checked: None, last: None, are_lost: false })
    }

    /// Goes on without checkpoints that the database remembers: an operator knows how they were lost.
    pub(crate) fn without_the_lost_ones(mut self) -> Self {
        self.are_lost = true;
        self
    }

    /// The public key in hexadecimal.
    pub(crate) fn public_key(&self) -> String {
        self.key.public().iter().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    }

    /// The directories, for a sentence.
    pub(crate) fn places(&self) -> String {
        let dirs: Vec<_> = self.dirs.iter().map(|dir| dir.display().to_string()).collect();
        dirs.join(" and ")
    }

    /// Seals the log as it is now.
    ///
    /// What is signed was checked: the first time, the whole log against the checkpoints that are there, which have to
    /// go as far as the database says that it was sealed; then what has come since. A log that does not fit is not
    /// sealed.
    pub(crate) async fn seal(&mut self, now: Timestamp) -> Result<Checkpoint, Failure> {
        let head = match self.checked.clone() {
            Some(head) => {
                let start = head.seq;
                let since = Verifier::from(head, Vec::new(), i64::MAX);
                verify_log(&*self.store, since, start).await?.map_err(tampered)?.head
            }
            None => self.first_look().await?,
        };
        let checkpoint = head.checkpoint();
        let note = checkpoint.signed(&self.key)?;
        for dir in &self.dirs {
            checkpoints::append(dir, &note)?;
        }
        let sealed = Sealed { seq: head.seq, at: now };
        let mut work = self.store.begin().await?;
        work.note_sealed(&sealed).await?;
        work.commit().await?;
        self.checked = Some(head);
        self.last = Some(sealed);
        Ok(checkpoint)
    }

    /// Checks the whole log. Whoever takes the checkpoints away must not be able to have a log that was written anew
    /// sealed as if it were the first one.
    async fn first_look(&self) -> Result<Head, Failure> {
        let (mut known, mut ends) = (Vec::new(), Vec::new());
        for dir in &self.dirs {
            let found = checkpoints::read_one(dir, &self.public)?;
            ends.push((dir, found.iter().map(|checkpoint| checkpoint.size).max().unwrap_or(0)));
            known.extend(found);
        }
        let known = Verifier::new(known, i64::MAX);
        let head = verify_log(&*self.store, known, AuditSeq(0)).await?.map_err(tampered)?.head;
        let there = ends.iter().map(|(_, end)| *end).max().unwrap_or(0);
        let sealed = self.store.begin().await?.audit_sealed().await?.map_or(0, |s| s.seq.0);
        if sealed > there && !self.are_lost {
            return Err(Failure::Tampered(format!(
                "The database says that its log was sealed up to entry {sealed}, and the checkpoints in {} end at entry \
                 {there}: some were taken away, or lie somewhere else. Name their directory with --checkpoints; if you \
                 know how they were lost, run `hearback audit checkpoint --checkpoints-are-lost`.",
                self.places(),
            )));
        }
        for (dir, end) in ends.iter().filter(|(_, end)| *end < sealed) {
            let dir = dir.display();
            tracing::warn!(%dir, end, sealed, "the checkpoints here do not go as far as the log was sealed");
        }
        Ok(head)
    }

    /// Whether it is time, and there is anything new.
    async fn is_due(&self, now: Timestamp) -> Result<bool, Failure> {
        let head = self.store.begin().await?.audit_head().await?.seq;
        let new = head.0.saturating_sub(self.last.map_or(0, |last| last.seq.0));
        let long_ago = self.last.is_none_or(|last| last.at.plus_seconds(SECONDS) <= now);
        Ok(new >= ENTRIES || new > 0 && long_ago)
    }

    /// Seals whenever it is time, and once more at the end.
    pub(crate) async fn run(mut self, shutdown: CancellationToken) {
        let mut told = None;
        loop {
            let ending = shutdown.is_cancelled();
            let now = SystemClock.now();
            let sealed = match self.is_due(now).await {
                Ok(due) if due || ending => self.seal(now).await.map(drop),
                other => other.map(drop),
            };
            told = complain(sealed, told.as_deref());
            if ending {
                return;
            }
            tokio::select! {
                () = shutdown.cancelled() => {}
                () = tokio::time::sleep(LOOK) => {}
            }
        }
    }
}

/// Says once what is in the way, not every five seconds.
fn complain(sealed: Result<(), Failure>, told: Option<&str>) -> Option<String> {
    let why = sealed.err()?.to_string();
    if told != Some(why.as_str()) {
        tracing::error!(why, "the audit log was not sealed");
    }
    Some(why)
}
