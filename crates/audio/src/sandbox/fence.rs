//! The lock-down itself. Each step is one that a process can only take towards less.

use std::{collections::BTreeMap, io};

use landlock::{
    ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, Ruleset, RulesetAttr, RulesetStatus,
    Scope,
};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule,
};

use super::watch::total_cpu;
use crate::Limits;

/// What a decoder needs: memory, its socket, the time, and an end. On anything else the kernel kills the process.
///
/// `futex` and the signal calls belong to the standard library's locks and its guard page; `getrandom` seeds hash maps.
const ALLOWED: &[i64] = &[
    libc::SYS_brk,
    libc::SYS_clock_gettime,
    libc::SYS_close,
    libc::SYS_exit,
    libc::SYS_exit_group,
    libc::SYS_futex,
    libc::SYS_getpid,
    libc::SYS_getrandom,
    libc::SYS_gettid,
    libc::SYS_madvise,
    libc::SYS_mremap,
    libc::SYS_munmap,
    libc::SYS_read,
    libc::SYS_restart_syscall,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sched_yield,
    libc::SYS_sigaltstack,
    libc::SYS_write,
];

/// Closes everything this process was started with but its standard streams. Before anything is opened.
pub(super) fn close_inherited() {
    #[expect(unsafe_code, reason = "close_range has no safe form in the standard library")]
    // SAFETY: the call takes numbers, not pointers. It is made first thing in `child_main`, when no Rust value of this
    // process owns a descriptor above 2, so none is closed behind an owner's back.
    unsafe {
        // A kernel without the call (before 5.9) leaves open what the parent left open, which is nothing of ours:
        // the standard library opens everything close-on-exec.
        libc::close_range(3, libc::c_uint::MAX, 0);
    }
}

/// Puts up the fence. Gives what of it is missing, or why it cannot be put up; with `allow_rlimit_only` a kernel
/// without Landlock or seccomp is no reason, and each that there is still stands.
///
/// The last wall lets no thread be started, so `start` is called before it: threads that run when it returns are fenced
/// in like this one, by what they inherit and by the last wall, which goes up around all.
pub(super) fn put_up<T>(
    limits: &Limits,
    allow_rlimit_only: bool,
    start: impl FnOnce() -> io::Result<T>,
) -> Result<(T, String), String> {
    resource_limits(limits).map_err(|e| format!("resource limits could not be set ({e})"))?;
    no_privileges().map_err(|e| format!("privileges could not be given up ({e})"))?;
    let first = landlock();
    let started = start().map_err(|e| format!("a thread could not be started ({e})"))?;
    let missing: Vec<String> = [first, seccomp()].into_iter().filter_map(Result::err).collect();
    let missing = missing.join("; ");
    if missing.is_empty() || allow_rlimit_only { Ok((started, missing)) } else { Err(missing) }
}

fn resource_limits(limits: &Limits) -> io::Result<()> {
    let seconds = total_cpu(limits).as_secs().max(1);
    for (resource, most, hard) in [
        (libc::RLIMIT_AS, limits.memory, limits.memory),
        // At the first limit the signal says why (SIGXCPU), at the second it would be an ordinary SIGKILL.
        (libc::RLIMIT_CPU, seconds, seconds.saturating_add(1)),
        (libc::RLIMIT_FSIZE, 0, 0),
        (libc::RLIMIT_CORE, 0, 0),
        (libc::RLIMIT_NOFILE, 8, 8),
    ] {
        let limit = libc::rlimit { rlim_cur: most, rlim_max: hard };
        #[expect(unsafe_code, reason = "setrlimit has no safe form in the standard library")]
        // SAFETY: the pointer is to a whole `rlimit` on this frame, which the kernel only reads, during the call.
        let result = unsafe { libc::setrlimit(resource, &raw const limit) };
        if result != 0 {
            return Err(io::Error::last_os_error());
        }
    }
    Ok(())
}

/// No program started from here can gain rights; nobody can look into this process; it does not outlive its parent.
fn no_privileges() -> io::Result<()> {
    for (option, value) in [
        (libc::PR_SET_NO_NEW_PRIVS, 1),
        (libc::PR_SET_DUMPABLE, 0),
        (libc::PR_SET_PDEATHSIG, libc::SIGKILL as libc::c_ulong),
    ] {
        let none: libc::c_ulong = 0;
        #[expect(unsafe_code, reason = "prctl has no safe form in the standard library")]
        // SAFETY: these three options take numbers, no pointers; unused arguments are zero, of the width the kernel
        // reads.
        let result = unsafe { libc::prctl(option, value, none, none, none) };
        if result != 0 {
            return Err(io::Error::last_os_error());
        }
    }
    Ok(())
}

/// No path can be opened and no port bound or reached, whatever the next wall lets through.
fn landlock() -> Result<(), String> {
    let abi = ABI::V6;
    let status = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(abi))
        .and_then(|r| r.handle_access(AccessNet::from_all(abi)))
        .and_then(|r| r.scope(Scope::from_all(abi)))
        .and_then(Ruleset::create)
        .and_then(landlock::RulesetCreated::restrict_self)
        .map_err(|error| format!("Landlock failed ({error})"))?;
    if status.ruleset == RulesetStatus::NotEnforced {
        return Err("this kernel has no Landlock, or it is switched off".to_owned());
    }
    Ok(())
}

fn seccomp() -> Result<(), String> {
    let failed = |error: &dyn std::fmt::Display| format!("seccomp failed ({error})");
    let arch =
        std::env::consts::ARCH.try_into().map_err(|e: seccompiler::BackendError| failed(&e))?;
    let mut rules: BTreeMap<i64, _> = ALLOWED.iter().map(|call| (*call, Vec::new())).collect();
    let only_if = |argument, is, value| {
        SeccompCondition::new(argument, SeccompCmpArgLen::Dword, is, value)
            .and_then(|condition| SeccompRule::new(vec![condition]))
            .map_err(|e| failed(&e))
    };
    // Running out of memory ends in `abort`, which is a signal to oneself: to nobody else.
    let own = std::process::id().into();
    rules.insert(libc::SYS_tgkill, vec![only_if(0, SeccompCmpOp::Eq, own)?]);
    // Memory may hold anything but a program.
    let program = u64::from(libc::PROT_EXEC.unsigned_abs());
    for call in [libc::SYS_mmap, libc::SYS_mprotect] {
        rules.insert(call, vec![only_if(2, SeccompCmpOp::MaskedEq(program), 0)?]);
    }
    let filter = SeccompFilter::new(rules, SeccompAction::KillProcess, SeccompAction::Allow, arch)
        .map_err(|e| failed(&e))?;
    let program: BpfProgram =
        filter.try_into().map_err(|e: seccompiler::BackendError| failed(&e))?;
    seccompiler::apply_filter_all_threads(&program).map_err(|e| failed(&e))
}
