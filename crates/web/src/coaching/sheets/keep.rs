//! Saving a sheet, sharing it, taking it away.

use axum::response::IntoResponse as _;
use hearback_access::KeepSheets;
use hearback_domain::{CoachingSessionId, sheets::Sheet};
use hearback_storage::Saving;
use serde::Serialize;

use super::{
    address, kind, other, session as session_of,
    show::{Typed, Why, view},
    writer,
};
use crate::{
    Visit, WebError,
    error::{FieldError, Result},
    extract::{Fields, Json, Path},
    page::Said,
};

/// What a page that saves by itself is told.
#[derive(Serialize)]
struct Saved {
    revision: u64,
}

/// `POST /sessions/{session}/sheets/{sheet}`: `revision`, and an answer under each field's key.
pub(crate) async fn save(
    visit: Visit,
    Path((session, slug)): Path<(CoachingSessionId, String)>,
    fields: Fields,
) -> Result {
    let (mut work, permit) = visit.permit::<KeepSheets>(session).await?;
    let (kind, writer) = (kind(&slug)?, writer(&visit)?);
    if !kind.is_kept_by(writer) {
        return Err(WebError::NotFound);
    }
    session_of(&mut *work, &permit, kind).await?;
    let revision = match fields.get("revision") {
        "" => 0,
        text => {
            text.parse().map_err(|_| WebError::bad("we could not read which version this is"))?
        }
    };
    let sheet = match Sheet::typed(kind.fields(writer), |key| fields.get(key)) {
        Ok(sheet) => sheet,
        Err((key, error)) => {
            let error = FieldError::new(key, error.to_string());
            if visit.wants_json() {
                return Err(WebError::Invalid(vec![error]));
            }
            let typed = Typed { fields, why: Why::TooLong(error) };
            return view(&visit, work, &permit, kind, Some(typed)).await;
        }
    };
    let before = work.own_sheet(&permit, kind).await?.map(|kept| kept.sheet).unwrap_or_default();
    let sheet = sheet.with_answers_of(&before, kind.fields(writer));
    match work.keep_sheet(&permit, kind, revision, &sheet).await? {
        Saving::Kept(revision) => {
            work.commit().await?;
            if visit.wants_json() {
                return Ok(Json(Saved { revision }).into_response());
            }
            Ok(Said::Saved.at(&address(session, kind)))
        }
        Saving::Meanwhile(_) if visit.wants_json() => {
            Err(WebError::conflict("this sheet was saved in another tab meanwhile"))
        }
        Saving::Meanwhile(now) => {
            let typed = Typed { fields, why: Why::Meanwhile(now) };
            view(&visit, work, &permit, kind, Some(typed)).await
        }
    }
}

/// `POST /sessions/{session}/sheets/{sheet}/share`: `do`: `share` with the other one of the two, or `keep` to oneself.
pub(crate) async fn share(
    visit: Visit,
    Path((session, slug)): Path<(CoachingSessionId, String)>,
    fields: Fields,
) -> Result {
    let (mut work, permit) = visit.permit::<KeepSheets>(session).await?;
    let (kind, writer) = (kind(&slug)?, writer(&visit)?);
    let here = address(session, kind);
    let about = session_of(&mut *work, &permit, kind).await?;
    if fields.get("do") != "share" {
        work.share_sheet(&permit, kind, None).await?;
        work.commit().await?;
        return Ok(Said::KeptToMyself.at(&here));
    }
    let with = other(&mut *work, about.pair, writer).await?;
    let Some((with, _)) = with.filter(|_| !about.before) else {
        return Err(WebError::conflict("there is nobody to share it with just now"));
    };
    if !work.share_sheet(&permit, kind, Some(with)).await? {
        return Err(WebError::conflict(
            "nothing is written on it yet, so there is nothing to share",
        ));
    }
    work.commit().await?;
    Ok(Said::SharedWithOther.at(&here))
}

/// `POST /sessions/{session}/sheets/{sheet}/remove`.
pub(crate) async fn remove(
    visit: Visit,
    Path((session, slug)): Path<(CoachingSessionId, String)>,
) -> Result {
    let (mut work, permit) = visit.permit::<KeepSheets>(session).await?;
    let kind = kind(&slug)?;
    let about = session_of(&mut *work, &permit, kind).await?;
    work.drop_sheet(&permit, kind).await?;
    work.commit().await?;
    // With their log, the page is gone for whoever coached before.
    let next = if about.before { "/coaching".to_owned() } else { address(session, kind) };
    Ok(Said::Removed.at(&next))
}
