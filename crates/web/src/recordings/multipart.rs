//! The file in a form, for browsers without scripts.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{
    body::Body,
    extract::{
        FromRequest as _, Multipart, Request, State,
        multipart::{Field, MultipartError},
    },
};
use bytes::Bytes;
use futures_util::{Stream, StreamExt as _, stream};
use hearback_access::SeeRecording;
use hearback_domain::RecordingId;
use tokio::{task::yield_now, time::timeout};

use super::{
    file::{Asked, Pace, ask, place},
    show::view,
};
use crate::{
    App, Visit, WebError,
    error::{FieldError, Result},
    extract::Path,
    page::Said,
};

/// What to do when no file came, or an empty one.
const MISSING: &str =
    "Choose the recording to send. If you did, the file is empty: is there another copy?";

/// The most bytes of a form before its file begins.
const BEFORE_FILE: u64 = 128 << 10;

/// How much of that the parser sees at once, so that it finds the file's beginning about where it is.
const SLICE: u64 = 4 << 10;

/// `POST /recordings/{id}/upload`: the file alone, for a recording that still waits for it.
pub(crate) async fn file_alone(
    visit: Visit,
    State(app): State<App>,
    Path(id): Path<RecordingId>,
    request: Request,
) -> Result {
    let asked = ask(&visit, id, place()?).await?;
    let Form { mut parts, allowance } = opened(&app, request).await?;
    while let Some(mut field) = parts.next_field().await.map_err(|_| allowance.broken())? {
        if field.name() != Some("file") {
            continue;
        }
        allowance.lift();
        let Some(first) = first_bytes(&mut field).await? else { break };
        return bring(&visit, id, asked, first, field).await;
    }
    if asked.has_file() {
        // Nothing came and nothing is missing.
        return Ok(Said::FileArrived.at(&format!("/recordings/{id}")));
    }
    let (work, permit) = visit.permit::<SeeRecording>(id).await?;
    view(&visit, work, &permit, vec![FieldError::new("file", MISSING)]).await
}

/// A form, and how much may come before its file.
struct Form {
    parts: Multipart,
    allowance: Arc<Allowance>,
}

async fn opened(app: &App, request: Request) -> Result<Form> {
    let allowance = Arc::new(Allowance::new(BEFORE_FILE));
    let stall = Duration::from_secs(app.config.upload_stall_seconds);
    let (head, body) = request.into_parts();
    let body = metered(body.into_data_stream(), stall, Arc::clone(&allowance));
    let request = Request::from_parts(head, Body::from_stream(body));
    let parts = Multipart::from_request(request, &())
        .await
        .map_err(|_| WebError::bad("what was sent is not the form that belongs here"))?;
    Ok(Form { parts, allowance })
}

/// How many bytes of a form may still come before its file. Afterwards the file has limits of its own.
///
/// The parser keeps everything in memory until it has found the first boundary, or the end of a field's head; a form
/// that has neither would grow there for ever.
struct Allowance(AtomicU64);

impl Allowance {
    /// The value of one that was lifted.
    const LIFTED: u64 = u64::MAX;

    fn new(bytes: u64) -> Self {
        Self(AtomicU64::new(bytes))
    }

    /// The file begins: no limit any more.
    fn lift(&self) {
        self.0.store(Self::LIFTED, Ordering::Relaxed);
    }

    /// How many of `waiting` bytes may be handed on now; none if there is an end.
    ///
    /// Only the task that reads the body calls this, so nothing comes between the reading and the writing.
    fn take(&self, waiting: usize) -> usize {
        let left = self.0.load(Ordering::Relaxed);
        if left == Self::LIFTED {
            return waiting;
        }
        let now = usize::try_from(left.min(SLICE)).map_or(waiting, |most| waiting.min(most));
        self.0.store(left - now as u64, Ordering::Relaxed);
        now
    }

    /// What to say about a form that could not be read to its end.
    fn broken(&self) -> WebError {
        if self.0.load(Ordering::Relaxed) > 0 {
            return WebError::Interrupted;
        }
        WebError::TooLarge(
            "This form is too long before its recording begins. Please open the page again and \
             send it from there."
                .to_owned(),
        )
    }
}

/// The body of a form, within its allowance, neither stalling nor trickling.
///
/// After each piece the stream is not ready for a moment: the parser swallows whatever is ready before it looks at
/// any of it, and a fast sender would fill the memory.
fn metered<E>(
    body: impl Stream<Item = Result<Bytes, E>> + Send + Unpin,
    stall: Duration,
    allowance: Arc<Allowance>,
) -> impl Stream<Item = io::Result<Bytes>> + Send {
    let start = (body, Bytes::new(), Pace::from(Instant::now()));
    stream::try_unfold(start, move |(mut body, mut waiting, mut pace)| {
        let allowance = Arc::clone(&allowance);
        async move {
            yield_now().await;
            while waiting.is_empty() {
                let next = timeout(stall, body.next()).await;
                let Some(piece) = next.map_err(|_| io::ErrorKind::TimedOut)? else {
                    return Ok(None);
                };
                waiting = piece.map_err(|_| io::ErrorKind::ConnectionReset)?;
                if !pace.keeps(waiting.len(), Instant::now()) {
                    return Err(io::ErrorKind::TimedOut.into());
                }
            }
            match allowance.take(waiting.len()) {
                0 => Err(io::ErrorKind::FileTooLarge.into()),
                some => {
                    let piece = waiting.split_to(some);
                    Ok(Some((piece, (body, waiting, pace))))
                }
            }
        }
    })
}

/// Takes in the file of a recording, of which the first bytes were read to see whether there are any.
async fn bring(
    visit: &Visit,
    id: RecordingId,
    asked: Asked,
    first: Bytes,
    rest: Field<'_>,
) -> Result {
    let body = stream::iter([Ok::<Bytes, MultipartError>(first)]).chain(rest);
    asked.take_in(visit, body).await?;
    Ok(Said::FileArrived.at(&format!("/recordings/{id}")))
}

fn broken(_: MultipartError) -> WebError {
    WebError::Interrupted
}

async fn first_bytes(file: &mut Field<'_>) -> Result<Option<Bytes>> {
    while let Some(chunk) = file.chunk().await.map_err(broken)? {
        if !chunk.is_empty() {
            return Ok(Some(chunk));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    const STALL: Duration = Duration::from_mins(1);

    /// A form of a body that comes in these pieces, with this many bytes allowed before the file.
    async fn form(pieces: Vec<Vec<u8>>, allowed: u64) -> Form {
        let allowance = Arc::new(Allowance::new(allowed));
        let pieces = stream::iter(pieces.into_iter().map(|p| Ok::<_, io::Error>(p.into())));
        let body = Body::from_stream(metered(pieces, STALL, Arc::clone(&allowance)));
        let request = Request::builder()
            .header("content-type", "multipart/form-data; boundary=border")
            .body(body)
            .unwrap();
        Form { parts: Multipart::from_request(request, &()).await.unwrap(), allowance }
    }

    fn field(name: &str, value: &[u8]) -> Vec<u8> {
        let head = format!("--border\r\ncontent-disposition: form-data{name}\r\n\r\n");
        [head.as_bytes(), value, b"\r\n"].concat()
    }

    /// The bytes of the field `file`; an error as the person sees it.
    async fn file_of(Form { mut parts, allowance }: Form) -> Result<Vec<u8>, String> {
        let broken = |_| allowance.broken().to_string();
        while let Some(mut field) = parts.next_field().await.map_err(broken)? {
            if field.name() != Some("file") {
                continue;
            }
            allowance.lift();
            let mut bytes = Vec::new();
            while let Some(chunk) = field.chunk().await.map_err(broken)? {
                bytes.extend_from_slice(&chunk);
            }
            return Ok(bytes);
        }
        Err("there is no file".to_owned())
    }

    #[tokio::test]
    async fn a_file_is_larger_than_what_may_come_before_it() {
        let sound: Vec<u8> = (0..600_000_u32).map(|i| i.to_le_bytes()[0]).collect();
        let body = [
            field("; name=\"title\"", b"Robin"),
            field("", b"nameless"),
            field("; name=\"file\"; filename=\"a.wav\"", &sound),
            b"--border--\r\n".to_vec(),
        ]
        .concat();
        for size in [body.len(), 70_000, 1_000] {
            let pieces = body.chunks(size).map(<[u8]>::to_vec).collect();
            let found = file_of(form(pieces, BEFORE_FILE).await).await.unwrap();
            assert!(found == sound, "in pieces of {size}");
        }
    }

    #[tokio::test]
    async fn what_comes_before_the_file_ends() {
        let much = vec![b'x'; 200_000];
        let whole = field("; name=\"file\"", b"sound");
        let no_boundary = much.clone();
        let no_end_of_head = [&b"--border\r\nx-long: "[..], &much].concat();
        let nameless = [field("", &much), whole.clone()].concat();
        for body in [no_boundary, no_end_of_head, nameless] {
            let pieces = body.chunks(16_384).map(<[u8]>::to_vec).collect();
            let text = file_of(form(pieces, BEFORE_FILE).await).await.unwrap_err();
            assert!(text.contains("too long before its recording"), "{text}");
        }
        let cut = file_of(form(vec![whole[..20].to_vec()], BEFORE_FILE).await).await;
        assert!(cut.unwrap_err().contains("connection was lost"), "a form that breaks off");
    }
}
