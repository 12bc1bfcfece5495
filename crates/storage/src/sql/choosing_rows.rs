//! Rows about what is heard in a coaching session, and the moments that are marked for it.

use hearback_access::seal::{FieldCipher, FieldKey};
use hearback_domain::{
    ClipId, CoachingSessionId, KeyClass, Label, MarkId, Ms, NominationId, Note, PieceId,
    RecordingId, UserId, choosing::MomentKind, sound,
};
use uuid::Uuid;

use super::{inconsistent, open_text, seal_text, sealed::open_pseudonym, span, time, unsigned};
use crate::{Extract, HeardMark, Hearing, Moment, NewMoment, NewPiece, Result, ToldPiece};

const fn extracts(recording: RecordingId) -> FieldKey {
    FieldKey::Recording(recording, KeyClass::Extracts)
}

fn open(
    cipher: &dyn FieldCipher,
    key: FieldKey,
    (table, column): (&'static str, &'static str),
    row: Uuid,
    sealed: &[u8],
) -> Result<Note> {
    let text = open_text(cipher, key, table, column, row, sealed)?;
    Note::new(&text).map_err(inconsistent(table, column))
}

/// Seals what a practitioner wrote to a moment.
pub fn seal_moment_note(
    cipher: &dyn FieldCipher,
    recording: RecordingId,
    moment: &NewMoment,
) -> Result<Vec<u8>> {
    let key = FieldKey::Recording(recording, KeyClass::Sound);
    let row = moment.id.as_uuid();
    seal_text(cipher, key, "nominations", "note", row, moment.note.as_str())
}

/// Seals what an extract is called in a session, and the question.
pub fn seal_piece_words(
    cipher: &dyn FieldCipher,
    recording: RecordingId,
    piece: PieceId,
    title: &Label,
    question: &Note,
) -> Result<(Vec<u8>, Vec<u8>)> {
    let seal = |column, text: &str| {
        seal_text(cipher, extracts(recording), "session_clips", column, piece.as_uuid(), text)
    };
    Ok((seal("title", title.as_str())?, seal("question", question.as_str())?))
}

/// The same for one that is added.
pub fn seal_new_piece(
    cipher: &dyn FieldCipher,
    recording: RecordingId,
    piece: &NewPiece,
) -> Result<(Vec<u8>, Vec<u8>)> {
    seal_piece_words(cipher, recording, piece.id, &piece.title, &piece.question)
}

/// A row of `nominations`.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct MomentRow {
    pub id: Uuid,
    pub kind: String,
    pub start_ms: i64,
    pub end_ms: i64,
    pub note: Vec<u8>,
    pub made_at: i64,
}

impl MomentRow {
    /// The moment, of `recording`.
    pub fn open(self, cipher: &dyn FieldCipher, recording: RecordingId) -> Result<Moment> {
        const NOTE: (&str, &str) = ("nominations", "note");
        let key = FieldKey::Recording(recording, KeyClass::Sound);
        Ok(Moment {
            moment: NewMoment {
                id: NominationId::from_uuid(self.id),
                kind: self.kind.parse().map_err(inconsistent("nominations", "kind"))?,
                span: span("nominations", self.start_ms, self.end_ms)?,
                note: open(cipher, key, NOTE, self.id, &self.note)?,
            },
            made_at: time(self.made_at),
        })
    }
}

/// A row of `clips`, with what speaks for hearing it in a series.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
#[expect(clippy::struct_excessive_bools, reason = "the columns")]
pub struct ExtractRow {
    pub clip: Uuid,
    pub recording: Uuid,
    pub pseudonym: Vec<u8>,
    pub framework_version: String,
    pub skill: String,
    pub sub: Option<String>,
    pub named: bool,
    pub note: Vec<u8>,
    pub question: Vec<u8>,
    /// Of its sound.
    pub bytes: i64,
    pub quoted: bool,
    pub proud: bool,
    pub wonder: bool,
    pub exemplar: bool,
    pub removed: bool,
}

impl ExtractRow {
    /// The extract.
    pub fn open(self, cipher: &dyn FieldCipher) -> Result<Extract> {
        let recording = RecordingId::from_uuid(self.recording);
        let words = |column, sealed| {
            open(cipher, extracts(recording), ("clips", column), self.clip, sealed)
        };
        let marked = [(self.proud, MomentKind::Proud), (self.wonder, MomentKind::Wonder)];
        let bytes: u64 = unsigned("objects", "bytes", self.bytes)?;
        Ok(Extract {
            clip: ClipId::from_uuid(self.clip),
            recording,
            pseudonym: open_pseudonym(cipher, self.recording, &self.pseudonym)?,
            named: self.named,
            strength: words("note", &self.note)?,
            question: words("question", &self.question)?,
            length: sound::duration(bytes.saturating_sub(sound::WAV_HEADER_LEN)),
            quoted: self.quoted,
            marked: marked.into_iter().filter_map(|(there, kind)| there.then_some(kind)).collect(),
            // Whoever is practising sets no example yet (REL-04).
            exemplar: self.exemplar && self.named,
            removed: self.removed,
            framework_version: self.framework_version,
            skill: self.skill,
            sub: self.sub,
        })
    }
}

/// A row of `session_clips`.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct PieceRow {
    pub id: Uuid,
    pub clip: Uuid,
    pub title: Vec<u8>,
    pub question: Vec<u8>,
    pub added_by: Uuid,
    pub vetoed_at: Option<i64>,
    pub heard_at: Option<i64>,
}

impl PieceRow {
    /// What is told of it, if its extract can be heard.
    pub fn told(&self, cipher: &dyn FieldCipher, extract: Extract) -> Result<ToldPiece> {
        const TITLE: (&str, &str) = ("session_clips", "title");
        const QUESTION: (&str, &str) = ("session_clips", "question");
        let key = extracts(extract.recording);
        let title = open_text(cipher, key, TITLE.0, TITLE.1, self.id, &self.title)?;
        Ok(ToldPiece {
            title: Label::new(&title).map_err(inconsistent(TITLE.0, TITLE.1))?,
            question: open(cipher, key, QUESTION, self.id, &self.question)?,
            extract,
        })
    }
}

/// A row of `coaching_sessions` with one of `session_clips`, for what changes with either.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct SignRow {
    pub state: String,
    pub ended: bool,
    /// None where nothing is in the session.
    pub piece: Option<Uuid>,
    pub title: Option<Vec<u8>>,
    pub question: Option<Vec<u8>>,
    pub heard: bool,
    pub shared: bool,
    /// Of its recording: how many people are heard, and how many of their yeses hold.
    pub people: i64,
    pub yeses: i64,
}

impl SignRow {
    /// Rows as bytes that differ where they do: each field with its length before it.
    pub fn sign(rows: &[Self]) -> Vec<u8> {
        let mut out = Vec::new();
        let mut put = |bytes: &[u8]| {
            out.extend((bytes.len() as u64).to_le_bytes());
            out.extend(bytes);
        };
        for row in rows {
            put(row.state.as_bytes());
            put(row.piece.as_ref().map_or(&[][..], |id| id.as_bytes()));
            // Sealed: another one for each time that they are written.
            put(row.title.as_deref().unwrap_or_default());
            put(row.question.as_deref().unwrap_or_default());
            put(&[u8::from(row.ended), u8::from(row.heard), u8::from(row.shared)]);
            put(&row.people.to_le_bytes());
            put(&row.yeses.to_le_bytes());
        }
        out
    }
}

/// A row of `session_clips`, for changing it.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct OpenPieceRow {
    pub recording: Uuid,
    pub vetoed: bool,
    pub heard: bool,
    /// Whether the practitioner asks.
    pub theirs: bool,
}

impl OpenPieceRow {
    /// Whether whoever asks is told of it.
    pub const fn is_told(&self) -> bool {
        self.theirs || !self.vetoed
    }
}

/// A row of `recordings`, of a series.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct ThreadRecordingRow {
    pub id: Uuid,
    pub pseudonym: Vec<u8>,
    pub held_on: Option<String>,
}

impl ThreadRecordingRow {
    /// The recording, with the extracts that are of it. Its chosen name is told if it may be heard.
    pub fn open(
        self,
        cipher: &dyn FieldCipher,
        may_be_heard: bool,
        all: &[Extract],
    ) -> Result<crate::ThreadRecording> {
        let id = RecordingId::from_uuid(self.id);
        let name = || open_pseudonym(cipher, self.id, &self.pseudonym);
        Ok(crate::ThreadRecording {
            id,
            pseudonym: may_be_heard.then(name).transpose()?,
            held_on: self.held_on.filter(|_| may_be_heard),
            extracts: all.iter().filter(|one| one.recording == id).cloned().collect(),
        })
    }
}

/// A row of `session_clips`, where it was heard.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct HearingRow {
    pub id: Uuid,
    pub clip: Uuid,
    pub session: Uuid,
    pub at: i64,
    pub heard_at: Option<i64>,
}

impl HearingRow {
    /// The hearing, with those of these marks that are in it.
    pub fn with(self, marks: &[HeardMarkRow]) -> Result<Hearing> {
        let ours = marks.iter().filter(|mark| mark.piece == self.id);
        Ok(Hearing {
            piece: PieceId::from_uuid(self.id),
            clip: ClipId::from_uuid(self.clip),
            session: CoachingSessionId::from_uuid(self.session),
            at: time(self.at),
            heard_at: self.heard_at.map(time),
            marks: ours.map(HeardMarkRow::read).collect::<Result<_>>()?,
        })
    }
}

/// A row of `session_marks`.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct HeardMarkRow {
    pub id: Uuid,
    pub piece: Uuid,
    /// From the extract's beginning.
    pub at_ms: i64,
    pub marked_by: Uuid,
}

impl HeardMarkRow {
    fn read(&self) -> Result<HeardMark> {
        Ok(HeardMark {
            id: MarkId::from_uuid(self.id),
            at: Ms::new(unsigned("session_marks", "at_ms", self.at_ms)?),
            by: UserId::from_uuid(self.marked_by),
        })
    }
}
