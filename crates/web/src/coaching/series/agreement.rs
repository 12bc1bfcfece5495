//! What the two agree on before anything is played: written together, signed by both (FRM-01).

use askama::Template;
use axum::{
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use hearback_access::{Agree, SeeSeries, among};
use hearback_domain::{
    SeriesId,
    coaching::{AgreementBody, Channel, LIMITS, Missed, NOT_FOR, PRIVATE, RULES, SIGNING},
};

use super::{Whole, is_theirs, note, page::in_words};
use crate::{
    Visit, WebError,
    error::{FieldError, Result},
    extract::{Fields, Path, Query},
    page::{Page, Said, html},
    when::When,
};

/// Who has signed.
struct Signature {
    name: String,
    at: Option<When>,
}

/// What holds in every series, and what coaching will not be.
struct Fixed {
    rules: [&'static str; 5],
    private: &'static str,
    limits: [&'static str; 2],
    not_for: [&'static str; 4],
}

const FIXED: Fixed = Fixed { rules: RULES, private: PRIVATE, limits: LIMITS, not_for: NOT_FOR };

#[derive(Template)]
#[template(path = "agreement.html")]
#[expect(clippy::struct_excessive_bools, reason = "what the template asks, one by one")]
struct AgreementPage {
    page: Page,
    series: SeriesId,
    name: String,
    fixed: Fixed,
    form: Form,
    /// Whether the form holds what was typed and is not kept.
    typed: bool,
    /// What is kept, where it is something else than what was typed; nothing while what was typed cannot be read.
    stands: Vec<(&'static str, String)>,
    channels: &'static [Channel],
    version: u32,
    /// Whether it can be written and signed.
    open: bool,
    /// Whether somebody coaches now.
    coached: bool,
    written: bool,
    agreed: bool,
    /// Whether the visitor has signed it.
    signed: bool,
    signatures: [Signature; 2],
    ticks: [&'static str; 3],
}

#[derive(Template)]
#[template(path = "agreement_print.html")]
struct PrintPage {
    page: Page,
    series: SeriesId,
    name: String,
    fixed: Fixed,
    lines: Vec<(&'static str, String)>,
    signatures: [Signature; 2],
    large: bool,
}

/// As it was typed, or as it is kept.
struct Form {
    place: String,
    when: String,
    how_often: String,
    between: String,
    channel: String,
    times: String,
    reminders: bool,
    anything: String,
}

impl Form {
    fn typed(fields: &Fields) -> Self {
        let text = |name| fields.get(name).to_owned();
        Self {
            place: text("place"),
            when: text("when"),
            how_often: text("how_often"),
            between: text("between"),
            channel: text("channel"),
            times: text("times"),
            reminders: fields.get("reminders") == "yes",
            anything: text("anything"),
        }
    }

    fn kept(body: &AgreementBody) -> Self {
        Self {
            place: body.place.to_string(),
            when: body.when.to_string(),
            how_often: body.how_often.to_string(),
            between: body.between.to_string(),
            channel: body.missed.channel().to_string(),
            times: body.missed.times().max(1).to_string(),
            reminders: body.reminders,
            anything: body.anything.to_string(),
        }
    }
}

fn read(fields: &Fields) -> Result<AgreementBody, Vec<FieldError>> {
    let mut errors = Vec::new();
    let mut text = |name: &str| match note(fields, name) {
        Ok(text) => Some(text),
        Err(error) => {
            errors.push(FieldError::new(name, error.to_string()));
            None
        }
    };
    let first = (text("place"), text("when"), text("how_often"));
    let second = (text("between"), text("anything"));
    let channel = fields.get("channel").parse::<Channel>();
    let missed = match channel {
        Err(_) => Err(FieldError::new("channel", "Choose what happens if we miss a session")),
        Ok(channel) => Missed::new(channel, fields.get("times").parse().unwrap_or_default())
            .map_err(|error| FieldError::new("times", error.to_string())),
    };
    match (first, second, missed) {
        (
            (Some(place), Some(when), Some(how_often)),
            (Some(between), Some(anything)),
            Ok(missed),
        ) => {
            let reminders = fields.get("reminders") == "yes";
            Ok(AgreementBody { place, when, how_often, between, missed, reminders, anything })
        }
        (_, _, missed) => {
            errors.extend(missed.err());
            Err(errors)
        }
    }
}

/// `GET /series/{series}/agreement`.
pub(crate) async fn show(visit: Visit, Path(series): Path<SeriesId>) -> Result {
    let (mut work, see) = visit.permit::<SeeSeries>(series).await?;
    let whole = Whole::of(&mut *work, &see).await?;
    let open = !among::<Agree>(work.gate(), visit.cx(), &[series]).await?.is_empty();
    work.commit().await?;
    view(&visit, &whole, open, None, Vec::new())
}

fn view(
    visit: &Visit,
    whole: &Whole,
    open: bool,
    sent: Option<&Fields>,
    errors: Vec<FieldError>,
) -> Result<Response> {
    let theirs = is_theirs(visit)?;
    let body = whole.agreement.as_ref().map(|agreement| agreement.body.clone());
    let body = body.unwrap_or_default();
    let stands = sent.and_then(|fields| read(fields).ok()).map(|typed| beside(&body, &typed));
    let form = sent.map_or_else(|| Form::kept(&body), Form::typed);
    let signatures = signatures(whole);
    let own = &signatures[usize::from(!theirs)];
    let code = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let mut page = visit.page("Our agreement");
    page.errors = errors;
    let body = html(&AgreementPage {
        page,
        series: whole.series.id,
        name: whole.series.focus.name.to_string(),
        fixed: FIXED,
        form,
        typed: sent.is_some(),
        stands: stands.unwrap_or_default(),
        channels: Channel::ALL,
        version: whole.agreement.as_ref().map_or(0, |agreement| agreement.version),
        open,
        coached: whole.series.coach.is_some(),
        written: whole.agreement.is_some(),
        agreed: whole.agreed(),
        signed: own.at.is_some(),
        signatures,
        ticks: SIGNING,
    })?;
    Ok((code, body).into_response())
}

/// The practitioner, and whoever coaches now.
fn signatures(whole: &Whole) -> [Signature; 2] {
    let agreement = whole.agreement.as_ref();
    let coach = whole.series.coach.as_ref();
    let by_coach = agreement.and_then(|agreement| agreement.coach_signed);
    let by_coach = by_coach.filter(|(id, _)| coach.is_some_and(|(now, _)| now == id));
    [
        Signature {
            name: whole.series.practitioner_name.clone(),
            at: agreement.and_then(|agreement| agreement.practitioner_signed_at).map(When::day_of),
        },
        Signature {
            name: coach.map(|(_, name)| name.clone()).unwrap_or_default(),
            at: by_coach.map(|(_, at)| When::day_of(at)),
        },
    ]
}

/// The lines of what is kept that are not what was typed.
fn beside(kept: &AgreementBody, typed: &AgreementBody) -> Vec<(&'static str, String)> {
    let pairs = in_lines(kept).into_iter().zip(in_lines(typed));
    pairs.filter(|(kept, typed)| kept != typed).map(|(kept, _)| kept).collect()
}

/// Somebody else was faster, or the two are in a session just now. What was typed stays in the form.
fn meanwhile(visit: &Visit, whole: &Whole, sent: Option<&Fields>) -> Result<Response> {
    let text = if sent.is_some() {
        "The agreement has changed meanwhile, or a session is on just now. What you typed is still here; look at what \
         stands beside it, then save it if you like"
    } else {
        "The agreement has changed meanwhile, or a session is on just now. Here it is as it stands; look at it once more"
    };
    view(visit, whole, true, sent, vec![FieldError::new("", text)])
}

/// `POST /series/{series}/agreement`: `version` that was read, `place`, `when`, `how_often`, `between`, `channel`,
/// `times`, `reminders`, `anything`.
pub(crate) async fn write(visit: Visit, Path(series): Path<SeriesId>, fields: Fields) -> Result {
    let (mut work, permit) = visit.permit::<Agree>(series).await?;
    let whole = Whole::beside(&mut *work, &visit, series).await?;
    let body = match read(&fields) {
        Ok(body) => body,
        Err(errors) => {
            work.commit().await?;
            return view(&visit, &whole, true, Some(&fields), errors);
        }
    };
    if whole.agreement.as_ref().is_some_and(|agreement| agreement.body == body) {
        work.commit().await?;
        return Ok(Said::Saved.at(&address(series)));
    }
    let read = fields.get("version").parse().unwrap_or(0);
    if work.write_agreement(&permit, read, &body).await?.is_some() {
        work.commit().await?;
        return Ok(Said::AgreementWritten.at(&address(series)));
    }
    let now = Whole::beside(&mut *work, &visit, series).await?;
    work.commit().await?;
    meanwhile(&visit, &now, Some(&fields))
}

/// `POST /series/{series}/agreement/sign`: `version`, and `tick.0` to `tick.2`.
pub(crate) async fn sign(visit: Visit, Path(series): Path<SeriesId>, fields: Fields) -> Result {
    let (mut work, permit) = visit.permit::<Agree>(series).await?;
    let whole = Whole::beside(&mut *work, &visit, series).await?;
    let missing = (0..SIGNING.len()).find(|nth| fields.get(&format!("tick.{nth}")) != "yes");
    if let Some(nth) = missing {
        work.commit().await?;
        let text = "Tick each sentence that is true for you; once all three are, you can sign";
        let error = FieldError::new(format!("tick.{nth}"), text);
        return view(&visit, &whole, true, None, vec![error]);
    }
    let version =
        fields.get("version").parse().map_err(|_| WebError::bad("there is nothing to sign yet"))?;
    if work.sign_agreement(&permit, version).await? {
        work.commit().await?;
        return Ok(Said::AgreementSigned.at(&address(series)));
    }
    let now = Whole::beside(&mut *work, &visit, series).await?;
    work.commit().await?;
    meanwhile(&visit, &now, None)
}

fn address(series: SeriesId) -> String {
    format!("/series/{series}/agreement")
}

/// `GET /series/{series}/agreement/print`: `style` is `large` for large print.
pub(crate) async fn print(
    visit: Visit,
    Path(series): Path<SeriesId>,
    Query(query): Query,
) -> Result {
    let (mut work, see) = visit.permit::<SeeSeries>(series).await?;
    let whole = Whole::of(&mut *work, &see).await?;
    work.commit().await?;
    let body = whole.agreement.as_ref().map(|agreement| agreement.body.clone());
    html(&PrintPage {
        page: visit.page("Our coaching agreement"),
        series,
        name: whole.series.focus.name.to_string(),
        fixed: FIXED,
        lines: in_lines(&body.unwrap_or_default()),
        signatures: signatures(&whole),
        large: query.get("style") == "large",
    })
}

/// What the two wrote, line by line.
fn in_lines(body: &AgreementBody) -> Vec<(&'static str, String)> {
    let reminders = if body.reminders { "Yes" } else { "No" };
    vec![
        ("Where we meet", body.place.to_string()),
        ("When", body.when.to_string()),
        ("How often", body.how_often.to_string()),
        ("We look back together", "After our fourth session".to_owned()),
        ("How we talk to each other between sessions", body.between.to_string()),
        ("If we miss a session", in_words(body.missed)),
        (
            "A quiet line about our next session on the social worker’s first page",
            reminders.to_owned(),
        ),
        ("Anything else", body.anything.to_string()),
    ]
}
