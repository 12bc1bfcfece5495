//! The fence itself: all of it stands, nothing of it is given up in silence, and the child is left with nothing.
//!
//! This binary is also the child; started as `… without landlock` or the like, it is one on a kernel that lacks
//! something.

#[path = "../harness/mod.rs"]
mod harness;

use std::{
    collections::BTreeMap,
    fs,
    time::{Duration, Instant},
};

use hearback_audio::{
    AudioError, Bytes, Limits,
    sandbox::{self, Drill, DrillOutcome, Fence, Runner},
};
use seccompiler::{BpfProgram, SeccompAction, SeccompFilter};

use crate::harness::Test;

const TESTS: &[Test] = &[
    ("fence::all_of_it_stands_here", all_of_it_stands_here),
    ("fence::nothing_is_decoded_where_part_of_it_is_missing", nothing_is_decoded_without),
    ("fence::what_can_stand_stands_where_that_is_allowed", what_can_stand_stands),
    ("fence::the_child_is_left_with_nothing", the_child_is_left_with_nothing),
];

/// System calls that a kernel may lack, by the argument that takes them away.
const LACKING: [(&str, &[i64]); 3] = [
    ("landlock", &[libc::SYS_landlock_create_ruleset]),
    ("seccomp", &[libc::SYS_seccomp]),
    ("both", &[libc::SYS_landlock_create_ruleset, libc::SYS_seccomp]),
];

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [sandbox::CHILD_ARG] => sandbox::child_main(),
        ["without", what] => {
            take_away(what);
            sandbox::child_main()
        }
        _ => harness::run(TESTS, &args),
    }
}

/// Makes the kernel say that it does not know some calls.
fn take_away(what: &str) {
    let (_, calls) = LACKING.iter().find(|(name, _)| *name == what).expect("one of them");
    let rules: BTreeMap<i64, _> = calls.iter().map(|call| (*call, Vec::new())).collect();
    let unknown = SeccompAction::Errno(libc::ENOSYS.unsigned_abs());
    let arch = std::env::consts::ARCH.try_into().expect("an architecture with a filter");
    let filter = SeccompFilter::new(rules, SeccompAction::Allow, unknown, arch).expect("a filter");
    let program: BpfProgram = filter.try_into().expect("a filter");
    seccompiler::apply_filter(&program).expect("this machine has seccomp");
}

fn runner() -> Runner {
    Runner::new(std::env::current_exe().expect("this very executable"))
}

fn all_of_it_stands_here() {
    assert_eq!(runner().fence().expect("a child"), Fence::Whole);
}

fn nothing_is_decoded_without() {
    for (what, _) in LACKING {
        let lacking = runner().with_args(["without", what]);
        let refused = lacking.fence();
        assert!(matches!(refused, Err(AudioError::NoFence(_))), "{what}: {refused:?}");
        let sound = hearback_audio::wav::header(0).to_vec();
        let decoded =
            lacking.decode(Box::new(Bytes(sound)), &Limits::default(), &mut |_, _| Ok(()));
        assert!(matches!(decoded, Err(AudioError::NoFence(_))), "{what}: {decoded:?}");
    }
}

fn what_can_stand_stands() {
    for (what, _) in LACKING {
        let mut lacking = runner().with_args(["without", what]);
        lacking.allow_rlimit_only = true;
        let fence = lacking.fence().expect("the settings allow it");
        let Fence::Partly(missing) = &fence else { panic!("{what}: {fence:?}") };
        for (part, word) in [("landlock", "Landlock"), ("seccomp", "seccomp")] {
            let lacks = what == part || what == "both";
            assert_eq!(missing.contains(word), lacks, "{what}: {missing}");
        }
        // Opening a file ends the child, unless neither is there to stop it; and memory has its limit in any case.
        let opened = lacking.drill(Drill::OpenFile, &Limits::default());
        match what {
            "landlock" => assert!(matches!(opened, Ok(DrillOutcome::Killed(libc::SIGSYS)))),
            _ => assert!(matches!(opened, Err(AudioError::Sandbox(_))), "{what}: {opened:?}"),
        }
        let hoard = lacking.drill(Drill::Allocate, &Limits::default());
        assert!(matches!(hoard, Ok(DrillOutcome::Killed(libc::SIGABRT))), "{what}: {hoard:?}");
    }
}

/// A process started by this one that has put up its fence: the folder that the kernel shows it in.
fn fenced_child() -> String {
    let us = format!("PPid:\t{}\n", std::process::id());
    let until = Instant::now() + Duration::from_secs(20);
    while Instant::now() < until {
        for entry in fs::read_dir("/proc").expect("proc is mounted").flatten() {
            let folder = entry.path().display().to_string();
            let status = fs::read_to_string(format!("{folder}/status")).unwrap_or_default();
            if status.contains(&us) && status.contains("Seccomp:\t2\n") {
                return folder;
            }
        }
        std::thread::yield_now();
    }
    panic!("no child behind a fence");
}

fn the_child_is_left_with_nothing() {
    let limits = Limits { stall_wall: Duration::from_secs(3), ..Limits::default() };
    let waiting = std::thread::spawn(move || runner().drill(Drill::Sleep, &limits));
    let folder = fenced_child();
    let status = fs::read_to_string(format!("{folder}/status")).expect("everybody may read it");
    assert!(status.contains("Threads:\t2\n"), "{status}");
    for thread in fs::read_dir(format!("{folder}/task")).expect("everybody may read it").flatten() {
        let status = fs::read_to_string(thread.path().join("status")).expect("it waits");
        assert!(status.contains("NoNewPrivs:\t1\n"), "{status}");
        assert!(status.contains("Seccomp:\t2\n"), "{status}");
    }
    let bounds = fs::read_to_string(format!("{folder}/limits")).expect("everybody may read it");
    let bound = |name: &str| {
        let line = bounds.lines().find(|line| line.starts_with(name)).unwrap_or_default();
        line[name.len()..].split_ascii_whitespace().next().unwrap_or_default().to_owned()
    };
    assert_eq!(bound("Max core file size"), "0");
    assert_eq!(bound("Max file size"), "0");
    assert_eq!(bound("Max open files"), "8");
    assert_eq!(bound("Max address space"), (256 << 20).to_string());
    assert_ne!(bound("Max cpu time"), "unlimited");
    // The child cannot be looked into, except by root: as whom the tests run where they are judged.
    if let Ok(open) = fs::read_dir(format!("{folder}/fd")) {
        assert!(open.count() <= 4, "its standard streams, and one copy of the first");
        let environment = fs::read(format!("{folder}/environ")).unwrap_or_default();
        assert!(environment.is_empty(), "{}", String::from_utf8_lossy(&environment));
    }
    let ended = waiting.join().expect("no panic");
    assert!(matches!(ended, Ok(DrillOutcome::Stopped { busy: false })), "{ended:?}");
}
