//! A draft's outline: its title, its areas and the skills in them. Each change is a plain form.

use askama::Template;
use axum::{http::StatusCode, response::IntoResponse as _};
use hearback_domain::{Area, Framework, FrameworkError, FrameworkId, Measure, Skill};

use super::edit::{Editing, MEANWHILE, address, editing, typed};
use crate::{
    Visit,
    error::{FieldError, Result},
    extract::{Fields, Path},
    page::{Page, Said, html},
};

#[derive(Template)]
#[template(path = "framework_edit.html")]
struct OutlinePage {
    page: Page,
    id: FrameworkId,
    number: u32,
    revision: u32,
    version: String,
    title: String,
    source: String,
    areas: Vec<AreaView>,
    /// What is still to be done before it can be published.
    unfinished: Vec<String>,
    /// What was typed for an area that is to be added.
    new_area: String,
}

struct AreaView {
    key: String,
    /// The ids of its place, and of the inputs for another name and for a skill to be added.
    at: String,
    rename: String,
    add: String,
    name: String,
    first: bool,
    last: bool,
    skills: Vec<SkillView>,
    /// What was typed for a skill that is to be added.
    new_skill: String,
}

struct SkillView {
    key: String,
    name: String,
    measure: &'static str,
    subs: usize,
    first: bool,
    last: bool,
}

/// How a skill is measured, in words.
pub(super) const fn measure(measure: Measure) -> &'static str {
    match measure {
        Measure::Scale => "Scored from 1 to 5",
        Measure::Count => "Counted",
    }
}

/// `GET /frameworks/{framework}/edit`.
pub(crate) async fn show(visit: Visit, Path(id): Path<FrameworkId>) -> Result {
    match editing(&visit, id).await? {
        Some(editing) => view(&visit, editing, &Fields::default(), None).await,
        None => Ok(Said::NoDraft.at("/frameworks")),
    }
}

/// `POST /frameworks/{framework}/edit`: `do` says what, `area` and `skill` (keys) where, `name` and the like with what.
pub(crate) async fn change(visit: Visit, Path(id): Path<FrameworkId>, fields: Fields) -> Result {
    let Some(mut editing) = editing(&visit, id).await? else {
        return Ok(Said::NoDraft.at("/frameworks"));
    };
    let here = format!("{}/edit", address(id));
    if fields.get("do") == "drop" {
        return drop_draft(&visit, editing, &fields).await;
    }
    let before = editing.draft.clone();
    match apply(&mut editing.draft, &fields) {
        Ok(done) => {
            if !editing.save().await? {
                return again(&visit, id, &fields, MEANWHILE.to_owned()).await;
            }
            Ok(match done {
                Done::Here(said, place) => said.near(&here, &place),
                Done::Skill(key) => Said::Saved.at(&format!("{here}/{key}")),
            })
        }
        Err(error) => {
            editing.draft = before;
            let problem = FieldError::new(place(&fields), error.to_string());
            view(&visit, editing, &fields, Some(problem)).await
        }
    }
}

/// What a change came to, and where to go then.
enum Done {
    Here(Said, String),
    Skill(String),
}

fn apply(draft: &mut Framework, fields: &Fields) -> Result<Done, FrameworkError> {
    let (area, skill, name) = (fields.get("area"), fields.get("skill"), typed(fields, "name"));
    let at = |key: &str| format!("area-{key}");
    Ok(match fields.get("do") {
        "title" => {
            draft.set_title(&typed(fields, "title"), &typed(fields, "source"))?;
            Done::Here(Said::Saved, "title".to_owned())
        }
        "add-area" => {
            draft.add_area(&name)?;
            let key = draft.areas.last().map(|area| at(&area.key)).unwrap_or_default();
            Done::Here(Said::Saved, key)
        }
        "rename-area" => {
            draft.rename_area(area, &name)?;
            Done::Here(Said::Saved, at(area))
        }
        way @ ("area-up" | "area-down") => {
            draft.move_area(area, way == "area-up")?;
            Done::Here(Said::Moved, at(area))
        }
        "remove-area" => {
            draft.remove_area(area)?;
            Done::Here(Said::Removed, "areas".to_owned())
        }
        "add-skill" => {
            let count = fields.get("measure") == "count";
            let measure = if count { Measure::Count } else { Measure::Scale };
            Done::Skill(draft.add_skill(area, &name, measure)?)
        }
        way @ ("skill-up" | "skill-down") => {
            draft.move_skill(skill, way == "skill-up")?;
            let area = draft.area_of(skill).map(at).unwrap_or_default();
            Done::Here(Said::Moved, area)
        }
        _ => return Err(FrameworkError::Gone),
    })
}

/// The input that a change came from.
fn place(fields: &Fields) -> String {
    match fields.get("do") {
        "title" => "title".to_owned(),
        "add-area" => "new-area".to_owned(),
        "rename-area" => format!("name-{}", fields.get("area")),
        "add-skill" => format!("new-{}", fields.get("area")),
        "remove-area" => format!("area-{}", fields.get("area")),
        _ => String::new(),
    }
}

/// The page as it is now, with what did not go through.
async fn again(visit: &Visit, id: FrameworkId, fields: &Fields, text: String) -> Result {
    match editing(visit, id).await? {
        Some(editing) => {
            let problem = FieldError::new(place(fields), text);
            view(visit, editing, fields, Some(problem)).await
        }
        None => Ok(Said::NoDraft.at("/frameworks")),
    }
}

async fn drop_draft(visit: &Visit, mut editing: Editing, fields: &Fields) -> Result {
    if fields.get("sure") != "yes" {
        let problem = FieldError::new("sure", "tick the box first: what is in the draft is lost");
        return view(visit, editing, fields, Some(problem)).await;
    }
    let revision = fields.get("revision").parse().unwrap_or(u32::MAX);
    let dropped = editing.work.drop_draft(&editing.permit, editing.id, revision).await?;
    if !dropped {
        let text = "somebody saved this draft meanwhile; look at it before you drop it";
        return view(visit, editing, fields, Some(FieldError::new("sure", text))).await;
    }
    editing.work.commit().await?;
    Ok(Said::DraftDropped.at("/frameworks"))
}

async fn view(
    visit: &Visit,
    editing: Editing,
    fields: &Fields,
    problem: Option<FieldError>,
) -> Result {
    let Editing { work, id, number, revision, draft, .. } = editing;
    work.commit().await?;
    let refused = problem.is_some();
    // What was typed stays where it was typed, if it did not go through.
    let kept = |what: &str, area: &str| {
        let here = refused && fields.get("do") == what && fields.get("area") == area;
        here.then(|| typed(fields, "name"))
    };
    let mut page = visit.page(format!("Draft: {}", draft.title));
    page.errors = problem.into_iter().collect();
    let retyped = refused && fields.get("do") == "title";
    let last = draft.areas.len().saturating_sub(1);
    let areas = draft.areas.iter().enumerate().map(|(n, area)| AreaView {
        key: area.key.clone(),
        at: format!("area-{}", area.key),
        rename: format!("name-{}", area.key),
        add: format!("new-{}", area.key),
        name: kept("rename-area", &area.key).unwrap_or_else(|| area.name.clone()),
        first: n == 0,
        last: n == last,
        skills: skills(area, n == 0, n == last),
        new_skill: kept("add-skill", &area.key).unwrap_or_default(),
    });
    let body = html(&OutlinePage {
        page,
        id,
        number,
        revision,
        version: draft.version.clone(),
        title: if retyped { typed(fields, "title") } else { draft.title.clone() },
        source: if retyped { typed(fields, "source") } else { draft.source.clone() },
        areas: areas.collect(),
        unfinished: draft
            .problems()
            .iter()
            .map(|p| crate::error::sentence(&p.to_string()))
            .collect(),
        new_area: kept("add-area", "").unwrap_or_default(),
    })?;
    let code = if refused { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok((code, body).into_response())
}

/// The skills of an area, of which the first may have an area before it and the last one after it.
fn skills(area: &Area, first_area: bool, last_area: bool) -> Vec<SkillView> {
    let last = area.skills.len().saturating_sub(1);
    let view = |(n, skill): (usize, &Skill)| SkillView {
        key: skill.key.clone(),
        name: skill.name.clone(),
        measure: measure(skill.measure),
        subs: skill.subs.len(),
        first: first_area && n == 0,
        last: last_area && n == last,
    };
    area.skills.iter().enumerate().map(view).collect()
}
