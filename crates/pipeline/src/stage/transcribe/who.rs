//! Who speaks: by the channels where each person has one, by their voices where the model for that is there.

use hearback_audio::{SideTrack, sides::Side};
use hearback_domain::{Ms, Span};
use hearback_speech::{Speaker, Transcript, Turn, Turns, VoicesError, VoicesOptions};

use super::desk::Desk;
use crate::{
    Reason,
    ending::{Ending, Result},
};

/// What stands in the place of a model's name where the channels say who speaks.
const CHANNELS: &str = "channels";

/// A pause so long in one channel's sound still belongs to its turn.
const PAUSE: Ms = Ms::new(300);

impl Desk {
    /// Says of each word who speaks it. Without channels, and without a model for voices, nobody does.
    pub(super) fn say_who(&self, text: &mut Transcript) -> Result<()> {
        if let Some(sides) = &self.input.sides
            && let Ok(track) = SideTrack::read(&self.bytes(sides)?)
        {
            by_channel(&track).assign(text);
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
            &mut |_| {},
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
                tracing::warn!(error, "voices were not told apart");
                Err(Ending::Again(Reason::Recogniser))
            }
        }
    }
}

/// Whoever's channel is the louder has the word; whoever is heard first is A.
fn by_channel(track: &SideTrack) -> Turns {
    let mut runs: Vec<(u64, u64, Side)> = Vec::new();
    let step = SideTrack::STEP.get();
    for start in (0..track.len()).map(|at| at as u64 * step) {
        let end = start + step;
        let here = Span::at_least_a_millisecond(Ms::new(start), Ms::new(end));
        let Some(side) = track.shares(here).side() else { continue };
        match runs.last_mut() {
            Some((_, until, last)) if *last == side && start - *until <= PAUSE.get() => {
                *until = end;
            }
            _ => runs.push((start, end, side)),
        }
    }
    let first = runs.first().map(|(_, _, side)| *side);
    let turns = runs.iter().filter_map(|(start_ms, end_ms, side)| {
        let speaker = Speaker::new(u8::from(Some(*side) != first))?;
        Some(Turn { start_ms: *start_ms, end_ms: *end_ms, speaker })
    });
    Turns { model: CHANNELS.to_owned(), people: 2, turns: turns.collect() }
}
