//! The receipt: what was destroyed and when, for whoever has its code. Nothing about anybody.

use askama::Template;
use hearback_domain::withdrawal::{ErasureCause, ErasureState};
use hearback_storage::Receipt;
use tokio::task::spawn_blocking;

use super::{KEY_COPIES_SECONDS, code::Code, goes};
use crate::{
    Visit, WebError,
    error::Result,
    extract::Path,
    page::{Page, day, day_and_time, html},
};

#[derive(Template)]
#[template(path = "receipt.html")]
struct ReceiptPage {
    page: Page,
    code: String,
    found: Option<Found>,
    back: bool,
}

struct Found {
    goes: Vec<&'static str>,
    closed: String,
    by_time: bool,
    waits: bool,
    held: bool,
    destroyed: Option<String>,
    line: Option<u64>,
    horizon: Option<String>,
    signed: Option<Signed>,
}

/// What a machine can check.
struct Signed {
    statement: String,
    signature: String,
    key: String,
}

/// `GET /receipt/{code}`. A code that nobody was given looks like any other, but for what it says.
pub(crate) async fn show(visit: Visit, Path(typed): Path<String>) -> Result {
    let code = Code::parse(&typed);
    let receipt = match &code {
        Some(code) => visit.app().store.begin().await?.receipt(&code.hash()).await?,
        None => None,
    };
    let found = match (&code, receipt) {
        (Some(code), Some(receipt)) => Some(tell(&visit, code, &receipt).await?),
        _ => None,
    };
    html(&ReceiptPage {
        page: visit.page("Receipt"),
        code: code.map(|code| code.to_string()).unwrap_or_default(),
        found,
        back: visit.who().is_some(),
    })
}

async fn tell(visit: &Visit, code: &Code, receipt: &Receipt) -> Result<Found> {
    let destroyed = receipt.done_at.filter(|_| !receipt.classes.is_empty());
    let horizon = destroyed.map(|at| day(at.plus_seconds(KEY_COPIES_SECONDS)));
    let signed = match (destroyed, receipt.ledger_seq) {
        (Some(_), Some(_)) => Some(sign(visit, statement(code, receipt)).await?),
        _ => None,
    };
    Ok(Found {
        goes: receipt.classes.iter().map(|class| goes(*class)).collect(),
        closed: day_and_time(receipt.requested_at),
        by_time: receipt.cause == ErasureCause::Retention,
        waits: receipt.state == ErasureState::Pending,
        held: receipt.state == ErasureState::Held,
        destroyed: destroyed.map(day_and_time),
        line: receipt.ledger_seq,
        horizon,
        signed,
    })
}

/// What is signed: one line, words from closed sets and numbers, times in microseconds since 1970.
fn statement(code: &Code, receipt: &Receipt) -> String {
    let classes: Vec<_> = receipt.classes.iter().map(|class| class.as_str()).collect();
    format!(
        "hearback receipt v1 {} {} {} {} {}",
        hex::encode(code.hash()),
        classes.join(","),
        receipt.requested_at.as_micros(),
        receipt.done_at.map_or(0, hearback_domain::Timestamp::as_micros),
        receipt.ledger_seq.unwrap_or(0),
    )
}

async fn sign(visit: &Visit, statement: String) -> Result<Signed> {
    let vault = visit.app().vault.clone();
    let signed = spawn_blocking(move || {
        let signer = vault.signer()?;
        let signature = hex::encode(signer.sign(statement.as_bytes()));
        Ok::<_, hearback_vault::VaultError>(Signed {
            statement,
            signature,
            key: hex::encode(signer.public()),
        })
    });
    signed.await.map_err(WebError::internal)?.map_err(WebError::internal)
}
