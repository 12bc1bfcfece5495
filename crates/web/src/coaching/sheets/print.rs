//! A sheet on paper: filled in, or with lines to write on.

use askama::Template;
use hearback_access::KeepSheets;
use hearback_domain::{
    CoachingSessionId,
    coaching::NOT_FOR,
    sheets::{SheetKind, Writer},
};

use super::{kind, show::answers, writer};
use crate::{
    Visit, WebError,
    error::Result,
    extract::Path,
    page::{Page, day, html},
};

#[derive(Template)]
#[template(path = "sheet_print.html")]
struct SheetPrintPage {
    page: Page,
    session: CoachingSessionId,
    kind: SheetKind,
    large: bool,
    day: String,
    /// Who wrote it.
    by: String,
    /// What is asked, a word of help, and the answer; an empty one has lines to write on.
    lines: Vec<(&'static str, &'static str, String)>,
    not_for: [&'static str; 4],
}

/// `GET /sessions/{session}/sheets/{sheet}/print`, with `style=large` for large print: one's own; where the visitor
/// keeps none, the one that was shared with them.
pub(crate) async fn show(
    visit: Visit,
    Path((session, slug)): Path<(CoachingSessionId, String)>,
) -> Result {
    let (mut work, permit) = visit.permit::<KeepSheets>(session).await?;
    let (kind, writer) = (kind(&slug)?, writer(&visit)?);
    let about = work.sheet_session(&permit).await?.ok_or(WebError::NotFound)?;
    let (by, lines) = if kind.is_kept_by(writer) {
        let own = work.own_sheet(&permit, kind).await?.map(|kept| kept.sheet).unwrap_or_default();
        let fields = kind.fields(writer).iter();
        let lines = fields.map(|f| (f.label, f.hint, own.answer(f.key).to_owned())).collect();
        (visit.user()?, lines)
    } else {
        let shared = work.shared_sheet(&permit, kind).await?.ok_or(WebError::NotFound)?;
        let lines = answers(kind, writer, &shared).into_iter();
        (about.pair.practitioner, lines.map(|(label, answer)| (label, "", answer)).collect())
    };
    let by = work.person(by).await?.map(|person| person.name).unwrap_or_default();
    work.commit().await?;
    html(&SheetPrintPage {
        page: visit.page(title(kind, writer)),
        session,
        kind,
        large: is_large(&visit),
        day: day(about.planned_at),
        by,
        lines,
        not_for: NOT_FOR,
    })
}

/// What stands above a sheet: a log has two names.
pub(super) const fn title(kind: SheetKind, writer: Writer) -> &'static str {
    match (kind, writer) {
        (SheetKind::Thinking, Writer::Practitioner) => "Thinking time: hearing my own recording",
        _ => kind.title(),
    }
}

/// Whether large print is asked for.
pub(super) fn is_large(visit: &Visit) -> bool {
    visit.query().unwrap_or_default().split('&').any(|pair| pair == "style=large")
}
