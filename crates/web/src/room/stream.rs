//! The events of a room, on their way to one browser: who is there, what is on, where everybody is in it.
//!
//! Server-sent events (WHATWG HTML, 9.2): one direction is enough, since orders are small requests of their own, and a
//! connection that ends is noticed by both sides.

use axum::{
    body::Body,
    http::{HeaderValue, header},
    response::{IntoResponse as _, Response},
};
use bytes::Bytes;
use futures_util::stream;
use tokio::time::{Instant, sleep_until};

use super::rooms::Presence;
use crate::{WebError, error::Result};

/// What the stream says at its end: the person is not in the room any more.
const OVER: &[u8] = b"event: over\ndata: {}\n\n";
/// The same where coming in again leads nowhere: the room was closed to them.
const CLOSED: &[u8] = b"event: closed\ndata: {}\n\n";
/// Nothing is different: a browser that hears not even this knows that its connection is broken.
const STILL: &[u8] = b"event: still\ndata: {}\n\n";

struct Sending<F> {
    presence: Presence,
    ask: F,
    asked: Instant,
    begun: bool,
    over: bool,
}

/// Sends what somebody sees of a room for as long as they are in it and `ask` says that they may be. With the answer's
/// end, however it comes about, they leave.
pub(crate) fn events<F, A>(presence: Presence, ask: F) -> Response
where
    F: FnMut() -> A + Send + 'static,
    A: Future<Output = Result<()>> + Send + 'static,
{
    let sending = Sending { presence, ask, asked: Instant::now(), begun: false, over: false };
    let body = stream::unfold(sending, |mut sending| async move {
        if sending.over {
            return None;
        }
        let event = next(&mut sending).await;
        Some((Ok::<_, std::convert::Infallible>(event), sending))
    });
    let mut response = Body::from_stream(body).into_response();
    let kind = HeaderValue::from_static("text/event-stream");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}

async fn next<F, A>(sending: &mut Sending<F>) -> Bytes
where
    F: FnMut() -> A,
    A: Future<Output = Result<()>>,
{
    if sending.begun {
        let due = sending.asked + sending.presence.ask_every();
        tokio::select! {
            () = sending.presence.changed() => {}
            () = sleep_until(due) => {
                sending.asked = Instant::now();
                if let Err(error) = (sending.ask)().await {
                    tracing::info!(error = %error, "somebody is not in a room any more");
                    sending.over = true;
                    if matches!(error, WebError::NotFound | WebError::SignedOut) {
                        sending.presence.is_over();
                        return Bytes::from_static(CLOSED);
                    }
                    return Bytes::from_static(OVER);
                }
                // Whoever was not heard of goes in this moment too.
                if sending.presence.is_here() {
                    return Bytes::from_static(STILL);
                }
            }
        }
    }
    sending.begun = true;
    let view = sending.presence.view().and_then(|view| serde_json::to_string(&view).ok());
    if let Some(view) = view {
        return Bytes::from(format!("data: {view}\n\n"));
    }
    sending.over = true;
    Bytes::from_static(if sending.presence.is_closed() { CLOSED } else { OVER })
}
