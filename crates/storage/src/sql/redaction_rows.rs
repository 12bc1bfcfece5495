//! Rows about what is hidden.

use hearback_domain::{Hidden, HiddenId, HideWith, RedactionVersion, Span, UserId};
use uuid::Uuid;

use super::{inconsistent, span, time, unsigned};
use crate::{HiddenPassage, Redaction, Result, StoreError};

/// A row of `hidden_passages`.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct HiddenRow {
    pub id: Uuid,
    pub start_ms: i64,
    pub end_ms: i64,
    pub why: String,
    pub hidden_by: Uuid,
    pub show_asked_by: Option<Uuid>,
}

impl TryFrom<HiddenRow> for HiddenPassage {
    type Error = StoreError;

    fn try_from(row: HiddenRow) -> Result<Self> {
        const TABLE: &str = "hidden_passages";
        Ok(Self {
            id: HiddenId::from_uuid(row.id),
            hidden: Hidden {
                span: span(TABLE, row.start_ms, row.end_ms)?,
                why: row.why.parse().map_err(inconsistent(TABLE, "why"))?,
            },
            hidden_by: UserId::from_uuid(row.hidden_by),
            show_asked_by: row.show_asked_by.map(UserId::from_uuid),
        })
    }
}

/// What a recording's row says about what is hidden of it.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct RedactionRow {
    pub redaction: i64,
    pub hidden_with: String,
    /// Who approved this version; of an older one, nobody.
    pub approved_by: Option<Uuid>,
    pub approved_at: Option<i64>,
}

impl RedactionRow {
    /// The set, of these passages.
    pub fn with(self, passages: Vec<HiddenPassage>) -> Result<Redaction> {
        Ok(Redaction {
            version: redaction_version(self.redaction)?,
            with: hide_with(&self.hidden_with)?,
            passages,
            approved: self
                .approved_by
                .zip(self.approved_at)
                .map(|(by, at)| (UserId::from_uuid(by), time(at))),
        })
    }
}

/// A version as it is kept.
pub fn redaction_version(number: i64) -> Result<RedactionVersion> {
    unsigned("recordings", "redaction", number).map(RedactionVersion::new)
}

/// What is heard instead, as it is kept.
pub fn hide_with(word: &str) -> Result<HideWith> {
    word.parse().map_err(inconsistent("recordings", "hidden_with"))
}

/// A row of `clips`, for what becomes of it when something near it sounds different.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct ReachRow {
    pub id: Uuid,
    pub start_ms: i64,
    pub end_ms: i64,
    pub vetoed: bool,
    pub removed: bool,
}

impl ReachRow {
    /// Those of which something lies in `changed`, in order.
    pub fn within<'a>(rows: &'a [Self], changed: &[Span]) -> Result<Vec<&'a Self>> {
        let mut found = Vec::new();
        for row in rows {
            let at = span("clips", row.start_ms, row.end_ms)?;
            if changed.iter().any(|changed| changed.overlaps(at)) {
                found.push(row);
            }
        }
        Ok(found)
    }
}
