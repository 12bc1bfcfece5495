//! Bytes from the vault: whole objects and ranges of them, a chunk at a time.

use std::{
    io::{self, Read as _, Seek as _, SeekFrom},
    sync::Arc,
};

use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::IntoResponse as _,
};
use bytes::Bytes;
use hearback_access::{Opens, StoredObject};
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
    let (status, part) = match wanted(range, object.bytes) {
        Wanted::All => (StatusCode::OK, 0..object.bytes),
        Wanted::Part(part) => (StatusCode::PARTIAL_CONTENT, part),
        Wanted::Unsatisfiable => return unsatisfiable(object.bytes),
    };
    let reader = open(&app.vault, permit, object, part.start).await?;
    let body = Body::from_stream(stream(reader, part.end - part.start));
    let mut response = (status, body).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(header::CONTENT_LENGTH, (part.end - part.start).into());
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(BYTES_POLICY));
    if status == StatusCode::PARTIAL_CONTENT {
        let range = format!("bytes {}-{}/{}", part.start, part.end - 1, object.bytes);
        insert(headers, header::CONTENT_RANGE, range)?;
    }
    Ok(response)
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
fn stream(
    mut reader: ObjectReader,
    mut left: u64,
) -> impl futures_util::Stream<Item = io::Result<Bytes>> {
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
    futures_util::stream::poll_fn(move |cx| receiver.poll_recv(cx))
}
