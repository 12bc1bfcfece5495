//! What happens before and after every handler: where does the request come from, who is asking, and how does an
//! answer that failed look.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, Method},
    middleware::Next,
    response::Response,
};

use crate::{
    App, Config, WebError,
    error::{Result, finish, render},
    routes::{Guard, Kind, Route},
    session::token_of,
    visit::{SignedIn, Visit},
};

/// How long a session may go on before it is noted again that it is used.
const TOUCH_SECONDS: i64 = 60;

/// Stands around every handler.
pub(crate) async fn guard(
    State((app, route)): State<(App, &'static Route)>,
    mut request: Request,
    next: Next,
) -> Response {
    let uri = request.uri().clone();
    let from = comes_from_us(request.method(), request.headers(), &app.config)
        .and_then(|()| is_not_opened_directly(route, request.headers()));
    let who = match &from {
        // Scripts and styles are the same for everybody.
        Ok(())
            if route.guard == Guard::Public && matches!(route.kind, Kind::Bytes | Kind::Json) =>
        {
            Ok(None)
        }
        Ok(()) => who_asks(&app, request.headers()).await,
        Err(_) => Ok(None),
    };
    let (who, trouble) = match who {
        Ok(who) => (who, None),
        Err(error) => (None, Some(error)),
    };
    let stranger = who.is_none() && route.guard != Guard::Public;
    let visit = Visit::new(app, route, uri, request.headers(), who);
    if let Some(error) = from.err().or(trouble) {
        return render(&error, &visit);
    }
    if stranger {
        return render(&WebError::SignedOut, &visit);
    }
    request.extensions_mut().insert(visit.clone());
    finish(next.run(request).await, &visit)
}

/// Changes come from our own pages: `Origin` is ours, and `Sec-Fetch-Site` (where the browser says it) agrees.
///
/// Without `Origin` the browser has to say `same-origin` itself; other programs can say what they like, but they
/// do not carry our cookie.
fn comes_from_us(method: &Method, headers: &HeaderMap, config: &Config) -> Result<()> {
    if method.is_safe() {
        return Ok(());
    }
    let header = |name: &str| headers.get(name).map(|v| v.to_str().unwrap_or_default());
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
    let Some(token) = token_of(headers, app.config.secure()) else { return Ok(None) };
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
    Ok(Some(SignedIn { person: session.person, role: session.role, token }))
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
