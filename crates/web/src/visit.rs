//! One request's visitor: who they are, in which hat, and the questions that are asked in their name.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, Uri, header, request::Parts},
};
use hearback_access::{AccessError, Action, Cx, Permit, require};
use hearback_domain::{Role, UserId};
use hearback_storage::{Person, TokenHash, Work, permit};

use crate::{
    App, WebError,
    error::Result,
    local::encode,
    routes::{Guard, Kind, Route},
};

/// A signed-in person.
#[derive(Debug)]
pub(crate) struct SignedIn {
    pub(crate) person: Person,
    pub(crate) role: Role,
    pub(crate) token: TokenHash,
}

/// A request's visitor.
#[derive(Clone)]
pub(crate) struct Visit(Arc<Inner>);

struct Inner {
    app: App,
    route: &'static Route,
    uri: Uri,
    wants_json: bool,
    who: Option<SignedIn>,
    asked: AtomicBool,
}

impl Visit {
    /// A visit of somebody who is known, or of a stranger.
    pub(crate) fn new(
        app: App,
        route: &'static Route,
        uri: Uri,
        headers: &HeaderMap,
        who: Option<SignedIn>,
    ) -> Self {
        let accepts_json = headers
            .get(header::ACCEPT)
            .and_then(|v| v.to_str().ok())
            .is_some_and(|v| v.contains("application/json"));
        let wants_json = accepts_json || matches!(route.kind, Kind::Json | Kind::Bytes);
        Self(Arc::new(Inner { app, route, uri, wants_json, who, asked: AtomicBool::new(false) }))
    }

    pub(crate) fn app(&self) -> &App {
        &self.0.app
    }

    pub(crate) fn route(&self) -> &'static Route {
        self.0.route
    }

    pub(crate) fn path(&self) -> &str {
        self.0.uri.path()
    }

    pub(crate) fn query(&self) -> Option<&str> {
        self.0.uri.query()
    }

    /// Whether an error is JSON rather than a page.
    pub(crate) fn wants_json(&self) -> bool {
        self.0.wants_json
    }

    /// Who asks, in which capacity, at this very moment: a body may take long to come.
    pub(crate) fn cx(&self) -> Cx {
        let now = self.0.app.clock.now();
        match &self.0.who {
            Some(who) => Cx::person(who.person.id, who.role, now),
            None => Cx::nobody(now),
        }
    }

    /// The signed-in person, if anybody is.
    pub(crate) fn who(&self) -> Option<&SignedIn> {
        self.0.who.as_ref()
    }

    /// The signed-in person.
    pub(crate) fn signed_in(&self) -> Result<&SignedIn> {
        self.who().ok_or(WebError::SignedOut)
    }

    /// The signed-in person's id.
    pub(crate) fn user(&self) -> Result<UserId> {
        Ok(self.signed_in()?.person.id)
    }

    /// Where to sign in and come back from.
    pub(crate) fn sign_in_address(&self) -> String {
        match (self.0.route.kind, self.0.uri.path_and_query()) {
            (Kind::Page, Some(here)) if here.as_str() != "/" => {
                format!("/sign-in?next={}", encode(here.as_str()))
            }
            _ => "/sign-in".to_owned(),
        }
    }

    /// Begins a unit of work with a permit for what this route asks.
    ///
    /// The first question of a request is the one that the route table names; the table would be a lie otherwise.
    pub(crate) async fn permit<A: Action>(
        &self,
        object: A::Object,
    ) -> Result<(Box<dyn Work>, Permit<A>)> {
        let first = !self.0.asked.swap(true, Ordering::Relaxed);
        if first && self.0.route.guard != Guard::Asks(A::ACTION) {
            return Err(WebError::internal(format!(
                "{} asks for {} first, which the route table does not say",
                self.0.route.path,
                A::ACTION.as_str()
            )));
        }
        Ok(permit::<A>(&*self.0.app.store, self.cx(), object).await?)
    }

    /// Asks for one more permit in a unit of work that has changed nothing yet.
    ///
    /// A refusal is committed, so that it stands in the audit log.
    pub(crate) async fn also<A: Action>(
        &self,
        mut work: Box<dyn Work>,
        object: A::Object,
    ) -> Result<(Box<dyn Work>, Permit<A>)> {
        match require::<A>(work.gate(), self.cx(), object).await {
            Ok(permit) => Ok((work, permit)),
            Err(AccessError::Refused(_)) => {
                work.commit().await?;
                Err(WebError::NotFound)
            }
            Err(error) => Err(error.into()),
        }
    }
}

impl FromRequestParts<App> for Visit {
    type Rejection = WebError;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self> {
        let visit = parts.extensions.get::<Self>().cloned();
        visit.ok_or_else(|| WebError::internal("a route without its guard"))
    }
}
