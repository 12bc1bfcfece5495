//! Sheets, logs and goals.
//!
//! Whatever somebody writes is theirs alone until they share it with a tap, and again when they take that back. Nothing
//! has to be filled in; nothing is counted.

use hearback_access::{KeepSheets, Permit};
use hearback_domain::{
    CoachingSessionId, Role, UserId,
    sheets::{SheetKind, Writer},
};
use hearback_storage::{SeriesPair, SheetSession, Work};

use crate::{Visit, WebError, error::Result};

pub(crate) mod goals;
pub(crate) mod keep;
pub(crate) mod print;
pub(crate) mod prompts;
pub(crate) mod show;

/// The kind that an address names.
fn kind(slug: &str) -> Result<SheetKind> {
    SheetKind::from_slug(slug).ok_or(WebError::NotFound)
}

/// Where a sheet is found.
fn address(session: CoachingSessionId, kind: SheetKind) -> String {
    format!("/sessions/{session}/sheets/{}", kind.slug())
}

/// On which side the visitor stands: the policy lets nobody else come here.
fn writer(visit: &Visit) -> Result<Writer> {
    let role = visit.signed_in()?.role;
    Ok(if role == Role::Coach { Writer::Coach } else { Writer::Practitioner })
}

/// The session of a sheet. Whoever coached before comes to their own log of a session of their time, and to nothing
/// else.
async fn session(
    work: &mut dyn Work,
    permit: &Permit<KeepSheets>,
    kind: SheetKind,
) -> Result<SheetSession> {
    let about = work.sheet_session(permit).await?.ok_or(WebError::NotFound)?;
    let comes = !about.before || kind == SheetKind::Thinking;
    if comes { Ok(about) } else { Err(WebError::NotFound) }
}

/// The other one of the two, with what they are called; none while there is no coach.
async fn other(
    work: &mut dyn Work,
    pair: SeriesPair,
    writer: Writer,
) -> Result<Option<(UserId, String)>> {
    let other = match writer {
        Writer::Practitioner => pair.coach,
        Writer::Coach => Some(pair.practitioner),
    };
    let Some(other) = other else { return Ok(None) };
    let person = work.person(other).await?;
    Ok(person.map(|person| (other, person.name)))
}
