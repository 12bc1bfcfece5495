//! `audit verify`.

use std::io::Write as _;

use hearback_access::audit::{AuditSeq, Verifier};
use serde_json::json;

use crate::{cli::AuditCommand, failure::Failure, open};

/// How many entries are read at a time.
const PAGE: u32 = 5_000;

pub(crate) async fn run(command: &AuditCommand) -> Result<(), Failure> {
    let AuditCommand::Verify { database, json } = command;
    let store = open::store(database).await?;
    // A short unit of work for each page: the service goes on while the log is read. What is appended meanwhile lies
    // after this head.
    let head = store.begin().await?.audit_head().await?;
    let tampered = |what: hearback_access::audit::Tampering| {
        Failure::Tampered(format!("The audit log is not as it was written: {what}."))
    };

    let mut verifier = Verifier::default();
    let mut last = AuditSeq(0);
    while last < head.0 {
        let page = PAGE.min(u32::try_from(head.0.0 - last.0).unwrap_or(PAGE));
        let entries = store.begin().await?.audit_entries(last, page).await?;
        let Some(newest) = entries.last() else { break };
        last = newest.seq;
        for entry in &entries {
            verifier.entry(entry).map_err(tampered)?;
        }
    }
    let entries = verifier.finish(head).map_err(tampered)?;
    let mut out = std::io::stdout();
    if *json {
        writeln!(out, "{}", json!({"entries": entries, "head": format!("{:?}", head.1)}))?;
    } else {
        writeln!(out, "{entries} entries, each as it was written. Newest link: {:?}", head.1)?;
    }
    Ok(())
}
