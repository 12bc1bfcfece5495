//! Several states at work on one recording: windows go out as they are packed, answers come back in order of time.

use std::{
    collections::{BTreeMap, VecDeque},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Mutex, PoisonError,
        mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    },
    thread,
    time::Duration,
};

use hearback_domain::Ms;

use super::{
    SpeechError,
    listener::{Answer, Stop},
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

/// A state: hears a window with so many threads.
pub(super) type Hear<'a> = Box<dyn FnMut(&Window, i32) -> Result<Answer> + 'a>;
/// Makes a state, on the thread that it works on.
pub(super) type Make<'a> = dyn Fn() -> Result<Hear<'a>> + Sync + 'a;

/// Hears everything that `waiting` holds and the packer still packs, with at most so many states, which share so many
/// threads. At most four windows for each state are in memory.
pub(super) fn run(
    (states, threads): (usize, i32),
    make: &Make<'_>,
    stop: &Stop,
    mut waiting: VecDeque<Next>,
    packer: &mut Packer<'_>,
    tell: &mut dyn FnMut(Told) -> Result<()>,
) -> Result<()> {
    let (give, jobs) = channel::<Job>();
    let (answer, answers) = channel();
    let jobs = Mutex::new(jobs);
    let each = (threads / i32::try_from(states).unwrap_or(threads)).max(1);
    thread::scope(|scope| {
        // However this ends, the states stop: they see their channel closed, or the flag in the middle of a window.
        let _ending = Ending(stop);
        let give = give;
        for _ in 0..states {
            let (jobs, answer) = (&jobs, answer.clone());
            scope.spawn(move || work(make, jobs, &answer));
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
                        let threads = if alone { threads } else { each };
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
///
/// Every window that was taken is answered, whatever happens: somebody waits for it, and the other states would let
/// them wait for ever.
fn work(make: &Make<'_>, jobs: &Mutex<Receiver<Job>>, answer: &Sender<Answered>) {
    let mut hear = None;
    loop {
        let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(Job { index, window, threads }) = job else { return };
        let heard = catch_unwind(AssertUnwindSafe(|| {
            let hear = match &mut hear {
                Some(hear) => hear,
                none => none.insert(make()?),
            };
            hear(&window, threads)
        }));
        // What panicked is not asked again: the run ends with its first error.
        let heard = heard.unwrap_or_else(|_| Err(gone()));
        let over = heard.is_err();
        if answer.send((index, heard.map(|heard| (window, heard)))).is_err() || over {
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

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Condvar};

    use super::*;
    use crate::{sound::made_of, vad::Voice};

    /// What becomes of ten windows if two states hear them like that; in a thread of its own, so that waiting for ever
    /// shows.
    fn run_with(
        hear: impl Fn(&Window) -> Result<Answer> + Send + Sync + 'static,
    ) -> (Vec<Told>, Result<()>) {
        let (done, ended) = channel();
        thread::spawn(move || {
            let sound = made_of(&[(9_000, 0.1), (1_000, 0.0)].repeat(10));
            let mut rest = &sound[..];
            let mut source = |out: &mut Vec<f32>, wanted: usize| {
                let (now, later) = rest.split_at(wanted.min(rest.len()));
                out.extend_from_slice(now);
                rest = later;
                Ok(now.len())
            };
            let mut packer = Packer::new(&mut source, &Voice::by_loudness(), Ms::ZERO);
            let stop = Stop { caller: Arc::default(), run: Arc::default() };
            let hear = &hear;
            let make = || -> Result<Hear<'_>> { Ok(Box::new(move |window, _| hear(window))) };
            let mut all = Vec::new();
            let ended = run((2, 2), &make, &stop, VecDeque::new(), &mut packer, &mut |told| {
                all.push(told);
                Ok(())
            });
            done.send((all, ended)).ok();
        });
        ended.recv_timeout(Duration::from_mins(1)).expect("the run never ended")
    }

    const fn nothing() -> Answer {
        Answer { segments: Vec::new(), sounds_like: None }
    }

    #[test]
    fn answers_come_in_order_of_time() {
        // The first window takes until the second has been heard.
        let second = (Mutex::new(false), Condvar::new());
        let (all, ended) = run_with(move |window| {
            let (heard_it, heard_now) = (second.0.lock().unwrap(), &second.1);
            if window.heard.start() == Ms::ZERO {
                drop(heard_now.wait_while(heard_it, |heard_it| !*heard_it).unwrap());
            } else {
                let mut heard_it = heard_it;
                *heard_it = true;
                heard_now.notify_all();
            }
            Ok(nothing())
        });
        ended.unwrap();
        let starts: Vec<u64> = all
            .iter()
            .map(|told| match told {
                Told::Heard(window, _) => window.heard.start().get(),
                Told::Silence(at) => at.get(),
            })
            .collect();
        assert!(starts.len() >= 8 && starts.is_sorted(), "{starts:?}");
    }

    #[test]
    fn a_state_that_panics_ends_the_run() {
        let (all, ended) = run_with(|window| {
            assert!(window.heard.start().get() < 25_000, "meant to");
            Ok(nothing())
        });
        assert!(matches!(ended, Err(SpeechError::Engine(_))), "{ended:?}");
        assert!(!all.is_empty() && all.len() < 8, "{}", all.len());
    }
}
