//! The audit log as a file, streamed: a page is a short unit of work, and one page is in memory.
//!
//! A file that was cut off on its way looks like a shorter log. So its last line says how many entries it holds:
//! without that line it is not whole.

use std::{fmt::Write as _, io};

use axum::{body::Body, http::header, response::IntoResponse as _};
use bytes::Bytes;
use futures_util::{Stream, StreamExt as _, stream};
use hearback_access::{
    ReadAudit,
    audit::{AuditSeq, Entry},
};
use hearback_storage::AuditFilter;

use super::audit::read;
use crate::{Visit, WebError, error::Result, extract::Query, objects::still, page::day_and_time};

/// How many entries are read at a time.
const AT_ONCE: u32 = 1_000;

const FIRST_LINE: &str = "entry,at,person,as,action,kind,object,recording,answer,link\r\n";

/// `GET /admin/audit/entries.csv`: what the page shows and all that was before, newest first. Ids and fixed words, no
/// names.
pub(crate) async fn download(visit: Visit, Query(fields): Query) -> Result {
    let (mut work, _) = visit.permit::<ReadAudit>(()).await?;
    let (mut filter, errors) = read(&fields);
    if let Some(error) = errors.into_iter().next() {
        return Err(WebError::bad(error.text));
    }
    // What is written from now on is not in it: the file is the log at one moment.
    let end = AuditSeq(work.audit_head().await?.seq.0 + 1);
    filter.before = Some(filter.before.map_or(end, |before| before.min(end)));
    work.commit().await?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"audit-log.csv\""),
    ];
    Ok((headers, Body::from_stream(lines(visit, filter))).into_response())
}

/// The lines of the file, a page at a time, when they are wanted. Whoever goes away drops it, and nothing is left open;
/// whoever may no longer read breaks it off.
fn lines(visit: Visit, filter: AuditFilter) -> impl Stream<Item = io::Result<Bytes>> {
    let first = stream::iter([Ok(Bytes::from_static(FIRST_LINE.as_bytes()))]);
    let pages = stream::try_unfold(Some((filter, 0)), move |left| {
        let visit = visit.clone();
        async move {
            let Some((mut filter, written)) = left else { return Ok(None) };
            let entries = page(&visit, &filter).await.map_err(|error| {
                tracing::info!(
                    error = &error as &dyn std::error::Error,
                    "the log was not sent whole"
                );
                io::Error::other(error)
            })?;
            let Some(last) = entries.last() else {
                return Ok(Some((last_line(written), None)));
            };
            filter.before = Some(last.seq);
            let mut text = String::new();
            for entry in &entries {
                row(&mut text, entry);
            }
            Ok(Some((text.into(), Some((filter, written + entries.len())))))
        }
    });
    first.chain(pages)
}

async fn page(visit: &Visit, filter: &AuditFilter) -> Result<Vec<Entry>> {
    let (mut work, permit) = still::<ReadAudit>(visit, ()).await?;
    Ok(work.audit_page(&permit, filter, AT_ONCE).await?)
}

/// As many fields as every other line.
fn last_line(written: usize) -> Bytes {
    format!("end,{written} entries,,,,,,,,\r\n").into()
}

/// One line of the file. All of it is from closed sets: nothing a spreadsheet would take for a formula.
fn row(text: &mut String, entry: &Entry) {
    let id = |id: Option<uuid::Uuid>| id.map(|id| id.to_string()).unwrap_or_default();
    let _ = write!(
        text,
        "{},{},{},{},{},{},{},{},{},{:?}\r\n",
        entry.seq.0,
        day_and_time(entry.at).replace(',', ""),
        id(entry.actor),
        entry.hat,
        entry.action,
        entry.object_kind,
        id(entry.object),
        id(entry.recording),
        entry.decision,
        entry.link
    );
}
