//! A speech synthesiser from the package manager.

use std::process::Command;

use hearback_speech::RATE;

/// A voice says it. 16 kHz, mono.
pub(crate) fn say(voice: &str, text: &str) -> Vec<f32> {
    let folder = tempfile::tempdir().unwrap();
    let wav = folder.path().join("said.wav");
    let status = Command::new("flite")
        .args(["-voice", voice, "-t", text, "-o"])
        .arg(&wav)
        .status()
        .expect("flite is not installed; `cargo xtask test` installs it and runs these tests");
    assert!(status.success());
    let mut reader = hound::WavReader::open(wav).unwrap();
    assert_eq!(reader.spec().sample_rate, RATE, "{voice}");
    reader.samples::<i16>().map(|sample| f32::from(sample.unwrap()) / 32_768.0).collect()
}
