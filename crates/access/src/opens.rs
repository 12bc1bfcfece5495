//! Which permit opens which objects of the vault. One list, read by nobody but the vault and the object table.

use hearback_domain::{ClipId, KeyClass, ObjectId, RecordingId, policy};

use crate::{
    action::{Action, Object as _, ObjectRef},
    permit::Permit,
};

/// What an encrypted object holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ObjectKind {
    /// The file as it was uploaded. Served to nobody, but to whoever sent it while it cannot be read.
    Original,
    /// The sound in the working format, made from the original: bare samples, without a header.
    ///
    /// See `hearback_domain::sound`: whoever serves it puts the header in front.
    Normalised,
    /// The waveform picture's data.
    Peaks,
    /// The sound as people play it: small, and as loud as speech ought to be. An MP4 file.
    Listening,
    /// Which channel is the louder, where each has a sound of its own.
    Sides,
    /// The machine's transcript, as JSON.
    Transcript,
    /// What people changed of it, as JSON.
    Corrections,
    /// A transcript that is made again, as far as it is. Nobody reads it: until it is whole, the one before stands.
    Draft,
    /// One extract, as WAV.
    Clip(ClipId),
}

/// The text names no kind of object.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("there is no kind of object of that name")]
pub struct UnknownKind;

impl ObjectKind {
    /// The word for storage.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Original => "original",
            Self::Normalised => "normalised",
            Self::Peaks => "peaks",
            Self::Listening => "listening",
            Self::Sides => "sides",
            Self::Transcript => "transcript",
            Self::Corrections => "corrections",
            Self::Draft => "draft",
            Self::Clip(_) => "clip",
        }
    }

    /// Under which of its recording's keys it lies.
    pub const fn class(self) -> KeyClass {
        match self {
            Self::Original | Self::Normalised | Self::Peaks | Self::Listening | Self::Sides => {
                KeyClass::Sound
            }
            Self::Transcript | Self::Corrections | Self::Draft => KeyClass::Text,
            Self::Clip(_) => KeyClass::Extracts,
        }
    }

    /// The extract, if it is one.
    pub const fn clip(self) -> Option<ClipId> {
        match self {
            Self::Clip(id) => Some(id),
            _ => None,
        }
    }

    /// From the word and the extract's id.
    pub fn parse(word: &str, clip: Option<ClipId>) -> Result<Self, UnknownKind> {
        match (word, clip) {
            ("original", None) => Ok(Self::Original),
            ("normalised", None) => Ok(Self::Normalised),
            ("peaks", None) => Ok(Self::Peaks),
            ("listening", None) => Ok(Self::Listening),
            ("sides", None) => Ok(Self::Sides),
            ("transcript", None) => Ok(Self::Transcript),
            ("corrections", None) => Ok(Self::Corrections),
            ("draft", None) => Ok(Self::Draft),
            ("clip", Some(id)) => Ok(Self::Clip(id)),
            _ => Err(UnknownKind),
        }
    }
}

mod sealed {
    pub trait Sealed {}
}

/// A permit that opens objects of one recording. Only [`Permit`] is one.
pub trait Opens: sealed::Sealed + Send + Sync {
    /// The recording whose objects it opens; none if it is not about a recording.
    fn recording(&self) -> Option<RecordingId>;
    /// Whether it opens objects of this kind for reading.
    fn reads(&self, kind: ObjectKind) -> bool;
    /// Whether it may add objects of this kind.
    fn writes(&self, kind: ObjectKind) -> bool;
}

impl<A: Action> sealed::Sealed for Permit<A> {}

impl<A: Action> Opens for Permit<A> {
    fn recording(&self) -> Option<RecordingId> {
        self.recording_if_any()
    }

    fn reads(&self, kind: ObjectKind) -> bool {
        use ObjectKind as K;
        use policy::Action as P;
        match (A::ACTION, kind) {
            (P::Decode, K::Original | K::Normalised)
            | (P::TakeFileBack, K::Original)
            // Whoever serves a moment cuts it out; no more than that leaves it.
            | (
                P::Transcribe
                | P::RenderClip
                | P::HearPassage
                | P::HearBriefing
                | P::HearBrought,
                K::Normalised,
            )
            | (P::Transcribe, K::Sides | K::Transcript | K::Draft)
            | (P::PlayRecording, K::Normalised | K::Peaks | K::Listening)
            // An extract's words are read off the whole text by the server; no more than them leaves it.
            | (
                P::ReadTranscript | P::CorrectTranscript | P::ReadClip,
                K::Transcript | K::Corrections,
            ) => true,
            // An extract's permit opens that extract and no other.
            (P::PlayClip | P::PreviewClip, K::Clip(clip)) => self.is_about(clip),
            // So does one for its place in a session.
            (P::PrepareClip | P::HearInSession, K::Clip(clip)) => self.stands_for(clip),
            _ => false,
        }
    }

    fn writes(&self, kind: ObjectKind) -> bool {
        use ObjectKind as K;
        use policy::Action as P;
        match (A::ACTION, kind) {
            (P::Upload, K::Original)
            | (P::Decode, K::Normalised | K::Peaks | K::Listening | K::Sides)
            | (P::Transcribe, K::Transcript | K::Draft)
            | (P::CorrectTranscript, K::Corrections) => true,
            (P::RenderClip, K::Clip(clip)) => self.is_about(clip),
            _ => false,
        }
    }
}

impl<A: Action> Permit<A> {
    fn is_about(&self, clip: ClipId) -> bool {
        self.object().to_ref() == ObjectRef::Clip(clip)
    }
}

/// An object of the vault, as the database knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoredObject {
    /// Its identifier; where it lies follows from it.
    pub id: ObjectId,
    /// Whose key opens it.
    pub recording: RecordingId,
    /// What it holds.
    pub kind: ObjectKind,
    /// Its length in bytes, decrypted.
    pub bytes: u64,
    /// SHA-256 of the encrypted file: tells that something happened to it, and is never used to decrypt it.
    pub sha256: [u8; 32],
}
