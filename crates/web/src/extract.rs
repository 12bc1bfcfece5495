//! What handlers read from a request. Every rejection is a [`WebError`], so that it is rendered like any other.
#![expect(clippy::disallowed_types, reason = "this module wraps them")]

use axum::{
    extract::{
        FromRequest, FromRequestParts, Request,
        rejection::{FormRejection, JsonRejection, PathRejection},
    },
    http::{StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use serde::{Serialize, de::DeserializeOwned};

use crate::WebError;

/// A JSON body, in either direction.
pub(crate) struct Json<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = WebError;

    async fn from_request(request: Request, state: &S) -> Result<Self, WebError> {
        Ok(Self(axum::Json::from_request(request, state).await?.0))
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

/// A JSON body that is looked at later: first comes the question whether the sender may send anything at all.
pub(crate) struct Sent<T>(pub(crate) Result<T, WebError>);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Sent<T> {
    type Rejection = WebError;

    async fn from_request(request: Request, state: &S) -> Result<Self, WebError> {
        Ok(Self(Json::from_request(request, state).await.map(|json| json.0)))
    }
}

/// The parameters in the path. What cannot be read is not there: 404.
pub(crate) struct Path<T>(pub(crate) T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = WebError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, WebError> {
        Ok(Self(axum::extract::Path::from_request_parts(parts, state).await?.0))
    }
}

/// The fields of a form.
#[derive(Debug, Default)]
pub(crate) struct Fields(pub(crate) Vec<(String, String)>);

impl Fields {
    /// The first value of that name; empty if there is none.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str()).unwrap_or_default()
    }

    /// All values of that name.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(n, _)| n == name).map(|(_, v)| v.as_str())
    }
}

/// What stands in the address after the question mark.
pub(crate) struct Query(pub(crate) Fields);

impl<S: Send + Sync> FromRequestParts<S> for Query {
    type Rejection = WebError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, WebError> {
        let fields = axum::extract::Query::try_from_uri(&parts.uri);
        Ok(Self(Fields(fields.map_err(|_| WebError::NotFound)?.0)))
    }
}

impl<S: Send + Sync> FromRequest<S> for Fields {
    type Rejection = WebError;

    async fn from_request(request: Request, state: &S) -> Result<Self, WebError> {
        // A form without fields is sent without a content type.
        if request.headers().get(header::CONTENT_TYPE).is_none() {
            return Ok(Self::default());
        }
        Ok(Self(axum::Form::from_request(request, state).await?.0))
    }
}

fn unreadable(status: StatusCode, text: &str) -> WebError {
    if status == StatusCode::PAYLOAD_TOO_LARGE {
        WebError::TooLarge("That is more than this page takes in one go.".to_owned())
    } else {
        WebError::bad(text)
    }
}

impl From<JsonRejection> for WebError {
    fn from(rejection: JsonRejection) -> Self {
        unreadable(rejection.status(), "what was sent is not the JSON that belongs here")
    }
}

impl From<FormRejection> for WebError {
    fn from(rejection: FormRejection) -> Self {
        unreadable(rejection.status(), "what was sent is not the form that belongs here")
    }
}

impl From<PathRejection> for WebError {
    fn from(_: PathRejection) -> Self {
        Self::NotFound
    }
}
