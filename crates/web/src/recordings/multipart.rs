//! Details and file in one form, for browsers without scripts.

use axum::{
    extract::{
        FromRequest as _, Multipart, Request, State,
        multipart::{Field, MultipartError},
    },
    response::Response,
};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use hearback_access::{Start, Upload};

use super::{
    details::Details,
    file::arrive,
    start::{again, begin},
};
use crate::{
    App, Visit, WebError,
    error::{FieldError, Result},
    extract::Fields,
    page::Said,
};

/// The most bytes of all details together.
const DETAILS: usize = 64 << 10;

/// `POST /recordings/upload`. The file is the form's last field, so that all details are known when it comes.
pub(crate) async fn upload(visit: Visit, State(app): State<App>, request: Request) -> Result {
    // Nobody sends an hour of sound to learn that they may not.
    drop(visit.permit::<Start>(()).await?);
    let mut form = Multipart::from_request(request, &app)
        .await
        .map_err(|_| WebError::bad("what was sent is not the form that belongs here"))?;
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
    let new = match (details.check(&*app.ids, app.clock.now()), &first) {
        (Ok(new), Some(_)) => new,
        (_, missing) => {
            let missing = missing.is_none();
            drain(app, file).await?;
            return answer(visit, app, &details, missing);
        }
    };
    begin(visit, &new).await?;
    let (work, permit) = visit.permit::<Upload>(new.id).await?;
    work.commit().await?;
    let body = stream::iter(first.map(Ok::<Bytes, MultipartError>)).chain(file);
    arrive(visit, new.id, permit, body).await?;
    Ok(Said::FileArrived.at(&format!("/recordings/{}", new.id)))
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
        "Choose the recording to send. If you did, the file is empty: is there another copy?"
    } else {
        "Please choose the recording once more; nothing was kept"
    };
    errors.push(FieldError::new("file", text));
    again(visit, details.clone(), errors)
}
