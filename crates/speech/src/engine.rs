//! whisper.cpp, kept on a short lead.
//!
//! Each window is one call that gives one long answer (`single_segment`): the model's own marks in it are read here. That
//! also keeps whisper.cpp's word alignment away from very short stretches, on which it would abort the process.

mod model;

use std::{
    io,
    ops::ControlFlow,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use hearback_domain::Ms;
use whisper_rs::{
    FullParams, SamplingStrategy, WhisperContext, WhisperState, get_lang_id, get_lang_str,
};

use crate::{
    RATE,
    sound::{Loudness, STEP, steps},
    transcript::{Segment, Transcript},
    window::{Window, Windows},
    words::{self, Heard, Token, TokenKind},
};

/// Samples of one millisecond.
const MS: u64 = RATE as u64 / 1_000;
/// The least that the model is given; shorter sound is padded with silence. One second.
const SHORTEST: usize = RATE as usize;
/// Above this the model thinks that nobody speaks …
const NO_SPEECH: f32 = 0.6;
/// … and below this it does not believe its own words either: then they are dropped.
const DISBELIEF: f32 = -1.0;
/// Sound after the last word that is worth another look, if somebody may speak in it.
const REST_MS: u64 = 2_000;

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
    /// ISO 639-1 code. `None` lets a multilingual model decide from the first window with sound in it.
    pub language: Option<String>,
    /// Set to stop in the middle of a window; the transcription then ends with [`SpeechError::Cancelled`].
    pub cancel: Arc<AtomicBool>,
}

impl Default for Options {
    /// English; never stopped.
    fn default() -> Self {
        Self { language: Some("en".to_owned()), cancel: Arc::default() }
    }
}

/// What happens on the way.
#[derive(Clone, Copy, Debug)]
pub enum Event<'a> {
    /// Everything before this moment is transcribed.
    Progress {
        /// On the recording's clock.
        done: Ms,
    },
    /// The segments of one window, final.
    Segments(&'a [Segment]),
}

/// A loaded model. Shared between threads; each transcription has its own working memory.
#[derive(Debug)]
pub struct Engine {
    context: WhisperContext,
    name: String,
    english_only: bool,
    threads: i32,
}

impl Engine {
    /// Loads a model file and uses at most `threads` threads (at least one) for each transcription.
    ///
    /// The number of transcriptions at the same time, times `threads`, belongs below the number of cores.
    pub fn load(path: &Path, threads: usize) -> Result<Self, SpeechError> {
        let (context, header) = model::load(path)?;
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        Ok(Self {
            context,
            name: stem.strip_prefix("ggml-").unwrap_or(&stem).to_owned(),
            english_only: header.english_only(),
            threads: i32::try_from(threads.clamp(1, 256)).unwrap_or(1),
        })
    }

    /// The model's name, from its file's.
    pub fn model(&self) -> &str {
        &self.name
    }

    /// Turns sound into words.
    ///
    /// `pcm` appends at most so many samples (mono, [`RATE`], −1 to 1) as it is asked for and returns their number;
    /// none means the end. `on_event` hears of every window and may stop the work.
    pub fn transcribe(
        &self,
        pcm: &mut dyn FnMut(&mut Vec<f32>, usize) -> io::Result<usize>,
        options: &Options,
        on_event: &mut dyn FnMut(Event<'_>) -> ControlFlow<()>,
    ) -> Result<Transcript, SpeechError> {
        let mut run = Run::start(self, options)?;
        let mut windows = Windows::new(pcm);
        let mut segments = Vec::new();
        loop {
            if options.cancel.load(Ordering::Relaxed) {
                return Err(SpeechError::Cancelled);
            }
            let Some(window) = windows.next()? else { break };
            let answer = run.window(&window, windows.samples(&window))?;
            windows.consume(answer.consumed);
            if !answer.segments.is_empty() {
                tell(on_event, Event::Segments(&answer.segments))?;
                segments.extend(answer.segments);
            }
            tell(on_event, Event::Progress { done: Ms::new(windows.done() / MS) })?;
        }
        let duration_ms = windows.taken() / MS;
        clamp(&mut segments, duration_ms);
        tell(on_event, Event::Progress { done: Ms::new(duration_ms) })?;
        let language = run.language.unwrap_or_else(|| "en".to_owned());
        Ok(Transcript { model: self.name.clone(), language, duration_ms, segments })
    }

    fn check_language(&self, language: Option<&str>) -> Result<Option<String>, SpeechError> {
        let Some(language) = language else {
            return Ok(self.english_only.then(|| "en".to_owned()));
        };
        // The engine's own function wants no zero byte inside.
        let code = language.bytes().all(|b| b.is_ascii_lowercase());
        let known = code && get_lang_id(language).is_some();
        if known && (language == "en" || !self.english_only) {
            Ok(Some(language.to_owned()))
        } else {
            let (language, model) = (language.to_owned(), self.name.clone());
            Err(SpeechError::Language { language, model })
        }
    }
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

/// Nothing ends after the recording does.
fn clamp(segments: &mut [Segment], duration_ms: u64) {
    for segment in segments {
        segment.start_ms = segment.start_ms.min(duration_ms);
        segment.end_ms = segment.end_ms.min(duration_ms);
        for word in &mut segment.words {
            word.start_ms = word.start_ms.min(duration_ms);
            word.end_ms = word.end_ms.min(duration_ms);
        }
    }
}

/// One transcription.
struct Run<'a> {
    engine: &'a Engine,
    state: WhisperState,
    /// Cloned for each window: its callback and its language were allocated once and are never freed.
    params: FullParams<'static, 'static>,
    cancel: Arc<AtomicBool>,
    language: Option<String>,
}

/// What one window brought.
struct Answer {
    /// On the recording's clock.
    segments: Vec<Segment>,
    /// Samples of the window that are done with.
    consumed: usize,
}

impl<'a> Run<'a> {
    fn start(engine: &'a Engine, options: &Options) -> Result<Self, SpeechError> {
        let language = engine.check_language(options.language.as_deref())?;
        let state = engine.context.create_state().map_err(|error| engine_error(&error))?;
        let params = params(engine, &options.cancel);
        Ok(Self { engine, state, params, cancel: Arc::clone(&options.cancel), language })
    }

    fn window(&mut self, window: &Window, samples: &[f32]) -> Result<Answer, SpeechError> {
        let tokens = self.listen(samples)?;
        let offset_ms = window.start / MS;
        let loudness = Loudness::of(samples);
        let heard = Heard {
            loudness: &loudness,
            length_ms: samples.len() as u64 / MS,
            no_speech_prob: self.no_speech_prob(),
        };
        let mut segments = words::segments(&tokens, &heard);
        segments.retain(|s| !(s.no_speech_prob > NO_SPEECH && s.avg_logprob < DISBELIEF));
        let consumed = consumed(&segments, &heard, samples.len());
        for segment in &mut segments {
            segment.start_ms += offset_ms;
            segment.end_ms += offset_ms;
            for word in &mut segment.words {
                word.start_ms += offset_ms;
                word.end_ms += offset_ms;
            }
        }
        Ok(Answer { segments, consumed })
    }

    /// Runs the model over one window.
    fn listen(&mut self, samples: &[f32]) -> Result<Vec<Token>, SpeechError> {
        let padded;
        let samples = if samples.len() < SHORTEST {
            padded = [samples, &vec![0.0; SHORTEST - samples.len()]].concat();
            &padded
        } else {
            samples
        };
        let mut params = self.params.clone();
        params.set_audio_ctx(model::audio_context(samples.len()));
        // `set_language` leaks a copy of each string; the engine's own strings live for ever.
        let code = self.language.as_deref().and_then(|code| get_lang_str(get_lang_id(code)?));
        params.set_language(Some(code.unwrap_or("auto")));
        let ended = self.state.full(params, samples);
        if self.cancel.load(Ordering::Relaxed) {
            return Err(SpeechError::Cancelled);
        }
        ended.map_err(|error| engine_error(&error))?;
        if self.language.is_none() {
            let found = get_lang_str(self.state.full_lang_id_from_state());
            self.language = found.map(str::to_owned);
        }
        Ok(self.tokens())
    }

    fn tokens(&self) -> Vec<Token> {
        let text_ends = self.engine.context.token_eot();
        let marks_begin = self.engine.context.token_beg();
        let mut tokens = Vec::new();
        for segment in self.state.as_iter() {
            for index in 0..segment.n_tokens() {
                let Some(token) = segment.get_token(index) else { continue };
                let data = token.token_data();
                let kind = if data.id >= marks_begin {
                    // A mark every 20 ms of the window.
                    let steps = u64::try_from(data.id - marks_begin).unwrap_or(0);
                    TokenKind::Mark { at_ms: steps * 20 }
                } else if data.id >= text_ends {
                    continue;
                } else {
                    let bytes = token.to_bytes().unwrap_or_default().to_vec();
                    TokenKind::Text { bytes, end_ms: end_ms(data.t_dtw, data.t1) }
                };
                tokens.push(Token { kind, p: data.p, log_p: data.plog });
            }
        }
        tokens
    }

    fn no_speech_prob(&self) -> f32 {
        self.state.get_segment(0).map_or(0.0, |segment| segment.no_speech_probability())
    }
}

/// When a token ends, in milliseconds of the window: from the alignment, else from the model's own guess. Both are in
/// hundredths of a second, and negative where they are not known.
fn end_ms(aligned: i64, guessed: i64) -> Option<u64> {
    [aligned, guessed].into_iter().find_map(|at| u64::try_from(at).ok()).map(|at| at * 10)
}

/// How much of a window is done with. The model sometimes stops before the window ends: if somebody may speak in the
/// rest, the rest begins the next window.
fn consumed(segments: &[Segment], heard: &Heard<'_>, samples: usize) -> usize {
    let end_ms = segments.last().map_or(0, |segment| segment.end_ms);
    let rest_ms = heard.length_ms.saturating_sub(end_ms);
    if end_ms < 1_000 || rest_ms < REST_MS {
        return samples;
    }
    let threshold = heard.loudness.threshold();
    let loud =
        (steps(end_ms)..heard.loudness.len()).filter(|s| heard.loudness.louder(*s, threshold));
    // Half a second of it in all: less is a chair or a cough.
    if loud.count() < 50 {
        return samples;
    }
    // In the pause between the two, not in the first word that was not heard.
    let cut = heard.loudness.quietest(steps(end_ms) - 30, steps(end_ms) + 40);
    (cut * STEP).min(samples)
}

fn params(engine: &Engine, cancel: &Arc<AtomicBool>) -> FullParams<'static, 'static> {
    let mut params = FullParams::new(SamplingStrategy::Greedy { best_of: 1 });
    params.set_n_threads(engine.threads);
    params.set_print_progress(false);
    params.set_print_realtime(false);
    params.set_print_special(false);
    params.set_print_timestamps(false);
    params.set_no_context(true);
    params.set_single_segment(true);
    // Ends a runaway answer in good order, before the model's context is full.
    params.set_max_tokens(engine.context.n_text_ctx() / 2 - 8);
    params.set_token_timestamps(true);
    // No `[music]` and no decorations.
    params.set_suppress_nst(true);
    // Tries again with more freedom only where the answer repeats itself; doubtful answers are marked instead, for
    // trying those again doubles the time and seldom mends them.
    params.set_temperature_inc(0.4);
    params.set_logprob_thold(-1e9);
    let cancel = Arc::clone(cancel);
    // The closure has to *be* a box: the crate's trampoline reads one where the closure itself should be.
    let stop: Box<dyn FnMut() -> bool> = Box::new(move || cancel.load(Ordering::Relaxed));
    params.set_abort_callback_safe(stop);
    params
}

fn engine_error(error: &whisper_rs::WhisperError) -> SpeechError {
    SpeechError::Engine(error.to_string())
}
