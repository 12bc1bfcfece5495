//! The code on a receipt.

use sha2::{Digest as _, Sha256};

use crate::{WebError, error::Result};

/// Random bytes of a code: 96 bits, which nobody guesses through a page.
const BYTES: usize = 12;

/// The code on a receipt: `3f2a-91bc-…`, six groups of four. Whoever has it sees what was destroyed and when, and
/// nothing else; the database has its hash alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Code(String);

impl Code {
    /// A new one.
    pub(crate) fn random() -> Result<Self> {
        let mut bytes = [0; BYTES];
        getrandom::fill(&mut bytes).map_err(|e| WebError::internal(e.to_string()))?;
        Ok(Self(hex::encode(bytes)))
    }

    /// As somebody typed it, with or without dashes and spaces, in any case.
    pub(crate) fn parse(typed: &str) -> Option<Self> {
        let digits: String = typed.chars().filter(|c| !matches!(c, '-' | ' ')).collect();
        let digits = digits.to_ascii_lowercase();
        let all = digits.len() == 2 * BYTES && digits.bytes().all(|b| b.is_ascii_hexdigit());
        all.then_some(Self(digits))
    }

    /// What the database knows of it.
    pub(crate) fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_bytes()).into()
    }
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (n, digit) in self.0.chars().enumerate() {
            if n > 0 && n % 4 == 0 {
                f.write_str("-")?;
            }
            write!(f, "{digit}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_can_be_typed_as_people_type() {
        let code = Code::random().unwrap();
        let text = code.to_string();
        assert_eq!(text.len(), 29, "{text}");
        for typed in
            [text.clone(), text.to_uppercase(), text.replace('-', " "), text.replace('-', "")]
        {
            assert_eq!(Code::parse(&typed), Some(code.clone()), "{typed}");
        }
        for typed in ["", "3f2a", &text[1..], "3f2a-91bc-3f2a-91bc-3f2a-91bg", "é"] {
            assert_eq!(Code::parse(typed), None, "{typed}");
        }
        assert_ne!(Code::random().unwrap(), code);
    }
}
