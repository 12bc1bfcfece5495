//! Coming into a session by its code.

use askama::Template;
use axum::{
    http::StatusCode,
    response::{IntoResponse as _, Redirect},
};
use hearback_access::{SeeSession, among};
use hearback_domain::JoinCode;

use crate::{
    Visit,
    error::{FieldError, Result},
    extract::Fields,
    page::{Page, html},
    sign_in::wait_sentence,
    tries::Counter,
};

#[derive(Template)]
#[template(path = "join.html")]
struct JoinPage {
    page: Page,
}

/// `GET /join`.
pub(crate) async fn form(visit: Visit) -> Result {
    view(&visit, None)
}

fn view(visit: &Visit, error: Option<String>) -> Result {
    let mut page = visit.page("Join a session");
    let status = if error.is_none() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    page.errors.extend(error.map(|text| FieldError::new("code", text)));
    Ok((status, html(&JoinPage { page })?).into_response())
}

/// `POST /join`: `code`. Whoever may not come in is told what somebody with a wrong code is told.
pub(crate) async fn join(visit: Visit, fields: Fields) -> Result {
    let (app, who, cx) = (visit.app(), visit.signed_in()?, visit.cx());
    let code = match JoinCode::parse(fields.get("code")) {
        Ok(code) => code,
        Err(error) => return view(&visit, Some(error.to_string())),
    };
    let counter = Counter::of_joining(who.person.id);
    if let Some(wait) = counter.count(app, cx.now).await? {
        return view(&visit, Some(wait_sentence(wait)));
    }
    let mut work = app.store.begin().await?;
    if let Some(id) = work.session_with_code(&code).await?
        && !among::<SeeSession>(work.gate(), cx, &[id]).await?.is_empty()
    {
        counter.clear(&mut *work).await?;
        work.commit().await?;
        return Ok(Redirect::to(&format!("/sessions/{id}/room")).into_response());
    }
    let text = "That code opens no session for you just now. Look at it once more; and if you were \
        invited as a manager, be here as one (it says so at the top of the page)";
    view(&visit, Some(text.to_owned()))
}
