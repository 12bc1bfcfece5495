//! The bytes of every token.
//!
//! GPT-2 writes tokens as text in which every byte is one printable character: bytes that are printable in Latin-1
//! stand for themselves, the others for the characters from U+0100 upwards, in order. whisper.cpp wants the bytes.

use std::{collections::BTreeMap, fs, path::Path};

use super::ConvertError;

/// Reads `vocabulary.txt` (one token a line) or `vocabulary.json` (an array) up to the first special token.
///
/// The English-only models' own list carries `<|endoftext|>` besides; `english_only` adds it.
pub(super) fn read(path: &Path, english_only: bool) -> Result<Vec<Vec<u8>>, ConvertError> {
    let text = fs::read_to_string(path)?;
    let tokens: Vec<String> = if path.extension().is_some_and(|extension| extension == "json") {
        serde_json::from_str(&text)
            .map_err(|error| ConvertError::malformed(format!("the vocabulary: {error}")))?
    } else {
        text.lines().map(str::to_owned).collect()
    };
    let bytes = byte_of_character();
    let mut words = tokens
        .iter()
        .take_while(|token| !(token.starts_with("<|") && token.ends_with("|>")))
        .map(|token| token.chars().map(|c| bytes.get(&c).copied()).collect::<Option<Vec<u8>>>())
        .collect::<Option<Vec<_>>>()
        .ok_or_else(|| ConvertError::malformed("the vocabulary holds an unknown character"))?;
    if english_only {
        words.push(b"<|endoftext|>".to_vec());
    }
    Ok(words)
}

/// Which byte a character of a token stands for.
fn byte_of_character() -> BTreeMap<char, u8> {
    let mut table = BTreeMap::new();
    let mut spare = 0x100_u32;
    for byte in 0..=u8::MAX {
        let own = matches!(byte, b'!'..=b'~' | 0xa1..=0xac | 0xae..=0xff);
        let character = if own {
            char::from(byte)
        } else {
            spare += 1;
            // 0x100..0x144 are all letters, never surrogates.
            char::from_u32(spare - 1).unwrap_or(char::REPLACEMENT_CHARACTER)
        };
        table.insert(character, byte);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_one_to_one_and_has_its_known_entries() {
        let table = byte_of_character();
        assert_eq!(table.len(), 256);
        let mut bytes: Vec<u8> = table.values().copied().collect();
        bytes.sort_unstable();
        assert!(bytes.iter().copied().eq(0..=u8::MAX));
        assert_eq!(table[&'A'], b'A');
        assert_eq!(table[&'Ġ'], b' ');
        assert_eq!(table[&'Ċ'], b'\n');
        assert_eq!(table[&'ÿ'], 0xff);
        assert_eq!(table[&'ł'], 0xa0);
        assert_eq!(table[&'Ń'], 0xad);
    }

    #[test]
    fn reads_both_forms_up_to_the_first_special_token() {
        let folder = tempfile::tempdir().unwrap();
        let lines = folder.path().join("vocabulary.txt");
        fs::write(&lines, "!\nĠhello\nâĢĻ\n<|endoftext|>\n<|0.00|>\n").unwrap();
        let expected = [b"!".to_vec(), b" hello".to_vec(), "\u{2019}".as_bytes().to_vec()];
        assert_eq!(read(&lines, false).unwrap(), expected);
        let array = folder.path().join("vocabulary.json");
        fs::write(&array, r#"["!", "Ġhello", "âĢĻ", "<|startoftranscript|>"]"#).unwrap();
        assert_eq!(read(&array, false).unwrap(), expected);
        assert_eq!(read(&array, true).unwrap().last().unwrap(), b"<|endoftext|>");
    }
}
