//! Evidence codes: a skill, a stretch of the recording, a note.

use axum::{extract::State, http::StatusCode, response::IntoResponse as _};
use hearback_access::Code;
use hearback_domain::{CodeId, Framework, ItemKey, Ms, Note, Rating, RecordingId, Span};
use hearback_storage::{CodingState, EvidenceCode, NewCode, WholeScore};
use serde::{Deserialize, Serialize};

use super::{open, recording};
use crate::{
    App, Visit, WebError,
    error::Result,
    extract::{Json, Path, Sent},
    frameworks::{framework_of, framework_of_coding},
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
    nonverbal: String,
    #[serde(default)]
    exemplar: bool,
}

#[derive(Serialize)]
pub(super) struct CodeView {
    id: CodeId,
    skill: String,
    sub: Option<String>,
    start_ms: Ms,
    end_ms: Ms,
    note: String,
    nonverbal: String,
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
            nonverbal: code.nonverbal.to_string(),
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
            nonverbal: code.nonverbal.to_string(),
            exemplar: code.exemplar,
        }
    }
}

#[derive(Serialize)]
pub(super) struct ScoreView {
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
    /// What the framework counts, and how many codes of each there are.
    counts: Vec<CountView>,
    finished: bool,
}

#[derive(Serialize)]
struct CountView {
    item: String,
    count: u32,
}

/// `GET /recordings/{id}/codes`: one's own work.
pub(crate) async fn list(visit: Visit, Path(id): Path<RecordingId>) -> Result {
    let (mut work, permit) = visit.permit::<Code>(id).await?;
    let codes = work.codes(&permit).await?;
    let scores = work.scores(&permit).await?;
    let finished = work.coding(&permit).await?.is_some_and(|coding| coding.finished.is_some());
    let framework = framework_of_coding(&mut *work, &permit).await?;
    work.commit().await?;
    let counts = framework.counts(codes.iter().map(|code| (&*code.skill, code.sub.as_deref())));
    let count = |(item, count): (ItemKey, u32)| CountView { item: item.to_string(), count };
    let coding = Coding {
        counts: counts.into_iter().map(count).collect(),
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
    let (work, permit, coding) = open(&visit, id).await?;
    let (mut work, recording) = recording(&visit, work, id).await?;
    let draft = draft?;
    let code = draft.id.unwrap_or_else(|| CodeId::mint(&*app.ids));
    let framework = framework_of(&mut *work, &coding.framework_version).await?;
    let code = check(&framework, code, &draft, &coding, recording.state.duration)?;
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
    Path((id, code)): Path<(RecordingId, CodeId)>,
    Sent(draft): Sent<Draft>,
) -> Result {
    let (work, permit, coding) = open(&visit, id).await?;
    let (mut work, recording) = recording(&visit, work, id).await?;
    let framework = framework_of(&mut *work, &coding.framework_version).await?;
    let code = check(&framework, code, &draft?, &coding, recording.state.duration)?;
    let there = work.change_code(&permit, &code).await?;
    work.commit().await?;
    if there { Ok(Json(CodeView::from(&code)).into_response()) } else { Err(WebError::NotFound) }
}

/// `DELETE /recordings/{id}/codes/{code}`.
pub(crate) async fn remove(visit: Visit, Path((id, code)): Path<(RecordingId, CodeId)>) -> Result {
    let (mut work, permit, _) = open(&visit, id).await?;
    let there = work.remove_code(&permit, code).await?;
    work.commit().await?;
    if there { Ok(StatusCode::NO_CONTENT.into_response()) } else { Err(WebError::NotFound) }
}

fn check(
    framework: &Framework,
    id: CodeId,
    draft: &Draft,
    coding: &CodingState,
    duration: Option<Ms>,
) -> Result<NewCode> {
    let sub = draft.sub.as_deref().filter(|sub| !sub.is_empty());
    let item = framework
        .code(&draft.skill, sub)
        .map_err(|_| WebError::invalid("skill", "choose which skill is heard"))?;
    let span = Span::new(draft.start_ms, draft.end_ms)
        .map_err(|e| WebError::invalid("end", e.to_string()))?;
    if duration.is_none_or(|duration| span.end() > duration) {
        return Err(WebError::invalid("end", "the end is past the end of the recording"));
    }
    if coding.part.is_some_and(|part| span.start() < part.start() || span.end() > part.end()) {
        return Err(WebError::invalid("end", "this is outside the part that is to be coded"));
    }
    Ok(NewCode {
        id,
        framework_version: coding.framework_version.clone(),
        item,
        span,
        note: Note::new(&draft.note).map_err(|e| WebError::invalid("note", e.to_string()))?,
        nonverbal: Note::new(&draft.nonverbal)
            .map_err(|e| WebError::invalid("nonverbal", e.to_string()))?,
        exemplar: draft.exemplar,
    })
}
