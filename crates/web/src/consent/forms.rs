//! The wording: what there is, what it was, and the next version of it.

use askama::Template;
use axum::{http::StatusCode, response::IntoResponse as _};
use hearback_access::{ManageForms, Permit};
use hearback_domain::{PartyKind, Purpose, forms::Form};
use hearback_storage::{PublishedForm, StoreError, Work};

use super::{edit::Draft, words};
use crate::{
    Visit, WebError,
    error::{FieldError, Result},
    extract::{Fields, Path},
    page::{Page, Said, day, html},
};

#[derive(Template)]
#[template(path = "forms.html")]
struct FormsPage {
    page: Page,
    forms: Vec<FormLine>,
}

struct FormLine {
    kind: PartyKind,
    for_whom: &'static str,
    version: u32,
    since: String,
    statements: usize,
}

#[derive(Template)]
#[template(path = "form_edit.html")]
struct EditPage {
    page: Page,
    kind: PartyKind,
    for_whom: &'static str,
    /// The version that is looked at, where that is not the newest; it cannot be changed.
    old: Option<u32>,
    versions: Vec<VersionLine>,
    draft: Draft,
    purposes: Vec<PurposeChoice>,
    preview: Option<Vec<String>>,
}

struct VersionLine {
    version: u32,
    since: String,
    shown: bool,
}

struct PurposeChoice {
    key: &'static str,
    text: &'static str,
}

/// `GET /admin/forms`.
pub(crate) async fn list(visit: Visit) -> Result {
    let (mut work, _permit) = visit.permit::<ManageForms>(()).await?;
    let forms = work.current_forms().await?;
    work.commit().await?;
    let line = |published: &PublishedForm| FormLine {
        kind: published.form.kind,
        for_whom: words::form_for(published.form.kind),
        version: published.form.version,
        since: since(published),
        statements: published.form.statements.len(),
    };
    html(&FormsPage {
        page: visit.page("The words people agree to"),
        forms: forms.iter().map(line).collect(),
    })
}

/// `GET /admin/forms/{kind}`, with `?version=` for an old one.
pub(crate) async fn show(visit: Visit, Path(kind): Path<String>) -> Result {
    let (mut work, permit) = visit.permit::<ManageForms>(()).await?;
    let kind = kind.parse().map_err(|_| WebError::NotFound)?;
    let versions = work.forms_of(kind).await?;
    let mut parts = visit.query().unwrap_or_default().split('&');
    let asked = parts.find_map(|p| p.strip_prefix("version=")?.parse::<u32>().ok());
    let newest = versions.first().ok_or(WebError::NotFound)?.form.version;
    let wanted = asked.unwrap_or(newest);
    let found = versions.iter().find(|p| p.form.version == wanted).ok_or(WebError::NotFound)?;
    let draft = Draft::of(&found.form);
    let old = (wanted != newest).then_some(wanted);
    let preview = old.map(|_| preview(&found.form));
    view(&visit, work, &permit, Shown { kind, old, draft, preview, errors: Vec::new() }).await
}

/// `POST /admin/forms/{kind}`: `do` is `preview` or `publish`.
pub(crate) async fn write(visit: Visit, Path(kind): Path<String>, fields: Fields) -> Result {
    let (mut work, permit) = visit.permit::<ManageForms>(()).await?;
    let kind = kind.parse().map_err(|_| WebError::NotFound)?;
    let draft = Draft::from_fields(&fields);
    let shown = match draft.check(kind) {
        Ok(form) if fields.get("do") == "publish" => {
            match work.publish_form(&permit, &form).await {
                Ok(_) => work.commit().await?,
                Err(StoreError::Conflict { .. }) => {
                    return Err(WebError::conflict(
                        "somebody else has just published another wording; please look at that \
                         first",
                    ));
                }
                Err(other) => return Err(other.into()),
            }
            return Ok(Said::Published.at("/admin/forms"));
        }
        Ok(form) => {
            let preview = Some(preview(&form));
            Shown { kind, old: None, draft, preview, errors: Vec::new() }
        }
        Err(errors) => Shown { kind, old: None, draft, preview: None, errors },
    };
    view(&visit, work, &permit, shown).await
}

/// What the page of one form shows.
struct Shown {
    kind: PartyKind,
    old: Option<u32>,
    draft: Draft,
    preview: Option<Vec<String>>,
    errors: Vec<FieldError>,
}

async fn view(
    visit: &Visit,
    mut work: Box<dyn Work>,
    _: &Permit<ManageForms>,
    shown: Shown,
) -> Result {
    let Shown { kind, old, draft, preview, errors } = shown;
    let versions = work.forms_of(kind).await?;
    work.commit().await?;
    let newest = versions.first().map(|p| p.form.version);
    let line = |published: &PublishedForm| VersionLine {
        version: published.form.version,
        since: since(published),
        shown: Some(published.form.version) == old.or(newest),
    };
    let for_whom = words::form_for(kind);
    let mut page = visit.page(for_whom);
    let code = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    page.errors = errors;
    let purposes = Purpose::ALL
        .iter()
        .map(|purpose| PurposeChoice { key: purpose.as_str(), text: words::purpose(*purpose) });
    let body = html(&EditPage {
        page,
        kind,
        for_whom,
        old,
        versions: versions.iter().map(line).collect(),
        draft,
        purposes: purposes.collect(),
        preview,
    })?;
    Ok((code, body).into_response())
}

/// The sentences as somebody called Robin reads them.
fn preview(form: &Form) -> Vec<String> {
    form.statements.iter().map(|s| s.text_for("Robin")).collect()
}

fn since(published: &PublishedForm) -> String {
    match published.published_at {
        Some(at) => format!("since {}", day(at)),
        None => "came with Hearback".to_owned(),
    }
}
