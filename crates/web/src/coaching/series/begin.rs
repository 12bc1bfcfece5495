//! Beginning a series: the practitioner says what it is about, thinks about four questions, and chooses who coaches
//! (CM-02, CM-11, CM-14).

use askama::Template;
use axum::{
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use hearback_access::{Permit, SeeCoaching, StartSeries};
use hearback_domain::{
    Role, SeriesId, UserId,
    coaching::{Considered, Focus, Question},
};
use hearback_storage::{NewSeries, Work};

use super::{coaches::CoachView, typed};
use crate::{
    Visit,
    error::{FieldError, Result},
    extract::Fields,
    page::{Page, Said, html},
};

#[derive(Template)]
#[template(path = "series_new.html")]
struct NewPage {
    page: Page,
    name: String,
    issue: String,
    skill: String,
    skills: Vec<(String, String)>,
    questions: Vec<QuestionView>,
    coaches: Vec<CoachView>,
    chosen: String,
    attendance: bool,
    /// What was written on the page to stop at, so that it is not lost.
    note: String,
}

/// One of the four, with what was answered: empty, yes or no.
struct QuestionView {
    question: Question,
    answer: String,
}

#[derive(Template)]
#[template(path = "series_think.html")]
struct ThinkPage {
    page: Page,
    /// What was answered with yes, and a thought about each.
    yes: Vec<(&'static str, &'static str)>,
    /// The co-ordinators, as they are called.
    coordinators: Vec<String>,
    /// Everything that was typed, so that it is sent again.
    fields: Vec<(&'static str, String)>,
    note: String,
}

/// What was read of the form.
struct Wanted {
    focus: Focus,
    coach: UserId,
    considered: Considered,
}

/// `GET /coaching/new`.
pub(crate) async fn form(visit: Visit) -> Result {
    let (work, _permit) = visit.permit::<StartSeries>(()).await?;
    view(&visit, work, &Fields::default(), Vec::new()).await
}

async fn view(
    visit: &Visit,
    work: Box<dyn Work>,
    fields: &Fields,
    errors: Vec<FieldError>,
) -> Result<Response> {
    let (mut work, see) = visit.also::<SeeCoaching>(work, ()).await?;
    let coaches = CoachView::all(&mut *work, visit, &see).await?;
    let framework = work.current_framework().await?;
    work.commit().await?;
    let code = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let mut page = visit.page("Begin a series");
    page.errors = errors;
    let asked = |question: &Question| QuestionView {
        question: *question,
        answer: fields.get(question.as_str()).to_owned(),
    };
    let body = html(&NewPage {
        page,
        name: fields.get("name").to_owned(),
        issue: fields.get("issue").to_owned(),
        skill: fields.get("skill").to_owned(),
        skills: framework.skills().map(|s| (s.key.clone(), s.name.clone())).collect(),
        questions: Question::ALL.iter().map(asked).collect(),
        coaches,
        chosen: fields.get("coach").to_owned(),
        attendance: fields.get("attendance") == "yes",
        note: fields.get("note").to_owned(),
    })?;
    Ok((code, body).into_response())
}

/// `POST /coaching/new`: `name`, `skill`, `issue`, `coach`, `attendance` if it may be told, and yes or no to each of the
/// four questions. After a yes, a page to stop at; from there `note`, and `go`: `on` or `not_now`.
pub(crate) async fn begin(visit: Visit, fields: Fields) -> Result {
    let (mut work, permit) = visit.permit::<StartSeries>(()).await?;
    let go = fields.get("go");
    if go == "not_now" {
        work.commit().await?;
        return Ok(Redirect::to("/coaching").into_response());
    }
    let framework = work.current_framework().await?;
    let note = match super::note(&fields, "note") {
        Ok(note) => note,
        Err(error) => {
            let error = FieldError::new("note", error.to_string());
            return think(&visit, work, &fields, vec![error]).await;
        }
    };
    let focus = typed::focus(&fields, &framework);
    let considered = Considered::new(
        |question| match fields.get(question.as_str()) {
            "yes" => Some(true),
            "no" => Some(false),
            _ => None,
        },
        note,
    );
    let wanted = match read(focus, considered, fields.get("coach")) {
        Ok(wanted) => wanted,
        Err(errors) => return view(&visit, work, &fields, errors).await,
    };
    let id = SeriesId::mint(&*visit.app().ids);
    let stops = wanted.considered.gives_pause() && go != "on";
    let series = NewSeries {
        id,
        coach: wanted.coach,
        focus: wanted.focus,
        attendance: fields.get("attendance") == "yes",
        considered: Some(wanted.considered),
    };
    if let Err(error) = start(&mut *work, &permit, &series).await? {
        return view(&visit, work, &fields, vec![error]).await;
    }
    if stops {
        // Nothing has begun: that it could was all there was to see.
        drop(work);
        let (work, _permit) = visit.permit::<StartSeries>(()).await?;
        return think(&visit, work, &fields, Vec::new()).await;
    }
    work.commit().await?;
    Ok(Said::SeriesBegun.at(&format!("/series/{id}")))
}

/// All that is missing, in the order of the page.
fn read(
    focus: Result<Focus, Vec<FieldError>>,
    considered: Result<Considered, Vec<Question>>,
    coach: &str,
) -> Result<Wanted, Vec<FieldError>> {
    let open = |question: Question| FieldError::new(question.as_str(), "Choose yes or no");
    let considered = considered.map_err(|all| all.into_iter().map(open).collect::<Vec<_>>());
    let coach = coach.parse::<UserId>();
    let coach = coach.map_err(|_| vec![FieldError::new("coach", "Choose who coaches")]);
    match (focus, considered, coach) {
        (Ok(focus), Ok(considered), Ok(coach)) => Ok(Wanted { focus, coach, considered }),
        (focus, considered, coach) => {
            let missing = [focus.err(), considered.err(), coach.err()];
            Err(missing.into_iter().flatten().flatten().collect())
        }
    }
}

async fn start(
    work: &mut dyn Work,
    permit: &Permit<StartSeries>,
    series: &NewSeries,
) -> Result<Result<(), FieldError>> {
    let Err(why) = work.begin_series(permit, series).await? else { return Ok(Ok(())) };
    let name = work.person(series.coach).await?.map(|person| person.name).unwrap_or_default();
    Ok(Err(FieldError::new("coach", why.to_the_practitioner(&name))))
}

/// The page on which one stops and thinks together. Nothing is refused on it (CM-11).
async fn think(
    visit: &Visit,
    mut work: Box<dyn Work>,
    fields: &Fields,
    errors: Vec<FieldError>,
) -> Result<Response> {
    let coordinators = work.people_with(Role::Coordinator).await?;
    work.commit().await?;
    let me = visit.user()?;
    let others = coordinators.into_iter().filter(|person| person.id != me);
    let code = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let mut page = visit.page("Let us stop and think together");
    page.errors = errors;
    let yes = Question::ALL.iter().filter(|question| fields.get(question.as_str()) == "yes");
    let typed = ["name", "skill", "issue", "coach", "attendance"].into_iter();
    let names = typed.chain(Question::ALL.iter().map(|question| question.as_str()));
    let body = html(&ThinkPage {
        page,
        yes: yes.map(|question| (question.text(), question.thought())).collect(),
        coordinators: others.map(|person| person.name).collect(),
        fields: names.map(|name| (name, fields.get(name).to_owned())).collect(),
        note: fields.get("note").to_owned(),
    })?;
    Ok((code, body).into_response())
}
