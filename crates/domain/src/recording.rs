//! The states of a recording, and the steps between them (CM-03, K-04).
//!
//! Three facets move on their own clocks: the sound, the text, and who else may hear it. The furthest step of the
//! loop that a recording has reached is derived from them, never stored.

use crate::{Ms, Timestamp, person::words};

/// The text names no such thing.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("that word is not known here")]
pub struct UnknownWord;

words! {
    /// The part of the programme a recording belongs to (REC-02).
    Phase, UnknownWord;
    /// Before the training.
    PreTraining = "pre_training",
    /// After the training.
    PostTraining = "post_training",
    /// After the coaching.
    PostCoaching = "post_coaching",
}

impl Phase {
    /// The phase in words.
    pub const fn title(self) -> &'static str {
        match self {
            Self::PreTraining => "Before training",
            Self::PostTraining => "After training",
            Self::PostCoaching => "After coaching",
        }
    }
}

words! {
    /// What kind of meeting was recorded.
    SessionKind, UnknownWord;
    /// A visit at home.
    Visit = "visit",
    /// A meeting in an office.
    Office = "office",
    /// By phone or video.
    Remote = "remote",
    /// Something else.
    Other = "other",
}

impl SessionKind {
    /// The kind in words.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Visit => "Home visit",
            Self::Office => "Office meeting",
            Self::Remote => "Phone or video",
            Self::Other => "Other",
        }
    }
}

words! {
    /// How far the sound is.
    AudioState, UnknownWord;
    /// The details are there; the file is still to come.
    AwaitingFile = "awaiting_file",
    /// The file lies in the vault; nobody has decoded it yet.
    Uploaded = "uploaded",
    /// It can be played.
    Decoded = "decoded",
    /// It could not be read. The original is kept.
    Unreadable = "unreadable",
}

words! {
    /// How far the text is.
    TranscriptState, UnknownWord;
    /// Somebody who is heard did not say yes to a transcript. Coding goes by ear.
    NotWanted = "not_wanted",
    /// It will be made.
    Waiting = "waiting",
    /// It is being made.
    Running = "running",
    /// It is there.
    Done = "done",
    /// It could not be made. Coding goes by ear.
    Failed = "failed",
    /// Its practitioner stopped it. What was written until then stands.
    Stopped = "stopped",
}

/// Whether anybody but the practitioner may hear it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sharing {
    /// The practitioner has not decided yet.
    Private,
    /// The practitioner lets it go on.
    Released(Timestamp),
    /// The practitioner keeps it.
    Withheld(Timestamp),
}

/// A step that cannot be taken from here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransitionError {
    /// There is no sound to hear yet.
    #[error("this recording cannot be played yet, so it cannot go on yet")]
    NotPlayable,
    /// The practitioner has already let it go on.
    #[error("this recording has already been released")]
    AlreadyReleased,
    /// It already has a file.
    #[error("this recording already has its file")]
    HasFile,
    /// The coding has been finished.
    #[error("this coding is finished and can no longer be changed")]
    CodingFinished,
    /// The recording is not released.
    #[error("this recording has not been released")]
    NotReleased,
}

/// Where a recording is in the loop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordingState {
    /// The sound.
    pub audio: AudioState,
    /// The text.
    pub transcript: TranscriptState,
    /// Who else may hear.
    pub sharing: Sharing,
    /// How long the sound is, once it is decoded.
    pub duration: Option<Ms>,
}

impl RecordingState {
    /// Details are there, the file is still to come.
    pub const fn new(transcribe: bool) -> Self {
        Self {
            audio: AudioState::AwaitingFile,
            transcript: if transcribe {
                TranscriptState::Waiting
            } else {
                TranscriptState::NotWanted
            },
            sharing: Sharing::Private,
            duration: None,
        }
    }

    /// Whether it can be played.
    pub const fn playable(self) -> bool {
        matches!(self.audio, AudioState::Decoded)
    }

    /// Whether its file came and could not be read.
    pub const fn refused(self) -> bool {
        matches!(self.audio, AudioState::Unreadable)
    }

    /// Whether the practitioner has let it go on.
    pub const fn released(self) -> bool {
        matches!(self.sharing, Sharing::Released(_))
    }

    /// Nothing is left for the machine to do.
    pub const fn ready(self) -> bool {
        self.playable()
            && !matches!(self.transcript, TranscriptState::Waiting | TranscriptState::Running)
    }

    /// The practitioner lets it go on (K-04): from when it can be played, whether or not the text is there.
    pub fn release(self, now: Timestamp) -> Result<Self, TransitionError> {
        if !self.playable() {
            return Err(TransitionError::NotPlayable);
        }
        if self.released() {
            return Err(TransitionError::AlreadyReleased);
        }
        Ok(Self { sharing: Sharing::Released(now), ..self })
    }

    /// The practitioner keeps it. Possible at any time; whoever could hear it no longer can.
    #[must_use]
    pub const fn withhold(self, now: Timestamp) -> Self {
        Self { sharing: Sharing::Withheld(now), ..self }
    }

    /// The file has come.
    pub fn file_arrived(self) -> Result<Self, TransitionError> {
        match self.audio {
            AudioState::AwaitingFile => Ok(Self { audio: AudioState::Uploaded, ..self }),
            _ => Err(TransitionError::HasFile),
        }
    }
}
