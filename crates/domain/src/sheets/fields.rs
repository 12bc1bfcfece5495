//! What each sheet asks.

use super::SheetKind;

/// Who writes a sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Writer {
    /// Whoever is coached.
    Practitioner,
    /// Whoever coaches.
    Coach,
}

/// Something that a sheet asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// Under which its answer is kept. Never changed: what people wrote lies under it.
    pub key: &'static str,
    /// What is asked.
    pub label: &'static str,
    /// A word of help; may be empty.
    pub hint: &'static str,
}

const fn field(key: &'static str, label: &'static str, hint: &'static str) -> Field {
    Field { key, label, hint }
}

/// FRM-02.
const SESSION: &[Field] = &[
    field("focus", "What I brought", "A skill, a worry, a moment that stayed with me."),
    field("came_up", "Things that came up", ""),
    field("try", "What I would like to try", "One small thing is plenty."),
    field("notice", "How I will notice that it works", "What would I see or hear?"),
];

/// FRM-04.
const TAKE_AWAY: &[Field] = &[
    field("try", "What I would like to try until next time", ""),
    field(
        "success",
        "Moments of success",
        "Large or small: something that went well, or differently.",
    ),
    field("why", "Why they went well", "What did I do that helped?"),
    field("difficult", "Anything that was difficult", ""),
    field("bring", "To bring next time", "A question, a moment, part of a recording."),
];

/// FRM-03, for whoever heard their own recording. The last question is theirs alone to ask (K-23).
const HEARD_MYSELF: &[Field] = &[
    field("before", "Before I listened", "What I thought and felt."),
    field("focus", "What I wanted to listen for", ""),
    field("insight_me", "A moment of insight, for me", ""),
    field(
        "insight_them",
        "A moment of insight, about them",
        "The child, young person or family, under their chosen name.",
    ),
    field("between", "What changed between us", "In the recording, or since."),
    field("learnt", "What I learnt", "About myself, about them."),
    field("add", "What I would add, hearing it again", ""),
    field("after", "Afterwards", "What I think and feel now."),
];

/// FRM-03, for whoever coached.
const COACHED: &[Field] = &[
    field("before", "Before the session", "What I thought and felt."),
    field("focus", "The focus that they chose", "Under the chosen name."),
    field("insight_me", "A moment of insight, for me", ""),
    field("insight_them", "A moment of insight, for them", "As far as I could hear it."),
    field("between", "What changed between us", ""),
    field("learnt", "What I learnt", "About myself, about them."),
    field("after", "Afterwards", "What I think and feel now."),
];

pub(super) const fn of(kind: SheetKind, writer: Writer) -> &'static [Field] {
    match (kind, writer) {
        (SheetKind::Session, _) => SESSION,
        (SheetKind::TakeAway, _) => TAKE_AWAY,
        (SheetKind::Thinking, Writer::Practitioner) => HEARD_MYSELF,
        (SheetKind::Thinking, Writer::Coach) => COACHED,
    }
}
