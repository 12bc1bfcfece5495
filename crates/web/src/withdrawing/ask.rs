//! The page on which somebody takes back what they said yes to: no reason is asked, nothing is ticked before, and it
//! says what will happen before it does.

use askama::Template;
use axum::{
    http::StatusCode,
    response::{IntoResponse as _, Redirect},
};
use hearback_access::{Permit, SeeConsent, Withdraw};
use hearback_domain::{
    ErasureId, JobId, PartyKind, PersonId, Purpose, RecordingId, Reference, Role, WithdrawalId,
    withdrawal::{Asked, Channel, effects},
};
use hearback_storage::{NewWithdrawal, Work, Yeses};

use super::{closes, code::Code, goes, ledger};
use crate::{
    Visit, WebError,
    consent::words,
    error::{FieldError, Result},
    extract::{Fields, Path},
    page::{Page, html},
};

#[derive(Template)]
#[template(path = "withdraw.html")]
struct ChoosePage {
    page: Page,
    recording: RecordingId,
    reference: String,
    owner: bool,
    people: Vec<Somebody>,
}

struct Somebody {
    id: PersonId,
    label: String,
    kind: PartyKind,
    who: &'static str,
    own: bool,
}

/// `GET /recordings/{id}/withdraw`: for whom?
pub(crate) async fn choose(visit: Visit, Path(id): Path<RecordingId>) -> Result {
    let (work, permit) = visit.permit::<Withdraw>(id).await?;
    let (work, people) = everybody(&visit, work, &permit).await?;
    work.commit().await?;
    html(&ChoosePage {
        page: visit.page("Take it back"),
        recording: id,
        reference: Reference::of(id).to_string(),
        owner: visit.signed_in()?.role == Role::Practitioner,
        people: people.into_iter().map(|(somebody, _)| somebody).collect(),
    })
}

#[derive(Template)]
#[template(path = "withdraw_form.html")]
struct FormPage {
    page: Page,
    recording: RecordingId,
    person: PersonId,
    label: String,
    own: bool,
    uses: Vec<Use>,
    ways: Vec<Way>,
}

struct Use {
    key: &'static str,
    text: &'static str,
    ticked: bool,
}

struct Way {
    key: &'static str,
    text: &'static str,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "withdraw_check.html")]
struct CheckPage {
    page: Page,
    recording: RecordingId,
    person: PersonId,
    label: String,
    own: bool,
    asked: &'static str,
    purposes: Vec<&'static str>,
    whole: bool,
    closes: Vec<&'static str>,
    goes: Vec<&'static str>,
}

/// `GET /recordings/{id}/people/{person}/withdraw`.
pub(crate) async fn form(
    visit: Visit,
    Path((id, person)): Path<(RecordingId, PersonId)>,
) -> Result {
    let (work, permit) = visit.permit::<Withdraw>(id).await?;
    let (work, (somebody, yeses)) = one(&visit, work, &permit, person).await?;
    work.commit().await?;
    show_form(&visit, id, &somebody, &yeses, &Fields::default(), Vec::new())
}

/// `POST /recordings/{id}/people/{person}/withdraw`: `purpose` (several; `record` is everything), `asked` where
/// somebody asked, and `confirm` once it was said what will happen.
pub(crate) async fn withdraw(
    visit: Visit,
    Path((id, person)): Path<(RecordingId, PersonId)>,
    fields: Fields,
) -> Result {
    let (work, permit) = visit.permit::<Withdraw>(id).await?;
    let (mut work, (somebody, yeses)) = one(&visit, work, &permit, person).await?;
    let (purposes, asked) = match read(&fields, somebody.own) {
        Ok(read) => read,
        Err(errors) => {
            work.commit().await?;
            return show_form(&visit, id, &somebody, &yeses, &fields, errors);
        }
    };
    if fields.get("confirm") != "yes" {
        work.commit().await?;
        return check(&visit, id, somebody, &purposes, asked);
    }
    let (app, code) = (visit.app(), Code::random()?);
    let new = NewWithdrawal {
        id: WithdrawalId::mint(&*app.ids),
        erasure: ErasureId::mint(&*app.ids),
        job: JobId::mint(&*app.ids),
        person,
        purposes,
        channel: channel(somebody.kind, somebody.own),
        asked,
        receipt: code.hash(),
    };
    let withdrawn = work.withdraw(&permit, &new).await?.ok_or(WebError::NotFound)?;
    ledger::commit(app, work, id, withdrawn, permit.cx().now).await?;
    app.wake.notify_one();
    Ok(Redirect::to(&format!("/receipt/{code}")).into_response())
}

/// Everybody who is heard and what they said yes to that still holds.
async fn everybody(
    visit: &Visit,
    mut work: Box<dyn Work>,
    permit: &Permit<Withdraw>,
) -> Result<(Box<dyn Work>, Vec<(Somebody, Yeses)>)> {
    let yeses = work.yeses(permit).await?;
    let (mut work, see) = visit.also::<SeeConsent>(work, permit.object()).await?;
    let heard = work.heard(&see).await?.ok_or(WebError::NotFound)?;
    let owner = visit.signed_in()?.role == Role::Practitioner;
    let people = yeses.into_iter().filter_map(|yes| {
        let party = heard.parties.iter().find(|party| party.id == yes.person)?;
        let somebody = Somebody {
            id: party.id,
            label: party.label.to_string(),
            kind: party.kind,
            who: words::kind(party.kind),
            own: owner && party.kind == PartyKind::Practitioner,
        };
        Some((somebody, yes))
    });
    let people = people.collect();
    Ok((work, people))
}

async fn one(
    visit: &Visit,
    work: Box<dyn Work>,
    permit: &Permit<Withdraw>,
    person: PersonId,
) -> Result<(Box<dyn Work>, (Somebody, Yeses))> {
    let (work, people) = everybody(visit, work, permit).await?;
    let found = people.into_iter().find(|(somebody, _)| somebody.id == person);
    Ok((work, found.ok_or(WebError::NotFound)?))
}

/// In whose name a yes is taken back.
const fn channel(kind: PartyKind, own: bool) -> Channel {
    match (kind, own) {
        (_, true) => Channel::Own,
        (PartyKind::Practitioner, false) => Channel::ForPractitioner,
        _ => Channel::ForFamily,
    }
}

fn show_form(
    visit: &Visit,
    recording: RecordingId,
    somebody: &Somebody,
    yeses: &Yeses,
    fields: &Fields,
    errors: Vec<FieldError>,
) -> Result {
    let ticked = |key: &str| fields.all("purpose").any(|p| p == key);
    let use_of = |purpose: &Purpose| Use {
        key: purpose.as_str(),
        text: words::purpose(*purpose),
        ticked: ticked(purpose.as_str()),
    };
    let way_of = |way: &Asked| Way {
        key: way.as_str(),
        text: way.title(),
        chosen: fields.get("asked") == way.as_str(),
    };
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let mut page = visit.page("Take it back");
    page.errors = errors;
    let body = html(&FormPage {
        page,
        recording,
        person: somebody.id,
        label: somebody.label.clone(),
        own: somebody.own,
        uses: yeses.given.iter().filter(|p| **p != Purpose::Record).map(use_of).collect(),
        ways: Asked::ALL.iter().map(way_of).collect(),
    })?;
    Ok((status, body).into_response())
}

fn check(
    visit: &Visit,
    recording: RecordingId,
    somebody: Somebody,
    purposes: &[Purpose],
    asked: Option<Asked>,
) -> Result {
    let effects = effects(purposes);
    // Of everything, one line says it all.
    let closed: &[Purpose] = if effects.whole { &[Purpose::Record] } else { &effects.closes };
    html(&CheckPage {
        page: visit.page("Before you take it back"),
        recording,
        person: somebody.id,
        label: somebody.label,
        own: somebody.own,
        asked: asked.map(Asked::as_str).unwrap_or_default(),
        purposes: purposes.iter().map(|p| p.as_str()).collect(),
        whole: effects.whole,
        closes: closed.iter().map(|p| closes(*p)).collect(),
        goes: effects.destroys.iter().map(|class| goes(*class)).collect(),
    })
}

/// What is taken back, and how it was asked for.
fn read(fields: &Fields, own: bool) -> Result<(Vec<Purpose>, Option<Asked>), Vec<FieldError>> {
    let mut errors = Vec::new();
    let named = |purpose: &Purpose| fields.all("purpose").any(|p| p == purpose.as_str());
    let purposes: Vec<_> = Purpose::ALL.iter().copied().filter(named).collect();
    if purposes.is_empty() {
        errors.push(FieldError::new("purpose", "Tick what is taken back"));
    }
    let asked = fields.get("asked").parse::<Asked>().ok();
    if asked.is_none() && !own {
        errors.push(FieldError::new("asked", "Choose how they asked"));
    }
    if errors.is_empty() { Ok((purposes, asked.filter(|_| !own))) } else { Err(errors) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn something_is_ticked_and_nobody_says_why() {
        let ask = |pairs: &[(&str, &str)], own| {
            let pairs = pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
            read(&Fields(pairs), own)
                .map_err(|errors| errors.into_iter().map(|e| e.field).collect::<Vec<_>>())
        };
        assert_eq!(ask(&[], true), Err(vec!["purpose".to_owned()]));
        assert_eq!(
            ask(&[("purpose", "x")], false),
            Err(vec!["purpose".to_owned(), "asked".to_owned()])
        );
        assert_eq!(ask(&[("purpose", "record")], true), Ok((vec![Purpose::Record], None)));
        assert_eq!(
            ask(&[("purpose", "quote"), ("purpose", "transcribe"), ("asked", "phone")], false),
            Ok((vec![Purpose::Transcribe, Purpose::Quote], Some(Asked::Phone)))
        );
    }

    #[test]
    fn it_is_noted_in_whose_name() {
        assert_eq!(channel(PartyKind::Practitioner, true), Channel::Own);
        assert_eq!(channel(PartyKind::Practitioner, false), Channel::ForPractitioner);
        assert_eq!(channel(PartyKind::Child, false), Channel::ForFamily);
    }
}
