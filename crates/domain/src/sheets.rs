//! Sheets and logs that people keep of coaching sessions (FRM-02, FRM-03, FRM-04), and what a practitioner tries next.
//!
//! What is asked is written in our own words (ETH-19). Nothing in a sheet has to be answered, nothing is counted, and
//! how far a goal is, its owner says.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Note, TextError, person::words};

mod fields;
pub mod prompts;

pub use self::fields::{Field, Writer};

/// The text names no kind of sheet.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("there is no sheet of that name")]
pub struct UnknownSheet;

words! {
    /// The kinds of sheets.
    SheetKind, UnknownSheet;
    /// What a session was about (FRM-02).
    Session = "session",
    /// A quiet look back, for oneself (FRM-03).
    Thinking = "thinking",
    /// What goes home until next time (FRM-04).
    TakeAway = "take_away",
}

impl SheetKind {
    /// As it stands in an address.
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Thinking => "thinking",
            Self::TakeAway => "take-away",
        }
    }

    /// The kind of that address.
    pub fn from_slug(slug: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.slug() == slug)
    }

    /// What it is called.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Session => "Session sheet",
            Self::Thinking => "Thinking time",
            Self::TakeAway => "Take-away sheet",
        }
    }

    /// Whether whoever stands on this side keeps one. A coach keeps a log of their own, and leaves the rest to the
    /// practitioner.
    pub const fn is_kept_by(self, writer: Writer) -> bool {
        matches!((self, writer), (_, Writer::Practitioner) | (Self::Thinking, Writer::Coach))
    }

    /// What it asks, in order.
    pub const fn fields(self, writer: Writer) -> &'static [Field] {
        fields::of(self, writer)
    }
}

/// Why a sheet was not taken.
#[derive(Debug, thiserror::Error)]
pub enum SheetError {
    /// It is not written as sheets are.
    #[error("this is no sheet")]
    Unreadable(#[from] serde_json::Error),
    /// A version that came later than this program.
    #[error("this sheet is of version {0}, which is newer than this program")]
    Version(u32),
    /// One of its answers.
    #[error("{0}")]
    Answer(#[from] TextError),
}

/// The version in which sheets are written.
const VERSION: u32 = 1;

/// As it is kept.
#[derive(Deserialize, Serialize)]
struct Written {
    version: u32,
    answers: BTreeMap<String, String>,
}

/// What somebody wrote: each answer under its field's key. Where nothing was written there is no answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sheet(BTreeMap<String, Note>);

impl Sheet {
    /// A sheet with what `typed` has for each field of its kind; anything else that was sent is left aside.
    ///
    /// The first answer that is longer than a note may be, with the key of its field, is the error.
    pub fn typed<'a>(
        fields: &[Field],
        typed: impl Fn(&str) -> &'a str,
    ) -> Result<Self, (&'static str, TextError)> {
        let mut answers = BTreeMap::new();
        for field in fields {
            // A browser sends lines with a carriage return; what is compared later has none.
            let text = typed(field.key).replace("\r\n", "\n");
            let answer = Note::new(&text).map_err(|error| (field.key, error))?;
            if !answer.as_str().is_empty() {
                answers.insert(field.key.to_owned(), answer);
            }
        }
        Ok(Self(answers))
    }

    /// The same sheet with the answers of `before` to what is asked no more: nobody loses what they wrote.
    #[must_use]
    pub fn with_answers_of(mut self, before: &Self, fields: &[Field]) -> Self {
        for (key, answer) in &before.0 {
            if !fields.iter().any(|field| field.key == key) {
                self.0.insert(key.clone(), answer.clone());
            }
        }
        self
    }

    /// The answer to a field; empty if there is none.
    pub fn answer(&self, key: &str) -> &str {
        self.0.get(key).map(Note::as_str).unwrap_or_default()
    }

    /// Whether nothing is written on it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// As it is kept.
    pub fn to_json(&self) -> String {
        let answers = self.0.iter().map(|(key, text)| (key.clone(), text.to_string())).collect();
        let written = Written { version: VERSION, answers };
        serde_json::to_string(&written).unwrap_or_default()
    }

    /// Reads what [`Self::to_json`] wrote. Answers to what is asked no more are kept: nobody loses what they wrote.
    pub fn from_json(json: &str) -> Result<Self, SheetError> {
        let written: Written = serde_json::from_str(json)?;
        if written.version != VERSION {
            return Err(SheetError::Version(written.version));
        }
        let mut answers = BTreeMap::new();
        for (key, text) in written.answers {
            answers.insert(key, Note::new(&text)?);
        }
        Ok(Self(answers))
    }
}

/// The text names no state of a goal.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("there is no such state of a goal")]
pub struct UnknownGoalStatus;

words! {
    /// How it stands with something that a practitioner wanted to try. They alone say it (FRM-02).
    GoalStatus, UnknownGoalStatus;
    /// At it.
    Trying = "trying",
    /// It has come about.
    There = "there",
    /// It turned into something else.
    Changed = "changed",
    /// Not now.
    SetAside = "set_aside",
}

impl GoalStatus {
    /// In the words of whoever set it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Trying => "I am trying this",
            Self::There => "I am there",
            Self::Changed => "It has changed",
            Self::SetAside => "Set aside for now",
        }
    }
}

#[cfg(test)]
mod tests;
