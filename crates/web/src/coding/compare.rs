//! Everybody's codings of a recording, once everybody has finished. Until then it is as if there were none.

use axum::response::IntoResponse as _;
use hearback_access::{CompareCodings, Permit};
use hearback_domain::{RecordingId, UserId, coding::may_compare};
use hearback_storage::{CodersWork, Work};
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

/// Somebody's finished coding, and what they are called.
pub(super) struct Finished {
    pub(super) work: CodersWork,
    pub(super) name: String,
}

/// The finished codings, by coder, if the visitor may see them: the same answer whether there is a second coder or not,
/// and however far they are.
pub(super) async fn finished(
    visit: &Visit,
    mut work: Box<dyn Work>,
    permit: &Permit<CompareCodings>,
) -> Result<(Box<dyn Work>, Vec<Finished>)> {
    if !may_compare(visit.user()?, &work.hands(permit).await?) {
        work.commit().await?;
        return Err(WebError::conflict(
            "there is nothing to compare: everybody who codes it finishes first",
        ));
    }
    let mut all = Vec::new();
    for coding in work.codings(permit).await? {
        let name = work.person(coding.coder).await?.map(|person| person.name);
        all.push(Finished { work: coding, name: name.unwrap_or_default() });
    }
    Ok((work, all))
}

/// `GET /recordings/{id}/codings/compare.json`.
pub(crate) async fn show(visit: Visit, Path(id): Path<RecordingId>) -> Result {
    let (work, permit) = visit.permit::<CompareCodings>(id).await?;
    let me = visit.user()?;
    let (work, all) = finished(&visit, work, &permit).await?;
    work.commit().await?;
    let codings: Vec<_> = all.into_iter().map(|one| view_of(one, me)).collect();
    Ok(Json(codings).into_response())
}

fn view_of(Finished { work, name }: Finished, me: UserId) -> CodingView {
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
