//! `backup keys`: few copies of the keyring, which replace each other.

use std::{fs, io::Write as _, path::Path};

use anyhow::Context as _;
use hearback_domain::{Clock as _, Day};
use hearback_vault::FileKeys;

use super::files::{self, Growing};
use crate::{
    cli::KeyringArgs,
    failure::Failure,
    open::{bad_keys, key_config},
    system::SystemClock,
};

/// How many there are at most, one for each day: as many days after an erasure, its key is nowhere any more.
const DAYS: u16 = 7;

const PREFIX: &str = "keys-";

fn read(name: &str) -> Option<Day> {
    let day: Day = name.strip_prefix(PREFIX)?.parse().ok()?;
    (format!("{PREFIX}{day}") == name).then_some(day)
}

pub(super) fn run(args: &KeyringArgs, to: &Path) -> Result<(), Failure> {
    let config = key_config(&args.data, args.root.source(), args.accept_colocated_key, true);
    let keys = FileKeys::open(&config).map_err(bad_keys)?;
    let data = fs::canonicalize(&args.data)?;
    files::private_dir(to).with_context(|| format!("cannot make {}", to.display()))?;
    if fs::canonicalize(to)?.starts_with(&data) {
        return Err(Failure::Unsafe(format!(
            "{} lies in the data directory: a copy of the keys there is lost with the keys, or copied with the data. \
             Name a directory elsewhere.",
            to.display()
        )));
    }
    let now = SystemClock.now();
    let today = Day::of(now);
    // The old ones first: whatever happens next, they are not kept for longer.
    prune(to, today)?;
    let target = to.join(format!("{PREFIX}{today}"));
    let growing = Growing::beside(&target)?;
    let files = keys.copy_to(growing.path(), now).map_err(bad_keys)?;
    if target.exists() {
        FileKeys::destroy_copy(&target).map_err(bad_keys)?;
    }
    growing.finish()?;
    let (kept, oldest) = copies(to)?;
    let oldest = oldest.unwrap_or(today);
    writeln!(
        std::io::stdout(),
        "{files} files of the keyring are in {}. There are {kept} copies of at most {DAYS}; the oldest goes on {}. What \
         is erased today is erased everywhere on {}, if this command runs every day.",
        target.display(),
        oldest.plus_days(DAYS),
        today.plus_days(DAYS),
    )?;
    Ok(())
}

fn copies(dir: &Path) -> Result<(usize, Option<Day>), Failure> {
    let mut days = Vec::new();
    for entry in fs::read_dir(dir)? {
        days.extend(read(&entry?.file_name().to_string_lossy()));
    }
    Ok((days.len(), days.into_iter().min()))
}

/// Destroys the copies that are a week old, and what copying that was cut off left.
fn prune(dir: &Path, today: Day) -> Result<(), Failure> {
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let old = read(&name).is_some_and(|day| day.plus_days(DAYS) <= today);
        let cut_off = name.starts_with(&format!(".{PREFIX}"));
        if old || cut_off {
            FileKeys::destroy_copy(&entry.path()).map_err(bad_keys)?;
        }
    }
    Ok(files::sync_dir(dir)?)
}
