//! The child's second thread. It is there before the fence is whole, because afterwards no thread can be started, and
//! waits for the one piece of work that it will ever do.

use std::{
    io,
    sync::mpsc::{SyncSender, sync_channel},
    thread,
};

/// Bytes of its stack: it holds no codec.
const STACK: usize = 1 << 20;

type Job = Box<dyn FnOnce() + Send>;

/// A thread that waits.
pub(super) struct Second(SyncSender<Job>);

impl Second {
    /// Starts it; when this returns, it has made all system calls that a thread begins with.
    pub(super) fn start() -> io::Result<Self> {
        one_heap();
        let (give, jobs) = sync_channel::<Job>(1);
        let (ready, is_ready) = sync_channel(1);
        thread::Builder::new().stack_size(STACK).spawn(move || {
            // Nobody waits for it only if this process is ending.
            if ready.send(()).is_ok()
                && let Ok(job) = jobs.recv()
            {
                job();
            }
        })?;
        is_ready.recv().map_err(io::Error::other)?;
        Ok(Self(give))
    }

    /// Gives it its work.
    pub(super) fn run(&self, job: Job) -> io::Result<()> {
        self.0.send(job).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}

/// GNU's allocator would set aside 64 MB of address space for each thread, which is what the fence counts.
fn one_heap() {
    #[cfg(target_env = "gnu")]
    #[expect(unsafe_code, reason = "mallopt has no safe form in the standard library")]
    // SAFETY: the call takes two numbers and sets one inside the allocator, under the allocator's own lock.
    unsafe {
        libc::mallopt(libc::M_ARENA_MAX, 1);
    }
}
