//! Rows about what is kept, until when, and what is destroyed.

use hearback_access::seal::{FieldCipher, FieldKey};
use hearback_domain::{
    ErasureId, KeyClass, PartyKind, PersonId, Purpose, Reason, RecordingId, UserId,
    retention::{Anchor, Anchors},
    withdrawal::{ErasureCause, ErasureState, UnknownWithdrawalWord},
};
use uuid::Uuid;

use super::{
    StateRow, inconsistent,
    sealed::{open_person_name, open_text, seal_text, unless_erased},
    time, unsigned,
};
use crate::{
    CurrentHold, Erasure, Holding, Kept, Paused, Receipt, Result, StoreError, SweepNotes, TakenBack,
};

/// Classes of keys as they are kept: words, with commas between them.
pub fn words_of_classes(classes: &[KeyClass]) -> String {
    classes.iter().map(|class| class.as_str()).collect::<Vec<_>>().join(",")
}

fn classes_of(words: &str) -> Result<Vec<KeyClass>> {
    let words = words.split(',').filter(|word| !word.is_empty());
    words.map(|word| word.parse().map_err(inconsistent("erasures", "classes"))).collect()
}

/// What was taken back, as it is kept.
pub fn words_of_purposes(purposes: &[Purpose]) -> String {
    if purposes.contains(&Purpose::Record) {
        return "everything".to_owned();
    }
    let named = Purpose::ALL.iter().filter(|purpose| purposes.contains(purpose));
    named.map(|purpose| purpose.as_str()).collect::<Vec<_>>().join(",")
}

/// A row of `parties` without the name.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct KindRow {
    pub person: Uuid,
    pub kind: String,
}

impl TryFrom<KindRow> for (PersonId, PartyKind) {
    type Error = StoreError;

    fn try_from(row: KindRow) -> Result<Self> {
        let kind = row.kind.parse().map_err(inconsistent("parties", "kind"))?;
        Ok((PersonId::from_uuid(row.person), kind))
    }
}

/// A row of `erasures`.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct ErasureRow {
    pub id: Uuid,
    pub classes: String,
    pub whole: bool,
    pub cause: String,
    pub state: String,
    pub requested_at: i64,
    pub done_at: Option<i64>,
    pub ledger_seq: Option<i64>,
}

fn cause(word: &str) -> Result<ErasureCause> {
    word.parse().map_err(inconsistent("erasures", "cause"))
}

/// How far an erasure is, as it is kept.
pub fn erasure_state(word: &str) -> Result<ErasureState> {
    word.parse().map_err(inconsistent("erasures", "state"))
}

impl TryFrom<ErasureRow> for Erasure {
    type Error = StoreError;

    fn try_from(row: ErasureRow) -> Result<Self> {
        Ok(Self {
            id: ErasureId::from_uuid(row.id),
            classes: classes_of(&row.classes)?,
            whole: row.whole,
            cause: cause(&row.cause)?,
        })
    }
}

impl TryFrom<ErasureRow> for Receipt {
    type Error = StoreError;

    fn try_from(row: ErasureRow) -> Result<Self> {
        let seq = row.ledger_seq.map(|seq| unsigned("erasures", "ledger_seq", seq));
        Ok(Self {
            classes: classes_of(&row.classes)?,
            whole: row.whole,
            cause: cause(&row.cause)?,
            state: erasure_state(&row.state)?,
            requested_at: time(row.requested_at),
            done_at: row.done_at.map(time),
            ledger_seq: seq.transpose()?,
        })
    }
}

/// A row of `tombstones`.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct TombstoneRow {
    pub created_in: String,
    pub erased_in: String,
    pub cause: String,
}

impl TryFrom<TombstoneRow> for TakenBack {
    type Error = StoreError;

    fn try_from(row: TombstoneRow) -> Result<Self> {
        let cause = row.cause.parse().map_err(inconsistent("tombstones", "cause"))?;
        Ok(Self { began_in: row.created_in, gone_in: row.erased_in, cause })
    }
}

/// The month of a moment, as `2026-11`.
pub fn month(at: hearback_domain::Timestamp) -> String {
    let mut day = hearback_domain::Day::of(at).to_string();
    day.truncate(7);
    day
}

/// A row of `keeping`.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct KeptRow {
    pub class: String,
    pub until: i64,
    pub extended: i64,
    pub gone: bool,
}

/// The rows of one recording, in the order of the classes.
pub fn kept_of(rows: Vec<KeptRow>) -> Result<Vec<Kept>> {
    let mut kept = Vec::with_capacity(rows.len());
    for row in rows {
        kept.push(Kept {
            class: row.class.parse().map_err(inconsistent("keeping", "class"))?,
            until: time(row.until),
            extended: unsigned("keeping", "extended", row.extended)?,
            gone: row.gone,
        });
    }
    kept.sort_by_key(|kept| kept.class);
    Ok(kept)
}

/// The moments from which the time of a recording is counted.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct AnchorsRow {
    pub created_at: i64,
    pub coded: Option<i64>,
    pub agreed: Option<i64>,
}

impl From<AnchorsRow> for Anchors {
    fn from(row: AnchorsRow) -> Self {
        Self {
            created: time(row.created_at),
            coded: row.coded.map(time),
            agreed: row.agreed.map(time),
        }
    }
}

/// A row of `retention_rules`.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct RuleRow {
    pub class: String,
    pub anchor: String,
    pub days: i64,
}

impl TryFrom<RuleRow> for (KeyClass, Anchor, u32) {
    type Error = StoreError;

    fn try_from(row: RuleRow) -> Result<Self> {
        Ok((
            row.class.parse().map_err(inconsistent("retention_rules", "class"))?,
            row.anchor.parse().map_err(inconsistent("retention_rules", "anchor"))?,
            unsigned("retention_rules", "days", row.days)?,
        ))
    }
}

/// A recording for the data protection officer.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct HoldingRow {
    pub id: Uuid,
    pub owner: Uuid,
    pub name: Vec<u8>,
    pub created_at: i64,
    pub phase: String,
    #[sqlx(flatten)]
    pub state: StateRow,
}

/// What belongs to a [`HoldingRow`].
#[derive(Default)]
#[expect(missing_docs, reason = "as in `Holding`")]
pub struct HoldingParts {
    pub heard: Vec<KindRow>,
    pub covers: Vec<Purpose>,
    pub kept: Vec<KeptRow>,
    pub hold: Option<CurrentHold>,
    pub erasure: Option<String>,
}

impl HoldingRow {
    /// The holding, its practitioner's name opened.
    pub fn open(self, cipher: &dyn FieldCipher, parts: HoldingParts) -> Result<Holding> {
        Ok(Holding {
            recording: RecordingId::from_uuid(self.id),
            practitioner: UserId::from_uuid(self.owner),
            name: open_person_name(cipher, self.owner, &self.name)?,
            created_at: time(self.created_at),
            phase: self.phase.parse().map_err(inconsistent("recordings", "phase"))?,
            state: self.state.try_into()?,
            heard: parts.heard.into_iter().map(TryInto::try_into).collect::<Result<_>>()?,
            covers: parts.covers,
            kept: kept_of(parts.kept)?,
            hold: parts.hold,
            erasure: parts.erasure.as_deref().map(erasure_state).transpose()?,
        })
    }
}

/// A row of `holds`.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct HoldRow {
    pub id: Uuid,
    pub reason: Vec<u8>,
    pub placed_at: i64,
    pub review_by: i64,
}

/// What stands where a reason was that is destroyed.
const ERASED_REASON: &str = "(reason erased)";

const fn key_of_reasons(recording: RecordingId) -> FieldKey {
    FieldKey::Recording(recording, KeyClass::Sound)
}

/// The reason of a hold or an extension, sealed under the recording's key: it goes with the sound that it is about.
///
/// Empty once that key is destroyed: what else there is of the recording can still be held.
pub fn seal_reason(
    cipher: &dyn FieldCipher,
    recording: RecordingId,
    table: &'static str,
    row: Uuid,
    reason: &Reason,
) -> Result<Vec<u8>> {
    let key = key_of_reasons(recording);
    let sealed = seal_text(cipher, key, table, "reason", row, reason.as_str());
    Ok(unless_erased(sealed)?.unwrap_or_default())
}

impl HoldRow {
    /// The hold, its reason opened.
    pub fn open(self, cipher: &dyn FieldCipher, recording: RecordingId) -> Result<CurrentHold> {
        let key = key_of_reasons(recording);
        let opened = open_text(cipher, key, "holds", "reason", self.id, &self.reason);
        Ok(CurrentHold {
            reason: unless_erased(opened)?.unwrap_or_else(|| ERASED_REASON.to_owned()),
            placed_at: time(self.placed_at),
            review_by: time(self.review_by),
        })
    }
}

/// The row of `sweeps`.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct SweepRow {
    pub swept_at: Option<i64>,
    pub forecast: i64,
    pub forecast_at: Option<i64>,
    pub already: i64,
    pub released: i64,
    pub paused: Option<String>,
    pub due: i64,
}

impl TryFrom<SweepRow> for SweepNotes {
    type Error = StoreError;

    fn try_from(row: SweepRow) -> Result<Self> {
        let due = unsigned("sweeps", "due", row.due)?;
        let paused = row.paused.map(|word| {
            Paused::parse(&word, due)
                .ok_or_else(|| inconsistent("sweeps", "paused")(UnknownWithdrawalWord))
        });
        Ok(Self {
            swept_at: row.swept_at.map(time),
            forecast: unsigned("sweeps", "forecast", row.forecast)?,
            forecast_at: row.forecast_at.map(time),
            already: unsigned("sweeps", "already", row.already)?,
            released: unsigned("sweeps", "released", row.released)?,
            paused: paused.transpose()?,
        })
    }
}

/// Recordings and classes in order of the recordings, as lists by recording.
pub fn by_recording(rows: Vec<(Uuid, String)>) -> Result<Vec<(RecordingId, Vec<KeyClass>)>> {
    let mut found: Vec<(RecordingId, Vec<KeyClass>)> = Vec::new();
    for (recording, class) in rows {
        let recording = RecordingId::from_uuid(recording);
        let class = super::key_class(&class)?;
        match found.last_mut() {
            Some((last, classes)) if *last == recording => classes.push(class),
            _ => found.push((recording, vec![class])),
        }
    }
    Ok(found)
}

/// A count, or another number that is never below zero.
pub fn count(number: i64) -> Result<u64> {
    unsigned("sweeps", "due", number)
}
