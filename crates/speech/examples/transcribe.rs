//! Turns a 16 kHz mono WAV file into text, as the product does; for `cargo xtask bench speech`, and to try things out.
//!
//! ```text
//! transcribe fetch MODEL FOLDER                            brings a model and the voice detector
//! transcribe run MODEL FOLDER SOUND.wav THREADS RESULT.json
//! ```
//!
//! The second leaves `{"text", "seconds", "transcript"}`: what was said, and how long it took from the loaded model to
//! the last word.

use std::{env, error::Error, fs, ops::ControlFlow, path::Path, time::Instant};

use hearback_speech::{Engine, Manifest, ModelStore, Options};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["fetch", model, folder] => {
            let store = store(folder)?;
            store.fetch(model, &mut |_| {})?;
            store.fetch(&detector(&store, model)?, &mut |_| {})?;
            Ok(())
        }
        ["run", model, folder, sound, threads, result] => {
            let store = store(folder)?;
            let voice = store.voice(Some(&detector(&store, model)?))?;
            let engine = Engine::load(&store.path(model)?, threads.parse()?)?.with_voice(voice);
            run(&engine, Path::new(sound), Path::new(result))
        }
        _ => Err("transcribe fetch MODEL FOLDER, or run MODEL FOLDER SOUND THREADS RESULT".into()),
    }
}

fn store(folder: &str) -> Result<ModelStore, Box<dyn Error>> {
    Ok(ModelStore::new(folder.into(), Manifest::built_in()?))
}

/// The name of the voice detector that comes along with a model.
fn detector(store: &ModelStore, model: &str) -> Result<String, Box<dyn Error>> {
    let detector = store.companions(model).into_iter().next();
    Ok(detector.ok_or("the manifest has no voice detector")?)
}

fn run(engine: &Engine, sound: &Path, result: &Path) -> Result<(), Box<dyn Error>> {
    let samples: Vec<f32> = hound::WavReader::open(sound)?
        .samples::<i16>()
        .map(|sample| sample.map(|sample| f32::from(sample) / 32_768.0))
        .collect::<Result<_, _>>()?;
    let mut at = 0;
    let mut source = |out: &mut Vec<f32>, wanted: usize| {
        let take = wanted.min(samples.len() - at);
        out.extend_from_slice(&samples[at..at + take]);
        at += take;
        Ok(take)
    };
    let begun = Instant::now();
    let transcript =
        engine.transcribe(&mut source, &Options::default(), &mut |_| ControlFlow::Continue(()))?;
    let seconds = begun.elapsed().as_secs_f64();
    let text: Vec<&str> = transcript.segments.iter().map(|segment| &*segment.text).collect();
    let left = serde_json::json!({
        "text": text.join(" "), "seconds": seconds, "transcript": transcript,
    });
    fs::write(result, left.to_string())?;
    Ok(())
}
