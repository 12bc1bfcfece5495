//! Counting tries, so that guessing is slow and nobody can lock somebody else out.
//!
//! Where somebody signed in before, tries are counted by browser; elsewhere by sign-in name. So whoever guesses at a
//! name slows down strangers, and never its owner in their own browser.

use hearback_domain::{Login, Timestamp, UserId};
use hearback_storage::{SignInFailures, TokenHash, Work};

use crate::{App, Visit, error::Result, throttle::seconds_left};

/// By what a try is counted.
#[derive(Clone, Debug)]
pub(crate) enum Counter {
    /// By a name, whether or not anybody has it.
    Name(String),
    /// By a browser that its owner signed in with before.
    Device(TokenHash),
}

/// How often counting is tried again when somebody else counted at the same moment. After three tries everybody waits.
const AGAIN: usize = 16;

impl Counter {
    /// The counter for tries at being this person.
    pub(crate) async fn of(visit: &Visit, login: &Login, user: Option<UserId>) -> Result<Self> {
        if let (Some(token), Some(user)) = (visit.device_token(), user) {
            let mut work = visit.app().store.begin().await?;
            if work.device(&token, visit.cx().now).await?.is_some_and(|device| device.user == user)
            {
                return Ok(Self::Device(token));
            }
        }
        Ok(Self::Name(login.to_string()))
    }

    /// The counter for showing anew that one is this person, in a session of theirs: strangers do not get that far, so
    /// their guesses do not fill it.
    pub(crate) fn of_confirming(user: UserId) -> Self {
        Self::Name(format!("confirming {user}"))
    }

    /// The counter for codes of sessions that somebody types.
    pub(crate) fn of_joining(user: UserId) -> Self {
        Self::Name(format!("joining {user}"))
    }

    /// The counter for their second steps: whoever came that far waits only for second steps that did not work. No
    /// sign-in name has a space, so these names are nobody's.
    pub(crate) fn of_second_step(&self) -> Self {
        Self::Name(match self {
            Self::Name(name) => format!("second step of {name}"),
            Self::Device(token) => format!("second step in {}", hex::encode(token.0)),
        })
    }

    /// Whether the browser is known.
    pub(crate) fn is_known(&self) -> bool {
        matches!(self, Self::Device(_))
    }

    /// Counts a try before it is made; or how many seconds to wait before the next.
    pub(crate) async fn count(&self, app: &App, now: Timestamp) -> Result<Option<i64>> {
        for _ in 0..AGAIN {
            let mut work = app.store.begin().await?;
            let before = self.so_far(&mut *work, now).await?;
            if let Some(wait) = seconds_left(before, now) {
                return Ok(Some(wait));
            }
            let counted = match self {
                Self::Name(name) => work.count_sign_in_try(name, before, now).await?,
                Self::Device(token) => work.count_device_try(token, before, now).await?,
            };
            if counted {
                work.commit().await?;
                return Ok(None);
            }
        }
        Ok(Some(1))
    }

    async fn so_far(&self, work: &mut dyn Work, now: Timestamp) -> Result<SignInFailures> {
        Ok(match self {
            Self::Name(name) => work.sign_in_failures(name).await?,
            Self::Device(token) => {
                work.device(token, now).await?.map(|d| d.failures).unwrap_or_default()
            }
        })
    }

    /// It worked.
    pub(crate) async fn clear(&self, work: &mut dyn Work) -> Result<()> {
        match self {
            Self::Name(name) => work.clear_sign_in_failures(name).await?,
            Self::Device(token) => work.clear_device_tries(token).await?,
        }
        Ok(())
    }
}
