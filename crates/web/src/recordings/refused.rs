//! A file that could not be read, for whoever sent it: looked at once more, or given back.

use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, header},
};
use hearback_access::{DecodeAgain, ObjectKind, TakeFileBack};
use hearback_domain::{JobId, RecordingId};

use crate::{App, Visit, WebError, error::Result, extract::Path, objects::serve, page::Said};

/// A name that tells nothing, and no ending that anything would be opened by: nobody knows what is in it.
const AS: HeaderValue = HeaderValue::from_static("attachment; filename=\"recording-as-sent.bin\"");

/// `POST /recordings/{id}/decode/again`: for after an upgrade, or when a decoder was out of luck.
pub(crate) async fn decode_again(
    visit: Visit,
    State(app): State<App>,
    Path(id): Path<RecordingId>,
) -> Result {
    let (mut work, permit) = visit.permit::<DecodeAgain>(id).await?;
    if !work.decode_again(&permit, JobId::mint(&*app.ids)).await? {
        return Err(WebError::conflict("it is being looked at already"));
    }
    work.commit().await?;
    app.wake.notify_one();
    Ok(Said::LooksAgain.at(&format!("/recordings/{id}")))
}

/// `GET /recordings/{id}/original`: the bytes as they were sent, to be saved and not to be shown.
pub(crate) async fn give_back(
    visit: Visit,
    Path(id): Path<RecordingId>,
    headers: HeaderMap,
) -> Result {
    let (mut work, permit) = visit.permit::<TakeFileBack>(id).await?;
    let object = work.object(&permit, ObjectKind::Original).await?;
    work.commit().await?;
    let object = object.ok_or(WebError::NotFound)?;
    let mut answer = serve(&visit, permit, object, &headers, "application/octet-stream").await?;
    answer.headers_mut().insert(header::CONTENT_DISPOSITION, AS);
    Ok(answer)
}
