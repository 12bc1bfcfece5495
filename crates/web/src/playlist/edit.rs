//! Changing a playlist. Each change is a plain form.

use axum::extract::State;
use hearback_access::{Code, MakePlaylist, Permit};
use hearback_domain::{
    ClipId, CodeId, JobId, Ms, Note, PlaylistId, RecordingId, Span, check_playlist,
};
use hearback_storage::{ChangedClip, Clip, ClipRemoval, JobKind, NewClip, NewJob, Playlist, Work};

use super::{precise, show::view};
use crate::{
    App, Visit, WebError,
    coding::recording,
    error::{FieldError, Result},
    extract::{Fields, Path},
    frameworks::framework_of,
    page::Said,
};

/// A unit of work in which the playlist can be changed, with what the rules have to know.
pub(super) struct Making {
    pub(super) work: Box<dyn Work>,
    pub(super) permit: Permit<MakePlaylist>,
    playlist: Option<Playlist>,
    duration: Ms,
}

pub(super) async fn making(visit: &Visit, id: RecordingId) -> Result<Making> {
    let (work, permit) = visit.permit::<MakePlaylist>(id).await?;
    let (mut work, recording) = recording(visit, work, id).await?;
    let playlist = work.playlist(&permit).await?;
    let duration = recording.state.duration.ok_or(WebError::NotFound)?;
    Ok(Making { work, permit, playlist, duration })
}

impl Making {
    /// Whether `span` fits beside the other extracts.
    pub(super) fn fits(&self, span: Span, instead_of: Option<ClipId>) -> Result<(), FieldError> {
        let clips = self.playlist.as_ref().map_or(&[][..], |p| &p.clips);
        let kept = self.playlist.as_ref().map_or(&[][..], |p| &p.kept);
        fits((clips, kept), self.duration, span, instead_of)
    }

    fn clip(&self, id: ClipId) -> Option<&Clip> {
        self.playlist.iter().flat_map(|p| &p.clips).find(|c| c.id == id)
    }

    /// Queues the cutting of an extract and ends the unit of work.
    pub(super) async fn cut(mut self, app: &App, id: RecordingId, clip: ClipId) -> Result<()> {
        let job = NewJob {
            id: JobId::mint(&*app.ids),
            kind: JobKind::RenderClip(id, clip),
            run_at: app.clock.now(),
        };
        self.work.add_job(&job).await?;
        self.work.commit().await?;
        app.wake.notify_one();
        Ok(())
    }
}

const VETOED: &str =
    "The social worker would rather not have this passage played. Choose another one";

/// Whether `span` fits beside `clips`, one of which it may take the place of, and what is `kept` of those that were taken
/// out, in a recording this long: it touches nothing that the practitioner took out, not even when it takes that one's
/// place.
fn fits(
    (clips, kept): (&[Clip], &[Span]),
    duration: Ms,
    span: Span,
    instead_of: Option<ClipId>,
) -> Result<(), FieldError> {
    let vetoed = |c: &Clip| c.vetoed && (c.span.overlaps(span) || Some(c.id) == instead_of);
    if clips.iter().any(vetoed) {
        return Err(FieldError::new("", VETOED));
    }
    let others = clips.iter().filter(|c| Some(c.id) != instead_of && !c.vetoed);
    let others = others.map(|c| c.span).chain(kept.iter().copied());
    let spans: Vec<_> = others.chain([span]).collect();
    check_playlist(&spans, duration).map_err(|e| FieldError::new("", e.to_string()))
}

pub(super) fn here(id: RecordingId) -> String {
    format!("/recordings/{id}/playlist")
}

/// `POST …/playlist/clips`: `code`, one of one's own; its passage becomes an extract. `note` and `question` may come
/// with it.
pub(crate) async fn add(
    visit: Visit,
    State(app): State<App>,
    Path(id): Path<RecordingId>,
    fields: Fields,
) -> Result {
    let wanted: CodeId = fields.get("code").parse().map_err(|_| WebError::NotFound)?;
    let mut making = making(&visit, id).await?;
    let (mut work, coding) = visit.also::<Code>(making.work, id).await?;
    let code = work.codes(&coding).await?.into_iter().find(|c| c.id == wanted);
    making.work = work;
    let code = code.ok_or(WebError::NotFound)?;
    if let Err(error) = making.fits(code.span, None) {
        drop(making);
        return view(&visit, id, vec![error]).await;
    }
    let framework = framework_of(&mut *making.work, &code.framework_version).await?;
    let item = framework.code(&code.skill, code.sub.as_deref()).map_err(WebError::internal)?;
    let clip = NewClip {
        id: ClipId::mint(&*app.ids),
        framework_version: code.framework_version,
        item,
        span: code.span,
        // Not the coder's note, which is research: what is read out in the room is written for the room.
        note: Note::new(fields.get("note")).map_err(|e| WebError::bad(e.to_string()))?,
        question: Note::new(fields.get("question")).map_err(|e| WebError::bad(e.to_string()))?,
    };
    making.work.ensure_playlist(&making.permit, PlaylistId::mint(&*app.ids)).await?;
    making.work.add_clip(&making.permit, &clip).await?;
    making.cut(&app, id, clip.id).await?;
    Ok(Said::Saved.at(&here(id)))
}

/// `POST …/playlist/clips/{clip}`: `start`, `end`, `note`, `question`.
pub(crate) async fn change(
    visit: Visit,
    State(app): State<App>,
    Path((id, clip)): Path<(RecordingId, ClipId)>,
    fields: Fields,
) -> Result {
    let mut making = making(&visit, id).await?;
    let before = making.clip(clip).ok_or(WebError::NotFound)?.span;
    let checked = read(clip, &fields).and_then(|changed| {
        // Words alone change nothing about what is played.
        if changed.span != before {
            making.fits(changed.span, Some(clip)).map_err(|e| vec![e])?;
        }
        Ok(changed)
    });
    let changed = match checked {
        Ok(changed) => changed,
        Err(errors) => {
            drop(making);
            return view(&visit, id, errors).await;
        }
    };
    if !making.work.change_clip(&making.permit, &changed).await? {
        drop(making);
        return view(&visit, id, vec![FieldError::new("", VETOED)]).await;
    }
    if changed.span == before {
        making.work.commit().await?;
    } else {
        making.cut(&app, id, clip).await?;
    }
    Ok(Said::Saved.at(&here(id)))
}

fn read(id: ClipId, fields: &Fields) -> Result<ChangedClip, Vec<FieldError>> {
    let mut errors = Vec::new();
    let mut at = |field: &str| {
        let at = precise::parse(fields.get(field));
        if at.is_none() {
            let text = "Write minutes, seconds and thousandths, like 1:23.450";
            errors.push(FieldError::new(format!("{field}-{id}"), text));
        }
        at.unwrap_or_default()
    };
    let (start, end) = (at("start"), at("end"));
    let mut text = |field: &str| {
        Note::new(fields.get(field))
            .map_err(|e| errors.push(FieldError::new(format!("{field}-{id}"), e.to_string())))
    };
    let (note, question) = (text("note"), text("question"));
    match (Span::new(start, end), note, question) {
        (Ok(span), Ok(note), Ok(question)) if errors.is_empty() => {
            Ok(ChangedClip { id, span, note, question })
        }
        (Err(error), ..) if errors.is_empty() => {
            Err(vec![FieldError::new(format!("end-{id}"), error.to_string())])
        }
        _ => Err(errors),
    }
}

/// `POST …/move`: `direction`, `up` or `down`. At the end of the list, nothing happens.
pub(crate) async fn shift(
    visit: Visit,
    Path((id, clip)): Path<(RecordingId, ClipId)>,
    fields: Fields,
) -> Result {
    let (mut work, permit) = visit.permit::<MakePlaylist>(id).await?;
    work.move_clip(&permit, clip, fields.get("direction") == "up").await?;
    work.commit().await?;
    Ok(Said::Moved.at(&here(id)))
}

/// `POST …/remove`. What the practitioner took out stays, so that it is not offered again; what was heard in a session
/// stays with those who heard it.
pub(crate) async fn remove(visit: Visit, Path((id, clip)): Path<(RecordingId, ClipId)>) -> Result {
    let (mut work, permit) = visit.permit::<MakePlaylist>(id).await?;
    let removed = work.remove_clip(&permit, clip).await?;
    let playlist = work.playlist(&permit).await?;
    work.commit().await?;
    if removed.is_none() && playlist.is_some_and(|p| p.clips.iter().any(|c| c.id == clip)) {
        let text = "The social worker took this one out of the room; it stays here, so that it is \
                    not offered again";
        return view(&visit, id, vec![FieldError::new("", text)]).await;
    }
    let said = match removed {
        Some(ClipRemoval::Kept) => Said::KeptWhereHeard,
        Some(ClipRemoval::Gone) | None => Said::Removed,
    };
    Ok(said.at(&here(id)))
}

/// `POST …/approve`: `heard=yes`, the tick without which an extract does not play, and `cut`, which sound was heard.
pub(crate) async fn approve(
    visit: Visit,
    Path((id, clip)): Path<(RecordingId, ClipId)>,
    fields: Fields,
) -> Result {
    if fields.get("heard") != "yes" {
        let text = "Listen to the extract and tick the box first";
        return view(&visit, id, vec![FieldError::new(format!("heard-{clip}"), text)]).await;
    }
    let (mut work, permit) = visit.permit::<MakePlaylist>(id).await?;
    let done = match fields.get("cut").parse() {
        Ok(cut) => work.approve_clip(&permit, clip, cut).await?,
        Err(_) => false,
    };
    let playlist = work.playlist(&permit).await?;
    work.commit().await?;
    if done {
        return Ok(Said::Approved.at(&here(id)));
    }
    let clips = playlist.map(|p| p.clips).unwrap_or_default();
    let clip = clips.iter().find(|c| c.id == clip).ok_or(WebError::NotFound)?;
    let error = if clip.rendered() {
        let text = "This extract was cut anew; please listen to it again and then tick the box";
        FieldError::new(format!("heard-{}", clip.id), text)
    } else {
        FieldError::new("", "This extract is still being cut; listen to it in a moment")
    };
    view(&visit, id, vec![error]).await
}

/// `POST …/agree`: the playlist is in the room from now on.
pub(crate) async fn agree(visit: Visit, Path(id): Path<RecordingId>) -> Result {
    let (mut work, permit) = visit.permit::<MakePlaylist>(id).await?;
    let done = work.agree_playlist(&permit).await?;
    work.commit().await?;
    if done {
        return Ok(Said::Agreed.at(&here(id)));
    }
    let text = "There is no extract yet that you have listened to and ticked";
    view(&visit, id, vec![FieldError::new("", text)]).await
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn nothing_touches_what_was_taken_out() {
        let span = |from, to| Span::new(Ms::from_seconds(from), Ms::from_seconds(to)).unwrap();
        let clip = |id, from, to, vetoed| Clip {
            id: ClipId::from_uuid(Uuid::from_u128(id)),
            framework_version: "1".to_owned(),
            skill: "empathy".to_owned(),
            sub: None,
            span: span(from, to),
            note: Note::new("").unwrap(),
            question: Note::new("").unwrap(),
            cut: None,
            approved_by: None,
            vetoed,
            quoted: false,
        };
        let clips = [clip(1, 10, 20, true), clip(2, 40, 50, false)];
        let ask = |from, to, instead_of: Option<usize>| {
            let instead_of = instead_of.map(|n| clips[n].id);
            fits((&clips, &[]), Ms::from_seconds(600), span(from, to), instead_of)
                .map_err(|e| e.text)
        };
        let vetoed = || Err(format!("{VETOED}."));
        assert_eq!(ask(10, 20, None), vetoed(), "the same once more");
        assert_eq!(ask(19, 30, None), vetoed());
        assert_eq!(ask(5, 11, Some(1)), vetoed(), "moved onto it");
        assert_eq!(ask(100, 110, Some(0)), vetoed(), "the veto moved away");
        assert_eq!(ask(20, 30, None), Ok(()), "right after it");
        assert_eq!(ask(42, 52, Some(1)), Ok(()));
        assert!(ask(700, 710, None).is_err_and(|text| text != format!("{VETOED}.")));
    }

    #[test]
    fn taking_out_what_was_heard_makes_no_room_for_more() {
        let span = |from, to| Span::new(Ms::from_seconds(from), Ms::from_seconds(to)).unwrap();
        let kept = [span(0, 50), span(60, 70)];
        let ask = |kept: &[Span], from, to| {
            fits((&[], kept), Ms::from_seconds(180), span(from, to), None).is_ok()
        };
        assert!(ask(&[], 100, 101));
        assert!(!ask(&kept, 100, 101), "a third of three minutes is heard already");
        assert!(ask(&kept, 10, 40), "the same once more is nothing new");
    }

    #[test]
    fn a_changed_extract_is_read_or_told_what_is_missing() {
        let id = ClipId::from_uuid(Uuid::from_u128(1));
        let form = |start: &str, end: &str| {
            let pairs = [("start", start), ("end", end), ("note", "warm"), ("question", "")];
            let pairs = pairs.map(|(n, v)| (n.to_owned(), v.to_owned()));
            read(id, &Fields(pairs.to_vec()))
                .map(|c| (c.span.start().get(), c.span.end().get()))
                .map_err(|e| e.into_iter().map(|e| e.field).collect::<Vec<_>>())
        };
        assert_eq!(form("0:01.500", "0:02"), Ok((1_500, 2_000)));
        assert_eq!(form("0:03", "0:02"), Err(vec![format!("end-{id}")]));
        assert_eq!(form("x", ""), Err(vec![format!("start-{id}"), format!("end-{id}")]));
    }
}
