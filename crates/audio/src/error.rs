//! What can go wrong, by what the caller does next.

use std::io;

use hearback_domain::Ms;

use crate::Verdict;

/// Why there is no sound.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AudioError {
    /// The file cannot be used. Trying again changes nothing: tell the person who sent it.
    #[error("{}", .0.sentence())]
    Refused(Verdict),
    /// The decoding child could not be started, was stopped, or gave no sign of life in time. Trying again may help.
    #[error("the decoder could not do its work: {0}")]
    Sandbox(String),
    /// The fence around the decoder cannot be put up on this machine, so nothing was decoded. For the administrator.
    #[error(
        "this machine cannot fence in the decoder: {0}; run it on a kernel with Landlock and seccomp, or allow \
         resource limits alone in the settings"
    )]
    NoFence(String),
    /// The stretch that was asked for is not in the recording.
    #[error(
        "the recording ends at {recording}, before the end of the stretch at {end}; choose an earlier end"
    )]
    PastTheEnd {
        /// The end that was asked for.
        end: Ms,
        /// How long the recording is.
        recording: Ms,
    },
    /// Reading the recording or writing the result failed.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl From<Verdict> for AudioError {
    fn from(verdict: Verdict) -> Self {
        Self::Refused(verdict)
    }
}
