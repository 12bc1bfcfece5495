//! What the SQL drivers share: row types, and the reading of errors.
//!
//! A row type has the types that *both* drivers read natively (`Uuid`, `i64`, `bool`, `String`, bytes). Turning a row
//! into a value of the domain is the one place where a stored value is checked again.

use std::error::Error;

use hearback_access::{Cx, Opens, StoredObject};
use hearback_domain::{KeyClass, Ms, RecordingId, Relation, Span, Timestamp, UserId};

use crate::{Inconsistency, Result, StoreError};

mod account_rows;
mod briefing_rows;
mod care_rows;
mod choosing_rows;
mod coach_rows;
mod consent_rows;
mod erasure_rows;
mod external_rows;
mod framework_rows;
mod gate_rows;
mod loop_rows;
mod machine_rows;
mod meeting_rows;
mod person_rows;
mod protocol_rows;
mod recording_rows;
mod redaction_rows;
mod sealed;
mod series_rows;
mod sheets_rows;
mod supervision_rows;
mod training_rows;

pub use self::{
    account_rows::{
        CeremonyRow, DeviceRow, InvitationRow, OwnSessionRow, PasskeyRow, TotpRow, words_of,
    },
    briefing_rows::{
        AgreedCodeRow, BriefingNoteRow, BriefingRow, EndsRow, ProposalRow, seal_agreed_note,
        seal_briefing_note, seal_proposal,
    },
    care_rows::{
        ConcernNoteRow, ConcernRow, ConcernSummaryRow, EndedConflictRow, GlassRow, HeardPersonRow,
        IdentityKeyRow, KeptAwayRow, PassageHeardRow, SealedNameRow, StandingRow, part, passage,
        pseudonym, seal_care,
    },
    choosing_rows::{
        ExtractRow, HeardMarkRow, HearingRow, MomentRow, OpenPieceRow, PieceRow, SignRow,
        ThreadRecordingRow, seal_moment_note, seal_new_piece, seal_piece_words,
    },
    coach_rows::{HeldRow, HoursRow, HoursRows, HoursTotalRow, SupervisedRow, seal_hours_note},
    consent_rows::{
        AnswerRow, ConsentRecordRow, DecidedRow, FormRow, HeardRow, nothing_newer,
        seal_consent_record,
    },
    erasure_rows::{
        AnchorsRow, ErasureRow, HoldRow, HoldingParts, HoldingRow, KeptRow, KindRow, RuleRow,
        SweepRow, TombstoneRow, by_recording, count, erasure_state, kept_of, month, seal_reason,
        words_of_classes, words_of_purposes,
    },
    external_rows::{AttemptRow, ConnectedRow, errand},
    framework_rows::FrameworkRow,
    gate_rows::{SaidRow, SeriesFactsRow, TieRow, Ties, consents},
    loop_rows::{
        ClipRow, ClipToRenderRow, CodeRow, CodingRow, HeardStretchRow, PlaylistSummaryRow,
        RoomClipRow, RoomRow, ScoreRow, open_desk_draft, seal_clip_words, seal_code_nonverbal,
        seal_code_note, seal_desk_draft,
    },
    machine_rows::{EntryRow, HeadRow, JobRow, JobStatusRow, ListenRow, SealedRow},
    meeting_rows::{GuestRow, MeetingPieceRow, MeetingRow, TimedRow, ToBeginRow},
    person_rows::{LoginRow, PersonRow, SessionRow, SignInFailuresRow},
    protocol_rows::{
        CandidateRow, CodersRow, HandRow, PlaceRow, PlacedRow, ProtocolRow, duration_of,
        seal_protocol_name, twice,
    },
    recording_rows::{
        ChosenRow, ConsentRow, ObjectRow, PartyRow, RecordingRow, StateRow, SummaryRow,
        TranscriptRow, WordsRow, spoken_words_of,
    },
    redaction_rows::{HiddenRow, ReachRow, RedactionRow, hide_with, redaction_version},
    sealed::{
        TextRow, open_person_name, open_text, seal_party_label, seal_person_name, seal_pseudonym,
        seal_text, those_not_erased, unless_erased,
    },
    series_rows::{
        AgreementRow, AttendingRow, CandidateRow as CoachCandidateRow, CoachProfileRow,
        CoachingSessionRow, PastCoachRow, SeriesRow, how_many, open_considered, open_profile,
        seal_agreement, seal_considered, seal_ending, seal_focus, seal_place, seal_profile,
        session_state,
    },
    sheets_rows::{
        FormerLogRow, GoalRow, SeriesPairRow, SheetRow, SheetSessionRow, seal_goal, seal_sheet,
    },
    supervision_rows::{
        BroughtRow, DebriefRow, FocusRow, FocusSeatRow, LastSupervisedRow, MeetingAheadRow,
        OutcomeRow, SupervisionRow, SupervisionSeatRow, seal_debrief, seal_outcome,
    },
    training_rows::{
        AgreedRow, AnswerKeyRow, AttemptAnswerRow, AttemptItemRow, FounderPlaceRow, LearnerRow,
        LearningAttemptRow, OwnTrainingRow, TrainingRecordingRow, TrainingSetRow, agreed,
        seal_agreed_reason,
    },
};

/// A caller did what the port rules out. Not the fault of the person who asked.
#[derive(Debug, thiserror::Error)]
#[error("a storage function was misused: {0}")]
struct Misuse(&'static str);

/// The error for a caller that did what the port rules out.
pub fn misuse(how: &'static str) -> StoreError {
    StoreError::Backend(Box::new(Misuse(how)))
}

/// Reads a driver's error.
pub fn backend(error: sqlx::Error) -> StoreError {
    use sqlx::Error as E;
    let passing = match &error {
        E::PoolTimedOut | E::PoolClosed | E::Io(_) | E::WorkerCrashed => true,
        E::Database(e) => e.code().is_some_and(|code| is_passing(&code)),
        _ => false,
    };
    if passing { StoreError::Unavailable(error.into()) } else { StoreError::Backend(error.into()) }
}

/// Whether the same call may succeed later.
fn is_passing(code: &str) -> bool {
    matches!(
        code,
        // SQLite: busy (with its extended forms), locked.
        "5" | "261" | "517" | "773" | "6" | "262"
        // PostgreSQL: serialisation failure, deadlock, lock timeout, too many connections, going down or coming up.
        | "40001" | "40P01" | "55P03" | "53300" | "57P01" | "57P02" | "57P03"
    )
}

/// Reads a driver's error where a uniqueness rule may be broken.
pub fn conflict(what: &'static str) -> impl FnOnce(sqlx::Error) -> StoreError {
    move |error| match error.as_database_error() {
        Some(e) if e.is_unique_violation() => StoreError::Conflict { what },
        _ => backend(error),
    }
}

/// Reads a driver's error while the database is opened.
pub fn migration(error: sqlx::migrate::MigrateError) -> StoreError {
    match error {
        sqlx::migrate::MigrateError::Execute(error) => backend(error),
        error => StoreError::Backend(error.into()),
    }
}

/// A number for storage, which has no unsigned ones.
pub fn number(value: u64) -> Result<i64> {
    i64::try_from(value).map_err(|_| misuse("a number is too large to be kept"))
}

/// The person in whose name a permit was made. Only the worker and strangers are nobody.
pub fn person_of(cx: Cx) -> Result<UserId> {
    cx.user.ok_or_else(|| misuse("a person's function was called for nobody"))
}

/// The recording whose objects a permit opens.
pub fn recording_of(permit: &dyn Opens) -> Result<RecordingId> {
    permit.recording().ok_or_else(|| misuse("a permit about no recording was used for one"))
}

/// The recording to which a permit may add this object.
pub fn may_add(permit: &dyn Opens, object: &StoredObject) -> Result<RecordingId> {
    let recording = recording_of(permit)?;
    if object.recording == recording && permit.writes(object.kind) {
        Ok(recording)
    } else {
        Err(misuse("a permit does not add objects of this kind to this recording"))
    }
}

fn inconsistent<E>(table: &'static str, column: &'static str) -> impl FnOnce(E) -> StoreError
where
    E: Error + Send + Sync + 'static,
{
    move |source| Inconsistency { table, column, source: Box::new(source) }.into()
}

fn unsigned<T>(table: &'static str, column: &'static str, value: i64) -> Result<T>
where
    T: TryFrom<i64>,
    T::Error: Error + Send + Sync + 'static,
{
    T::try_from(value).map_err(inconsistent(table, column))
}

fn hash(table: &'static str, column: &'static str, bytes: &[u8]) -> Result<[u8; 32]> {
    bytes.try_into().map_err(inconsistent(table, column))
}

/// A stretch of a row.
pub fn span(table: &'static str, start_ms: i64, end_ms: i64) -> Result<Span> {
    let start = Ms::new(unsigned(table, "start_ms", start_ms)?);
    let end = Ms::new(unsigned(table, "end_ms", end_ms)?);
    Span::new(start, end).map_err(inconsistent(table, "end_ms"))
}

fn time(micros: i64) -> Timestamp {
    Timestamp::from_micros(micros)
}

/// A content hash as it is kept.
pub fn content_hash(bytes: &[u8]) -> Result<[u8; 32]> {
    hash("recordings", "content_sha256", bytes)
}

/// A relation's word as it is kept.
pub fn relation(word: &str) -> Result<Relation> {
    word.parse().map_err(inconsistent("grants", "relation"))
}

/// A class of keys as it is kept.
pub fn key_class(word: &str) -> Result<KeyClass> {
    word.parse().map_err(inconsistent("keeping", "class"))
}
