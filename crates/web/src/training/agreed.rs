//! What the first coders of a set agree on, item by item; and the same beside one's own, for who has reached it.

use askama::Template;
use axum::{
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use hearback_access::{AgreeCodings, Permit, SeeTraining};
use hearback_domain::{
    AgreedId, Note, Rating, RecordingId, Role,
    training::{Agreed, HalfScore, LearnsAs, NotInSet},
};
use hearback_storage::{AgreedScore, LearningAttempt, Person, WholeScore, Work};

use super::{Whole, pseudonym, show::name_of};
use crate::{
    Visit, WebError,
    error::{FieldError, Result},
    extract::{Fields, Path},
    page::{Page, Said, html},
};

#[derive(Template)]
#[template(path = "agreed.html")]
struct AgreedPage {
    page: Page,
    id: RecordingId,
    version: String,
    name: String,
    /// Whose scores stand beside each other.
    coders: Vec<String>,
    items: Vec<ItemView>,
    /// Whether it can still be changed.
    open: bool,
    halves: Vec<(String, String)>,
}

struct ItemView {
    key: String,
    name: String,
    /// As many as there are coders.
    scores: Vec<String>,
    /// Not all the same.
    apart: bool,
    /// What was agreed: `3.5`, `none` for not codable, or empty.
    agreed: String,
    note: String,
}

/// What somebody may see of a recording of a set.
enum Sight {
    /// Everybody's scores, and what is agreed; and they may change it while the set is not open.
    Founder(Vec<(hearback_domain::UserId, Vec<WholeScore>)>),
    /// Their own answers, and what was agreed.
    Reached(Vec<LearningAttempt>),
}

/// `GET /recordings/{id}/agreed/{version}`.
pub(crate) async fn show(visit: Visit, Path((id, version)): Path<(RecordingId, String)>) -> Result {
    let (work, permit) = visit.permit::<AgreeCodings>(id).await?;
    view(&visit, work, &permit, &version, None).await
}

/// What whoever asks may see; nothing before everybody has finished, and nothing to whoever learns.
async fn sight(
    visit: &Visit,
    work: &mut dyn Work,
    permit: &Permit<AgreeCodings>,
    see: &Permit<SeeTraining>,
    whole: &Whole,
) -> Result<Sight> {
    let me = visit.user()?;
    let version = &whole.set.framework_version;
    let there = whole.recordings.iter().any(|r| r.recording == permit.object());
    match whole.place_of(me).filter(|_| there) {
        Some(place) if place.part == LearnsAs::Founder => {
            let scores = work.founders_scores(permit, version).await?;
            if !scores.is_empty() {
                return Ok(Sight::Founder(scores));
            }
        }
        Some(place) if place.reached.is_some() => {
            return Ok(Sight::Reached(work.attempts(see, version, me).await?));
        }
        _ => {}
    }
    // The same answer to everybody else, however far anybody is.
    Err(WebError::conflict(
        "there is nothing to see here yet: everybody who codes it finishes first, each alone",
    ))
}

/// What was sent: the fields, and what is to be written differently.
type Sent<'a> = (&'a Fields, Vec<FieldError>);

async fn view(
    visit: &Visit,
    work: Box<dyn Work>,
    permit: &Permit<AgreeCodings>,
    version: &str,
    sent: Option<Sent<'_>>,
) -> Result<Response> {
    let (mut work, see) = visit.also::<SeeTraining>(work, ()).await?;
    let Some(whole) = found(&mut *work, &see, version).await? else {
        work.commit().await?;
        return Err(WebError::conflict("this recording is in no set of that version"));
    };
    let sight = match sight(visit, &mut *work, permit, &see, &whole).await {
        Ok(sight) => sight,
        Err(error) => {
            work.commit().await?;
            return Err(error);
        }
    };
    let agreed = work.agreed(permit, version).await?;
    let people = work.people_with(Role::Researcher).await?;
    let id = permit.object();
    let name = pseudonym(&mut *work, visit, id).await?.unwrap_or_default();
    work.commit().await?;
    let (fields, errors) = sent.map_or((None, Vec::new()), |(f, errors)| (Some(f), errors));
    let code = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let (coders, open) = match &sight {
        Sight::Founder(scores) => (names(scores, &people), whole.set.opened_at.is_none()),
        Sight::Reached(_) => (vec!["You".to_owned()], false),
    };
    let mut page = visit.page(format!("What was agreed: {name}"));
    page.errors = errors;
    let body = html(&AgreedPage {
        page,
        id,
        version: version.to_owned(),
        name,
        coders,
        items: items(&whole, &sight, &agreed, id, fields),
        open,
        halves: halves(),
    })?;
    Ok((code, body).into_response())
}

/// The set of this version, if there is one.
async fn found(
    work: &mut dyn Work,
    see: &Permit<SeeTraining>,
    version: &str,
) -> Result<Option<Whole>> {
    match Whole::of(work, see, version).await {
        Ok(whole) => Ok(Some(whole)),
        Err(WebError::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

fn names(scores: &[(hearback_domain::UserId, Vec<WholeScore>)], people: &[Person]) -> Vec<String> {
    scores.iter().map(|(coder, _)| name_of(*coder, people)).collect()
}

fn items(
    whole: &Whole,
    sight: &Sight,
    agreed: &[AgreedScore],
    id: RecordingId,
    sent: Option<&Fields>,
) -> Vec<ItemView> {
    let view = |item: &hearback_domain::Item<'_>| {
        let key = item.key.as_str();
        let scores: Vec<String> = match sight {
            Sight::Founder(all) => {
                let of = |scores: &[WholeScore]| {
                    scores.iter().find(|score| score.item == key).map(|score| score.rating)
                };
                all.iter().map(|(_, scores)| in_words(of(scores))).collect()
            }
            Sight::Reached(attempts) => {
                let last = attempts.iter().rev().find_map(|attempt| attempt.handed_in.as_ref());
                let mut answers = last.iter().flat_map(|handed| &handed.answers);
                let own = answers.find(|a| a.recording == id && a.item == key);
                vec![in_words(own.and_then(|own| own.answer))]
            }
        };
        let was = agreed.iter().find(|one| one.item == key);
        let (agreed, note) = match sent {
            Some(fields) => (
                fields.get(&format!("agreed.{key}")).to_owned(),
                fields.get(&format!("note.{key}")).to_owned(),
            ),
            None => (
                was.map(|one| typed(one.agreed)).unwrap_or_default(),
                was.map(|one| one.note.as_str().to_owned()).unwrap_or_default(),
            ),
        };
        ItemView {
            key: key.to_owned(),
            name: item.name(),
            apart: scores.windows(2).any(|two| two[0] != two[1]),
            scores,
            agreed,
            note,
        }
    };
    whole.framework.items().iter().map(view).collect()
}

fn in_words(rating: Option<Rating>) -> String {
    match rating {
        Some(Rating::Scored(score)) => score.to_string(),
        Some(Rating::NotCodable) => "not codable".to_owned(),
        None => "no answer".to_owned(),
    }
}

/// As it stands in the form.
fn typed(agreed: Agreed) -> String {
    match agreed {
        Agreed::Scored(score) => score.to_string(),
        Agreed::NotCodable => "none".to_owned(),
    }
}

/// What can be agreed on: the value, and how it reads.
fn halves() -> Vec<(String, String)> {
    let scores = (2..=10).filter_map(|halves| HalfScore::from_halves(halves).ok());
    let choices = scores.map(|score| (score.to_string(), score.to_string()));
    choices.chain([("none".to_owned(), "Not codable".to_owned())]).collect()
}

/// `POST /recordings/{id}/agreed/{version}`: `agreed.{item}` (1 to 5 in halves, none, or nothing yet) and `note.{item}`.
pub(crate) async fn write(
    visit: Visit,
    Path((id, version)): Path<(RecordingId, String)>,
    fields: Fields,
) -> Result {
    let (work, permit) = visit.permit::<AgreeCodings>(id).await?;
    let (mut work, see) = visit.also::<SeeTraining>(work, ()).await?;
    let Some(whole) = found(&mut *work, &see, &version).await? else {
        work.commit().await?;
        return Err(WebError::conflict("this recording is in no set of that version"));
    };
    if let Sight::Reached(_) = sight(&visit, &mut *work, &permit, &see, &whole).await? {
        return Err(WebError::conflict(NotInSet::Open.to_string()));
    }
    let (mut errors, mut all) = (Vec::new(), Vec::new());
    for item in whole.framework.items() {
        let (field, note_field) = (format!("agreed.{}", item.key), format!("note.{}", item.key));
        let agreed = match fields.get(&field) {
            "" => continue,
            "none" => Ok(Agreed::NotCodable),
            text => HalfScore::parse(text).map(Agreed::Scored),
        };
        match (agreed, Note::new(fields.get(&note_field))) {
            (Ok(agreed), Ok(note)) => all.push((item.key, agreed, note)),
            (Err(error), _) => errors.push(FieldError::new(field, error.to_string())),
            (_, Err(error)) => errors.push(FieldError::new(note_field, error.to_string())),
        }
    }
    if !errors.is_empty() {
        return view(&visit, work, &permit, &version, Some((&fields, errors))).await;
    }
    for (item, agreed, note) in all {
        let new = AgreedId::mint(&*visit.app().ids);
        if !work.agree(&permit, new, &version, &item, agreed, &note).await? {
            return Err(WebError::conflict(NotInSet::Open.to_string()));
        }
    }
    work.commit().await?;
    Ok(Said::Saved.at(&format!("/recordings/{id}/agreed/{version}")))
}
