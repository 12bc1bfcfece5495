//! Going through the statements with one person, and writing down what they say.

use askama::Template;
use axum::{
    http::StatusCode,
    response::{IntoResponse as _, Redirect},
};
use hearback_access::{Permit, RecordConsent, SeeConsent};
use hearback_domain::{
    ConsentId, ErasureId, JobId, Party, PartyKind, PersonId, Purpose, RecordingId, WithdrawalId,
    withdrawal::{effects, taken_back},
};
use hearback_storage::{IfTakenBack, NewConsentRecord, PublishedForm, StoreError, Work};

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
    withdrawing::{closes, code::Code, goes, ledger},
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
    let (work, asked) = about(&visit, work, id, person).await?;
    work.commit().await?;
    let typed = Typed::blank(visit.app().clock.now());
    view(&visit, id, asked, typed, Vec::new())
}

#[derive(Template)]
#[template(path = "consent_check.html")]
struct CheckPage {
    page: Page,
    recording: RecordingId,
    person: PersonId,
    label: String,
    own: bool,
    closes: Vec<&'static str>,
    goes: Vec<&'static str>,
    /// Everything that was typed.
    fields: Vec<(String, String)>,
}

/// `POST /recordings/{id}/people/{person}/consent`: the answers; and `confirm` once it was said what will happen, where
/// they take a yes back.
pub(crate) async fn write(
    visit: Visit,
    Path((id, person)): Path<(RecordingId, PersonId)>,
    fields: Fields,
) -> Result {
    let (work, permit) = visit.permit::<RecordConsent>(id).await?;
    let (work, asked) = about(&visit, work, id, person).await?;
    let typed = Typed(fields);
    let checked = match typed.check(&asked.party, &asked.published.form, permit.cx().now) {
        Ok(checked) => checked,
        Err(errors) => {
            work.commit().await?;
            if visit.wants_json() {
                return Err(WebError::Invalid(errors));
            }
            return view(&visit, id, asked, typed, errors);
        }
    };
    let denied = taken_back(&asked.yeses, checked.answers());
    if !denied.is_empty() && !typed.is("confirm", "yes") {
        work.commit().await?;
        return check(&visit, id, &asked.party, &denied, typed);
    }
    let (app, code) = (visit.app(), Code::random()?);
    let ids = &*app.ids;
    let read_at = typed.read_at(permit.cx().now);
    let if_taken_back = IfTakenBack {
        id: WithdrawalId::mint(ids),
        erasure: ErasureId::mint(ids),
        job: JobId::mint(ids),
        receipt: code.hash(),
    };
    let (consent, job) = (ConsentId::mint(ids), JobId::mint(ids));
    let new = NewConsentRecord { id: consent, checked, job, read_at, if_taken_back };
    let taken_back = keep(&visit, work, &permit, &new).await?;
    // A transcript may have been waiting for this yes, or something is to be destroyed.
    app.wake.notify_one();
    if taken_back {
        return Ok(Redirect::to(&format!("/receipt/{code}")).into_response());
    }
    Ok(Said::Answered.at(&format!("/recordings/{id}/people")))
}

/// Writes it down; whether a yes was taken back by it.
async fn keep(
    visit: &Visit,
    mut work: Box<dyn Work>,
    permit: &Permit<RecordConsent>,
    new: &NewConsentRecord,
) -> Result<bool> {
    let recorded = work.record_consent(permit, new).await.map_err(|error| match error {
        StoreError::Conflict { what: "consent.taken_back" } => {
            WebError::conflict("Somebody took a yes back since. Please read this together again.")
        }
        StoreError::Conflict { what: "consent.newer" } => WebError::conflict(
            "Something newer was written down since. Please read this together again.",
        ),
        other => other.into(),
    })?;
    let Some(withdrawn) = recorded.ok_or(WebError::NotFound)?.withdrawn else {
        work.commit().await?;
        return Ok(false);
    };
    ledger::commit(visit.app(), work, permit.object(), withdrawn, permit.cx().now).await?;
    Ok(true)
}

/// Before answers take a yes back, it is said what will happen, as on the page that is for that alone.
fn check(
    visit: &Visit,
    recording: RecordingId,
    party: &Party,
    denied: &[Purpose],
    typed: Typed,
) -> Result {
    if visit.wants_json() {
        let text = "these answers take a yes back: send them again with “confirm”";
        return Err(WebError::conflict(text));
    }
    let effects = effects(denied);
    let closed: &[Purpose] = if effects.whole { &[Purpose::Record] } else { &effects.closes };
    html(&CheckPage {
        page: visit.page("Before you write it down"),
        recording,
        person: party.id,
        label: party.label.to_string(),
        own: party.kind == PartyKind::Practitioner,
        closes: closed.iter().map(|p| closes(*p)).collect(),
        goes: effects.destroys.iter().map(|class| goes(*class)).collect(),
        fields: typed.0.0.into_iter().filter(|(name, _)| name != "confirm").collect(),
    })
}

/// Who is asked, with which words, and what they said yes to and never took back.
struct Asked {
    party: Party,
    published: PublishedForm,
    yeses: Vec<Purpose>,
}

async fn about(
    visit: &Visit,
    work: Box<dyn Work>,
    id: RecordingId,
    person: PersonId,
) -> Result<(Box<dyn Work>, Asked)> {
    let (mut work, see) = visit.also::<SeeConsent>(work, id).await?;
    let heard = work.heard(&see).await?.ok_or(WebError::NotFound)?;
    let party = party(&heard, person)?.clone();
    let answers = work.consent_answers(&see).await?.into_iter();
    let yeses = answers.filter(|a| a.person == person && a.given && a.withdrawn_at.is_none());
    let yeses = yeses.map(|a| a.purpose).collect();
    let published = current(&mut *work, &party).await?;
    Ok((work, Asked { party, published, yeses }))
}

fn view(
    visit: &Visit,
    recording: RecordingId,
    Asked { party, published, .. }: Asked,
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
