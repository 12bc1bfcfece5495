//! The file of a recording: streamed into the vault, encrypted on the way, and only then noted.

use std::{
    io::Write as _,
    time::{Duration, Instant},
};

use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::IntoResponse as _,
};
use bytes::Bytes;
use futures_util::{Stream, StreamExt as _};
use hearback_access::{ObjectKind, Permit, Upload};
use hearback_domain::{JobId, ObjectId, RecordingId};
use hearback_storage::{FileArrived, JobKind, NewJob};
use hearback_vault::{Vault, VaultError};
use sha2::{Digest as _, Sha256};
use tokio::{
    sync::{Semaphore, SemaphorePermit, mpsc},
    task::spawn_blocking,
    time::timeout,
};

use super::start::Made;
use crate::{
    App, Config, Visit, WebError,
    error::Result,
    extract::{Json, Path},
};

/// Pieces that wait for a slow disk.
const WAITING: usize = 8;

/// The fewest bytes a second, on average, of a body that is worth waiting for: a tenth of a very poor telephone line.
const SLOWEST: u64 = 1 << 10;

/// For how long a body may stay behind that from the start.
const GRACE: Duration = Duration::from_mins(2);

/// For how long it may at most, however fast it has been: so long may a train be in tunnels.
const MOST_GRACE: Duration = Duration::from_mins(10);

/// Files that arrive at once. Each holds a thread and an open file for as long as it takes.
static PLACES: Semaphore = Semaphore::const_new(32);

/// One of the places for files that arrive; free again when it is dropped.
#[must_use]
pub(super) struct Place(#[expect(dead_code, reason = "held, never read")] SemaphorePermit<'static>);

/// A place, or the request to come again.
pub(super) fn place() -> Result<Place> {
    let place = PLACES.try_acquire().map_err(|_| {
        WebError::Unavailable("as many files are arriving as can be taken at once".into())
    })?;
    Ok(Place(place))
}

/// Whether a body comes fast enough. One that trickles would hold its place for days.
pub(super) struct Pace {
    last: Instant,
    slack: Duration,
}

impl Pace {
    /// Begins to count.
    pub(super) fn from(now: Instant) -> Self {
        Self { last: now, slack: GRACE }
    }

    /// Counts what has come; false if that is too little.
    pub(super) fn keeps(&mut self, bytes: usize, now: Instant) -> bool {
        let earned = (bytes as u64).saturating_mul(1_000_000) / SLOWEST;
        let earned = self.slack.saturating_add(Duration::from_micros(earned));
        let left = earned.checked_sub(now.saturating_duration_since(self.last));
        self.last = now;
        self.slack = left.unwrap_or_default().min(MOST_GRACE);
        left.is_some()
    }
}

/// `PUT /recordings/{id}/original`: the raw bytes.
///
/// The same content again is the same upload: 200, and the same id.
pub(crate) async fn put(
    visit: Visit,
    State(app): State<App>,
    Path(id): Path<RecordingId>,
    headers: HeaderMap,
    body: Body,
) -> Result {
    let asked = ask(&visit, id, place()?).await?;
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse().ok());
    if announced.is_some_and(|bytes: u64| bytes > app.config.max_upload_bytes) {
        return Err(too_large(&app.config));
    }
    let new = asked.take_in(&visit, body.into_data_stream()).await?;
    let status = if new { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Json(Made { id })).into_response())
}

/// The leave to send a recording its file, and what is known of the file that it has already.
pub(super) struct Asked {
    id: RecordingId,
    place: Place,
    permit: Permit<Upload>,
    known: Option<[u8; 32]>,
}

/// Asks, once, before any byte of the file is read.
pub(super) async fn ask(visit: &Visit, id: RecordingId, place: Place) -> Result<Asked> {
    let (mut work, permit) = visit.permit::<Upload>(id).await?;
    let known = work.content_sha256(&permit).await?;
    // The audit entry lasts; no transaction is open while the body comes.
    work.commit().await?;
    Ok(Asked { id, place, permit, known })
}

impl Asked {
    /// Whether the recording has its file.
    pub(super) const fn has_file(&self) -> bool {
        self.known.is_some()
    }

    /// Takes in the file: true if it was this call that brought it, false if it is the one that was here.
    pub(super) async fn take_in<E>(
        self,
        visit: &Visit,
        body: impl Stream<Item = Result<Bytes, E>> + Send,
    ) -> Result<bool> {
        let Some(hash) = self.known else {
            return arrive(visit, self.id, self.permit, self.place, body).await;
        };
        let again = hash_of(&visit.app().config, body).await?;
        if again == hash { Ok(false) } else { Err(has_another()) }
    }
}

/// Takes in the file of a recording that has none: true if it was this call that brought it.
async fn arrive<E>(
    visit: &Visit,
    id: RecordingId,
    permit: Permit<Upload>,
    place: Place,
    body: impl Stream<Item = Result<Bytes, E>> + Send,
) -> Result<bool> {
    let app = visit.app();
    let file = match into_the_vault(app, permit, place, body).await {
        Ok(file) => file,
        Err(error) => {
            // Somebody may have taken a yes back while it came, and the keys are gone: then that is the answer.
            drop(visit.permit::<Upload>(id).await?);
            return Err(error);
        }
    };
    // Asked again: minutes may have passed, and somebody may have changed their mind.
    let (mut work, permit) = visit.permit::<Upload>(id).await?;
    if !work.add_file(&permit, &file).await? {
        let known = work.content_sha256(&permit).await?;
        work.commit().await?;
        return if known == Some(file.content_sha256) { Ok(false) } else { Err(has_another()) };
    }
    let job =
        NewJob { id: JobId::mint(&*app.ids), kind: JobKind::Decode(id), run_at: app.clock.now() };
    work.add_job(&job).await?;
    work.commit().await?;
    app.wake.notify_one();
    Ok(true)
}

fn has_another() -> WebError {
    WebError::conflict(
        "this recording already has its file, and this is a different one. To add another \
         recording, begin a new one",
    )
}

fn too_large(config: &Config) -> WebError {
    let most = config.max_upload_bytes / 1_000_000;
    WebError::TooLarge(format!("This file is larger than {most} MB, the most that we can take."))
}

/// What travels from the request to the disk. A stream that breaks off never ends with `End`.
enum Piece {
    Bytes(Bytes),
    End,
}

async fn into_the_vault<E>(
    app: &App,
    permit: Permit<Upload>,
    place: Place,
    body: impl Stream<Item = Result<Bytes, E>> + Send,
) -> Result<FileArrived> {
    let (sender, receiver) = mpsc::channel(WAITING);
    let vault = app.vault.clone();
    let id = ObjectId::mint(&*app.ids);
    let writing = spawn_blocking(move || {
        // Free when the thread is, which a request that is dropped does not wait for.
        let _place = place;
        write(&vault, &permit, id, receiver)
    });
    let sent = pour(&app.config, body, |bytes| async {
        // If the writer is gone, it says why below.
        sender.send(Piece::Bytes(bytes)).await.is_ok()
    })
    .await;
    if sent.is_ok() {
        let _ = sender.send(Piece::End).await;
    }
    drop(sender);
    let written = writing.await.map_err(WebError::internal)?;
    // What went wrong with the body explains why nothing was written, never the other way round.
    sent?;
    written.map_err(WebError::internal)?.ok_or(WebError::Interrupted)
}

/// Writes what comes; nothing lasts unless the end came too.
fn write(
    vault: &Vault,
    permit: &Permit<Upload>,
    id: ObjectId,
    mut pieces: mpsc::Receiver<Piece>,
) -> Result<Option<FileArrived>, VaultError> {
    vault.new_recording(permit)?;
    let mut object = vault.add(permit, ObjectKind::Original, id)?;
    let mut hash = Sha256::new();
    while let Some(piece) = pieces.blocking_recv() {
        match piece {
            Piece::Bytes(bytes) => {
                hash.update(&bytes);
                object.write_all(&bytes)?;
            }
            Piece::End => {
                let object = object.finish()?;
                return Ok(Some(FileArrived { object, content_sha256: hash.finalize().into() }));
            }
        }
    }
    Ok(None)
}

async fn hash_of<E>(
    config: &Config,
    body: impl Stream<Item = Result<Bytes, E>> + Send,
) -> Result<[u8; 32]> {
    let mut hash = Sha256::new();
    pour(config, body, |bytes| {
        hash.update(&bytes);
        std::future::ready(true)
    })
    .await?;
    Ok(hash.finalize().into())
}

/// Hands on each piece of a body until it ends or `each` has had enough.
async fn pour<E, F: Future<Output = bool>>(
    config: &Config,
    body: impl Stream<Item = Result<Bytes, E>> + Send,
    mut each: impl FnMut(Bytes) -> F,
) -> Result<()> {
    let mut body = std::pin::pin!(body);
    let stall = Duration::from_secs(config.upload_stall_seconds);
    let mut pace = Pace::from(Instant::now());
    let mut total: u64 = 0;
    loop {
        let Ok(next) = timeout(stall, body.next()).await else {
            return Err(WebError::Interrupted);
        };
        let Some(piece) = next else { break };
        let bytes = piece.map_err(|_| WebError::Interrupted)?;
        if !pace.keeps(bytes.len(), Instant::now()) {
            return Err(WebError::Interrupted);
        }
        total = total.saturating_add(bytes.len() as u64);
        if total > config.max_upload_bytes {
            return Err(too_large(config));
        }
        if !bytes.is_empty() && !each(bytes).await {
            break;
        }
    }
    if total == 0 {
        return Err(WebError::invalid(
            "file",
            "this file is empty, so nothing was kept. Is there another copy on your phone or \
             recorder?",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// For how many seconds a body lasts that brings `bytes` every `seconds`, within a day.
    fn lasts(bytes: usize, seconds: u64) -> Option<u64> {
        let begin = Instant::now();
        let mut pace = Pace::from(begin);
        (1..=86_400 / seconds)
            .map(|n| n * seconds)
            .find(|at| !pace.keeps(bytes, begin + Duration::from_secs(*at)))
    }

    #[test]
    fn a_body_that_trickles_ends_and_one_that_is_merely_slow_does_not() {
        assert_eq!(lasts(1, 1), Some(121));
        assert_eq!(lasts(1, 100), Some(200));
        assert_eq!(lasts(512, 1), Some(241));
        assert_eq!(lasts(1_024, 1), None);
        assert_eq!(lasts(64 << 10, 60), None, "in bursts");
    }

    #[test]
    fn what_came_fast_earns_a_pause_but_not_a_night() {
        let begin = Instant::now();
        let mut pace = Pace::from(begin);
        assert!(pace.keeps(1 << 30, begin));
        let pause = begin + Duration::from_secs(599);
        assert!(pace.keeps(1, pause));
        assert!(!pace.keeps(1, pause + Duration::from_secs(2)));
    }
}
