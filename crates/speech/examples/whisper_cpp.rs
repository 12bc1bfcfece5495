//! whisper.cpp as its command-line tool runs it, for `cargo xtask bench speech`: the whole file in one call, with its
//! own settings but for the beam, and nothing of ours in it but the file's reading. Its tool's beam is 5.
//!
//! `whisper_cpp MODEL SOUND.wav THREADS BEAM RESULT.json` (16 kHz mono) leaves `{"text", "seconds"}`: what was said,
//! and how long it took from the loaded model to the last word.

use std::{env, error::Error, fs, time::Instant};

use whisper_rs::{FullParams, SamplingStrategy, WhisperContext, WhisperContextParameters};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [model, sound, threads, beam, result] = &arguments[..] else {
        return Err("whisper_cpp MODEL SOUND.wav THREADS BEAM RESULT.json".into());
    };
    let samples: Vec<f32> = hound::WavReader::open(sound)?
        .samples::<i16>()
        .map(|sample| sample.map(|sample| f32::from(sample) / 32_768.0))
        .collect::<Result<_, _>>()?;
    whisper_rs::install_logging_hooks();
    let context = WhisperContext::new_with_params(model, WhisperContextParameters::default())?;
    let mut state = context.create_state()?;
    let strategy = match beam.parse()? {
        // Five candidates where it tries again with more freedom: its default.
        1 => SamplingStrategy::Greedy { best_of: 5 },
        beam_size => SamplingStrategy::BeamSearch { beam_size, patience: -1.0 },
    };
    let mut params = FullParams::new(strategy);
    params.set_n_threads(threads.parse()?);
    params.set_language(Some("en"));
    params.set_no_context(false);
    params.set_print_progress(false);
    params.set_print_realtime(false);
    params.set_print_timestamps(false);
    let begun = Instant::now();
    state.full(params, &samples)?;
    let text: Vec<String> = state
        .as_iter()
        .filter_map(|s| s.to_str_lossy().map(|text| text.trim().to_owned()).ok())
        .collect();
    let seconds = begun.elapsed().as_secs_f64();
    let left = serde_json::json!({ "text": text.join(" "), "seconds": seconds });
    fs::write(result, left.to_string())?;
    Ok(())
}
