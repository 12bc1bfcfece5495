//! The briefing room: a recording's coder and its coach listen together before a session (CM-04).
//!
//! The coach hears here what the coder puts on, and only while both are in the room: short passages, as everybody
//! heard was told, with what is hidden hidden, and all of them together no more than extracts may be. There are no
//! scores here. What comes of it is a list of proposals for the playlist, each with a reason.

use hearback_domain::{RecordingId, Role};

use crate::{
    Visit,
    error::Result,
    room::{Key, Part, Who},
};

pub(crate) mod hear;
pub(crate) mod meet;
pub(crate) mod page;
pub(crate) mod say;

const fn key(id: RecordingId) -> Key {
    Key::Briefing(id)
}

/// Who the visitor is in the room: what is on depends on the coder.
fn who(visit: &Visit) -> Result<Who> {
    let who = visit.signed_in()?;
    Ok(Who {
        user: who.person.id,
        session: who.session,
        name: who.person.name.clone(),
        part: if who.role == Role::Researcher { Part::Leads } else { Part::Follows },
    })
}
