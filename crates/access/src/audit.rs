//! The audit log: append-only, each entry chained to the one before by SHA-256.
//!
//! An entry holds opaque ids and words from closed sets, never names or free text, so that erasing a person never
//! means editing the chain. The link of entry *n* is
//! `SHA-256(0x01 ‖ link of n-1 ‖ fields)`, the fields in order, each preceded by its length as 8 bytes,
//! most significant first; the first entry follows 32 zero bytes.
//!
//! Links alone do not help against somebody who can write the database: they can write all of them anew. So the head
//! of the log carries a Merkle tree ([`Tree`]), whose root is signed now and then and kept elsewhere ([`Checkpoint`]);
//! [`Verifier`] compares the log with those.

use hearback_domain::{Hat, RecordingId, Timestamp, UserId, policy::Refusal};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::action::ObjectRef;

mod checkpoint;
mod tree;
mod verify;

pub use self::{
    checkpoint::{Checkpoint, Forged, NotAKey, PublicKey, Read, Signer},
    tree::{NoSuchTree, Root, Tree},
    verify::{CLOCK_TOLERANCE_SECONDS, Tampering, Verified, Verifier},
};

/// The number of an entry; the first is 1, and there are no gaps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AuditSeq(pub u64);

/// A link of the chain.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
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
            Self::Refused(Refusal::Blocked) => "refused:blocked",
            Self::Refused(Refusal::Gone) => "refused:gone",
            Self::Refused(Refusal::Strength) => "refused:strength",
        }
    }
}

/// Things that are written to the log without anybody asking for a permit.
pub mod event {
    use hearback_domain::Role;

    /// Somebody signed in.
    pub const SIGN_IN: &str = "session.sign_in";
    /// A sign-in did not work.
    pub const SIGN_IN_REFUSED: &str = "session.sign_in_refused";
    /// Somebody signed out.
    pub const SIGN_OUT: &str = "session.sign_out";
    /// Somebody tied their account to who they are at the identity provider.
    pub const CONNECT_IDENTITY: &str = "session.connect_identity";
    /// Somebody untied their account from it.
    pub const DISCONNECT_IDENTITY: &str = "session.disconnect_identity";
    /// Somebody who is signed in showed the identity provider anew who they are.
    pub const CONFIRM_AT_PROVIDER: &str = "session.confirm_at_provider";
    /// An administrator made a link with which somebody ties their account.
    pub const OFFER_IDENTITY: &str = "people.offer_identity";
    /// The identity provider ended sessions.
    pub const PROVIDER_LOGOUT: &str = "session.provider_logout";
    /// Somebody put on another hat.
    pub const CHANGE_HAT: &str = "session.change_hat";
    /// A person was added on the command line.
    pub const ADD_PERSON: &str = "people.add";
    /// Somebody showed anew who they are, or did not manage to.
    pub const CONFIRM: &str = "session.confirm";
    /// Somebody ended sessions of their own.
    pub const END_SESSIONS: &str = "account.end_sessions";
    /// Somebody chose another passphrase.
    pub const CHANGE_PASSPHRASE: &str = "account.change_passphrase";
    /// Somebody set up a second step.
    pub const ADD_SECOND_STEP: &str = "account.add_second_step";
    /// Somebody removed one of theirs.
    pub const REMOVE_SECOND_STEP: &str = "account.remove_second_step";
    /// Somebody had new recovery codes made.
    pub const NEW_RECOVERY_CODES: &str = "account.new_recovery_codes";
    /// Destruction by time was waiting, and somebody let it go on.
    pub const RELEASE_SWEEP: &str = "retention.release";
    /// Somebody was invited.
    pub const INVITE: &str = "people.invite";
    /// An invitation was taken back.
    pub const WITHDRAW_INVITATION: &str = "people.withdraw_invitation";
    /// Somebody came, by an invitation.
    pub const ACCEPT_INVITATION: &str = "people.accept_invitation";
    /// Somebody is let in no more.
    pub const DISABLE_PERSON: &str = "people.disable";
    /// Somebody is let in again.
    pub const ENABLE_PERSON: &str = "people.enable";
    /// Somebody's sessions were ended for them.
    pub const END_THEIR_SESSIONS: &str = "people.end_sessions";
    /// Somebody's second steps were removed for them, because they lost them.
    pub const RESET_SECOND_STEPS: &str = "people.reset_second_steps";

    /// Somebody was given this role.
    pub const fn give_role(role: Role) -> &'static str {
        match role {
            Role::Practitioner => "people.give_role:practitioner",
            Role::Researcher => "people.give_role:researcher",
            Role::Coach => "people.give_role:coach",
            Role::LineManager => "people.give_role:line_manager",
            Role::ProgrammeLead => "people.give_role:programme_lead",
            Role::Coordinator => "people.give_role:coordinator",
            Role::CoachingSupervisor => "people.give_role:coaching_supervisor",
            Role::SysAdmin => "people.give_role:sysadmin",
            Role::Dpo => "people.give_role:dpo",
            Role::SafeguardingLead => "people.give_role:safeguarding_lead",
        }
    }

    /// This role was taken from somebody.
    pub const fn take_role(role: Role) -> &'static str {
        match role {
            Role::Practitioner => "people.take_role:practitioner",
            Role::Researcher => "people.take_role:researcher",
            Role::Coach => "people.take_role:coach",
            Role::LineManager => "people.take_role:line_manager",
            Role::ProgrammeLead => "people.take_role:programme_lead",
            Role::Coordinator => "people.take_role:coordinator",
            Role::CoachingSupervisor => "people.take_role:coaching_supervisor",
            Role::SysAdmin => "people.take_role:sysadmin",
            Role::Dpo => "people.take_role:dpo",
            Role::SafeguardingLead => "people.take_role:safeguarding_lead",
        }
    }

    /// A person got another passphrase on the command line.
    pub const SET_PASSPHRASE: &str = "people.set_passphrase";

    /// The installation goes on from a backup.
    pub const RESTORE: &str = "installation.restore";
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
        entry.link = entry.link_after(previous.1, entry.seq, &mut Vec::new());
        entry
    }

    /// The link that it has as entry `seq` after this one. `message` is room to work in.
    fn link_after(&self, previous: Link, seq: AuditSeq, message: &mut Vec<u8>) -> Link {
        message.clear();
        message.push(1);
        message.extend_from_slice(&previous.0);
        let mut field = |bytes: &[u8]| {
            message.extend_from_slice(&(bytes.len() as u64).to_be_bytes());
            message.extend_from_slice(bytes);
        };
        field(&seq.0.to_be_bytes());
        field(&self.at.as_micros().to_be_bytes());
        field(bytes_of(self.actor.as_ref()));
        field(self.hat.as_bytes());
        field(self.action.as_bytes());
        field(self.object_kind.as_bytes());
        field(bytes_of(self.object.as_ref()));
        field(bytes_of(self.recording.as_ref()));
        field(self.decision.as_bytes());
        Link(Sha256::digest(message).into())
    }
}

fn bytes_of(id: Option<&Uuid>) -> &[u8] {
    id.map_or(&[], |id| id.as_bytes())
}

/// The end of a log: what the next entry follows, and what the newest checkpoint is made from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// The number of the last entry; 0 if there is none.
    pub seq: AuditSeq,
    /// Its link.
    pub link: Link,
    tree: Tree,
}

impl Head {
    /// From storage. The frontier is that of [`Self::frontier`].
    pub fn new(seq: AuditSeq, link: Link, frontier: &[u8]) -> Result<Self, NoSuchTree> {
        Ok(Self { seq, link, tree: Tree::from_bytes(seq.0, frontier)? })
    }

    /// The entry that comes next, and the head after it.
    #[must_use]
    pub fn append(mut self, new: &NewEntry) -> (Entry, Self) {
        let entry = Entry::after((self.seq, self.link), new);
        self.accept(&entry);
        (entry, self)
    }

    /// The frontier of the tree, for storage.
    pub fn frontier(&self) -> Vec<u8> {
        self.tree.to_bytes()
    }

    /// The root over all entries.
    pub fn root(&self) -> Root {
        self.tree.root()
    }

    /// What can be signed about it.
    pub fn checkpoint(&self) -> Checkpoint {
        Checkpoint { size: self.seq.0, root: self.root() }
    }

    /// The next entry, whose link was checked.
    fn accept(&mut self, entry: &Entry) {
        self.seq = entry.seq;
        self.link = entry.link;
        self.tree.push(entry.link);
    }
}

/// Up to where the log was last sealed, and when. For people to see; a database that says so proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// The last entry that a checkpoint covers.
    pub seq: AuditSeq,
    /// When it was written.
    pub at: Timestamp,
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

    fn verify(log: &[Entry], head: &Head) -> Result<u64, Tampering> {
        let mut verifier = Verifier::default();
        for entry in log {
            verifier.entry(entry);
        }
        verifier.finish(head).map(|verified| verified.head.seq.0)
    }

    fn head(log: &[Entry]) -> Head {
        let mut head = Head::default();
        for entry in log {
            head.accept(entry);
        }
        head
    }

    #[test]
    fn a_log_as_it_was_written_is_in_order() {
        let log = log(20);
        assert_eq!(verify(&log, &head(&log)), Ok(20));
        assert_eq!(verify(&[], &Head::default()), Ok(0));
    }

    #[test]
    fn whatever_is_done_to_it_shows() {
        let good = log(20);
        let head = head(&good);
        for at in 0..20 {
            let seq = AuditSeq(at as u64 + 1);
            let mut removed = good.clone();
            removed.remove(at);
            let cut = Tampering::Cut { last: AuditSeq(19), known: AuditSeq(20) };
            let expected = if at == 19 { cut } else { Tampering::Missing(seq) };
            assert_eq!(verify(&removed, &head), Err(expected), "entry {} removed", at + 1);

            for change in [
                |e: &mut Entry| e.decision = "refused:role".to_owned(),
                |e: &mut Entry| e.at = Timestamp::from_micros(5),
                |e: &mut Entry| e.actor = None,
                |e: &mut Entry| e.recording = Some(Uuid::from_u128(9)),
                |e: &mut Entry| e.action.push('x'),
            ] {
                let mut changed = good.clone();
                change(&mut changed[at]);
                assert_eq!(verify(&changed, &head), Err(Tampering::Changed(seq)));
            }
            if at > 0 {
                let mut swapped = good.clone();
                swapped.swap(at, at - 1);
                let seq = AuditSeq(at as u64);
                assert_eq!(verify(&swapped, &head), Err(Tampering::Reordered(seq)));
            }
        }
    }

    /// Moving a byte from one field to the next changes the link: lengths are part of it.
    #[test]
    fn fields_cannot_run_into_each_other() {
        let good = log(1);
        let head = head(&good);
        let mut entry = good[0].clone();
        (entry.hat, entry.action) = ("researcherr".to_owned(), "ecording.play".to_owned());
        assert!(verify(&[entry], &head).is_err());
    }
}
