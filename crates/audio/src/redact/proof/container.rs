//! That a file is sound and nothing else.
//!
//! What may be there is listed, byte for byte; everything else is refused: text, pictures, padding, a second stretch of
//! sound, anything after the end.

use super::{Doubt, flac};
use crate::wav::header;

/// What a container says about the sound in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Contents {
    /// The checksum of its samples (16 bits each, little end first), if it has one.
    pub(super) md5: Option<[u8; 16]>,
}

/// Takes `clip` to be 16-bit mono sound at 16 kHz of so many frames, in WAV or FLAC.
pub(super) fn check(clip: &[u8], frames: u64) -> Result<Contents, Doubt> {
    match clip {
        [b'R', b'I', b'F', b'F', ..] => wav(clip, frames).map(|()| Contents::default()),
        [b'f', b'L', b'a', b'C', rest @ ..] => flac::check(rest, frames),
        _ => Err(Doubt::Container("it is neither WAV nor FLAC")),
    }
}

/// A WAV file of ours is its header and its samples: there is one way to write it.
fn wav(clip: &[u8], frames: u64) -> Result<(), Doubt> {
    let ours = header(frames);
    let samples = clip.len().saturating_sub(ours.len()) as u64;
    if samples != 2 * frames {
        return Err(Doubt::Length { frames: samples / 2, expected: frames });
    }
    if !clip.starts_with(&ours) {
        return Err(Doubt::Container("its header is not the one for its sound"));
    }
    Ok(())
}
