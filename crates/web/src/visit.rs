//! One request's visitor: who they are, in which hat, and the questions that are asked in their name.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, Method, Uri, header, request::Parts},
};
use hearback_access::{AccessError, Action, Cx, Permit, among, require};
use hearback_domain::{Role, SessionId, Timestamp, UserId, policy::Refusal};
use hearback_storage::{Person, Shown, TokenHash, Work, permit};

use crate::{
    App, WebError,
    error::Result,
    local::{encode, safe_next},
    network::device_words,
    routes::{Guard, Kind, Route},
    session::Cookie,
};

/// A signed-in person.
#[derive(Debug)]
pub(crate) struct SignedIn {
    pub(crate) person: Person,
    pub(crate) role: Role,
    pub(crate) token: TokenHash,
    pub(crate) session: SessionId,
    /// Until when who they are counts as shown just now.
    pub(crate) elevated_until: Option<Timestamp>,
    /// How that was shown.
    pub(crate) shown: Shown,
    /// Whether they have a second step.
    pub(crate) second_step: bool,
}

impl SignedIn {
    /// Whether they showed who they are just now: with two different things, if they have a second step here.
    pub(crate) fn is_fresh(&self, now: Timestamp) -> bool {
        let enough = !self.second_step || self.shown.in_two_steps();
        enough && self.elevated_until.is_some_and(|until| until > now)
    }

    /// Whether that was as much as is asked of them.
    pub(crate) fn is_elevated(&self, app: &App, now: Timestamp) -> bool {
        let asked = app.config.second_factor.is_asked_of(&self.person.roles);
        self.is_fresh(now) && (!asked || self.shown.in_two_steps())
    }
}

/// A request's visitor.
#[derive(Clone)]
pub(crate) struct Visit(Arc<Inner>);

struct Inner {
    app: App,
    route: &'static Route,
    uri: Uri,
    wants_json: bool,
    method: Method,
    headers: HeaderMap,
    who: Option<SignedIn>,
    asked: AtomicBool,
}

impl Visit {
    /// A visit of somebody who is known, or of a stranger.
    pub(crate) fn new(
        app: App,
        route: &'static Route,
        method: Method,
        uri: Uri,
        headers: &HeaderMap,
        who: Option<SignedIn>,
    ) -> Self {
        let accepts_json = headers
            .get(header::ACCEPT)
            .and_then(|v| v.to_str().ok())
            .is_some_and(|v| v.contains("application/json"));
        let wants_json = accepts_json || matches!(route.kind, Kind::Json | Kind::Bytes);
        let headers = headers.clone();
        let asked = AtomicBool::new(false);
        Self(Arc::new(Inner { app, route, uri, wants_json, method, headers, who, asked }))
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
            Some(who) => {
                let elevated = who.is_elevated(&self.0.app, now);
                Cx::person(who.person.id, who.role, now).elevated(elevated)
            }
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

    /// Goes on only if the person showed who they are just now.
    pub(crate) fn fresh(&self) -> Result<&SignedIn> {
        let who = self.signed_in()?;
        if who.is_fresh(self.0.app.clock.now()) { Ok(who) } else { Err(WebError::Confirm) }
    }

    /// The browser and the system, in two coarse words.
    pub(crate) fn device(&self) -> String {
        device_words(&self.0.headers)
    }

    /// The token of a browser that somebody signed in with before.
    pub(crate) fn device_token(&self) -> Option<TokenHash> {
        Cookie::Device.of(&self.0.headers, self.0.app.config.secure())
    }

    /// The token of a sign-in whose second step is still to come.
    pub(crate) fn step_token(&self) -> Option<TokenHash> {
        Cookie::Step.of(&self.0.headers, self.0.app.config.secure())
    }

    /// Where to show anew who one is and come back from: to this page, or to the page that a form stands on.
    pub(crate) fn confirm_address(&self) -> String {
        let here = if self.0.method.is_safe() {
            self.0.uri.path_and_query().map(ToString::to_string)
        } else {
            let referer = self.0.headers.get(header::REFERER).and_then(|v| v.to_str().ok());
            let path = referer.and_then(|r| r.strip_prefix(self.0.app.config.origin()));
            path.map(ToOwned::to_owned)
        };
        format!("/confirm?next={}", encode(safe_next(here.as_deref().unwrap_or("/"))))
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
        self.asks_as_the_table_says::<A>()?;
        Ok(permit::<A>(&*self.0.app.store, self.cx(), object).await?)
    }

    /// The same for a page that is open and looks again and again: that it may leaves no entry, as with a sound that is
    /// asked about while it is sent, so that the log has one for the page and not one for each second that it is open. A
    /// refusal is in the log like any other. The unit is not to be committed.
    pub(crate) async fn look<A: Action>(
        &self,
        object: A::Object,
    ) -> Result<(Box<dyn Work>, Permit<A>)> {
        self.asks_as_the_table_says::<A>()?;
        let mut work = self.0.app.store.begin().await?;
        if let Some(permit) = among::<A>(work.gate(), self.cx(), &[object]).await?.pop() {
            return Ok((work, permit));
        }
        drop(work);
        self.permit::<A>(object).await
    }

    fn asks_as_the_table_says<A: Action>(&self) -> Result<()> {
        let first = !self.0.asked.swap(true, Ordering::Relaxed);
        if first && self.0.route.guard != Guard::Asks(A::ACTION) {
            return Err(WebError::internal(format!(
                "{} asks for {} first, which the route table does not say",
                self.0.route.path,
                A::ACTION.as_str()
            )));
        }
        Ok(())
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
            Err(AccessError::Refused(why)) => {
                work.commit().await?;
                Err(if why == Refusal::Strength { WebError::Confirm } else { WebError::NotFound })
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
