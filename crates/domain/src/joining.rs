//! The code with which people come into a session that is live: short enough to be read out across a table.

use std::fmt;

/// What a code is made of: no vowels, so that no words come of it, and nothing that is taken for something else when it
/// is read out or written by hand (0 and O, 1 and I and L, 2 and Z, 5 and S, 8 and B, U and V).
const LETTERS: &[u8; 22] = b"CDFGHJKMNPQRTVWXY34679";

/// How many letters and digits it has.
const LENGTH: usize = 6;

/// What somebody typed is no code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a code has six letters and digits, and the person who began the session can read it out again"
)]
pub struct NotACode;

/// The code of a session that is live. It is no key: whoever has it finds the session, and comes in if they may anyway.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct JoinCode([u8; LENGTH]);

impl JoinCode {
    /// The code that a random number stands for. Which one it is says nothing about any other.
    pub fn from_random(number: u64) -> Self {
        let mut rest = number;
        Self(std::array::from_fn(|_| {
            let letter = LETTERS[usize::try_from(rest % 22).unwrap_or_default()];
            rest /= 22;
            letter
        }))
    }

    /// Reads a code as people type it: in small letters too, and with spaces or hyphens.
    pub fn parse(typed: &str) -> Result<Self, NotACode> {
        let mut letters = typed
            .bytes()
            .filter(|byte| !matches!(byte, b' ' | b'-'))
            .map(|byte| byte.to_ascii_uppercase());
        let mut code = [0; LENGTH];
        for place in &mut code {
            *place = letters.next().filter(|letter| LETTERS.contains(letter)).ok_or(NotACode)?;
        }
        if letters.next().is_some() { Err(NotACode) } else { Ok(Self(code)) }
    }

    /// The two halves, as they are read out.
    pub fn halves(self) -> (String, String) {
        let text = self.to_string();
        let (first, second) = text.split_at(LENGTH / 2);
        (first.to_owned(), second.to_owned())
    }
}

impl fmt::Display for JoinCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|&letter| write!(f, "{}", char::from(letter)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_typed_as_it_is_read_out() {
        let code = JoinCode::from_random(0x1234_5678_9abc_def0);
        let text = code.to_string();
        assert_eq!(text.len(), LENGTH);
        assert_eq!(JoinCode::parse(&text), Ok(code));
        let (first, second) = code.halves();
        let typed = format!(" {}-{} ", first.to_lowercase(), second);
        assert_eq!(JoinCode::parse(&typed), Ok(code));
        for wrong in ["", "CDFGH", "CDFGHJK", "CDFGH0", "CDFGHÄ", "CDF GHO"] {
            assert_eq!(JoinCode::parse(wrong), Err(NotACode), "{wrong}");
        }
    }

    #[test]
    fn codes_differ() {
        let all: std::collections::HashSet<_> = (0..10_000).map(JoinCode::from_random).collect();
        assert_eq!(all.len(), 10_000);
    }
}
