//! The words of an extract, for those who hear it: only if the researcher shows them, only while nothing in them is in
//! doubt, and never what is hidden.

use std::sync::Arc;

use hearback_access::{AccessError, MakePlaylist, Permit, ReadClip, ReadTranscript, require};
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

/// The words of a recording, as they were made and as they are heard.
struct Words {
    whole: Reading,
    heard: Reading,
}

impl Words {
    fn of(kept: Kept, set: &RedactionSet) -> Self {
        let whole = kept.into_reading();
        Self { heard: whole.clone().hiding(set), whole }
    }

    /// What is read of a stretch where something is hidden; why not, if something in it is in doubt. The doubts of what
    /// is hidden count too: nobody is to learn from the answer what lies there.
    fn quote(&self, span: Span) -> std::result::Result<String, Vec<Doubt>> {
        let doubts = self.whole.doubts_in(span);
        if doubts.is_empty() { self.heard.quote(span) } else { Err(doubts) }
    }
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
    let mut read: Option<(Places, RedactionSet, Words)> = None;
    let mut words = Vec::new();
    for one in wanted {
        let Some((permit, places, span, set)) = one else {
            words.push(None);
            continue;
        };
        // They mostly lie in one recording, whose words are read, and hidden, once.
        if read.as_ref().is_none_or(|(of, hidden, _)| (*of, hidden) != (places, &set)) {
            let kept = places.read(visit.app(), &permit).await?;
            read = kept.map(|kept| (places, set.clone(), Words::of(kept, &set)));
        }
        let text = read.as_ref().and_then(|(_, _, words)| words.quote(span).ok());
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
    let words = kept.map(|kept| Words::of(kept, &set));
    let preview = |span: &Span| match words.as_ref().map(|words| words.quote(*span)) {
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
    let (mut work, mut permit) = visit.permit::<MakePlaylist>(id).await?;
    let shown = fields.get("shown") == "yes";
    let span = span_of(&mut *work, &permit, clip).await?;
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
        // Asked again: no unit of work was open while the words were read, and they are those of this stretch.
        (work, permit) = visit.permit::<MakePlaylist>(id).await?;
        if span_of(&mut *work, &permit, clip).await? != span {
            drop(work);
            let text = "It begins or ends somewhere else by now. Look at its words once more";
            return view(&visit, id, refuse(text.to_owned())).await;
        }
    }
    if !work.quote_clip(&permit, clip, shown).await? {
        return Err(WebError::NotFound);
    }
    work.commit().await?;
    Ok(Said::Saved.at(&format!("/recordings/{id}/playlist")))
}

/// Where an extract lies.
async fn span_of(work: &mut dyn Work, permit: &Permit<MakePlaylist>, clip: ClipId) -> Result<Span> {
    let playlist = work.playlist(permit).await?.ok_or(WebError::NotFound)?;
    let clip = playlist.clips.iter().find(|one| one.id == clip).ok_or(WebError::NotFound)?;
    Ok(clip.span)
}
