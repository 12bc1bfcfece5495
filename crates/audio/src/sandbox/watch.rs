//! The parent's clock over the child.

use std::{
    io::{self, Read, Write},
    os::unix::net::UnixStream,
    time::{Duration, Instant},
};

use crate::{AudioError, Limits, Verdict};

/// How often the clock is looked at, whatever the child says or does not say.
pub(super) const TICK: Duration = Duration::from_millis(100);

/// The processor time that a child has in all; the kernel ends it after that, and it is held against the file.
///
/// Half of the time on the clock: a decoder has one thread, so with the whole of it the clock would be first, and a
/// file that keeps the decoder busy would be tried again and again.
pub(super) fn total_cpu(limits: &Limits) -> Duration {
    limits.total_wall / 2
}

/// Sees to it that the child either makes progress or is given up.
///
/// Progress is new sound, or a piece of the recording that was never asked for before. Processor time without progress
/// is the file's doing (a decoder in a loop), and so refused for good; mere time on the clock may be a busy machine,
/// and so is tried again.
pub(super) struct Watch {
    pid: u32,
    started: Instant,
    limits: Limits,
    /// When there was progress last, and the processor time at the first look after that.
    since: Instant,
    cpu: Option<Duration>,
    looked: Instant,
}

impl Watch {
    pub(super) fn new(pid: u32, limits: &Limits) -> Self {
        let now = Instant::now();
        Self { pid, started: now, limits: limits.clone(), since: now, cpu: None, looked: now }
    }

    /// There was progress.
    pub(super) fn progress(&mut self) {
        self.since = Instant::now();
        self.cpu = None;
    }

    /// So much time went by in which the child waited for its parent, not the parent for it.
    pub(super) fn excuse(&mut self, time: Duration) {
        self.started += time;
        self.since += time;
    }

    /// Looks at the clock if a tick has gone by since the last look; gives why the child is to be stopped.
    fn glance(&mut self) -> Result<(), AudioError> {
        if self.looked.elapsed() < TICK {
            return Ok(());
        }
        self.looked = Instant::now();
        self.check()
    }

    /// Looks at the clock; gives why the child is to be stopped.
    fn check(&mut self) -> Result<(), AudioError> {
        if self.started.elapsed() > self.limits.total_wall {
            return Err(AudioError::Sandbox("it took longer than it may in all".to_owned()));
        }
        if let Some(cpu) = cpu_time(self.pid) {
            let before = *self.cpu.get_or_insert(cpu);
            if cpu.saturating_sub(before) > self.limits.stall_cpu {
                return Err(Verdict::Corrupt.into());
            }
        }
        if self.since.elapsed() > self.limits.stall_wall {
            return Err(AudioError::Sandbox("it gave no sign of life".to_owned()));
        }
        Ok(())
    }
}

/// The socket, with the watch looking on: once a tick, both while the child is silent and while it keeps talking.
pub(super) struct Line<'a> {
    pub(super) socket: &'a UnixStream,
    pub(super) watch: &'a mut Watch,
    /// Why the watch stopped the child, if it did.
    pub(super) stop: Option<AudioError>,
}

impl Line<'_> {
    fn patiently(
        &mut self,
        mut act: impl FnMut(&mut &UnixStream) -> io::Result<usize>,
    ) -> io::Result<usize> {
        loop {
            if let Err(stop) = self.watch.glance() {
                self.stop = Some(stop);
                return Err(io::ErrorKind::TimedOut.into());
            }
            match act(&mut &*self.socket) {
                // The socket's own time limit, a tick.
                Err(error)
                    if matches!(
                        error.kind(),
                        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut
                    ) => {}
                other => return other,
            }
        }
    }
}

impl Read for Line<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.patiently(|socket| socket.read(buf))
    }
}

impl Write for Line<'_> {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.patiently(|socket| socket.write(buf))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The processor time a process has used, by its line in the process table (fields 14 and 15 of proc(5), in the
/// hundredths of a second that Linux gives out on every architecture).
fn cpu_time(pid: u32) -> Option<Duration> {
    let line = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The second field is the program's name in brackets, which may hold anything.
    let mut fields = line.get(line.rfind(')')? + 1..)?.split_ascii_whitespace().skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some(Duration::from_millis(user.saturating_add(system).saturating_mul(10)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processor_time_is_read_from_the_process_table() {
        let before = cpu_time(std::process::id()).expect("proc is mounted");
        let started = Instant::now();
        while started.elapsed() < Duration::from_millis(200) {
            std::hint::spin_loop();
        }
        let after = cpu_time(std::process::id()).expect("proc is mounted");
        assert!(after > before, "{before:?} {after:?}");
        assert!(cpu_time(u32::MAX).is_none());
    }
}
