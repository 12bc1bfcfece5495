//! How often a network may ask: so much that no office notices, so little that guessing and flooding do not pay.
//!
//! The allowance lies in the database, so that it is one for all servers. Where asking is frequent and harmless, a
//! server takes fifty asks at once and hands them out itself.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
};

use axum::http::Method;
use hearback_domain::Timestamp;
use hearback_storage::TokenHash;

use crate::{
    App, WebError,
    error::Result,
    network::prefix_of,
    routes::{Guard, Route},
};

/// Kinds of asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Class {
    /// Showing who one is.
    Auth,
    /// Sending a recording.
    Upload,
    /// Messages of the organisation's sign-in, which are signed: all come from one address.
    Provider,
    /// Everything else.
    General,
}

/// Whose asks are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Whose {
    /// A network's ([`prefix_of`]).
    Network(IpAddr),
    /// A browser's in which somebody signed in before: its neighbours' asks do not use up its own.
    Device(TokenHash),
}

impl Whose {
    /// The network's of this address.
    pub(crate) fn network(from: IpAddr) -> Self {
        Self::Network(prefix_of(from))
    }

    fn key(self, class: Class) -> String {
        match self {
            Self::Network(prefix) => format!("{}:{prefix}", class.word()),
            Self::Device(token) => format!("{}:device:{}", class.word(), hex::encode(token.0)),
        }
    }
}

impl Class {
    /// What a route asks; nothing for what every page brings with it.
    pub(crate) fn of(route: &Route) -> Option<Self> {
        let showing = ["/sign-in", "/confirm", "/invite"];
        if route.path.starts_with("/assets") || route.path == "/healthz" {
            None
        } else if route.guard == Guard::Provider {
            Some(Self::Provider)
        } else if route.method != Method::GET && showing.iter().any(|p| route.path.starts_with(p)) {
            Some(Self::Auth)
        } else if route.body_cap.is_none() || route.path == "/recordings" {
            Some(Self::Upload)
        } else {
            Some(Self::General)
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Auth => "auth",
            Self::Upload => "upload",
            Self::Provider => "provider",
            Self::General => "general",
        }
    }

    /// One ask each so many microseconds, and how many at once.
    const fn allowance(self) -> (i64, i64) {
        match self {
            Self::Auth => (2_000_000, 100),
            Self::Upload => (1_000_000, 200),
            Self::Provider => (20_000, 3_000),
            Self::General => (5_000, 12_000),
        }
    }

    /// How many asks a server takes at once.
    const fn batch(self) -> u32 {
        match self {
            Self::General => 50,
            _ => 1,
        }
    }
}

/// How many networks a server remembers.
const MOST_NETWORKS: usize = 10_000;

/// What this server knows without asking the database.
#[derive(Default)]
pub(crate) struct Limiter {
    /// What it took and has not handed out.
    hand: Mutex<HashMap<(Class, Whose), u32>>,
    /// Who was refused, and until when nothing can have grown back: refusing costs nothing.
    refused: Mutex<HashMap<(Class, Whose), Timestamp>>,
}

impl Limiter {
    /// Takes one ask, or says that it is too early.
    pub(crate) async fn take(
        &self,
        app: &App,
        class: Class,
        whose: Whose,
        now: Timestamp,
    ) -> Result<()> {
        if self.in_hand(class, whose) {
            return Ok(());
        }
        if self.refuses(class, whose, now) {
            return Err(WebError::TooMany);
        }
        let (interval, most) = class.allowance();
        let batch = i64::from(class.batch());
        let key = whose.key(class);
        let mut work = app.store.begin().await?;
        // A batch is one ask of fifty times the length; the burst is what may lie ahead before it is added.
        let burst = interval * (most - batch);
        let taken = work.take_from_limit(&key, now, interval * batch, burst).await?;
        work.commit().await?;
        if !taken {
            self.note_refusal(class, whose, now);
            return Err(WebError::TooMany);
        }
        self.put_in_hand(class, whose, class.batch() - 1);
        Ok(())
    }

    fn refuses(&self, class: Class, whose: Whose, now: Timestamp) -> bool {
        let refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        refused.get(&(class, whose)).is_some_and(|until| *until > now)
    }

    fn note_refusal(&self, class: Class, whose: Whose, now: Timestamp) {
        let until = now.as_micros().saturating_add(class.allowance().0 * i64::from(class.batch()));
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        if refused.len() >= MOST_NETWORKS {
            refused.clear();
        }
        refused.insert((class, whose), Timestamp::from_micros(until));
    }

    fn in_hand(&self, class: Class, whose: Whose) -> bool {
        let mut hand = self.hand.lock().unwrap_or_else(PoisonError::into_inner);
        match hand.get_mut(&(class, whose)) {
            Some(left) if *left > 0 => {
                *left -= 1;
                true
            }
            _ => false,
        }
    }

    fn put_in_hand(&self, class: Class, whose: Whose, asks: u32) {
        if asks == 0 {
            return;
        }
        let mut hand = self.hand.lock().unwrap_or_else(PoisonError::into_inner);
        if hand.len() >= MOST_NETWORKS {
            hand.clear();
        }
        *hand.entry((class, whose)).or_default() += asks;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routes::ROUTES;

    #[test]
    fn a_refusal_holds_until_an_ask_has_grown_back() {
        let (limiter, now) = (Limiter::default(), Timestamp::from_micros(0));
        let [one, other] =
            ["203.0.113.9", "203.0.113.10"].map(|a| Whose::network(a.parse().unwrap()));
        assert!(!limiter.refuses(Class::Auth, one, now));
        limiter.note_refusal(Class::Auth, one, now);
        assert!(limiter.refuses(Class::Auth, one, now.plus_seconds(1)));
        assert!(!limiter.refuses(Class::Auth, one, now.plus_seconds(2)));
        assert!(!limiter.refuses(Class::General, one, now));
        assert!(!limiter.refuses(Class::Auth, other, now));
    }

    #[test]
    fn routes_are_of_a_class() {
        let class = |method: Method, path: &str| {
            Class::of(ROUTES.iter().find(|r| r.method == method && r.path == path).unwrap())
        };
        assert_eq!(class(Method::POST, "/sign-in"), Some(Class::Auth));
        assert_eq!(class(Method::GET, "/sign-in"), Some(Class::General));
        assert_eq!(class(Method::POST, "/sign-in/sso/logout"), Some(Class::Provider));
        assert_eq!(class(Method::POST, "/invite/{token}"), Some(Class::Auth));
        assert_eq!(class(Method::PUT, "/recordings/{id}/original"), Some(Class::Upload));
        assert_eq!(class(Method::GET, "/assets/{name}"), None);
        assert_eq!(class(Method::GET, "/recordings/{id}/audio"), Some(Class::General));
    }
}
