//! The real clock and real randomness, which everything else gets as arguments; and this process's own start.

use std::{
    env,
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
