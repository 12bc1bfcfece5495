//! What coders agree after listening again: about a passage, and about a score.

use axum::response::{IntoResponse as _, Response};
use hearback_access::{AgreeCodings, CompareCodings, Permit};
use hearback_domain::{
    AgreedId, CodeId, Note, RecordingId,
    training::{Agreed, HalfScore},
};
use hearback_storage::{NewAgreedCode, Work};
use serde::Serialize;

use super::{compare::finished, together::Compared};
use crate::{
    Visit, WebError,
    error::Result,
    extract::{Fields, Json, Path},
    page::Said,
};

/// What the page says beside what was agreed.
#[derive(Serialize)]
struct Kept {
    said: &'static str,
}

/// A unit of work in which something can be agreed, and what there is to agree about.
async fn agreeing(
    visit: &Visit,
    id: RecordingId,
) -> Result<(Box<dyn Work>, Permit<AgreeCodings>, Permit<CompareCodings>, Compared)> {
    let (work, compare) = visit.permit::<CompareCodings>(id).await?;
    let (work, agree) = visit.also::<AgreeCodings>(work, id).await?;
    let (mut work, all) = finished(visit, work, &compare).await?;
    let compared = Compared::of(&mut *work, all).await?;
    Ok((work, agree, compare, compared))
}

fn note(fields: &Fields) -> Result<Note> {
    Note::new(fields.get("note")).map_err(|error| WebError::invalid("note", error.to_string()))
}

fn kept(visit: &Visit, id: RecordingId, place: &str, said: &'static str) -> Response {
    if visit.wants_json() {
        return Json(Kept { said }).into_response();
    }
    Said::Saved.near(&format!("/recordings/{id}/codings/compare"), place)
}

/// `POST /recordings/{id}/codings/compare/passage`: `passage`, one of its marks; `agreed`, the key of a skill, `none`
/// or nothing; `note`.
pub(crate) async fn passage(visit: Visit, Path(id): Path<RecordingId>, fields: Fields) -> Result {
    let (mut work, agree, compare, compared) = agreeing(&visit, id).await?;
    let code: CodeId = fields.get("passage").parse().map_err(|_| WebError::NotFound)?;
    let passage = compared.passage(code).ok_or(WebError::NotFound)?;
    let place = format!("passage-{code}");
    // It may be known by another of its marks.
    let before = work.agreed_codes(&compare).await?;
    let known = before.iter().find(|one| passage.holds(one.agreed.code));
    let code = known.map_or(code, |one| one.agreed.code);
    let chosen = fields.get("agreed");
    if chosen.is_empty() {
        work.open_again(&agree, code).await?;
        work.commit().await?;
        return Ok(kept(&visit, id, &place, "Not agreed yet."));
    }
    let item = (chosen != "none").then(|| chosen.to_owned());
    let there = |key: &String| compared.items().iter().any(|(known, _)| known == key);
    if item.as_ref().is_some_and(|key| !there(key)) {
        return Err(WebError::invalid("agreed", "choose which skill is heard, or leave it out"));
    }
    let agreed = NewAgreedCode {
        code,
        framework_version: compared.framework.version.clone(),
        item,
        span: passage.span,
        note: note(&fields)?,
    };
    work.agree_code(&agree, &agreed).await?;
    work.commit().await?;
    Ok(kept(&visit, id, &place, "Agreed, and noted by you."))
}

/// `POST /recordings/{id}/codings/compare/score`: `item`; `agreed`, a number from 1 to 5 in halves or `none`; `note`.
pub(crate) async fn score(visit: Visit, Path(id): Path<RecordingId>, fields: Fields) -> Result {
    let (mut work, agree, _, compared) = agreeing(&visit, id).await?;
    let item = compared.framework.item(fields.get("item")).map_err(|_| WebError::NotFound)?;
    if !compared.one_scale {
        return Err(WebError::conflict(
            "these codings are of different versions, so their numbers are not of one scale",
        ));
    }
    let agreed = match fields.get("agreed") {
        "none" => Agreed::NotCodable,
        text => HalfScore::parse(text)
            .map(Agreed::Scored)
            .map_err(|error| WebError::invalid("agreed", error.to_string()))?,
    };
    let new = AgreedId::mint(&*visit.app().ids);
    let version = &compared.framework.version;
    if !work.agree(&agree, new, version, &item, agreed, &note(&fields)?).await? {
        return Err(WebError::conflict(
            "people are learning to code with this recording, so its agreed scores stay as they are",
        ));
    }
    work.commit().await?;
    Ok(kept(&visit, id, &format!("score-{item}"), "Agreed, and noted by you."))
}
