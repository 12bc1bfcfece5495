//! The information sheet: what people ask before they say yes or no, question by question (REC-11).

use askama::Template;
use hearback_domain::{PartyKind, Role};

use super::words;
use crate::{
    Visit, WebError,
    error::Result,
    extract::Path,
    page::{Page, html},
};

#[derive(Template)]
#[template(path = "consent_sheet.html")]
struct SheetPage {
    page: Page,
    for_whom: &'static str,
    worker: bool,
    young: bool,
    thinking_days: u16,
    valid_months: u8,
    alone_from: u8,
    version: u32,
    statements: Vec<String>,
    officers: Vec<String>,
}

/// `GET /forms/{kind}`.
pub(crate) async fn show(visit: Visit, Path(kind): Path<String>) -> Result {
    visit.signed_in()?;
    let kind: PartyKind = kind.parse().map_err(|_| WebError::NotFound)?;
    let mut work = visit.app().store.begin().await?;
    let forms = work.current_forms().await?;
    let officers = work.people_with(Role::Dpo).await?;
    work.commit().await?;
    let form = forms.into_iter().find(|p| p.form.kind == kind).ok_or(WebError::NotFound)?.form;
    let young = matches!(kind, PartyKind::Child | PartyKind::YoungPerson);
    let asked = form.statements.iter().filter(|s| s.purpose.is_some());
    html(&SheetPage {
        page: visit.page("Before you say yes or no"),
        for_whom: words::form_for(kind),
        worker: kind == PartyKind::Practitioner,
        young,
        thinking_days: form.thinking_days,
        valid_months: form.valid_months,
        alone_from: form.alone_from,
        version: form.version,
        statements: asked.map(|s| s.text_for("your name")).collect(),
        officers: officers.into_iter().map(|p| p.name).collect(),
    })
}
