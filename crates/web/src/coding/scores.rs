//! Whole-recording scores, and finishing.

use axum::{
    http::StatusCode,
    response::{IntoResponse as _, Redirect},
};
use hearback_access::Code;
use hearback_domain::{Rating, RecordingId, Score, conflict::not_blind};
use serde::{Deserialize, Serialize};

use super::{begin, open, recording, tells};
use crate::{
    Visit, WebError,
    error::Result,
    extract::{Json, Path, Sent},
    frameworks::framework_of,
};

/// An answer: a number, "not codable", or neither, which takes it back.
#[derive(Debug, Deserialize)]
pub(crate) struct Answer {
    #[serde(default)]
    score: Option<u8>,
    #[serde(default)]
    not_codable: bool,
}

impl Answer {
    fn rating(&self) -> Result<Option<Rating>> {
        match (self.score, self.not_codable) {
            (None, false) => Ok(None),
            (None, true) => Ok(Some(Rating::NotCodable)),
            (Some(number), false) => {
                let score =
                    Score::new(number).map_err(|e| WebError::invalid("score", e.to_string()))?;
                Ok(Some(Rating::Scored(score)))
            }
            (Some(_), true) => {
                Err(WebError::invalid("score", "it is either a number or not codable"))
            }
        }
    }
}

/// `PUT /recordings/{id}/scores/{item}`.
pub(crate) async fn put(
    visit: Visit,
    Path((id, item)): Path<(RecordingId, String)>,
    Sent(answer): Sent<Answer>,
) -> Result {
    let (mut work, permit, coding) = open(&visit, id).await?;
    let framework = framework_of(&mut *work, &coding.framework_version).await?;
    let item = framework.item(&item).map_err(|_| WebError::NotFound)?;
    work.set_score(&permit, &coding.framework_version, &item, answer?.rating()?).await?;
    work.commit().await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// How a coding was finished.
#[derive(Serialize)]
struct Finished {
    /// The coder had briefed the practitioner's coach, and this is from after the coaching (K-22).
    not_blind: bool,
    /// The coder could see which part of the programme it belongs to.
    phase_visible: bool,
}

/// `POST /recordings/{id}/coding/finish`. Finishing twice is finishing once.
pub(crate) async fn finish(visit: Visit, Path(id): Path<RecordingId>) -> Result {
    let (work, permit) = visit.permit::<Code>(id).await?;
    let (mut work, recording) = recording(&visit, work, id).await?;
    let not_blind = not_blind(recording.phase, work.briefed(&permit).await?);
    begin(&visit, &mut *work, &permit).await?;
    let phase_visible = tells(&mut *work, &permit).await?.phase;
    let standing = work.own_training(&permit).await?.standing();
    work.finish_coding(&permit, not_blind, phase_visible, standing).await?;
    // What was not saved has no place in it any more.
    work.leave_on_desk(&permit, None).await?;
    let finished = work.coding(&permit).await?.and_then(|coding| coding.finished);
    work.commit().await?;
    if visit.wants_json() {
        let finished =
            finished.map(|f| Finished { not_blind: f.not_blind, phase_visible: f.phase_visible });
        return Ok(Json(finished).into_response());
    }
    Ok(Redirect::to(&format!("/recordings/{id}/code?said=finished")).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_a_number_or_not_codable_or_nothing() {
        let read = |json: &str| serde_json::from_str::<Answer>(json).unwrap().rating();
        assert_eq!(read(r#"{"score":5}"#).unwrap(), Some(Rating::Scored(Score::new(5).unwrap())));
        assert_eq!(read(r#"{"not_codable":true}"#).unwrap(), Some(Rating::NotCodable));
        assert_eq!(read(r#"{"score":null}"#).unwrap(), None);
        for json in [r#"{"score":0}"#, r#"{"score":6}"#, r#"{"score":3,"not_codable":true}"#] {
            assert!(read(json).is_err(), "{json}");
        }
    }
}
