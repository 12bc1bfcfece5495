//! What the two write: notes to each other, and which moments they propose for the playlist.

use axum::{
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use hearback_access::WriteBriefing;
use hearback_domain::{BriefingNoteId, CodeId, Note, RecordingId};
use hearback_storage::NewProposal;

use super::{key, page};
use crate::{
    Visit, WebError,
    error::{FieldError, Result},
    extract::{Fields, Path},
    page::Said,
};

fn note(text: &str) -> Result<Note> {
    Note::new(text).map_err(|error| WebError::bad(error.to_string()))
}

/// Everybody in the room looks again.
fn done(visit: &Visit, id: RecordingId, place: &str) -> Response {
    visit.app().rooms.say(key(id));
    if visit.wants_json() {
        return StatusCode::NO_CONTENT.into_response();
    }
    Said::Saved.near(&format!("/recordings/{id}/briefing"), place)
}

/// `POST /recordings/{id}/briefing/notes`: `note`.
pub(crate) async fn add_note(visit: Visit, Path(id): Path<RecordingId>, fields: Fields) -> Result {
    let (mut work, permit) = visit.permit::<WriteBriefing>(id).await?;
    let body = note(fields.get("note").trim())?;
    if body.as_str().is_empty() {
        drop(work);
        let error = FieldError::new("note", "write something, then send it");
        return page::refuse(&visit, id, error).await;
    }
    let new = BriefingNoteId::mint(&*visit.app().ids);
    work.add_briefing_note(&permit, new, &body).await?;
    work.commit().await?;
    Ok(done(&visit, id, "notes"))
}

/// `POST /recordings/{id}/briefing/proposals`: `code`, and `do`: `propose` (with `strength` and `question`), `up`,
/// `down` or `drop`.
pub(crate) async fn propose(visit: Visit, Path(id): Path<RecordingId>, fields: Fields) -> Result {
    let (mut work, permit) = visit.permit::<WriteBriefing>(id).await?;
    let code: CodeId = fields.get("code").parse().map_err(|_| WebError::NotFound)?;
    match fields.get("do") {
        "up" => work.move_proposal(&permit, code, true).await?,
        "down" => work.move_proposal(&permit, code, false).await?,
        "drop" => work.drop_proposal(&permit, code).await?,
        _ => {
            let proposal = NewProposal {
                code,
                strength: note(fields.get("strength").trim())?,
                question: note(fields.get("question").trim())?,
            };
            if proposal.strength.as_str().is_empty() && proposal.question.as_str().is_empty() {
                drop(work);
                let text = "say what is heard that works, or what you would like to ask";
                let field = format!("strength-{code}");
                return page::refuse(&visit, id, FieldError::new(field, text)).await;
            }
            if !work.propose(&permit, &proposal).await? {
                return Err(WebError::NotFound);
            }
        }
    }
    work.commit().await?;
    Ok(done(&visit, id, "proposals"))
}
