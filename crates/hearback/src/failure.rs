//! How a command ends when it does not end well.

use std::{fmt, process::ExitCode};

use hearback_audio::AudioError;

/// Why a command did not do what it was asked to.
#[derive(Debug)]
pub(crate) enum Failure {
    /// What was given cannot be used. One sentence, with what to do next.
    BadInput(String),
    /// It would not be safe to go on.
    Unsafe(String),
    /// The audit log is not as it was written.
    Tampered(String),
    /// Whoever read what was written had read enough, as `head` does. Nothing to say, and nobody to say it to.
    NobodyReads,
    /// Our fault, or the machine's.
    Fault(anyhow::Error),
}

impl Failure {
    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Fault(_) => 1,
            Self::BadInput(_) => 3,
            Self::Tampered(_) => 4,
            Self::Unsafe(_) => 78,
            // As a shell tells of a program that the signal ended (128 and SIGPIPE).
            Self::NobodyReads => 141,
        })
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BadInput(sentence) | Self::Unsafe(sentence) | Self::Tampered(sentence) => {
                f.write_str(sentence)
            }
            Self::NobodyReads => Ok(()),
            Self::Fault(error) => write!(f, "{error:#}"),
        }
    }
}

impl<E: Into<anyhow::Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        let error = error.into();
        // Only what failed itself: a pipe that broke beneath something else is that one's fault.
        let pipe = error.downcast_ref::<std::io::Error>();
        if pipe.is_some_and(|e| e.kind() == std::io::ErrorKind::BrokenPipe) {
            return Self::NobodyReads;
        }
        match error.downcast::<AudioError>() {
            Ok(AudioError::Refused(verdict)) => Self::BadInput(verdict.sentence()),
            Ok(past @ AudioError::PastTheEnd { .. }) => Self::BadInput(past.to_string()),
            Ok(other) => Self::Fault(other.into()),
            Err(error) => Self::Fault(error),
        }
    }
}
