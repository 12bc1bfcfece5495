//! The page on which words are found.

use askama::Template;
use axum::{http::StatusCode, response::IntoResponse as _};
use hearback_access::{AccessError, ReadTranscript, SeeRecording, require};
use hearback_domain::{Ms, RecordingId, transcript::find::Query as Wanted};

use hearback_storage::Recording;

use super::{
    gather::{InOne, beforehand, gather},
    text::Hit,
};
use crate::{
    Visit,
    error::{FieldError, Result},
    extract::Fields,
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
    /// Whether there are others.
    more: bool,
}

struct RecordingView {
    id: RecordingId,
    name: String,
    about: String,
    listening_copy: bool,
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
    unsure: bool,
    /// Why it is worth listening to; empty where nothing is in doubt.
    doubts: String,
}

/// `GET /search`: the empty form. What stands in an address is not looked for.
pub(crate) async fn form(visit: Visit) -> Result {
    beforehand(&visit).await?;
    html(&SearchPage { page: visit.page("Find words"), q: String::new(), found: None })
}

/// `POST /search`: `q`.
pub(crate) async fn find(visit: Visit, fields: Fields) -> Result {
    let q = fields.get("q").to_owned();
    let mut page = visit.page("Find words");
    let found = match Wanted::parse(&q) {
        Ok(wanted) => Some(found(&visit, wanted).await?),
        Err(why) => {
            page.errors.push(FieldError::new("q", why.to_string()));
            None
        }
    };
    let code =
        if page.errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok((code, html(&SearchPage { page, q, found })?).into_response())
}

/// What is shown, and what is told of the rest: no more than that there is more. Whatever is counted is in the audit
/// log.
async fn found(visit: &Visit, wanted: Wanted) -> Result<FoundView> {
    let gathered = gather(visit, wanted).await?;
    let (mut places, mut more) = (0, false);
    let mut recordings = Vec::new();
    if !gathered.found.is_empty() {
        let mut work = visit.app().store.begin().await?;
        for one in gathered.found {
            if recordings.len() == SHOWN {
                more = true;
                break;
            }
            // What is shown is asked for once more, and stands in the audit log as read.
            match require::<ReadTranscript>(work.gate(), visit.cx(), one.recording).await {
                Ok(_) => {}
                Err(AccessError::Refused(_)) => continue,
                Err(error) => return Err(error.into()),
            }
            let see = require::<SeeRecording>(work.gate(), visit.cx(), one.recording).await?;
            let Some(recording) = work.recording(&see).await? else { continue };
            places += one.all;
            recordings.push(recording_view(one, &recording));
        }
        work.commit().await?;
    }
    let line = line(places, recordings.len(), more);
    Ok(FoundView { line, searched: gathered.searched, more, recordings })
}

fn line(places: usize, recordings: usize, more: bool) -> String {
    let many = |n: usize, one: &str| {
        if n == 1 { format!("1 {one}") } else { format!("{n} {one}s") }
    };
    match places {
        0 => "Nothing was found".to_owned(),
        _ if more => format!("Found in more than {recordings} recordings"),
        n => format!("{} in {}", many(n, "place"), many(recordings, "recording")),
    }
}

fn recording_view(one: InOne, recording: &Recording) -> RecordingView {
    let when = match &recording.held_on {
        Some(day) => written_day(day),
        None => format!("added {}", day(recording.created_at)),
    };
    RecordingView {
        id: one.recording,
        name: recording.pseudonym.to_string(),
        about: format!("{}, {when}", recording.session_kind.title()),
        listening_copy: recording.listening,
        first: one.hits.first().map_or(0, |hit| hit.at),
        more: one.all - one.hits.len(),
        places: one.hits.into_iter().map(place_view).collect(),
    }
}

fn place_view(hit: Hit) -> PlaceView {
    let Hit { at, before, said, after, unsure, doubts } = hit;
    let why: Vec<_> = doubts.iter().map(|doubt| doubt.sentence()).collect();
    let clock = Ms::new(at).to_string();
    PlaceView { at, clock, before, said, after, unsure, doubts: why.join(" ") }
}
