//! What the model hears: how loud each band is every 10 ms (`log_mel_spectrogram` in `OpenAI`'s `audio.py` and in
//! whisper.cpp).
//!
//! Worked out here because whisper.cpp takes many times as long: it has a Fourier transform of its own, goes through
//! every filter from its first bin to its last, and through half a minute of silence after each window.

use std::{
    cell::Cell,
    ffi::{c_int, c_void},
    ptr,
};

use whisper_rs::{
    FullParams, WhisperError, WhisperState,
    whisper_rs_sys::{whisper_context, whisper_set_mel_with_state, whisper_state},
};

use crate::{
    sound::STEP,
    spectrum::{Bands, Spectrum, WINDOW},
};

/// How far a frame looks back, and ahead.
const HALF: usize = WINDOW / 2;
/// The softest power there is.
const SOFTEST: f32 = 1e-10;
/// Everything is at most that much softer than the loudest, in powers of ten.
const RANGE: f32 = 8.0;

/// Works out what the model hears.
pub(super) struct Ear {
    spectrum: Spectrum,
    bands: Bands,
}

/// Sound as the model hears it: band by band, a value every 10 ms.
pub(super) struct Frames {
    values: Vec<f32>,
    /// Values of each band.
    number: usize,
    bands: usize,
    /// So many of them are sound. Silence follows.
    sound: usize,
}

impl Ear {
    /// `bands` are those of the model's own file.
    pub(super) fn new(bands: Bands) -> Self {
        Self { spectrum: Spectrum::new(), bands }
    }

    /// Some sound, a second at least, and after it silence as far as a model looks that sees `context` frames at once.
    /// The silence costs nothing: its value is known.
    pub(super) fn frames(&mut self, samples: &[f32], context: usize) -> Frames {
        // Before it begins it is mirrored.
        let mirrored = samples.iter().skip(1).take(HALF).rev();
        let sound: Vec<f32> = mirrored.chain(samples).copied().collect();
        let bands = self.bands.len();
        let heard = sound.len() / STEP + 1;
        let mut powers = Vec::with_capacity(heard * bands);
        for frame in 0..heard {
            let spectrum = self.spectrum.power(sound[frame * STEP..].iter());
            powers.extend((0..bands).map(|band| self.bands.power(band, &spectrum)));
        }
        let loudest = powers.iter().copied().fold(SOFTEST, f32::max).log10();
        let value = |power: f32| (power.max(SOFTEST).log10().max(loudest - RANGE) + 4.0) / 4.0;
        // The model may stop early and look again from there.
        let number = heard + context;
        let mut values = vec![value(0.0); number * bands];
        for (band, values) in values.chunks_mut(number).enumerate() {
            for (to, powers) in values.iter_mut().zip(powers.chunks(bands)) {
                *to = value(powers[band]);
            }
        }
        // As whisper.cpp counts them.
        let sound = 1 + samples.len().saturating_sub(HALF) / STEP;
        Frames { values, number, bands, sound }
    }
}

/// What [`give`] hands over.
struct Hand<'a> {
    frames: &'a Frames,
    taken: Cell<bool>,
}

impl Frames {
    /// Lets a state hear them, as [`WhisperState::full`] does with samples. `params` must not ask for times of tokens
    /// (`token_timestamps`): those are guessed from the samples.
    ///
    /// The wrapper refuses a call without samples, which would take the frames that a state has. So it gets a moment of
    /// silence, the shortest that whisper.cpp can mirror; and these frames take its place when whisper.cpp asks, just
    /// before the encoder, whether it may go on.
    pub(super) fn hear(
        &self,
        state: &mut WhisperState,
        mut params: FullParams<'_, '_>,
    ) -> Result<(), WhisperError> {
        let number = |number: usize| c_int::try_from(number).unwrap_or(c_int::MAX);
        // Ten milliseconds each. Without this the sound would end where the samples do.
        params.set_duration_ms(number(self.sound * 10));
        let hand = Hand { frames: self, taken: Cell::new(false) };
        #[expect(unsafe_code, reason = "the wrapper has no safe form for this callback")]
        // SAFETY: `give` expects a `Hand` and gets one. whisper.cpp keeps neither: both belong to `params`, which goes
        // into the call and ends with it, and the hand is borrowed until after that.
        unsafe {
            params.set_start_encoder_callback(Some(give));
            params.set_start_encoder_callback_user_data(ptr::from_ref(&hand).cast_mut().cast());
        }
        state.full(params, &[0.0; HALF + 1])?;
        // What was heard instead is that silence.
        if hand.taken.get() { Ok(()) } else { Err(WhisperError::InvalidMelBands) }
    }
}

/// Sets the frames; false ends the call.
#[expect(unsafe_code, reason = "whisper.cpp calls it")]
unsafe extern "C" fn give(
    context: *mut whisper_context,
    state: *mut whisper_state,
    hand: *mut c_void,
) -> bool {
    // SAFETY: `Frames::hear` is the only place that names this function, and the pointer is to its own `Hand`, which it
    // does not touch until the call is over. whisper.cpp calls this on the thread that made the call.
    let hand = unsafe { &*hand.cast::<Hand<'_>>() };
    let Frames { values, number, bands, .. } = hand.frames;
    let (Ok(number), Ok(bands)) = (c_int::try_from(*number), c_int::try_from(*bands)) else {
        return false;
    };
    // SAFETY: both pointers are whisper.cpp's own, of the call that this one is part of; the state is borrowed mutably
    // for that call. It copies as many values as it is told of, all of which are there, and refuses a wrong number of
    // bands.
    let done =
        unsafe { whisper_set_mel_with_state(context, state, values.as_ptr(), number, bands) };
    hand.taken.set(done == 0);
    done == 0
}

#[cfg(test)]
mod tests {
    use std::f64::consts::TAU;

    use proptest::prelude::*;
    use whisper_rs::SamplingStrategy;

    use super::*;
    use crate::{
        RATE,
        convert::mel::{BINS, filter_bank},
        engine::model,
        sound::made_of,
    };

    /// The definition, term by term: a mirrored start, Hann windows, a Fourier transform by its sums, filters,
    /// logarithms of everything with half a minute of silence behind it.
    fn by_definition(samples: &[f32], bands: usize, wanted: usize) -> Vec<Vec<f64>> {
        let at = |index: usize| samples.get(index.abs_diff(200)).copied().map_or(0.0, f64::from);
        let hann: Vec<f64> =
            (0..400).map(|i| 0.5 - 0.5 * (TAU * f64::from(i) / 400.0).cos()).collect();
        let turns: Vec<(f64, f64)> =
            (0..400).map(|i| (TAU * f64::from(i) / 400.0).sin_cos()).collect();
        let filters = filter_bank(bands);
        let mut frames: Vec<Vec<f64>> = (0..wanted)
            .map(|frame| {
                let sound: Vec<f64> = (0..400).map(|i| at(frame * 160 + i) * hann[i]).collect();
                let power: Vec<f64> = (0..BINS)
                    .map(|bin| {
                        let turn = |i: usize| turns[i * bin % 400];
                        let sum = |part: fn((f64, f64)) -> f64| -> f64 {
                            sound.iter().enumerate().map(|(i, s)| s * part(turn(i))).sum()
                        };
                        sum(|turn| turn.0).powi(2) + sum(|turn| turn.1).powi(2)
                    })
                    .collect();
                let band = |filter: &[f32; BINS]| -> f64 {
                    filter.iter().zip(&power).map(|(a, b)| f64::from(*a) * b).sum()
                };
                filters.iter().map(|filter| band(filter).max(1e-10).log10()).collect()
            })
            .collect();
        let most = frames.iter().flatten().copied().fold(-10.0, f64::max);
        for value in frames.iter_mut().flatten() {
            *value = (value.max(most - 8.0) + 4.0) / 4.0;
        }
        frames
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(8))]

        #[test]
        fn is_what_the_definition_says(
            noise in prop::collection::vec(-1.0_f32..1.0, 201..2_000),
            height in prop::sample::select(vec![0.0_f32, 1e-5, 0.01, 1.0]),
            tone in prop::sample::select(vec![0.0_f32, 0.5]),
            hertz in 50.0_f32..7_900.0,
            bands in prop::sample::select(vec![80_usize, 128]),
        ) {
            let turn = |i: u16| (f32::from(i) * hertz / 16_000.0 * std::f32::consts::TAU).sin();
            let samples: Vec<f32> =
                (0..).zip(&noise).map(|(i, sample)| turn(i) * tone + sample * height).collect();
            let mut ear = Ear::new(Bands::new(&filter_bank(bands)));
            let frames = ear.frames(&samples, 10);
            let expected = by_definition(&samples, bands, frames.number);
            let most = expected.iter().flatten().copied().fold(f64::MIN, f64::max);
            prop_assert_eq!(frames.values.len(), frames.number * bands);
            for (index, found) in frames.values.iter().enumerate() {
                let expected = expected[index % frames.number][index / frames.number];
                let off = (f64::from(*found) - expected).abs();
                // In the lower half of the range the rounding of what is loud shows.
                let allowed = if expected > most - 1.0 { 1e-4 } else { 1e-3 };
                prop_assert!(off < allowed, "{index}: {found}, not {expected}");
            }
        }
    }

    #[test]
    fn the_model_hears_what_whisper_cpp_would_have_it_hear() {
        let (context, _, bands) = model::load(&crate::fetched::file("ggml-tiny.en.bin")).unwrap();
        let sound = made_of(&[(300, 0.1), (200, 0.0), (500, 0.2), (150, 0.001), (900, 0.05)]);
        assert!(sound.len() > RATE as usize);
        let mut state = context.create_state().unwrap();
        let begin = context.token_sot();
        let first_thought = |state: &mut WhisperState| {
            state.decode(&[begin], 0, 1).unwrap();
            state.get_logits().unwrap().to_vec()
        };
        Ear::new(bands)
            .frames(&sound, 3_000)
            .hear(&mut state, FullParams::new(SamplingStrategy::Greedy { best_of: 1 }))
            .unwrap();
        let ours = first_thought(&mut state);
        state.pcm_to_mel(&sound, 1).unwrap();
        state.encode(0, 1).unwrap();
        let theirs = first_thought(&mut state);
        let furthest = ours.iter().zip(&theirs).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(furthest < 0.02, "the logits differ by {furthest}");
    }
}
