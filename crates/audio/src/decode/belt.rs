//! From the thread that decodes to the one that mixes and resamples: decoded sound in one direction, empty buffers in
//! the other.

use std::{
    io,
    sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel},
};

use super::{Block, desk::Desk};

/// What takes the blocks, in the other thread.
pub(crate) type Sink = dyn FnMut(Block<'_>) -> io::Result<()> + Send;

/// Rate and channels.
type Form = (u32, usize);

/// Samples that go over together, about: a fifth of a second at 44.1 kHz. Each time costs a wake-up.
const LOAD: usize = 16 * 1024;
/// Loads that may lie between the two.
const LOADS: usize = 3;

enum Load {
    Sound(Vec<(Vec<f32>, Form)>),
    /// There is no more.
    End,
}

/// The end of the thread that decodes.
pub(super) struct Belt {
    out: SyncSender<Load>,
    back: Receiver<Vec<f32>>,
    desk: Receiver<io::Result<Desk>>,
    load: Vec<(Vec<f32>, Form)>,
    /// Samples in the load.
    samples: usize,
}

impl Belt {
    pub(super) fn new(
        desk: Desk,
        start: impl FnOnce(Box<dyn FnOnce() + Send>) -> io::Result<()>,
        mut sink: Box<Sink>,
    ) -> io::Result<Self> {
        let (out, loads) = sync_channel(LOADS);
        let (empty, back) = channel();
        let (done, at_last) = sync_channel(1);
        start(Box::new(move || {
            // The other end is gone only if nobody wants to know any more.
            let _ = done.send(work(desk, &loads, &empty, &mut *sink));
        }))?;
        Ok(Self { out, back, desk: at_last, load: Vec::new(), samples: 0 })
    }

    /// A buffer that came back, or a new one.
    pub(super) fn empty(&self) -> Vec<f32> {
        self.back.try_recv().unwrap_or_default()
    }

    /// Sends sound over. An error says that the other half has stopped: [`finish`](Self::finish) tells why.
    pub(super) fn put(&mut self, sound: Vec<f32>, form: Form) -> io::Result<()> {
        self.samples += sound.len();
        self.load.push((sound, form));
        if self.samples < LOAD {
            return Ok(());
        }
        self.samples = 0;
        let load = std::mem::take(&mut self.load);
        self.send(Load::Sound(load))
    }

    fn send(&self, load: Load) -> io::Result<()> {
        self.out.send(load).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }

    /// Waits until the other half is ready, and gives what it has found. Where the sound did not come to its `end`,
    /// what the other half still holds is not brought out.
    pub(super) fn finish(mut self, end: bool) -> io::Result<Desk> {
        let rest = std::mem::take(&mut self.load);
        // It may have stopped by itself, and says so below.
        let _ = self.send(Load::Sound(rest));
        if end {
            let _ = self.send(Load::End);
        }
        let Self { out, desk, .. } = self;
        drop(out);
        desk.recv().map_err(io::Error::other)?
    }
}

fn work(
    mut desk: Desk,
    loads: &Receiver<Load>,
    empty: &Sender<Vec<f32>>,
    sink: &mut Sink,
) -> io::Result<Desk> {
    while let Ok(load) = loads.recv() {
        match load {
            Load::Sound(load) => {
                for (mut sound, form) in load {
                    desk.push(&mut sound, form, sink)?;
                    // Nobody wants it back at the end.
                    let _ = empty.send(sound);
                }
            }
            Load::End => {
                desk.finish(sink)?;
                break;
            }
        }
    }
    Ok(desk)
}
