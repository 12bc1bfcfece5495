//! Loading a model, and what has to be known of it.

use std::path::Path;

use whisper_rs::{
    DtwMode, DtwModelPreset, DtwParameters, WhisperContext, WhisperContextParameters,
    install_logging_hooks,
};

use super::SpeechError;
use crate::{
    RATE,
    inspect::{self, Header},
    spectrum::Bands,
};

/// Working memory of the word alignment: enough for every model here, and touched only as far as it is used.
const ALIGNMENT_BYTES: usize = 256 << 20;
/// What the model hears at once, in its own steps of 20 ms.
pub(super) const WHOLE: usize = 1_500;

/// Checks a file's structure and loads it; and the bands that it hears.
pub(super) fn load(path: &Path) -> Result<(WhisperContext, Header, Bands), SpeechError> {
    let refuse = |reason: String| SpeechError::Model { path: path.to_owned(), reason };
    let header = inspect::inspect(path).map_err(|flaw| refuse(flaw.to_string()))?;
    let filters = inspect::filters(path).map_err(|flaw| refuse(flaw.to_string()))?;
    // whisper.cpp would write to standard error. It logs what was said, so its log goes nowhere.
    install_logging_hooks();
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    let mut params = WhisperContextParameters::default();
    params.dtw_parameters(DtwParameters {
        mode: alignment(&header, &name),
        dtw_mem_size: ALIGNMENT_BYTES,
    });
    let context = WhisperContext::new_with_params(path, params)
        .map_err(|error| refuse(format!("whisper.cpp does not load it ({error})")))?;
    Ok((context, header, Bands::new(&filters)))
}

/// Which attention heads follow the sound, by the model's build; its topmost layers for one that nobody has measured.
fn alignment(header: &Header, name: &str) -> DtwMode<'static> {
    let english = header.english_only();
    let preset = match (header.audio_layers, header.text_layers, header.mels) {
        (4, 4, 80) if english => DtwModelPreset::TinyEn,
        (4, 4, 80) => DtwModelPreset::Tiny,
        (6, 6, 80) if english => DtwModelPreset::BaseEn,
        (6, 6, 80) => DtwModelPreset::Base,
        (12, 12, 80) if english => DtwModelPreset::SmallEn,
        (12, 12, 80) => DtwModelPreset::Small,
        (24, 24, 80) if english => DtwModelPreset::MediumEn,
        (24, 24, 80) => DtwModelPreset::Medium,
        (32, 32, 80) if name.contains("v1") => DtwModelPreset::LargeV1,
        (32, 32, 80) => DtwModelPreset::LargeV2,
        (32, 32, 128) => DtwModelPreset::LargeV3,
        (32, 4, 128) => DtwModelPreset::LargeV3Turbo,
        _ => return DtwMode::TopMost { n_top: if header.text_layers > 1 { 2 } else { 1 } },
    };
    DtwMode::ModelPreset { model_preset: preset }
}

/// Silence that the encoder hears after the sound, in its steps: without it the model often loses the last word, or
/// goes round in a circle.
const AFTER: usize = 16;
/// Contexts are multiples of it: the arithmetic is fastest then.
const MULTIPLE: usize = 8;

/// How much of its context the encoder looks at for so many samples.
///
/// Most of its work is for sound that is not there: a window of ten seconds costs a quarter of a whole one.
pub(super) fn audio_context(samples: usize) -> usize {
    // A step is 20 ms.
    let steps = samples.div_ceil(RATE as usize / 50) + AFTER;
    steps.next_multiple_of(MULTIPLE).min(WHOLE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_context_always_covers_the_sound() {
        for seconds in 0..=30 {
            let context = audio_context(seconds * RATE as usize);
            // The word alignment aborts the process where it does not. A step is 20 ms.
            assert!(context >= seconds * 50, "{seconds} s");
        }
    }
}
