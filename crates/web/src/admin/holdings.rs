//! What is held, under which yes, until when: for the data protection officer. No chosen names, nothing that was said.

use askama::Template;
use hearback_access::{ExtendKeeping, Hold, SeeHoldings};
use hearback_domain::{
    AudioState, JobId, KeyClass, PersonId, Reason, RecordingId, Reference, Role, Sharing,
    Timestamp,
    retention::{self, MOST_EXTENSIONS},
    withdrawal::ErasureState,
};
use hearback_storage::{Holding, HoldingsPage, NewExtension, NewHold, Show, Totals};

use super::retention::sentence;
use crate::{
    Visit, WebError,
    consent::words,
    error::Result,
    extract::{Fields, Path},
    page::{Page, Said, day, html},
};

/// Recordings on one page.
const PAGE: u32 = 25;

#[derive(Template)]
#[template(path = "holdings.html")]
struct Holdings {
    page: Page,
    totals: Totals,
    /// Why destruction by time waits, if it does.
    pause: Option<String>,
    /// How many recordings somebody let go since, before the next sweep.
    released: u64,
    filters: Vec<Filter>,
    reference: String,
    unreadable: bool,
    lines: Vec<Line>,
    earlier: Option<String>,
    later: Option<String>,
}

struct Filter {
    href: String,
    text: &'static str,
    current: bool,
}

struct Line {
    id: RecordingId,
    reference: String,
    began: String,
    practitioner: String,
    phase: &'static str,
    state: &'static str,
    heard: Vec<Heard>,
    covers: Vec<&'static str>,
    kept: Vec<KeptLine>,
    hold: Option<HoldLine>,
    erasure: Option<&'static str>,
    extensible: Vec<Choice>,
}

struct Heard {
    id: PersonId,
    who: &'static str,
}

struct KeptLine {
    what: &'static str,
    until: String,
    remark: String,
}

struct HoldLine {
    reason: String,
    since: String,
    review: String,
}

struct Choice {
    key: &'static str,
    text: &'static str,
}

/// `GET /admin/holdings`: `show`, `ref`, `from`.
pub(crate) async fn show(visit: Visit) -> Result {
    let (mut work, permit) = visit.permit::<SeeHoldings>(()).await?;
    let query = Query::of(visit.query());
    let page = HoldingsPage {
        show: query.show,
        between: query.reference.map(Reference::span),
        skip: query.from,
        limit: PAGE + 1,
    };
    let mut holdings =
        if query.unreadable { Vec::new() } else { work.holdings(&permit, &page).await? };
    let totals = work.totals(&permit).await?;
    let notes = work.sweep_seen(&permit).await?;
    work.commit().await?;
    let more = holdings.len() > PAGE as usize;
    holdings.truncate(PAGE as usize);
    let now = permit.cx().now;
    html(&Holdings {
        page: visit.page("What is held"),
        totals,
        pause: notes.paused.map(sentence),
        released: notes.released,
        filters: filters(query.show),
        reference: query.reference.map(|r| r.to_string()).unwrap_or_default(),
        unreadable: query.unreadable,
        lines: holdings.into_iter().map(|holding| line(holding, now)).collect(),
        earlier: (query.from > 0).then(|| query.at(query.from.saturating_sub(PAGE))),
        later: more.then(|| query.at(query.from.saturating_add(PAGE))),
    })
}

const SHOWS: &[(Show, &str, &str)] = &[
    (Show::All, "all", "Everything"),
    (Show::Ending, "ending", "Ending within 30 days"),
    (Show::Held, "held", "On hold"),
    (Show::Waiting, "waiting", "About to be destroyed"),
];

/// What the address asks for.
struct Query {
    show: Show,
    reference: Option<Reference>,
    unreadable: bool,
    from: u32,
}

impl Query {
    fn of(query: Option<&str>) -> Self {
        let get = |name: &str| {
            let pairs = query.unwrap_or_default().split('&').filter_map(|p| p.split_once('='));
            pairs.into_iter().find(|(n, _)| *n == name).map(|(_, v)| v).unwrap_or_default()
        };
        let word = get("show");
        let show = SHOWS.iter().find(|(_, key, _)| *key == word).map_or(Show::All, |(s, ..)| *s);
        // A form sends a space as a plus.
        let typed = get("ref").replace(['+', '%'], " ");
        let reference = Reference::parse(&typed);
        let unreadable = !typed.trim().is_empty() && reference.is_none();
        Self { show, reference, unreadable, from: get("from").parse().unwrap_or(0) }
    }

    fn at(&self, from: u32) -> String {
        let word = SHOWS.iter().find(|(s, ..)| *s == self.show).map_or("all", |(_, key, _)| *key);
        format!("/admin/holdings?show={word}&from={from}")
    }
}

fn filters(current: Show) -> Vec<Filter> {
    let filter = |(show, key, text): &(Show, &str, &'static str)| Filter {
        href: format!("/admin/holdings?show={key}"),
        text,
        current: *show == current,
    };
    SHOWS.iter().map(filter).collect()
}

fn line(holding: Holding, now: Timestamp) -> Line {
    let kept = holding.kept.iter().map(|kept| KeptLine {
        what: class(kept.class),
        until: day(kept.until),
        remark: match (kept.gone, kept.until <= now, kept.extended) {
            (true, ..) => "closed to everyone".to_owned(),
            (_, true, _) => "its time is over; closed to everyone".to_owned(),
            (_, _, 0) => String::new(),
            (_, _, 1) => "made longer once".to_owned(),
            (_, _, n) => format!("made longer {n} times"),
        },
    });
    let may = holding.kept.iter().filter(|kept| !kept.gone && kept.extended < MOST_EXTENSIONS);
    Line {
        id: holding.recording,
        reference: Reference::of(holding.recording).to_string(),
        began: day(holding.created_at),
        practitioner: holding.name.clone(),
        phase: holding.phase.title(),
        state: state(&holding),
        covers: holding.covers.iter().map(|p| words::purpose(*p)).collect(),
        extensible: may.map(|k| Choice { key: k.class.as_str(), text: class(k.class) }).collect(),
        kept: kept.collect(),
        hold: holding.hold.map(|hold| HoldLine {
            reason: hold.reason,
            since: day(hold.placed_at),
            review: day(hold.review_by),
        }),
        erasure: holding.erasure.map(|erasure| match erasure {
            ErasureState::Held => "Decided, and kept by the hold",
            _ => "About to be destroyed",
        }),
        heard: holding
            .heard
            .into_iter()
            .map(|(id, kind)| Heard { id, who: words::kind(kind) })
            .collect(),
    }
}

pub(super) const fn class(class: KeyClass) -> &'static str {
    match class {
        KeyClass::Sound => "Sound, and who is heard",
        KeyClass::Text => "Written words",
        KeyClass::Extracts => "Short pieces",
        KeyClass::Coding => "Coding",
    }
}

fn state(holding: &Holding) -> &'static str {
    match (holding.state.audio, holding.state.sharing) {
        (AudioState::AwaitingFile, _) => "Waits for its file",
        (AudioState::Uploaded, _) => "Being made ready",
        (AudioState::Unreadable, _) => "Could not be read",
        (AudioState::Decoded, Sharing::Released(_)) => "Shared by its social worker",
        (AudioState::Decoded, _) => "With its social worker alone",
    }
}

/// `POST /admin/holdings/{id}/hold`: `reason`, and `review`, a day.
pub(crate) async fn hold(visit: Visit, Path(id): Path<RecordingId>, fields: Fields) -> Result {
    let (mut work, permit) = visit.permit::<Hold>(id).await?;
    let reason = Reason::new(fields.get("reason"))
        .map_err(|error| WebError::invalid("reason", error.to_string()))?;
    let on = fields
        .get("review")
        .parse()
        .map_err(|_| WebError::invalid("review", "Write the day on which it is looked at again"))?;
    let review_by = retention::review(on, permit.cx().now)
        .map_err(|error| WebError::invalid("review", error.to_string()))?;
    let new = NewHold { id: visit.app().ids.next(), reason, review_by };
    if !work.place_hold(&permit, &new).await? {
        return Err(WebError::conflict(
            "this recording is on hold already, or its destruction has begun and it is too late to hold it",
        ));
    }
    work.commit().await?;
    back(&visit)
}

/// `POST /admin/holdings/{id}/lift`.
pub(crate) async fn lift(visit: Visit, Path(id): Path<RecordingId>) -> Result {
    let (mut work, permit) = visit.permit::<Hold>(id).await?;
    if !work.lift_hold(&permit, JobId::mint(&*visit.app().ids)).await? {
        return Err(WebError::conflict("this recording is not on hold"));
    }
    work.commit().await?;
    visit.app().wake.notify_one();
    back(&visit)
}

/// `POST /admin/holdings/{id}/extend`: `class`, `until`, a day, and `reason`.
pub(crate) async fn extend(visit: Visit, Path(id): Path<RecordingId>, fields: Fields) -> Result {
    let (mut work, permit) = visit.permit::<ExtendKeeping>(id).await?;
    let reason = Reason::new(fields.get("reason"))
        .map_err(|error| WebError::invalid("reason", error.to_string()))?;
    let wanted: KeyClass = fields
        .get("class")
        .parse()
        .map_err(|_| WebError::invalid("class", "Choose what is kept for longer"))?;
    let to = fields
        .get("until")
        .parse()
        .map_err(|_| WebError::invalid("until", "Write the day until which it is kept"))?;
    let kept = work.kept(&permit).await?;
    let kept = kept.into_iter().find(|kept| kept.class == wanted).ok_or(WebError::NotFound)?;
    let until = retention::extend(kept.until, kept.extended, to, permit.cx().now)
        .map_err(|error| WebError::invalid("until", error.to_string()))?;
    let new = NewExtension { id: visit.app().ids.next(), kept, until, reason };
    if !work.extend_keeping(&permit, &new).await? {
        return Err(WebError::conflict("this is destroyed, or about to be"));
    }
    work.commit().await?;
    back(&visit)
}

/// Where whoever did it came from.
fn back(visit: &Visit) -> Result {
    let dpo = visit.signed_in()?.role == Role::Dpo;
    Ok(Said::Saved.at(if dpo { "/admin/holdings" } else { "/" }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_says_what_to_show() {
        let query = Query::of(Some("show=held&from=25&ref=hb+1a2b+3c4d"));
        assert_eq!((query.show, query.from, query.unreadable), (Show::Held, 25, false));
        assert_eq!(query.reference.unwrap().to_string(), "HB-1a2b-3c4d");
        assert_eq!(query.at(50), "/admin/holdings?show=held&from=50");
        let query = Query::of(Some("show=x&from=-1&ref=somebody"));
        assert_eq!((query.show, query.from, query.unreadable), (Show::All, 0, true));
        let query = Query::of(Some("ref="));
        assert!(!query.unreadable && query.reference.is_none());
    }
}
