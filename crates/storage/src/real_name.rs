//! Real names: who a chosen name stands for (ETH-05).
//!
//! A name comes here sealed for the data protection officer's own key, and is sealed once more under the recording's.
//! No function gives it back but to whoever opens it with a passphrase that is kept nowhere.

use async_trait::async_trait;
use hearback_access::{LinkIdentity, ManageIdentityKey, Permit, RevealIdentity};
use hearback_domain::{
    IdentityKeyId, Label, PartyKind, PersonId, Pseudonym, RecordingId, Timestamp,
};

use crate::Result;

/// A key under which names are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityKey {
    /// Its identifier.
    pub id: IdentityKeyId,
    /// What names are sealed for.
    pub public: String,
    /// What opens them, locked with a passphrase.
    pub locked: String,
    /// When it was made.
    pub made_at: Timestamp,
}

/// A key to be kept from now on.
#[derive(Clone, Debug)]
pub struct NewIdentityKey {
    /// Its identifier.
    pub id: IdentityKeyId,
    /// What names are sealed for.
    pub public: String,
    /// What opens them, locked with a passphrase.
    pub locked: String,
}

/// Somebody who is heard, and whether their name was noted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeardPerson {
    /// Who.
    pub person: PersonId,
    /// Who they are on the recording.
    pub kind: PartyKind,
    /// What they are called on screen.
    pub label: Label,
    /// When their real name was noted.
    pub linked_at: Option<Timestamp>,
}

/// A name as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedName {
    /// On which recording they are heard.
    pub recording: RecordingId,
    /// Who.
    pub person: PersonId,
    /// The key it is sealed for.
    pub key: IdentityKeyId,
    /// The sealed name; none once the recording's key is destroyed.
    pub sealed: Option<String>,
}

/// The names of everybody on one recording, for whoever can open them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamesOf {
    /// The chosen name of the recording.
    pub pseudonym: Pseudonym,
    /// Everybody heard, in the order in which they were given.
    pub heard: Vec<HeardPerson>,
    /// The names that were noted, by person.
    pub names: Vec<SealedName>,
    /// The keys that these are sealed for, newest first, ties by id.
    pub keys: Vec<IdentityKey>,
}

/// Real names and their keys.
#[async_trait]
pub trait RealNames {
    /// The present key.
    async fn identity_key(
        &mut self,
        permit: &Permit<ManageIdentityKey>,
    ) -> Result<Option<IdentityKey>>;

    /// Takes a new key into use, if the present one is still `instead_of`: true if this call did it.
    async fn add_identity_key(
        &mut self,
        permit: &Permit<ManageIdentityKey>,
        new: &NewIdentityKey,
        instead_of: Option<IdentityKeyId>,
    ) -> Result<bool>;

    /// Everything that is sealed for a key, by recording and person, without what is erased.
    async fn names_under(
        &mut self,
        permit: &Permit<ManageIdentityKey>,
        key: IdentityKeyId,
    ) -> Result<Vec<SealedName>>;

    /// Keeps a name that was sealed anew, for another key, in the place of the old one.
    async fn reseal_name(
        &mut self,
        permit: &Permit<ManageIdentityKey>,
        name: &SealedName,
    ) -> Result<()>;

    /// What names are sealed for now.
    async fn identity_recipient(
        &mut self,
        permit: &Permit<LinkIdentity>,
    ) -> Result<Option<(IdentityKeyId, String)>>;

    /// Everybody heard, in the order in which they were given.
    async fn heard_people(&mut self, permit: &Permit<LinkIdentity>) -> Result<Vec<HeardPerson>>;

    /// Keeps the sealed name of somebody who is heard, in the place of an earlier one; false if nobody of that id is.
    async fn link_name(
        &mut self,
        permit: &Permit<LinkIdentity>,
        person: PersonId,
        key: IdentityKeyId,
        sealed: &str,
    ) -> Result<bool>;

    /// The names of everybody on a recording, sealed.
    async fn names_of(&mut self, permit: &Permit<RevealIdentity>) -> Result<Option<NamesOf>>;
}
