//! Changing what is heard in a session. Each change is a plain form, and everybody who has the session's page open sees
//! it.

use axum::response::Response;
use hearback_access::{ChooseClips, SeeSession, among};
use hearback_domain::{ClipId, CoachingSessionId, Label, Note, PieceId, choosing::NotAdded};
use hearback_storage::{Extract, NewPiece};

use super::{UNNAMED, is_theirs, listed::said, page, skill_of};
use crate::{
    Visit, WebError,
    coaching::room::look_again,
    error::{FieldError, Result},
    extract::{Fields, Path},
    frameworks::Names,
    page::Said,
};

/// The most characters of what an extract is called.
const MOST_TITLE: usize = 60;

/// Whoever is in the session's room looks again, and the page says what was done.
fn done(visit: &Visit, session: CoachingSessionId, said: Said, place: &str) -> Response {
    look_again(visit.app(), session, None);
    said.near(&format!("/sessions/{session}"), place)
}

fn note(text: &str) -> Result<Note> {
    Note::new(text.trim()).map_err(|error| WebError::bad(error.to_string()))
}

fn not_there() -> WebError {
    WebError::conflict("this extract is not in the list any more")
}

/// `POST /sessions/{session}/clips`: `clip`, one of those that could be heard. It is called what is heard in it.
pub(crate) async fn add(
    visit: Visit,
    Path(session): Path<CoachingSessionId>,
    fields: Fields,
) -> Result {
    let (mut work, permit) = visit.permit::<ChooseClips>(session).await?;
    let clip: ClipId = fields.get("clip").parse().map_err(|_| WebError::NotFound)?;
    let all = work.could_be_heard(&permit).await?;
    let extract = all.iter().find(|one| one.clip == clip);
    let versions: Vec<_> = extract.iter().map(|one| &*one.framework_version).collect();
    let names = Names::of(&mut *work, &versions).await?;
    let piece = NewPiece {
        id: PieceId::mint(&*visit.app().ids),
        clip,
        title: title_of(&names, extract)?,
        question: extract.map(|one| one.question.clone()).unwrap_or_default(),
    };
    if let Err(why) = work.add_piece(&permit, &piece).await? {
        work.commit().await?;
        let why = why.as_told(is_theirs(&visit)?);
        return page::refuse(&visit, session, FieldError::new("", why.to_string())).await;
    }
    work.commit().await?;
    Ok(done(&visit, session, Said::Saved, &format!("piece-{}", piece.id)))
}

fn title_of(names: &Names, extract: Option<&Extract>) -> Result<Label> {
    let skill = extract.map_or_else(|| UNNAMED.to_owned(), |one| skill_of(names, one));
    let short: String = skill.chars().take(MOST_TITLE).collect();
    Label::new(&short).map_err(WebError::internal)
}

/// `POST /sessions/{session}/clips/{piece}`: `title`, `question`; `said`, which words they take the
/// place of, if they are to be compared.
pub(crate) async fn change(
    visit: Visit,
    Path((session, piece)): Path<(CoachingSessionId, PieceId)>,
    fields: Fields,
) -> Result {
    let (mut work, permit) = visit.permit::<ChooseClips>(session).await?;
    let title = fields.get("title").trim();
    let Ok(title) = Label::new(title) else {
        drop(work);
        let text = if title.is_empty() {
            "give it a name, in a few words"
        } else {
            "a name is one line of sixty characters at most"
        };
        let error = FieldError::new(format!("title-{piece}"), text);
        return page::refuse(&visit, session, error).await;
    };
    let question = note(fields.get("question"))?;
    let see = among::<SeeSession>(work.gate(), visit.cx(), &[session]).await?;
    let pieces = work.pieces(see.first().ok_or(WebError::NotFound)?).await?;
    let now = pieces.iter().find(|one| one.id == piece).and_then(|one| one.told.as_ref());
    let now = now.ok_or_else(not_there)?;
    let seen = fields.get("said");
    if !seen.is_empty() && seen != said(&now.title, &now.question) {
        drop(work);
        let text = format!(
            "somebody else changed these words meanwhile; here is what stands there now. You wrote “{title}”{}",
            if question.as_str().is_empty() {
                String::new()
            } else {
                format!(" and “{question}”")
            },
        );
        return page::refuse(&visit, session, FieldError::new(format!("title-{piece}"), text))
            .await;
    }
    if !work.change_piece(&permit, piece, &title, &question).await? {
        return Err(not_there());
    }
    work.commit().await?;
    Ok(done(&visit, session, Said::Saved, &format!("piece-{piece}")))
}

/// `POST …/move`: `direction`, `up` or `down`.
pub(crate) async fn shift(
    visit: Visit,
    Path((session, piece)): Path<(CoachingSessionId, PieceId)>,
    fields: Fields,
) -> Result {
    let (mut work, permit) = visit.permit::<ChooseClips>(session).await?;
    work.move_piece(&permit, piece, fields.get("direction") == "up").await?;
    work.commit().await?;
    Ok(done(&visit, session, Said::Moved, &format!("piece-{piece}")))
}

/// `POST …/remove`: it goes back among those that could be heard.
pub(crate) async fn remove(
    visit: Visit,
    Path((session, piece)): Path<(CoachingSessionId, PieceId)>,
) -> Result {
    let (mut work, permit) = visit.permit::<ChooseClips>(session).await?;
    let removed = work.remove_piece(&permit, piece).await?;
    work.commit().await?;
    look_again(visit.app(), session, removed.then_some(piece));
    Ok(done(&visit, session, Said::Removed, "pieces"))
}

/// `POST …/veto`: `vetoed`, `yes` or `no`. The practitioner alone says it.
pub(crate) async fn veto(
    visit: Visit,
    Path((session, piece)): Path<(CoachingSessionId, PieceId)>,
    fields: Fields,
) -> Result {
    let (mut work, permit) = visit.permit::<ChooseClips>(session).await?;
    if !is_theirs(&visit)? {
        drop(work);
        return Err(WebError::conflict("whoever is coached says this, and nobody else"));
    }
    let vetoed = fields.get("vetoed") != "no";
    let done_so = work.veto_piece(&permit, piece, vetoed).await?;
    work.commit().await?;
    if !done_so && !vetoed {
        let why = NotAdded::Full.to_string();
        return page::refuse(&visit, session, FieldError::new("", why)).await;
    }
    if !done_so {
        return Err(not_there());
    }
    look_again(visit.app(), session, vetoed.then_some(piece));
    let said = if vetoed { Said::Vetoed } else { Said::Saved };
    Ok(done(&visit, session, said, "pieces"))
}
