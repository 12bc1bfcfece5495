//! How what people wrote about a series is kept: JSON, in which texts and words are strings.

use std::{fmt::Display, str::FromStr};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer, de::DeserializeOwned, de::Error as _,
};

/// What was kept cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("what was kept cannot be read: {0}")]
pub struct Unreadable(String);

impl Unreadable {
    pub(super) fn new(error: &impl Display) -> Self {
        Self(error.to_string())
    }
}

pub(super) fn parse<T: DeserializeOwned>(json: &str) -> Result<T, Unreadable> {
    serde_json::from_str(json).map_err(|error| Unreadable::new(&error))
}

/// # Panics
/// Never: it is made of texts, numbers and flags.
pub(super) fn to_json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("texts, numbers and flags can always be written")
}

pub(super) fn serialize<T: Display, S: Serializer>(value: &T, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(value)
}

/// A text is checked again when it is read.
pub(super) fn deserialize<'de, T, D>(from: D) -> Result<T, D::Error>
where
    T: FromStr<Err: Display>,
    D: Deserializer<'de>,
{
    String::deserialize(from)?.parse().map_err(D::Error::custom)
}
