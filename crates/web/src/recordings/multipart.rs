//! Details and file in one form, or the file alone, for browsers without scripts.

use axum::{
    extract::{
        FromRequest as _, Multipart, Request, State,
        multipart::{Field, MultipartError},
    },
    response::Response,
};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use hearback_access::{SeeRecording, Start};
use hearback_domain::RecordingId;

use super::{
    details::Details,
    file::{Asked, ask},
    show::view,
    start::{again, begin},
};
use crate::{
    App, Visit, WebError,
    error::{FieldError, Result},
    extract::{Fields, Path},
    page::Said,
};

/// What to do when no file came, or an empty one.
const MISSING: &str =
    "Choose the recording to send. If you did, the file is empty: is there another copy?";

/// The most bytes of all details together.
const DETAILS: usize = 64 << 10;

/// `POST /recordings/upload`. The file is the form's last field, so that all details are known when it comes.
pub(crate) async fn upload(visit: Visit, State(app): State<App>, request: Request) -> Result {
    // Nobody sends an hour of sound to learn that they may not.
    drop(visit.permit::<Start>(()).await?);
    let mut form = opened(request).await?;
    let mut fields = Fields::default();
    let mut room = DETAILS;
    while let Some(field) = form.next_field().await.map_err(broken)? {
        let Some(name) = field.name().map(str::to_owned) else { continue };
        if name == "file" {
            return with_file(&visit, &app, &fields, field).await;
        }
        let value = text(field, &mut room).await?;
        fields.0.push((name, value));
    }
    answer(&visit, &app, &Details::from_fields(&fields), true)
}

/// `POST /recordings/{id}/upload`: the file alone, for a recording that still waits for it.
pub(crate) async fn file_alone(
    visit: Visit,
    Path(id): Path<RecordingId>,
    request: Request,
) -> Result {
    let asked = ask(&visit, id).await?;
    let mut form = opened(request).await?;
    while let Some(mut field) = form.next_field().await.map_err(broken)? {
        if field.name() != Some("file") {
            continue;
        }
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

async fn opened(request: Request) -> Result<Multipart> {
    Multipart::from_request(request, &())
        .await
        .map_err(|_| WebError::bad("what was sent is not the form that belongs here"))
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

/// A short field.
async fn text(mut field: Field<'_>, room: &mut usize) -> Result<String> {
    let mut bytes = Vec::new();
    while let Some(chunk) = field.chunk().await.map_err(broken)? {
        *room = room
            .checked_sub(chunk.len())
            .ok_or_else(|| WebError::TooLarge("These details are too long.".to_owned()))?;
        bytes.extend_from_slice(&chunk);
    }
    String::from_utf8(bytes).map_err(|_| WebError::bad("these details are not text"))
}

async fn with_file(visit: &Visit, app: &App, fields: &Fields, mut file: Field<'_>) -> Result {
    let details = Details::from_fields(fields);
    let first = first_bytes(&mut file).await?;
    let (new, first) = match (details.check(&*app.ids, app.clock.now()), first) {
        (Ok(new), Some(first)) => (new, first),
        (_, first) => {
            drain(app, file).await?;
            return answer(visit, app, &details, first.is_none());
        }
    };
    begin(visit, &new).await?;
    let asked = ask(visit, new.id).await?;
    bring(visit, new.id, asked, first, file).await
}

async fn first_bytes(file: &mut Field<'_>) -> Result<Option<Bytes>> {
    while let Some(chunk) = file.chunk().await.map_err(broken)? {
        if !chunk.is_empty() {
            return Ok(Some(chunk));
        }
    }
    Ok(None)
}

/// Reads the rest and forgets it: a browser shows an answer only after it has sent everything.
async fn drain(app: &App, mut file: Field<'_>) -> Result<()> {
    let mut left = app.config.max_upload_bytes;
    while let Some(chunk) = file.chunk().await.map_err(broken)? {
        left = left.checked_sub(chunk.len() as u64).ok_or(WebError::Interrupted)?;
    }
    Ok(())
}

/// The form once more, with everything that is missing.
fn answer(visit: &Visit, app: &App, details: &Details, file_missing: bool) -> Result<Response> {
    let mut errors = details.check(&*app.ids, app.clock.now()).err().unwrap_or_default();
    let text = if file_missing {
        MISSING
    } else {
        "Please choose the recording once more; nothing was kept"
    };
    errors.push(FieldError::new("file", text));
    again(visit, details.clone(), errors)
}
