//! Somebody is heard on a recording who was not named when it was begun: they came in later, or were forgotten
//! (REC-04).

use askama::Template;
use axum::{
    http::StatusCode,
    response::{IntoResponse as _, Redirect},
};
use hearback_access::{RecordConsent, SeeConsent};
use hearback_domain::{IdSource, Label, Party, PartyKind, PersonId, RecordingId, TextError};

use super::{
    typed::Typed,
    words::{self, Choice},
};
use crate::{
    Visit, WebError,
    error::{FieldError, Result},
    extract::{Fields, Path},
    page::{Page, html},
    recordings::MOST_PEOPLE,
};

#[derive(Template)]
#[template(path = "consent_add.html")]
struct AddPage {
    page: Page,
    recording: RecordingId,
    typed: Typed,
    kinds: Vec<Choice>,
}

/// `GET /recordings/{id}/people/new`.
pub(crate) async fn form(visit: Visit, Path(id): Path<RecordingId>) -> Result {
    let (work, _permit) = visit.permit::<RecordConsent>(id).await?;
    work.commit().await?;
    view(&visit, id, Typed::default(), Vec::new())
}

/// `POST /recordings/{id}/people`: `kind`, `label`. Everything that needs everybody's yes is closed from here on, until
/// theirs is written down.
pub(crate) async fn add(visit: Visit, Path(id): Path<RecordingId>, fields: Fields) -> Result {
    let (work, permit) = visit.permit::<RecordConsent>(id).await?;
    let (mut work, see) = visit.also::<SeeConsent>(work, id).await?;
    let heard = work.heard(&see).await?.ok_or(WebError::NotFound)?;
    let party = match read(&fields, heard.parties.len(), &*visit.app().ids) {
        Ok(party) => party,
        Err(errors) => {
            work.commit().await?;
            return view(&visit, id, Typed(fields), errors);
        }
    };
    work.add_heard(&permit, &party).await?;
    work.commit().await?;
    Ok(Redirect::to(&format!("/recordings/{id}/people/{}/consent", party.id)).into_response())
}

fn read(fields: &Fields, heard: usize, ids: &dyn IdSource) -> Result<Party, Vec<FieldError>> {
    let mut errors = Vec::new();
    let kind = fields.get("kind").parse().ok().filter(|kind| *kind != PartyKind::Practitioner);
    if kind.is_none() {
        errors.push(FieldError::new("kind", "Say who this is"));
    }
    if heard >= MOST_PEOPLE {
        let text = format!("There is room for {MOST_PEOPLE} people on one recording");
        errors.push(FieldError::new("kind", text));
    }
    let label = Label::new(fields.get("label"));
    match &label {
        Err(TextError::Empty(_)) => {
            errors.push(FieldError::new("label", "Write what to call them here"));
        }
        Err(other) => errors.push(FieldError::new("label", other.to_string())),
        Ok(_) => {}
    }
    match (kind, label) {
        (Some(kind), Ok(label)) if errors.is_empty() => {
            Ok(Party { id: PersonId::mint(ids), kind, label })
        }
        _ => Err(errors),
    }
}

fn view(visit: &Visit, recording: RecordingId, typed: Typed, errors: Vec<FieldError>) -> Result {
    let code = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let mut page = visit.page("Somebody else is heard");
    page.errors = errors;
    let others = PartyKind::ALL.iter().filter(|kind| **kind != PartyKind::Practitioner);
    let choice = |kind: &PartyKind| Choice { key: kind.as_str(), text: words::kind(*kind) };
    let kinds = others.map(choice).collect();
    let body = html(&AddPage { page, recording, typed, kinds })?;
    Ok((code, body).into_response())
}

#[cfg(test)]
mod tests {
    use hearback_domain::SeededIds;

    use super::*;

    #[test]
    fn somebody_who_came_in_has_a_kind_and_a_label() {
        let wrong = |kind: &str, label: &str, heard| {
            let pairs = [("kind", kind), ("label", label)];
            let pairs = pairs.map(|(n, v)| (n.to_owned(), v.to_owned())).into();
            read(&Fields(pairs), heard, &SeededIds::default())
                .err()
                .map_or(0, |errors| errors.len())
        };
        assert_eq!(wrong("other", "Neighbour", 2), 0);
        assert_eq!(wrong("practitioner", "Neighbour", 2), 1, "there is one, and she is there");
        assert_eq!(wrong("", " ", 2), 2);
        assert_eq!(wrong("other", "Neighbour", MOST_PEOPLE), 1);
    }
}
