//! Coaches supervised together (SUP-01): meetings, the glass dome (SUP-03) with what its volunteer brought to hear, one
//! private note for whoever was under it; and afterwards a note for a researcher (SUP-05) and a focus group (SUP-07).
//!
//! Advice lives here and nowhere else: it is for the volunteer, about their coaching, and is written down by nobody but
//! them (K-21). Nothing here is ever attached to a recording, and nothing opens an extract or anybody's sheets.

use std::collections::BTreeMap;

use hearback_domain::{
    Timestamp, UserId,
    supervision::{Dome, Phase, is_ahead},
};
use hearback_storage::{SupervisionMeeting, Work};
use serde::Serialize;

use self::{brought::BroughtView, focus::FocusState};
use crate::{error::Result, when::When};

pub(crate) mod attend;
pub(crate) mod brought;
pub(crate) mod debrief;
pub(crate) mod focus;
pub(crate) mod lead;
mod lead_page;

/// A question at the beginning of a meeting, and one at its end (SUP-02). Nothing that is said is kept.
const CHECK_IN: &str = "Check-in: how do you arrive, and what has happened since we last met?";
const CHECK_OUT: &str = "Check-out: how do you leave, and what goes with you?";

/// Where the exercise is, for the pages that follow it.
#[derive(Serialize)]
struct DomeView {
    /// Which phase, from 1 to 6.
    phase: u8,
    title: &'static str,
    about: &'static str,
    /// What is left of it (ms).
    left_ms: u64,
    running: bool,
    /// Who is under the dome.
    volunteer: String,
    /// Whether that is the visitor.
    you: bool,
}

/// The state that pages ask for each second.
#[derive(Serialize)]
struct State {
    /// None while there is no exercise.
    dome: Option<DomeView>,
    /// What people brought to hear, and where it is heard just now.
    brought: Vec<BroughtView>,
    /// None while there is no focus group.
    focus: Option<FocusState>,
}

/// The six phases, for the list on the page.
struct PhaseView {
    number: u8,
    title: &'static str,
    minutes: u64,
}

fn phases() -> Vec<PhaseView> {
    let of = |phase: Phase| PhaseView {
        number: phase.number(),
        title: phase.title(),
        minutes: phase.length().get() / 60_000,
    };
    Phase::ALL.into_iter().map(of).collect()
}

/// People by id, with what they are called.
type Names = BTreeMap<UserId, String>;

async fn names_of(work: &mut dyn Work, meetings: &[SupervisionMeeting]) -> Result<Names> {
    let mut everybody: Vec<UserId> = meetings.iter().map(|meeting| meeting.supervisor).collect();
    everybody.extend(meetings.iter().flat_map(|meeting| &meeting.seats).map(|seat| seat.coach));
    everybody.sort_unstable();
    everybody.dedup();
    let mut names = Names::new();
    for id in everybody {
        let person = work.person(id).await?;
        let name = person.map_or_else(|| "Somebody who has left".to_owned(), |p| p.name);
        names.insert(id, name);
    }
    Ok(names)
}

fn called(names: &Names, id: UserId) -> String {
    names.get(&id).cloned().unwrap_or_default()
}

fn dome(dome: Option<&Dome>, names: &Names, visitor: UserId, now: Timestamp) -> Option<DomeView> {
    dome.map(|dome| DomeView {
        phase: dome.phase.number(),
        title: dome.phase.title(),
        about: dome.phase.about(),
        left_ms: dome.left(now).get(),
        running: dome.since.is_some(),
        volunteer: called(names, dome.volunteer),
        you: dome.volunteer == visitor,
    })
}

/// Minutes and seconds, as the page shows them where nothing moves.
fn clock(ms: u64) -> String {
    hearback_domain::Ms::new(ms.div_ceil(1_000) * 1_000).to_string()
}

/// A line of a list of meetings.
struct MeetingLine {
    id: hearback_domain::SupervisionId,
    when: When,
    who: String,
    /// It lies ahead, or is on.
    ahead: bool,
}

fn line(meeting: &SupervisionMeeting, who: String, now: Timestamp) -> MeetingLine {
    let ahead = is_ahead(meeting.planned_at, now);
    MeetingLine { id: meeting.id, when: When::of(meeting.planned_at), who, ahead }
}
