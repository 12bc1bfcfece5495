//! Whether a finished clip keeps what a redaction promises.
//!
//! The finished file itself is taken apart: its container may hold sound and nothing else, and the sound that a decoder
//! finds in it, in a fenced-in child, is compared with what it has to be, sample by sample. What it has to be is
//! stated here a second time (`promise`, `score`), apart from the code that made the clip, and every sample has to be
//! *the* rounding of it. That is stricter than asking how alike clip and recording are: nothing that was in a hidden
//! passage can be left, however softly, late, backwards or garbled, anywhere in the file. How alike they are is
//! measured only to give the reason for a refusal.

mod bits;
mod container;
mod flac;
mod hearing;
mod likeness;
mod promise;
mod score;

use std::io;

use hearback_domain::{Ms, Span};
use sha2::{Digest as _, Sha256};

use self::{hearing::Hearing, score::Score};
use super::{Digest, Redaction};
use crate::{
    AudioError, Bytes, Limits, RATE, ReadAt,
    clip::Gain,
    decode,
    sandbox::Runner,
    wav::{FRAME_LEN, Form, HEADER_LEN},
};

/// What a clip is said to be.
#[derive(Clone, Copy, Debug)]
pub struct Claim<'a> {
    /// What is hidden of the recording **now**.
    pub redaction: &'a Redaction,
    /// The redaction under which the clip was made, as whoever made it noted down.
    pub made_under: Digest,
    /// The stretch of the recording that it holds.
    pub clip: Span,
    /// How much louder its sound was made. What stands in for hidden passages is not.
    pub gain: Gain,
}

/// A clip that may be served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proof {
    /// The redaction that it keeps.
    pub redaction: Digest,
    /// SHA-256 of the clip's bytes: it is about these, and no others.
    pub sha256: Digest,
    /// Frames of the clip.
    pub frames: u64,
    /// How many of them lie in hidden passages, guards included.
    pub hidden: u64,
}

/// Why a clip must not be served.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Doubt {
    /// It was made under another redaction than the one that holds now.
    #[error("it was made before the passages to hide were last changed")]
    Stale,
    /// The redaction is about a recording of another length.
    #[error("the passages to hide were marked on another recording")]
    OtherRecording,
    /// The file is not a WAV or FLAC file of sound and nothing else.
    #[error("of its file: {0}")]
    Container(&'static str),
    /// It is longer or shorter than what it was cut from.
    #[error("it has {frames} samples instead of {expected}")]
    Length {
        /// How many there are, as far as was counted.
        frames: u64,
        /// How many there have to be.
        expected: u64,
    },
    /// The checksum that the file carries is that of other sound.
    #[error("its checksum is that of other sound")]
    Checksum,
    /// A hidden passage holds something that is not what stands in for it.
    #[error(
        "a hidden passage does not sound as agreed (what is left of the recording: {likeness:.3})"
    )]
    Hidden {
        /// How alike what is too much and the recording are, from 0 to 1, at the best of all lags up to 50 ms.
        likeness: f64,
    },
    /// Sound that is not hidden is not as it was recorded, so something may have been mixed into it.
    #[error("its sound is not the recording's (how alike they are: {likeness:.3})")]
    Changed {
        /// How alike clip and recording are there, from 0 to 1.
        likeness: f64,
    },
}

/// Why there is no proof. Whatever it is, the clip is not served.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProofError {
    /// The clip does not keep the promise: throw it away and make it anew. If it comes again, it is our mistake.
    #[error("the clip cannot be played, because of doubt: {0}")]
    Refused(#[from] Doubt),
    /// The proof could not be made: reading or decoding failed.
    #[error(transparent)]
    Unproven(#[from] AudioError),
}

impl From<io::Error> for ProofError {
    fn from(error: io::Error) -> Self {
        Self::Unproven(error.into())
    }
}

/// Proves clips.
#[derive(Clone, Debug)]
pub struct Prover {
    child: Option<Runner>,
}

impl Prover {
    /// Decodes what is to be proven in `runner`'s children.
    pub fn new(runner: Runner) -> Self {
        Self { child: Some(runner) }
    }

    /// Decodes in this process: for tests and fuzzing, where nobody else made the clips.
    pub fn in_this_process() -> Self {
        Self { child: None }
    }

    /// Holds the finished file `clip` (WAV or FLAC) against `recording`, the sound in the working form with our own
    /// header that it was cut from.
    pub fn prove(
        &self,
        recording: &mut dyn ReadAt,
        claim: &Claim<'_>,
        clip: &[u8],
    ) -> Result<Proof, ProofError> {
        let redaction = claim.redaction.digest();
        if claim.made_under != redaction {
            return Err(Doubt::Stale.into());
        }
        check_recording(recording, claim)?;
        let frames = claim.clip.len().to_frames(RATE);
        let contents = container::check(clip, frames)?;
        let mut hearing = Hearing::new(Score::new(recording, claim));
        let decoded = self.decode(clip, &mut |block| hearing.listen(block));
        let hidden = hearing.finish(decoded, contents)?;
        let sha256 = Digest::from_bytes(Sha256::digest(clip).into());
        Ok(Proof { redaction, sha256, frames, hidden })
    }

    fn decode(
        &self,
        clip: &[u8],
        sink: &mut dyn FnMut(&[f32]) -> io::Result<()>,
    ) -> Result<(), AudioError> {
        let source = Box::new(Bytes(clip.to_vec()));
        let limits = Limits::default();
        match &self.child {
            Some(runner) => runner.decode(source, &limits, &mut |block, _| sink(block)).map(drop),
            None => decode::run(source, &limits, &mut |block| sink(block.samples)).map(drop),
        }
    }
}

/// The recording is in the working form, is the one that was marked, and has the stretch.
fn check_recording(recording: &mut dyn ReadAt, claim: &Claim<'_>) -> Result<(), ProofError> {
    let mut head = [0; 44];
    let n = recording.fill_at(0, &mut head)?;
    if Form::of(&head[..n]) != Some(Form::WORKING) {
        let reason = "a clip is proven against a recording in the working form, which this is not";
        return Err(io::Error::new(io::ErrorKind::InvalidData, reason).into());
    }
    let frames = recording.len().saturating_sub(HEADER_LEN) / FRAME_LEN;
    let length = Ms::of_frames(frames, RATE);
    if length != claim.redaction.spans().recording() {
        return Err(Doubt::OtherRecording.into());
    }
    let end = claim.clip.end();
    if end > length {
        return Err(AudioError::PastTheEnd { end, recording: length }.into());
    }
    Ok(())
}
