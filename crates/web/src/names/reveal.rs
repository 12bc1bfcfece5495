//! The data protection officer reads the real names on one recording, with the passphrase.

use askama::Template;
use axum::{http::StatusCode, response::IntoResponse as _};
use hearback_access::{Permit, RevealIdentity};
use hearback_domain::{IdentityKeyId, PersonId, RecordingId};
use hearback_storage::{HeardPerson, IdentityKey, NamesOf, Work};
use hearback_vault::identity::{NameKey, open_name_key};

use super::in_turn;
use crate::{
    Visit, WebError,
    error::{FieldError, Result},
    extract::{Fields, Path},
    page::{Page, day, html},
};

#[derive(Template)]
#[template(path = "identities.html")]
struct NamesPage {
    page: Page,
    recording: RecordingId,
    pseudonym: String,
    people: Vec<PersonLine>,
    any: bool,
    opened: bool,
}

struct PersonLine {
    label: String,
    noted: Option<String>,
    name: Option<String>,
}

/// `GET /admin/identities/{id}`: whose names were noted, closed.
pub(crate) async fn form(visit: Visit, Path(id): Path<RecordingId>) -> Result {
    let (work, permit) = visit.permit::<RevealIdentity>(id).await?;
    let names = read(work, &permit).await?;
    view(&visit, id, &names, None, Vec::new())
}

async fn read(mut work: Box<dyn Work>, permit: &Permit<RevealIdentity>) -> Result<NamesOf> {
    let names = work.names_of(permit).await?.ok_or(WebError::NotFound)?;
    work.commit().await?;
    Ok(names)
}

/// `POST /admin/identities/{id}`: `passphrase`, or the line that was printed. The names are shown this once.
pub(crate) async fn reveal(visit: Visit, Path(id): Path<RecordingId>, fields: Fields) -> Result {
    let (work, permit) = visit.permit::<RevealIdentity>(id).await?;
    let names = read(work, &permit).await?;
    let secret = fields.get("passphrase").to_owned();
    if secret.trim().is_empty() {
        let errors = vec![FieldError::new("passphrase", "Give the passphrase of the key")];
        return view(&visit, id, &names, None, errors);
    }
    let keys = names.keys.clone();
    let open = move || {
        let open = |key: &IdentityKey| {
            Some((key.id, open_name_key(&key.public, &key.locked, &secret).ok()?))
        };
        Ok(keys.iter().find_map(open))
    };
    let Some((key_id, key)) = in_turn(open).await?.map_err(WebError::internal)? else {
        let text = "This does not open the names on this recording";
        return view(&visit, id, &names, None, vec![FieldError::new("passphrase", text)]);
    };
    view(&visit, id, &names, Some((key_id, &key)), Vec::new())
}

fn view(
    visit: &Visit,
    id: RecordingId,
    names: &NamesOf,
    key: Option<(IdentityKeyId, &NameKey)>,
    errors: Vec<FieldError>,
) -> Result {
    let code = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let mut page = visit.page(format!("Who is heard: {}", names.pseudonym));
    page.errors = errors;
    let line = |heard: &HeardPerson| PersonLine {
        label: heard.label.to_string(),
        noted: heard.linked_at.map(day),
        name: key.map(|key| name_of(names, heard.person, key)),
    };
    let body = html(&NamesPage {
        page,
        recording: id,
        pseudonym: names.pseudonym.to_string(),
        people: names.heard.iter().map(line).collect(),
        any: !names.names.is_empty(),
        opened: key.is_some(),
    })?;
    Ok((code, body).into_response())
}

/// The real name of one person, or why there is none to show.
fn name_of(names: &NamesOf, person: PersonId, (id, key): (IdentityKeyId, &NameKey)) -> String {
    let Some(name) = names.names.iter().find(|n| n.person == person) else {
        return "Not noted".to_owned();
    };
    match &name.sealed {
        None => "Destroyed with the recording".to_owned(),
        Some(_) if name.key != id => "Closed with another key".to_owned(),
        Some(sealed) => match key.open(name.recording, person, sealed) {
            Ok(name) => name.to_string(),
            Err(error) => {
                tracing::error!(error = %error, "a real name does not open");
                "Damaged: it cannot be opened".to_owned()
            }
        },
    }
}
