//! What the keyring's keys are called.

use std::fmt;

use hearback_access::seal::FieldKey;
use hearback_domain::{KeyClass, RecordingId, UserId};
use uuid::Uuid;

/// One key of the keyring.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyName {
    /// A recording's, of this class: an age identity.
    Recording(RecordingId, KeyClass),
    /// That of a person with an account: 32 bytes.
    Person(UserId),
    /// The installation's own: 32 bytes.
    Installation,
    /// The seed of the installation's signing key: 32 bytes.
    Signing,
}

const PERSON: &str = "person";
const INSTALLATION: &str = "installation";
const SIGNING: &str = "signing";

impl KeyName {
    /// Whose it is.
    pub(super) fn id(self) -> Uuid {
        match self {
            Self::Recording(id, _) => id.as_uuid(),
            Self::Person(id) => id.as_uuid(),
            Self::Installation | Self::Signing => Uuid::nil(),
        }
    }

    /// What it is for. Part of what is authenticated, so that one key cannot stand in for another.
    pub(super) const fn purpose(self) -> &'static str {
        match self {
            Self::Recording(_, class) => class.as_str(),
            Self::Person(_) => PERSON,
            Self::Installation => INSTALLATION,
            Self::Signing => SIGNING,
        }
    }

    /// The name of its record.
    pub(super) fn file_name(self) -> String {
        format!("{}.{}", self.id(), self.purpose())
    }

    /// From a record's name. Only names that [`Self::file_name`] gives count.
    pub(super) fn parse(name: &str) -> Option<Self> {
        let (id, purpose) = name.split_once('.')?;
        let id: Uuid = id.parse().ok()?;
        let found = match purpose {
            PERSON => Self::Person(UserId::from_uuid(id)),
            INSTALLATION => Self::Installation,
            SIGNING => Self::Signing,
            class => Self::Recording(RecordingId::from_uuid(id), class.parse().ok()?),
        };
        (found.file_name() == name).then_some(found)
    }

    /// Whether it is made with the keyring and never again.
    pub(super) const fn belongs_to_the_installation(self) -> bool {
        matches!(self, Self::Installation | Self::Signing)
    }
}

impl From<FieldKey> for KeyName {
    fn from(key: FieldKey) -> Self {
        match key {
            FieldKey::Recording(id, class) => Self::Recording(id, class),
            FieldKey::Person(id) => Self::Person(id),
            FieldKey::Installation => Self::Installation,
        }
    }
}

impl fmt::Display for KeyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Recording(id, class) => write!(f, "the {} key of recording {id}", class.as_str()),
            Self::Person(id) => write!(f, "the key of person {id}"),
            Self::Installation => f.write_str("the installation's key"),
            Self::Signing => f.write_str("the signing key"),
        }
    }
}
