//! A version, to be read and printed.

use askama::Template;
use hearback_access::SeeFrameworks;
use hearback_domain::{Framework, FrameworkId, Measure};
use hearback_storage::{FrameworkVersion, VersionState};

use super::list::since;
use crate::{
    Visit, WebError,
    error::Result,
    extract::Path,
    page::{Page, html},
};

#[derive(Template)]
#[template(path = "framework.html")]
struct ReadPage {
    page: Page,
    id: FrameworkId,
    number: u32,
    /// What codes and scores carry.
    version: String,
    title: String,
    source: String,
    draft: bool,
    since: String,
    notes: String,
    current: bool,
    /// Whether a draft of the next version is there.
    has_draft: bool,
    changes: Vec<ChangeLine>,
    areas: Vec<AreaView>,
    scored: usize,
    counted: usize,
}

/// What became of an item, or that it is new.
struct ChangeLine {
    before: String,
    now: String,
}

struct AreaView {
    name: String,
    skills: Vec<SkillView>,
}

struct SkillView {
    name: String,
    definition: String,
    measure: &'static str,
    subs: Vec<String>,
    prompts: Vec<String>,
    exemplars: Vec<String>,
    points: Vec<PointView>,
}

struct PointView {
    point: u8,
    texts: Vec<String>,
}

/// `GET /frameworks/{framework}/{number}`.
pub(crate) async fn show(visit: Visit, Path((id, number)): Path<(FrameworkId, u32)>) -> Result {
    let (mut work, permit) = visit.permit::<SeeFrameworks>(()).await?;
    let mut versions = work.frameworks(&permit).await?;
    work.commit().await?;
    versions.retain(|version| version.framework == id);
    let has_draft = versions.iter().any(|version| version.draft().is_some());
    let at = versions.iter().position(|v| v.number == number).ok_or(WebError::NotFound)?;
    let before = versions.get(at + 1).map(|version| &version.body);
    let version = &versions[at];
    let body = &version.body;
    let (when, notes, changes) = match &version.state {
        VersionState::Draft { .. } => (String::new(), String::new(), Vec::new()),
        VersionState::Published { at, by, notes, .. } => {
            (since(*at, by.as_deref()), notes.clone(), changes(version, before))
        }
    };
    html(&ReadPage {
        page: visit.page(format!("{}, version {number}", body.title)),
        id,
        number,
        version: body.version.clone(),
        title: body.title.clone(),
        source: body.source.clone(),
        draft: version.draft().is_some(),
        since: when,
        notes,
        current: version.current,
        has_draft,
        changes,
        areas: areas(body),
        scored: body.items().len(),
        counted: body.counted().len(),
    })
}

/// What became of the version before, where something changed.
fn changes(version: &FrameworkVersion, before: Option<&Framework>) -> Vec<ChangeLine> {
    let (VersionState::Published { mapping, .. }, Some(before)) = (&version.state, before) else {
        return Vec::new();
    };
    let name = |framework: &Framework, key: &str| {
        let items = framework.coded().into_iter();
        let found = items.into_iter().find(|item| item.key.as_str() == key);
        found.map_or_else(|| key.to_owned(), |item| item.name())
    };
    let line = |change: &hearback_domain::framework::Change| ChangeLine {
        before: change.from.as_ref().map_or("–".to_owned(), |key| name(before, key)),
        now: match (&change.from, &change.to) {
            (_, None) => "dropped".to_owned(),
            (None, Some(key)) => format!("{} (new)", name(&version.body, key)),
            (_, Some(key)) => name(&version.body, key),
        },
    };
    mapping.changes().iter().map(line).filter(|line| line.before != line.now).collect()
}

fn areas(framework: &Framework) -> Vec<AreaView> {
    let skill = |skill: &hearback_domain::Skill| SkillView {
        name: skill.name.clone(),
        definition: skill.definition.clone(),
        measure: match skill.measure {
            Measure::Count => "Counted: how many moments of it are marked",
            Measure::Scale => "Scored from 1 to 5, over the whole recording",
        },
        subs: skill.subs.iter().map(|sub| sub.name.clone()).collect(),
        prompts: skill.prompts.clone(),
        exemplars: skill.exemplars.clone(),
        points: points(skill),
    };
    let area = |area: &hearback_domain::Area| AreaView {
        name: area.name.clone(),
        skills: area.skills.iter().map(skill).collect(),
    };
    framework.areas.iter().map(area).collect()
}

fn points(skill: &hearback_domain::Skill) -> Vec<PointView> {
    let of = |point: u8| {
        let texts = skill.indicators.iter().filter(|i| i.point == point);
        PointView { point, texts: texts.map(|i| i.text.clone()).collect() }
    };
    (1..=5).map(of).filter(|view| !view.texts.is_empty()).collect()
}
