//! How a request fails: the one place where errors become answers.
//!
//! A handler returns a [`WebError`]; the guard around it (which knows whether a page or JSON is expected) renders it.

use std::{error::Error, fmt::Write as _, sync::Arc};

use askama::Template;
use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use hearback_access::{AccessError, GateError, seal::SealError};
use hearback_domain::{TransitionError, policy::Refusal};
use hearback_storage::{PermitError, StoreError};
use serde::Serialize;

use crate::{
    page::{Page, html},
    password::PasswordError,
    visit::Visit,
};

type Cause = Box<dyn Error + Send + Sync>;

/// What a handler returns.
pub(crate) type Result<T = Response, E = WebError> = std::result::Result<T, E>;

/// Something about one input of a form, as a sentence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct FieldError {
    /// The id of the input; empty if it belongs to none.
    pub(crate) field: String,
    /// What to do about it.
    pub(crate) text: String,
}

impl FieldError {
    pub(crate) fn new(field: impl Into<String>, text: impl Into<String>) -> Self {
        Self { field: field.into(), text: sentence(&text.into()) }
    }
}

/// Why a request was not answered as asked. The texts are for the person.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WebError {
    /// There is no such thing, or it is not for this person to know.
    #[error("There is nothing here that you can open.")]
    NotFound,
    /// Nobody is signed in.
    #[error("Please sign in first.")]
    SignedOut,
    /// The person has to show anew who they are.
    #[error(
        "Please show once more that it is you: open Hearback’s page “Confirm that it is you”, then try again."
    )]
    Confirm,
    /// So many asks from one network that it looks like guessing or flooding.
    #[error("That was a lot at once from your network. Please wait a minute, then try again.")]
    TooMany,
    /// The request did not come from one of our own pages.
    #[error("Changes are accepted from Hearback’s own pages only. Open {0} and try again there.")]
    Elsewhere(String),
    /// It cannot be read.
    #[error("{0}")]
    Bad(String),
    /// Some answers of a form.
    #[error("{}", .0.first().map_or("Something is missing.", |e| e.text.as_str()))]
    Invalid(Vec<FieldError>),
    /// It does not fit what is there.
    #[error("{0}")]
    Conflict(String),
    /// The body broke off, or nothing came for too long.
    #[error("The connection was lost before all of it was here. Please send it again.")]
    Interrupted,
    /// More bytes than are taken.
    #[error("{0}")]
    TooLarge(String),
    /// The database is busy or away.
    #[error("Hearback is busy just now. Nothing is lost; please try again in a moment.")]
    Unavailable(#[source] Cause),
    /// Our fault.
    #[error("Something went wrong on our side. Nothing that was saved is lost; please try again.")]
    Internal(#[source] Cause),
}

impl WebError {
    pub(crate) fn internal(cause: impl Into<Cause>) -> Self {
        Self::Internal(cause.into())
    }

    pub(crate) fn bad(text: impl Into<String>) -> Self {
        Self::Bad(sentence(&text.into()))
    }

    pub(crate) fn conflict(text: impl Into<String>) -> Self {
        Self::Conflict(sentence(&text.into()))
    }

    pub(crate) fn invalid(field: &str, text: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError::new(field, text)])
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::SignedOut => StatusCode::UNAUTHORIZED,
            Self::Confirm | Self::Elsewhere(_) => StatusCode::FORBIDDEN,
            Self::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Self::Bad(_) => StatusCode::BAD_REQUEST,
            Self::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Conflict(_) => StatusCode::CONFLICT,
            Self::Interrupted => StatusCode::REQUEST_TIMEOUT,
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn title(&self) -> &'static str {
        match self {
            Self::NotFound => "Nothing here",
            Self::SignedOut => "Signed out",
            Self::Confirm => "Confirm that it is you",
            Self::TooMany => "A moment, please",
            Self::Elsewhere(_) => "This came from another page",
            Self::Bad(_) => "We could not read that",
            Self::Invalid(_) => "Before we go on",
            Self::Conflict(_) => "This does not fit",
            Self::Interrupted => "The connection was lost",
            Self::TooLarge(_) => "That is too large",
            Self::Unavailable(_) => "Busy just now",
            Self::Internal(_) => "Something went wrong on our side",
        }
    }
}

/// The lower-case texts of the domain as a sentence: a capital at the beginning, a full stop at the end.
pub(crate) fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let mut out: String = chars.next().map(|c| c.to_uppercase().collect()).unwrap_or_default();
    out.push_str(chars.as_str());
    if !out.is_empty() && !out.ends_with(['.', '?', '!']) {
        out.push('.');
    }
    out
}

impl From<StoreError> for WebError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(_) => Self::Unavailable(error.into()),
            // Only what is written comes here: what is read says so in its place.
            StoreError::Erased => Self::conflict(
                "the recording’s keys were destroyed, so nothing can be kept with it any more",
            ),
            other => Self::internal(other),
        }
    }
}

impl From<GateError> for WebError {
    fn from(error: GateError) -> Self {
        StoreError::from(error).into()
    }
}

impl From<AccessError> for WebError {
    fn from(error: AccessError) -> Self {
        match error {
            AccessError::Refused(Refusal::Strength) => Self::Confirm,
            AccessError::Refused(_) => Self::NotFound,
            AccessError::Gate(error) => error.into(),
        }
    }
}

impl From<PermitError> for WebError {
    fn from(error: PermitError) -> Self {
        match error {
            // Refused and absent look the same: what is not for you is not there.
            PermitError::Refused(Refusal::Strength) => Self::Confirm,
            PermitError::Refused(_) => Self::NotFound,
            PermitError::Store(error) => error.into(),
            other => Self::internal(other),
        }
    }
}

impl From<PasswordError> for WebError {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::Busy => Self::Unavailable(error.into()),
            other => Self::internal(other),
        }
    }
}

impl From<SealError> for WebError {
    fn from(error: SealError) -> Self {
        match error {
            SealError::Unavailable(_) => Self::Unavailable(error.into()),
            other => Self::internal(other),
        }
    }
}

impl From<TransitionError> for WebError {
    fn from(error: TransitionError) -> Self {
        Self::conflict(error.to_string())
    }
}

/// Travels with the answer to the guard, which renders it.
#[derive(Clone)]
struct Failure(Arc<WebError>);

impl IntoResponse for WebError {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(Failure(Arc::new(self)));
        response
    }
}

/// The body of a JSON error (RFC 9457).
#[derive(Serialize)]
struct Problem<'a> {
    status: u16,
    title: &'a str,
    detail: String,
    #[serde(skip_serializing_if = "<[FieldError]>::is_empty")]
    errors: &'a [FieldError],
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'a> {
    page: Page,
    title: &'a str,
    sentence: String,
    signed_in: bool,
}

/// Gives an answer that failed its body; leaves others as they are.
pub(crate) fn finish(response: Response, visit: &Visit) -> Response {
    match response.extensions().get::<Failure>() {
        Some(Failure(error)) => render(&error.clone(), visit),
        None => response,
    }
}

/// The answer to a request that failed.
pub(crate) fn render(error: &WebError, visit: &Visit) -> Response {
    let status = error.status();
    if status.is_server_error() {
        // Logged once, here, with the whole chain. The person sees none of it.
        tracing::error!(route = visit.route().path, error = chain(error), "request failed");
    }
    if visit.wants_json() {
        let errors = if let WebError::Invalid(errors) = error { &errors[..] } else { &[] };
        let body = Problem {
            status: status.as_u16(),
            title: error.title(),
            detail: error.to_string(),
            errors,
        };
        let json = serde_json::to_vec(&body).unwrap_or_default();
        return (status, [(header::CONTENT_TYPE, "application/problem+json")], json)
            .into_response();
    }
    if let WebError::SignedOut = error {
        return Redirect::to(&visit.sign_in_address()).into_response();
    }
    if let WebError::Confirm = error {
        return Redirect::to(&visit.confirm_address()).into_response();
    }
    let page = ErrorPage {
        page: visit.page(error.title()),
        title: error.title(),
        sentence: error.to_string(),
        signed_in: visit.who().is_some(),
    };
    match html(&page) {
        Ok(body) => (status, body).into_response(),
        Err(_) => (status, error.to_string()).into_response(),
    }
}

/// An error with all its causes, on one line.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let _ = write!(text, ": {error}");
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_domains_texts_become_sentences() {
        assert_eq!(sentence("the chosen name is empty"), "The chosen name is empty.");
        assert_eq!(sentence("Already one."), "Already one.");
        assert_eq!(sentence(""), "");
    }
}
