//! Bytes from the vault: whole objects and ranges of them, a chunk at a time.

use std::{
    io::{self, Read, Seek as _, SeekFrom},
    ops::Range,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::IntoResponse as _,
};
use bytes::Bytes;
use futures_util::{Stream, StreamExt as _, stream};
use hearback_access::{Action, ObjectKind, Opens, Permit, StoredObject};
use hearback_domain::{RedactionSet, RedactionVersion, sound};
use hearback_storage::Work;
use hearback_vault::{ObjectReader, Vault};
use tokio::task::spawn_blocking;

use crate::{
    App, Heard, Visit, WebError,
    error::Result,
    headers::BYTES_POLICY,
    range::{Wanted, wanted},
};

/// How much is read at once: the vault's own chunk.
const CHUNK: usize = 64 << 10;

/// For how long an answer counts while an object is sent …
const ASK_EVERY: Duration = Duration::from_secs(1);

/// … and for how many bytes at the most: whoever takes sound faster than it is heard would have hours of it in a
/// second. Half a minute of samples.
const ASK_AFTER: u64 = 1 << 20;

/// After how many seconds of listening it is noted again that the session is used.
const TOUCH_SECONDS: i64 = 60;

/// Answers with an object, or with the range of it that was asked for.
///
/// The caller has committed the permit's audit entry. While the object is sent, the same question is asked again and
/// again: whoever may no longer listen hears no more than what is on its way.
pub(crate) async fn serve<A: Action>(
    visit: &Visit,
    permit: Permit<A>,
    object: StoredObject,
    request: &HeaderMap,
    content_type: &'static str,
) -> Result {
    let part_of = 0..object.bytes;
    serve_part(visit, permit, object, part_of, request, content_type).await
}

/// The same with a recording's samples as they are heard where something is hidden. Ends as soon as something else is.
pub(crate) async fn serve_as_heard<A: Action>(
    visit: &Visit,
    permit: Permit<A>,
    object: StoredObject,
    set: RedactionSet,
    request: &HeaderMap,
) -> Result {
    let what = What { object, part_of: 0..object.bytes, hidden: Some(set), there: None };
    send(visit, permit, what, request, "audio/wav").await
}

/// The same with a part of it: as if that were all there is.
pub(crate) async fn serve_part_as_heard<A: Action>(
    visit: &Visit,
    permit: Permit<A>,
    (object, part_of): (StoredObject, Range<u64>),
    set: RedactionSet,
    request: &HeaderMap,
) -> Result {
    let what = What { object, part_of, hidden: Some(set), there: None };
    send(visit, permit, what, request, "audio/wav").await
}

/// The same with a part of it, for as long as somebody is `there` to hear it.
pub(crate) async fn serve_while_there<A: Action>(
    visit: &Visit,
    permit: Permit<A>,
    (object, part_of): (StoredObject, Range<u64>),
    set: RedactionSet,
    there: There,
    request: &HeaderMap,
) -> Result {
    let what = What { object, part_of, hidden: Some(set), there: Some(there) };
    send(visit, permit, what, request, "audio/wav").await
}

/// The same with an extract, for as long as somebody is `there` to hear it.
pub(crate) async fn serve_extract_while_there<A: Action>(
    visit: &Visit,
    permit: Permit<A>,
    object: StoredObject,
    there: There,
    request: &HeaderMap,
) -> Result {
    let what = What { object, part_of: 0..object.bytes, hidden: None, there: Some(there) };
    send(visit, permit, what, request, "audio/wav").await
}

/// The same with a part of an object as if it were all there is: ranges count from its beginning, and nothing before
/// or after it is read.
pub(crate) async fn serve_part<A: Action>(
    visit: &Visit,
    permit: Permit<A>,
    object: StoredObject,
    part_of: Range<u64>,
    request: &HeaderMap,
    content_type: &'static str,
) -> Result {
    let what = What { object, part_of, hidden: None, there: None };
    send(visit, permit, what, request, content_type).await
}

/// Whether somebody is still where they hear it.
pub(crate) type There = Arc<dyn Fn() -> bool + Send + Sync>;

/// What is sent.
struct What {
    object: StoredObject,
    part_of: Range<u64>,
    hidden: Option<RedactionSet>,
    there: Option<There>,
}

async fn send<A: Action>(
    visit: &Visit,
    permit: Permit<A>,
    what: What,
    request: &HeaderMap,
    content_type: &'static str,
) -> Result {
    let What { object, part_of, hidden, there } = what;
    let length = part_of.end.saturating_sub(part_of.start);
    // We hand out nothing to compare with, so a condition cannot hold: the whole object.
    let range = match request.get(header::IF_RANGE) {
        Some(_) => None,
        None => request.get(header::RANGE).and_then(|v| v.to_str().ok()),
    };
    let front = front_of(object.kind, length);
    let total = length + front.len() as u64;
    let (status, part) = match wanted(range, total) {
        Wanted::All => (StatusCode::OK, 0..total),
        Wanted::Part(part) => (StatusCode::PARTIAL_CONTENT, part),
        Wanted::Unsatisfiable => return unsatisfiable(total),
    };
    let (before, within) = split(&part, front.len());
    let subject = permit.object();
    let version = hidden.as_ref().map(|set| set.version);
    let at = part_of.start + within.start;
    let reader = match hidden {
        Some(set) => open_as_heard(visit.app(), permit, object, set, at).await?,
        None => Box::new(open(&visit.app().vault, permit, object, at).await?),
    };
    let visit = visit.clone();
    let ask = move || {
        let (visit, there) = (visit.clone(), there.clone());
        async move {
            if there.is_some_and(|there| !there()) {
                return Err(WebError::NotFound);
            }
            still_sent::<A>(&visit, subject, object, version).await
        }
    };
    let before = front.slice(before);
    let front = stream::iter((!before.is_empty()).then_some(Ok(before)));
    let body =
        Body::from_stream(front.chain(chunks(reader, within.end - within.start, ASK_EVERY, ask)));
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
fn front_of(kind: ObjectKind, bytes: u64) -> Bytes {
    match kind {
        ObjectKind::Normalised => Bytes::from_owner(sound::wav_header(sound::frames(bytes))),
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

/// The same as it is heard where something is hidden.
async fn open_as_heard(
    app: &App,
    permit: impl Opens + 'static,
    object: StoredObject,
    set: RedactionSet,
    at: u64,
) -> Result<Box<dyn Heard>> {
    let reader = open(&app.vault, permit, object, 0).await?;
    let as_heard = app.as_heard;
    let seek = move || {
        let mut heard = as_heard(reader, object.bytes, &set)?;
        heard.seek(SeekFrom::Start(at)).map(|_| heard)
    };
    spawn_blocking(seek).await.map_err(WebError::internal)?.map_err(WebError::internal)
}

/// Whether what is on its way may still be sent: to this visitor, as the object that it is, under what is hidden now.
async fn still_sent<A: Action>(
    visit: &Visit,
    subject: A::Object,
    object: StoredObject,
    version: Option<RedactionVersion>,
) -> Result<()> {
    let (mut work, permit) = still::<A>(visit, subject).await?;
    let now = work.object(&permit, object.kind).await?;
    let same = now.is_some_and(|now| now.id == object.id);
    let hidden_as_before = match version {
        Some(version) => work.hidden_of(&permit).await?.is_some_and(|now| now.version == version),
        None => true,
    };
    if same && hidden_as_before { Ok(()) } else { Err(WebError::NotFound) }
}

/// A permit in the middle of an answer, if the visitor is still signed in, in the same role, and may still do `A`.
///
/// The unit is not to be committed, so that the audit log has one entry for each answer and not one for each second of
/// it; a refusal is in the log like any other.
pub(crate) async fn still<A: Action>(
    visit: &Visit,
    object: A::Object,
) -> Result<(Box<dyn Work>, Permit<A>)> {
    let who = visit.signed_in()?;
    let app = visit.app();
    let now = app.clock.now();
    let mut work = app.store.begin().await?;
    let session = work.session(&who.token, now, app.config.idle_since(now)).await?;
    let session = session
        .filter(|s| s.person.id == who.person.id && s.role == who.role)
        .filter(|s| s.person.roles.contains(&s.role))
        .ok_or(WebError::SignedOut)?;
    // Listening is use: nobody is signed out in the middle of an hour of sound that comes as one answer.
    if session.last_seen_at.plus_seconds(TOUCH_SECONDS) <= now {
        work.touch_session(&who.token, now).await?;
        work.commit().await?;
        return visit.permit::<A>(object).await;
    }
    visit.also::<A>(work, object).await
}

/// An object on its way to a browser.
struct Sending<R, F> {
    reader: R,
    left: u64,
    asked: Instant,
    /// Bytes that were sent since.
    since: u64,
    ask: F,
}

/// The next `left` bytes, read when they are wanted: a browser that takes its time holds no thread and one chunk.
///
/// Before a chunk is read whose answer is older than `every`, or has let [`ASK_AFTER`] bytes pass, `ask` is asked; if
/// it refuses, the stream breaks off, and with it the connection.
fn chunks<R, F>(
    reader: R,
    left: u64,
    every: Duration,
    ask: impl FnMut() -> F,
) -> impl Stream<Item = io::Result<Bytes>>
where
    R: Read + Send + 'static,
    F: Future<Output = Result<()>>,
{
    let sending = Sending { reader, left, asked: Instant::now(), since: 0, ask };
    stream::try_unfold(sending, move |mut sending| async move {
        if sending.left == 0 {
            return Ok(None);
        }
        if sending.asked.elapsed() >= every || sending.since >= ASK_AFTER {
            (sending.ask)().await.map_err(|error| {
                tracing::info!(error = %error, "an answer was cut off");
                io::Error::other(error)
            })?;
            sending.asked = Instant::now();
            sending.since = 0;
        }
        let Sending { reader, left, asked, since, ask } = sending;
        let size = CHUNK.min(usize::try_from(left).unwrap_or(CHUNK));
        let (reader, chunk) = spawn_blocking(move || read_chunk(reader, size))
            .await
            .map_err(io::Error::other)?
            .inspect_err(|error| {
                tracing::error!(error = %error, "an object broke off while it was read");
            })?;
        let (left, since) = (left - size as u64, since + size as u64);
        Ok(Some((chunk, Sending { reader, left, asked, since, ask })))
    })
}

fn read_chunk<R: Read>(mut reader: R, size: usize) -> io::Result<(R, Bytes)> {
    let mut chunk = vec![0; size];
    reader.read_exact(&mut chunk)?;
    Ok((reader, chunk.into()))
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

    /// What comes out of `chunks` over `bytes`, and how often it asked; it is refused at the question number `refuse`.
    async fn sent(
        bytes: &[u8],
        left: u64,
        every: Duration,
        refuse: usize,
    ) -> (Vec<u8>, usize, bool) {
        let mut asked = 0;
        let mut out = Vec::new();
        let mut whole = true;
        {
            let ask = || {
                asked += 1;
                let answer = if asked == refuse { Err(WebError::NotFound) } else { Ok(()) };
                std::future::ready(answer)
            };
            let mut stream =
                std::pin::pin!(chunks(io::Cursor::new(bytes.to_vec()), left, every, ask));
            while let Some(piece) = stream.next().await {
                match piece {
                    Ok(piece) => out.extend_from_slice(&piece),
                    Err(_) => whole = false,
                }
            }
        }
        (out, asked, whole)
    }

    fn three_chunks_and_a_bit() -> Vec<u8> {
        (0..3 * CHUNK + 7).map(|i| u8::try_from(i % 251).unwrap_or_default()).collect()
    }

    #[tokio::test]
    async fn exactly_the_wanted_bytes_are_sent() {
        let bytes = three_chunks_and_a_bit();
        let len = bytes.len() as u64;
        let sent_whole = sent(&bytes, len, Duration::ZERO, usize::MAX).await;
        assert_eq!(sent_whole, (bytes.clone(), 4, true), "asked before each chunk");
        let hour = Duration::from_hours(1);
        let cut = CHUNK + 1;
        let (part, asked, whole) = sent(&bytes, cut as u64, hour, usize::MAX).await;
        assert!(part == bytes[..cut] && whole);
        assert_eq!(asked, 0, "the first answer still counts");
        assert_eq!(sent(&bytes, 0, Duration::ZERO, 1).await, (Vec::new(), 0, true));
    }

    #[tokio::test]
    async fn a_refusal_ends_the_stream() {
        let bytes = three_chunks_and_a_bit();
        let (out, asked, whole) = sent(&bytes, bytes.len() as u64, Duration::ZERO, 3).await;
        assert!(out == bytes[..2 * CHUNK], "what was read before, and nothing after");
        assert_eq!((asked, whole), (3, false));
    }

    #[tokio::test]
    async fn who_takes_it_quickly_is_asked_about_more_often() {
        let most = usize::try_from(ASK_AFTER).unwrap();
        let bytes = vec![7; 3 * most];
        let hour = Duration::from_hours(1);
        let (out, asked, whole) = sent(&bytes, bytes.len() as u64, hour, usize::MAX).await;
        assert_eq!((out.len(), asked, whole), (bytes.len(), 2, true));
        let (out, asked, whole) = sent(&bytes, bytes.len() as u64, hour, 2).await;
        assert_eq!((out.len(), asked, whole), (2 * most, 2, false));
    }

    #[tokio::test]
    async fn an_object_that_is_too_short_is_an_error() {
        let bytes = three_chunks_and_a_bit();
        let more = bytes.len() as u64 + 1;
        let (out, _, whole) = sent(&bytes, more, Duration::ZERO, usize::MAX).await;
        assert!(out == bytes[..3 * CHUNK] && !whole);
    }
}
