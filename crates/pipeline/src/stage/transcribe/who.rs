//! Who speaks: by the channels where each person has one, by their voices where the model for that is there.

use hearback_audio::SideTrack;
use hearback_domain::Ms;
use hearback_speech::{Transcript, Turns, VoicesError, VoicesOptions};

use super::desk::{Desk, VOICES_PART, WORDS_PART};
use crate::ending::{Ending, Result};

impl Desk {
    /// Says of each word who speaks it. Without channels, and without a model for voices, nobody does.
    pub(super) fn say_who(&self, text: &mut Transcript) -> Result<()> {
        if let Some(sides) = &self.input.sides
            && let Ok(track) = SideTrack::read(&self.bytes(sides)?)
        {
            Turns::by_channel(track.louder(), SideTrack::STEP).assign(text);
            return Ok(());
        }
        let Some(voices) = &self.voices else { return Ok(()) };
        let mut frames = self.frames(Ms::ZERO)?;
        let options = VoicesOptions { people: None, cancel: self.signal.stop() };
        let told = voices.tell_apart(
            &mut |out, wanted| {
                self.signal.check()?;
                frames.read(out, wanted)
            },
            &self.detector,
            &options,
            &mut |done| {
                let (words, of) = (text.duration_ms * WORDS_PART, WORDS_PART + VOICES_PART);
                self.signal.advance(words + done.get() * VOICES_PART, text.duration_ms * of);
            },
        );
        match told {
            Ok(turns) => {
                turns.assign(text);
                Ok(())
            }
            Err(_) if self.signal.halted().is_some() => Err(Ending::Halted),
            Err(VoicesError::Sound(error)) => Err(error.into()),
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                // The words are what people wait for: they are there without it.
                tracing::warn!(error, "voices were not told apart");
                Ok(())
            }
        }
    }
}
