//! Everybody's codings of a recording, once everybody has finished. Until then it is as if there were none.

use axum::response::IntoResponse as _;
use hearback_access::CompareCodings;
use hearback_domain::{RecordingId, UserId, coding::may_compare};
use hearback_storage::CodersWork;
use serde::Serialize;

use super::codes::{CodeView, ScoreView};
use crate::{
    Visit, WebError,
    error::Result,
    extract::{Json, Path},
};

#[derive(Serialize)]
struct CodingView {
    coder: UserId,
    name: String,
    mine: bool,
    framework_version: String,
    /// Milliseconds; none is the whole recording.
    part: Option<[u64; 2]>,
    codes: Vec<CodeView>,
    scores: Vec<ScoreView>,
}

/// `GET /recordings/{id}/codings/compare`.
pub(crate) async fn show(visit: Visit, Path(id): Path<RecordingId>) -> Result {
    let (mut work, permit) = visit.permit::<CompareCodings>(id).await?;
    let me = visit.user()?;
    if !may_compare(me, &work.hands(&permit).await?) {
        work.commit().await?;
        // The same answer whether there is a second coder or not, and however far they are.
        return Err(WebError::conflict(
            "there is nothing to compare: everybody who codes it finishes first",
        ));
    }
    let mut codings = Vec::new();
    for coding in work.codings(&permit).await? {
        let name = work.person(coding.coder).await?.map(|person| person.name);
        codings.push(view_of(coding, name.unwrap_or_default(), me));
    }
    work.commit().await?;
    Ok(Json(codings).into_response())
}

fn view_of(work: CodersWork, name: String, me: UserId) -> CodingView {
    CodingView {
        coder: work.coder,
        name,
        mine: work.coder == me,
        framework_version: work.coding.framework_version,
        part: work.coding.part.map(|part| [part.start().get(), part.end().get()]),
        codes: work.codes.into_iter().map(Into::into).collect(),
        scores: work.scores.into_iter().map(Into::into).collect(),
    }
}
