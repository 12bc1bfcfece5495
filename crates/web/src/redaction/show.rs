//! The page on which people decide what is hidden.

use askama::Template;
use axum::{http::StatusCode, response::IntoResponse as _};
use hearback_access::SeeRedaction;
use hearback_domain::{
    HiddenId, HideReason, HideWith, Ms, Purpose, RecordingId, RedactionVersion, Role, Span, UserId,
};
use hearback_storage::{HiddenPassage, Recording, Redaction};
use serde::Serialize;

use crate::{
    Visit, WebError,
    coding::recording,
    error::{FieldError, Result},
    extract::{Fields, Path, Query},
    page::{Page, day_and_time, html, page_data},
    playlist::precise,
    words::names::{offer, offered, stretch},
};

#[derive(Template)]
#[template(path = "redaction.html")]
struct RedactionPage {
    page: Page,
    recording: RecordingId,
    pseudonym: String,
    back: Back,
    passages: Vec<PassageView>,
    reasons: Vec<Choice>,
    offered: Vec<Offered>,
    offered_reasons: Vec<Choice>,
    /// The same, for the forms to bring back.
    offer: Option<String>,
    sounds: Vec<Choice>,
    typed: Typed,
    version: RedactionVersion,
    approved: Option<String>,
    has_words: bool,
    page_data: String,
}

/// The way back to where somebody came from.
pub(crate) struct Back {
    pub(crate) href: String,
    pub(crate) text: &'static str,
}

struct PassageView {
    id: HiddenId,
    start: String,
    end: String,
    why: &'static str,
    by: &'static str,
    request: Request,
}

/// A stretch that somebody may want to hide: where a name was found.
struct Offered {
    value: String,
    text: String,
    ticked: bool,
}

/// How far somebody's wish is to have a passage heard again.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Request {
    Nobody,
    Mine,
    Theirs,
}

struct Choice {
    word: &'static str,
    title: &'static str,
    chosen: bool,
}

/// What somebody typed, for a page that comes back to them, and what it had offered them.
#[derive(Default)]
pub(super) struct Typed {
    start: String,
    end: String,
    why: String,
    /// The stretches that were offered. Nothing of them is hidden before somebody has decided.
    offer: Vec<Span>,
    /// Those that they left ticked; none of this if they have not decided yet.
    ticked: Option<Vec<Span>>,
    offered_why: String,
}

impl Typed {
    /// What came with one of the page's forms.
    pub(super) fn of(fields: &Fields) -> Self {
        let offer = offered(fields.get("offer"));
        if fields.get("do") == "offered" {
            let ticked = Some(fields.all("span").flat_map(offered).collect());
            return Self {
                offer,
                ticked,
                offered_why: fields.get("why").to_owned(),
                ..Self::default()
            };
        }
        let [start, end, why] = ["start", "end", "why"].map(|name| fields.get(name).to_owned());
        Self { start, end, why, offer, ..Self::default() }
    }
}

#[derive(Serialize)]
struct RedactionData {
    recording: RecordingData,
    version: u64,
    passages: Vec<PassageData>,
}

#[derive(Serialize)]
struct RecordingData {
    id: RecordingId,
    duration_ms: Ms,
}

#[derive(Serialize)]
struct PassageData {
    id: HiddenId,
    start_ms: Ms,
    end_ms: Ms,
    why: &'static str,
}

/// `GET /recordings/{id}/redaction`, perhaps with `offer`, stretches that somebody may want to hide.
pub(crate) async fn show(
    visit: Visit,
    Path(id): Path<RecordingId>,
    Query(fields): Query,
) -> Result {
    let typed = Typed { offer: offered(fields.get("offer")), ..Typed::default() };
    view(&visit, id, typed, Vec::new()).await
}

/// The page, perhaps with what did not go through.
pub(super) async fn view(
    visit: &Visit,
    id: RecordingId,
    typed: Typed,
    errors: Vec<FieldError>,
) -> Result {
    let (mut work, permit) = visit.permit::<SeeRedaction>(id).await?;
    let redaction = work.redaction(&permit).await?.ok_or(WebError::NotFound)?;
    let (work, recording) = recording(visit, work, id).await?;
    work.commit().await?;

    let me = visit.user()?;
    let code = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let mut page = visit.page(format!("What is hidden: {}", recording.pseudonym));
    page.errors = errors;
    let body = html(&RedactionPage {
        page,
        recording: id,
        pseudonym: recording.pseudonym.to_string(),
        back: back(visit, id)?,
        passages: redaction.passages.iter().map(|p| passage_view(p, &recording, me)).collect(),
        reasons: choices(HideReason::ALL, |why| (why.as_str(), why.title()), &typed.why),
        offered: offered_views(&typed),
        offered_reasons: choices(
            HideReason::ALL,
            |why| (why.as_str(), why.title()),
            if typed.ticked.is_some() { &typed.offered_why } else { HideReason::Name.as_str() },
        ),
        offer: offer(typed.offer.iter().copied()),
        sounds: choices(
            HideWith::ALL,
            |with| (with.as_str(), with.title()),
            redaction.with.as_str(),
        ),
        approved: redaction
            .approved
            .map(|(by, at)| format!("{}, {}", whose(by, &recording, me), day_and_time(at))),
        version: redaction.version,
        has_words: recording.cover(Purpose::Transcribe),
        page_data: page_data(&data(&redaction, &recording)?)?,
        typed,
    })?;
    Ok((code, body).into_response())
}

fn offered_views(typed: &Typed) -> Vec<Offered> {
    let one = |span: &Span| Offered {
        value: format!("{}-{}", span.start().get(), span.end().get()),
        text: stretch(*span),
        ticked: typed.ticked.as_ref().is_none_or(|ticked| ticked.contains(span)),
    };
    typed.offer.iter().map(one).collect()
}

fn data(redaction: &Redaction, recording: &Recording) -> Result<RedactionData> {
    let passage = |passage: &HiddenPassage| PassageData {
        id: passage.id,
        start_ms: passage.hidden.span.start(),
        end_ms: passage.hidden.span.end(),
        why: passage.hidden.why.title(),
    };
    Ok(RedactionData {
        recording: RecordingData {
            id: recording.id,
            duration_ms: recording.state.duration.ok_or(WebError::NotFound)?,
        },
        version: redaction.version.get(),
        passages: redaction.passages.iter().map(passage).collect(),
    })
}

/// To the recording's own page, or to the desk.
pub(crate) fn back(visit: &Visit, id: RecordingId) -> Result<Back> {
    Ok(match visit.signed_in()?.role {
        Role::Practitioner => {
            Back { href: format!("/recordings/{id}"), text: "Back to the recording" }
        }
        _ => Back { href: format!("/recordings/{id}/code"), text: "Back to the coding" },
    })
}

fn choices<T: Copy>(
    all: &[T],
    words: impl Fn(T) -> (&'static str, &'static str),
    chosen: &str,
) -> Vec<Choice> {
    let choice = |one: &T| {
        let (word, title) = words(*one);
        Choice { word, title, chosen: word == chosen }
    };
    all.iter().map(choice).collect()
}

/// Somebody who decides here, as the one who reads it calls them.
pub(crate) fn whose(who: UserId, recording: &Recording, me: UserId) -> &'static str {
    if who == me {
        "You"
    } else if who == recording.owner {
        "The social worker"
    } else {
        "A researcher"
    }
}

fn passage_view(passage: &HiddenPassage, recording: &Recording, me: UserId) -> PassageView {
    PassageView {
        id: passage.id,
        start: precise::format(passage.hidden.span.start()),
        end: precise::format(passage.hidden.span.end()),
        why: passage.hidden.why.title(),
        by: whose(passage.hidden_by, recording, me),
        request: match passage.show_asked_by {
            None => Request::Nobody,
            Some(asked) if asked == me => Request::Mine,
            Some(_) => Request::Theirs,
        },
    }
}
