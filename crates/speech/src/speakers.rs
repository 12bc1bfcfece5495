//! Who spoke when: voices are told apart, on this machine, and nobody is recognised.
//!
//! A voice encoder ([`Voices`]) makes a direction of each 1.6 s of speech; directions that are alike are one person.
//! What comes out are [`Turns`] with letters. **Invariant:** the directions are biometric data, so they exist only
//! while a recording is worked on: they are never returned, stored or compared across recordings, and none of their
//! numbers reaches a log.

mod cluster;
mod encoder;
mod error_rate;
mod follow;
mod mel;
mod turns;
mod windows;

use std::{
    io,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use hearback_domain::{Ms, Span, transcript::Speaker};

use self::{
    cluster::{GoOn, Stop},
    encoder::{Encoder, EncoderError, TOGETHER, Timbre},
    follow::Heard,
    mel::Frames,
    windows::{SHORT, Stretches, WINDOW, Window},
};
pub use self::{
    error_rate::{ErrorRate, Spoken, error_rate},
    turns::{Turn, Turns},
};
use crate::{RATE, Vad, Voice};

/// Samples that are asked for at once: one second.
const PIECE: usize = RATE as usize;
/// Milliseconds of a frame.
const FRAME_MS: u64 = 10;
/// How often people and turns are worked out from each other.
const ROUNDS: usize = 2;

/// Why voices were not told apart.
#[derive(Debug, thiserror::Error)]
pub enum VoicesError {
    /// The model file cannot be used.
    #[error(
        "the voices model {} cannot be used: {reason}; `hearback models verify` says which model to fetch again",
        path.display()
    )]
    Model {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The sound stopped coming.
    #[error("the sound could not be read: {0}")]
    Sound(#[from] io::Error),
    /// The caller had enough.
    #[error("telling voices apart was stopped")]
    Cancelled,
}

/// How to tell voices apart.
#[derive(Clone, Debug, Default)]
pub struct VoicesOptions {
    /// How many people speak, where that is known; at most [`Speaker::MACHINE`] are told apart. If not, it is found
    /// out.
    pub people: Option<u8>,
    /// Set to stop; it then ends with [`VoicesError::Cancelled`] within a second or so.
    pub cancel: Arc<AtomicBool>,
}

/// A loaded voice encoder. Shared between threads.
#[derive(Debug)]
pub struct Voices {
    encoder: Encoder,
    name: String,
}

/// Whether a file is a voice encoder that [`Voices`] can run.
pub(crate) fn is_voice_model(path: &Path) -> io::Result<bool> {
    match Encoder::load(path) {
        Ok(_) => Ok(true),
        Err(EncoderError::NotOne(_)) => Ok(false),
        Err(EncoderError::Io(error)) => Err(error),
    }
}

impl Voices {
    /// Loads a voice encoder: a safetensors file with three LSTM layers of 256 over 40 mel bands and a linear layer,
    /// its tensors called as in Resemblyzer.
    pub fn load(path: &Path) -> Result<Self, VoicesError> {
        let encoder = Encoder::load(path).map_err(|error| VoicesError::Model {
            path: path.to_owned(),
            reason: error.to_string(),
        })?;
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let name = stem.strip_prefix("voices-").unwrap_or(&stem).to_owned();
        Ok(Self { encoder, name })
    }

    /// The model's name, from its file's.
    pub fn model(&self) -> &str {
        &self.name
    }

    /// Listens to a recording once, from its start to its end, and says who spoke when.
    ///
    /// `pcm` appends at most so many samples (mono, [`RATE`], −1 to 1) as it is asked for and returns their number;
    /// none means the end. `detector` finds where anybody speaks. `on_progress` hears how far it is. Memory: a few
    /// seconds of sound, and 5 kB for each second of speech (55 MB for three hours); at the end, where noises sound
    /// like a crowd, up to 8 kB more.
    pub fn tell_apart(
        &self,
        pcm: &mut dyn FnMut(&mut Vec<f32>, usize) -> io::Result<usize>,
        detector: &Voice,
        options: &VoicesOptions,
        on_progress: &mut dyn FnMut(Ms),
    ) -> Result<Turns, VoicesError> {
        let mut ear = Ear::new(&self.encoder, Vad::new(detector));
        let mut piece = Vec::with_capacity(PIECE);
        let mut samples = 0;
        loop {
            piece.clear();
            if options.cancel.load(Ordering::Relaxed) {
                return Err(VoicesError::Cancelled);
            }
            let got = pcm(&mut piece, PIECE)?;
            if got == 0 {
                break;
            }
            samples += got as u64;
            ear.hear(&piece);
            on_progress(Ms::of_frames(samples, RATE));
        }
        let heard = ear.finish();
        let cancelled = || options.cancel.load(Ordering::Relaxed);
        let go_on = || if cancelled() { Err(VoicesError::Cancelled) } else { Ok(()) };
        let turns = match people(&heard, options, &go_on)? {
            None => Vec::new(),
            Some(people) => heard.turns(&settle(&heard, people, &go_on)?),
        };
        Ok(Turns::new(self.name.clone(), turns))
    }
}

/// Listens, and remembers what each window sounded like.
struct Ear<'a> {
    encoder: &'a Encoder,
    vad: Vad,
    frames: Frames,
    stretches: Stretches,
    /// Windows that were not listened to yet, and their frames.
    waiting: Vec<(Window, Vec<f32>)>,
    /// Windows that have to wait for their last frames.
    planned: Vec<Window>,
    heard: Heard,
}

impl<'a> Ear<'a> {
    fn new(encoder: &'a Encoder, vad: Vad) -> Self {
        Self {
            encoder,
            vad,
            frames: Frames::new(),
            stretches: Stretches::default(),
            waiting: Vec::new(),
            planned: Vec::new(),
            heard: Heard { windows: Vec::new(), speech: Vec::new() },
        }
    }

    fn hear(&mut self, samples: &[f32]) {
        self.frames.push(samples);
        for span in self.vad.push(samples) {
            self.span(span);
        }
        let settled = frame(self.vad.settled());
        self.planned.extend(self.stretches.settle(settled));
        self.collect(false);
        let needed = self.planned.iter().map(|window| window.start).min();
        let needed = needed.into_iter().chain(self.stretches.needs()).fold(settled, usize::min);
        self.frames.forget(needed.saturating_sub(SHORT));
    }

    fn span(&mut self, span: Span) {
        let (start, end) = (frame(span.start()), frame(span.end()));
        self.heard.speech.push((start, end));
        self.planned.extend(self.stretches.push(start, end));
    }

    /// Takes the frames of planned windows as soon as they are all there.
    fn collect(&mut self, over: bool) {
        let end = self.frames.end();
        let ready = |window: &Window| over || window.end <= end;
        for window in self.planned.extract_if(.., |window| ready(window)) {
            let frames = self.frames.stretch(window.start, window.end);
            if !frames.is_empty() {
                self.waiting.push((window, frames));
            }
        }
        while self.waiting.len() >= TOGETHER || (over && !self.waiting.is_empty()) {
            self.listen();
        }
    }

    /// Listens to the windows that wait, many at once: each as a whole, and whole ones to their first half as well.
    fn listen(&mut self) {
        let rest = self.waiting.split_off(self.waiting.len().min(TOGETHER));
        let mut now = std::mem::replace(&mut self.waiting, rest);
        now.sort_by_key(|(_, frames)| std::cmp::Reverse(frames.len()));
        let stretches: Vec<&[f32]> = now.iter().map(|(_, frames)| &**frames).collect();
        let mut reads = Vec::new();
        let mut windows = Vec::new();
        for (index, (window, frames)) in now.iter().enumerate() {
            let length = windows::heard(frames);
            reads.push((index, length));
            windows.push(Window { start: window.start, end: window.start + window.frames() });
            if length == WINDOW {
                reads.push((index, SHORT));
                windows.push(Window { start: window.start, end: window.start + SHORT });
            }
        }
        let timbres = self.encoder.timbres(&stretches, &reads);
        self.heard.windows.extend(windows.into_iter().zip(timbres));
    }

    fn finish(mut self) -> Heard {
        self.frames.finish();
        for span in self.vad.finish() {
            self.span(span);
        }
        self.planned.extend(self.stretches.finish());
        self.collect(true);
        self.heard.windows.sort_by_key(|(window, _)| (window.start, window.end));
        self.heard
    }
}

/// The people who were heard; none if nobody spoke.
fn people(
    heard: &Heard,
    options: &VoicesOptions,
    go_on: GoOn<'_>,
) -> Result<Option<Vec<Timbre>>, VoicesError> {
    let most = usize::from(Speaker::MACHINE);
    let exactly = options.people.map(|people| usize::from(people).clamp(1, most));
    let whole = |window: &Window| window.frames() >= WINDOW;
    let mut timbres: Vec<Timbre> =
        heard.windows.iter().filter(|(window, _)| whole(window)).map(|(_, t)| *t).collect();
    if timbres.is_empty() {
        timbres.extend(heard.windows.iter().map(|(_, timbre)| *timbre));
    }
    let groups = cluster::small_groups(&timbres, go_on)?;
    if groups.is_empty() {
        return Ok(None);
    }
    let mut means: Vec<Timbre> = groups.iter().map(cluster::Group::mean).collect();
    let mut course = heard.follow(&means);
    for _ in 1..ROUNDS {
        go_on()?;
        means = heard.again(&course, &means);
        course = heard.follow(&means);
    }
    let mut pure = heard.pure(&course, means.len());
    pure.retain(|group| group.number > 0);
    if pure.is_empty() {
        return Ok(Some(means));
    }
    let total = pure.iter().map(|group| group.number).sum();
    let people = cluster::join(pure, Stop::people(most, exactly, total), go_on)?;
    Ok(Some(people.iter().map(cluster::Group::mean).collect()))
}

/// The course of the conversation between these people.
fn settle(
    heard: &Heard,
    mut people: Vec<Timbre>,
    go_on: GoOn<'_>,
) -> Result<Vec<Option<usize>>, VoicesError> {
    let mut course = heard.follow(&people);
    for _ in 0..ROUNDS {
        go_on()?;
        people = heard.again(&course, &people);
        course = heard.follow(&people);
    }
    Ok(course)
}

fn frame(at: Ms) -> usize {
    usize::try_from(at.get() / FRAME_MS).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use std::f64::consts::TAU;

    use super::*;

    /// Two seconds of a buzz at 120 Hz whose loudness comes and goes.
    fn buzz() -> Vec<f32> {
        (0..32_000)
            .map(|i| {
                let at = f64::from(i) / 16_000.0;
                let tones: f64 =
                    (1..=20).map(|k| (TAU * 120.0 * f64::from(k) * at).sin() / f64::from(k)).sum();
                #[expect(clippy::cast_possible_truncation, reason = "samples are float32")]
                let sample = (tones * 0.02 * (0.6 + 0.4 * (TAU * 4.0 * at).sin())) as f32;
                sample
            })
            .collect()
    }

    #[test]
    fn timbres_are_those_of_the_published_package() {
        let encoder =
            Encoder::load(&crate::fetched::file("voices-resemblyzer.safetensors")).unwrap();
        let mut frames = Frames::new();
        for piece in buzz().chunks(777) {
            frames.push(piece);
        }
        frames.finish();
        // From Resemblyzer 0.1.4 itself, on the same samples: its six largest numbers, and how many are zero.
        for (length, largest, zeros) in [
            (
                160,
                [
                    (246, 0.335_909),
                    (36, 0.215_793),
                    (91, 0.212_793),
                    (168, 0.204_887),
                    (111, 0.186_565),
                    (255, 0.172_935),
                ],
                142,
            ),
            (
                80,
                [
                    (246, 0.268_999),
                    (111, 0.184_399),
                    (168, 0.172_337),
                    (122, 0.171_944),
                    (248, 0.169_867),
                    (36, 0.156_383),
                ],
                131,
            ),
        ] {
            let stretch = frames.stretch(0, length);
            let timbre = encoder.timbres(&[&stretch], &[(0, length)])[0];
            for (index, expected) in largest {
                let found = timbre[index];
                assert!((found - expected).abs() < 1e-5, "[{index}] is {found}, not {expected}");
            }
            let found = timbre.iter().filter(|number| **number == 0.0).count();
            assert_eq!(found, zeros);
        }
        // A stretch among others gives the same, and so does one that is read before its end.
        let (whole, part) = (frames.stretch(0, 160), frames.stretch(20, 120));
        let alone = encoder.timbres(&[&part], &[(0, 100)]);
        let among = encoder.timbres(&[&whole, &whole, &part], &[(0, 160), (1, 70), (2, 100)]);
        assert!(cluster::likeness(&alone[0], &among[2]) > 0.999_99);
        let cut = encoder.timbres(&[&whole[..70 * mel::MELS]], &[(0, 70)]);
        assert!(cluster::likeness(&cut[0], &among[1]) > 0.999_99);
    }
}
