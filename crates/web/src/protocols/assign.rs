//! Taking a recording into a protocol, and its second coder.

use axum::extract::State;
use hearback_access::{AssignSecond, Code, SeeProtocols};
use hearback_domain::{CodingId, GrantId, ProtocolId, RecordingId, UserId};
use hearback_storage::{NewCoding, NewSecond};

use super::show::view;
use crate::{
    App, Visit, WebError,
    coding::recording,
    error::{FieldError, Result},
    extract::{Fields, Path},
    page::Said,
};

/// `POST /recordings/{id}/protocol`: `protocol`. Fixes which part is coded and with which version, before it begins.
pub(crate) async fn take_in(
    visit: Visit,
    State(app): State<App>,
    Path(id): Path<RecordingId>,
    fields: Fields,
) -> Result {
    let (work, permit) = visit.permit::<Code>(id).await?;
    let (work, recording) = recording(&visit, work, id).await?;
    let (mut work, see) = visit.also::<SeeProtocols>(work, ()).await?;
    let protocol: ProtocolId =
        fields.get("protocol").parse().map_err(|_| WebError::bad("choose a protocol"))?;
    let protocol = work.protocol(&see, protocol).await?.ok_or(WebError::NotFound)?;
    if protocol.closed_at.is_some() {
        return Err(WebError::conflict("this protocol is closed; choose another one"));
    }
    let duration = recording.state.duration.ok_or(WebError::NotFound)?;
    let plan = &protocol.plan;
    let before = work.taken_in(&permit, protocol.id).await?;
    let coding = NewCoding {
        id: CodingId::mint(&*app.ids),
        framework_version: plan.framework_version.clone(),
        part: plan.part_of(id, duration),
    };
    let twice = plan.twice(id, before);
    if !work.take_in(&permit, &coding, protocol.id, twice).await? {
        return Err(WebError::conflict(
            "this recording was begun before, and a coding keeps what it began with",
        ));
    }
    work.commit().await?;
    Ok(Said::TakenIn.at(&format!("/protocols/{}", protocol.id)))
}

/// `POST /recordings/{id}/second`: `coder`. Only where the practitioner said yes to it, and the protocol wants it.
pub(crate) async fn second(
    visit: Visit,
    State(app): State<App>,
    Path(id): Path<RecordingId>,
    fields: Fields,
) -> Result {
    let (work, permit) = visit.permit::<AssignSecond>(id).await?;
    let (work, code) = visit.also::<Code>(work, id).await?;
    let (mut work, see) = visit.also::<SeeProtocols>(work, ()).await?;
    let own = work.own_protocol(&code).await?;
    let protocol =
        own.ok_or_else(|| WebError::conflict("take the recording into a protocol first"))?.id;
    let field = format!("coder-{id}");
    let Ok(coder) = fields.get("coder").parse::<UserId>() else {
        let errors = vec![FieldError::new(field, "choose a researcher")];
        return view(&visit, work, &see, protocol, errors).await;
    };
    if let Err(why) = work.candidate(&permit, coder).await?.check() {
        return view(&visit, work, &see, protocol, vec![FieldError::new(field, why.to_string())])
            .await;
    }
    let second =
        NewSecond { grant: GrantId::mint(&*app.ids), coding: CodingId::mint(&*app.ids), coder };
    if !work.add_second(&permit, &second).await? {
        return Err(WebError::conflict("they have coded this recording already"));
    }
    work.commit().await?;
    Ok(Said::SecondAssigned.at(&format!("/protocols/{protocol}")))
}
