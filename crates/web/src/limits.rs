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

use crate::{App, WebError, error::Result, network::prefix_of, routes::Route};

/// Kinds of asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Class {
    /// Showing who one is.
    Auth,
    /// Sending a recording.
    Upload,
    /// Everything else.
    General,
}

impl Class {
    /// What a route asks; nothing for what every page brings with it.
    pub(crate) fn of(route: &Route) -> Option<Self> {
        let showing = ["/sign-in", "/confirm", "/invite"];
        if route.path.starts_with("/assets") || route.path == "/healthz" {
            None
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
            Self::General => "general",
        }
    }

    /// One ask each so many microseconds, and how many at once.
    const fn allowance(self) -> (i64, i64) {
        match self {
            Self::Auth => (2_000_000, 100),
            Self::Upload => (1_000_000, 200),
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

/// What this server took and has not handed out.
#[derive(Default)]
pub(crate) struct Limiter(Mutex<HashMap<(Class, IpAddr), u32>>);

impl Limiter {
    /// Takes one ask, or says that it is too early.
    pub(crate) async fn take(
        &self,
        app: &App,
        class: Class,
        from: IpAddr,
        now: Timestamp,
    ) -> Result<()> {
        let from = prefix_of(from);
        if self.in_hand(class, from) {
            return Ok(());
        }
        let (interval, most) = class.allowance();
        let batch = i64::from(class.batch());
        let key = format!("{}:{from}", class.word());
        let mut work = app.store.begin().await?;
        // A batch is one ask of fifty times the length; the burst is what may lie ahead before it is added.
        let burst = interval * (most - batch);
        let taken = work.take_from_limit(&key, now, interval * batch, burst).await?;
        work.commit().await?;
        if !taken {
            return Err(WebError::TooMany);
        }
        self.put_in_hand(class, from, class.batch() - 1);
        Ok(())
    }

    fn in_hand(&self, class: Class, from: IpAddr) -> bool {
        let mut hand = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match hand.get_mut(&(class, from)) {
            Some(left) if *left > 0 => {
                *left -= 1;
                true
            }
            _ => false,
        }
    }

    fn put_in_hand(&self, class: Class, from: IpAddr, asks: u32) {
        if asks == 0 {
            return;
        }
        let mut hand = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if hand.len() >= MOST_NETWORKS {
            hand.clear();
        }
        *hand.entry((class, from)).or_default() += asks;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routes::ROUTES;

    #[test]
    fn routes_are_of_a_class() {
        let class = |method: Method, path: &str| {
            Class::of(ROUTES.iter().find(|r| r.method == method && r.path == path).unwrap())
        };
        assert_eq!(class(Method::POST, "/sign-in"), Some(Class::Auth));
        assert_eq!(class(Method::GET, "/sign-in"), Some(Class::General));
        assert_eq!(class(Method::POST, "/invite/{token}"), Some(Class::Auth));
        assert_eq!(class(Method::PUT, "/recordings/{id}/original"), Some(Class::Upload));
        assert_eq!(class(Method::GET, "/assets/{name}"), None);
        assert_eq!(class(Method::GET, "/recordings/{id}/audio"), Some(Class::General));
    }
}
