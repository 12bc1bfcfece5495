//! One protocol: what it says, how far it is, and the recordings of whoever looks.

use askama::Template;
use axum::{http::StatusCode, response::IntoResponse as _};
use hearback_access::{AssignSecond, Code, Permit, SeeProtocols, SeeRecording, among};
use hearback_domain::{
    ProtocolId, RecordingId, Relation, Role, UserId,
    coding::{NotSecond, Progress, Twice, progress},
};
use hearback_storage::{CodingState, Protocol, Work};

use super::list::part;
use crate::{
    Visit, WebError,
    error::{FieldError, Result, sentence},
    extract::Path,
    page::{Page, day, html},
    playlist::precise,
};

#[derive(Template)]
#[template(path = "protocol.html")]
struct ProtocolPage {
    page: Page,
    id: ProtocolId,
    name: String,
    framework: String,
    part: String,
    seed: u32,
    twice: u8,
    drift: Option<u16>,
    blind_phase: bool,
    blind_practitioner: bool,
    since: String,
    closed: Option<String>,
    progress: Progress,
    open: Vec<Waiting>,
    mine: Vec<Mine>,
    researchers: Vec<Choice>,
    shown: usize,
}

/// A recording that whoever looks was chosen for, and that belongs to no protocol yet.
struct Waiting {
    id: RecordingId,
    pseudonym: String,
}

/// A recording that they took in.
struct Mine {
    id: RecordingId,
    pseudonym: String,
    part: String,
    /// Why two people code it.
    twice: Option<&'static str>,
    /// What is to be said about the second coder; none if one can be chosen.
    second: Option<String>,
}

struct Choice {
    id: UserId,
    name: String,
}

/// `GET /protocols/{protocol}`.
pub(crate) async fn show(visit: Visit, Path(id): Path<ProtocolId>) -> Result {
    let (work, permit) = visit.permit::<SeeProtocols>(()).await?;
    view(&visit, work, &permit, id, Vec::new()).await
}

/// The page, perhaps with what stands in the way of a second coder.
pub(super) async fn view(
    visit: &Visit,
    mut work: Box<dyn Work>,
    permit: &Permit<SeeProtocols>,
    id: ProtocolId,
    errors: Vec<FieldError>,
) -> Result {
    let protocol = work.protocol(permit, id).await?.ok_or(WebError::NotFound)?;
    let me = visit.user()?;
    let progress = progress(me, &work.places(permit, id).await?);
    let (open, mine) = own(&mut *work, visit, &protocol).await?;
    let people = work.people_with(Role::Researcher).await?.into_iter().filter(|p| p.id != me);
    let researchers = people.map(|p| Choice { id: p.id, name: p.name }).collect();
    work.commit().await?;
    let code = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let plan = &protocol.plan;
    let mut page = visit.page(format!("Protocol: {}", plan.name));
    page.errors = errors;
    let body = html(&ProtocolPage {
        page,
        id,
        name: plan.name.to_string(),
        framework: plan.framework_version.clone(),
        part: sentence(&part(plan)),
        seed: plan.seed,
        twice: plan.twice_percent,
        drift: plan.drift_every,
        blind_phase: plan.blind_phase,
        blind_practitioner: plan.blind_practitioner,
        since: day(protocol.made_at),
        closed: protocol.closed_at.map(day),
        progress,
        open,
        mine,
        researchers,
        shown: SHOWN,
    })?;
    Ok((code, body).into_response())
}

/// How many recordings of one's own the page shows.
const SHOWN: usize = 50;

/// The newest recordings of whoever looks: those that could come in, and those they took in.
async fn own(
    work: &mut dyn Work,
    visit: &Visit,
    protocol: &Protocol,
) -> Result<(Vec<Waiting>, Vec<Mine>)> {
    let (mut open, mut mine) = (Vec::new(), Vec::new());
    let cx = visit.cx();
    for id in work.gate().related(visit.user()?, Relation::Codes, cx.now).await? {
        if open.len() + mine.len() == SHOWN {
            break;
        }
        let may = among::<Code>(work.gate(), cx, &[id]).await?;
        let Some(code) = may.first() else { continue };
        let coding = work.coding(code).await?;
        if coding.as_ref().is_some_and(|coding| coding.protocol != Some(protocol.id)) {
            continue;
        }
        let Some(pseudonym) = pseudonym(work, visit, id).await? else { continue };
        match coding {
            None => open.push(Waiting { id, pseudonym }),
            Some(coding) => {
                let twice = work.own_twice(code).await?;
                let second =
                    if twice.is_some() { about_second(work, visit, id).await? } else { None };
                let twice = twice.map(why);
                mine.push(Mine { id, pseudonym, part: coded_part(&coding), twice, second });
            }
        }
    }
    Ok((open, mine))
}

async fn pseudonym(work: &mut dyn Work, visit: &Visit, id: RecordingId) -> Result<Option<String>> {
    let seen = among::<SeeRecording>(work.gate(), visit.cx(), &[id]).await?;
    let Some(see) = seen.first() else { return Ok(None) };
    Ok(work.summary(see).await?.map(|summary| summary.pseudonym.to_string()))
}

/// What stands in the way of anybody becoming the second coder; none if one can be chosen.
async fn about_second(
    work: &mut dyn Work,
    visit: &Visit,
    id: RecordingId,
) -> Result<Option<String>> {
    let asked = among::<AssignSecond>(work.gate(), visit.cx(), &[id]).await?;
    let Some(assign) = asked.first() else { return Ok(None) };
    let candidate = work.candidate(assign, visit.user()?).await?;
    let what = match candidate.check() {
        // It is oneself who was asked about: nothing else stands in the way.
        Ok(()) | Err(NotSecond::SamePerson | NotSecond::Apart) => return Ok(None),
        Err(NotSecond::Taken) => "a second researcher was chosen".to_owned(),
        Err(other) => other.to_string(),
    };
    Ok(Some(sentence(&what)))
}

const fn why(twice: Twice) -> &'static str {
    match twice {
        Twice::Drawn => "drawn by the seed",
        Twice::Drift => "a check of drift",
    }
}

/// Which part of a recording is coded, as people read it.
fn coded_part(coding: &CodingState) -> String {
    match coding.part {
        None => "all of it".to_owned(),
        Some(part) => {
            format!("{} to {}", precise::format(part.start()), precise::format(part.end()))
        }
    }
}
