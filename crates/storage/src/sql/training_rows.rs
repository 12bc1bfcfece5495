//! Rows about learning to code.

use hearback_access::seal::{FieldCipher, FieldKey};
use hearback_domain::{
    AgreedId, AttemptId, KeyClass, Note, Rating, RecordingId, Score, UserId,
    training::{Agreed, HalfScore, Judgement, OwnTraining, SetPlan, Share},
};
use uuid::Uuid;

use super::{inconsistent, open_text, seal_text, time, unsigned};
use crate::{
    AgreedScore, FounderPlace, HandedIn, JudgedAnswer, Learner, LearningAttempt, StoreError,
    TrainingRecording, TrainingSet,
};

/// A row of `training_sets`.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct TrainingSetRow {
    pub framework_version: String,
    pub size: i64,
    pub per_skill: bool,
    pub made_at: i64,
    pub opened_at: Option<i64>,
}

impl TryFrom<TrainingSetRow> for TrainingSet {
    type Error = StoreError;

    fn try_from(row: TrainingSetRow) -> Result<Self, StoreError> {
        let size = unsigned("training_sets", "size", row.size)?;
        Ok(Self {
            framework_version: row.framework_version,
            plan: SetPlan { size, per_skill: row.per_skill },
            made_at: time(row.made_at),
            opened_at: row.opened_at.map(time),
        })
    }
}

/// A row of `training_recordings`.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct TrainingRecordingRow {
    pub recording: Uuid,
    pub level: String,
}

impl TryFrom<TrainingRecordingRow> for TrainingRecording {
    type Error = StoreError;

    fn try_from(row: TrainingRecordingRow) -> Result<Self, StoreError> {
        let level = row.level.parse().map_err(inconsistent("training_recordings", "level"))?;
        Ok(Self { recording: RecordingId::from_uuid(row.recording), level })
    }
}

/// A row of `training_people`, with whether they reached it.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct LearnerRow {
    pub person: Uuid,
    pub part: String,
    pub how: Option<String>,
    pub at: Option<i64>,
}

impl TryFrom<LearnerRow> for Learner {
    type Error = StoreError;

    fn try_from(row: LearnerRow) -> Result<Self, StoreError> {
        let how = row.how.map(|how| how.parse().map_err(inconsistent("qualified", "how")));
        Ok(Self {
            person: UserId::from_uuid(row.person),
            part: row.part.parse().map_err(inconsistent("training_people", "part"))?,
            reached: how.transpose()?.zip(row.at.map(time)),
        })
    }
}

/// A founder's coding of a recording of a set.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct FounderPlaceRow {
    pub recording: Uuid,
    pub person: Uuid,
    pub begun: bool,
    pub locked: bool,
}

impl From<FounderPlaceRow> for FounderPlace {
    fn from(row: FounderPlaceRow) -> Self {
        Self {
            recording: RecordingId::from_uuid(row.recording),
            person: UserId::from_uuid(row.person),
            begun: row.begun,
            locked: row.locked,
        }
    }
}

/// A row of `agreed_scores`.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct AgreedRow {
    pub id: Uuid,
    pub item: String,
    pub halves: Option<i64>,
    pub note: Vec<u8>,
    pub agreed_by: Uuid,
    pub agreed_at: i64,
}

impl AgreedRow {
    /// What was agreed.
    pub fn open(
        self,
        cipher: &dyn FieldCipher,
        recording: RecordingId,
    ) -> Result<AgreedScore, StoreError> {
        let key = FieldKey::Recording(recording, KeyClass::Coding);
        let note = open_text(cipher, key, "agreed_scores", "note", self.id, &self.note)?;
        Ok(AgreedScore {
            item: self.item,
            agreed: agreed(self.halves)?,
            note: Note::new(&note).map_err(inconsistent("agreed_scores", "note"))?,
            by: UserId::from_uuid(self.agreed_by),
            at: time(self.agreed_at),
        })
    }
}

/// Seals what was said about an agreed score.
pub fn seal_agreed_reason(
    cipher: &dyn FieldCipher,
    recording: RecordingId,
    id: AgreedId,
    note: &Note,
) -> Result<Vec<u8>, StoreError> {
    let key = FieldKey::Recording(recording, KeyClass::Coding);
    seal_text(cipher, key, "agreed_scores", "note", id.as_uuid(), note.as_str())
}

/// An agreed score as it is kept.
pub fn agreed(halves: Option<i64>) -> Result<Agreed, StoreError> {
    let Some(halves) = halves else { return Ok(Agreed::NotCodable) };
    let halves = unsigned("agreed_scores", "halves", halves)?;
    let score = HalfScore::from_halves(halves);
    Ok(Agreed::Scored(score.map_err(inconsistent("agreed_scores", "halves"))?))
}

/// A row of `agreed_scores`, to compare answers with.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct AnswerKeyRow {
    pub recording: Uuid,
    pub item: String,
    pub halves: Option<i64>,
}

impl TryFrom<AnswerKeyRow> for (RecordingId, String, Agreed) {
    type Error = StoreError;

    fn try_from(row: AnswerKeyRow) -> Result<Self, StoreError> {
        Ok((RecordingId::from_uuid(row.recording), row.item, agreed(row.halves)?))
    }
}

/// A row of `attempts`.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct LearningAttemptRow {
    pub id: Uuid,
    pub number: i64,
    pub begun_at: i64,
    pub handed_in_at: Option<i64>,
    pub per_skill: Option<bool>,
    pub reached: Option<bool>,
}

impl LearningAttemptRow {
    /// The attempt, with what belongs to it.
    pub fn open(
        self,
        items: Vec<AttemptItemRow>,
        answers: Vec<AttemptAnswerRow>,
    ) -> Result<LearningAttempt, StoreError> {
        let handed_in = match self.handed_in_at.zip(self.per_skill).zip(self.reached) {
            None => None,
            Some(((at, per_skill), reached)) => Some(HandedIn {
                at: time(at),
                judgement: Judgement {
                    items: items.into_iter().map(TryInto::try_into).collect::<Result<_, _>>()?,
                    per_skill,
                },
                reached,
                answers: answers.into_iter().map(TryInto::try_into).collect::<Result<_, _>>()?,
            }),
        };
        Ok(LearningAttempt {
            id: AttemptId::from_uuid(self.id),
            number: unsigned("attempts", "number", self.number)?,
            begun_at: time(self.begun_at),
            handed_in,
        })
    }
}

/// A row of `attempt_items`.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct AttemptItemRow {
    pub item: String,
    pub near: i64,
    pub compared: i64,
    pub left_out: i64,
}

impl TryFrom<AttemptItemRow> for (String, Share) {
    type Error = StoreError;

    fn try_from(row: AttemptItemRow) -> Result<Self, StoreError> {
        let share = Share {
            near: unsigned("attempt_items", "near", row.near)?,
            compared: unsigned("attempt_items", "compared", row.compared)?,
            left_out: unsigned("attempt_items", "left_out", row.left_out)?,
        };
        Ok((row.item, share))
    }
}

/// A row of `attempt_answers`.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct AttemptAnswerRow {
    pub recording: Uuid,
    pub item: String,
    pub answered: bool,
    pub score: Option<i64>,
    pub near: Option<bool>,
}

impl TryFrom<AttemptAnswerRow> for JudgedAnswer {
    type Error = StoreError;

    fn try_from(row: AttemptAnswerRow) -> Result<Self, StoreError> {
        let rating = match row.score {
            None => Rating::NotCodable,
            Some(score) => {
                let score = unsigned("attempt_answers", "score", score)?;
                let score = Score::new(score);
                Rating::Scored(score.map_err(inconsistent("attempt_answers", "score"))?)
            }
        };
        Ok(Self {
            recording: RecordingId::from_uuid(row.recording),
            item: row.item,
            answer: row.answered.then_some(rating),
            near: row.near,
        })
    }
}

/// What decides whether a coding counts.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct OwnTrainingRow {
    pub set_open: bool,
    pub qualified: bool,
    pub learning: bool,
}

impl From<OwnTrainingRow> for OwnTraining {
    fn from(row: OwnTrainingRow) -> Self {
        Self { set_open: row.set_open, qualified: row.qualified, learning: row.learning }
    }
}
