//! How much memory a model takes, told before it is loaded.

use std::path::Path;

use super::{SpeechError, model::WHOLE};
use crate::inspect::{self, Header};

const MIB: u64 = 1 << 20;
/// Beside the weights: the packed sound, the program itself.
const BESIDE: u64 = 100 * MIB;
/// Beside what a state's sizes tell of.
const OF_A_STATE: u64 = 25 * MIB;

/// What a model takes of the machine's memory, in bytes.
///
/// An estimate from the model's sizes, on the high side. Measured with five minutes of speech, in MiB: `tiny.en` 213,
/// and 86 to 90 for each further state (estimated: 279, 88); `base` 401, and about 117 (393, 117).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Memory {
    weights: u64,
    state: u64,
}

impl Memory {
    /// Of a model file.
    pub fn of(path: &Path) -> Result<Self, SpeechError> {
        let refuse = |reason: String| SpeechError::Model { path: path.to_owned(), reason };
        let bytes = path.metadata().map_err(|error| refuse(error.to_string()))?.len();
        let header = inspect::header(path).map_err(|flaw| refuse(flaw.to_string()))?;
        Ok(Self::estimate(bytes, &header))
    }

    fn estimate(bytes: u64, header: &Header) -> Self {
        let whole = WHOLE as u64;
        // The attention of one layer, as float32: every step looks at every other one, with each head.
        let attention = u64::from(header.audio_heads) * whole * whole * 4;
        // What each layer of the decoder remembers of the sound and of the words so far: keys and values, as float16.
        let words = u64::from(header.text_context);
        let of_a_step = u64::from(header.text_layers) * u64::from(header.text_width) * 4;
        Self {
            weights: bytes + bytes / 4 + BESIDE,
            state: OF_A_STATE + attention + of_a_step * (whole + words),
        }
    }

    /// With so many states at work.
    pub const fn with(self, states: usize) -> u64 {
        self.weights.saturating_add(self.state.saturating_mul(states as u64))
    }

    /// How many states fit into `bytes`; none if not even one does.
    pub fn states_in(self, bytes: u64) -> Option<usize> {
        let states = bytes.checked_sub(self.weights)? / self.state;
        usize::try_from(states).ok().filter(|states| *states > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TINY: Header = Header {
        vocabulary: 51_864,
        audio_context: 1_500,
        audio_width: 384,
        audio_heads: 6,
        audio_layers: 4,
        text_context: 448,
        text_width: 384,
        text_heads: 6,
        text_layers: 4,
        mels: 80,
    };

    #[test]
    fn what_was_measured_fits_into_what_is_estimated() {
        let tiny = Memory::estimate(77_704_715, &TINY);
        let base =
            Header { audio_heads: 8, text_width: 512, text_layers: 6, vocabulary: 51_865, ..TINY };
        let base = Memory::estimate(147_951_465, &base);
        for (memory, states, measured) in [
            (tiny, 1, 213),
            (tiny, 2, 303),
            (tiny, 3, 393),
            (tiny, 4, 471),
            (base, 1, 401),
            (base, 2, 515),
            (base, 3, 635),
        ] {
            let estimated = memory.with(states) / MIB;
            let near = measured * 97 / 100..measured * 150 / 100;
            assert!(near.contains(&estimated), "{states}: {estimated}, measured {measured}");
        }
    }

    #[test]
    fn as_many_states_as_there_is_room_for() {
        let memory = Memory { weights: 100, state: 10 };
        assert_eq!([99, 100, 109].map(|bytes| memory.states_in(bytes)), [None; 3]);
        assert_eq!(
            [110, 119, 135].map(|bytes| memory.states_in(bytes)),
            [Some(1), Some(1), Some(3)]
        );
        assert_eq!(memory.with(3), 130);
    }
}
