//! One state of whisper.cpp, kept on a short lead.
//!
//! Each stretch is one call that gives one long answer (`single_segment`): the model's own marks in it are read here.
//! That also keeps whisper.cpp's word alignment away from very short stretches, on which it would abort the process.

use std::{
    borrow::Cow,
    ops::Range,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use whisper_rs::{FullParams, SamplingStrategy, WhisperState, get_lang_id, get_lang_str};

use super::{Engine, SpeechError, mel::Ear, model};
use crate::{
    RATE,
    doubt::{self, Retry},
    pack::Window,
    sound::{Loudness, STEP, steps},
    transcript::Segment,
    words::{self, Heard, Token, TokenKind},
};

/// Samples of one millisecond.
const MS: usize = RATE as usize / 1_000;
/// The least that the model is given; shorter sound is padded with silence. One second.
const SHORTEST: usize = RATE as usize;
/// Above this the model thinks that nobody speaks …
const NO_SPEECH: f32 = 0.6;
/// … and below this it does not believe its own words either: then they are dropped.
const DISBELIEF: f32 = -1.0;
/// Voice after the last word that is worth another look.
const REST_MS: u64 = 1_200;
/// By how much the alignment is late: the model looks at a word's end when it has heard a little of what comes next.
/// Measured in `tests/words.rs`.
const LATE_MS: u64 = 100;
/// How often the model may stop before a window ends.
const LOOKS: usize = 4;

/// What asks the model to stop: the caller's flag, and that of the run that it belongs to.
#[derive(Clone, Debug)]
pub(super) struct Stop {
    pub(super) caller: Arc<AtomicBool>,
    pub(super) run: Arc<AtomicBool>,
}

impl Stop {
    pub(super) fn is_set(&self) -> bool {
        self.caller.load(Ordering::Relaxed) || self.run.load(Ordering::Relaxed)
    }
}

/// What a window brought.
pub(super) struct Answer {
    /// On the recording's clock.
    pub(super) segments: Vec<Segment>,
    /// The language that it sounds like, and how likely; from models for many languages.
    pub(super) sounds_like: Option<(&'static str, f32)>,
}

/// Hears windows, one after the other.
pub(super) struct Listener<'a> {
    engine: &'a Engine,
    state: WhisperState,
    ear: Ear,
    /// Cloned for each call: its callback was allocated once and is never freed.
    params: FullParams<'static, 'static>,
    stop: Stop,
}

impl<'a> Listener<'a> {
    pub(super) fn new(engine: &'a Engine, stop: &Stop) -> Result<Self, SpeechError> {
        Ok(Self {
            engine,
            state: state(engine)?,
            ear: Ear::new(engine.bands.clone()),
            params: params(engine, stop),
            stop: stop.clone(),
        })
    }

    /// Hears a window with so many threads. `language` is one of the engine's own strings.
    pub(super) fn window(
        &mut self,
        window: &Window,
        language: &'static str,
        threads: i32,
    ) -> Result<Answer, SpeechError> {
        self.params.set_n_threads(threads);
        // The engine's own strings live for ever, and the wrapper leaks a copy of each: once a window, not once a call.
        self.params.set_language(Some(language));
        let mut segments: Vec<Segment> = Vec::new();
        let mut from = 0;
        for _ in 0..LOOKS {
            let new = self.stretch(window, from..window.samples.len(), 0)?;
            segments.extend(new);
            match rest(window, from, &segments) {
                Some(at) => from = at,
                None => break,
            }
        }
        let sounds_like = if self.engine.english_only { None } else { self.sounds_like() };
        if self.stop.is_set() {
            return Err(SpeechError::Cancelled);
        }
        Ok(Answer { segments, sounds_like })
    }

    /// The language that a window sounds like, for every language that the model knows: probabilities.
    pub(super) fn languages(
        &mut self,
        window: &Window,
        threads: i32,
    ) -> Result<Vec<f32>, SpeechError> {
        let threads = usize::try_from(threads).unwrap_or(1);
        let found = self
            .state
            .pcm_to_mel(&padded(&window.samples), threads)
            .and_then(|()| self.state.lang_detect(0, threads));
        if self.stop.is_set() {
            return Err(SpeechError::Cancelled);
        }
        let (_, mut likely) = found.map_err(|error| engine_error(&error))?;
        likely.truncate(self.engine.languages());
        Ok(likely)
    }

    /// Hears a part of a window, again and differently if the answer goes round in a circle.
    fn stretch(
        &mut self,
        window: &Window,
        part: Range<usize>,
        mut tried: usize,
    ) -> Result<Vec<Segment>, SpeechError> {
        let mut temperature = 0.0;
        loop {
            // Whatever is heard again is heard with the whole context.
            let segments = self.hear(window, part.clone(), temperature, tried > 0)?;
            tried += 1;
            match doubt::again(&segments, (part.len() / MS) as u64, tried) {
                None => return Ok(segments),
                Some(Retry::Wholly) => {}
                Some(Retry::Freely(with)) => temperature = with,
                Some(Retry::Halves) => {
                    let loudness = Loudness::of(&window.samples[part.clone()]);
                    let third = loudness.len() / 3;
                    let cut = loudness.quietest(third, loudness.len() - third) * STEP;
                    let cut = part.start + cut.min(part.len());
                    let mut segments = self.stretch(window, part.start..cut, tried)?;
                    segments.extend(self.stretch(window, cut..part.end, tried)?);
                    return Ok(segments);
                }
            }
        }
    }

    /// One call.
    fn hear(
        &mut self,
        window: &Window,
        part: Range<usize>,
        temperature: f32,
        wholly: bool,
    ) -> Result<Vec<Segment>, SpeechError> {
        let start_ms = (part.start / MS) as u64;
        let samples = &window.samples[part];
        let padded = padded(samples);
        let context = if wholly { model::WHOLE } else { model::audio_context(padded.len()) };
        let mut params = self.params.clone();
        params.set_audio_ctx(i32::try_from(context).unwrap_or(0));
        params.set_temperature(temperature);
        if temperature > 0.0 {
            // The draw is the state's own and goes on from one window to the next, and which window a state is given is
            // chance. A new state always draws the same. This is rare.
            self.state = state(self.engine)?;
        }
        // The encoder has half as many steps as there are frames.
        let frames = self.ear.frames(&padded, 2 * context);
        let ended = frames.hear(&mut self.state, params);
        if self.stop.is_set() {
            return Err(SpeechError::Cancelled);
        }
        ended.map_err(|error| engine_error(&error))?;
        let heard = Heard {
            loudness: &Loudness::of(samples),
            length_ms: (samples.len() / MS) as u64,
            no_speech_prob: self.no_speech_prob(),
            clock: &|start, end| window.on_the_clock(start_ms + start, start_ms + end),
        };
        let mut segments = words::segments(&self.tokens(), &heard);
        segments.retain(|s| !(s.no_speech_prob > NO_SPEECH && s.avg_logprob < DISBELIEF));
        Ok(segments)
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
                    // A mark every 20 ms.
                    let steps = u64::try_from(data.id - marks_begin).unwrap_or(0);
                    TokenKind::Mark { at_ms: steps * 20 }
                } else if data.id >= text_ends {
                    continue;
                } else {
                    let bytes = token.to_bytes().unwrap_or_default().to_vec();
                    TokenKind::Text { bytes, end_ms: end_ms(data.t_dtw) }
                };
                tokens.push(Token { kind, p: data.p, log_p: data.plog });
            }
        }
        tokens
    }

    fn no_speech_prob(&self) -> f32 {
        self.state.get_segment(0).map_or(0.0, |segment| segment.no_speech_probability())
    }

    /// What the model takes the last stretch for: one more step of the decoder, on what the encoder has heard already.
    /// A hint, and no reason to give up the words: nothing, if that step does not work.
    fn sounds_like(&mut self) -> Option<(&'static str, f32)> {
        let begin = self.engine.context.token_sot();
        self.state.decode(&[begin], 0, 1).ok()?;
        let logits = self.state.get_logits().ok()?;
        let first = usize::try_from(begin + 1).ok()?;
        let all = logits.get(first..first + self.engine.languages())?;
        let most = all.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let sum: f32 = all.iter().map(|logit| (logit - most).exp()).sum();
        let best = all.iter().position(|logit| *logit >= most);
        let code = get_lang_str(i32::try_from(best?).ok()?)?;
        Some((code, 1.0 / sum))
    }
}

/// The engine's own string for a language that it knows and the model too.
pub(super) fn known_language(engine: &Engine, code: &str) -> Option<&'static str> {
    let id = get_lang_id(code)?;
    let known = engine.english_only || usize::try_from(id).is_ok_and(|id| id < engine.languages());
    if known { get_lang_str(id) } else { None }
}

fn state(engine: &Engine) -> Result<WhisperState, SpeechError> {
    engine.context.create_state().map_err(|error| engine_error(&error))
}

fn padded(samples: &[f32]) -> Cow<'_, [f32]> {
    if samples.len() >= SHORTEST {
        return samples.into();
    }
    let mut all = samples.to_vec();
    all.resize(SHORTEST, 0.0);
    all.into()
}

/// When a token ends, in milliseconds of the stretch, from the alignment: that is in hundredths of a second, and
/// negative where it is not known.
fn end_ms(aligned: i64) -> Option<u64> {
    u64::try_from(aligned).ok().map(|at| (at * 10).saturating_sub(LATE_MS))
}

/// Where in a window to look again: the model sometimes stops although somebody goes on to speak.
fn rest(window: &Window, from: usize, segments: &[Segment]) -> Option<usize> {
    let last = segments.last()?.end_ms;
    let spoken = window.voice.iter().map(|voice| {
        let start = voice.start().get().max(last);
        voice.end().get().saturating_sub(start)
    });
    if spoken.sum::<u64>() < REST_MS {
        return None;
    }
    let at = steps(window.inside(last));
    let loudness = Loudness::of(&window.samples);
    // In the pause between the two, not in the first word that was not heard.
    let cut = loudness.quietest(at.saturating_sub(30), at + 40) * STEP;
    // At least a second is done with each time.
    (cut >= from + SHORTEST && cut + SHORTEST <= window.samples.len()).then_some(cut)
}

fn params(engine: &Engine, stop: &Stop) -> FullParams<'static, 'static> {
    let mut params = FullParams::new(SamplingStrategy::Greedy { best_of: 1 });
    params.set_print_progress(false);
    params.set_print_realtime(false);
    params.set_print_special(false);
    params.set_print_timestamps(false);
    params.set_no_context(true);
    params.set_single_segment(true);
    // Ends a runaway answer in good order, before the model's context is full.
    params.set_max_tokens(engine.context.n_text_ctx() / 2 - 8);
    // No `[music]` and no decorations.
    params.set_suppress_nst(true);
    // What goes round in a circle is heard again here, differently. Doubtful answers are marked instead: trying
    // those again doubles the time and seldom mends them.
    params.set_temperature_inc(0.0);
    params.set_logprob_thold(-1e9);
    let stop = stop.clone();
    // The closure has to *be* a box: the crate's trampoline reads one where the closure itself should be.
    let stop: Box<dyn FnMut() -> bool> = Box::new(move || stop.is_set());
    params.set_abort_callback_safe(stop);
    params
}

pub(super) fn engine_error(error: &whisper_rs::WhisperError) -> SpeechError {
    SpeechError::Engine(error.to_string())
}

#[cfg(test)]
mod tests {
    use hearback_domain::Ms;

    use super::*;
    use crate::{
        pack::{Next, Packer},
        sound::made_of,
    };

    #[test]
    fn a_draw_does_not_depend_on_what_was_drawn_before() {
        let engine = Engine::load(&crate::fetched::file("ggml-tiny.en.bin"), 2).unwrap();
        let sound = made_of(&[(300, 0.1), (200, 0.0), (500, 0.2), (150, 0.0), (900, 0.05)]);
        let mut rest = Some(sound);
        let mut source = |out: &mut Vec<f32>, _: usize| {
            let sound = rest.take().unwrap_or_default();
            out.extend_from_slice(&sound);
            Ok(sound.len())
        };
        let mut packer = Packer::new(&mut source, engine.voice(), Ms::ZERO);
        let Some(Next::Window(window)) = packer.next().unwrap() else { panic!("no window") };
        let stop = Stop { caller: Arc::default(), run: Arc::default() };
        let mut listener = Listener::new(&engine, &stop).unwrap();
        listener.params.set_n_threads(2);
        let mut draw = || {
            listener.hear(&window, 0..window.samples.len(), 1.0, true).unwrap();
            listener.tokens().iter().map(|token| token.p.to_bits()).collect::<Vec<_>>()
        };
        let first = draw();
        assert!(!first.is_empty());
        assert_eq!(draw(), first);
        assert_eq!(draw(), first);
    }
}
