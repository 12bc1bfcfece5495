//! The log of concerns: which there are, and for each who did what.

use askama::Template;
use axum::{http::StatusCode, response::IntoResponse as _};
use hearback_access::{Permit, SeeConcern, SeeConcerns, WriteConcern};
use hearback_domain::{ConcernId, ConcernNoteId, ConcernState, Note, RecordingId, Role, Told};
use hearback_storage::{Concern, Glass, Work};

use super::{hat_title, name_of, raise::words};
use crate::{
    Visit, WebError,
    error::{FieldError, Result, sentence},
    extract::{Fields, Path},
    page::{Page, Said, day_and_time, html},
    playlist::precise,
};

/// An answer to whether the person knows.
pub(super) struct ToldChoice {
    pub(super) key: &'static str,
    pub(super) title: &'static str,
    pub(super) chosen: bool,
}

/// All of them, one perhaps chosen.
pub(super) fn told_choices(chosen: Option<Told>) -> Vec<ToldChoice> {
    let choice =
        |t: &Told| ToldChoice { key: t.as_str(), title: t.title(), chosen: Some(*t) == chosen };
    Told::ALL.iter().map(choice).collect()
}

#[derive(Template)]
#[template(path = "concerns.html")]
struct ConcernsPage {
    page: Page,
    concerns: Vec<ConcernLine>,
}

struct ConcernLine {
    id: ConcernId,
    when: String,
    by: String,
    hat: &'static str,
    practitioner: String,
    told: &'static str,
    state: &'static str,
}

/// `GET /concerns`.
pub(crate) async fn list(visit: Visit) -> Result {
    let (mut work, permit) = visit.permit::<SeeConcerns>(()).await?;
    let mut concerns = Vec::new();
    for concern in work.concerns(&permit).await? {
        concerns.push(ConcernLine {
            id: concern.id,
            when: day_and_time(concern.raised_at),
            by: name_of(&mut *work, concern.raised_by).await?,
            hat: hat_title(concern.hat),
            practitioner: name_of(&mut *work, concern.practitioner).await?,
            told: concern.told.title(),
            state: concern.state.title(),
        });
    }
    work.commit().await?;
    html(&ConcernsPage { page: visit.page("Concerns"), concerns })
}

#[derive(Template)]
#[template(path = "concern.html")]
struct ConcernPage {
    page: Page,
    concern: ConcernView,
    notes: Vec<NoteView>,
    note: String,
    told: Vec<ToldChoice>,
    next: Option<NextView>,
    glass: Option<GlassSection>,
}

struct ConcernView {
    id: ConcernId,
    recording: RecordingId,
    raised: String,
    practitioner: String,
    start: String,
    end: String,
    told: &'static str,
    state: &'static str,
    body: String,
    sound_is_there: bool,
}

struct NoteView {
    who: String,
    when: String,
    body: String,
}

struct NextView {
    key: &'static str,
    label: &'static str,
}

/// For the safeguarding lead: whether the passage may be heard.
struct GlassSection {
    /// It may be heard by the one who looks, until then.
    open_until: Option<String>,
    /// They have shown just now who they are.
    confirmed: bool,
    /// They asked, and nobody has answered yet.
    waiting: bool,
    requests: Vec<String>,
}

/// `GET /concerns/{concern}`.
pub(crate) async fn show(visit: Visit, Path(id): Path<ConcernId>) -> Result {
    let (work, permit) = visit.permit::<SeeConcern>(id).await?;
    view(&visit, work, &permit, &Fields::default(), Vec::new()).await
}

/// The page, perhaps with what is missing in one of its forms.
pub(super) async fn view(
    visit: &Visit,
    mut work: Box<dyn Work>,
    permit: &Permit<SeeConcern>,
    fields: &Fields,
    errors: Vec<FieldError>,
) -> Result {
    let concern = work.concern(permit).await?.ok_or(WebError::NotFound)?;
    let mut notes = Vec::new();
    for note in work.concern_notes(permit).await? {
        let who = name_of(&mut *work, note.author).await?;
        notes.push(NoteView {
            who: format!("{who} ({})", hat_title(note.hat)),
            when: day_and_time(note.at),
            body: note.body.to_string(),
        });
    }
    let glass = if visit.signed_in()?.role == Role::SafeguardingLead {
        let requests = work.glass_of(permit).await?;
        Some(glass_section(&mut *work, visit, &requests).await?)
    } else {
        None
    };
    let view = concern_view(&mut *work, &concern).await?;
    work.commit().await?;
    let fine = errors.is_empty();
    let mut page = visit.page("A worry about somebody’s safety");
    page.errors = errors;
    let body = html(&ConcernPage {
        page,
        concern: view,
        notes,
        note: fields.get("note").to_owned(),
        told: told_choices(Some(concern.told)),
        next: concern.state.next().map(next_view),
        glass,
    })?;
    let code = if fine { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok((code, body).into_response())
}

async fn concern_view(work: &mut dyn Work, concern: &Concern) -> Result<ConcernView> {
    let by = name_of(work, concern.raised_by).await?;
    Ok(ConcernView {
        id: concern.id,
        recording: concern.recording,
        raised: format!("{by} ({}), {}", hat_title(concern.hat), day_and_time(concern.raised_at)),
        practitioner: name_of(work, concern.practitioner).await?,
        start: precise::format(concern.span.start()),
        end: precise::format(concern.span.end()),
        told: concern.told.title(),
        state: concern.state.title(),
        body: concern.body.to_string(),
        sound_is_there: concern.sound_is_there,
    })
}

const fn next_view(next: ConcernState) -> NextView {
    let label = match next {
        ConcernState::Open => "Open it again",
        ConcernState::PassedOn => "Everybody who is to know has been told",
        ConcernState::Closed => "Nothing more is to be done here: close it",
    };
    NextView { key: next.as_str(), label }
}

async fn glass_section(
    work: &mut dyn Work,
    visit: &Visit,
    requests: &[Glass],
) -> Result<GlassSection> {
    let (me, cx) = (visit.user()?, visit.cx());
    let mine: Vec<&Glass> = requests.iter().filter(|g| g.requested_by == me).collect();
    let waiting = mine.iter().any(|g| g.decided_by.is_none());
    let open_until = mine
        .iter()
        .filter(|g| g.allowed == Some(true))
        .filter_map(|g| g.expires_at)
        .filter(|until| *until > cx.now)
        .max();
    let mut lines = Vec::new();
    for request in requests {
        let who = name_of(work, request.requested_by).await?;
        let answer = match (request.decided_by, request.allowed) {
            (Some(by), Some(true)) => {
                let until = request.expires_at.map(day_and_time).unwrap_or_default();
                format!("{} allowed it until {until}", name_of(work, by).await?)
            }
            (Some(by), _) => format!("{} did not allow it", name_of(work, by).await?),
            (None, _) => "no answer yet".to_owned(),
        };
        let heard = request
            .heard_at
            .map(|at| format!(" First heard {}.", day_and_time(at)))
            .unwrap_or_default();
        let asked = day_and_time(request.requested_at);
        let why = sentence(request.reason.as_str());
        lines.push(format!("{who} asked, {asked}: {why} Answer: {answer}.{heard}"));
    }
    Ok(GlassSection {
        open_until: open_until.map(day_and_time),
        confirmed: cx.elevated,
        waiting,
        requests: lines,
    })
}

/// What a form adds to the log.
struct Added {
    note: Note,
    told: Option<Told>,
    next: Option<ConcernState>,
}

fn read(fields: &Fields, told: Told, state: ConcernState) -> Result<Added, Vec<FieldError>> {
    let mut errors = Vec::new();
    let note = words(fields, "note", &mut errors);
    let next = state.next().filter(|next| fields.get("state") == next.as_str());
    if !fields.get("state").is_empty() && next.is_none() {
        let text = "This concern has moved on in the meantime; look at it again";
        errors.push(FieldError::new("", text));
    }
    let now_told = fields.get("told").parse().ok().filter(|now: &Told| *now != told);
    if note.as_ref().is_some_and(|note| note.as_str().is_empty()) {
        let text = "Write who was told what, and when";
        errors.push(FieldError::new("note", text));
    }
    match note {
        Some(note) if errors.is_empty() => Ok(Added { note, told: now_told, next }),
        _ => Err(errors),
    }
}

/// The note as it is kept: what changed stands before what was written.
fn whole_note(added: &Added) -> Result<Note> {
    let told = added.told.map(|told| format!("Does the person know? {}.\n", told.title()));
    let state = added.next.map(|state| format!("From now on: {}.\n", state.title().to_lowercase()));
    let text = [told.as_deref(), state.as_deref(), Some(added.note.as_str())];
    let text: String = text.into_iter().flatten().collect();
    Note::new(&text).map_err(|e| WebError::invalid("note", e.to_string()))
}

/// `POST /concerns/{concern}`: `note`, and perhaps `told` and `state`, the next one.
pub(crate) async fn write(visit: Visit, Path(id): Path<ConcernId>, fields: Fields) -> Result {
    let (work, permit) = visit.permit::<WriteConcern>(id).await?;
    let (mut work, see) = visit.also::<SeeConcern>(work, id).await?;
    let concern = work.concern(&see).await?.ok_or(WebError::NotFound)?;
    let added = match read(&fields, concern.told, concern.state) {
        Ok(added) => added,
        Err(errors) => return view(&visit, work, &see, &fields, errors).await,
    };
    let note = whole_note(&added)?;
    work.add_concern_note(&permit, ConcernNoteId::mint(&*visit.app().ids), &note).await?;
    if let Some(told) = added.told {
        work.set_told(&permit, told).await?;
    }
    if let Some(next) = added.next
        && !work.move_concern(&permit, concern.state, next).await?
    {
        return Err(WebError::conflict("this concern has moved on in the meantime"));
    }
    work.commit().await?;
    Ok(Said::Saved.at(&format!("/concerns/{id}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(pairs: &[(&str, &str)]) -> Fields {
        Fields(pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect())
    }

    #[test]
    fn what_changed_stands_in_the_log() {
        let form = fields(&[
            ("note", "Rang the allocated worker at 9:10."),
            ("told", "yes"),
            ("state", "passed_on"),
        ]);
        let added = read(&form, Told::NotYet, ConcernState::Open).ok().unwrap();
        assert_eq!(
            whole_note(&added).unwrap().as_str(),
            "Does the person know? Yes, they know.\nFrom now on: passed on.\n\
             Rang the allocated worker at 9:10."
        );
        let same = read(&form, Told::Yes, ConcernState::Open).ok().unwrap();
        assert_eq!(same.told, None, "what did not change is not said again");
    }

    #[test]
    fn nothing_is_skipped_and_nothing_goes_unwritten() {
        let wrong = |pairs: &[(&str, &str)], state| {
            read(&fields(pairs), Told::Yes, state).err().map(|e| e.len()).unwrap_or_default()
        };
        assert_eq!(wrong(&[("note", "x"), ("state", "closed")], ConcernState::Open), 1);
        assert_eq!(wrong(&[("note", "x"), ("state", "open")], ConcernState::PassedOn), 1);
        assert_eq!(wrong(&[("note", " "), ("state", "closed")], ConcernState::PassedOn), 1);
        assert_eq!(wrong(&[("note", "x"), ("state", "closed")], ConcernState::PassedOn), 0);
        assert_eq!(wrong(&[("note", "x")], ConcernState::Closed), 0);
    }
}
