//! How the words and short texts of forms and records are written as JSON: as the text they are kept as.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::record::{AgeBand, Authority, CopyGiven, How, LegalStatus};
use crate::{Day, Label, Note, PartyKind, Purpose};

/// The text names no answer that a form knows.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("that is not one of the answers here")]
pub struct UnknownAnswer;

macro_rules! as_text {
    ($($name:ident),+ $(,)?) => {$(
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
            }
        }
    )+};
}

as_text!(AgeBand, Authority, CopyGiven, Day, How, Label, LegalStatus, Note, PartyKind, Purpose);
