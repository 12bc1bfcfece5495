//! Rows that decisions are made from.

use hearback_access::Subject;
use hearback_domain::{
    Consents, KeyClass, PartyConsent, PersonId, RecordingState, Relation, UnknownWord, UserId,
    policy::{Facts, SeriesStage},
};
use uuid::Uuid;

use super::{inconsistent, key_class, relation};
use crate::StoreError;

/// One thing that ties a person to an object, or says that something of it is gone.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct TieRow {
    pub what: String,
    pub word: String,
}

/// What a decision wants to know of a person and an object, but for the answers of those who are heard.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Ties {
    /// What the person is to it.
    pub relations: Vec<Relation>,
    /// What is gone of the recording.
    pub gone: Vec<KeyClass>,
    /// Whether the person is kept away from it.
    pub blocked: bool,
}

impl TryFrom<Vec<TieRow>> for Ties {
    type Error = StoreError;

    fn try_from(rows: Vec<TieRow>) -> Result<Self, StoreError> {
        let mut ties = Self::default();
        for row in rows {
            match row.what.as_str() {
                "is" => ties.relations.push(relation(&row.word)?),
                "gone" => ties.gone.push(key_class(&row.word)?),
                "blocked" => ties.blocked = true,
                _ => return Err(inconsistent("grants", "relation")(UnknownWord)),
            }
        }
        Ok(ties)
    }
}

/// Somebody who is heard, with one of their answers as it holds now; no purpose if they gave none yet.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct SaidRow {
    pub person: Uuid,
    pub purpose: Option<String>,
    pub given: bool,
}

/// What everybody who is heard said.
pub fn consents(rows: Vec<SaidRow>) -> Result<Consents, StoreError> {
    let mut heard = Vec::with_capacity(rows.len());
    let mut answers = Vec::with_capacity(rows.len());
    for row in rows {
        let person = PersonId::from_uuid(row.person);
        heard.push(person);
        if let Some(purpose) = row.purpose {
            let purpose = purpose.parse().map_err(inconsistent("consents", "purpose"))?;
            answers.push(PartyConsent { person, purpose, given: row.given });
        }
    }
    Ok(Consents::new(heard, answers))
}

/// A series of coaching sessions, or one of its sessions, as somebody stands to it.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct SeriesFactsRow {
    pub practitioner: Uuid,
    pub coach: Option<Uuid>,
    pub agreed_at: Option<i64>,
    pub ended_at: Option<i64>,
    pub live: bool,
    pub guest: bool,
    pub before: bool,
}

impl SeriesFactsRow {
    /// What a decision is made from.
    pub fn subject(&self, user: Option<UserId>) -> Subject {
        let user = user.map(UserId::as_uuid);
        let mut relations = Vec::new();
        if user == Some(self.practitioner) {
            relations.push(Relation::IsCoached);
        }
        if user.is_some() && user == self.coach {
            relations.push(Relation::CoachesSeries);
        }
        if self.before && user != self.coach {
            relations.push(Relation::CoachedBefore);
        }
        if self.guest {
            relations.push(Relation::Guest);
        }
        let series = match (self.ended_at, self.agreed_at) {
            (Some(_), _) => SeriesStage::Ended,
            (None, None) => SeriesStage::Ongoing,
            (None, Some(_)) if self.live => SeriesStage::Live,
            (None, Some(_)) => SeriesStage::Agreed,
        };
        let facts = Facts {
            relations,
            consents: Consents::new([], []),
            state: RecordingState::new(false),
            shared: false,
            gone: Vec::new(),
            blocked: false,
            series,
        };
        Subject { recording: None, clip: None, facts }
    }
}
