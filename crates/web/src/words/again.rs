//! Reading a recording again, in another language.

use axum::extract::State;
use hearback_access::TranscribeAgain;
use hearback_domain::{JobId, RecordingId};

use super::language::LANGUAGES;
use crate::{
    App, Visit, WebError,
    error::Result,
    extract::{Fields, Path},
    page::Said,
};

/// `POST /recordings/{id}/words/again`: `language`, a code; empty lets the machine find out. What people corrected stays.
pub(crate) async fn again(
    visit: Visit,
    State(app): State<App>,
    Path(id): Path<RecordingId>,
    fields: Fields,
) -> Result {
    let (mut work, permit) = visit.permit::<TranscribeAgain>(id).await?;
    let wanted = fields.get("language");
    let language = LANGUAGES.iter().map(|(code, _)| *code).find(|code| *code == wanted);
    if language.is_none() && !wanted.is_empty() {
        return Err(WebError::bad("that is none of the languages"));
    }
    if !work.transcribe_again(&permit, language, JobId::mint(&*app.ids)).await? {
        return Err(WebError::conflict(
            "the machine is at work on it already; its words will be there in a while",
        ));
    }
    work.commit().await?;
    app.wake.notify_one();
    Ok(Said::ReadAgain.at(&format!("/recordings/{id}/words")))
}
