//! Hiding, showing again, and saying that nothing is left to hide. Each change is a plain form.

use axum::extract::State;
use hearback_access::{ApproveRedaction, Hide, SeeRedaction, ShowAgain};
use hearback_domain::{
    ClipId, Hidden, HiddenId, HideReason, JobId, Ms, RecordingId, RedactionVersion, Span,
    check_hidden, may_show_again, whole_words,
};
use hearback_storage::{JobKind, NewJob, Work};

use super::{
    show::{Typed, view},
    words::{Words, words_if_any},
};
use crate::{
    App, Visit, WebError,
    coding::recording,
    error::{FieldError, Result},
    extract::{Fields, Path},
    page::Said,
    playlist::precise,
    words::names::{offered, stretch},
};

fn here(id: RecordingId) -> String {
    format!("/recordings/{id}/redaction")
}

/// Ends the unit of work; what sounds different now is cut anew.
async fn cut_anew(
    mut work: Box<dyn Work>,
    app: &App,
    id: RecordingId,
    clips: Vec<ClipId>,
) -> Result<()> {
    for clip in clips {
        let job = NewJob {
            id: JobId::mint(&*app.ids),
            kind: JobKind::RenderClip(id, clip),
            run_at: app.clock.now(),
        };
        work.add_job(&job).await?;
    }
    work.commit().await?;
    app.wake.notify_one();
    Ok(())
}

/// `POST /recordings/{id}/redaction`: `start`, `end` and `why`; with `do=offered`, `why` and several `span`s (ms), as
/// they were offered. What is named is hidden from now on, with every word that it touches whole.
pub(crate) async fn hide(
    visit: Visit,
    State(app): State<App>,
    Path(id): Path<RecordingId>,
    fields: Fields,
) -> Result {
    let (work, permit) = visit.permit::<Hide>(id).await?;
    let (work, recording) = recording(&visit, work, id).await?;
    let (mut work, see) = visit.also::<SeeRedaction>(work, id).await?;
    let duration = recording.state.duration.ok_or(WebError::NotFound)?;
    let others = work.redaction(&see).await?.map_or(0, |set| set.passages.len());
    let words = words_if_any(&visit, &mut *work, &recording).await?;
    let hidden = if fields.get("do") == "offered" {
        read_offered(&fields, words.as_ref(), others, duration)
    } else {
        read(&fields, words.as_ref(), others, duration).map(|hidden| vec![hidden])
    };
    let all = match hidden {
        Ok(all) => all,
        Err(errors) => {
            drop(work);
            return view(&visit, id, Typed::of(&fields), errors).await;
        }
    };
    let mut clips = Vec::new();
    for hidden in &all {
        clips.extend(work.hide(&permit, HiddenId::mint(&*app.ids), hidden).await?);
    }
    clips.sort_unstable();
    clips.dedup();
    cut_anew(work, &app, id, clips).await?;
    Ok(Said::Hidden.at(&here(id)))
}

/// What is to be hidden, or what is missing.
fn read(
    fields: &Fields,
    words: Option<&Words>,
    others: usize,
    duration: Ms,
) -> Result<Hidden, Vec<FieldError>> {
    let mut errors = Vec::new();
    let mut at = |field: &str| {
        let at = precise::parse(fields.get(field));
        if at.is_none() {
            let text = "Write minutes, seconds and thousandths, like 1:23.450";
            errors.push(FieldError::new(field, text));
        }
        at.unwrap_or_default()
    };
    let (start, end) = (at("start"), at("end"));
    if errors.is_empty()
        && let Err(error) = Span::new(start, end)
    {
        errors.push(FieldError::new("end", error.to_string()));
    }
    let why = fields.get("why").parse::<HideReason>();
    if why.is_err() {
        errors.push(FieldError::new("why", "Choose what is said there"));
    }
    let (Ok(marked), Ok(why)) = (Span::new(start, end), why) else { return Err(errors) };
    if !errors.is_empty() {
        return Err(errors);
    }
    check_hidden(marked, others, duration)
        .map_err(|error| vec![FieldError::new("end", error.to_string())])?;
    let words = words.map(Words::spans).unwrap_or_default();
    Ok(Hidden { span: whole_words(marked, &words, duration), why })
}

/// Stretches that were offered, and that somebody left ticked.
fn read_offered(
    fields: &Fields,
    words: Option<&Words>,
    others: usize,
    duration: Ms,
) -> Result<Vec<Hidden>, Vec<FieldError>> {
    // By the first box of the list: which of them a problem is about can be seen from its text alone.
    let wrong = |text: String| FieldError::new("span-1", text);
    let mut errors = Vec::new();
    let ticked: Vec<Span> = fields.all("span").flat_map(offered).collect();
    if ticked.is_empty() {
        errors.push(wrong("Tick what is to be hidden".to_owned()));
    }
    let why = fields.get("why").parse::<HideReason>();
    if why.is_err() {
        errors.push(FieldError::new("offered-why", "Choose what is said there"));
    }
    let (true, Ok(why)) = (errors.is_empty(), why) else { return Err(errors) };
    let words = words.map(Words::spans).unwrap_or_default();
    let hidden = ticked.into_iter().enumerate().map(|(nth, marked)| {
        check_hidden(marked, others + nth, duration)
            .map_err(|error| vec![wrong(format!("{}: {error}", stretch(marked)))])?;
        Ok(Hidden { span: whole_words(marked, &words, duration), why })
    });
    hidden.collect()
}

/// `POST …/sounds`: `with`, what is heard in the place of everything that is hidden.
pub(crate) async fn sounds(
    visit: Visit,
    State(app): State<App>,
    Path(id): Path<RecordingId>,
    fields: Fields,
) -> Result {
    let (mut work, permit) = visit.permit::<Hide>(id).await?;
    let Ok(with) = fields.get("with").parse() else {
        drop(work);
        let error = FieldError::new("with", "Choose what is heard instead");
        return view(&visit, id, Typed::of(&fields), vec![error]).await;
    };
    let clips = work.hide_with(&permit, with).await?;
    cut_anew(work, &app, id, clips).await?;
    Ok(Said::Saved.at(&here(id)))
}

/// `POST …/{hidden}/show`: `do` is `ask` for it to be heard again, `agree` after somebody else asked, or `keep` it
/// hidden.
pub(crate) async fn show_again(
    visit: Visit,
    State(app): State<App>,
    Path((id, hidden)): Path<(RecordingId, HiddenId)>,
    fields: Fields,
) -> Result {
    let (work, permit) = visit.permit::<ShowAgain>(id).await?;
    let (mut work, see) = visit.also::<SeeRedaction>(work, id).await?;
    let set = work.redaction(&see).await?.ok_or(WebError::NotFound)?;
    let passage = set.passages.iter().find(|passage| passage.id == hidden);
    let passage = *passage.ok_or(WebError::NotFound)?;
    let said = match fields.get("do") {
        "ask" => {
            work.ask_to_show(&permit, hidden).await?;
            Said::ShowAsked
        }
        "keep" => {
            work.keep_hidden(&permit, hidden).await?;
            Said::StaysHidden
        }
        "agree" => {
            may_show_again(passage.show_asked_by, visit.user()?)
                .map_err(|stays| WebError::conflict(stays.to_string()))?;
            let clips = work.show_again(&permit, hidden).await?;
            cut_anew(work, &app, id, clips.unwrap_or_default()).await?;
            return Ok(Said::ShownAgain.at(&here(id)));
        }
        _ => return Err(WebError::bad("that is none of the answers")),
    };
    work.commit().await?;
    Ok(said.at(&here(id)))
}

/// `POST …/approve`: `heard=yes`, and the `version` that was listened to.
pub(crate) async fn approve(visit: Visit, Path(id): Path<RecordingId>, fields: Fields) -> Result {
    let (mut work, permit) = visit.permit::<ApproveRedaction>(id).await?;
    let refuse = |text: &str| vec![FieldError::new("heard", text)];
    let errors = if fields.get("heard") == "yes" {
        let version = fields.get("version").parse().map(RedactionVersion::new);
        let counts = match version {
            Ok(version) => work.approve_redaction(&permit, version).await?,
            Err(_) => false,
        };
        if counts {
            work.commit().await?;
            return Ok(Said::NothingToHide.at(&here(id)));
        }
        refuse("Something else is hidden by now; please listen once more and then tick the box")
    } else {
        refuse("Listen to the recording as it is heard and tick the box first")
    };
    drop(work);
    view(&visit, id, Typed::of(&fields), errors).await
}

#[cfg(test)]
mod tests {
    use hearback_domain::transcript::{Corrections, Segment, Transcript, Word};

    use super::*;
    use crate::words::Kept;

    #[test]
    fn a_passage_is_read_or_told_what_is_missing() {
        let form = |start: &str, end: &str, why: &str| {
            let pairs = [("start", start), ("end", end), ("why", why)];
            let pairs = pairs.map(|(n, v)| (n.to_owned(), v.to_owned()));
            read(&Fields(pairs.to_vec()), None, 0, Ms::from_seconds(60))
                .map(|hidden| (hidden.span.start().get(), hidden.span.end().get(), hidden.why))
                .map_err(|errors| errors.into_iter().map(|e| e.field).collect::<Vec<_>>())
        };
        let fields = |names: &[&str]| Err(names.iter().map(|n| (*n).to_owned()).collect());
        assert_eq!(form("0:01.5", "0:02", "school"), Ok((1_500, 2_000, HideReason::School)));
        assert_eq!(form("", "x", ""), fields(&["start", "end", "why"]));
        assert_eq!(form("0:03", "0:02", "name"), fields(&["end"]));
        assert_eq!(form("0:03", "0:02", "gossip"), fields(&["end", "why"]));
        assert_eq!(form("0:59", "1:01", "name"), fields(&["end"]), "past the end");
    }

    #[test]
    fn words_are_hidden_whole() {
        let word = |start_ms, end_ms, text: &str| Word {
            start_ms,
            end_ms,
            text: text.to_owned(),
            ..Word::default()
        };
        let words = vec![word(900, 1_600, "a"), word(1_700, 1_700, "b")];
        let segment = Segment { end_ms: 3_000, words, ..Segment::default() };
        let transcript = Transcript { segments: vec![segment], ..Transcript::default() };
        let words = Words(Kept::new(transcript, Corrections::default()));
        let pairs = [("start", "0:01.5"), ("end", "0:02"), ("why", "name")];
        let fields = Fields(pairs.map(|(n, v)| (n.to_owned(), v.to_owned())).to_vec());
        let hidden = read(&fields, Some(&words), 0, Ms::from_seconds(60)).unwrap();
        assert_eq!((hidden.span.start().get(), hidden.span.end().get()), (900, 2_000));
    }
}
