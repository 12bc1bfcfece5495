//! Where somebody is signed in.

use hearback_access::audit::{Decision, event};
use hearback_domain::SessionId;

use crate::{
    Visit,
    account::{begin_in_turn, changed},
    error::Result,
    extract::Path,
    page::Said,
    sign_in::note,
};

/// `POST /account/sessions/{session}/end`.
pub(crate) async fn end_one(visit: Visit, Path(id): Path<SessionId>) -> Result {
    let user = visit.fresh()?.person.id;
    let mut work = begin_in_turn(visit.app()).await?;
    if work.end_session(user, id).await? {
        note(&mut *work, visit.cx(), event::END_SESSIONS, Decision::Allowed).await?;
    }
    work.commit().await?;
    Ok(Said::SessionsEnded.at("/account"))
}

/// `POST /account/sessions/end-others`.
pub(crate) async fn end_others(visit: Visit) -> Result {
    visit.fresh()?;
    let mut work = begin_in_turn(visit.app()).await?;
    changed(&visit, &mut *work, event::END_SESSIONS).await?;
    work.commit().await?;
    Ok(Said::SessionsEnded.at("/account"))
}
