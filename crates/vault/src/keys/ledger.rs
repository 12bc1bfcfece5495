//! The ledger of erasures: what was to be destroyed, and what was closed to everybody, in the order in which it was
//! decided.
//!
//! ```text
//! v1 <number> <microseconds since 1970> <recording> <classes, comma between them> <cause> <link>
//! v1 <number> <microseconds since 1970> <recording> closed:<person>:<purposes, comma between them> <cause> <link>
//! v1 <number> <microseconds since 1970> <person> person <cause> <link>
//! link = SHA-256("hearback erasure v1\0" ‖ link before ‖ the line up to the cause), the first one over 32 zeros
//! ```
//!
//! It lies in the keyring, because the database is what gets restored from old copies; it holds opaque ids and words
//! from closed sets, and outlives what it is about.

use std::{
    collections::HashSet,
    fmt, fs,
    fs::File,
    io::{self, Write as _},
    path::Path,
    str::FromStr,
};

use hearback_domain::{KeyClass, PersonId, Purpose, RecordingId, Timestamp, UserId};
use sha2::{Digest as _, Sha256};

use super::{
    error::{KeyError, at},
    name::KeyName,
};
use crate::durable;

/// The number of a line; the first one is 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LedgerSeq(pub u64);

/// Why something was erased.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cause {
    /// Somebody took back what they had said yes to.
    Withdrawal,
    /// Its time was over.
    Retention,
    /// Somebody asked for it.
    Request,
    /// A database from an old copy had it again.
    Replay,
}

/// The text names no cause.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("there is no cause of that name")]
pub struct UnknownCause;

impl Cause {
    /// The word for storage.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Withdrawal => "withdrawal",
            Self::Retention => "retention",
            Self::Request => "request",
            Self::Replay => "replay",
        }
    }
}

impl FromStr for Cause {
    type Err = UnknownCause;

    fn from_str(word: &str) -> Result<Self, UnknownCause> {
        let all = [Self::Withdrawal, Self::Retention, Self::Request, Self::Replay];
        all.into_iter().find(|cause| cause.as_str() == word).ok_or(UnknownCause)
    }
}

/// Stands before who took back what.
const CLOSED: &str = "closed:";

/// What is erased, or closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Erased {
    /// These classes of a recording, in the order of [`KeyClass::ALL`].
    Recording(RecordingId, Vec<KeyClass>),
    /// Nothing yet: what somebody who is heard on a recording took back is closed to everybody. Whatever is destroyed
    /// for it has a line of its own, once nothing holds it.
    Closed(RecordingId, PersonId, Vec<Purpose>),
    /// A person with an account.
    Person(UserId),
}

impl Erased {
    /// Some classes of a recording.
    pub fn recording(recording: RecordingId, classes: &[KeyClass]) -> Self {
        let wanted = |class: &KeyClass| classes.contains(class);
        Self::Recording(recording, KeyClass::ALL.iter().copied().filter(wanted).collect())
    }

    /// What somebody took back, in the order of [`Purpose::ALL`].
    pub fn closed(recording: RecordingId, person: PersonId, purposes: &[Purpose]) -> Self {
        let wanted = |purpose: &Purpose| purposes.contains(purpose);
        let purposes = Purpose::ALL.iter().copied().filter(wanted).collect();
        Self::Closed(recording, person, purposes)
    }

    /// The keys that are destroyed with it.
    pub(super) fn names(&self) -> Vec<KeyName> {
        match self {
            Self::Closed(..) => Vec::new(),
            Self::Recording(id, classes) => {
                classes.iter().map(|&class| KeyName::Recording(*id, class)).collect()
            }
            Self::Person(id) => vec![KeyName::Person(*id)],
        }
    }

    /// The part of it that these keys do not cover; nothing if they cover it all.
    fn without(&self, names: &HashSet<KeyName>) -> Option<Self> {
        match self {
            Self::Recording(id, classes) => {
                let new = |class: &KeyClass| !names.contains(&KeyName::Recording(*id, *class));
                let classes: Vec<_> = classes.iter().copied().filter(new).collect();
                (!classes.is_empty()).then_some(Self::Recording(*id, classes))
            }
            Self::Closed(_, _, purposes) => (!purposes.is_empty()).then(|| self.clone()),
            Self::Person(id) => (!names.contains(&KeyName::Person(*id))).then(|| self.clone()),
        }
    }

    fn parse(id: &str, what: &str) -> Option<Self> {
        if what == "person" {
            return Some(Self::Person(id.parse().ok()?));
        }
        if let Some(closed) = what.strip_prefix(CLOSED) {
            let (person, purposes) = closed.split_once(':')?;
            let purposes: Vec<Purpose> =
                purposes.split(',').map(str::parse).collect::<Result<_, _>>().ok()?;
            return Some(Self::Closed(id.parse().ok()?, person.parse().ok()?, purposes));
        }
        let classes: Vec<KeyClass> =
            what.split(',').map(str::parse).collect::<Result<_, _>>().ok()?;
        Some(Self::Recording(id.parse().ok()?, classes))
    }
}

impl fmt::Display for Erased {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Recording(id, classes) => {
                let words: Vec<_> = classes.iter().map(|class| class.as_str()).collect();
                write!(f, "{id} {}", words.join(","))
            }
            Self::Closed(id, person, purposes) => {
                let words: Vec<_> = purposes.iter().map(|purpose| purpose.as_str()).collect();
                write!(f, "{id} {CLOSED}{person}:{}", words.join(","))
            }
            Self::Person(id) => write!(f, "{id} person"),
        }
    }
}

/// One act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerLine {
    /// Its number.
    pub seq: LedgerSeq,
    /// When.
    pub at: Timestamp,
    /// What was erased.
    pub erased: Erased,
    /// Why.
    pub cause: Cause,
    /// SHA-256 over the link before and this line.
    pub link: [u8; 32],
}

/// The newest line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LedgerHead {
    /// Its number; 0 if there is none.
    pub seq: LedgerSeq,
    /// Its link; zeros if there is none.
    pub link: [u8; 32],
}

impl LedgerLine {
    fn body(&self) -> String {
        let Self { seq, at, erased, cause, .. } = self;
        format!("v1 {} {} {erased} {}", seq.0, at.as_micros(), cause.as_str())
    }

    fn linked_to(&self, before: &[u8; 32]) -> [u8; 32] {
        let mut hash = Sha256::new_with_prefix(b"hearback erasure v1\0");
        hash.update(before);
        hash.update(self.body());
        hash.finalize().into()
    }

    fn parse(text: &str) -> Option<Self> {
        let parts: [&str; 7] = text.split(' ').collect::<Vec<_>>().try_into().ok()?;
        let [_, seq, at, id, what, cause, link] = parts;
        let mut read = Self {
            seq: LedgerSeq(seq.parse().ok()?),
            at: Timestamp::from_micros(at.parse().ok()?),
            erased: Erased::parse(id, what)?,
            cause: cause.parse().ok()?,
            link: [0; 32],
        };
        hex::decode_to_slice(link, &mut read.link).ok()?;
        // One way of writing each line: the link then covers all of it.
        (read.to_string() == text).then_some(read)
    }
}

impl fmt::Display for LedgerLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.body(), hex::encode(self.link))
    }
}

/// A ledger, checked from its first line on.
#[derive(Default)]
pub(super) struct Ledger {
    lines: Vec<LedgerLine>,
    /// How much of the file is whole lines; a line that was cut off while it was written stands behind that.
    whole: usize,
    len: usize,
}

impl Ledger {
    /// Reads a ledger; an empty one if there is no file.
    pub(super) fn read(path: &Path) -> Result<Self, KeyError> {
        let text = match fs::read(path) {
            Ok(text) => text,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(e) => return Err(at(path)(e)),
        };
        let whole = text.iter().rposition(|&b| b == b'\n').map_or(0, |last| last + 1);
        let mut ledger = Self { lines: Vec::new(), whole, len: text.len() };
        for line in text[..whole].split_inclusive(|&b| b == b'\n') {
            let head = ledger.head();
            let read = str::from_utf8(&line[..line.len() - 1])
                .ok()
                .and_then(LedgerLine::parse)
                .filter(|l| l.seq.0 == head.seq.0 + 1 && l.link == l.linked_to(&head.link))
                .ok_or_else(|| KeyError::LedgerDamaged {
                    path: path.to_owned(),
                    line: head.seq.0 + 1,
                })?;
            ledger.lines.push(read);
        }
        Ok(ledger)
    }

    /// Takes away a line that was cut off while it was written: nothing was destroyed for it yet. The caller holds the
    /// keyring's lock, so that nobody is still writing it.
    pub(super) fn mend(&mut self, path: &Path) -> Result<(), KeyError> {
        if self.whole == self.len {
            return Ok(());
        }
        let cut = || {
            let file = File::options().write(true).open(path)?;
            file.set_len(self.whole as u64)?;
            file.sync_all()
        };
        cut().map_err(at(path))?;
        self.len = self.whole;
        Ok(())
    }

    pub(super) fn head(&self) -> LedgerHead {
        self.lines
            .last()
            .map_or_else(LedgerHead::default, |l| LedgerHead { seq: l.seq, link: l.link })
    }

    pub(super) fn lines(&self) -> &[LedgerLine] {
        &self.lines
    }

    /// Every key that it says is no more.
    pub(super) fn names(&self) -> HashSet<KeyName> {
        self.lines.iter().flat_map(|line| line.erased.names()).collect()
    }

    /// Writes what it does not say yet, and makes it last; the newest line that is about `what`.
    pub(super) fn append(
        &mut self,
        path: &Path,
        what: &Erased,
        cause: Cause,
        at: Timestamp,
    ) -> Result<LedgerSeq, KeyError> {
        let Some(erased) = what.without(&self.names()) else {
            let wanted = what.names();
            let about = |l: &&LedgerLine| l.erased.names().iter().any(|name| wanted.contains(name));
            return Ok(self
                .lines
                .iter()
                .rev()
                .find(about)
                .map_or_else(Default::default, |l| l.seq));
        };
        let before = self.head();
        let seq = LedgerSeq(before.seq.0 + 1);
        let mut line = LedgerLine { seq, at, erased, cause, link: [0; 32] };
        line.link = line.linked_to(&before.link);
        self.extend(path, vec![line])?;
        Ok(seq)
    }

    /// The lines of `other` after ours, if it begins with ours; `None` if the two have gone different ways.
    pub(super) fn missing(&self, other: &Self) -> Option<Vec<LedgerLine>> {
        let common = self.lines.len().min(other.lines.len());
        let link = |ledger: &Self| common.checked_sub(1).map(|last| ledger.lines[last].link);
        (link(self) == link(other)).then(|| other.lines[common..].to_vec())
    }

    /// Appends lines that follow ours, and makes them last.
    pub(super) fn extend(&mut self, path: &Path, lines: Vec<LedgerLine>) -> Result<(), KeyError> {
        if lines.is_empty() {
            return Ok(());
        }
        let mut text: Vec<_> = lines.iter().map(ToString::to_string).collect();
        text.push(String::new());
        let text = text.join("\n");
        let write = || {
            let mut file = durable::append_to(path)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            path.parent().map_or(Ok(()), durable::sync_dir)
        };
        write().map_err(at(path))?;
        self.lines.extend(lines);
        Ok(())
    }
}
