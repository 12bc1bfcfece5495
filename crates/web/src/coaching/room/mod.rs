//! The room of a coaching session: coach and practitioner hear extracts together, in step, and talk about them; and a
//! manager whom the practitioner invited hears them too, while the session is live and they are in the room (CM-05,
//! CM-06, K-02).
//!
//! The coach leads: what is on depends on them. The practitioner, whose session it is, stops and goes on as they like,
//! and ends it without a reason. A guest hears what is on and has a hand in nothing. Nobody writes here (CM-20).

use hearback_access::{Cx, HearInSession, among};
use hearback_domain::{CoachingSessionId, PieceId, Role, SeriesId};
use hearback_storage::Work;

use crate::{
    App, Visit,
    error::Result,
    room::{Key, Order, Part, Who},
};

pub(crate) mod guests;
pub(crate) mod hear;
pub(crate) mod join;
pub(crate) mod live;
pub(crate) mod meet;
pub(crate) mod page;

const fn key(id: CoachingSessionId) -> Key {
    Key::Session(id)
}

/// What somebody in this role is in the room.
const fn part(role: Role) -> Part {
    match role {
        Role::Coach => Part::Leads,
        Role::Practitioner => Part::Hosts,
        _ => Part::Follows,
    }
}

/// Who the visitor is in the room.
fn who(visit: &Visit) -> Result<Who> {
    let who = visit.signed_in()?;
    Ok(Who {
        user: who.person.id,
        session: who.session,
        name: who.person.name.clone(),
        part: part(who.role),
    })
}

/// Whether somebody may want this: the practitioner stops and goes on, a guest hears.
const fn may(part: Part, order: Order) -> bool {
    match part {
        Part::Leads => true,
        Part::Hosts => matches!(order, Order::Play | Order::Pause),
        Part::Follows => false,
    }
}

/// The series of a session; where there is none, one that is nobody's, so that a question about it is refused like any
/// other.
async fn series_of(visit: &Visit, id: CoachingSessionId) -> Result<SeriesId> {
    let app = visit.app();
    let series = app.store.begin().await?.series_of_session(id).await?;
    Ok(series.unwrap_or_else(|| SeriesId::mint(&*app.ids)))
}

/// A session that was live ended along with something else: everybody is out of its room before that is answered.
pub(crate) fn close(app: &App, live: Option<CoachingSessionId>) {
    if let Some(id) = live {
        app.rooms.close(key(id));
    }
}

/// The extract is in the room no more: it is off if it was on, and everybody looks at the list again.
pub(crate) fn look_again(app: &App, id: CoachingSessionId, without: Option<PieceId>) {
    if let Some(piece) = without {
        app.rooms.take_off(key(id), piece);
    }
    app.rooms.say(key(id));
}

/// Whether a guest who is in the room may not hear this extract: not everybody heard on it said yes to that.
async fn is_not_for_guests(
    work: &mut dyn Work,
    visit: &Visit,
    id: CoachingSessionId,
    piece: PieceId,
) -> Result<bool> {
    let now = visit.cx().now;
    for guest in visit.app().rooms.followers(key(id)) {
        let cx = Cx::person(guest, Role::LineManager, now);
        if among::<HearInSession>(work.gate(), cx, &[piece]).await?.is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_coach_leads_and_a_guest_hears() {
        let all = [
            Order::Play,
            Order::Pause,
            Order::Seek(1),
            Order::Back(5),
            Order::Loop(true),
            Order::Slow(true),
        ];
        let count = |part| all.iter().filter(|order| may(part, **order)).count();
        assert_eq!(count(part(Role::Coach)), all.len());
        assert_eq!(count(part(Role::Practitioner)), 2);
        assert_eq!(count(part(Role::LineManager)), 0);
        assert!(may(Part::Hosts, Order::Pause));
    }
}
