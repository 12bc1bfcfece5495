//! The child: puts up the fence, then does one piece of work for its parent.

use std::{fs::File, io, os::fd::AsFd, panic, process::exit, sync::mpsc::sync_channel};

use super::{
    fence,
    frame::{self, Ended, Request, Tag, Task},
    remote::{Line, Remote},
    runner::Drill,
    second::Second,
};
use crate::{AudioError, decode};

/// The exit status of a child that panicked: the parent takes it as the file's doing.
pub(super) const PANICKED: i32 = 101;
/// The exit status of a child that could not speak to its parent.
const SPEECHLESS: i32 = 1;

/// What the hidden subcommand of the executable does: serves one [`Runner`](super::Runner) over the socket on
/// descriptor 0, and ends.
///
/// Call it before anything else runs: before threads are started, files opened or logs set up.
pub fn child_main() -> ! {
    fence::close_inherited();
    // A message would have nowhere to go, and a panic is an answer here, not an accident.
    panic::set_hook(Box::new(|_| exit(PANICKED)));
    exit(if serve().is_ok() { 0 } else { SPEECHLESS })
}

fn serve() -> io::Result<()> {
    // A file, because reading and writing it are the two calls that the fence lets through.
    let line = Line::new(File::from(io::stdin().as_fd().try_clone_to_owned()?));
    let mut body = Vec::new();
    if line.receive(&mut body)? != Tag::Request {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let request: Request = frame::json(&body)?;
    let stands = fence::put_up(&request.limits, request.allow_rlimit_only, Second::start);
    let second = match stands {
        Ok((second, missing)) => {
            line.send(Tag::Ready, missing.as_bytes())?;
            second
        }
        Err(reason) => return line.send(Tag::NoFence, reason.as_bytes()),
    };
    match work(&line, &request, &second) {
        Ok(()) => Ok(()),
        Err(Ended::Refused(verdict)) => line.send_json(Tag::Verdict, &verdict),
        Err(Ended::Failed(reason)) => line.send(Tag::Failed, reason.as_bytes()),
    }
}

fn work(line: &Line, request: &Request, second: &Second) -> Result<(), Ended> {
    let source = Box::new(Remote::new(line.clone(), request.len));
    let done = match request.task {
        Task::Decode(shape) => {
            let (mut bytes, to) = (Vec::new(), line.clone());
            let sink = Box::new(move |block: decode::Block<'_>| {
                let mut sides = block.sides;
                // Far from the longest message, whatever the rate and channels.
                for samples in block.samples.chunks(64 * 1024) {
                    bytes.clear();
                    frame::put_samples(&mut bytes, block.progress, sides, samples);
                    to.send(Tag::Samples, &bytes)?;
                    sides = &[];
                }
                Ok(())
            });
            let start = |job| second.run(job);
            decode::run_in_two(source, shape, &request.limits, start, sink)
                .and_then(|report| Ok(line.send_json(Tag::Report, &report)?))
        }
        Task::Probe => decode::probe(source, &request.limits)
            .and_then(|probe| Ok(line.send_json(Tag::Probe, &probe)?)),
        Task::Drill(drill) => return rehearse(drill, line, second),
    };
    done.map_err(|error| match error {
        AudioError::Refused(verdict) => Ended::Refused(verdict),
        other => Ended::Failed(other.to_string()),
    })
}

/// Tries what the fence is there to stop. Coming back from any of these means that it does not stand.
fn rehearse(drill: Drill, line: &Line, second: &Second) -> Result<(), Ended> {
    match drill {
        Drill::OpenFile => drop(File::open("/etc/passwd")),
        Drill::OpenFileBeside => {
            let (done, is_done) = sync_channel(1);
            let open = move || {
                drop(File::open("/etc/passwd"));
                done.send(()).unwrap_or_default();
            };
            second.run(Box::new(open)).map_err(speechless)?;
            is_done.recv().unwrap_or_default();
        }
        Drill::Connect => drop(std::net::TcpStream::connect("127.0.0.1:9")),
        Drill::StartProgram => drop(std::process::Command::new("/bin/true").status()),
        Drill::RunMemory => {
            let all = libc::PROT_READ | libc::PROT_WRITE | libc::PROT_EXEC;
            let fresh = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
            #[expect(unsafe_code, reason = "mmap has no safe form in the standard library")]
            // SAFETY: asks for a page where there is none yet, of no file; nothing refers to it, and it is never
            // touched.
            unsafe {
                libc::mmap(std::ptr::null_mut(), 4_096, all, fresh, -1, 0);
            }
        }
        Drill::Allocate => {
            // Touched, so that it is not merely promised; in steps, because memory comes in steps from real files.
            let mut hoard: Vec<Vec<u8>> = Vec::new();
            for _ in 0..64 {
                hoard.push(std::hint::black_box(vec![1; 64 << 20]));
            }
        }
        #[expect(clippy::panic, reason = "a drill for a decoder that panics")]
        Drill::Panic => panic!("drill"),
        Drill::Spin => loop {
            std::hint::spin_loop();
        },
        Drill::Sleep => {
            // Waits for a message that never comes.
            let mut nothing = [0; 1];
            let _ = io::Read::read(&mut io::stdin(), &mut nothing);
        }
        Drill::ReadForever => {
            let mut bytes = Vec::new();
            for offset in 0_u64.. {
                let question = [&offset.to_le_bytes()[..], &1_u32.to_le_bytes()].concat();
                line.send(Tag::Read, &question).map_err(speechless)?;
                line.receive(&mut bytes).map_err(speechless)?;
            }
        }
        // Twenty bytes say how far it has come; after them a second of silence, or nothing.
        Drill::TalkForever => {
            let second = vec![0; 20 + 4 * 16_000];
            loop {
                line.send(Tag::Samples, &second).map_err(speechless)?;
            }
        }
        Drill::TalkEmpty => loop {
            line.send(Tag::Samples, &[0; 20]).map_err(speechless)?;
        },
    }
    Err(Ended::Failed("the fence does not stand".to_owned()))
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn speechless(error: io::Error) -> Ended {
    Ended::Failed(error.to_string())
}
