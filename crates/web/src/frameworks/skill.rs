//! One skill of a draft, in one form.

use askama::Template;
use axum::{http::StatusCode, response::IntoResponse as _};
use hearback_domain::{
    FrameworkError, FrameworkId, Indicator, Measure, Skill, Sub, framework::most,
};

use super::edit::{Editing, MEANWHILE, address, editing, lines, typed};
use crate::{
    Visit, WebError,
    error::{FieldError, Result},
    extract::{Fields, Path},
    page::{Page, Said, html},
};

/// Rows for sub-categories that are not there yet.
const MORE: usize = 2;

#[derive(Template)]
#[template(path = "framework_skill.html")]
struct SkillPage {
    page: Page,
    id: FrameworkId,
    key: String,
    revision: u32,
    areas: Vec<AreaChoice>,
    typed: Typed,
}

struct AreaChoice {
    key: String,
    name: String,
}

/// The form's fields as they stand.
#[derive(Debug, PartialEq, Eq)]
struct Typed {
    name: String,
    area: String,
    definition: String,
    count: bool,
    prompts: String,
    exemplars: String,
    points: Vec<Point>,
    subs: Vec<Sub>,
}

/// What is written of a point of the scale, a line for each indicator.
#[derive(Debug, PartialEq, Eq)]
struct Point {
    number: u8,
    text: String,
    /// Of its input.
    id: String,
}

impl Point {
    fn new(point: u8, text: String) -> Self {
        Self { number: point, text, id: format!("point.{point}") }
    }
}

impl Typed {
    fn of(skill: &Skill, area: &str) -> Self {
        let of_point = |point: u8| {
            let here = skill.indicators.iter().filter(|i| i.point == point);
            here.map(|i| &*i.text).collect::<Vec<_>>().join("\n")
        };
        Self {
            name: skill.name.clone(),
            area: area.to_owned(),
            definition: skill.definition.clone(),
            count: skill.measure == Measure::Count,
            prompts: skill.prompts.join("\n"),
            exemplars: skill.exemplars.join("\n"),
            points: (1..=5).map(|point| Point::new(point, of_point(point))).collect(),
            subs: skill.subs.clone(),
        }
    }

    fn read(fields: &Fields) -> Self {
        let sub = |n: usize| Sub {
            key: fields.get(&format!("sub.{n}.key")).to_owned(),
            name: typed(fields, &format!("sub.{n}.name")),
        };
        let point = |point: u8| Point::new(point, typed(fields, &format!("point.{point}")));
        let mut subs: Vec<_> = (0..most::SUBS + MORE).map(sub).collect();
        // `up.3` saves everything and moves the third sub-category one place up.
        let up = fields.get("do").strip_prefix("up.").and_then(|n| n.parse::<usize>().ok());
        if let Some(n) = up.filter(|n| (1..subs.len()).contains(n)) {
            subs.swap(n - 1, n);
        }
        subs.retain(|sub| !sub.name.is_empty());
        Self {
            name: typed(fields, "name"),
            area: fields.get("area").to_owned(),
            definition: typed(fields, "definition"),
            count: fields.get("measure") == "count",
            prompts: typed(fields, "prompts"),
            exemplars: typed(fields, "exemplars"),
            points: (1..=5).map(point).collect(),
            subs,
        }
    }

    fn skill(&self, key: &str) -> Skill {
        let of_point = |at: &Point| {
            let point = at.number;
            lines(&at.text).into_iter().map(move |text| Indicator { point, text })
        };
        Skill {
            key: key.to_owned(),
            name: self.name.clone(),
            definition: self.definition.clone(),
            prompts: lines(&self.prompts),
            measure: if self.count { Measure::Count } else { Measure::Scale },
            exemplars: lines(&self.exemplars),
            indicators: self.points.iter().flat_map(of_point).collect(),
            subs: self.subs.clone(),
        }
    }

    fn with_room(mut self) -> Self {
        let rows = (self.subs.len() + MORE).min(most::SUBS);
        self.subs.resize_with(rows, || Sub { key: String::new(), name: String::new() });
        self
    }
}

/// The input that a problem is about.
fn place(error: &FrameworkError) -> &'static str {
    let about = |text: &str| match text {
        text if text.contains("sub-category") => "sub.0.name",
        text if text.contains("definition") => "definition",
        text if text.contains("question") => "prompts",
        text if text.contains("example") => "exemplars",
        text if text.contains("indicator") => "point.1",
        _ => "name",
    };
    match error {
        FrameworkError::TooMany { what, .. } => about(what),
        FrameworkError::PointsOfCount(_) => "measure",
        FrameworkError::Empty(what) | FrameworkError::Text(what) => about(what),
        _ => "name",
    }
}

/// `GET /frameworks/{framework}/edit/{skill}`.
pub(crate) async fn show(visit: Visit, Path((id, key)): Path<(FrameworkId, String)>) -> Result {
    let Some(editing) = editing(&visit, id).await? else {
        return Ok(Said::NoDraft.at("/frameworks"));
    };
    let skill = editing.draft.skill(&key).ok_or(WebError::NotFound)?;
    let area = editing.draft.area_of(&key).unwrap_or_default();
    let typed = Typed::of(skill, area);
    view(&visit, editing, key, typed, None).await
}

/// `POST /frameworks/{framework}/edit/{skill}`: everything about it; `do` is `save`, `remove` (with `sure=yes`), or
/// `up.2`.
pub(crate) async fn change(
    visit: Visit,
    Path((id, key)): Path<(FrameworkId, String)>,
    fields: Fields,
) -> Result {
    let Some(mut editing) = editing(&visit, id).await? else {
        return Ok(Said::NoDraft.at("/frameworks"));
    };
    if editing.draft.skill(&key).is_none() {
        return Err(WebError::NotFound);
    }
    let typed = Typed::read(&fields);
    let problem = |field: &str, text: &str| Some(FieldError::new(field, text));
    if fields.get("revision").parse() != Ok(editing.revision) {
        return view(&visit, editing, key, typed, problem("", MEANWHILE)).await;
    }
    let here = format!("{}/edit", address(id));
    if fields.get("do") == "remove" {
        if fields.get("sure") != "yes" {
            let problem = problem("sure", "tick the box first");
            return view(&visit, editing, key, typed, problem).await;
        }
        editing.draft.remove_skill(&key).map_err(|e| WebError::conflict(e.to_string()))?;
        editing.save().await?;
        return Ok(Said::Removed.at(&here));
    }
    let before = editing.draft.clone();
    if let Err(error) = editing.draft.set_skill(&typed.area, typed.skill(&key)) {
        editing.draft = before;
        let problem = problem(place(&error), &error.to_string());
        return view(&visit, editing, key, typed, problem).await;
    }
    if !editing.save().await? {
        return Err(WebError::conflict(MEANWHILE));
    }
    if fields.get("do").starts_with("up.") {
        return Ok(Said::Moved.near(&format!("{here}/{key}"), "subs"));
    }
    Ok(Said::Saved.at(&here))
}

async fn view(
    visit: &Visit,
    editing: Editing,
    key: String,
    typed: Typed,
    problem: Option<FieldError>,
) -> Result {
    let Editing { work, id, revision, draft, .. } = editing;
    work.commit().await?;
    let code = if problem.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let name = draft.skill(&key).map(|skill| skill.name.clone()).unwrap_or_default();
    let mut page = visit.page(format!("{name}: {}", draft.title));
    page.errors = problem.into_iter().collect();
    let areas = draft.areas.into_iter().map(|area| AreaChoice { key: area.key, name: area.name });
    let areas = areas.collect();
    let body = html(&SkillPage { page, id, key, revision, areas, typed: typed.with_room() })?;
    Ok((code, body).into_response())
}

#[cfg(test)]
mod tests {
    use hearback_domain::Framework;

    use super::*;

    /// The fields of a page that shows this, as a browser sends them.
    fn fields(typed: &Typed) -> Vec<(String, String)> {
        let own = |name: &str, value: &str| (name.to_owned(), value.replace('\n', "\r\n"));
        let mut fields = vec![
            own("name", &typed.name),
            own("area", &typed.area),
            own("definition", &typed.definition),
            own("measure", if typed.count { "count" } else { "scale" }),
            own("prompts", &typed.prompts),
            own("exemplars", &typed.exemplars),
        ];
        for at in &typed.points {
            fields.push(own(&at.id, &at.text));
        }
        for (n, sub) in typed.subs.iter().enumerate() {
            fields.push(own(&format!("sub.{n}.key"), &sub.key));
            fields.push(own(&format!("sub.{n}.name"), &sub.name));
        }
        fields
    }

    #[test]
    fn what_is_sent_unchanged_is_the_same_skill() {
        let v1 = Framework::v1();
        for skill in v1.skills() {
            let shown = Typed::of(skill, "relationship_building").with_room();
            let read = Typed::read(&Fields(fields(&shown)));
            assert_eq!(&read.skill(&skill.key), skill);
        }
    }

    #[test]
    fn sub_categories_come_go_and_move() {
        let v1 = Framework::v1();
        let shown = Typed::of(v1.skill("empathy").unwrap(), "x").with_room();
        let mut sent = fields(&shown);
        for (name, value) in &mut sent {
            match name.as_str() {
                "sub.0.name" => value.clear(),
                "sub.3.name" => "Warmth".clone_into(value),
                _ => {}
            }
        }
        sent.push(("do".to_owned(), "up.2".to_owned()));
        let read = Typed::read(&Fields(sent));
        let subs: Vec<_> = read.subs.iter().map(|s| (&*s.key, &*s.name)).collect();
        let expected = [
            ("understanding", "Demonstrating understanding"),
            ("curiosity", "Curiosity"),
            ("", "Warmth"),
        ];
        assert_eq!(subs, expected);
    }

    #[test]
    fn lines_without_words_are_none() {
        assert_eq!(lines(" a \n\n b\n \n"), ["a", "b"]);
    }
}
