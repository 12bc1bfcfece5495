//! What an open page of a session looks at again and again: whether the list is another one, and which.

use axum::response::IntoResponse as _;
use hearback_access::{SeeSession, WatchSession, among};
use hearback_domain::{
    CoachingSessionId, Label, Ms, Note, PieceId, choosing::total, coaching::SessionState,
};
use hearback_storage::Piece;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::about;
use crate::{
    Visit, WebError,
    error::Result,
    extract::{Json, Path, Query},
};

/// What a page that looks is told.
#[derive(Serialize)]
pub(super) struct Look {
    /// Another one whenever the list may be.
    pub(super) sign: String,
    /// None while it is the one that the page has seen.
    pub(super) list: Option<Listed>,
}

/// The list, without a word of it.
#[derive(Serialize)]
pub(super) struct Listed {
    pub(super) pieces: Vec<ListedPiece>,
    /// How long it takes to hear.
    pub(super) total: String,
    pub(super) state: &'static str,
}

#[derive(Serialize)]
pub(super) struct ListedPiece {
    pub(super) id: PieceId,
    /// Changes with its name and its question, and says neither.
    pub(super) said: String,
}

impl Listed {
    /// What is chosen, and how the session stands.
    pub(super) fn of(pieces: &[Piece], state: SessionState) -> Self {
        let told = || pieces.iter().filter_map(|piece| piece.told.as_ref());
        let said =
            |piece: &Piece| piece.told.as_ref().map(|told| said(&told.title, &told.question));
        let one =
            |piece: &Piece| ListedPiece { id: piece.id, said: said(piece).unwrap_or_default() };
        Self {
            pieces: pieces.iter().map(one).collect(),
            total: length(total(told().map(|told| told.extract.length))),
            state: state.title(),
        }
    }
}

/// Another one for other words, and the same for the same.
pub(super) fn said(title: &Label, question: &Note) -> String {
    let both = Sha256::new()
        .chain_update(title.as_str())
        .chain_update([0])
        .chain_update(question.as_str());
    hex::encode(&both.finalize()[..8])
}

/// What a page keeps of a session's sign.
pub(super) fn kept(sign: &[u8]) -> String {
    hex::encode(&Sha256::digest(sign)[..16])
}

/// How long it takes to hear, as people say it.
fn length(all: Ms) -> String {
    let all = all.get().div_ceil(1_000);
    let (minutes, seconds) = (all / 60, all % 60);
    let count = |n: u64, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
    match (minutes, seconds) {
        (0, seconds) => count(seconds, "second"),
        (minutes, 0) => count(minutes, "minute"),
        (minutes, seconds) => format!("{} {}", count(minutes, "minute"), count(seconds, "second")),
    }
}

/// `GET /sessions/{session}/clips`: the list; with `seen`, a sign that the page was told, only if it may be another one.
///
/// A page asks each second, and mostly nothing has happened: that takes one light question. What closes by time alone,
/// as a yes that was given until a day, shows when the page asks without having seen anything, which it does now and then.
/// Its sound is asked about by itself, as all sound is.
pub(crate) async fn list(
    visit: Visit,
    Path(session): Path<CoachingSessionId>,
    Query(fields): Query,
) -> Result {
    let (mut work, watch) = visit.look::<WatchSession>(session).await?;
    let sign = kept(&work.session_sign(&watch).await?);
    if fields.get("seen") == sign {
        return Ok(Json(Look { sign, list: None }).into_response());
    }
    let see = among::<SeeSession>(work.gate(), visit.cx(), &[session]).await?;
    let permit = see.first().ok_or(WebError::NotFound)?;
    let mut pieces = work.pieces(permit).await?;
    pieces.retain(|piece| piece.vetoed_at.is_none());
    let about = about(&visit, &mut *work, permit).await?;
    let list = Some(Listed::of(&pieces, about.meeting.state));
    Ok(Json(Look { sign, list }).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_said_as_people_say_them() {
        for (ms, said) in [
            (0, "0 seconds"),
            (1_000, "1 second"),
            (41_200, "42 seconds"),
            (60_000, "1 minute"),
            (119_999, "2 minutes"),
            (252_000, "4 minutes 12 seconds"),
        ] {
            assert_eq!(length(Ms::new(ms)), said, "{ms}");
        }
    }
}
