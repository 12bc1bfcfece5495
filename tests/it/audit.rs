//! The audit log: whatever is done to it is found and named, a log that is as it was written is not suspected, and
//! every address writes what it should.

mod command;
mod database;
mod file;
mod pure;
mod routes;

use ed25519_dalek::{Signer as _, SigningKey};
use hearback_access::{
    ObjectRef,
    audit::{Decision, Entry, Head, NewEntry, PublicKey, Signer, Tampering},
};
use hearback_domain::{
    Hat, RecordingId, Role, Timestamp, UserId,
    policy::{Action, Refusal},
};
use uuid::Uuid;

use crate::chance::Chance;

/// A key for checkpoints.
struct Key(SigningKey);

impl Key {
    fn new(n: u8) -> Self {
        Self(SigningKey::from_bytes(&[n; 32]))
    }

    fn known(&self) -> PublicKey {
        PublicKey::new(&self.public()).unwrap()
    }
}

impl Signer for Key {
    fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).to_bytes()
    }

    fn public(&self) -> [u8; 32] {
        self.0.verifying_key().to_bytes()
    }
}

/// What was done to a log, in one word for each way to say it.
fn class(what: &Tampering) -> &'static str {
    match what {
        Tampering::Forged { .. } => "forged",
        Tampering::Wiped { .. } => "wiped",
        Tampering::Cut { .. } => "cut",
        Tampering::Missing(_) => "missing",
        Tampering::Reordered(_) => "reordered",
        Tampering::Added(_) => "added",
        Tampering::Changed(_) => "changed",
        Tampering::Fork { .. } => "fork",
        Tampering::Head(_) => "head",
        Tampering::Clock(_) => "clock",
    }
}

/// An entry as the service writes them.
fn random(chance: &mut Chance, at: Timestamp) -> NewEntry {
    let recording = chance
        .percent(80)
        .then(|| RecordingId::from_uuid(Uuid::from_u128(u128::from(chance.number() % 40 + 100))));
    NewEntry {
        at,
        actor: chance
            .percent(85)
            .then(|| UserId::from_uuid(Uuid::from_u128(u128::from(chance.number() % 9 + 1)))),
        hat: Hat::Person(*chance.choose(Role::ALL)),
        action: chance.choose(Action::ALL).as_str(),
        object: recording.map_or(ObjectRef::Installation, ObjectRef::Recording),
        recording,
        decision: if chance.percent(75) {
            Decision::Allowed
        } else {
            Decision::Refused(*chance.choose(&[Refusal::Role, Refusal::Consent, Refusal::Absent]))
        },
    }
}

/// A log and its head after each of its entries.
struct Log {
    entries: Vec<Entry>,
    heads: Vec<Head>,
    at: Timestamp,
}

impl Log {
    fn random(chance: &mut Chance, length: usize) -> Self {
        let at = Timestamp::from_micros(1_790_000_000_000_000);
        let mut log = Self { entries: Vec::new(), heads: vec![Head::default()], at };
        log.grow(chance, length);
        log
    }

    fn grow(&mut self, chance: &mut Chance, by: usize) {
        for _ in 0..by {
            // Forward, mostly; who waited longer for their turn may carry an earlier moment.
            self.at = self.at.plus_seconds(i64::try_from(chance.below(40)).unwrap() - 5);
            let new = random(chance, self.at);
            self.push(&new);
        }
    }

    fn push(&mut self, new: &NewEntry) {
        let (entry, head) = self.heads.last().unwrap().clone().append(new);
        self.entries.push(entry);
        self.heads.push(head);
    }

    fn head(&self) -> &Head {
        self.heads.last().unwrap()
    }
}
