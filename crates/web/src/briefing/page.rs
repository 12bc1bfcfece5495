//! The page of a briefing, and what was written in it.

use askama::Template;
use axum::{http::StatusCode, response::IntoResponse as _};
use hearback_access::{Permit, SeeBriefing};
use hearback_domain::{CodeId, RecordingId, Role};
use hearback_storage::{Briefing, EvidenceCode, Work};
use serde::Serialize;

use crate::{
    Visit, WebError,
    error::{FieldError, Result},
    extract::{Json, Path},
    frameworks::Names,
    listen::together,
    page::{Page, day_and_time, html, page_data},
    playlist::precise,
    recordings::moments::{MomentView as Nominated, marked},
};

#[derive(Template)]
#[template(path = "briefing.html")]
struct BriefingPage {
    page: Page,
    recording: RecordingId,
    pseudonym: String,
    /// Whether the visitor puts things on.
    leads: bool,
    /// The other one of the two.
    other: Option<String>,
    moments: Vec<MomentView>,
    /// What the practitioner marked, for whoever makes extracts.
    nominated: Vec<Nominated>,
    said: Said,
    page_data: String,
}

#[derive(Serialize)]
struct MomentView {
    id: CodeId,
    skill: String,
    start: String,
    end: String,
    start_ms: u64,
    length_ms: u64,
    note: String,
    nonverbal: String,
    exemplar: bool,
}

/// What was written.
#[derive(Serialize)]
struct Said {
    notes: Vec<NoteView>,
    proposals: Vec<ProposalView>,
}

#[derive(Serialize)]
struct NoteView {
    who: String,
    when: String,
    text: String,
}

#[derive(Serialize)]
struct ProposalView {
    code: CodeId,
    what: String,
    strength: String,
    question: String,
    who: String,
}

#[derive(Serialize)]
struct Data<'a> {
    recording: RecordingId,
    leads: bool,
    moments: &'a [MomentView],
}

/// `GET /recordings/{id}/briefing`.
pub(crate) async fn show(visit: Visit, Path(id): Path<RecordingId>) -> Result {
    view(&visit, id, Vec::new()).await
}

/// The page with what is missing.
pub(super) async fn refuse(visit: &Visit, id: RecordingId, error: FieldError) -> Result {
    if visit.wants_json() {
        return Err(WebError::Invalid(vec![error]));
    }
    view(visit, id, vec![error]).await
}

async fn view(visit: &Visit, id: RecordingId, errors: Vec<FieldError>) -> Result {
    let (mut work, permit) = visit.permit::<SeeBriefing>(id).await?;
    let briefing = work.briefing(&permit).await?.ok_or(WebError::NotFound)?;
    let names = names_of(&mut *work, &briefing).await?;
    let said = said(&mut *work, &permit, &briefing, &names).await?;
    let leads = visit.signed_in()?.role == Role::Researcher;
    let nominated = marked(visit, &mut *work, id).await?;
    let other = match if leads { briefing.coach } else { briefing.coder } {
        Some(other) => work.person(other).await?.map(|person| person.name),
        None => None,
    };
    work.commit().await?;
    let moments: Vec<_> = briefing.codes.iter().map(|code| moment(&names, code)).collect();
    let code = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let mut page = visit.page(format!("Preparing: {}", briefing.pseudonym));
    page.errors = errors;
    let body = html(&BriefingPage {
        page,
        recording: id,
        pseudonym: briefing.pseudonym.to_string(),
        leads,
        other,
        nominated,
        said,
        page_data: page_data(&Data { recording: id, leads, moments: &moments })?,
        moments,
    })?;
    Ok((code, body).into_response())
}

/// `GET /recordings/{id}/briefing/said`: what was written, for pages that are open.
pub(crate) async fn written(visit: Visit, Path(id): Path<RecordingId>) -> Result {
    let (mut work, permit) = visit.permit::<SeeBriefing>(id).await?;
    let briefing = work.briefing(&permit).await?.ok_or(WebError::NotFound)?;
    let names = names_of(&mut *work, &briefing).await?;
    let said = said(&mut *work, &permit, &briefing, &names).await?;
    work.commit().await?;
    Ok(Json(said).into_response())
}

async fn names_of(work: &mut dyn Work, briefing: &Briefing) -> Result<Names> {
    let versions: Vec<_> = briefing.codes.iter().map(|code| &*code.framework_version).collect();
    Names::of(work, &versions).await
}

async fn said(
    work: &mut dyn Work,
    permit: &Permit<SeeBriefing>,
    briefing: &Briefing,
    names: &Names,
) -> Result<Said> {
    let mut notes = Vec::new();
    for note in work.briefing_notes(permit).await? {
        notes.push(NoteView {
            who: called(work, note.author).await?,
            when: day_and_time(note.written_at),
            text: note.body.to_string(),
        });
    }
    let mut proposals = Vec::new();
    for proposal in work.proposals(permit).await? {
        let code = proposal.proposed.code;
        let Some(moment) = briefing.codes.iter().find(|one| one.id == code) else { continue };
        proposals.push(ProposalView {
            code,
            what: format!("{}, {}", skill(names, moment), precise::format(moment.span.start())),
            strength: proposal.proposed.strength.to_string(),
            question: proposal.proposed.question.to_string(),
            who: called(work, proposal.by).await?,
        });
    }
    Ok(Said { notes, proposals })
}

async fn called(work: &mut dyn Work, person: hearback_domain::UserId) -> Result<String> {
    let found = work.person(person).await?;
    Ok(found.map_or_else(|| "Somebody who has left".to_owned(), |person| person.name))
}

fn skill(names: &Names, code: &EvidenceCode) -> String {
    let (skill, sub) = names.get(&code.framework_version, &code.skill, code.sub.as_deref());
    together(&skill, sub.as_deref())
}

fn moment(names: &Names, code: &EvidenceCode) -> MomentView {
    MomentView {
        id: code.id,
        skill: skill(names, code),
        start: precise::format(code.span.start()),
        end: precise::format(code.span.end()),
        start_ms: code.span.start().get(),
        length_ms: code.span.len().get(),
        note: code.note.to_string(),
        nonverbal: code.nonverbal.to_string(),
        exemplar: code.exemplar,
    }
}
