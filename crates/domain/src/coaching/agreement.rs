//! What practitioner and coach agree on before anything is played (FRM-01), and the reminders that obey it (CM-16).

use serde::{Deserialize, Serialize};

use super::{
    kept::{self, Unreadable},
    sessions::{SessionState, next_number, numbers},
};
use crate::{Note, Timestamp, person::words, recording::UnknownWord};

/// What stays private (FRM-01).
pub const PRIVATE: &str = "What is said and heard stays between the two of us.";

/// The limits to that, in the order in which they are gone through (FRM-01).
pub const LIMITS: [&str; 2] = [
    "If the social worker would like the coach to talk to somebody, the coach does.",
    "If somebody is at risk of harm, the coach talks with the social worker about who is told; safety comes first.",
];

/// The four things that coaching will not be (CM-12, FRM-01).
pub const NOT_FOR: [&str; 4] = [
    "It takes the place of no other service.",
    "It is part of no assessment, and of no appraisal.",
    "There is nothing to get right or wrong in it: the social worker sets their own goals, and decides what came of them.",
    "It is put on no file beyond “is receiving coaching”, and that only if the social worker allows it; it is no evidence in court.",
];

/// What holds in every series (CM-02, CM-05, CM-14, K-02).
pub const RULES: [&str; 5] = [
    "There are up to five sessions. After the fourth we look back together.",
    "The social worker chooses what we look at, and can change it.",
    "The social worker can take any extract out before or during a session, without saying why.",
    "A manager comes only if the social worker invites them, to one session, and hears only what is played in it.",
    "Either of us can put a session off without saying why. The social worker can end the series, or choose another coach, at any time.",
];

/// What each of the two ticks when they sign (FRM-01).
pub const SIGNING: [&str; 3] = [
    "We went through this together.",
    "I know what stays private, and the limits to it.",
    "I know what coaching will not be.",
];

words! {
    /// How somebody is asked after a session that did not come about.
    Channel, UnknownWord;
    /// Nobody asks. Whoever would like to go on says so.
    Nobody = "nobody",
    /// A quiet line on the social worker's first page here.
    Here = "here",
    /// A message.
    Message = "message",
    /// A call.
    Call = "call",
}

impl Channel {
    /// In words, for a page.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Nobody => "Nobody asks; whoever would like to go on says so",
            Self::Here => "A quiet line on the social worker’s first page here",
            Self::Message => "The coach sends a message",
            Self::Call => "The coach calls",
        }
    }
}

/// How often that is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("choose once, twice or three times")]
pub struct MissedError;

/// What happens if a session does not come about: how often somebody asks, and how (CM-16).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Missed {
    #[serde(with = "kept")]
    channel: Channel,
    times: u8,
}

impl Missed {
    /// The most often that anybody is asked.
    pub const MOST: u8 = 3;

    /// Asked this often, in this way; never, if nobody asks.
    pub fn new(channel: Channel, times: u8) -> Result<Self, MissedError> {
        match channel {
            Channel::Nobody => Ok(Self { channel, times: 0 }),
            _ if (1..=Self::MOST).contains(&times) => Ok(Self { channel, times }),
            _ => Err(MissedError),
        }
    }

    /// In which way.
    pub const fn channel(self) -> Channel {
        self.channel
    }

    /// How often; 0 if nobody asks.
    pub const fn times(self) -> u8 {
        self.times
    }
}

/// What the two wrote. What holds in every series stands beside it, and is not theirs to change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgreementBody {
    /// Where we meet: a place that is private for both.
    #[serde(with = "kept")]
    pub place: Note,
    /// When.
    #[serde(with = "kept")]
    pub when: Note,
    /// How often.
    #[serde(with = "kept")]
    pub how_often: Note,
    /// How we talk to each other between sessions.
    #[serde(with = "kept")]
    pub between: Note,
    /// If we miss a session.
    pub missed: Missed,
    /// Whether the social worker's first page says when the next session is, and when none has a time.
    pub reminders: bool,
    /// Anything else.
    #[serde(with = "kept")]
    pub anything: Note,
}

impl AgreementBody {
    /// Reads what [`Self::to_json`] wrote.
    pub fn parse(json: &str) -> Result<Self, Unreadable> {
        let read: Self = kept::parse(json)?;
        let missed = Missed::new(read.missed.channel, read.missed.times);
        Ok(Self { missed: missed.map_err(|error| Unreadable::new(&error))?, ..read })
    }

    /// As it is kept.
    pub fn to_json(&self) -> String {
        kept::to_json(self)
    }
}

impl Default for AgreementBody {
    /// What a new one begins with: nothing but the quietest choices.
    fn default() -> Self {
        Self {
            place: Note::empty(),
            when: Note::empty(),
            how_often: Note::empty(),
            between: Note::empty(),
            missed: Missed { channel: Channel::Nobody, times: 0 },
            reminders: true,
            anything: Note::empty(),
        }
    }
}

/// A calm line on the practitioner's first page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reminder {
    /// When the next session is, and which of the five.
    Next {
        /// Which of the five.
        number: u8,
        /// When.
        at: Timestamp,
    },
    /// None has a time.
    NotPlanned {
        /// Which of the five the next one is.
        number: u8,
    },
}

/// How long a line stands for each time that somebody is asked: a week, in seconds.
const A_TIME: i64 = 7 * 86_400;

/// For how long after its beginning a session that nobody began is still said to be the next one, in seconds.
const STILL_NEXT: i64 = 86_400 / 2;

/// What the practitioner's first page says of a series whose agreement both have signed and that goes on, with sessions
/// in the order of their times. Nothing that the agreement does not allow (CM-16, K-14).
pub fn reminder(
    agreed: &AgreementBody,
    sessions: &[(Timestamp, SessionState)],
    now: Timestamp,
) -> Option<Reminder> {
    let states: Vec<_> = sessions.iter().map(|(_, state)| *state).collect();
    if !agreed.reminders || states.contains(&SessionState::Live) {
        return None;
    }
    let planned = sessions.iter().zip(numbers(sessions));
    let mut planned = planned.filter(|((_, state), _)| *state == SessionState::Planned);
    if let Some((&(at, _), Some(number))) = planned.next() {
        // What became of one that is past is for the two to say; until then, nobody is asked for another.
        return (now < at.plus_seconds(STILL_NEXT)).then_some(Reminder::Next { number, at });
    }
    let number = next_number(&states)?;
    if let Some(&(at, SessionState::Missed)) = sessions.last() {
        let missed = agreed.missed;
        let until = at.plus_seconds(A_TIME * i64::from(missed.times()));
        if missed.channel() != Channel::Here || now >= until {
            return None;
        }
    }
    Some(Reminder::NotPlanned { number })
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*, sample::select};

    use super::*;
    use SessionState::{Held, Live, Missed as DidNot, Planned, Postponed};

    fn agreed(channel: Channel, times: u8) -> AgreementBody {
        AgreementBody { missed: Missed::new(channel, times).unwrap(), ..AgreementBody::default() }
    }

    fn day(n: i64) -> Timestamp {
        Timestamp::from_micros(0).plus_seconds(n * 86_400)
    }

    #[test]
    fn an_agreement_comes_back_as_it_was() {
        let body = AgreementBody {
            place: Note::new("the small room").unwrap(),
            reminders: false,
            ..agreed(Channel::Call, 2)
        };
        assert_eq!(AgreementBody::parse(&body.to_json()).unwrap(), body);
        let often = body.to_json().replace(r#""times":2"#, r#""times":9"#);
        assert!(AgreementBody::parse(&often).is_err(), "more often than anybody may agree to");
    }

    #[test]
    fn nobody_is_asked_more_than_three_times() {
        for channel in Channel::ALL {
            for times in 0..6 {
                let fits = *channel == Channel::Nobody || (1..=3).contains(&times);
                assert_eq!(Missed::new(*channel, times).is_ok(), fits, "{channel} {times}");
            }
        }
        assert_eq!(Missed::new(Channel::Nobody, 3).unwrap().times(), 0);
    }

    #[test]
    fn what_the_first_page_says() {
        let quiet = AgreementBody::default();
        let says = |body: &AgreementBody, sessions: &[(Timestamp, SessionState)], now| {
            reminder(body, sessions, day(now))
        };
        let (first, second) = ((day(0), Held), (day(14), Planned));
        assert_eq!(says(&quiet, &[], 0), Some(Reminder::NotPlanned { number: 1 }));
        let next = Reminder::Next { number: 2, at: day(14) };
        assert_eq!(says(&quiet, &[first, second], 10), Some(next));
        assert_eq!(says(&quiet, &[first, second], 15), None, "they say what became of it");
        let put_off = [first, (day(14), Postponed)];
        assert_eq!(says(&quiet, &put_off, 15), Some(Reminder::NotPlanned { number: 2 }));
        assert_eq!(says(&quiet, &[first, (day(14), Live)], 14), None);
        assert_eq!(says(&quiet, &[(day(0), Held); 5], 14), None, "it is over");

        let missed = [first, (day(14), DidNot)];
        assert_eq!(says(&quiet, &missed, 15), None, "nobody asks");
        let twice = agreed(Channel::Here, 2);
        assert_eq!(says(&twice, &missed, 27), Some(Reminder::NotPlanned { number: 2 }));
        assert_eq!(says(&twice, &missed, 28), None, "two weeks, and no longer");
        assert_eq!(says(&agreed(Channel::Call, 3), &missed, 15), None, "the coach calls");
    }

    proptest! {
        /// Never a line that the agreement does not allow.
        #[test]
        fn a_line_is_never_more_than_was_agreed(
            states in vec(select(SessionState::ALL), 0..9),
            channel in select(Channel::ALL),
            times in 1_u8..4,
            reminders in any::<bool>(),
            now in 0_i64..200,
        ) {
            let sessions: Vec<_> =
                (0..).zip(&states).map(|(n, state)| (day(n * 14), *state)).collect();
            let body = AgreementBody { reminders, ..agreed(channel, times) };
            let said = reminder(&body, &sessions, day(now));
            if !reminders {
                prop_assert_eq!(said, None);
            }
            if let (Some(Reminder::NotPlanned { .. }), Some((at, DidNot))) = (said, sessions.last()) {
                prop_assert_eq!(channel, Channel::Here);
                prop_assert!(day(now) < at.plus_seconds(7 * 86_400 * i64::from(times)));
            }
        }
    }
}
