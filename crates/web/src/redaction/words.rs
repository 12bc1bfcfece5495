//! The machine's words where something is hidden: what cannot be heard cannot be read either.

use hearback_access::{AccessError, ObjectKind, ReadTranscript, require};
use hearback_domain::{Ms, Purpose, RedactionSet, Span};
use hearback_storage::{Recording, Work};
use serde::{Deserialize, Serialize};

use crate::{Visit, WebError, error::Result, objects::read};

/// What stands for hidden words, however many they were.
const BLANK: &str = "[hidden]";

/// The transcript as it lies in the vault, as far as it is shown.
#[derive(Debug, Deserialize, Serialize, PartialEq)]
pub(super) struct Words {
    pub(super) segments: Vec<Segment>,
}

#[derive(Debug, Deserialize, Serialize, PartialEq)]
pub(super) struct Segment {
    start_ms: u64,
    end_ms: u64,
    text: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    speaker: Option<String>,
    #[serde(default)]
    words: Vec<Word>,
}

#[derive(Clone, Debug, Deserialize, Serialize, PartialEq)]
struct Word {
    start_ms: u64,
    end_ms: u64,
    text: String,
    p: f32,
}

impl Words {
    /// From the vault's object.
    pub(super) fn of(json: &[u8]) -> Result<Self> {
        serde_json::from_slice(json).map_err(WebError::internal)
    }

    /// Where its words lie; those without a length cannot be hidden and are left out.
    pub(super) fn spans(&self) -> Vec<Span> {
        let words = self.segments.iter().flat_map(|segment| &segment.words);
        words.filter_map(|word| span(word.start_ms, word.end_ms)).collect()
    }

    /// The same without what is hidden.
    pub(super) fn hiding(self, set: &RedactionSet) -> Self {
        let segments = self.segments.into_iter().map(|segment| segment.hiding(set));
        Self { segments: segments.collect() }
    }
}

impl Segment {
    fn hiding(self, set: &RedactionSet) -> Self {
        let mut words: Vec<Word> = Vec::with_capacity(self.words.len());
        for word in self.words {
            if !hides(set, word.start_ms, word.end_ms) {
                words.push(word);
                continue;
            }
            // One blank for a row of words: how many there were is nobody's business.
            match words.last_mut().filter(|last| last.text == BLANK) {
                Some(last) => last.end_ms = word.end_ms,
                None => words.push(Word { text: BLANK.to_owned(), p: 1.0, ..word }),
            }
        }
        let text = if !words.is_empty() {
            words.iter().map(|word| word.text.trim()).collect::<Vec<_>>().join(" ")
        } else if hides(set, self.start_ms, self.end_ms) {
            BLANK.to_owned()
        } else {
            self.text
        };
        Self { text, words, ..self }
    }
}

/// Whether anything of this stretch is hidden. What has no length counts as the millisecond where it stands.
fn hides(set: &RedactionSet, start_ms: u64, end_ms: u64) -> bool {
    let point = || span(start_ms, start_ms.saturating_add(1));
    span(start_ms, end_ms).or_else(point).is_some_and(|span| set.touches(span))
}

fn span(start_ms: u64, end_ms: u64) -> Option<Span> {
    Span::new(Ms::new(start_ms), Ms::new(end_ms)).ok()
}

/// The words of a recording, if there are any that this visitor may read: nothing is refused for the want of them.
pub(super) async fn words_if_any(
    visit: &Visit,
    work: &mut dyn Work,
    recording: &Recording,
) -> Result<Option<Words>> {
    if !recording.cover(Purpose::Transcribe) {
        return Ok(None);
    }
    let permit = match require::<ReadTranscript>(work.gate(), visit.cx(), recording.id).await {
        Ok(permit) => permit,
        Err(AccessError::Refused(_)) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let Some(object) = work.object(&permit, ObjectKind::Transcript).await? else {
        return Ok(None);
    };
    Words::of(&read(visit.app(), permit, object).await?).map(Some)
}

#[cfg(test)]
mod tests {
    use hearback_domain::{Hidden, HideReason, HideWith, REACH, RedactionVersion};

    use super::*;

    fn word(start_ms: u64, end_ms: u64, text: &str) -> Word {
        Word { start_ms, end_ms, text: text.to_owned(), p: 0.9 }
    }

    #[test]
    fn what_cannot_be_heard_cannot_be_read() {
        let set = RedactionSet {
            version: RedactionVersion::new(1),
            with: HideWith::Tone,
            hidden: vec![Hidden { span: span(10_000, 11_000).unwrap(), why: HideReason::Name }],
        };
        let reach = REACH.get();
        let words = vec![
            word(8_000, 10_000 - reach, "Then"),
            word(9_900, 10_100, "Robin"),
            word(10_100, 10_100, "Ash"),
            word(10_900, 11_200, "Hollis"),
            word(11_000 + reach, 12_000, "came."),
        ];
        let segment = |words: Vec<Word>, text: &str, start_ms, end_ms| Segment {
            start_ms,
            end_ms,
            text: text.to_owned(),
            speaker: None,
            words,
        };
        let shown = Words {
            segments: vec![
                segment(words, "Then Robin Ash Hollis came.", 8_000, 12_000),
                segment(vec![], "Robin again", 10_500, 10_600),
                segment(vec![], "Elsewhere", 20_000, 21_000),
            ],
        }
        .hiding(&set);
        let texts: Vec<_> = shown.segments.iter().map(|segment| segment.text.as_str()).collect();
        assert_eq!(texts, ["Then [hidden] came.", "[hidden]", "Elsewhere"]);
        let times: Vec<_> =
            shown.segments[0].words.iter().map(|word| (word.start_ms, word.end_ms)).collect();
        assert_eq!(times[1], (9_900, 11_200));
        let json = serde_json::to_string(&shown).unwrap();
        assert!(!["Robin", "Ash", "Hollis"].iter().any(|name| json.contains(name)), "{json}");
    }
}
