//! Who listened, for the person whose practice it is.

use hearback_domain::{Role, policy::Action};
use hearback_storage::Listen;

use crate::page::day_and_time;

/// A line of the list.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) who: String,
    pub(super) role: String,
    pub(super) when: String,
    pub(super) what: &'static str,
}

/// Two of the same kind within this time are one sitting.
const SITTING_MICROS: i64 = 30 * 60 * 1_000_000;

/// The list, newest first: a browser asks many times while somebody listens once.
pub(super) fn lines(listens: &[Listen]) -> Vec<Line> {
    let mut sittings: Vec<(&Listen, i64)> = Vec::new();
    for listen in listens {
        let same = |other: &Listen| {
            (other.who, &other.hat, what(&other.action))
                == (listen.who, &listen.hat, what(&listen.action))
        };
        // From here backwards in time; a sitting is named by its last moment and grows towards its first.
        let at = listen.at.as_micros();
        let open = sittings.iter_mut().rev().find(|(other, _)| same(other));
        match open {
            Some((_, first)) if first.saturating_sub(at) <= SITTING_MICROS => *first = at,
            _ => sittings.push((listen, at)),
        }
    }
    sittings
        .into_iter()
        .map(|(listen, _)| Line {
            who: listen.name.clone().unwrap_or_else(|| "Somebody who has left".to_owned()),
            role: listen.hat.parse::<Role>().map_or("", Role::title).to_owned(),
            when: day_and_time(listen.at),
            what: what(&listen.action),
        })
        .collect()
}

fn what(action: &str) -> &'static str {
    let is = |known: Action| action == known.as_str();
    if is(Action::PlayRecording) {
        "Listened to the recording"
    } else if is(Action::ReadTranscript) {
        "Read the words"
    } else if is(Action::PlayClip) {
        "Listened to an extract"
    } else if is(Action::HearPassage) {
        "Heard one passage, to keep somebody safe"
    } else if is(Action::HearBriefing) {
        "Listened to a passage while preparing"
    } else if is(Action::PrepareClip) {
        "Listened to an extract before a session"
    } else if is(Action::HearInSession) {
        "Listened to an extract in a session"
    } else if is(Action::HearBrought) {
        "Listened to a moment in supervision"
    } else if is(Action::PreviewClip) {
        "Prepared an extract"
    } else {
        "Opened it"
    }
}

#[cfg(test)]
mod tests {
    use hearback_domain::{Timestamp, UserId};
    use uuid::Uuid;

    use super::*;

    #[test]
    fn one_sitting_is_one_line() {
        let listen = |minute: i64, who: u128, action: &str| Listen {
            at: Timestamp::from_micros(minute * 60_000_000),
            who: Some(UserId::from_uuid(Uuid::from_u128(who))),
            name: Some(format!("Person {who}")),
            hat: "researcher".to_owned(),
            action: action.to_owned(),
        };
        let listens = [
            listen(500, 1, "recording.play"),
            listen(480, 1, "transcript.read"),
            listen(475, 2, "recording.play"),
            listen(475, 1, "recording.play"),
            listen(450, 1, "recording.play"),
            listen(300, 1, "recording.play"),
        ];
        let found: Vec<_> = lines(&listens).into_iter().map(|l| (l.who, l.what)).collect();
        let (one, two) = ("Person 1".to_owned(), "Person 2".to_owned());
        let heard = "Listened to the recording";
        assert_eq!(
            found,
            [(one.clone(), heard), (one.clone(), "Read the words"), (two, heard), (one, heard)]
        );
        assert_eq!(lines(&listens)[0].role, "Researcher");
    }
}
