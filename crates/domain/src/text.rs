//! Short texts that people type, each with its own limits.

use std::fmt;

/// Why a text was not taken.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum TextError {
    /// Nothing but white space.
    #[error("{0} is empty")]
    Empty(&'static str),
    /// More characters than there is room for.
    #[error("{what} is longer than {most} characters")]
    TooLong {
        /// What was typed.
        what: &'static str,
        /// The limit, in characters.
        most: usize,
    },
    /// A character that does not belong there.
    #[error("{what} has a character that cannot be used here")]
    Character {
        /// What was typed.
        what: &'static str,
    },
}

fn checked(raw: &str, what: &'static str, most: usize, lines: bool) -> Result<String, TextError> {
    let text = raw.trim();
    if text.chars().count() > most {
        return Err(TextError::TooLong { what, most });
    }
    if text.chars().any(|c| c.is_control() && !(lines && matches!(c, '\n' | '\r' | '\t'))) {
        return Err(TextError::Character { what });
    }
    Ok(text.to_owned())
}

macro_rules! text {
    ($(#[$doc:meta])* $name:ident, $what:literal, $most:literal, empty: $empty:literal, lines: $lines:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// Takes a text as a person typed it; white space at the ends goes.
            pub fn new(raw: &str) -> Result<Self, TextError> {
                let text = checked(raw, $what, $most, $lines)?;
                if text.is_empty() && !$empty {
                    return Err(TextError::Empty($what));
                }
                Ok(Self(text))
            }

            /// The text.
            pub fn as_str(&self) -> &str { &self.0 }
        }

        impl std::str::FromStr for $name {
            type Err = TextError;
            fn from_str(raw: &str) -> Result<Self, TextError> { Self::new(raw) }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(&self.0) }
        }
    };
}

text! {
    /// The chosen name under which a child, young person or family appears. Never their real one (ETH-05).
    Pseudonym, "the chosen name", 60, empty: false, lines: false
}
text! {
    /// What to call a person who is heard: "Mum", "Worker", "Robin". One line.
    Label, "the label", 60, empty: false, lines: false
}
text! {
    /// A researcher's note, a coach's question. May be empty, may have lines.
    Note, "the note", 4000, empty: true, lines: true
}

impl Default for Note {
    /// Nothing.
    fn default() -> Self {
        Self(String::new())
    }
}

text! {
    /// What a practitioner would like to try. A sentence or two.
    GoalText, "what you would like to try", 500, empty: false, lines: true
}
text! {
    /// Why somebody wants to hear a passage: one sentence, which the practitioner reads.
    Reason, "the reason", 300, empty: false, lines: false
}
text! {
    /// Somebody's real name. Never shown to those who work with recordings.
    RealName, "the name", 120, empty: false, lines: false
}

impl Note {
    /// No note.
    pub const fn empty() -> Self {
        Self(String::new())
    }
}

/// A sign-in name: lower-case letters, digits, `.`, `-`, `_` and `@`.
///
/// Kept in lower case, so that the same name cannot exist twice.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Login(String);

impl Login {
    /// Takes a sign-in name as a person typed it.
    pub fn new(raw: &str) -> Result<Self, TextError> {
        let text = checked(raw, "the sign-in name", 100, false)?.to_lowercase();
        if text.is_empty() {
            return Err(TextError::Empty("the sign-in name"));
        }
        if !text.chars().all(|c| c.is_ascii_alphanumeric() || ".-_@".contains(c)) {
            return Err(TextError::Character { what: "the sign-in name" });
        }
        Ok(Self(text))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
