//! The words of an extract, for those who hear it: only if the researcher shows them, only while nothing in them is in
//! doubt, and never what is hidden.

use std::sync::Arc;

use hearback_access::{AccessError, MakePlaylist, ReadClip, ReadTranscript, require};
use hearback_domain::{
    ClipId, RecordingId, RedactionSet, Span,
    transcript::{Doubt, Reading},
};
use hearback_storage::Work;

use super::{Kept, Places};
use crate::{
    Visit, WebError,
    error::{FieldError, Result},
    extract::{Fields, Path},
    page::Said,
    playlist::show::view,
};

/// What is read of a stretch where something is hidden; why not, if something in it is in doubt. The doubts of what is
/// hidden count too: nobody is to learn from the answer what lies there.
fn words_of(
    reading: Reading,
    set: &RedactionSet,
    span: Span,
) -> std::result::Result<String, Vec<Doubt>> {
    let doubts = reading.doubts_in(span);
    if doubts.is_empty() { reading.hiding(set).quote(span) } else { Err(doubts) }
}

/// The words of extracts in the room, one for each that was asked for; none where they are not shown.
pub(crate) async fn in_the_room(
    visit: &Visit,
    mut work: Box<dyn Work>,
    clips: &[ClipId],
) -> Result<Vec<Option<String>>> {
    let mut wanted = Vec::new();
    for clip in clips {
        let permit = match require::<ReadClip>(work.gate(), visit.cx(), *clip).await {
            Ok(permit) => permit,
            // Not everybody wanted it turned into words, or not any more.
            Err(AccessError::Refused(_)) => {
                wanted.push(None);
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        let span = work.quoted(&permit).await?;
        let places = Places::of(&mut *work, &permit).await?;
        let set = work.hidden_of(&permit).await?;
        wanted.push(span.zip(set).map(|(span, set)| (Arc::new(permit), places, span, set)));
    }
    work.commit().await?;
    let mut read: Option<(Places, Kept)> = None;
    let mut words = Vec::new();
    for one in wanted {
        let Some((permit, places, span, set)) = one else {
            words.push(None);
            continue;
        };
        // They mostly lie in one recording, whose words are read once.
        if read.as_ref().is_none_or(|(of, _)| *of != places) {
            read = places.read(visit.app(), &permit).await?.map(|kept| (places, kept));
        }
        let text = read.as_ref().and_then(|(_, kept)| words_of(kept.reading(), &set, span).ok());
        words.push(text.filter(|text| !text.is_empty()));
    }
    Ok(words)
}

/// What a researcher who prepares an extract is told about its words.
pub(crate) enum Preview {
    /// They can be shown: these.
    Words(String),
    /// Somebody listens first; why.
    InDoubt(Vec<Doubt>),
    /// There are none.
    None,
}

/// The words of extracts that are prepared: for each stretch, what could be shown of it.
pub(crate) async fn previews(
    visit: &Visit,
    mut work: Box<dyn Work>,
    id: RecordingId,
    spans: &[Span],
) -> Result<Vec<Preview>> {
    let permit = match require::<ReadTranscript>(work.gate(), visit.cx(), id).await {
        Ok(permit) => permit,
        Err(AccessError::Refused(_)) => {
            work.commit().await?;
            return Ok(spans.iter().map(|_| Preview::None).collect());
        }
        Err(error) => return Err(error.into()),
    };
    let places = Places::of(&mut *work, &permit).await?;
    let set = work.hidden_of(&permit).await?.ok_or(WebError::NotFound)?;
    work.commit().await?;
    let kept = places.read(visit.app(), &Arc::new(permit)).await?;
    let preview = |span: &Span| match kept.as_ref().map(|k| words_of(k.reading(), &set, *span)) {
        Some(Ok(text)) if !text.is_empty() => Preview::Words(text),
        Some(Err(doubts)) => Preview::InDoubt(doubts),
        _ => Preview::None,
    };
    Ok(spans.iter().map(preview).collect())
}

/// `POST /recordings/{id}/playlist/clips/{clip}/words`: `shown`, `yes` or `no`.
pub(crate) async fn show_words(
    visit: Visit,
    Path((id, clip)): Path<(RecordingId, ClipId)>,
    fields: Fields,
) -> Result {
    let (mut work, permit) = visit.permit::<MakePlaylist>(id).await?;
    let shown = fields.get("shown") == "yes";
    let playlist = work.playlist(&permit).await?.ok_or(WebError::NotFound)?;
    let span = playlist.clips.iter().find(|c| c.id == clip).ok_or(WebError::NotFound)?.span;
    if shown {
        let preview = previews(&visit, work, id, &[span]).await?;
        let refuse = |text: String| vec![FieldError::new(format!("words-{clip}"), text)];
        match preview.into_iter().next() {
            Some(Preview::Words(_)) => {}
            Some(Preview::InDoubt(doubts)) => {
                let why: Vec<_> = doubts.iter().map(|doubt| doubt.sentence()).collect();
                let text = format!("Somebody listens to it first. {}", why.join(" "));
                return view(&visit, id, refuse(text)).await;
            }
            _ => return view(&visit, id, refuse("There are no words in it".to_owned())).await,
        }
        work = visit.app().store.begin().await?;
    }
    if !work.quote_clip(&permit, clip, shown).await? {
        return Err(WebError::NotFound);
    }
    work.commit().await?;
    Ok(Said::Saved.at(&format!("/recordings/{id}/playlist")))
}
