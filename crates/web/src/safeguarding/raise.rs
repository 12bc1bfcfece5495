//! Saying that somebody may come to harm.

use askama::Template;
use axum::{http::StatusCode, response::IntoResponse as _};
use hearback_access::{Permit, RaiseConcern, RaiseConcernOnClip, SeeRecording, WriteConcern};
use hearback_domain::{
    ClipId, ConcernId, ConcernNoteId, Ms, Note, RecordingId, Span, Told, check_passage,
};
use hearback_storage::{NewConcern, Work};

use super::log::{ToldChoice, told_choices};
use crate::{
    Visit, WebError,
    error::{FieldError, Result},
    extract::{Fields, Path},
    page::{Page, Said, day, html},
    playlist::precise,
};

#[derive(Template)]
#[template(path = "concern_new.html")]
struct RaisePage {
    page: Page,
    action: String,
    back: String,
    whole: Option<RecordingId>,
    clip: Option<ClipId>,
    start: String,
    end: String,
    heard: String,
    informed: String,
    told: Vec<ToldChoice>,
    raised: Vec<RaisedLine>,
}

struct RaisedLine {
    id: ConcernId,
    when: String,
    state: &'static str,
}

/// `GET /recordings/{id}/concerns/new`.
pub(crate) async fn form(visit: Visit, Path(id): Path<RecordingId>) -> Result {
    let (work, permit) = visit.permit::<RaiseConcern>(id).await?;
    view(&visit, work, &permit, &Fields::default(), Vec::new()).await
}

async fn view(
    visit: &Visit,
    mut work: Box<dyn Work>,
    permit: &Permit<RaiseConcern>,
    fields: &Fields,
    errors: Vec<FieldError>,
) -> Result {
    let raised = work.concerns_raised(permit).await?;
    work.commit().await?;
    let id = permit.object();
    let mut page = page_of(visit, fields, errors);
    page.action = format!("/recordings/{id}/concerns/new");
    page.back = format!("/recordings/{id}");
    page.whole = Some(id);
    page.raised = raised
        .iter()
        .map(|c| RaisedLine { id: c.id, when: day(c.raised_at), state: c.state.title() })
        .collect();
    answer(&page)
}

/// `GET /clips/{id}/concern`.
pub(crate) async fn clip_form(visit: Visit, Path(id): Path<ClipId>) -> Result {
    let (work, _permit) = visit.permit::<RaiseConcernOnClip>(id).await?;
    work.commit().await?;
    clip_view(&visit, id, &Fields::default(), Vec::new())
}

fn clip_view(visit: &Visit, id: ClipId, fields: &Fields, errors: Vec<FieldError>) -> Result {
    let mut page = page_of(visit, fields, errors);
    page.action = format!("/clips/{id}/concern");
    "/".clone_into(&mut page.back);
    page.clip = Some(id);
    answer(&page)
}

fn page_of(visit: &Visit, fields: &Fields, errors: Vec<FieldError>) -> RaisePage {
    let mut page = visit.page("Worried about somebody’s safety?");
    page.errors = errors;
    let text = |name: &str| fields.get(name).to_owned();
    RaisePage {
        page,
        action: String::new(),
        back: String::new(),
        whole: None,
        clip: None,
        start: text("start"),
        end: text("end"),
        heard: text("heard"),
        informed: text("informed"),
        told: told_choices(fields.get("told").parse().ok()),
        raised: Vec::new(),
    }
}

fn answer(page: &RaisePage) -> Result {
    let fine = page.page.errors.is_empty();
    let code = if fine { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok((code, html(page)?).into_response())
}

/// What the form says, apart from the passage.
struct Worry {
    told: Told,
    heard: Note,
    informed: Note,
}

fn read(fields: &Fields) -> Result<Worry, Vec<FieldError>> {
    let mut errors = Vec::new();
    let told = fields.get("told").parse();
    if told.is_err() {
        let text = "Say whether the person it is about knows that you are passing this on";
        errors.push(FieldError::new("told", text));
    }
    let heard = words(fields, "heard", &mut errors);
    if heard.as_ref().is_some_and(|note| note.as_str().is_empty()) {
        errors.push(FieldError::new("heard", "Write what you heard, in your own words"));
    }
    let informed = words(fields, "informed", &mut errors);
    match (told, heard, informed) {
        (Ok(told), Some(heard), Some(informed)) if errors.is_empty() => {
            Ok(Worry { told, heard, informed })
        }
        _ => Err(errors),
    }
}

/// A text with lines.
pub(super) fn words(fields: &Fields, field: &str, errors: &mut Vec<FieldError>) -> Option<Note> {
    Note::new(fields.get(field))
        .map_err(|e| errors.push(FieldError::new(field, e.to_string())))
        .ok()
}

fn passage(fields: &Fields, recording: Option<Ms>) -> Result<Span, Vec<FieldError>> {
    let mut errors = Vec::new();
    let mut at = |field: &str| {
        let at = precise::parse(fields.get(field));
        if at.is_none() {
            let text = "Write it as minutes and seconds, like 1:23";
            errors.push(FieldError::new(field, text));
        }
        at
    };
    let (start, end) = (at("start"), at("end"));
    let (Some(start), Some(end)) = (start, end) else { return Err(errors) };
    let span = Span::new(start, end)
        .map_err(|_| vec![FieldError::new("end", "The passage ends after it begins")])?;
    check_passage(span, recording.unwrap_or_default())
        .map_err(|e| vec![FieldError::new("end", e.to_string())])?;
    Ok(span)
}

/// `POST /recordings/{id}/concerns/new`: `start`, `end`, `heard`, `told`, and perhaps `informed`.
pub(crate) async fn raise(visit: Visit, Path(id): Path<RecordingId>, fields: Fields) -> Result {
    let (work, permit) = visit.permit::<RaiseConcern>(id).await?;
    // A coach comes to a recording through its extracts alone: the policy lets them raise a concern about those.
    let (mut work, see) = visit.also::<SeeRecording>(work, id).await?;
    let recording = work.recording(&see).await?.ok_or(WebError::NotFound)?;
    let (span, worry) = match (passage(&fields, recording.state.duration), read(&fields)) {
        (Ok(span), Ok(worry)) => (span, worry),
        (span, worry) => {
            let errors = [span.err(), worry.err()].into_iter().flatten().flatten().collect();
            return view(&visit, work, &permit, &fields, errors).await;
        }
    };
    let new = new_concern(&visit, &worry);
    work.raise_concern(&permit, span, &new).await?;
    finish(&visit, work, new.id, &worry).await
}

/// `POST /clips/{id}/concern`: the same without a passage, which is the extract's.
pub(crate) async fn raise_on_clip(visit: Visit, Path(id): Path<ClipId>, fields: Fields) -> Result {
    let (mut work, permit) = visit.permit::<RaiseConcernOnClip>(id).await?;
    let worry = match read(&fields) {
        Ok(worry) => worry,
        Err(errors) => {
            work.commit().await?;
            return clip_view(&visit, id, &fields, errors);
        }
    };
    let new = new_concern(&visit, &worry);
    if !work.raise_concern_on_clip(&permit, &new).await? {
        return Err(WebError::NotFound);
    }
    finish(&visit, work, new.id, &worry).await
}

fn new_concern(visit: &Visit, worry: &Worry) -> NewConcern {
    let id = ConcernId::mint(&*visit.app().ids);
    NewConcern { id, told: worry.told, body: worry.heard.clone() }
}

/// Notes who was informed already, and goes on to the concern's own page.
async fn finish(visit: &Visit, mut work: Box<dyn Work>, id: ConcernId, worry: &Worry) -> Result {
    if !worry.informed.as_str().is_empty() {
        let note = ConcernNoteId::mint(&*visit.app().ids);
        let write = hearback_access::require::<WriteConcern>(work.gate(), visit.cx(), id).await?;
        work.add_concern_note(&write, note, &worry.informed).await?;
    }
    work.commit().await?;
    Ok(Said::ConcernRaised.at(&format!("/concerns/{id}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(pairs: &[(&str, &str)]) -> Fields {
        Fields(pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect())
    }

    fn wrong(errors: Vec<FieldError>) -> Vec<String> {
        errors.into_iter().map(|e| e.field).collect()
    }

    #[test]
    fn a_passage_is_within_the_recording_and_at_most_three_minutes() {
        let ask = |start, end| {
            passage(&fields(&[("start", start), ("end", end)]), Some(Ms::from_seconds(600)))
                .map_err(wrong)
        };
        assert_eq!(ask("1:00", "1:30").unwrap().len(), Ms::from_seconds(30));
        for (start, end, field) in [
            ("0:00", "3:01", "end"),
            ("9:00", "10:01", "end"),
            ("2:00", "1:00", "end"),
            ("x", "1:00", "start"),
        ] {
            assert_eq!(ask(start, end), Err(vec![field.to_owned()]), "{start} {end}");
        }
        let no_sound = passage(&fields(&[("start", "0"), ("end", "1")]), None);
        assert_eq!(no_sound.map_err(wrong), Err(vec!["end".to_owned()]));
    }

    #[test]
    fn a_worry_says_what_was_heard_and_who_knows() {
        let good = fields(&[("heard", "A child is left alone."), ("told", "not_safe")]);
        let worry = read(&good).map_err(wrong).unwrap_or_else(|e| panic!("{e:?}"));
        assert_eq!((worry.told, worry.informed.as_str()), (Told::NotSafe, ""));
        assert_eq!(read(&fields(&[])).err().map(wrong).unwrap(), ["told", "heard"]);
    }
}
