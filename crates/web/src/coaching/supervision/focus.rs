//! A focus group after the meeting (SUP-07): who takes part, who said yes to being recorded, and whether the recorder
//! in the room runs. This service records nothing there.

use axum::response::IntoResponse as _;
use hearback_access::{AttendSupervision, Supervise};
use hearback_domain::{
    Day, SupervisionId, Timestamp, UserId,
    supervision::{FocusPart, focus_begins, may_record},
};
use hearback_storage::FocusGroup;
use serde::Serialize;

use super::{
    Names, called,
    lead::{address, found, when},
};
use crate::{
    Visit, WebError,
    error::Result,
    extract::{Fields, Path},
    page::Said,
    when::When,
};

/// Of a focus group, what pages that are open follow.
#[derive(Serialize)]
pub(super) struct FocusState {
    /// Whether the recorder runs.
    recorder: bool,
    /// For whoever leads it: whether the recorder may run.
    may: bool,
    /// For whoever leads it: who takes part, as a sentence.
    who: String,
}

/// A focus group, for a coach.
pub(super) struct OwnFocus {
    pub(super) when: When,
    pub(super) recorder: bool,
    /// What they said to it, if they did.
    pub(super) said: Option<FocusPart>,
}

impl OwnFocus {
    pub(super) fn takes_part(&self) -> bool {
        self.said.is_some_and(FocusPart::takes_part)
    }

    pub(super) fn recorded(&self) -> bool {
        self.said.is_some_and(FocusPart::recorded)
    }
}

/// A focus group, for whoever leads it, or when one would be suggested.
pub(super) struct LedFocus {
    /// Whether there is one.
    pub(super) there: bool,
    pub(super) when: When,
    pub(super) day: String,
    pub(super) time: String,
    pub(super) recorder: bool,
    pub(super) may: bool,
    pub(super) who: String,
}

fn may(group: &FocusGroup) -> bool {
    may_record(group.said.iter().map(|(_, part)| *part))
}

/// Nobody's answer about the recorder is told: one no is enough, and is nobody's name.
fn who(group: &FocusGroup, names: &Names) -> String {
    let there: Vec<_> = group
        .said
        .iter()
        .filter(|(_, part)| part.takes_part())
        .map(|(coach, _)| called(names, *coach))
        .collect();
    match there.as_slice() {
        [] => "Nobody has said yet that they take part.".to_owned(),
        [one] => format!("One takes part: {one}."),
        more => format!("{} take part: {}.", more.len(), more.join(", ")),
    }
}

/// For the pages of coaches: the recorder, and nobody's answer.
pub(super) fn followed(group: Option<&FocusGroup>) -> Option<FocusState> {
    group.map(|group| FocusState { recorder: group.recording, may: false, who: String::new() })
}

/// For the page of whoever leads it.
pub(super) fn led_state(group: Option<&FocusGroup>, names: &Names) -> Option<FocusState> {
    group.map(|group| FocusState {
        recorder: group.recording,
        may: may(group),
        who: who(group, names),
    })
}

pub(super) fn own(group: &FocusGroup, me: UserId) -> OwnFocus {
    let said = group.said.iter().find(|(coach, _)| *coach == me).map(|(_, part)| *part);
    OwnFocus { when: When::of(group.begins_at), recorder: group.recording, said }
}

pub(super) fn led(group: Option<&FocusGroup>, meeting: Timestamp, names: &Names) -> LedFocus {
    let at = group.map_or_else(|| focus_begins(meeting), |group| group.begins_at);
    LedFocus {
        there: group.is_some(),
        when: When::of(at),
        day: Day::of(at).to_string(),
        time: time_of(at),
        recorder: group.is_some_and(|group| group.recording),
        may: group.is_some_and(may),
        who: group.map(|group| who(group, names)).unwrap_or_default(),
    }
}

/// The hour and the minute in UTC, as inputs take them.
pub(super) fn time_of(at: Timestamp) -> String {
    let seconds = at.as_micros().div_euclid(1_000_000).rem_euclid(86_400);
    format!("{:02}:{:02}", seconds / 3_600, seconds / 60 % 60)
}

/// `POST /supervision/{meeting}/focus`: `takes_part` and `recorded`, each `yes` or nothing. The recorder is off at once
/// where it no longer has everybody's yes.
pub(crate) async fn answer(visit: Visit, Path(id): Path<SupervisionId>, fields: Fields) -> Result {
    let (mut work, permit) = visit.permit::<AttendSupervision>(()).await?;
    work.meeting_attended(&permit, id).await?.ok_or(WebError::NotFound)?;
    let said = FocusPart::of(fields.get("takes_part") == "yes", fields.get("recorded") == "yes");
    if !work.answer_focus(&permit, id, said).await? {
        return Err(WebError::conflict("there is no focus group after this meeting any more"));
    }
    work.commit().await?;
    Ok(Said::Saved.near(&format!("/supervision/{id}"), "focus"))
}

/// `POST /supervision/lead/{meeting}/focus`: `do`: `plan` (with `day` and `time`), `drop`, `on` or `off` (the
/// recorder).
pub(crate) async fn decide(visit: Visit, Path(id): Path<SupervisionId>, fields: Fields) -> Result {
    let (mut work, permit) = visit.permit::<Supervise>(()).await?;
    work.meeting_led(&permit, id).await?.ok_or(WebError::NotFound)?;
    match fields.get("do") {
        "plan" => {
            let at = when(&fields).map_err(|error| WebError::conflict(error.text))?;
            found(work.plan_focus(&permit, id, at).await?)?;
        }
        "drop" => {
            work.drop_focus(&permit, id).await?;
        }
        runs => {
            if !work.set_recorder(&permit, id, runs == "on").await? {
                let why = "not everybody who takes part has said yes to being recorded, so the \
                           recorder stays off";
                return Err(WebError::conflict(why));
            }
        }
    }
    work.commit().await?;
    if visit.wants_json() {
        return Ok(axum::http::StatusCode::NO_CONTENT.into_response());
    }
    Ok(Said::Saved.near(&address(id), "focus"))
}

#[cfg(test)]
mod tests {
    use hearback_domain::UserId;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn whoever_leads_learns_who_comes_and_not_who_said_no() {
        let person = |n| UserId::from_uuid(Uuid::from_u128(n));
        let names: Names = [(person(1), "Ann".to_owned()), (person(2), "Bob".to_owned())].into();
        let at = Timestamp::from_micros(1_763_733_900_000_000);
        let group = |said: &[(u128, FocusPart)]| FocusGroup {
            begins_at: at,
            recording: false,
            said: said.iter().map(|(n, part)| (person(*n), *part)).collect(),
        };
        let told = |said: &[(u128, FocusPart)]| {
            let state = led_state(Some(&group(said)), &names).unwrap();
            (state.who, state.may)
        };
        let none = "Nobody has said yet that they take part.".to_owned();
        assert_eq!(told(&[(1, FocusPart::Away)]), (none, false));
        let both = "2 take part: Ann, Bob.".to_owned();
        let no = [(1, FocusPart::Recorded), (2, FocusPart::Unrecorded)];
        assert_eq!(told(&no), (both.clone(), false));
        assert_eq!(told(&[(1, FocusPart::Recorded), (2, FocusPart::Recorded)]), (both, true));
        let seen = followed(Some(&group(&no))).unwrap();
        assert_eq!((seen.who.as_str(), seen.may), ("", false), "the others learn neither");
        let own = own(&group(&no), person(2));
        assert_eq!(own.said, Some(FocusPart::Unrecorded));
        let suggested = led(None, at, &names);
        assert_eq!((suggested.there, suggested.time.as_str()), (false, "16:20"));
    }
}
