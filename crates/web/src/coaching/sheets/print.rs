//! A sheet on paper: filled in, or with lines to write on.

use askama::Template;
use hearback_access::{KeepSheets, SeeSeries};
use hearback_domain::{
    CoachingSessionId, SeriesId,
    coaching::NOT_FOR,
    sheets::{SheetKind, Writer},
};

use super::{
    goals::{GoalView, goal_view},
    kind, session as session_of,
    show::answers,
    writer,
};
use crate::{
    Visit, WebError,
    error::Result,
    extract::Path,
    page::{Page, html},
    when::When,
};

#[derive(Template)]
#[template(path = "sheet_print.html")]
struct SheetPrintPage {
    page: Page,
    session: CoachingSessionId,
    kind: SheetKind,
    large: bool,
    /// The day of the session, as far as the visitor knows it.
    day: Option<When>,
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
    let about = session_of(&mut *work, &permit, kind).await?;
    let (by, lines) = if kind.is_kept_by(writer) {
        let own = work.own_sheet(&permit, kind).await?.map(|kept| kept.sheet).unwrap_or_default();
        let fields = kind.fields(writer).iter();
        let lines = fields.map(|f| (f.label, f.hint, own.answer(f.key).to_owned())).collect();
        (visit.user()?, lines)
    } else {
        let shared = work.shared_sheet(&permit, kind).await?.ok_or(WebError::NotFound)?;
        let lines = answers(kind, writer, &shared).into_iter();
        (shared.writer, lines.map(|(label, answer)| (label, "", answer)).collect())
    };
    let by = work.person(by).await?.map(|person| person.name).unwrap_or_default();
    work.commit().await?;
    html(&SheetPrintPage {
        page: visit.page(title(kind, writer)),
        session,
        kind,
        large: is_large(&visit),
        day: about.planned_at.map(When::day_of),
        by,
        lines,
        not_for: NOT_FOR,
    })
}

#[derive(Template)]
#[template(path = "goals_print.html")]
struct GoalsPrintPage {
    page: Page,
    series: SeriesId,
    large: bool,
    /// Whose they are.
    by: String,
    goals: Vec<GoalView>,
    /// Whether there are lines to write more on.
    own: bool,
    not_for: [&'static str; 4],
}

/// `GET /series/{series}/goals/print`, with `style=large` for large print: all of them to their owner, to the coach those
/// that are shared with them.
pub(crate) async fn goals(visit: Visit, Path(series): Path<SeriesId>) -> Result {
    let (mut work, permit) = visit.permit::<SeeSeries>(series).await?;
    let pair = work.series_pair(&permit).await?.ok_or(WebError::NotFound)?;
    let goals = work.goals(&permit).await?;
    let by = work.person(pair.practitioner).await?.map(|person| person.name).unwrap_or_default();
    work.commit().await?;
    let own = writer(&visit)? == Writer::Practitioner;
    html(&GoalsPrintPage {
        page: visit.page(if own { "My goals" } else { "Goals" }),
        series,
        large: is_large(&visit),
        by,
        goals: goals.iter().map(goal_view).collect(),
        own,
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
