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
};

/// Working memory of the word alignment: enough for every model here, and touched only as far as it is used.
const ALIGNMENT_BYTES: usize = 256 << 20;
/// What the model hears at once, in its own steps of 20 ms.
const WHOLE: i32 = 1_500;

/// Checks a file's structure and loads it.
pub(super) fn load(path: &Path) -> Result<(WhisperContext, Header), SpeechError> {
    let refuse = |reason: String| SpeechError::Model { path: path.to_owned(), reason };
    let header = inspect::inspect(path).map_err(|flaw| refuse(flaw.to_string()))?;
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
    Ok((context, header))
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

/// A window at most so long is heard with a shortened context.
const SHORT: usize = 5 * RATE as usize;
/// That context: ten seconds.
const SHORT_CONTEXT: i32 = 512;

/// How much of its context the encoder looks at for so many samples.
///
/// A few words then cost a third of a whole window. Longer sound gets the whole context, although a shorter one would do
/// for clear speech: on a telephone recording of 9 to 16 seconds it lost a "you know" here and there.
pub(super) const fn audio_context(samples: usize) -> i32 {
    if samples <= SHORT { SHORT_CONTEXT } else { WHOLE }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_context_always_covers_the_sound() {
        for seconds in 0..=30 {
            let context = audio_context(seconds * RATE as usize);
            // The word alignment aborts the process where it does not. A step is 20 ms.
            assert!(usize::try_from(context).unwrap() >= seconds * 50, "{seconds} s");
        }
    }
}
