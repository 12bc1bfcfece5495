//! How much memory was needed: by the largest child, and by this process on top of what it had.

use std::{fs, mem::MaybeUninit};

use crate::harness::print;

/// What a child may have at most, in megabytes.
const CHILD_MB: u64 = 256;
/// By how many megabytes the parent may grow.
pub(crate) const GROWTH_MB: u64 = 20;
/// The same where the files are large themselves, and are made here: several of them at once.
pub(crate) const GROWTH_WITH_FILES_MB: u64 = 60;

/// What this process had when it began.
pub(crate) struct Watch {
    before_kb: u64,
}

/// What was needed.
pub(crate) struct Needed {
    pub(crate) children_mb: u64,
    pub(crate) growth_mb: u64,
}

impl Watch {
    pub(crate) fn begin() -> Self {
        // Sets the peak back to what is needed now (proc(5)).
        fs::write("/proc/self/clear_refs", "5").expect("one's own peak can be set back");
        Self { before_kb: status_kb("VmRSS:") }
    }

    pub(crate) fn end(&self) -> Needed {
        let growth = status_kb("VmHWM:").saturating_sub(self.before_kb);
        Needed { children_mb: largest_child_kb() / 1_024, growth_mb: growth / 1_024 }
    }
}

impl Needed {
    pub(crate) fn show(&self) {
        print(&format!(
            "the largest child needed {} MB, this process grew by {} MB",
            self.children_mb, self.growth_mb
        ));
    }

    pub(crate) fn check(&self, most_mb: u64) {
        assert!(self.children_mb <= CHILD_MB, "a child of {} MB", self.children_mb);
        assert!(self.growth_mb <= most_mb, "grown by {} MB", self.growth_mb);
    }
}

fn status_kb(name: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("proc is mounted");
    let line = status.lines().find(|line| line.starts_with(name)).expect("the kernel says it");
    line.split_ascii_whitespace().nth(1).and_then(|n| n.parse().ok()).expect("a number")
}

/// The peak of the largest child that has ended.
fn largest_child_kb() -> u64 {
    let mut usage = MaybeUninit::<libc::rusage>::uninit();
    #[expect(unsafe_code, reason = "getrusage has no safe form in the standard library")]
    // SAFETY: the pointer is to room for a whole `rusage` on this frame. The call fills all of it and gives 0, which is
    // looked at before it is read.
    let usage = unsafe {
        let done = libc::getrusage(libc::RUSAGE_CHILDREN, usage.as_mut_ptr());
        assert_eq!(done, 0, "getrusage");
        usage.assume_init()
    };
    u64::try_from(usage.ru_maxrss).unwrap_or(0)
}
