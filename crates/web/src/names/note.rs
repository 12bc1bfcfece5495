//! The practitioner notes who a chosen name stands for. What was noted is not shown again, to them neither.

use askama::Template;
use axum::{http::StatusCode, response::IntoResponse as _};
use hearback_access::{LinkIdentity, Permit};
use hearback_domain::{PersonId, RealName, RecordingId};
use hearback_storage::Work;
use hearback_vault::identity::seal_name;

use crate::{
    Visit, WebError,
    error::{FieldError, Result},
    extract::{Fields, Path},
    page::{Page, Said, day, html},
};

#[derive(Template)]
#[template(path = "real_name.html")]
struct NamePage {
    page: Page,
    recording: RecordingId,
    person: PersonId,
    label: String,
    ready: bool,
    noted: Option<String>,
}

/// `GET /recordings/{id}/people/{person}/name`.
pub(crate) async fn form(
    visit: Visit,
    Path((id, person)): Path<(RecordingId, PersonId)>,
) -> Result {
    let (work, permit) = visit.permit::<LinkIdentity>(id).await?;
    view(&visit, work, &permit, person, Vec::new()).await
}

async fn view(
    visit: &Visit,
    mut work: Box<dyn Work>,
    permit: &Permit<LinkIdentity>,
    person: PersonId,
    errors: Vec<FieldError>,
) -> Result {
    let heard = work.heard_people(permit).await?;
    let ready = work.identity_recipient(permit).await?.is_some();
    work.commit().await?;
    let heard = heard.into_iter().find(|h| h.person == person).ok_or(WebError::NotFound)?;
    let code = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let mut page = visit.page(format!("Who {} is", heard.label));
    page.errors = errors;
    let body = html(&NamePage {
        page,
        recording: permit.object(),
        person,
        label: heard.label.to_string(),
        ready,
        noted: heard.linked_at.map(day),
    })?;
    Ok((code, body).into_response())
}

/// `POST /recordings/{id}/people/{person}/name`: `name`.
pub(crate) async fn keep(
    visit: Visit,
    Path((id, person)): Path<(RecordingId, PersonId)>,
    fields: Fields,
) -> Result {
    let (mut work, permit) = visit.permit::<LinkIdentity>(id).await?;
    let name = match RealName::new(fields.get("name")) {
        Ok(name) => name,
        Err(error) => {
            let errors = vec![FieldError::new("name", error.to_string())];
            return view(&visit, work, &permit, person, errors).await;
        }
    };
    let Some((key, public)) = work.identity_recipient(&permit).await? else {
        let text = "The data protection officer has not made a key for names yet";
        return view(&visit, work, &permit, person, vec![FieldError::new("name", text)]).await;
    };
    let sealed = seal_name(&public, id, person, &name).map_err(WebError::internal)?;
    if !work.link_name(&permit, person, key, &sealed).await? {
        return Err(WebError::NotFound);
    }
    work.commit().await?;
    Ok(Said::NameNoted.at(&format!("/recordings/{id}/people/{person}/name")))
}
