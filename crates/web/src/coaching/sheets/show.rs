//! The page of a sheet.

use askama::Template;
use axum::{http::StatusCode, response::IntoResponse as _};
use hearback_access::{KeepSheets, Permit};
use hearback_domain::{
    CoachingSessionId, SeriesId,
    sheets::{Sheet, SheetKind, Writer},
};
use hearback_storage::{KeptSheet, Work};

use super::{address, kind, other, session, writer};
use crate::{
    Visit,
    error::{FieldError, Result},
    extract::{Fields, Path},
    page::{Page, day, html},
    when::When,
};

#[derive(Template)]
#[template(path = "sheet.html")]
struct SheetPage {
    page: Page,
    session: CoachingSessionId,
    series: SeriesId,
    kind: SheetKind,
    /// The address of this sheet.
    place: String,
    /// The sheets of this session that the visitor may meet.
    kinds: Vec<SheetKind>,
    /// The day of the session, as far as the visitor knows it.
    day: Option<When>,
    /// Whether the visitor coached in the series before, and does no more.
    before: bool,
    coach: bool,
    /// What the other one of the two is called.
    other: Option<String>,
    /// The visitor's own, where they keep one.
    own: Option<OwnView>,
    /// What the other one shared with them.
    theirs: Option<TheirsView>,
}

struct OwnView {
    revision: u64,
    saved: Option<When>,
    shared: Option<String>,
    /// It was saved in another tab meanwhile.
    meanwhile: bool,
    fields: Vec<FieldView>,
}

struct FieldView {
    key: &'static str,
    label: &'static str,
    hint: &'static str,
    answer: String,
    /// What was saved meanwhile, where it is something else.
    saved: Option<String>,
}

struct TheirsView {
    /// Who wrote it: whoever coached then, if somebody else does now.
    by: Option<String>,
    saved: When,
    /// What is asked, and the answer.
    answers: Vec<(&'static str, String)>,
}

/// What was typed and could not be kept as it is.
pub(super) struct Typed {
    pub(super) fields: Fields,
    pub(super) why: Why,
}

/// Why not.
pub(super) enum Why {
    /// It was saved in another tab, as this; none if it was taken away there.
    Meanwhile(Option<KeptSheet>),
    /// One answer is longer than there is room for.
    TooLong(FieldError),
}

/// `GET /sessions/{session}/sheets/{sheet}`.
pub(crate) async fn show(
    visit: Visit,
    Path((session, slug)): Path<(CoachingSessionId, String)>,
) -> Result {
    let (work, permit) = visit.permit::<KeepSheets>(session).await?;
    view(&visit, work, &permit, kind(&slug)?, None).await
}

/// The page, with what was typed if it could not be kept.
pub(super) async fn view(
    visit: &Visit,
    mut work: Box<dyn Work>,
    permit: &Permit<KeepSheets>,
    kind: SheetKind,
    typed: Option<Typed>,
) -> Result {
    let writer = writer(visit)?;
    let about = session(&mut *work, permit, kind).await?;
    let other = if about.before { None } else { other(&mut *work, about.pair, writer).await? };
    let own = if kind.is_kept_by(writer) { work.own_sheet(permit, kind).await? } else { None };
    let theirs = work.shared_sheet(permit, kind).await?;
    let by = match &theirs {
        Some(kept) => work.person(kept.writer).await?.map(|person| person.name),
        None => None,
    };
    work.commit().await?;

    let mut page = visit.page(kind.title());
    let mut status = StatusCode::OK;
    if let Some(Typed { why: Why::TooLong(error), .. }) = &typed {
        page.errors.push(error.clone());
        status = StatusCode::UNPROCESSABLE_ENTITY;
    } else if typed.is_some() {
        status = StatusCode::CONFLICT;
    }
    let body = html(&SheetPage {
        page,
        session: permit.object(),
        series: about.series,
        kind,
        place: address(permit.object(), kind),
        kinds: if about.before { Vec::new() } else { SheetKind::ALL.to_vec() },
        day: about.planned_at.map(When::day_of),
        before: about.before,
        coach: writer == Writer::Coach,
        other: other.map(|(_, name)| name),
        own: kind.is_kept_by(writer).then(|| own_view(kind, writer, own, typed.as_ref())),
        theirs: theirs.map(|kept| theirs_view(kind, writer, &kept, by)),
    })?;
    Ok((status, body).into_response())
}

fn own_view(
    kind: SheetKind,
    writer: Writer,
    own: Option<KeptSheet>,
    typed: Option<&Typed>,
) -> OwnView {
    let meanwhile = match typed {
        Some(Typed { why: Why::Meanwhile(now), .. }) => Some(now.clone()),
        _ => None,
    };
    // What is saved next takes the place of what whoever reads this page has in front of them.
    let lies = meanwhile.clone().unwrap_or(own);
    let nothing = Sheet::default();
    let sheet = lies.as_ref().map_or(&nothing, |kept| &kept.sheet);
    let fields = kind.fields(writer).iter().map(|field| {
        let saved = sheet.answer(field.key);
        let answer = typed.map_or(saved, |typed| typed.fields.get(field.key));
        let differs = answer.replace("\r\n", "\n").trim() != saved;
        FieldView {
            key: field.key,
            label: field.label,
            hint: field.hint,
            answer: answer.to_owned(),
            saved: (meanwhile.is_some() && differs).then(|| saved.to_owned()),
        }
    });
    let sent = typed.and_then(|typed| typed.fields.get("revision").parse().ok());
    let kept = lies.as_ref().map_or(0, |kept| kept.revision);
    OwnView {
        fields: fields.collect(),
        // An answer that was too long changes nothing of what the page was made from.
        revision: sent.filter(|_| meanwhile.is_none()).unwrap_or(kept),
        saved: lies.as_ref().map(|kept| When::of(kept.saved_at)),
        shared: lies.as_ref().and_then(|kept| kept.shared_at).map(day),
        meanwhile: meanwhile.is_some(),
    }
}

/// What the other one shared, under what they were asked.
fn theirs_view(
    kind: SheetKind,
    reader: Writer,
    kept: &KeptSheet,
    by: Option<String>,
) -> TheirsView {
    TheirsView { by, saved: When::of(kept.saved_at), answers: answers(kind, reader, kept) }
}

/// The answers of a sheet that the other one of the two shared with `reader`.
pub(super) fn answers(
    kind: SheetKind,
    reader: Writer,
    kept: &KeptSheet,
) -> Vec<(&'static str, String)> {
    let writer = match reader {
        Writer::Practitioner => Writer::Coach,
        Writer::Coach => Writer::Practitioner,
    };
    kind.fields(writer)
        .iter()
        .map(|field| (field.label, kept.sheet.answer(field.key).to_owned()))
        .filter(|(_, answer)| !answer.is_empty())
        .collect()
}
