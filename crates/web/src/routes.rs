//! The one table of addresses. What is not in it does not exist.

use std::time::Duration;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    handler::Handler as _,
    http::Method,
    middleware::{from_fn, from_fn_with_state},
    routing::{self, MethodRouter},
};
use hearback_domain::policy::Action;
use tokio::sync::oneshot;

use crate::{
    App, WebError, admin, assets, clips, coding, guard::guard, headers, home, listen, playlist,
    recordings, sign_in,
};

/// Who may come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guard {
    /// Anybody.
    Public,
    /// Anybody who has signed in; the answer holds nothing but their own.
    SignedIn,
    /// Whoever the policy lets do this to the object in the address. The handler asks for exactly this first.
    Asks(Action),
}

/// What an address answers with, which is also how its errors look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A page.
    Page,
    /// A redirect to a page, after a form; problem+json for scripts that ask for JSON.
    Form,
    /// JSON.
    Json,
    /// Sound and other bytes.
    Bytes,
}

/// One address.
pub struct Route {
    /// The method. `GET` stands for `HEAD` too.
    pub method: Method,
    /// The path, with parameters in braces.
    pub path: &'static str,
    /// Who may come.
    pub guard: Guard,
    /// What it answers with.
    pub kind: Kind,
    /// The most bytes of a body that it reads; none if it reads a recording and counts for itself.
    pub body_cap: Option<usize>,
    handler: fn() -> MethodRouter<App>,
}

/// Forms and small JSON.
const SMALL: Option<usize> = Some(64 << 10);
/// No body.
const NONE: Option<usize> = Some(0);

macro_rules! table {
    ($($method:ident $verb:ident $path:literal $guard:expr, $kind:ident, $cap:expr => $handler:path;)+) => {
        &[$(Route {
            method: Method::$method,
            path: $path,
            guard: $guard,
            kind: Kind::$kind,
            body_cap: $cap,
            handler: || routing::$verb($handler),
        }),+]
    };
}

use Action as A;
use Guard::{Asks, Public, SignedIn};

/// Every address there is.
#[rustfmt::skip]
pub static ROUTES: &[Route] = table! {
    GET    get    "/healthz"                                Public,                  Json,  NONE  => assets::health;
    GET    get    "/assets/{name}"                          Public,                  Bytes, NONE  => assets::show;
    GET    get    "/help"                                   Public,                  Page,  NONE  => home::help;
    GET    get    "/about"                                  Public,                  Page,  NONE  => home::about;
    GET    get    "/sign-in"                                Public,                  Page,  NONE  => sign_in::show;
    POST   post   "/sign-in"                                Public,                  Form,  SMALL => sign_in::sign_in;
    POST   post   "/sign-out"                               SignedIn,                Form,  SMALL => sign_in::sign_out;
    POST   post   "/hat"                                    SignedIn,                Form,  SMALL => sign_in::change_hat;
    GET    get    "/"                                       SignedIn,                Page,  NONE  => home::show;

    GET    get    "/recordings/new"                         Asks(A::Upload),         Page,  NONE  => recordings::start::form;
    POST   post   "/recordings"                             Asks(A::Upload),         Json,  SMALL => recordings::start::create;
    POST   post   "/recordings/upload"                      Asks(A::Upload),         Form,  None  => recordings::multipart::upload;
    POST   post   "/recordings/{id}/upload"                 Asks(A::Upload),         Form,  None  => recordings::multipart::file_alone;
    PUT    put    "/recordings/{id}/original"               Asks(A::Upload),         Json,  None  => recordings::file::put;
    GET    get    "/recordings/{id}"                        Asks(A::SeeRecording),   Page,  NONE  => recordings::show::show;
    GET    get    "/recordings/{id}/status"                 Asks(A::SeeRecording),   Json,  NONE  => recordings::status::show;
    GET    get    "/recordings/{id}/audio"                  Asks(A::PlayRecording),  Bytes, NONE  => recordings::sound::audio;
    GET    get    "/recordings/{id}/peaks.dat"              Asks(A::PlayRecording),  Bytes, NONE  => recordings::sound::peaks;
    GET    get    "/recordings/{id}/transcript"             Asks(A::ReadTranscript), Json,  NONE  => recordings::transcript::show;
    POST   post   "/recordings/{id}/release"                Asks(A::DecideSharing),  Form,  SMALL => recordings::sharing::release;
    POST   post   "/recordings/{id}/withhold"               Asks(A::DecideSharing),  Form,  SMALL => recordings::sharing::withhold;

    GET    get    "/recordings/{id}/code"                   Asks(A::Code),           Page,  NONE  => coding::desk::show;
    GET    get    "/recordings/{id}/codes"                  Asks(A::Code),           Json,  NONE  => coding::codes::list;
    POST   post   "/recordings/{id}/codes"                  Asks(A::Code),           Json,  SMALL => coding::codes::add;
    PUT    put    "/recordings/{id}/codes/{code}"           Asks(A::Code),           Json,  SMALL => coding::codes::change;
    DELETE delete "/recordings/{id}/codes/{code}"           Asks(A::Code),           Json,  SMALL => coding::codes::remove;
    PUT    put    "/recordings/{id}/scores/{item}"          Asks(A::Code),           Json,  SMALL => coding::scores::put;
    POST   post   "/recordings/{id}/coding/finish"          Asks(A::Code),           Form,  SMALL => coding::scores::finish;

    GET    get    "/recordings/{id}/playlist"               Asks(A::MakePlaylist),   Page,  NONE  => playlist::show::show;
    POST   post   "/recordings/{id}/playlist/clips"         Asks(A::MakePlaylist),   Form,  SMALL => playlist::edit::add;
    POST   post   "/recordings/{id}/playlist/clips/{clip}"  Asks(A::MakePlaylist),   Form,  SMALL => playlist::edit::change;
    POST   post   "/recordings/{id}/playlist/clips/{clip}/move"    Asks(A::MakePlaylist), Form, SMALL => playlist::edit::shift;
    POST   post   "/recordings/{id}/playlist/clips/{clip}/remove"  Asks(A::MakePlaylist), Form, SMALL => playlist::edit::remove;
    POST   post   "/recordings/{id}/playlist/clips/{clip}/approve" Asks(A::MakePlaylist), Form, SMALL => playlist::edit::approve;
    POST   post   "/recordings/{id}/playlist/agree"         Asks(A::MakePlaylist),   Form,  SMALL => playlist::edit::agree;

    GET    get    "/listen/{playlist}"                      Asks(A::SeePlaylist),    Page,  NONE  => listen::show;
    GET    get    "/clips/{id}/audio"                       Asks(A::PlayClip),       Bytes, NONE  => clips::audio;
    GET    get    "/clips/{id}/preview"                     Asks(A::PreviewClip),    Bytes, NONE  => clips::preview;
    POST   post   "/clips/{id}/veto"                        Asks(A::VetoClip),       Form,  SMALL => clips::veto;

    GET    get    "/admin/people"                           Asks(A::ManagePeople),   Page,  NONE  => admin::people::show;
    POST   post   "/admin/people"                           Asks(A::ManagePeople),   Form,  SMALL => admin::people::add;
    GET    get    "/admin/jobs"                             Asks(A::SeeJobs),        Page,  NONE  => admin::jobs::show;
    POST   post   "/admin/jobs/{job}/requeue"               Asks(A::SeeJobs),        Form,  SMALL => admin::jobs::requeue;
};

/// What answers where there is no address.
static NOWHERE: Route = Route {
    method: Method::GET,
    path: "(no such address)",
    guard: Public,
    kind: Kind::Page,
    body_cap: NONE,
    handler: || routing::any(nowhere),
};

async fn nowhere() -> WebError {
    WebError::NotFound
}

/// The service. A test drives it; the server listens with it.
pub fn router(app: App) -> Router {
    let mut router = Router::new();
    for route in ROUTES {
        let limit = match route.body_cap {
            Some(most) => DefaultBodyLimit::max(most),
            None => DefaultBodyLimit::disable(),
        };
        let handler = (route.handler)()
            .route_layer(limit)
            .route_layer(from_fn_with_state((app.clone(), route), guard));
        router = router.route(route.path, handler);
    }
    let nowhere = nowhere.layer(from_fn_with_state((app.clone(), &NOWHERE), guard));
    router
        .method_not_allowed_fallback(nowhere.clone())
        .fallback(nowhere)
        .layer(from_fn_with_state(app.clone(), headers::secure))
        .layer(from_fn(logged))
        .with_state(app)
}

/// For how long answers that are under way may hold up the end of the service.
const PATIENCE: Duration = Duration::from_secs(10);

/// Serves the service until `shutdown` ends; requests that are under way are answered first, but for ten seconds at
/// most: a player that was paused in the middle of its sound never asks for the rest.
pub async fn serve(
    listener: tokio::net::TcpListener,
    app: App,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let (tell, told) = oneshot::channel();
    let asked = async {
        shutdown.await;
        let _ = tell.send(());
    };
    let serving = axum::serve(listener, router(app)).with_graceful_shutdown(asked);
    bounded(serving.into_future(), told, PATIENCE).await
}

/// Waits for `serving`, but no longer than `patience` after it was told to end.
async fn bounded(
    serving: impl Future<Output = std::io::Result<()>>,
    told: oneshot::Receiver<()>,
    patience: Duration,
) -> std::io::Result<()> {
    let late = async {
        match told.await {
            Ok(()) => tokio::time::sleep(patience).await,
            // Nobody will tell: the service ended by itself.
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        ended = serving => ended,
        () = late => {
            tracing::info!("ended while answers were under way");
            Ok(())
        }
    }
}

/// A span around each request: method and address pattern, never an id and never a query.
async fn logged(
    request: axum::extract::Request,
    next: axum::middleware::Next,
) -> axum::response::Response {
    use tracing::Instrument as _;
    let route = request.extensions().get::<axum::extract::MatchedPath>();
    let route = route.map_or("", axum::extract::MatchedPath::as_str);
    let span = tracing::info_span!("request", method = %request.method(), route);
    let response = next.run(request).instrument(span.clone()).await;
    span.in_scope(|| tracing::debug!(status = response.status().as_u16(), "answered"));
    response
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_address_stands_in_the_table_once() {
        let all: HashSet<_> = ROUTES.iter().map(|r| (&r.method, r.path)).collect();
        assert_eq!(all.len(), ROUTES.len());
    }

    #[test]
    fn nothing_about_recordings_is_open_to_whoever_signed_in() {
        for route in ROUTES {
            let content = ["/recordings", "/clips", "/listen", "/admin"];
            let asks = matches!(route.guard, Asks(_));
            assert_eq!(asks, content.iter().any(|p| route.path.starts_with(p)), "{}", route.path);
            if !route.method.is_safe() && route.path != "/sign-in" {
                assert_ne!(route.guard, Public, "{}", route.path);
            }
        }
    }

    #[tokio::test]
    async fn the_end_does_not_wait_for_answers_that_never_end() {
        let (tell, told) = oneshot::channel();
        tell.send(()).unwrap();
        let never = std::future::pending();
        assert!(bounded(never, told, Duration::from_millis(1)).await.is_ok());

        let (tell, told) = oneshot::channel::<()>();
        drop(tell);
        let broke = std::future::ready(Err(std::io::ErrorKind::AddrInUse.into()));
        assert!(bounded(broke, told, Duration::ZERO).await.is_err(), "what went wrong is told");
    }
}
