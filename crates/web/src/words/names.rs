//! A name, wherever it is said: read as another one everywhere at once, and its times offered for hiding.
//!
//! What is looked for travels in the body of a form: a name in an address would stay in the browser's history.

use std::fmt::Write as _;

use askama::Template;
use axum::{http::StatusCode, response::IntoResponse as _};
use hearback_access::CorrectTranscript;
use hearback_domain::{
    Ms, RecordingId, Span,
    transcript::{Change, CorrectionError, Reading, times_of},
};

use super::{
    Kept,
    kept::{About, Unchanged, change},
};
use crate::{
    Visit, WebError,
    coding::recording,
    error::{FieldError, Result},
    extract::{Fields, Path},
    page::{Page, html},
    playlist::precise,
};

/// How much is read before and after a place (ms).
const AROUND: u64 = 3_000;

/// The most places that are offered for hiding in one go: they travel in an address.
const OFFERED: usize = 200;

#[derive(Template)]
#[template(path = "names.html")]
struct NamesPage {
    page: Page,
    recording: RecordingId,
    pseudonym: String,
    listening_copy: bool,
    name: String,
    to: String,
    /// None before anything was looked for.
    places: Option<Vec<Place>>,
    offer: Option<String>,
    /// What was done just now.
    replaced: Option<String>,
}

struct Place {
    start_ms: u64,
    clock: String,
    end_ms: u64,
    before: String,
    said: String,
    after: String,
    hidden: bool,
}

/// `GET /recordings/{id}/names`.
pub(crate) async fn form(visit: Visit, Path(id): Path<RecordingId>) -> Result {
    let (work, _permit) = visit.permit::<CorrectTranscript>(id).await?;
    let (work, recording) = recording(&visit, work, id).await?;
    work.commit().await?;
    html(&NamesPage {
        page: visit.page(format!("Names: {}", recording.pseudonym)),
        recording: id,
        pseudonym: recording.pseudonym.to_string(),
        listening_copy: recording.listening,
        name: String::new(),
        to: String::new(),
        places: None,
        offer: None,
        replaced: None,
    })
}

/// `POST /recordings/{id}/names`: `name`; with `do=replace`, `to` is read in its place from now on.
pub(crate) async fn find(visit: Visit, Path(id): Path<RecordingId>, fields: Fields) -> Result {
    let (name, to) = (fields.get("name").trim(), fields.get("to").trim());
    let replace = fields.get("do") == "replace";
    let ready = replace && name.contains(char::is_alphanumeric) && !to.is_empty();
    let wanted = ready.then(|| Change::Pseudonym { from: name.to_owned(), to: to.to_owned() });
    let make = move |_: &Kept| Ok(wanted.iter().cloned().collect());
    let (done, wrong) = match change(&visit, id, Ok(make)).await {
        Ok(done) => (done, None),
        Err(Unchanged::Wrong(why)) => {
            let nothing = |_: &Kept| Ok(Vec::new());
            (change(&visit, id, Ok(nothing)).await.map_err(WebError::from)?, Some(why))
        }
        Err(other) => return Err(other.into()),
    };
    let errors = missing(name, to, replace, wrong);
    let (kept, about) = done;
    let places =
        if name.contains(char::is_alphanumeric) { Some(places(&kept, &about, name)) } else { None };
    let code = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let mut page = visit.page(format!("Names: {}", about.recording.pseudonym));
    page.errors = errors;
    let replaced = (replace && page.errors.is_empty()).then(|| to.to_owned());
    let body = html(&NamesPage {
        page,
        recording: id,
        pseudonym: about.recording.pseudonym.to_string(),
        listening_copy: about.recording.listening,
        name: name.to_owned(),
        to: to.to_owned(),
        offer: places.as_ref().and_then(|places| offer(to_hide(places))),
        places,
        replaced,
    })?;
    Ok((code, body).into_response())
}

fn missing(name: &str, to: &str, replace: bool, wrong: Option<CorrectionError>) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if !name.contains(char::is_alphanumeric) {
        errors.push(FieldError::new("name", "Write the name that is said"));
    }
    if replace && to.is_empty() {
        errors.push(FieldError::new("to", "Write what is to be read in its place"));
    }
    errors.extend(wrong.map(|why| FieldError::new("to", why.to_string())));
    errors
}

/// Where a name is said, with what is read around it.
fn places(kept: &Kept, about: &About, name: &str) -> Vec<Place> {
    let reading = kept.reading();
    let times = times_of(&kept.transcript, &kept.corrections, name);
    times.into_iter().map(|span| place(reading, about, span)).collect()
}

fn place(reading: &Reading, about: &About, span: Span) -> Place {
    let (start, end) = (span.start().get(), span.end().get());
    let read = |from: u64, to: u64| match Span::new(Ms::new(from), Ms::new(to)) {
        Ok(span) => reading.text_in(span),
        Err(_) => String::new(),
    };
    Place {
        start_ms: start,
        end_ms: end,
        clock: span.start().to_string(),
        before: read(start.saturating_sub(AROUND), start),
        said: read(start, end),
        after: read(end, end.saturating_add(AROUND)),
        hidden: about.set.hidden.iter().any(|one| covers(one.span, span)),
    }
}

fn covers(hidden: Span, span: Span) -> bool {
    hidden.start() <= span.start() && span.end() <= hidden.end()
}

/// The times that are not hidden yet.
fn to_hide(places: &[Place]) -> impl Iterator<Item = Span> {
    let open = places.iter().filter(|place| !place.hidden);
    open.filter_map(|place| Span::new(Ms::new(place.start_ms), Ms::new(place.end_ms)).ok())
}

/// Times as the page on hiding reads them; none if there are none.
pub(crate) fn offer(times: impl Iterator<Item = Span>) -> Option<String> {
    let mut text = String::new();
    for span in times.take(OFFERED) {
        let comma = if text.is_empty() { "" } else { "," };
        // Writing to a string does not fail.
        let _ = write!(text, "{comma}{}-{}", span.start().get(), span.end().get());
    }
    (!text.is_empty()).then_some(text)
}

/// Reads what [`offer`] wrote.
pub(crate) fn offered(text: &str) -> Vec<Span> {
    let one = |piece: &str| {
        let (start, end) = piece.split_once('-')?;
        let (start, end) = (start.parse().ok()?, end.parse().ok()?);
        Span::new(Ms::new(start), Ms::new(end)).ok()
    };
    text.split(',').filter_map(one).take(OFFERED).collect()
}

/// A stretch as people read it.
pub(crate) fn stretch(span: Span) -> String {
    format!("{} – {}", precise::format(span.start()), precise::format(span.end()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_offered_can_be_read() {
        let place = |start_ms, end_ms, hidden| Place {
            start_ms,
            end_ms,
            clock: String::new(),
            before: String::new(),
            said: String::new(),
            after: String::new(),
            hidden,
        };
        let places = [place(10, 20, false), place(30, 40, true), place(50, 60, false)];
        let text = offer(to_hide(&places));
        assert_eq!(text.as_deref(), Some("10-20,50-60"));
        let spans = offered("10-20,x,20-10,50-60,-,5");
        let spans: Vec<_> = spans.iter().map(|s| (s.start().get(), s.end().get())).collect();
        assert_eq!(spans, [(10, 20), (50, 60)]);
        assert_eq!(offer(to_hide(&[place(1, 2, true)])), None);
    }

    #[test]
    fn a_name_and_what_is_read_in_its_place() {
        let fields = |name, to, replace| {
            missing(name, to, replace, None).into_iter().map(|e| e.field).collect::<Vec<_>>()
        };
        assert!(fields("Robin", "", false).is_empty());
        assert_eq!(fields("–", "", true), ["name", "to"]);
        assert!(fields("Robin", "Ash", true).is_empty());
    }
}
