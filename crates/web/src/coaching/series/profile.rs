//! What a coach says of themself to those who look for one (ORG-12).

use askama::Template;
use axum::{http::StatusCode, response::IntoResponse as _};
use hearback_access::KeepProfile;
use hearback_domain::coaching::{Independence, MostSeries, Profile};
use hearback_storage::KeptProfile;

use super::{note, standing::to_the_coach};
use crate::{
    Visit,
    error::{FieldError, Result},
    extract::Fields,
    page::{Page, Said, day, html},
};

#[derive(Template)]
#[template(path = "coach_profile.html")]
struct ProfilePage {
    page: Page,
    form: Form,
    all: &'static [Independence],
    checked_until: Option<String>,
    /// About the coach's own next supervision.
    supervision: Option<String>,
    most: u8,
}

/// As it was typed.
struct Form {
    about: String,
    independence: String,
    reports_to: String,
    accreditation: String,
    languages: String,
    taking_on: bool,
    most: String,
}

impl Form {
    fn typed(fields: &Fields) -> Self {
        let text = |name| fields.get(name).to_owned();
        Self {
            about: text("about"),
            independence: text("independence"),
            reports_to: text("reports_to"),
            accreditation: text("accreditation"),
            languages: text("languages"),
            taking_on: fields.get("taking_on") == "yes",
            most: text("most"),
        }
    }
}

/// `GET /coaching/profile`.
pub(crate) async fn show(visit: Visit) -> Result {
    view(&visit, None, Vec::new()).await
}

async fn view(visit: &Visit, sent: Option<&Fields>, errors: Vec<FieldError>) -> Result {
    let (mut work, permit) = visit.permit::<KeepProfile>(()).await?;
    let own = work.own_profile(&permit).await?;
    work.commit().await?;
    let until = own.as_ref().and_then(|own| own.checked_until);
    let now = permit.cx().now;
    let until = until.filter(|until| *until > now);
    let supervised = own.as_ref().map(|own| own.supervised_at).filter(|_| until.is_some());
    let form = match (sent, own) {
        (Some(fields), _) => Form::typed(fields),
        (None, Some(own)) => Form {
            about: own.profile.about.to_string(),
            independence: own.profile.independence.to_string(),
            reports_to: own.profile.reports_to.to_string(),
            accreditation: own.profile.accreditation.to_string(),
            languages: own.profile.languages.to_string(),
            taking_on: own.taking_on,
            most: own.most.get().to_string(),
        },
        (None, None) => Form {
            most: MostSeries::default().get().to_string(),
            taking_on: true,
            ..Form::typed(&Fields::default())
        },
    };
    let code = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let mut page = visit.page("What people are told about you");
    page.errors = errors;
    let body = html(&ProfilePage {
        page,
        form,
        all: Independence::ALL,
        checked_until: until.map(|until| day(until.plus_seconds(-1))),
        supervision: supervised.map(|at| to_the_coach(at, now)),
        most: MostSeries::MOST,
    })?;
    Ok((code, body).into_response())
}

fn read(fields: &Fields) -> Result<KeptProfile, Vec<FieldError>> {
    let mut errors = Vec::new();
    let mut text = |name: &str| match note(fields, name) {
        Ok(text) => Some(text),
        Err(error) => {
            errors.push(FieldError::new(name, error.to_string()));
            None
        }
    };
    let texts = (text("about"), text("reports_to"), text("accreditation"), text("languages"));
    let independence = fields.get("independence").parse::<Independence>();
    if independence.is_err() {
        errors.push(FieldError::new("independence", "Choose where you stand"));
    }
    let most = fields.get("most").trim().parse::<u8>().ok().and_then(|n| MostSeries::new(n).ok());
    if most.is_none() {
        let text = hearback_domain::coaching::MostSeriesError.to_string();
        errors.push(FieldError::new("most", text));
    }
    match (texts, independence, most) {
        (
            (Some(about), Some(reports_to), Some(accreditation), Some(languages)),
            Ok(independence),
            Some(most),
        ) => {
            let profile = Profile { about, independence, reports_to, accreditation, languages };
            Ok(KeptProfile { profile, taking_on: fields.get("taking_on") == "yes", most })
        }
        _ => Err(errors),
    }
}

/// `POST /coaching/profile`: `about`, `independence`, `reports_to`, `accreditation`, `languages`, `taking_on`, `most`.
pub(crate) async fn keep(visit: Visit, fields: Fields) -> Result {
    let kept = match read(&fields) {
        Ok(kept) => kept,
        Err(errors) => return view(&visit, Some(&fields), errors).await,
    };
    let (mut work, permit) = visit.permit::<KeepProfile>(()).await?;
    work.keep_profile(&permit, &kept).await?;
    work.commit().await?;
    Ok(Said::Saved.at("/coaching/profile"))
}
