//! Several states at work on one recording: windows go out as they are packed, answers come back in order of time.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{
        Mutex, PoisonError,
        mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    },
    thread,
    time::Duration,
};

use hearback_domain::Ms;

use super::{
    Engine, SpeechError,
    listener::{Answer, Listener, Stop},
};
use crate::pack::{Next, Packer, Window};

/// How long a caller who had enough may have to wait for that to be seen.
const GLANCE: Duration = Duration::from_millis(50);

/// What is handed on, in order of time.
pub(super) enum Told {
    /// A window and what was heard in it.
    Heard(Window, Answer),
    /// Nobody speaks before this; a new run may begin there.
    Silence(Ms),
}

struct Job {
    index: usize,
    window: Window,
    threads: i32,
}

type Result<T, E = SpeechError> = std::result::Result<T, E>;

/// Hears everything that `waiting` holds and the packer still packs. At most four windows for each state are in memory.
pub(super) fn run(
    engine: &Engine,
    language: &'static str,
    stop: &Stop,
    mut waiting: VecDeque<Next>,
    packer: &mut Packer<'_>,
    tell: &mut dyn FnMut(Told) -> Result<()>,
) -> Result<()> {
    let (give, jobs) = channel::<Job>();
    let (answer, answers) = channel();
    let jobs = Mutex::new(jobs);
    let states = usize::try_from(engine.threads).unwrap_or(1);
    thread::scope(|scope| {
        // However this ends, the states stop: they see their channel closed, or the flag in the middle of a window.
        let _ending = Ending(stop);
        let give = give;
        for _ in 0..states {
            let (jobs, answer) = (&jobs, answer.clone());
            scope.spawn(move || work(engine, language, stop, jobs, &answer));
        }
        drop(answer);
        let mut ready = BTreeMap::new();
        let (mut given, mut told, mut at_work) = (0, 0, 0);
        let mut over = false;
        loop {
            while !over && at_work < states * 2 && given - told < states * 4 {
                if stop.is_set() {
                    return Err(SpeechError::Cancelled);
                }
                let next = match waiting.pop_front() {
                    Some(next) => Some(next),
                    None => packer.next()?,
                };
                match next {
                    None => {
                        over = true;
                        break;
                    }
                    Some(Next::Silence(at)) => drop(ready.insert(given, Told::Silence(at))),
                    Some(Next::Window(window)) => {
                        // A short recording is one window: then one state takes all threads.
                        let alone = given == 0 && waiting.is_empty() && packer.is_over();
                        let threads = if alone { engine.threads } else { 1 };
                        let job = Job { index: given, window, threads };
                        give.send(job).map_err(|_| gone())?;
                        at_work += 1;
                    }
                }
                given += 1;
                hand_on(&mut ready, &mut told, tell)?;
                while let Ok(answered) = answers.try_recv() {
                    at_work -= 1;
                    keep(&mut ready, answered)?;
                }
            }
            hand_on(&mut ready, &mut told, tell)?;
            if at_work > 0 {
                keep(&mut ready, wait(&answers, stop)?)?;
                at_work -= 1;
            } else if over {
                return Ok(());
            }
        }
    })
}

type Answered = (usize, Result<(Window, Answer)>);

fn keep(ready: &mut BTreeMap<usize, Told>, (index, answer): Answered) -> Result<()> {
    let (window, answer) = answer?;
    ready.insert(index, Told::Heard(window, answer));
    Ok(())
}

fn hand_on(
    ready: &mut BTreeMap<usize, Told>,
    told: &mut usize,
    tell: &mut dyn FnMut(Told) -> Result<()>,
) -> Result<()> {
    while let Some(next) = ready.remove(told) {
        *told += 1;
        tell(next)?;
    }
    Ok(())
}

fn wait(answers: &Receiver<Answered>, stop: &Stop) -> Result<Answered> {
    loop {
        match answers.recv_timeout(GLANCE) {
            Ok(answered) => return Ok(answered),
            Err(RecvTimeoutError::Timeout) if stop.is_set() => return Err(SpeechError::Cancelled),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Err(gone()),
        }
    }
}

/// One state: hears windows until there are no more. It is made when the first window comes.
fn work(
    engine: &Engine,
    language: &'static str,
    stop: &Stop,
    jobs: &Mutex<Receiver<Job>>,
    answer: &Sender<Answered>,
) {
    let mut listener = None;
    loop {
        let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(Job { index, window, threads }) = job else { return };
        if listener.is_none() {
            match Listener::new(engine, stop) {
                Ok(new) => listener = Some(new),
                Err(error) => return drop(answer.send((index, Err(error)))),
            }
        }
        let Some(listener) = &mut listener else { return };
        let heard = listener.window(&window, language, threads);
        if answer.send((index, heard.map(|heard| (window, heard)))).is_err() {
            return;
        }
    }
}

/// Sets the run's flag when it goes.
struct Ending<'a>(&'a Stop);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.0.run.store(true, std::sync::atomic::Ordering::Relaxed);
    }
}

fn gone() -> SpeechError {
    SpeechError::Engine("a state stopped working".to_owned())
}
