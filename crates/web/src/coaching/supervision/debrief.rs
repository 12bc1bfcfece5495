//! What a supervisor notes after a meeting, and the researcher whom they let read it (SUP-05).

use askama::Template;
use hearback_access::{ReadDebriefs, Supervise};
use hearback_domain::{Note, SupervisionId};

use super::lead::address;
use super::lead_page;
use crate::{
    Visit, WebError,
    error::{FieldError, Result},
    extract::{Fields, Path},
    page::{Page, Said, html},
    when::When,
};

/// `POST /supervision/lead/{meeting}/debrief`: `do`: `save` (with `note`; an empty one takes it away), `share` (with
/// `researcher`) or `keep`, for oneself alone.
pub(crate) async fn write(visit: Visit, Path(id): Path<SupervisionId>, fields: Fields) -> Result {
    let (mut work, permit) = visit.permit::<Supervise>(()).await?;
    work.meeting_led(&permit, id).await?.ok_or(WebError::NotFound)?;
    let said = match fields.get("do") {
        "share" => {
            let with = fields.get("researcher").parse().ok();
            let with = with.ok_or_else(|| WebError::conflict("choose who may read it"))?;
            if !work.share_debrief(&permit, id, Some(with)).await? {
                let why = "write a note first, then choose a researcher who may read it";
                return Err(WebError::conflict(why));
            }
            Said::SharedWithOther
        }
        "keep" => {
            work.share_debrief(&permit, id, None).await?;
            Said::KeptToMyself
        }
        _ => {
            let typed = fields.get("note").replace("\r\n", "\n");
            match Note::new(&typed) {
                Ok(body) => work.keep_debrief(&permit, id, &body).await?,
                Err(error) => {
                    drop(work);
                    let error = FieldError::new("debrief", error.to_string());
                    return lead_page::view(&visit, id, Some((typed, error))).await;
                }
            };
            Said::Saved
        }
    };
    work.commit().await?;
    Ok(said.near(&address(id), "debrief-title"))
}

#[derive(Template)]
#[template(path = "supervision_debriefs.html")]
struct DebriefsPage {
    page: Page,
    debriefs: Vec<DebriefView>,
}

struct DebriefView {
    when: When,
    supervisor: String,
    body: String,
    saved: When,
}

/// `GET /debriefs`: what supervisors let the visitor read.
pub(crate) async fn list(visit: Visit) -> Result {
    let (mut work, permit) = visit.permit::<ReadDebriefs>(()).await?;
    let mut debriefs = Vec::new();
    for debrief in work.debriefs(&permit).await? {
        let supervisor = work.person(debrief.supervisor).await?;
        debriefs.push(DebriefView {
            when: When::of(debrief.planned_at),
            supervisor: supervisor
                .map_or_else(|| "somebody who has left".to_owned(), |person| person.name),
            body: debrief.body.to_string(),
            saved: When::of(debrief.saved_at),
        });
    }
    work.commit().await?;
    html(&DebriefsPage { page: visit.page("Notes from supervision"), debriefs })
}
