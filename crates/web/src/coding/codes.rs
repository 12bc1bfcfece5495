//! Evidence codes: a skill, a stretch of the recording, a note.

use axum::{extract::State, http::StatusCode, response::IntoResponse as _};
use hearback_access::Code;
use hearback_domain::{CodeId, Ms, Note, Rating, RecordingId, Span};
use hearback_storage::{EvidenceCode, NewCode, WholeScore};
use serde::{Deserialize, Serialize};

use super::{open, recording};
use crate::{
    App, Visit, WebError,
    error::Result,
    extract::{Json, Path, Sent},
};

/// A code, as the desk sends it.
#[derive(Deserialize)]
pub(crate) struct Draft {
    /// Minted by the desk if it likes, so that sending it twice makes one code.
    #[serde(default)]
    id: Option<CodeId>,
    skill: String,
    #[serde(default)]
    sub: Option<String>,
    start_ms: Ms,
    end_ms: Ms,
    #[serde(default)]
    note: String,
    #[serde(default)]
    exemplar: bool,
}

#[derive(Serialize)]
struct CodeView {
    id: CodeId,
    skill: String,
    sub: Option<String>,
    start_ms: Ms,
    end_ms: Ms,
    note: String,
    exemplar: bool,
}

impl From<EvidenceCode> for CodeView {
    fn from(code: EvidenceCode) -> Self {
        Self {
            id: code.id,
            skill: code.skill,
            sub: code.sub,
            start_ms: code.span.start(),
            end_ms: code.span.end(),
            note: code.note.to_string(),
            exemplar: code.exemplar,
        }
    }
}

impl From<&NewCode> for CodeView {
    fn from(code: &NewCode) -> Self {
        Self {
            id: code.id,
            skill: code.item.skill().to_owned(),
            sub: code.item.sub().map(str::to_owned),
            start_ms: code.span.start(),
            end_ms: code.span.end(),
            note: code.note.to_string(),
            exemplar: code.exemplar,
        }
    }
}

#[derive(Serialize)]
struct ScoreView {
    item: String,
    score: Option<u8>,
    not_codable: bool,
}

impl From<WholeScore> for ScoreView {
    fn from(score: WholeScore) -> Self {
        let (number, not_codable) = match score.rating {
            Rating::Scored(number) => (Some(number.get()), false),
            Rating::NotCodable => (None, true),
        };
        Self { item: score.item, score: number, not_codable }
    }
}

#[derive(Serialize)]
struct Coding {
    codes: Vec<CodeView>,
    scores: Vec<ScoreView>,
    finished: bool,
}

/// `GET /recordings/{id}/codes`: one's own work.
pub(crate) async fn list(visit: Visit, Path(id): Path<RecordingId>) -> Result {
    let (mut work, permit) = visit.permit::<Code>(id).await?;
    let codes = work.codes(&permit).await?;
    let scores = work.scores(&permit).await?;
    let finished = work.coding_finished(&permit).await?.is_some();
    work.commit().await?;
    let coding = Coding {
        codes: codes.into_iter().map(Into::into).collect(),
        scores: scores.into_iter().map(Into::into).collect(),
        finished,
    };
    Ok(Json(coding).into_response())
}

/// `POST /recordings/{id}/codes`.
pub(crate) async fn add(
    visit: Visit,
    State(app): State<App>,
    Path(id): Path<RecordingId>,
    Sent(draft): Sent<Draft>,
) -> Result {
    let (work, permit) = open(&visit, id).await?;
    let (mut work, recording) = recording(&visit, work, id).await?;
    let draft = draft?;
    let code = draft.id.unwrap_or_else(|| CodeId::mint(&*app.ids));
    let code = check(&app, code, &draft, recording.state.duration)?;
    work.add_code(&permit, &code).await?;
    // The id is the sender's own choice: what lies under it has to be theirs.
    if !work.codes(&permit).await?.iter().any(|kept| kept.id == code.id) {
        return Err(WebError::conflict("this moment could not be saved under its name"));
    }
    work.commit().await?;
    Ok((StatusCode::CREATED, Json(CodeView::from(&code))).into_response())
}

/// `PUT /recordings/{id}/codes/{code}`.
pub(crate) async fn change(
    visit: Visit,
    State(app): State<App>,
    Path((id, code)): Path<(RecordingId, CodeId)>,
    Sent(draft): Sent<Draft>,
) -> Result {
    let (work, permit) = open(&visit, id).await?;
    let (mut work, recording) = recording(&visit, work, id).await?;
    let code = check(&app, code, &draft?, recording.state.duration)?;
    let there = work.change_code(&permit, &code).await?;
    work.commit().await?;
    if there { Ok(Json(CodeView::from(&code)).into_response()) } else { Err(WebError::NotFound) }
}

/// `DELETE /recordings/{id}/codes/{code}`.
pub(crate) async fn remove(visit: Visit, Path((id, code)): Path<(RecordingId, CodeId)>) -> Result {
    let (mut work, permit) = open(&visit, id).await?;
    let there = work.remove_code(&permit, code).await?;
    work.commit().await?;
    if there { Ok(StatusCode::NO_CONTENT.into_response()) } else { Err(WebError::NotFound) }
}

fn check(app: &App, id: CodeId, draft: &Draft, duration: Option<Ms>) -> Result<NewCode> {
    let sub = draft.sub.as_deref().filter(|sub| !sub.is_empty());
    let item = app
        .framework
        .code(&draft.skill, sub)
        .map_err(|_| WebError::invalid("skill", "choose which skill is heard"))?;
    let span = Span::new(draft.start_ms, draft.end_ms)
        .map_err(|e| WebError::invalid("end", e.to_string()))?;
    if duration.is_none_or(|duration| span.end() > duration) {
        return Err(WebError::invalid("end", "the end is past the end of the recording"));
    }
    Ok(NewCode {
        id,
        framework_version: app.framework.version.clone(),
        item,
        span,
        note: Note::new(&draft.note).map_err(|e| WebError::invalid("note", e.to_string()))?,
        exemplar: draft.exemplar,
    })
}
