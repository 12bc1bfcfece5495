//! Bytes from the vault: whole objects and ranges of them, a chunk at a time.

use std::{
    io::{self, Read as _, Seek as _, SeekFrom},
    ops::Range,
    sync::Arc,
};

use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::IntoResponse as _,
};
use bytes::Bytes;
use futures_util::{Stream, StreamExt as _, stream};
use hearback_access::{ObjectKind, Opens, StoredObject};
use hearback_domain::sound;
use hearback_vault::{ObjectReader, Vault};
use tokio::{sync::mpsc, task::spawn_blocking};

use crate::{
    App, WebError,
    error::Result,
    headers::BYTES_POLICY,
    range::{Wanted, wanted},
};

/// How much is read at once: the vault's own chunk.
const CHUNK: usize = 64 << 10;

/// Chunks that wait for a slow browser.
const WAITING: usize = 4;

/// Answers with an object, or with the range of it that was asked for.
///
/// The caller has committed the permit's audit entry.
pub(crate) async fn serve(
    app: &App,
    permit: impl Opens + 'static,
    object: StoredObject,
    request: &HeaderMap,
    content_type: &'static str,
) -> Result {
    // We hand out nothing to compare with, so a condition cannot hold: the whole object.
    let range = match request.get(header::IF_RANGE) {
        Some(_) => None,
        None => request.get(header::RANGE).and_then(|v| v.to_str().ok()),
    };
    let front = front_of(&object);
    let total = object.bytes + front.len() as u64;
    let (status, part) = match wanted(range, total) {
        Wanted::All => (StatusCode::OK, 0..total),
        Wanted::Part(part) => (StatusCode::PARTIAL_CONTENT, part),
        Wanted::Unsatisfiable => return unsatisfiable(total),
    };
    let (before, within) = split(&part, front.len());
    let reader = open(&app.vault, permit, object, within.start).await?;
    let before = front.slice(before);
    let front = stream::iter((!before.is_empty()).then_some(Ok(before)));
    let body = Body::from_stream(front.chain(chunks(reader, within.end - within.start)));
    let mut response = (status, body).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(header::CONTENT_LENGTH, (part.end - part.start).into());
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(BYTES_POLICY));
    if status == StatusCode::PARTIAL_CONTENT {
        let range = format!("bytes {}-{}/{}", part.start, part.end - 1, total);
        insert(headers, header::CONTENT_RANGE, range)?;
    }
    Ok(response)
}

/// What stands before an object when it is a file: bare samples become a WAV file.
fn front_of(object: &StoredObject) -> Bytes {
    match object.kind {
        ObjectKind::Normalised => Bytes::from_owner(sound::wav_header(sound::frames(object.bytes))),
        _ => Bytes::new(),
    }
}

/// The part of a file that lies in its front, and the part that lies in the object behind it.
fn split(part: &Range<u64>, front: usize) -> (Range<usize>, Range<u64>) {
    let in_front = |at: u64| usize::try_from(at).map_or(front, |at| at.min(front));
    let behind = |at: u64| at.saturating_sub(front as u64);
    (in_front(part.start)..in_front(part.end), behind(part.start)..behind(part.end))
}

fn unsatisfiable(len: u64) -> Result {
    let mut response = StatusCode::RANGE_NOT_SATISFIABLE.into_response();
    insert(response.headers_mut(), header::CONTENT_RANGE, format!("bytes */{len}"))?;
    Ok(response)
}

fn insert(headers: &mut HeaderMap, name: HeaderName, value: String) -> Result<()> {
    headers.insert(name, value.try_into().map_err(WebError::internal)?);
    Ok(())
}

/// Reads a small object whole.
pub(crate) async fn read(
    app: &App,
    permit: impl Opens + 'static,
    object: StoredObject,
) -> Result<Vec<u8>> {
    let mut reader = open(&app.vault, permit, object, 0).await?;
    let read = move || {
        let mut bytes = Vec::new();
        reader.read_to_end(&mut bytes).map(|_| bytes)
    };
    spawn_blocking(read).await.map_err(WebError::internal)?.map_err(WebError::internal)
}

/// Opens an object at a position. Fails before any byte was sent.
async fn open(
    vault: &Arc<Vault>,
    permit: impl Opens + 'static,
    object: StoredObject,
    at: u64,
) -> Result<ObjectReader> {
    let vault = Arc::clone(vault);
    let open = move || -> Result<ObjectReader> {
        let mut reader = vault.open(&permit, &object).map_err(WebError::internal)?;
        reader.seek(SeekFrom::Start(at)).map_err(WebError::internal)?;
        Ok(reader)
    };
    spawn_blocking(open).await.map_err(WebError::internal)?
}

/// The next `left` bytes. The blocking thread ends with the stream: when nobody listens any more, it stops.
fn chunks(mut reader: ObjectReader, mut left: u64) -> impl Stream<Item = io::Result<Bytes>> {
    let (sender, mut receiver) = mpsc::channel(WAITING);
    spawn_blocking(move || {
        while left > 0 {
            let mut chunk = vec![0; CHUNK.min(usize::try_from(left).unwrap_or(CHUNK))];
            let read = reader.read_exact(&mut chunk);
            left -= chunk.len() as u64;
            let failed = read.is_err();
            if let Err(error) = &read {
                tracing::error!(error = %error, "an object broke off while it was read");
            }
            if sender.blocking_send(read.map(|()| Bytes::from(chunk))).is_err() || failed {
                return;
            }
        }
    });
    stream::poll_fn(move |cx| receiver.poll_recv(cx))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_its_front_and_its_object() {
        assert_eq!(split(&(0..1_044), 44), (0..44, 0..1_000));
        assert_eq!(split(&(10..20), 44), (10..20, 0..0));
        assert_eq!(split(&(40..50), 44), (40..44, 0..6));
        assert_eq!(split(&(44..45), 44), (44..44, 0..1));
        assert_eq!(split(&(500..600), 44), (44..44, 456..556));
        assert_eq!(split(&(500..600), 0), (0..0, 500..600));
    }
}
