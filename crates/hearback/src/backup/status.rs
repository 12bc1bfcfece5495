//! `backup status`: when it was last proven that a backup comes back.

use std::{io::Write as _, path::Path};

use hearback_domain::{Clock as _, Day, Timestamp};
use hearback_vault::Signer;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::signed;
use crate::{cli::StatusArgs, failure::Failure, system::SystemClock};

/// The file in the data directory.
const STAMP: &str = "proven-restore.json";

/// That a backup was brought back and looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Stamp {
    /// When, in microseconds since 1970.
    pub(super) at: i64,
    /// When the backup was made.
    pub(super) backup_made_at: i64,
    pub(super) audit_entries: u64,
    pub(super) objects: u64,
}

pub(super) fn stamp(data: &Path, stamp: &Stamp, signer: &Signer) -> anyhow::Result<()> {
    signed::write(data, STAMP, stamp, signer)
}

pub(super) fn run(args: &StatusArgs, as_json: bool) -> Result<(), Failure> {
    let mut out = std::io::stdout();
    let (stamp, _) = match signed::read::<Stamp>(&args.data, STAMP) {
        Ok(read) => read,
        Err(signed::NotSigned::Unreadable(_, e)) if e.kind() == std::io::ErrorKind::NotFound => {
            if as_json {
                writeln!(out, "{}", json!({"last_proven_restore": null}))?;
            } else {
                writeln!(
                    out,
                    "No backup has been proven to come back yet; `hearback backup verify` does that."
                )?;
            }
            return Ok(());
        }
        Err(other) => {
            return Err(Failure::Tampered(format!("The note of the last proof: {other}.")));
        }
    };
    let day = |micros| Day::of(Timestamp::from_micros(micros));
    let days = (SystemClock.now().as_micros() - stamp.at).max(0) / 86_400_000_000;
    if as_json {
        let proof = json!({
            "at": stamp.at, "days": days, "backup_made_at": stamp.backup_made_at,
            "audit_entries": stamp.audit_entries, "objects": stamp.objects,
        });
        writeln!(out, "{}", json!({"last_proven_restore": proof}))?;
    } else {
        writeln!(
            out,
            "Last proven restore: {}, {days} days ago, of the backup of {}: {} encrypted files and {} audit entries.",
            day(stamp.at),
            day(stamp.backup_made_at),
            stamp.objects,
            stamp.audit_entries,
        )?;
    }
    Ok(())
}
