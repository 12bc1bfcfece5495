//! The frameworks there are, and a new one.

use askama::Template;
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use hearback_access::{ManageFrameworks, SeeFrameworks};
use hearback_domain::{Framework, FrameworkId, framework::short_name};
use hearback_storage::{FrameworkVersion, NewFramework, StoreError, VersionState};

use super::edit::{address, typed};
use crate::{
    App, Visit, WebError,
    error::{FieldError, Result},
    extract::{Fields, Path},
    page::{Page, Said, day, html},
};

#[derive(Template)]
#[template(path = "frameworks.html")]
struct FrameworksPage {
    page: Page,
    frameworks: Vec<FrameworkLine>,
}

struct FrameworkLine {
    id: FrameworkId,
    title: String,
    draft: bool,
    versions: Vec<VersionLine>,
}

/// A published version.
struct VersionLine {
    number: u32,
    /// What codes and scores carry.
    name: String,
    since: String,
    notes: String,
    current: bool,
}

/// `GET /frameworks`.
pub(crate) async fn show(visit: Visit) -> Result {
    let (mut work, permit) = visit.permit::<SeeFrameworks>(()).await?;
    let versions = work.frameworks(&permit).await?;
    work.commit().await?;
    let lines = versions.chunk_by(|a, b| a.framework == b.framework).map(line);
    html(&FrameworksPage {
        page: visit.page("What recordings are coded for"),
        frameworks: lines.collect(),
    })
}

fn line(versions: &[FrameworkVersion]) -> FrameworkLine {
    // A list's chunks are never empty; a draft's title counts until something is published.
    let newest = versions.iter().find(|v| v.draft().is_none()).or(versions.first());
    FrameworkLine {
        id: versions[0].framework,
        title: newest.map(|v| v.body.title.clone()).unwrap_or_default(),
        draft: versions.iter().any(|v| v.draft().is_some()),
        versions: versions.iter().filter_map(version_line).collect(),
    }
}

fn version_line(version: &FrameworkVersion) -> Option<VersionLine> {
    let VersionState::Published { at, by, notes, .. } = &version.state else { return None };
    Some(VersionLine {
        number: version.number,
        name: version.body.version.clone(),
        since: since(*at, by.as_deref()),
        notes: notes.clone(),
        current: version.current,
    })
}

/// "since 3 May 2026, by Rowan".
pub(super) fn since(at: Option<hearback_domain::Timestamp>, by: Option<&str>) -> String {
    match (at, by) {
        (Some(at), Some(by)) => format!("since {}, by {by}", day(at)),
        _ => "came with Hearback".to_owned(),
    }
}

#[derive(Template)]
#[template(path = "framework_new.html")]
struct NewPage {
    page: Page,
    title: String,
    short: String,
    source: String,
}

/// `GET /frameworks/new`.
pub(crate) async fn form(visit: Visit) -> Result {
    let (work, _permit) = visit.permit::<ManageFrameworks>(()).await?;
    work.commit().await?;
    html(&NewPage {
        page: visit.page("A new framework"),
        title: String::new(),
        short: String::new(),
        source: String::new(),
    })
}

/// `POST /frameworks/new`: `title`, `short`, `source`.
pub(crate) async fn begin(visit: Visit, State(app): State<App>, fields: Fields) -> Result {
    let (mut work, permit) = visit.permit::<ManageFrameworks>(()).await?;
    let (title, source) = (typed(&fields, "title"), typed(&fields, "source"));
    let mut errors = Vec::new();
    let mut body = Framework::empty("", "");
    if let Err(error) = body.set_title(&title, &source) {
        errors.push(FieldError::new("title", error.to_string()));
    }
    let short = short_name(fields.get("short"))
        .map_err(|error| errors.push(FieldError::new("short", error.to_string())));
    if let (true, Ok(short)) = (errors.is_empty(), short) {
        let new = NewFramework { id: FrameworkId::mint(&*app.ids), short, body };
        match work.add_framework(&permit, &new).await {
            Ok(()) => {
                work.commit().await?;
                return Ok(Said::FrameworkBegun.at(&format!("{}/edit", address(new.id))));
            }
            Err(StoreError::Conflict { .. }) => {
                let text = "another framework has this short name; choose another one";
                errors.push(FieldError::new("short", text));
            }
            Err(other) => return Err(other.into()),
        }
    }
    let mut page = visit.page("A new framework");
    page.errors = errors;
    let short = fields.get("short").to_owned();
    let body = html(&NewPage { page, title, short, source })?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, body).into_response())
}

/// `POST /frameworks/{framework}/draft`: begins the next version. If there is a draft, it is shown.
pub(crate) async fn draft(visit: Visit, Path(id): Path<FrameworkId>) -> Result<Response> {
    let (mut work, permit) = visit.permit::<ManageFrameworks>(()).await?;
    let begun = work.begin_draft(&permit, id).await?;
    let there = work.draft(&permit, id).await?;
    work.commit().await?;
    if there.is_none() {
        return Err(WebError::NotFound);
    }
    let to = format!("{}/edit", address(id));
    let said = if begun { Said::FrameworkBegun } else { Said::Saved };
    Ok(said.at(&to))
}
