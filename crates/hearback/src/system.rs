//! The real clock and real randomness, which everything else gets as arguments; and this process's own start.

use std::{
    env, fs,
    os::unix::process::CommandExt as _,
    process::Command,
    time::{SystemTime, UNIX_EPOCH},
};

use hearback_domain::{Clock, IdSource, Timestamp};
use uuid::Uuid;

/// The machine's clock.
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock that everybody else asks")]
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    }
}

/// Random identifiers.
pub(crate) struct RandomIds;

impl IdSource for RandomIds {
    #[expect(clippy::disallowed_methods, reason = "this is the source that everybody else asks")]
    fn next(&self) -> Uuid {
        Uuid::new_v4()
    }
}

/// How much memory there is for this process, in bytes: the machine's, or less if its control group may have less. Four
/// gigabytes where nobody says.
pub(crate) fn memory() -> u64 {
    const UNKNOWN: u64 = 4 << 30;
    let machine = fs::read_to_string("/proc/meminfo").ok().and_then(|text| total(&text));
    let group = fs::read_to_string("/sys/fs/cgroup/memory.max").ok();
    // Without a limit it says `max`.
    let group = group.and_then(|text| text.trim().parse().ok());
    machine.into_iter().chain(group).min().unwrap_or(UNKNOWN)
}

/// What the machine has, as `/proc/meminfo` says it.
fn total(text: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib << 10)
}

/// How OpenMP's threads wait for each other. Read by its library before `main` begins.
const WAIT_POLICY: &str = "OMP_WAIT_POLICY";

/// Starts this program anew with threads that sleep while they wait, unless the operator has said how they wait.
///
/// By default they spin. As soon as anything else wants the processors (a page, a second job), spinning threads keep
/// the ones they wait for from running: transcribing 198 s of speech on two busy cores took 161 s with spinning threads
/// and 44 s with sleeping ones.
pub(crate) fn wait_passively() {
    if env::var_os(WAIT_POLICY).is_some() {
        return;
    }
    let Ok(program) = env::current_exe() else { return };
    // Comes back only if it does not work; then the service runs as it is.
    let error =
        Command::new(program).args(env::args_os().skip(1)).env(WAIT_POLICY, "passive").exec();
    eprintln!("OpenMP's threads will spin while they wait: {error}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_says_how_much_memory_it_has() {
        let text = "MemTotal:       24684012 kB\nMemFree:        1 kB\n";
        assert_eq!(total(text), Some(24_684_012 * 1024));
        assert_eq!(total("MemFree: 1 kB\n"), None);
        assert!(memory() > 64 << 20, "this machine");
    }
}
