//! Coaching, for each who has to do with it: one's own series, who coaches, and whose certificate was looked at.

use askama::Template;
use axum::{http::StatusCode, response::IntoResponse as _};
use hearback_access::{CheckProfile, Permit, SeeCoaching, SeeSeries, list};
use hearback_domain::{
    CoachingSessionId, Day, Role, SeriesId, Timestamp, UserId,
    coaching::{Independence, Standing, hours::in_words, standing},
};
use hearback_storage::{CoachProfile, FormerLog, Work};

use super::{
    Whole,
    standing::{in_a_line, to_the_coach, to_the_coordinator},
};
use crate::{
    Visit, WebError,
    error::{FieldError, Result},
    extract::{Fields, Path},
    page::{Page, Said, day, html},
    when::When,
};

#[derive(Template)]
#[template(path = "coaching.html")]
struct CoachingPage {
    page: Page,
    hat: Role,
    going_on: Vec<SeriesLine>,
    ended: Vec<SeriesLine>,
    coaches: Vec<CoachView>,
    /// Logs that a coach wrote in series in which they coach no more.
    logs: Vec<LogView>,
    /// About a coach's own next supervision.
    supervision: Option<String>,
}

struct LogView {
    session: CoachingSessionId,
    /// When the session was, if they coached then.
    day: Option<When>,
    saved: When,
}

impl From<FormerLog> for LogView {
    fn from(log: FormerLog) -> Self {
        Self {
            session: log.session,
            day: log.planned_at.map(When::day_of),
            saved: When::day_of(log.saved_at),
        }
    }
}

struct SeriesLine {
    id: SeriesId,
    name: String,
    /// Who else is in it.
    other: Option<String>,
    agreed: bool,
    next: Option<When>,
}

/// A coach, as people choose one.
pub(super) struct CoachView {
    pub(super) id: UserId,
    pub(super) name: String,
    pub(super) about: String,
    pub(super) independence: Independence,
    pub(super) reports_to: String,
    pub(super) accreditation: String,
    pub(super) languages: String,
    /// The last day on which the certificate counts as looked at.
    pub(super) checked_until: Option<String>,
    pub(super) checked_day: String,
    /// When they last changed what they say of themself, in microseconds.
    pub(super) changed: i64,
    pub(super) room: String,
    /// The hours that they noted, in a line.
    pub(super) hours: String,
    /// For how long sessions were held here, where that may be told.
    pub(super) held: Option<String>,
    /// What the co-ordinator is told of supervision; none before somebody looked at the certificate.
    pub(super) supervision: Option<String>,
    /// Whether they could be chosen just now, as far as that is theirs.
    pub(super) open: bool,
}

impl CoachView {
    pub(super) fn of(coach: CoachProfile, now: Timestamp) -> Self {
        let checked = coach.checked_until.filter(|until| *until > now);
        let waiting = standing(coach.supervised_at, now) == Standing::Waiting;
        let left = u64::from(coach.most.get()).saturating_sub(coach.present);
        let room = match left {
            _ if !coach.taking_on => "Not taking anybody on just now".to_owned(),
            _ if waiting => "Begins something new after their own next supervision".to_owned(),
            0 => "No room for another series just now".to_owned(),
            1 => "Room for one more series".to_owned(),
            many => format!("Room for {many} more series"),
        };
        Self {
            id: coach.person,
            name: coach.name,
            about: coach.profile.about.to_string(),
            independence: coach.profile.independence,
            reports_to: coach.profile.reports_to.to_string(),
            accreditation: coach.profile.accreditation.to_string(),
            languages: coach.profile.languages.to_string(),
            // It counts until that day is over.
            checked_until: checked.map(|until| day(until.plus_seconds(-1))),
            checked_day: checked
                .map(|until| Day::of(until.plus_seconds(-1)).to_string())
                .unwrap_or_default(),
            changed: coach.changed_at.as_micros(),
            room,
            hours: in_a_line(&coach.hours.noted),
            held: coach.hours.held_here.map(in_words),
            supervision: checked.map(|_| to_the_coordinator(coach.supervised_at, now)),
            open: coach.taking_on && checked.is_some() && left > 0 && !waiting,
        }
    }

    /// Everybody who coaches, but for the visitor.
    pub(super) async fn all(
        work: &mut dyn Work,
        visit: &Visit,
        see: &Permit<SeeCoaching>,
    ) -> Result<Vec<Self>> {
        let (me, now) = (visit.user()?, see.cx().now);
        let pool = work.coach_pool(see).await?.into_iter().filter(|coach| coach.person != me);
        Ok(pool.map(|coach| Self::of(coach, now)).collect())
    }
}

/// `GET /coaching`.
pub(crate) async fn show(visit: Visit) -> Result {
    let (work, permit) = visit.permit::<SeeCoaching>(()).await?;
    view(&visit, work, &permit, Vec::new()).await
}

async fn view(
    visit: &Visit,
    mut work: Box<dyn Work>,
    permit: &Permit<SeeCoaching>,
    errors: Vec<FieldError>,
) -> Result {
    let hat = visit.signed_in()?.role;
    let (mut going_on, mut ended) = (Vec::new(), Vec::new());
    for see in list::<SeeSeries>(work.gate(), visit.cx()).await? {
        let whole = Whole::of(&mut *work, &see).await?;
        let line = line(&whole, hat, permit.cx().now);
        if whole.series.ended.is_some() { ended.push(line) } else { going_on.push(line) }
    }
    let (mut coaches, mut logs, mut supervision) = (Vec::new(), Vec::new(), None);
    if hat == Role::Coach {
        logs = work.former_logs(permit).await?;
        let (me, now) = (visit.user()?, permit.cx().now);
        let own = work.coach_pool(permit).await?.into_iter().find(|coach| coach.person == me);
        let own = own.filter(|own| own.checked_until.is_some());
        supervision = own.map(|own| to_the_coach(own.supervised_at, now));
    } else {
        coaches = CoachView::all(&mut *work, visit, permit).await?;
    }
    work.commit().await?;
    let code = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let mut page = visit.page("Coaching");
    page.errors = errors;
    let logs = logs.into_iter().map(Into::into).collect();
    let body = html(&CoachingPage { page, hat, going_on, ended, coaches, logs, supervision })?;
    Ok((code, body).into_response())
}

fn line(whole: &Whole, hat: Role, now: Timestamp) -> SeriesLine {
    use hearback_domain::coaching::SessionState::{Live, Planned};
    let series = &whole.series;
    let ahead = |at: &Timestamp| *at > now.plus_seconds(-86_400 / 2);
    let next = whole.times().into_iter().find_map(|(at, state)| match state {
        Live => Some(at),
        Planned => Some(at).filter(ahead),
        _ => None,
    });
    SeriesLine {
        id: series.id,
        name: series.focus.name.to_string(),
        other: if hat == Role::Coach {
            Some(series.practitioner_name.clone())
        } else {
            series.coach.as_ref().map(|(_, name)| name.clone())
        },
        agreed: whole.agreed(),
        next: next.map(When::of),
    }
}

/// `POST /coaching/coaches/{person}/check`: `until`, the last day on which the certificate counts, empty if none; `seen`,
/// when what was looked at was written.
pub(crate) async fn check(visit: Visit, Path(coach): Path<UserId>, fields: Fields) -> Result {
    let (mut work, permit) = visit.permit::<CheckProfile>(()).await?;
    let until = match fields.get("until") {
        "" => None,
        text => match text.parse::<Day>() {
            Ok(day) => Some(day.plus_days(1).starts()),
            Err(error) => {
                let (work, see) = visit.also::<SeeCoaching>(work, ()).await?;
                let error = FieldError::new(format!("until-{coach}"), error.to_string());
                return view(&visit, work, &see, vec![error]).await;
            }
        },
    };
    let seen = fields.get("seen").parse().map(Timestamp::from_micros);
    let seen = seen.map_err(|_| WebError::bad("we could not read what was looked at"))?;
    if coach == visit.user()? {
        return Err(WebError::conflict("somebody else looks at your own certificate"));
    }
    if !work.check_profile(&permit, coach, seen, until).await? {
        let (mut work, see) = visit.also::<SeeCoaching>(work, ()).await?;
        if !work.coach_pool(&see).await?.iter().any(|one| one.person == coach) {
            return Err(WebError::NotFound);
        }
        let text =
            "They have changed what they say of themself meanwhile; look once more, if you like";
        let error = FieldError::new(format!("until-{coach}"), text);
        return view(&visit, work, &see, vec![error]).await;
    }
    work.commit().await?;
    Ok(Said::Saved.at("/coaching"))
}
