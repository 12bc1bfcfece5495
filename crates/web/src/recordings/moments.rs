//! The moments that a practitioner marks while they hear their own recording (CM-05): what they are proud of, and what
//! they wonder about. Whoever codes it sees them once it is shared, and may make extracts of them.

use axum::response::IntoResponse as _;
use hearback_access::{Nominate, Permit, SeeNominated, SeeRecording, among, require};
use hearback_domain::{
    MAX_CLIP, Ms, NominationId, Note, RecordingId, Span,
    choosing::{MOST_MOMENTS, MomentKind, just_heard},
};
use hearback_storage::{Moment, NewMoment, Work};
use serde::Serialize;
use uuid::Uuid;

use super::show;
use crate::{
    Visit, WebError,
    error::{FieldError, Result},
    extract::{Fields, Json, Path},
    page::Said,
    playlist::precise,
};

/// How much a typed end may lie behind the recording's and still mean it: people type whole seconds.
const ROUNDED: Ms = Ms::from_seconds(1);

/// A moment on a page.
#[derive(Serialize)]
pub(crate) struct MomentView {
    pub(crate) id: NominationId,
    pub(crate) kind: &'static str,
    pub(crate) title: &'static str,
    /// Minutes and seconds, as people type them.
    pub(crate) start: String,
    pub(crate) end: String,
    pub(crate) start_ms: u64,
    pub(crate) end_ms: u64,
    pub(crate) note: String,
}

impl From<&Moment> for MomentView {
    fn from(Moment { moment, .. }: &Moment) -> Self {
        Self {
            id: moment.id,
            kind: moment.kind.as_str(),
            title: moment.kind.title(),
            start: written(moment.span.start()),
            end: written(moment.span.end()),
            start_ms: moment.span.start().get(),
            end_ms: moment.span.end().get(),
            note: moment.note.to_string(),
        }
    }
}

impl MomentView {
    /// Whether it is of this kind.
    pub(super) fn is(&self, kind: &str) -> bool {
        self.kind == kind
    }

    /// One without anything.
    pub(super) fn blank() -> Self {
        Self {
            id: NominationId::from_uuid(Uuid::nil()),
            kind: "",
            title: "",
            start: String::new(),
            end: String::new(),
            start_ms: 0,
            end_ms: 0,
            note: String::new(),
        }
    }
}

/// `1:23`, with thousandths where there are some.
fn written(at: Ms) -> String {
    if at.get().is_multiple_of(1_000) { at.to_string() } else { precise::format(at) }
}

/// The moments of a recording, for those who may see them; none for anybody else. In a unit of work that has changed
/// nothing yet.
pub(crate) async fn marked(
    visit: &Visit,
    work: &mut dyn Work,
    id: RecordingId,
) -> Result<Vec<MomentView>> {
    // Asked first, so that no refusal is written down about what nobody asked for.
    if among::<SeeNominated>(work.gate(), visit.cx(), &[id]).await?.is_empty() {
        return Ok(Vec::new());
    }
    let permit = require::<SeeNominated>(work.gate(), visit.cx(), id).await?;
    Ok(work.moments(&permit).await?.iter().map(MomentView::from).collect())
}

/// What a form says.
struct Typed {
    kind: MomentKind,
    span: Span,
    note: Note,
}

/// Reads a form whose inputs' ids end in `of`, about a recording this long. `at` (ms) is where somebody hears; without it,
/// `start` and `end` are minutes and seconds.
fn read(fields: &Fields, of: &str, duration: Ms) -> Result<Typed, Vec<FieldError>> {
    let mut errors = Vec::new();
    let kind = fields.get("kind").parse::<MomentKind>();
    if kind.is_err() {
        let text = "choose one: proud of, or wonder about";
        errors.push(FieldError::new(format!("kind-{of}"), text));
    }
    let note = Note::new(fields.get("note"));
    if let Err(error) = &note {
        errors.push(FieldError::new(format!("note-{of}"), error.to_string()));
    }
    let span = match fields.get("at").parse::<u64>() {
        // Whole seconds, so that what stands in the fields is what is marked.
        Ok(at) => just_heard(Ms::new(at.div_ceil(1_000).saturating_mul(1_000)), duration),
        Err(_) => typed_span(fields, of, duration, &mut errors),
    };
    match (kind, span, note) {
        (Ok(kind), Some(span), Ok(note)) if errors.is_empty() => Ok(Typed { kind, span, note }),
        _ if errors.is_empty() => {
            Err(vec![FieldError::new("", "there is no sound yet to mark something in")])
        }
        _ => Err(errors),
    }
}

fn typed_span(
    fields: &Fields,
    of: &str,
    duration: Ms,
    errors: &mut Vec<FieldError>,
) -> Option<Span> {
    let mut at = |name: &str| {
        let at = precise::parse(fields.get(name));
        if at.is_none() {
            let text = "write minutes and seconds, like 1:23";
            errors.push(FieldError::new(format!("{name}-{of}"), text));
        }
        at
    };
    let (start, end) = (at("start"), at("end"));
    let (start, end) = (start?, end?);
    let end = if end.since(duration) < ROUNDED { end.min(duration) } else { end };
    let wrong = match Span::new(start, end) {
        Err(_) => "the end comes after the beginning",
        Ok(span) if span.end() > duration => "the end lies after the end of the recording",
        Ok(span) if span.len() > MAX_CLIP => "a moment is at most three minutes long",
        Ok(span) => return Some(span),
    };
    errors.push(FieldError::new(format!("end-{of}"), wrong));
    None
}

/// A unit of work in which moments can be changed, with those that are there.
struct Marking {
    work: Box<dyn Work>,
    permit: Permit<Nominate>,
    see: Permit<SeeRecording>,
    there: Vec<Moment>,
    duration: Ms,
}

async fn marking(visit: &Visit, id: RecordingId) -> Result<Marking> {
    let (work, permit) = visit.permit::<Nominate>(id).await?;
    let (work, seen) = visit.also::<SeeNominated>(work, id).await?;
    let (mut work, see) = visit.also::<SeeRecording>(work, id).await?;
    let there = work.moments(&seen).await?;
    let recording = work.recording(&see).await?.ok_or(WebError::NotFound)?;
    let duration = recording.state.duration.ok_or(WebError::NotFound)?;
    Ok(Marking { work, permit, see, there, duration })
}

impl Marking {
    async fn refuse(self, visit: &Visit, errors: Vec<FieldError>) -> Result {
        if visit.wants_json() {
            return Err(WebError::Invalid(errors));
        }
        show::view(visit, self.work, &self.see, errors).await
    }

    async fn done(self, visit: &Visit, moment: NewMoment) -> Result {
        self.work.commit().await?;
        let made_at = visit.app().clock.now();
        if visit.wants_json() {
            return Ok(Json(MomentView::from(&Moment { moment, made_at })).into_response());
        }
        Ok(Said::Saved.near(&here(self.permit.object()), "moments"))
    }
}

fn here(id: RecordingId) -> String {
    format!("/recordings/{id}")
}

/// `POST /recordings/{id}/moments`: `kind` (`proud` or `wonder`), `note`, and `at` (ms: where the player is) or `start`
/// and `end`.
pub(crate) async fn add(visit: Visit, Path(id): Path<RecordingId>, fields: Fields) -> Result {
    let mut marking = marking(&visit, id).await?;
    if marking.there.len() >= MOST_MOMENTS {
        let text =
            "there is room for forty moments on one recording; take one out first, if you like";
        return marking.refuse(&visit, vec![FieldError::new("", text)]).await;
    }
    let Typed { kind, span, note } = match read(&fields, "new", marking.duration) {
        Ok(typed) => typed,
        Err(errors) => return marking.refuse(&visit, errors).await,
    };
    let moment = NewMoment { id: NominationId::mint(&*visit.app().ids), kind, span, note };
    marking.work.nominate(&marking.permit, &moment).await?;
    marking.done(&visit, moment).await
}

/// `POST /recordings/{id}/moments/{moment}`: `kind`, `start`, `end`, `note`.
pub(crate) async fn change(
    visit: Visit,
    Path((id, moment)): Path<(RecordingId, NominationId)>,
    fields: Fields,
) -> Result {
    let mut marking = marking(&visit, id).await?;
    let Typed { kind, span, note } = match read(&fields, &moment.to_string(), marking.duration) {
        Ok(typed) => typed,
        Err(errors) => return marking.refuse(&visit, errors).await,
    };
    let moment = NewMoment { id: moment, kind, span, note };
    if !marking.work.change_moment(&marking.permit, &moment).await? {
        return Err(WebError::NotFound);
    }
    marking.done(&visit, moment).await
}

/// `POST /recordings/{id}/moments/{moment}/remove`.
pub(crate) async fn remove(
    visit: Visit,
    Path((id, moment)): Path<(RecordingId, NominationId)>,
) -> Result {
    let (mut work, permit) = visit.permit::<Nominate>(id).await?;
    work.remove_moment(&permit, moment).await?;
    work.commit().await?;
    Ok(Said::Removed.near(&here(id), "moments"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(pairs: &[(&str, &str)]) -> Fields {
        Fields(pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect())
    }

    #[test]
    fn a_form_is_read_or_told_what_is_missing() {
        let minute = Ms::new(60_400);
        let read = |pairs: &[(&str, &str)]| {
            read(&form(pairs), "new", minute)
                .map(|typed| {
                    (typed.kind.as_str(), typed.span.start().get(), typed.span.end().get())
                })
                .map_err(|errors| errors.into_iter().map(|e| e.field).collect::<Vec<_>>())
        };
        let fields = |ids: &[&str]| Err(ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>());
        assert_eq!(read(&[("kind", "proud"), ("at", "30200")]), Ok(("proud", 16_000, 31_000)));
        assert_eq!(read(&[("kind", "wonder"), ("at", "60399")]), Ok(("wonder", 45_400, 60_400)));
        let typed = |start, end| read(&[("kind", "wonder"), ("start", start), ("end", end)]);
        assert_eq!(typed("0:10", "0:20"), Ok(("wonder", 10_000, 20_000)));
        assert_eq!(typed("0:50", "1:01"), Ok(("wonder", 50_000, 60_400)), "the end, rounded");
        assert_eq!(typed("0:50", "1:02"), fields(&["end-new"]));
        assert_eq!(typed("0:20", "0:20"), fields(&["end-new"]));
        assert_eq!(typed("x", ""), fields(&["start-new", "end-new"]));
        assert_eq!(read(&[("at", "1000")]), fields(&["kind-new"]));
    }

    #[test]
    fn times_can_be_typed_again_as_they_stand() {
        for ms in [0, 1_000, 61_000, 60_400] {
            assert_eq!(precise::parse(&written(Ms::new(ms))), Some(Ms::new(ms)));
        }
        assert_eq!(written(Ms::from_seconds(83)), "1:23");
    }
}
