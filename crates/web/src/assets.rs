//! The built user interface, from inside the binary.

use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use rust_embed::RustEmbed;

use crate::{WebError, error::Result, extract::Path};

#[derive(RustEmbed)]
#[folder = "ui/dist"]
struct Built;

/// `GET /assets/{name}`. Kept by the browser, which asks each time whether it is still the same.
pub(crate) async fn show(Path(name): Path<String>, headers: HeaderMap) -> Result {
    let file = Built::get(&name).ok_or(WebError::NotFound)?;
    let tag = format!("\"{}\"", hex::encode(&file.metadata.sha256_hash()[..16]));
    let known = headers.get(header::IF_NONE_MATCH).is_some_and(|v| v.as_bytes() == tag.as_bytes());
    let mut response = if known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(header::CONTENT_TYPE, content_type(&name))], file.data).into_response()
    };
    let tag = tag.try_into().map_err(WebError::internal)?;
    response.headers_mut().insert(header::ETAG, tag);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    Ok(response)
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml; charset=utf-8",
        Some("woff2") => "font/woff2",
        Some("png") => "image/png",
        _ => "application/octet-stream",
    }
}

/// `GET /healthz`: the process answers.
pub(crate) async fn health() -> Response {
    "ok".into_response()
}
