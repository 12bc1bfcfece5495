//! Going through the statements with one person, and writing down what they say.

use askama::Template;
use axum::{http::StatusCode, response::IntoResponse as _};
use hearback_access::{Permit, RecordConsent, SeeConsent};
use hearback_domain::{ConsentId, JobId, Party, PartyKind, PersonId, RecordingId};
use hearback_storage::{NewConsentRecord, PublishedForm, StoreError, Work};

use super::{
    current, party,
    typed::Typed,
    words::{self, Choice},
};
use crate::{
    Visit, WebError,
    error::{FieldError, Result},
    extract::{Fields, Path},
    page::{Page, Said, html},
};

#[derive(Template)]
#[template(path = "consent_ask.html")]
struct AskPage {
    page: Page,
    recording: RecordingId,
    person: PersonId,
    label: String,
    kind: PartyKind,
    own: bool,
    young: bool,
    version: u32,
    title: String,
    introduction: Vec<String>,
    thinking_days: u16,
    valid_months: u8,
    authority_hint: String,
    statements: Vec<Line>,
    typed: Typed,
    hows: Vec<Choice>,
    ages: Vec<Choice>,
    authorities: Vec<Choice>,
    legal_statuses: Vec<Choice>,
    copies: Vec<Choice>,
}

/// A statement on the page.
struct Line {
    field: String,
    text: String,
    simple: Option<String>,
    first_purpose: bool,
}

/// `GET /recordings/{id}/people/{person}/consent`.
pub(crate) async fn form(
    visit: Visit,
    Path((id, person)): Path<(RecordingId, PersonId)>,
) -> Result {
    let (work, _permit) = visit.permit::<RecordConsent>(id).await?;
    let (work, party, published) = about(&visit, work, id, person).await?;
    work.commit().await?;
    let typed = Typed::blank(visit.app().clock.now());
    view(&visit, id, &party, published, typed, Vec::new())
}

/// `POST /recordings/{id}/people/{person}/consent`.
pub(crate) async fn write(
    visit: Visit,
    Path((id, person)): Path<(RecordingId, PersonId)>,
    fields: Fields,
) -> Result {
    let (work, permit) = visit.permit::<RecordConsent>(id).await?;
    let (work, party, published) = about(&visit, work, id, person).await?;
    let typed = Typed(fields);
    let checked = match typed.check(&party, &published.form, permit.cx().now) {
        Ok(checked) => checked,
        Err(errors) => {
            work.commit().await?;
            if visit.wants_json() {
                return Err(WebError::Invalid(errors));
            }
            return view(&visit, id, &party, published, typed, errors);
        }
    };
    let app = visit.app();
    let ids = &*app.ids;
    let read_at = typed.read_at(permit.cx().now);
    let new =
        NewConsentRecord { id: ConsentId::mint(ids), checked, job: JobId::mint(ids), read_at };
    keep(work, &permit, &new).await?;
    // A transcript may have been waiting for this yes.
    app.wake.notify_one();
    Ok(Said::Answered.at(&format!("/recordings/{id}/people")))
}

async fn keep(
    mut work: Box<dyn Work>,
    permit: &Permit<RecordConsent>,
    new: &NewConsentRecord,
) -> Result<()> {
    let kept = work.record_consent(permit, new).await.map_err(|error| match error {
        StoreError::Conflict { what: "consent.taken_back" } => {
            WebError::conflict("Somebody took a yes back since. Please read this together again.")
        }
        StoreError::Conflict { what: "consent.newer" } => WebError::conflict(
            "Something newer was written down since. Please read this together again.",
        ),
        other => other.into(),
    })?;
    if !kept {
        return Err(WebError::NotFound);
    }
    Ok(work.commit().await?)
}

/// Who is asked, and with which words.
async fn about(
    visit: &Visit,
    work: Box<dyn Work>,
    id: RecordingId,
    person: PersonId,
) -> Result<(Box<dyn Work>, Party, PublishedForm)> {
    let (mut work, see) = visit.also::<SeeConsent>(work, id).await?;
    let heard = work.heard(&see).await?.ok_or(WebError::NotFound)?;
    let party = party(&heard, person)?.clone();
    let published = current(&mut *work, &party).await?;
    Ok((work, party, published))
}

fn view(
    visit: &Visit,
    recording: RecordingId,
    party: &Party,
    published: PublishedForm,
    typed: Typed,
    errors: Vec<FieldError>,
) -> Result {
    let form = published.form;
    let own = party.kind == PartyKind::Practitioner;
    let young = matches!(party.kind, PartyKind::Child | PartyKind::YoungPerson);
    let code = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let name = party.label.as_str();
    let mut page =
        visit.page(if own { "Your own yes or no".to_owned() } else { format!("With {name}") });
    page.errors = errors;
    let first = form.statements.iter().position(|s| s.purpose.is_some());
    let lines = form.statements.iter().enumerate().map(|(n, statement)| Line {
        field: format!("tick.{}", statement.key),
        text: statement.text_for(name),
        // The short words are for reading aloud to a child or young person.
        simple: (young && statement.simple.is_some()).then(|| statement.simple_for(name)),
        first_purpose: Some(n) == first,
    });
    let body = html(&AskPage {
        page,
        recording,
        person: party.id,
        label: name.to_owned(),
        kind: party.kind,
        own,
        young,
        version: form.version,
        introduction: form.introduction.lines().map(str::to_owned).collect(),
        thinking_days: form.thinking_days,
        valid_months: form.valid_months,
        authority_hint: format!(
            "Until they are {}, somebody decides together with them.",
            form.alone_from
        ),
        statements: lines.collect(),
        title: form.title,
        typed,
        hows: words::hows(),
        ages: words::ages(party.kind),
        authorities: words::authorities(party.kind),
        legal_statuses: words::legal_statuses(),
        copies: words::copies(),
    })?;
    Ok((code, body).into_response())
}
