//! Hearing a passage that nobody shared: one person asks, another allows it, and the practitioner is told.

use askama::Template;
use axum::http::HeaderMap;
use hearback_access::{DecideGlass, HearPassage, ObjectKind, RequestGlass, SeeConcern, SeeGlass};
use hearback_domain::{ConcernId, GlassId, Reason, sound};

use super::{log::view, name_of};
use crate::{
    Visit, WebError,
    error::{FieldError, Result, sentence},
    extract::{Fields, Path},
    objects::serve_part,
    page::{Page, Said, day_and_time, html},
};

/// `POST /concerns/{concern}/glass`: `reason`.
pub(crate) async fn request(visit: Visit, Path(id): Path<ConcernId>, fields: Fields) -> Result {
    let (work, permit) = visit.permit::<RequestGlass>(id).await?;
    let (mut work, see) = visit.also::<SeeConcern>(work, id).await?;
    let reason = match Reason::new(fields.get("reason")) {
        Ok(reason) => reason,
        Err(error) => {
            let errors = vec![FieldError::new("reason", error.to_string())];
            return view(&visit, work, &see, &fields, errors).await;
        }
    };
    if !work.request_glass(&permit, GlassId::mint(&*visit.app().ids), &reason).await? {
        let text = "You have asked already, and nobody has answered yet";
        return view(&visit, work, &see, &fields, vec![FieldError::new("reason", text)]).await;
    }
    work.commit().await?;
    Ok(Said::GlassAsked.at(&format!("/concerns/{id}")))
}

#[derive(Template)]
#[template(path = "glass.html")]
struct GlassPage {
    page: Page,
    waiting: Vec<Waiting>,
    answered: Vec<String>,
}

struct Waiting {
    id: GlassId,
    concern: ConcernId,
    who: String,
    when: String,
    reason: String,
    mine: bool,
}

/// `GET /admin/glass`.
pub(crate) async fn list(visit: Visit) -> Result {
    let (mut work, permit) = visit.permit::<SeeGlass>(()).await?;
    let (mut waiting, mut answered) = (Vec::new(), Vec::new());
    for glass in work.glass_requests(&permit).await? {
        let who = name_of(&mut *work, glass.requested_by).await?;
        let when = day_and_time(glass.requested_at);
        let reason = sentence(glass.reason.as_str());
        let Some(by) = glass.decided_by else {
            let mine = glass.requested_by == visit.user()?;
            waiting.push(Waiting { id: glass.id, concern: glass.concern, who, when, reason, mine });
            continue;
        };
        let by = name_of(&mut *work, by).await?;
        let answer = if glass.allowed == Some(true) { "allowed it" } else { "did not allow it" };
        let heard = if glass.heard_at.is_some() { " It was heard." } else { "" };
        answered.push(format!("{who} asked, {when}: {reason} {by} {answer}.{heard}"));
    }
    work.commit().await?;
    html(&GlassPage { page: visit.page("Requests to hear a passage"), waiting, answered })
}

/// `POST /concerns/{concern}/glass/decide`: `glass`, and `answer`, which is `allow` or `refuse`.
pub(crate) async fn decide(visit: Visit, Path(id): Path<ConcernId>, fields: Fields) -> Result {
    let (mut work, permit) = visit.permit::<DecideGlass>(id).await?;
    let glass: GlassId = fields.get("glass").parse().map_err(|_| WebError::bad("unreadable"))?;
    let allow = match fields.get("answer") {
        "allow" => true,
        "refuse" => false,
        _ => return Err(WebError::bad("the answer is either yes or no")),
    };
    let decided = work.decide_glass(&permit, glass, allow).await?;
    work.commit().await?;
    if !decided {
        return Err(WebError::conflict(
            "this request has been answered already, or it is your own: two people are asked, so \
             that nobody hears a passage by themself",
        ));
    }
    Ok(Said::GlassDecided.at("/admin/glass"))
}

/// `GET /concerns/{concern}/passage`: 16 kHz mono WAV of the passage and not a sample more.
pub(crate) async fn passage(visit: Visit, Path(id): Path<ConcernId>, headers: HeaderMap) -> Result {
    let (mut work, permit) = visit.permit::<HearPassage>(id).await?;
    let span = work.passage(&permit).await?;
    let object = work.object(&permit, ObjectKind::Normalised).await?;
    // With this, the practitioner is told, whatever becomes of the answer.
    work.commit().await?;
    let (Some(span), Some(object)) = (span, object) else { return Err(WebError::NotFound) };
    let part = sound::bytes_of(span, object.bytes);
    serve_part(&visit, permit, object, part, &headers, "audio/wav").await
}
