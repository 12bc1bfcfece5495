//! The sets there are, one for each version of a framework at the most.

use askama::Template;
use axum::{
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use hearback_access::{ManageTraining, SeeFrameworks, SeeTraining};
use hearback_domain::training::{SET_SIZES, SetPlan, SetSize};
use hearback_storage::TrainingSet;

use super::published;
use crate::{
    Visit, WebError,
    error::{FieldError, Result},
    extract::Fields,
    page::{Page, Said, day, html},
};

#[derive(Template)]
#[template(path = "trainings.html")]
struct TrainingsPage {
    page: Page,
    sets: Vec<Line>,
    /// Versions without a set.
    versions: Vec<(String, String)>,
    sizes: Vec<u8>,
    chosen: Chosen,
}

struct Line {
    version: String,
    title: String,
    size: u8,
    per_skill: bool,
    open_since: Option<String>,
}

/// What was chosen so far.
struct Chosen {
    version: String,
    size: u8,
    per_skill: bool,
}

/// `GET /training`.
pub(crate) async fn show(visit: Visit) -> Result {
    let (work, permit) = visit.permit::<SeeTraining>(()).await?;
    let (mut work, see) = visit.also::<SeeFrameworks>(work, ()).await?;
    let versions = published(&mut *work, &see).await?;
    let sets = work.training_sets(&permit).await?;
    work.commit().await?;
    let chosen = Chosen { version: String::new(), size: *SET_SIZES.end(), per_skill: false };
    view(&visit, versions, &sets, chosen, Vec::new())
}

fn view(
    visit: &Visit,
    versions: Vec<(String, String)>,
    sets: &[TrainingSet],
    chosen: Chosen,
    errors: Vec<FieldError>,
) -> Result<Response> {
    let code = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let title = |version: &str| {
        let found = versions.iter().find(|(name, _)| name == version);
        found.map(|(_, title)| title.clone()).unwrap_or_default()
    };
    let line = |set: &TrainingSet| Line {
        version: set.framework_version.clone(),
        title: title(&set.framework_version),
        size: set.plan.size,
        per_skill: set.plan.per_skill,
        open_since: set.opened_at.map(day),
    };
    let lines = sets.iter().map(line).collect();
    let without =
        versions.into_iter().filter(|(name, _)| sets.iter().all(|s| s.framework_version != *name));
    let mut page = visit.page("Learning to code");
    page.errors = errors;
    let body = html(&TrainingsPage {
        page,
        sets: lines,
        versions: without.collect(),
        sizes: SET_SIZES.collect(),
        chosen,
    })?;
    Ok((code, body).into_response())
}

/// `POST /training`: `version`, `size`, `per_skill` (yes, or nothing).
pub(crate) async fn make(visit: Visit, fields: Fields) -> Result {
    let (work, permit) = visit.permit::<ManageTraining>(()).await?;
    let (work, all) = visit.also::<SeeTraining>(work, ()).await?;
    let (mut work, see) = visit.also::<SeeFrameworks>(work, ()).await?;
    let versions = published(&mut *work, &see).await?;
    let version = fields.get("version").to_owned();
    let (size, per_skill) = (fields.get("size").parse(), fields.get("per_skill") == "yes");
    let mut errors = Vec::new();
    if !versions.iter().any(|(name, _)| *name == version) {
        errors.push(FieldError::new("version", "choose a version that was published"));
    }
    let size = size.map_err(|_| SetSize);
    let plan = size.and_then(|size| SetPlan { size, per_skill }.check());
    errors.extend(plan.err().map(|error| FieldError::new("size", error.to_string())));
    let (Ok(plan), true) = (plan, errors.is_empty()) else {
        let sets = work.training_sets(&all).await?;
        work.commit().await?;
        let chosen = Chosen { version, size: size.unwrap_or(*SET_SIZES.end()), per_skill };
        return view(&visit, versions, &sets, chosen, errors);
    };
    if !work.make_training_set(&permit, &version, plan).await? {
        return Err(WebError::conflict("this version has a set already"));
    }
    work.commit().await?;
    Ok(Said::Saved.at(&format!("/training/{version}")))
}
