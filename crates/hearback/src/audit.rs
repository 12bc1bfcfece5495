//! `audit verify`, `audit checkpoint`, `audit export`.

use std::io::{BufWriter, Write as _};

use hearback_access::audit::{AuditSeq, Entry, PublicKey, Tampering, Verified, Verifier};
use hearback_domain::Clock as _;
use hearback_storage::{LogPages, Store, verify_log};
use serde_json::json;

use crate::{
    cli::{AuditCommand, AuditVerifyArgs, ExportFormat},
    failure::Failure,
    open,
    system::SystemClock,
};

pub(crate) mod checkpoints;
mod sealing;

pub(crate) use self::sealing::{Sealer, checkpoint_dirs};

pub(crate) async fn run(command: &AuditCommand) -> Result<(), Failure> {
    match command {
        AuditCommand::Verify(args) => verify(args).await,
        AuditCommand::Checkpoint { data, checkpoints, checkpoints_are_lost } => {
            let opened = open::all(data).await?;
            let dirs = checkpoint_dirs(data, checkpoints);
            let mut sealer = Sealer::new(&opened, dirs)?;
            if *checkpoints_are_lost {
                sealer = sealer.without_the_lost_ones();
            }
            let sealed = sealer.seal(SystemClock.now()).await?;
            let mut out = std::io::stdout();
            writeln!(
                out,
                "Sealed up to entry {}, in {}. To check it elsewhere, keep the public key: {}",
                sealed.size,
                sealer.places(),
                sealer.public_key(),
            )?;
            Ok(())
        }
        AuditCommand::Export { database, format } => {
            export(&*open::store(database).await?, *format).await
        }
    }
}

/// What the command says, and ends with, if the log is not as it was written.
fn tampered(what: Tampering) -> Failure {
    Failure::Tampered(format!("The audit log is not as it was written: {what}."))
}

/// Compares the log with itself, and with the checkpoints that somebody kept.
async fn verify(args: &AuditVerifyArgs) -> Result<(), Failure> {
    let known = match (&args.public_key, args.checkpoints.is_empty()) {
        (_, true) => Vec::new(),
        (Some(key), false) => checkpoints::read(&args.checkpoints, &public_key(key)?)?,
        (None, false) => {
            return Err(Failure::BadInput(
                "Say with --public-key whose checkpoints they are; `hearback audit checkpoint` prints the key."
                    .to_owned(),
            ));
        }
    };
    let store = open::store(&args.database).await?;
    let verifier = Verifier::new(known, args.clock_tolerance_seconds.into());
    let verified = verify_log(&*store, verifier, AuditSeq(0)).await?.map_err(tampered)?;
    let sealed = store.begin().await?.audit_sealed().await?.map_or(0, |sealed| sealed.seq.0);
    say(args, &verified, sealed)
}

fn public_key(text: &str) -> Result<PublicKey, Failure> {
    let bytes = (0..text.len())
        .step_by(2)
        .map(|at| text.get(at..at + 2).and_then(|byte| u8::from_str_radix(byte, 16).ok()))
        .collect::<Option<Vec<_>>>();
    let bytes: Option<[u8; 32]> = bytes.and_then(|bytes| bytes.try_into().ok());
    bytes.and_then(|bytes| PublicKey::new(&bytes).ok()).ok_or_else(|| {
        Failure::BadInput("That is no public key: it has 64 hexadecimal digits.".to_owned())
    })
}

/// What was found. `sealed` is how far the database says that the log was sealed, which proves nothing; checkpoints
/// that it remembers and nobody gave are missed all the same.
fn say(args: &AuditVerifyArgs, verified: &Verified, sealed: u64) -> Result<(), Failure> {
    let Verified { head, checkpoints, unsealed } = verified;
    let newest = if *checkpoints == 0 { 0 } else { head.seq.0.saturating_sub(*unsealed) };
    let missed = sealed > newest;
    let mut out = std::io::stdout();
    if args.json {
        let found = json!({
            "entries": head.seq.0,
            "head": format!("{:?}", head.link),
            "root": format!("{:?}", head.root()),
            "checkpoints": checkpoints,
            "unsealed": unsealed,
            "sealed": sealed,
            "checkpoints_missing": missed,
        });
        writeln!(out, "{found}")?;
        return Ok(());
    }
    writeln!(out, "{} entries, each as it was written. Newest link: {:?}", head.seq.0, head.link)?;
    if *checkpoints == 0 {
        writeln!(
            out,
            "They were compared with no checkpoint: a log that was written anew, or cut, would look like this too."
        )?;
    } else {
        writeln!(
            out,
            "They fit {checkpoints} checkpoints. {unsealed} entries are newer than the last one."
        )?;
    }
    if missed {
        writeln!(
            out,
            "The database says that the log was sealed up to entry {sealed}; no checkpoint that was given goes that far."
        )?;
    }
    Ok(())
}

/// The whole log: opaque ids, words of closed sets, no names.
async fn export(store: &dyn Store, format: ExportFormat) -> Result<(), Failure> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    if format == ExportFormat::Csv {
        writeln!(out, "seq,at_micros,actor,hat,action,object_kind,object,recording,decision,link")?;
    }
    let mut reading = LogPages::after(AuditSeq(0));
    while let Some(entries) = reading.next(store).await? {
        for entry in &entries {
            match format {
                ExportFormat::Csv => writeln!(out, "{}", csv(entry))?,
                ExportFormat::Jsonl => writeln!(out, "{}", json_line(entry))?,
            }
        }
    }
    out.flush()?;
    Ok(())
}

fn csv(entry: &Entry) -> String {
    let id = |id: Option<uuid::Uuid>| id.map(|id| id.to_string()).unwrap_or_default();
    [
        entry.seq.0.to_string(),
        entry.at.as_micros().to_string(),
        id(entry.actor),
        entry.hat.clone(),
        entry.action.clone(),
        entry.object_kind.clone(),
        id(entry.object),
        id(entry.recording),
        entry.decision.clone(),
        format!("{:?}", entry.link),
    ]
    .join(",")
}

fn json_line(entry: &Entry) -> serde_json::Value {
    json!({
        "seq": entry.seq.0,
        "at_micros": entry.at.as_micros(),
        "actor": entry.actor,
        "hat": entry.hat,
        "action": entry.action,
        "object_kind": entry.object_kind,
        "object": entry.object,
        "recording": entry.recording,
        "decision": entry.decision,
        "link": format!("{:?}", entry.link),
    })
}
