//! The audit log: append-only, each entry chained to the one before by SHA-256.
//!
//! An entry holds opaque ids and words from closed sets, never names or free text, so that erasing a person never
//! means editing the chain. The link of entry *n* is
//! `SHA-256(0x01 ‖ link of n-1 ‖ fields)`, the fields in order, each preceded by its length as 8 bytes,
//! most significant first; the first entry follows 32 zero bytes.

use hearback_domain::{Hat, RecordingId, Timestamp, UserId, policy::Refusal};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::action::ObjectRef;

/// The number of an entry; the first is 1, and there are no gaps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AuditSeq(pub u64);

/// A link of the chain.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Link(pub [u8; 32]);

impl Link {
    /// What the first entry follows.
    pub const GENESIS: Self = Self([0; 32]);
}

impl std::fmt::Debug for Link {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// How a question was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Yes.
    Allowed,
    /// No, and why.
    Refused(Refusal),
}

impl Decision {
    /// The word for the log: `allowed`, or the reason of the refusal.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Refused(Refusal::Absent) => "refused:absent",
            Self::Refused(Refusal::Role) => "refused:role",
            Self::Refused(Refusal::Relation) => "refused:relation",
            Self::Refused(Refusal::Consent) => "refused:consent",
            Self::Refused(Refusal::State) => "refused:state",
        }
    }
}

/// Things that are written to the log without anybody asking for a permit.
pub mod event {
    /// Somebody signed in.
    pub const SIGN_IN: &str = "session.sign_in";
    /// A sign-in did not work.
    pub const SIGN_IN_REFUSED: &str = "session.sign_in_refused";
    /// Somebody signed out.
    pub const SIGN_OUT: &str = "session.sign_out";
    /// Somebody put on another hat.
    pub const CHANGE_HAT: &str = "session.change_hat";
    /// A person was added on the command line.
    pub const ADD_PERSON: &str = "people.add";
    /// A person got another passphrase on the command line.
    pub const SET_PASSPHRASE: &str = "people.set_passphrase";
}

/// An entry to be appended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewEntry {
    /// When.
    pub at: Timestamp,
    /// Who; nobody for the worker and for strangers.
    pub actor: Option<UserId>,
    /// In which capacity.
    pub hat: Hat,
    /// What: a policy action's word, or one of [`event`].
    pub action: &'static str,
    /// To what.
    pub object: ObjectRef,
    /// The recording that belongs to.
    pub recording: Option<RecordingId>,
    /// The answer.
    pub decision: Decision,
}

/// An entry as it lies in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its number.
    pub seq: AuditSeq,
    /// When, in microseconds since 1970.
    pub at: Timestamp,
    /// Who.
    pub actor: Option<Uuid>,
    /// In which capacity.
    pub hat: String,
    /// What.
    pub action: String,
    /// The kind of object.
    pub object_kind: String,
    /// The object.
    pub object: Option<Uuid>,
    /// The recording that belongs to.
    pub recording: Option<Uuid>,
    /// The answer.
    pub decision: String,
    /// Its link.
    pub link: Link,
}

impl Entry {
    /// The entry that follows `(seq, link)` of the one before.
    pub fn after(previous: (AuditSeq, Link), new: &NewEntry) -> Self {
        let mut entry = Self {
            seq: AuditSeq(previous.0.0 + 1),
            at: new.at,
            actor: new.actor.map(UserId::as_uuid),
            hat: new.hat.as_str().to_owned(),
            action: new.action.to_owned(),
            object_kind: new.object.kind().to_owned(),
            object: new.object.id(),
            recording: new.recording.map(RecordingId::as_uuid),
            decision: new.decision.as_str().to_owned(),
            link: Link::GENESIS,
        };
        entry.link = entry.link_after(previous.1);
        entry
    }

    fn link_after(&self, previous: Link) -> Link {
        let mut hash = Sha256::new();
        hash.update([1]);
        hash.update(previous.0);
        let mut field = |bytes: &[u8]| {
            hash.update((bytes.len() as u64).to_be_bytes());
            hash.update(bytes);
        };
        let id = |id: &Option<Uuid>| id.map_or(Vec::new(), |id| id.as_bytes().to_vec());
        field(&self.seq.0.to_be_bytes());
        field(&self.at.as_micros().to_be_bytes());
        field(&id(&self.actor));
        field(self.hat.as_bytes());
        field(self.action.as_bytes());
        field(self.object_kind.as_bytes());
        field(&id(&self.object));
        field(&id(&self.recording));
        field(self.decision.as_bytes());
        Link(hash.finalize().into())
    }
}

/// What is wrong with a log. The number is the first entry at which it shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Tampering {
    /// An entry is missing or out of order.
    #[error("entry {} is not where it belongs: an entry before it is missing, or the order was changed", .0.0)]
    Gap(AuditSeq),
    /// An entry was changed.
    #[error("entry {} was changed after it was written", .0.0)]
    Changed(AuditSeq),
    /// The log is shorter, or longer, than its head says.
    #[error("the log ends at entry {}, but its head is at entry {}", .last.0, .head.0)]
    Tail {
        /// The last entry there is.
        last: AuditSeq,
        /// The last entry there was.
        head: AuditSeq,
    },
}

/// Checks a log entry by entry, in order, without holding it all.
#[derive(Debug)]
pub struct Verifier(AuditSeq, Link);

impl Default for Verifier {
    fn default() -> Self {
        Self(AuditSeq(0), Link::GENESIS)
    }
}

impl Verifier {
    /// Checks the next entry.
    pub fn entry(&mut self, entry: &Entry) -> Result<(), Tampering> {
        if entry.seq.0 != self.0.0 + 1 {
            return Err(Tampering::Gap(entry.seq));
        }
        if entry.link_after(self.1) != entry.link {
            return Err(Tampering::Changed(entry.seq));
        }
        *self = Self(entry.seq, entry.link);
        Ok(())
    }

    /// Checks the end against the head that is kept beside the log; the number of entries if all is well.
    pub fn finish(self, head: (AuditSeq, Link)) -> Result<u64, Tampering> {
        if self.0 != head.0 {
            return Err(Tampering::Tail { last: self.0, head: head.0 });
        }
        if self.1 != head.1 {
            return Err(Tampering::Changed(self.0));
        }
        Ok(self.0.0)
    }
}

#[cfg(test)]
mod tests {
    use hearback_domain::Role;

    use super::*;

    fn log(n: u64) -> Vec<Entry> {
        let mut log: Vec<Entry> = Vec::new();
        for i in 0..n {
            let previous = log.last().map_or((AuditSeq(0), Link::GENESIS), |e| (e.seq, e.link));
            let actor = Some(UserId::from_uuid(Uuid::from_u128(u128::from(i % 3))));
            log.push(Entry::after(
                previous,
                &NewEntry {
                    at: Timestamp::from_micros(1_000 + i64::try_from(i).unwrap()),
                    actor,
                    hat: Hat::Person(Role::Researcher),
                    action: "recording.play",
                    object: ObjectRef::Installation,
                    recording: None,
                    decision: Decision::Allowed,
                },
            ));
        }
        log
    }

    fn verify(log: &[Entry], head: &Entry) -> Result<u64, Tampering> {
        let mut verifier = Verifier::default();
        log.iter().try_for_each(|e| verifier.entry(e))?;
        verifier.finish((head.seq, head.link))
    }

    #[test]
    fn a_log_as_it_was_written_is_in_order() {
        let log = log(20);
        assert_eq!(verify(&log, &log[19]), Ok(20));
    }

    #[test]
    fn whatever_is_done_to_it_shows() {
        let good = log(20);
        let head = &good[19];
        for at in 0..20 {
            let mut removed = good.clone();
            removed.remove(at);
            assert!(verify(&removed, head).is_err(), "entry {} removed", at + 1);

            for change in [
                |e: &mut Entry| e.decision = "refused:role".to_owned(),
                |e: &mut Entry| e.at = Timestamp::from_micros(5),
                |e: &mut Entry| e.actor = None,
                |e: &mut Entry| e.recording = Some(Uuid::from_u128(9)),
                |e: &mut Entry| e.action.push('x'),
            ] {
                let mut changed = good.clone();
                change(&mut changed[at]);
                assert_eq!(
                    verify(&changed, head),
                    Err(Tampering::Changed(AuditSeq(at as u64 + 1)))
                );
            }
            if at > 0 {
                let mut swapped = good.clone();
                swapped.swap(at, at - 1);
                assert!(verify(&swapped, head).is_err(), "entries {at} and {} swapped", at + 1);
            }
        }
        assert_eq!(
            verify(&good[..15], head),
            Err(Tampering::Tail { last: AuditSeq(15), head: AuditSeq(20) })
        );
    }

    /// Moving a byte from one field to the next changes the link: lengths are part of it.
    #[test]
    fn fields_cannot_run_into_each_other() {
        let mut entry = log(1).remove(0);
        (entry.hat, entry.action) = ("researcherr".to_owned(), "ecording.play".to_owned());
        assert!(Verifier::default().entry(&entry).is_err());
    }
}
