//! The page on which words are found.

use askama::Template;
use axum::{http::StatusCode, response::IntoResponse as _};
use hearback_access::{AccessError, ReadTranscript, SeeRecording, require};
use hearback_domain::{Ms, RecordingId, transcript::find::Query as Wanted};

use super::{
    gather::{InOne, gather},
    text::Hit,
};
use crate::{
    Visit,
    error::{FieldError, Result},
    extract::Query,
    page::{Page, day, html, written_day},
};

/// How many recordings are shown.
const SHOWN: usize = 30;

#[derive(Template)]
#[template(path = "search.html")]
struct SearchPage {
    page: Page,
    q: String,
    found: Option<FoundView>,
}

struct FoundView {
    line: String,
    searched: usize,
    recordings: Vec<RecordingView>,
    more: usize,
}

struct RecordingView {
    id: RecordingId,
    name: String,
    about: String,
    first: u64,
    places: Vec<PlaceView>,
    more: usize,
}

struct PlaceView {
    at: u64,
    clock: String,
    before: String,
    said: String,
    after: String,
}

/// `GET /search`, perhaps with `q`.
pub(crate) async fn show(visit: Visit, Query(fields): Query) -> Result {
    let q = fields.get("q").to_owned();
    let mut page = visit.page("Find words");
    let found = if q.trim().is_empty() {
        None
    } else {
        match Wanted::parse(&q) {
            Ok(wanted) => Some(found(&visit, wanted).await?),
            Err(why) => {
                page.errors.push(FieldError::new("q", why.to_string()));
                None
            }
        }
    };
    let code =
        if page.errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok((code, html(&SearchPage { page, q, found })?).into_response())
}

async fn found(visit: &Visit, wanted: Wanted) -> Result<FoundView> {
    let gathered = gather(visit, wanted).await?;
    let (places, all) =
        (gathered.found.iter().map(|one| one.all).sum::<usize>(), gathered.found.len());
    let mut recordings = Vec::new();
    if all > 0 {
        let mut work = visit.app().store.begin().await?;
        for one in gathered.found.into_iter().take(SHOWN) {
            // What is shown is asked for once more, and stands in the audit log as read.
            match require::<ReadTranscript>(work.gate(), visit.cx(), one.recording).await {
                Ok(_) => {}
                Err(AccessError::Refused(_)) => continue,
                Err(error) => return Err(error.into()),
            }
            let see = require::<SeeRecording>(work.gate(), visit.cx(), one.recording).await?;
            let Some(summary) = work.summary(&see).await? else { continue };
            let when = match &summary.held_on {
                Some(day) => written_day(day),
                None => format!("added {}", day(summary.created_at)),
            };
            let about = format!("{}, {when}", summary.session_kind.title());
            recordings.push(recording_view(one, summary.pseudonym.to_string(), about));
        }
        work.commit().await?;
    }
    Ok(FoundView {
        line: line(places, all),
        searched: gathered.searched,
        more: all.saturating_sub(SHOWN),
        recordings,
    })
}

fn line(places: usize, recordings: usize) -> String {
    let many = |n: usize, one: &str| {
        if n == 1 { format!("1 {one}") } else { format!("{n} {one}s") }
    };
    match places {
        0 => "Nothing was found".to_owned(),
        n => format!("{} in {}", many(n, "place"), many(recordings, "recording")),
    }
}

fn recording_view(one: InOne, name: String, about: String) -> RecordingView {
    RecordingView {
        id: one.recording,
        name,
        about,
        first: one.hits.first().map_or(0, |hit| hit.at),
        more: one.all - one.hits.len(),
        places: one.hits.into_iter().map(place_view).collect(),
    }
}

fn place_view(hit: Hit) -> PlaceView {
    let Hit { at, before, said, after } = hit;
    PlaceView { at, clock: Ms::new(at).to_string(), before, said, after }
}
