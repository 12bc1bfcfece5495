//! Publishing a draft: what changed and why, and what became of every item of the version before (COD-10).

use askama::Template;
use axum::{http::StatusCode, response::IntoResponse as _};
use hearback_access::{ManageFrameworks, SeeFrameworks};
use hearback_domain::{Framework, FrameworkId, Mapping, Measure, framework::most};
use hearback_storage::VersionState;

use super::edit::{Editing, address, editing, typed};
use crate::{
    Visit, WebError,
    error::{FieldError, Result, sentence},
    extract::{Fields, Path},
    page::{Page, Said, html},
};

#[derive(Template)]
#[template(path = "framework_publish.html")]
struct PublishPage {
    page: Page,
    id: FrameworkId,
    revision: u32,
    version: String,
    title: String,
    /// What keeps it from being published.
    unfinished: Vec<String>,
    notes: String,
    /// The number of the version before, and what it has.
    before: Option<(u32, Vec<ItemLine>)>,
}

/// An item of the version before.
struct ItemLine {
    key: String,
    name: String,
    choices: Vec<Choice>,
}

/// What it can be now.
struct Choice {
    key: String,
    name: String,
    chosen: bool,
}

/// A draft, and the version before it.
struct Publishing {
    editing: Editing,
    before: Option<(u32, Framework)>,
}

async fn publishing(visit: &Visit, id: FrameworkId) -> Result<Option<Publishing>> {
    let Some(mut editing) = editing(visit, id).await? else { return Ok(None) };
    let (work, see) = visit.also::<SeeFrameworks>(editing.work, ()).await?;
    editing.work = work;
    let versions = editing.work.frameworks(&see).await?;
    let published = |state: &VersionState| matches!(state, VersionState::Published { .. });
    let before = versions.into_iter().find(|v| v.framework == id && published(&v.state));
    Ok(Some(Publishing { editing, before: before.map(|v| (v.number, v.body)) }))
}

/// `GET /frameworks/{framework}/publish`.
pub(crate) async fn form(visit: Visit, Path(id): Path<FrameworkId>) -> Result {
    match publishing(&visit, id).await? {
        Some(publishing) => view(&visit, publishing, None, Vec::new()).await,
        None => Ok(Said::NoDraft.at("/frameworks")),
    }
}

/// `POST /frameworks/{framework}/publish`: `notes`, `revision`, and for every item of the version before `was.{key}`: a
/// key of this one, or nothing, if it is dropped.
pub(crate) async fn publish(visit: Visit, Path(id): Path<FrameworkId>, fields: Fields) -> Result {
    let Some(mut publishing) = publishing(&visit, id).await? else {
        return Ok(Said::NoDraft.at("/frameworks"));
    };
    let (mapping, errors) = read(&publishing, &fields);
    let Some(mapping) = mapping.filter(|_| errors.is_empty()) else {
        return view(&visit, publishing, Some(&fields), errors).await;
    };
    let editing = &mut publishing.editing;
    let (revision, notes) = (editing.revision, typed(&fields, "notes"));
    let done =
        editing.work.publish_framework(&editing.permit, id, revision, &notes, &mapping).await?;
    let number = editing.number;
    publishing.editing.work.commit().await?;
    if !done {
        return Err(WebError::conflict("somebody saved this draft meanwhile; look at it first"));
    }
    Ok(Said::FrameworkPublished.at(&format!("{}/{number}", address(id))))
}

/// The mapping that was chosen, and what is missing.
fn read(publishing: &Publishing, fields: &Fields) -> (Option<Mapping>, Vec<FieldError>) {
    let Publishing { editing, before } = publishing;
    let mut errors = Vec::new();
    if fields.get("revision").parse() != Ok(editing.revision) {
        let text = "somebody saved this draft meanwhile; look at it, then publish it from here";
        errors.push(FieldError::new("", text));
    }
    errors.extend(editing.draft.problems().iter().map(|p| FieldError::new("", p.to_string())));
    let notes = typed(fields, "notes");
    if notes.is_empty() {
        errors.push(FieldError::new("notes", "write what is new in this version, and why"));
    } else if notes.chars().count() > most::TEXT {
        errors.push(FieldError::new("notes", format!("write at most {} characters", most::TEXT)));
    }
    let mapping = match before {
        None => Some(Mapping::default()),
        Some((_, before)) => {
            let became = |key: &str| Some(fields.get(&was(key))).filter(|to| !to.is_empty());
            Mapping::new(before, &editing.draft, became)
                .map_err(|error| errors.push(FieldError::new("mapping", error.to_string())))
                .ok()
        }
    };
    (mapping, errors)
}

fn was(key: &str) -> String {
    format!("was.{key}")
}

async fn view(
    visit: &Visit,
    publishing: Publishing,
    fields: Option<&Fields>,
    errors: Vec<FieldError>,
) -> Result {
    let Publishing { editing, before } = publishing;
    editing.work.commit().await?;
    let draft = editing.draft;
    let guess = before.as_ref().map(|(_, before)| Mapping::by_key(before, &draft));
    let line = |before: &Framework| -> Vec<ItemLine> {
        let of = |key: &str, measure: Measure| {
            let chosen = match fields {
                Some(fields) => fields.get(&was(key)).to_owned(),
                None => guess.as_ref().and_then(|g| g.now(key)).unwrap_or_default().to_owned(),
            };
            let same = draft.coded().into_iter().filter(move |i| i.skill.measure == measure);
            let choice = |item: hearback_domain::Item<'_>| Choice {
                chosen: item.key.as_str() == chosen,
                name: item.name(),
                key: item.key.to_string(),
            };
            same.map(choice).collect()
        };
        let items = before.coded().into_iter().map(|item| ItemLine {
            choices: of(item.key.as_str(), item.skill.measure),
            name: item.name(),
            key: item.key.to_string(),
        });
        items.collect()
    };
    let code = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let mut page = visit.page(format!("Publish: {}", draft.title));
    page.errors = errors;
    let body = html(&PublishPage {
        page,
        id: editing.id,
        revision: editing.revision,
        version: draft.version.clone(),
        title: draft.title.clone(),
        unfinished: draft.problems().iter().map(|p| sentence(&p.to_string())).collect(),
        notes: fields.map(|fields| typed(fields, "notes")).unwrap_or_default(),
        before: before.as_ref().map(|(number, before)| (*number, line(before))),
    })?;
    Ok((code, body).into_response())
}

/// `POST /frameworks/{framework}/{number}/current`: new codings take this version.
pub(crate) async fn take(visit: Visit, Path((id, number)): Path<(FrameworkId, u32)>) -> Result {
    let (mut work, permit) = visit.permit::<ManageFrameworks>(()).await?;
    let done = work.make_current(&permit, id, number).await?;
    work.commit().await?;
    if !done {
        return Err(WebError::NotFound);
    }
    Ok(Said::FrameworkTaken.at(&format!("{}/{number}", address(id))))
}
