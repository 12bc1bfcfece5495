//! What is read where something is hidden: what cannot be heard cannot be read either.

use super::{By, ReadSegment, ReadWord, Reading, reading::joined};
use crate::RedactionSet;

/// What stands for hidden words, however many they were.
pub const BLANK: &str = "[hidden]";

impl Reading {
    /// The same without what is hidden.
    ///
    /// A word that a person wrote is hidden with anything of the stretch whose time it shares: where in it the word is
    /// said is not known.
    #[must_use]
    pub fn hiding(self, set: &RedactionSet) -> Self {
        let segments = self.segments.into_iter().map(|segment| segment.hiding(set));
        Self { segments: segments.collect(), ..self }
    }
}

impl ReadSegment {
    fn hiding(self, set: &RedactionSet) -> Self {
        let mut words: Vec<ReadWord> = Vec::with_capacity(self.words.len());
        for word in self.words {
            if !set.touches(word.within) && !set.touches(word.span()) {
                words.push(word);
                continue;
            }
            // One blank for a row of words: how many there were is nobody's business, nor who wrote them.
            if let Some(last) = words.last_mut().filter(|last| last.text == BLANK) {
                last.end_ms = word.end_ms.max(last.end_ms);
            } else {
                let (p, by) = (1.0, By::Machine);
                words.push(ReadWord { text: BLANK.to_owned(), p, by, ..word });
            }
        }
        Self { text: joined(words.iter()), words, ..self }
    }
}
