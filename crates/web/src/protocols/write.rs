//! A new protocol, and the end of one. What a protocol says is never changed: codings under it stay comparable.

use askama::Template;
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use hearback_access::{ManageProtocols, SeeFrameworks, SeeProtocols};
use hearback_domain::{
    Label, ProtocolId,
    protocol::{PART_MINUTES, Plan, PlanError},
};
use hearback_storage::{VersionState, Work};

use crate::{
    App, Visit, WebError,
    error::{FieldError, Result},
    extract::{Fields, Path},
    page::{Page, Said, html},
};

#[derive(Template)]
#[template(path = "protocol_new.html")]
struct NewPage {
    page: Page,
    form: Typed,
    versions: Vec<Version>,
    minutes: Vec<String>,
}

/// What was typed so far.
#[derive(Default)]
struct Typed {
    name: String,
    framework: String,
    part: String,
    seed: String,
    twice: String,
    show_phase: bool,
    show_practitioner: bool,
    drift: String,
}

/// A published version of a framework.
struct Version {
    name: String,
    title: String,
}

/// `GET /protocols/new`.
pub(crate) async fn form(visit: Visit, State(app): State<App>) -> Result {
    let (work, _permit) = visit.permit::<ManageProtocols>(()).await?;
    let (mut work, versions) = versions(&visit, work).await?;
    let current = work.current_framework().await?.version;
    work.commit().await?;
    let form = Typed {
        framework: current,
        twice: "20".to_owned(),
        seed: fresh_seed(&app).to_string(),
        ..Typed::default()
    };
    view(&visit, form, versions, Vec::new())
}

/// A seed that nobody chose.
fn fresh_seed(app: &App) -> u32 {
    let (high, _) = ProtocolId::mint(&*app.ids).as_uuid().as_u64_pair();
    u32::try_from(high >> 32).unwrap_or_default()
}

async fn versions(visit: &Visit, work: Box<dyn Work>) -> Result<(Box<dyn Work>, Vec<Version>)> {
    let (mut work, see) = visit.also::<SeeFrameworks>(work, ()).await?;
    let all = work.frameworks(&see).await?;
    let published = all.into_iter().filter(|v| matches!(v.state, VersionState::Published { .. }));
    let versions = published.map(|v| Version { name: v.body.version, title: v.body.title });
    Ok((work, versions.collect()))
}

fn view(
    visit: &Visit,
    form: Typed,
    versions: Vec<Version>,
    errors: Vec<FieldError>,
) -> Result<Response> {
    let code = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let mut page = visit.page("A new protocol");
    page.errors = errors;
    let minutes = PART_MINUTES.iter().map(ToString::to_string).collect();
    let body = html(&NewPage { page, form, versions, minutes })?;
    Ok((code, body).into_response())
}

/// `POST /protocols/new`: `name`, `framework`, `part` (minutes, or empty), `seed`, `twice`, `show_phase`,
/// `show_practitioner`, `drift`.
pub(crate) async fn add(visit: Visit, State(app): State<App>, fields: Fields) -> Result {
    let (work, permit) = visit.permit::<ManageProtocols>(()).await?;
    let (mut work, versions) = versions(&visit, work).await?;
    let form = Typed {
        name: fields.get("name").to_owned(),
        framework: fields.get("framework").to_owned(),
        part: fields.get("part").to_owned(),
        seed: fields.get("seed").to_owned(),
        twice: fields.get("twice").to_owned(),
        show_phase: fields.get("show_phase") == "yes",
        show_practitioner: fields.get("show_practitioner") == "yes",
        drift: fields.get("drift").to_owned(),
    };
    let plan = match form.plan(&versions) {
        Ok(plan) => plan,
        Err(errors) => {
            work.commit().await?;
            return view(&visit, form, versions, errors);
        }
    };
    let id = ProtocolId::mint(&*app.ids);
    work.add_protocol(&permit, id, &plan).await?;
    work.commit().await?;
    Ok(Said::ProtocolWritten.at(&format!("/protocols/{id}")))
}

impl Typed {
    /// The plan, or what is to be written differently.
    fn plan(&self, versions: &[Version]) -> Result<Plan, Vec<FieldError>> {
        let mut errors = Vec::new();
        let mut missing = |field: &str, text: String| errors.push(FieldError::new(field, text));
        let name = Label::new(&self.name)
            .map_err(|_| missing("name", "give it a name of up to 60 characters".to_owned()));
        if !versions.iter().any(|version| version.name == self.framework) {
            missing("framework", "choose a version that was published".to_owned());
        }
        let seed = self.seed.trim().parse::<u32>().map_err(|_| {
            missing("seed", "write a whole number from 0 to 4294967295".to_owned());
        });
        let number = |text: &str| (!text.trim().is_empty()).then(|| text.trim().parse::<u16>());
        let minutes = number(&self.part).transpose().map_err(drop);
        let minutes = minutes.and_then(|m| m.map(u8::try_from).transpose().map_err(drop));
        let minutes = minutes.map_err(|()| missing("part", PlanError::Minutes.to_string()));
        let twice = self.twice.trim().parse::<u8>();
        let twice = twice.map_err(|_| missing("twice", PlanError::Percent.to_string()));
        let drift = number(&self.drift).transpose();
        let drift = drift.map_err(|_| missing("drift", PlanError::Drift.to_string()));
        let (Ok(name), Ok(seed), Ok(minutes), Ok(twice_percent), Ok(drift_every)) =
            (name, seed, minutes, twice, drift)
        else {
            return Err(errors);
        };
        let plan = Plan {
            name,
            framework_version: self.framework.clone(),
            minutes,
            seed,
            twice_percent,
            blind_phase: !self.show_phase,
            blind_practitioner: !self.show_practitioner,
            drift_every,
        };
        if let Err(error) = plan.check() {
            let field = match error {
                PlanError::Minutes => "part",
                PlanError::Percent => "twice",
                PlanError::Drift => "drift",
            };
            errors.push(FieldError::new(field, error.to_string()));
        }
        if errors.is_empty() { Ok(plan) } else { Err(errors) }
    }
}

/// `POST /protocols/{protocol}/close`: no recording is taken into it any more.
pub(crate) async fn close(visit: Visit, Path(id): Path<ProtocolId>) -> Result {
    let (mut work, permit) = visit.permit::<ManageProtocols>(()).await?;
    work.close_protocol(&permit, id).await?;
    let (mut work, see) = visit.also::<SeeProtocols>(work, ()).await?;
    work.protocol(&see, id).await?.ok_or(WebError::NotFound)?;
    work.commit().await?;
    Ok(Said::ProtocolClosed.at(&format!("/protocols/{id}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_is_a_plan_or_says_what_to_write() {
        let versions = [Version { name: "1".to_owned(), title: String::new() }];
        let typed = |part: &str, twice: &str, drift: &str| Typed {
            name: " Spring ".to_owned(),
            framework: "1".to_owned(),
            part: part.to_owned(),
            seed: "42".to_owned(),
            twice: twice.to_owned(),
            drift: drift.to_owned(),
            ..Typed::default()
        };
        let plan = typed("10", " 21", "12").plan(&versions).unwrap();
        assert_eq!((plan.name.as_str(), plan.minutes, plan.seed), ("Spring", Some(10), 42));
        assert_eq!((plan.twice_percent, plan.drift_every), (21, Some(12)));
        assert!(plan.blind_phase && plan.blind_practitioner, "blind unless somebody says so");
        let whole = typed("", "0", "").plan(&versions).unwrap();
        assert_eq!((whole.minutes, whole.drift_every), (None, None));
        for (part, twice, drift, field) in [
            ("7", "0", "", "part"),
            ("300", "0", "", "part"),
            ("x", "0", "", "part"),
            ("5", "101", "", "twice"),
            ("5", "", "", "twice"),
            ("5", "-1", "", "twice"),
            ("5", "0", "1", "drift"),
            ("5", "0", "x", "drift"),
        ] {
            let errors = typed(part, twice, drift).plan(&versions).unwrap_err();
            let fields: Vec<_> = errors.iter().map(|e| e.field.as_str()).collect();
            assert_eq!(fields, [field], "{part} {twice} {drift}");
        }
        let nothing = Typed::default().plan(&versions).unwrap_err();
        let fields: Vec<_> = nothing.iter().map(|e| e.field.as_str()).collect();
        assert_eq!(fields, ["name", "framework", "seed", "twice"]);
    }
}
