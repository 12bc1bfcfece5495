//! The parent's side: starts the child, answers its questions, checks what it says.

use std::{
    collections::HashSet,
    ffi::OsString,
    io,
    os::{fd::OwnedFd, unix::net::UnixStream, unix::process::ExitStatusExt},
    path::PathBuf,
    process::{Child, Command, ExitStatus, Stdio},
    time::Instant,
};

use hearback_domain::Ms;
use serde::{Deserialize, Serialize};

use super::{
    CHILD_ARG,
    child::PANICKED,
    frame::{self, MAX_READ, Request, Tag, Task},
    watch::{Line, TICK, Watch},
};
use crate::{
    AudioError, DecodeReport, Limit, Limits, Probe, Progress, ReadAt, Relation, Shape, SideTrack,
    Verdict,
    lanes::loudest,
    limits::{MAX_CHANNELS, RATES_HZ},
    report::plain,
    sides::STEP_MS,
};

/// How much more than the longest recording a child may send: resampling and the joints of recordings that were strung
/// together may lengthen the sound a little beyond what the child counts.
const SLACK: Ms = Ms::from_seconds(1);

/// In pieces of this many bytes it is kept in mind what of the recording was asked for.
const PIECE: u64 = 64 * 1024;

/// Decodes in a child process.
#[derive(Clone, Debug)]
pub struct Runner {
    /// The executable that has the child in it: this one, as a rule.
    exe: PathBuf,
    args: Vec<OsString>,
    /// Whether to go on where the kernel offers neither Landlock nor seccomp, with resource limits alone. Off unless
    /// an administrator has said so.
    pub allow_rlimit_only: bool,
}

/// Something that the fence has to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Drill {
    /// Opening a file.
    OpenFile,
    /// The same in the child's other thread.
    OpenFileBeside,
    /// Reaching a network port.
    Connect,
    /// Starting a program.
    StartProgram,
    /// Making memory that can be run as a program.
    RunMemory,
    /// Asking for four gigabytes of memory.
    Allocate,
    /// Panicking.
    Panic,
    /// Running in a circle.
    Spin,
    /// Waiting for ever.
    Sleep,
    /// Asking for bytes without end, also where there are none.
    ReadForever,
    /// Sending sound without end.
    TalkForever,
    /// Sending blocks without a single sample, without end.
    TalkEmpty,
}

/// What stands around the decoder on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fence {
    /// All of it.
    Whole,
    /// Less than all, because the settings allow it ([`Runner::allow_rlimit_only`]): what is missing, for the log.
    Partly(String),
}

/// How the fence stopped it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DrillOutcome {
    /// The kernel killed the child with this signal.
    Killed(i32),
    /// The child ended itself with this status.
    Ended(i32),
    /// The parent lost patience; `true` if the child had used up processor time.
    Stopped {
        /// Whether it was busy rather than waiting.
        busy: bool,
    },
    /// The parent would not take more sound than the longest recording has.
    TooLong,
}

impl Runner {
    /// A runner whose children are `exe decode-child`.
    pub fn new(exe: impl Into<PathBuf>) -> Self {
        Self { exe: exe.into(), args: vec![CHILD_ARG.into()], allow_rlimit_only: false }
    }

    /// Starts children with other arguments.
    #[must_use]
    pub fn with_args(mut self, args: impl IntoIterator<Item = impl Into<OsString>>) -> Self {
        self.args = args.into_iter().map(Into::into).collect();
        self
    }

    /// Decodes to 16 kHz mono, in blocks of a second or less. An error of `on_block` stops the decoding and comes
    /// back as [`AudioError::Io`].
    ///
    /// Blocks until all is decoded; the child does not outlive the calling thread.
    pub fn decode(
        &self,
        source: Box<dyn ReadAt>,
        limits: &Limits,
        on_block: &mut dyn FnMut(&[f32], Progress) -> io::Result<()>,
    ) -> Result<DecodeReport, AudioError> {
        self.decode_shaped(source, Shape::WORKING, limits, on_block)
    }

    /// Decodes to another form; samples are interleaved if there are several channels.
    pub fn decode_shaped(
        &self,
        source: Box<dyn ReadAt>,
        shape: Shape,
        limits: &Limits,
        on_block: &mut dyn FnMut(&[f32], Progress) -> io::Result<()>,
    ) -> Result<DecodeReport, AudioError> {
        let mut call = Call::start(self, Task::Decode(shape), limits, source)?;
        match call.hear(shape, limits, on_block)? {
            Some(report) => Ok(report),
            None => Err(died(call.child.wait()?)),
        }
    }

    /// Finds out what a file is.
    pub fn probe(&self, source: Box<dyn ReadAt>) -> Result<Probe, AudioError> {
        let mut call = Call::start(self, Task::Probe, &Limits::default(), source)?;
        match call.next()? {
            Tag::Probe => Ok(clean(sense(frame::json(&call.body))?)),
            _ => Err(strange()),
        }
    }

    /// Puts up the fence once, to see whether it stands here. [`AudioError::NoFence`] if it does not: then nothing is
    /// decoded on this machine.
    pub fn fence(&self) -> Result<Fence, AudioError> {
        let nothing = Box::new(crate::Bytes(Vec::new()));
        let call = Call::start(self, Task::Probe, &Limits::default(), nothing)?;
        let missing = sentence(&call.body);
        Ok(if missing.is_empty() { Fence::Whole } else { Fence::Partly(missing) })
    }

    /// Has a child try what it must not be able to do. `Err` if it could, or if the fence cannot be put up.
    pub fn drill(&self, drill: Drill, limits: &Limits) -> Result<DrillOutcome, AudioError> {
        let nothing = Box::new(crate::Bytes(Vec::new()));
        let mut call = Call::start(self, Task::Drill(drill), limits, nothing)?;
        match call.hear(Shape::WORKING, limits, &mut |_, _| Ok(())) {
            Ok(None) => {
                let status = call.child.wait()?;
                status
                    .signal()
                    .map(DrillOutcome::Killed)
                    .or(status.code().map(DrillOutcome::Ended))
                    .ok_or_else(strange)
            }
            Ok(Some(_)) => Err(strange()),
            Err(AudioError::Refused(Verdict::Corrupt)) => Ok(DrillOutcome::Stopped { busy: true }),
            Err(AudioError::Refused(Verdict::Limits { what: Limit::Duration })) => {
                Ok(DrillOutcome::TooLong)
            }
            Err(AudioError::Sandbox(_)) if call.stopped => {
                Ok(DrillOutcome::Stopped { busy: false })
            }
            Err(error) => Err(error),
        }
    }
}

/// One child at work. Dropping it ends the child.
struct Call {
    child: Child,
    socket: UnixStream,
    watch: Watch,
    source: Box<dyn ReadAt>,
    body: Vec<u8>,
    answer: Vec<u8>,
    /// The pieces of the recording that the child has asked for.
    asked: HashSet<u64>,
    /// Whether the watch stopped it.
    stopped: bool,
}

impl Drop for Call {
    fn drop(&mut self) {
        // It may have ended already; there is nothing to do about a kill that fails.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Call {
    fn start(
        runner: &Runner,
        task: Task,
        limits: &Limits,
        source: Box<dyn ReadAt>,
    ) -> Result<Self, AudioError> {
        let could_not =
            |error: io::Error| AudioError::Sandbox(format!("it did not start: {error}"));
        let (socket, theirs) = UnixStream::pair().map_err(could_not)?;
        let child = Command::new(&runner.exe)
            .args(&runner.args)
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::from(OwnedFd::from(theirs)))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(could_not)?;
        let mut call = Self {
            watch: Watch::new(child.id(), limits),
            child,
            socket,
            body: Vec::new(),
            answer: Vec::new(),
            asked: HashSet::new(),
            stopped: false,
            source,
        };
        call.socket.set_read_timeout(Some(TICK))?;
        call.socket.set_write_timeout(Some(TICK))?;
        let request = Request {
            task,
            limits: limits.clone(),
            len: call.source.len(),
            allow_rlimit_only: runner.allow_rlimit_only,
        };
        let mut line = Line { socket: &call.socket, watch: &mut call.watch, stop: None };
        // A child that is gone already is found out by its missing answer.
        let _ = frame::send_json(&mut line, Tag::Request, &request);
        match call.next()? {
            Tag::Ready if call.body.is_empty() || runner.allow_rlimit_only => Ok(call),
            _ => Err(strange()),
        }
    }

    /// Takes the child's sound until its report; nothing if it ends without one.
    ///
    /// How much there may be is counted here, since a child that has been taken over would count as it likes.
    fn hear(
        &mut self,
        shape: Shape,
        limits: &Limits,
        on_block: &mut dyn FnMut(&[f32], Progress) -> io::Result<()>,
    ) -> Result<Option<DecodeReport>, AudioError> {
        let longest = limits.max_duration.plus(SLACK);
        let most = most_samples(shape, longest);
        // A step for every 20 ms, and one for what is left at the end.
        let most_steps = usize::try_from(longest.get() / STEP_MS + 1).unwrap_or(usize::MAX);
        let (mut samples, mut sides) = (Vec::new(), Vec::new());
        let (mut count, mut peak) = (0_u64, 0.0_f32);
        while let Some(tag) = self.next_or_end()? {
            match tag {
                Tag::Samples => {
                    let progress =
                        sense(frame::take_samples(&self.body, &mut samples, &mut sides))?;
                    count += samples.len() as u64;
                    if count > most || sides.len() > most_steps {
                        return Err(Verdict::Limits { what: Limit::Duration }.into());
                    }
                    // An empty block is no sign of anything.
                    if !samples.is_empty() {
                        peak = peak.max(loudest(&samples));
                        let handed_over = Instant::now();
                        on_block(&samples, progress)?;
                        self.watch.excuse(handed_over.elapsed());
                        self.watch.progress();
                    }
                }
                Tag::Report => {
                    let report = sense(frame::json(&self.body))?;
                    let mut report = checked(report, shape, count, peak)?;
                    if report.duration > longest {
                        return Err(Verdict::Limits { what: Limit::Duration }.into());
                    }
                    let apart = report.stereo.is_some_and(|s| s.relation == Relation::Apart);
                    report.sides = apart.then(|| SideTrack::new(sides));
                    return Ok(Some(report));
                }
                _ => return Err(strange()),
            }
        }
        Ok(None)
    }

    /// The child's next message that is not a question; its end is an error.
    fn next(&mut self) -> Result<Tag, AudioError> {
        match self.next_or_end()? {
            Some(tag) => Ok(tag),
            None => Err(died(self.child.wait()?)),
        }
    }

    /// The child's next message that is not a question. Its verdicts and failures are errors.
    fn next_or_end(&mut self) -> Result<Option<Tag>, AudioError> {
        loop {
            let mut line = Line { socket: &self.socket, watch: &mut self.watch, stop: None };
            let received = frame::receive(&mut line, &mut self.body);
            if let Some(stop) = line.stop {
                self.stopped = true;
                return Err(stop);
            }
            match received {
                Ok(Some(Tag::Read)) => self.answer()?,
                Ok(Some(Tag::Verdict)) => return Err(self.verdict()?.into()),
                Ok(Some(Tag::Failed)) => {
                    return Err(AudioError::Sandbox(sentence(&self.body)));
                }
                Ok(Some(Tag::NoFence)) => {
                    return Err(AudioError::NoFence(sentence(&self.body)));
                }
                Ok(tag) => return Ok(tag),
                // The child died in the middle of a message.
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
                Err(error) if error.kind() == io::ErrorKind::ConnectionReset => return Ok(None),
                Err(error) if error.kind() == io::ErrorKind::InvalidData => return Err(strange()),
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Reads what the child asks for and sends it.
    fn answer(&mut self) -> Result<(), AudioError> {
        let offset = sense(frame::number(&self.body, 0))?;
        let len: [u8; 4] =
            self.body.get(8..12).and_then(|b| b.try_into().ok()).ok_or_else(strange)?;
        let len = (u32::from_le_bytes(len) as usize).min(MAX_READ);
        self.answer.resize(len, 0);
        let asked_at = Instant::now();
        let n = self.source.read_at(offset, &mut self.answer)?.min(len);
        self.watch.excuse(asked_at.elapsed());
        // Past the end, or where it has asked before, it learns nothing new.
        if n > 0 {
            let last = offset.saturating_add(n as u64 - 1);
            let known = self.asked.len();
            self.asked.extend(offset / PIECE..=last / PIECE);
            if self.asked.len() > known {
                self.watch.progress();
            }
        }
        let mut line = Line { socket: &self.socket, watch: &mut self.watch, stop: None };
        // A child that has gone away is found out when its next message is read.
        let _ = frame::send(&mut line, Tag::Bytes, &self.answer[..n]);
        match line.stop {
            Some(stop) => {
                self.stopped = true;
                Err(stop)
            }
            None => Ok(()),
        }
    }

    fn verdict(&self) -> Result<Verdict, AudioError> {
        Ok(match sense(frame::json(&self.body))? {
            Verdict::Unsupported { codec } => Verdict::unsupported(&codec),
            verdict => verdict,
        })
    }
}

/// The most samples that `longest` can have. Where the file keeps its own form, only the child knows that form: then it
/// is the widest one there is, and the duration is looked at again with the report.
fn most_samples(shape: Shape, longest: Ms) -> u64 {
    let rate = shape.rate_hz.unwrap_or(*RATES_HZ.end());
    let channels = if shape.mono { 1 } else { MAX_CHANNELS as u64 };
    longest.to_frames(rate).saturating_mul(channels)
}

/// The child's report, with what can be counted or is known here put in from here.
fn checked(
    mut report: DecodeReport,
    shape: Shape,
    samples: u64,
    peak: f32,
) -> Result<DecodeReport, AudioError> {
    let channels = if shape.mono { 1 } else { report.channels };
    let rate_hz = shape.rate_hz.unwrap_or(report.rate_hz);
    // Both go into the length, which is how much a child that was taken over may send.
    if !(1..=MAX_CHANNELS).contains(&usize::from(channels)) || !RATES_HZ.contains(&rate_hz) {
        return Err(strange());
    }
    // What is said to a person is said once.
    let mut said = HashSet::new();
    report.warnings.retain(|warning| said.insert(*warning));
    let frames = samples / u64::from(channels);
    let duration = Ms::of_frames(frames, rate_hz);
    Ok(DecodeReport {
        probe: Probe { duration, ..clean(report.probe) },
        channels,
        rate_hz,
        frames,
        duration,
        peak,
        ..report
    })
}

fn clean(mut probe: Probe) -> Probe {
    probe.container = plain(&probe.container);
    probe.codec = plain(&probe.codec);
    probe
}

/// What the end of a child without an answer means.
///
/// A panic, an abort (which is how running out of memory or of stack ends), a crash or running out of processor time
/// would come again with the same file. Everything else (killed from outside, or for a call that a new kernel or
/// library makes and the fence does not know) is not held against the file. The log has all of them: somebody may be
/// trying.
fn died(status: ExitStatus) -> AudioError {
    tracing::warn!(%status, "the decoding child ended without an answer");
    let by_the_file = [libc::SIGSEGV, libc::SIGBUS, libc::SIGILL, libc::SIGFPE, libc::SIGXCPU];
    match (status.code(), status.signal()) {
        (Some(PANICKED), _) => Verdict::Corrupt.into(),
        (_, Some(libc::SIGABRT)) => Verdict::Limits { what: Limit::Memory }.into(),
        (_, Some(signal)) if by_the_file.contains(&signal) => Verdict::Corrupt.into(),
        (_, Some(signal)) => AudioError::Sandbox(format!("it was stopped by signal {signal}")),
        (code, None) => AudioError::Sandbox(format!("it ended with status {}", code.unwrap_or(-1))),
    }
}

/// What the child said, if it makes sense: a message that does not is no trouble of reading or writing.
fn sense<T>(said: io::Result<T>) -> Result<T, AudioError> {
    said.map_err(|_| strange())
}

fn strange() -> AudioError {
    AudioError::Sandbox("its answer made no sense".to_owned())
}

/// Text from the child, for the log: its first line, without control characters.
fn sentence(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    text.chars().take_while(|c| !c.is_control()).take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_by_the_files_doing_is_held_against_the_file() {
        let end = died(ExitStatus::from_raw(libc::SIGABRT));
        let memory = Verdict::Limits { what: Limit::Memory };
        assert!(matches!(&end, AudioError::Refused(verdict) if *verdict == memory), "{end:?}");
        for signal in [libc::SIGSEGV, libc::SIGXCPU] {
            let end = died(ExitStatus::from_raw(signal));
            assert!(matches!(end, AudioError::Refused(Verdict::Corrupt)), "{signal}: {end:?}");
        }
        for signal in [libc::SIGKILL, libc::SIGTERM, libc::SIGSYS] {
            let end = died(ExitStatus::from_raw(signal));
            assert!(matches!(end, AudioError::Sandbox(_)), "{signal}: {end:?}");
        }
    }
}
