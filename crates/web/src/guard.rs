//! What happens before and after every handler: where does the request come from, who is asking, and how does an
//! answer that failed look.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use axum::{
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, Method},
    middleware::Next,
    response::Response,
};
use hearback_storage::TokenHash;

use crate::{
    App, Config, WebError,
    config::SecondFactor,
    error::{Result, finish, render},
    limits::{Class, Limiter, Whose},
    network::origin_of,
    page::Said,
    routes::{Guard, Kind, Route},
    session::Cookie,
    visit::{SignedIn, Visit},
};

/// How long a session may go on before it is noted again that it is used.
const TOUCH_SECONDS: i64 = 60;

/// Stands around every handler.
pub(crate) async fn guard(
    State((app, route, limiter)): State<(App, &'static Route, Arc<Limiter>)>,
    mut request: Request,
    next: Next,
) -> Response {
    let uri = request.uri().clone();
    let method = request.method().clone();
    let from = match route.guard {
        // No browser of ours, so no page of ours; what it says is signed.
        Guard::Provider => Ok(()),
        _ => comes_from_us(request.method(), request.headers(), &app.config)
            .and_then(|()| is_not_opened_directly(route, request.headers())),
    };
    // First of all: whoever asks without end costs as little as can be.
    let from = match from {
        Ok(()) => {
            let address = address_of(&request, &app.config);
            let browser = Cookie::Device.of(request.headers(), app.config.secure());
            not_too_often(&app, route, &limiter, address, browser).await
        }
        refused => refused,
    };
    let who = match &from {
        // Scripts and styles are the same for everybody.
        Ok(())
            if route.guard == Guard::Public
                && method.is_safe()
                && matches!(route.kind, Kind::Bytes | Kind::Json) =>
        {
            Ok(None)
        }
        // Whatever cookie comes along is nobody's.
        Ok(()) if route.guard == Guard::Provider => Ok(None),
        Ok(()) => who_asks(&app, request.headers()).await,
        Err(_) => Ok(None),
    };
    let (who, trouble) = match who {
        Ok(who) => (who, None),
        Err(error) => (None, Some(error)),
    };
    let open = matches!(route.guard, Guard::Public | Guard::Provider);
    let stranger = who.is_none() && !open;
    let visit = Visit::new(app, route, method, uri, request.headers(), who);
    if let Some(error) = from.err().or(trouble) {
        return render(&error, &visit);
    }
    if stranger {
        return render(&WebError::SignedOut, &visit);
    }
    if let Some(response) = second_step_first(&visit) {
        return response;
    }
    request.extensions_mut().insert(visit.clone());
    finish(next.run(request).await, &visit)
}

/// The address that a request comes from. A connection without one is the operator's own.
fn address_of(request: &Request, config: &Config) -> Option<IpAddr> {
    let ConnectInfo(peer) = request.extensions().get::<ConnectInfo<SocketAddr>>()?;
    Some(origin_of(peer.ip(), request.headers(), &config.trusted_proxies))
}

/// Nobody asks without end.
async fn not_too_often(
    app: &App,
    route: &Route,
    limiter: &Limiter,
    from: Option<IpAddr>,
    browser: Option<TokenHash>,
) -> Result<()> {
    let (Some(class), Some(from)) = (Class::of(route), from) else { return Ok(()) };
    let now = app.clock.now();
    // Tries in a browser that is known are counted by browser: a neighbour's tries do not use them up.
    let whose = match browser {
        Some(token)
            if class == Class::Auth
                && app.store.begin().await?.device(&token, now).await?.is_some() =>
        {
            Whose::Device(token)
        }
        _ => Whose::network(from),
    };
    limiter.take(app, class, whose, now).await
}

/// Where everybody has a second step, whoever has none sets one up before anything else.
fn second_step_first(visit: &Visit) -> Option<Response> {
    let who = visit.who()?;
    let asked = visit.app().config.second_factor == SecondFactor::ForEveryone;
    let outside = who.shown.in_two_steps() || who.second_step;
    let own = ["/account", "/confirm", "/sign-", "/hat", "/help", "/about", "/assets"];
    let allowed = visit.route().guard == Guard::Public
        || own.iter().any(|path| visit.route().path.starts_with(path));
    if !asked || outside || allowed {
        return None;
    }
    if visit.wants_json() {
        return Some(render(&WebError::Confirm, visit));
    }
    Some(Said::SecondStepFirst.at("/account"))
}

/// Changes come from our own pages: `Origin` is ours, and `Sec-Fetch-Site` (where the browser says it) agrees.
///
/// Without `Origin` the browser has to say `same-origin` itself; other programs can say what they like, but they
/// do not carry our cookie.
fn comes_from_us(method: &Method, headers: &HeaderMap, config: &Config) -> Result<()> {
    if method.is_safe() {
        return Ok(());
    }
    // Said twice is said wrongly: nobody else on the way may have believed the other one.
    let header = |name: &str| {
        let mut all = headers.get_all(name).iter().map(|v| v.to_str().unwrap_or_default());
        let first = all.next();
        if all.next().is_some() { Some("") } else { first }
    };
    let site = header("sec-fetch-site");
    let ours = match header("origin") {
        Some(origin) => origin == config.origin() && matches!(site, None | Some("same-origin")),
        None => site == Some("same-origin"),
    };
    if ours { Ok(()) } else { Err(WebError::Elsewhere(config.origin().to_owned())) }
}

/// Sound is heard in our pages, not opened (and then kept) as a document of its own.
fn is_not_opened_directly(route: &Route, headers: &HeaderMap) -> Result<()> {
    let document = headers.get("sec-fetch-dest").is_some_and(|v| v == "document");
    if document && route.kind == Kind::Bytes { Err(WebError::NotFound) } else { Ok(()) }
}

/// The person whose session the request carries.
async fn who_asks(app: &App, headers: &HeaderMap) -> Result<Option<SignedIn>> {
    let Some(token) = Cookie::Session.of(headers, app.config.secure()) else { return Ok(None) };
    let now = app.clock.now();
    let mut work = app.store.begin().await?;
    let Some(session) = work.session(&token, now, app.config.idle_since(now)).await? else {
        return Ok(None);
    };
    // A role that was taken away ends the session that wears it.
    if !session.person.roles.contains(&session.role) {
        return Ok(None);
    }
    if session.last_seen_at.plus_seconds(TOUCH_SECONDS) <= now {
        work.touch_session(&token, now).await?;
        work.commit().await?;
    }
    Ok(Some(SignedIn {
        person: session.person,
        role: session.role,
        token,
        session: session.id,
        elevated_until: session.elevated_until,
        shown: session.shown,
        second_step: session.second_step,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn post(pairs: &[(&'static str, &str)]) -> bool {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.insert(*name, value.parse().unwrap());
        }
        let config =
            Config { public_origin: "https://hearback.example/".to_owned(), ..Config::default() };
        comes_from_us(&Method::POST, &headers, &config).is_ok()
    }

    #[test]
    fn changes_come_from_our_own_pages() {
        let ours = ("origin", "https://hearback.example");
        assert!(post(&[ours]));
        assert!(post(&[ours, ("sec-fetch-site", "same-origin")]));
        assert!(post(&[("sec-fetch-site", "same-origin")]));

        assert!(!post(&[]));
        assert!(!post(&[ours, ("sec-fetch-site", "cross-site")]));
        assert!(!post(&[ours, ("sec-fetch-site", "same-site")]));
        assert!(!post(&[("sec-fetch-site", "none")]));
        for origin in
            ["null", "http://hearback.example", "https://hearback.example.evil", "https://evil"]
        {
            assert!(!post(&[("origin", origin), ("sec-fetch-site", "same-origin")]), "{origin}");
        }
    }
}
