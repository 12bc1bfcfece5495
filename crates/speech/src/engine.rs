//! From sound to words: what is packed is heard by several states of whisper.cpp at once, and told in order of time.

mod listener;
mod mel;
mod memory;
mod model;
mod pool;

use std::{
    collections::VecDeque,
    io,
    ops::ControlFlow,
    path::{Path, PathBuf},
    sync::{Arc, atomic::AtomicBool},
};

use hearback_domain::Ms;
use whisper_rs::{WhisperContext, get_lang_str};

pub use self::memory::Memory;
use self::{
    listener::{Listener, Stop},
    pool::{Hear, Told},
};
use crate::{
    doubt::{self, Scene},
    pack::{Next, Packer},
    spectrum::Bands,
    transcript::{Segment, Transcript},
    vad::Voice,
};

/// The language of models that know one only.
const ENGLISH: &str = "en";
/// How many windows vote on a recording's language.
const VOTERS: usize = 3;

/// Why there is no transcript.
#[derive(Debug, thiserror::Error)]
pub enum SpeechError {
    /// The model file cannot be used.
    #[error(
        "the model file {} cannot be used: {reason}; `hearback models verify` says which model to fetch again",
        path.display()
    )]
    Model {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The model does not know the language.
    #[error(
        "the model `{model}` cannot read `{language}`; choose `en`, or a model for many languages such as `base`"
    )]
    Language {
        /// What was asked for.
        language: String,
        /// The model.
        model: String,
    },
    /// The sound stopped coming.
    #[error("the sound could not be read: {0}")]
    Sound(#[from] io::Error),
    /// The caller had enough.
    #[error("the transcription was stopped")]
    Cancelled,
    /// whisper.cpp gave up. Trying again may help.
    #[error("the speech engine stopped working: {0}")]
    Engine(String),
}

/// How to transcribe.
#[derive(Clone, Debug)]
pub struct Options {
    /// ISO 639-1 code. `None` lets a multilingual model decide: the first windows with speech in them vote. A run that
    /// goes on names what the earlier one found ([`Event::Language`]): what is left might vote otherwise.
    pub language: Option<String>,
    /// Where on the recording's clock the sound begins that is handed over: zero, or where an earlier run was done.
    pub from: Ms,
    /// What an earlier run heard before [`Self::from`]; its last segments are enough. A text that goes round in a
    /// circle is seen also if it began there. None of it is told again.
    pub before: Vec<Segment>,
    /// Set to stop in the middle of a window; the transcription then ends with [`SpeechError::Cancelled`].
    pub cancel: Arc<AtomicBool>,
}

impl Default for Options {
    /// English; from the start; never stopped.
    fn default() -> Self {
        Self {
            language: Some(ENGLISH.to_owned()),
            from: Ms::ZERO,
            before: Vec::new(),
            cancel: Arc::default(),
        }
    }
}

/// What happens on the way.
#[derive(Clone, Copy, Debug)]
pub enum Event<'a> {
    /// The language was found out (ISO 639-1 code). Comes once, before everything else, and only where none was asked
    /// for; not at all if nobody speaks.
    Language(&'static str),
    /// Everything before this moment is final. A new run that begins here ([`Options::from`]) loses no word and doubles
    /// none: it hears what this one would have heard.
    Progress {
        /// On the recording's clock.
        done: Ms,
    },
    /// The segments of one window, final.
    Segments(&'a [Segment]),
}

/// A loaded model. Shared between threads; each transcription has its own working memory. A clone shares the weights.
#[derive(Clone, Debug)]
pub struct Engine {
    context: Arc<WhisperContext>,
    bands: Bands,
    name: String,
    english_only: bool,
    threads: i32,
    states: usize,
    voice: Voice,
}

impl Engine {
    /// Loads a model file and uses at most `threads` threads (at least one) for each transcription.
    ///
    /// Each thread has a window of its own to work at, and working memory of its own ([`Memory`]) unless
    /// [`Self::with_states`] says how many have. The number of transcriptions at the same time, times `threads`,
    /// belongs below the number of cores.
    pub fn load(path: &Path, threads: usize) -> Result<Self, SpeechError> {
        let (context, header, bands) = model::load(path)?;
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        Ok(Self {
            context: Arc::new(context),
            bands,
            name: stem.strip_prefix("ggml-").unwrap_or(&stem).to_owned(),
            english_only: header.english_only(),
            threads: i32::try_from(threads.clamp(1, 256)).unwrap_or(1),
            states: threads.clamp(1, 256),
            voice: Voice::by_loudness(),
        })
    }

    /// Leaves out what this detector does not take for speech. Without it, only what nobody could hear is left out.
    #[must_use]
    pub fn with_voice(self, voice: Voice) -> Self {
        Self { voice, ..self }
    }

    /// Works at no more than so many windows at once (at least one), with all its threads: slower, in less memory.
    #[must_use]
    pub fn with_states(self, states: usize) -> Self {
        Self { states: states.clamp(1, self.states), ..self }
    }

    /// At how many windows it works at once.
    pub const fn states(&self) -> usize {
        self.states
    }

    /// What it goes by.
    pub const fn voice(&self) -> &Voice {
        &self.voice
    }

    /// The model's name, from its file's.
    pub fn model(&self) -> &str {
        &self.name
    }

    /// Turns sound into words.
    ///
    /// `pcm` appends at most so many samples (mono, [`crate::RATE`], −1 to 1) as it is asked for and returns their
    /// number; none means the end. `on_event` hears of every window, in order of time, and may stop the work. Both are
    /// called on this thread.
    pub fn transcribe(
        &self,
        pcm: &mut dyn FnMut(&mut Vec<f32>, usize) -> io::Result<usize>,
        options: &Options,
        on_event: &mut dyn FnMut(Event<'_>) -> ControlFlow<()>,
    ) -> Result<Transcript, SpeechError> {
        let asked = self.check_language(options.language.as_deref())?;
        let stop = Stop { caller: Arc::clone(&options.cancel), run: Arc::default() };
        let mut packer = Packer::new(pcm, &self.voice, options.from);
        let mut waiting = VecDeque::new();
        let language = match asked {
            Some(language) => language,
            None => match self.find_language(&mut packer, &mut waiting, &stop)? {
                Some(found) => {
                    tell(on_event, Event::Language(found))?;
                    found
                }
                // Nobody speaks, so that nothing will be read as anything.
                None => ENGLISH,
            },
        };
        let mut all = options.before.clone();
        let state = || {
            let mut listener = Listener::new(self, &stop)?;
            let hear: Hear<'_> =
                Box::new(move |window, threads| listener.window(window, language, threads));
            Ok(hear)
        };
        pool::run((self.states, self.threads), &state, &stop, waiting, &mut packer, &mut |told| {
            let (window, answer) = match told {
                Told::Silence(done) => return tell(on_event, Event::Progress { done }),
                Told::Heard(window, answer) => (window, answer),
            };
            let scene = Scene {
                heard: window.heard,
                voice: self.voice.is_neural().then_some(&window.voice[..]),
                language,
                sounds_like: answer.sounds_like,
                before: &all,
            };
            let segments = doubt::mark(answer.segments, &scene);
            if !segments.is_empty() {
                tell(on_event, Event::Segments(&segments))?;
                all.extend(segments);
            }
            window.done.map_or(Ok(()), |done| tell(on_event, Event::Progress { done }))
        })?;
        let duration = packer.taken();
        tell(on_event, Event::Progress { done: duration })?;
        Ok(Transcript {
            model: self.name.clone(),
            language: language.to_owned(),
            duration_ms: duration.get(),
            segments: all.split_off(options.before.len()),
            ..Transcript::default()
        })
    }

    /// The language of a recording: several windows vote, each with the probabilities that the model gives. None if
    /// nobody speaks.
    fn find_language(
        &self,
        packer: &mut Packer<'_>,
        waiting: &mut VecDeque<Next>,
        stop: &Stop,
    ) -> Result<Option<&'static str>, SpeechError> {
        if self.english_only {
            return Ok(Some(ENGLISH));
        }
        let mut listener = None;
        let mut votes: Vec<f32> = Vec::new();
        let mut voters = 0;
        while voters < VOTERS {
            let Some(next) = packer.next()? else { break };
            if let Next::Window(window) = &next {
                let listener = match &mut listener {
                    Some(listener) => listener,
                    none => none.insert(Listener::new(self, stop)?),
                };
                let likely = listener.languages(window, self.threads)?;
                votes.resize(likely.len(), 0.0);
                votes.iter_mut().zip(likely).for_each(|(votes, likely)| *votes += likely);
                voters += 1;
            }
            waiting.push_back(next);
        }
        let most = votes.iter().copied().fold(0.0, f32::max);
        let best = votes.iter().position(|votes| *votes >= most && most > 0.0);
        Ok(best.and_then(|best| get_lang_str(i32::try_from(best).ok()?)))
    }

    /// How many languages the model tells apart: the engine's list, as far as the model's vocabulary goes. Where it
    /// ends, the next entry means something else.
    fn languages(&self) -> usize {
        languages(self.context.n_vocab())
    }

    /// The engine's own string for the language that was asked for; none if it is to be found out.
    fn check_language(&self, language: Option<&str>) -> Result<Option<&'static str>, SpeechError> {
        let Some(language) = language else {
            return Ok(None);
        };
        // The engine's own function wants no zero byte inside, and knows the names as well as the codes.
        let code = language.bytes().all(|b| b.is_ascii_lowercase());
        let known = if code { listener::known_language(self, language) } else { None };
        match known {
            Some(known) if known == language && (known == ENGLISH || !self.english_only) => {
                Ok(Some(known))
            }
            _ => {
                let (language, model) = (language.to_owned(), self.name.clone());
                Err(SpeechError::Language { language, model })
            }
        }
    }
}

/// Languages of a model for many of them, by the entries of its vocabulary: 51,865 have 99, one more has Cantonese too.
fn languages(vocabulary: i32) -> usize {
    /// Entries that are no languages.
    const OTHERS: i32 = 51_766;
    usize::try_from(vocabulary - OTHERS).unwrap_or(0)
}

fn tell(
    on_event: &mut dyn FnMut(Event<'_>) -> ControlFlow<()>,
    event: Event<'_>,
) -> Result<(), SpeechError> {
    match on_event(event) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(()) => Err(SpeechError::Cancelled),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_vocabulary_has_its_languages() {
        assert_eq!([51_865, 51_866].map(languages), [99, 100]);
    }
}
