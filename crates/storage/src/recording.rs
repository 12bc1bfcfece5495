//! Recordings, who is heard on them, what they said yes to, and the objects in the vault.

use async_trait::async_trait;
use hearback_access::{
    DecideSharing, Decode, DecodeAgain, ObjectKind, Opens, Permit, PlayRecording, ReadTranscript,
    SeeListeners, SeeRecording, Start, StoredObject, Transcribe, Upload,
};
use hearback_domain::{
    Consents, GrantId, JobId, Ms, Party, PartyConsent, Phase, Pseudonym, Purpose, RecordingId,
    RecordingState, Relation, SessionKind, Timestamp, TranscriptState, UserId,
};

use crate::Result;

/// A recording to be begun: the details, before the file. Who made it follows from the permit.
#[derive(Clone, Debug)]
pub struct NewRecording {
    /// Its identifier.
    pub id: RecordingId,
    /// The chosen name of the child, young person or family.
    pub pseudonym: Pseudonym,
    /// What kind of meeting.
    pub session_kind: SessionKind,
    /// The day it was held, as `YYYY-MM-DD`, if given.
    pub held_on: Option<String>,
    /// The language that is spoken (ISO 639-1), or [`crate::ANY_LANGUAGE`]; none leaves it to the service.
    pub language: Option<String>,
    /// The part of the programme.
    pub phase: Phase,
    /// Everybody who is heard, the practitioner first. Each of them is asked before there is a file.
    pub parties: Vec<Party>,
}

/// A file that has come into the vault.
#[derive(Clone, Debug)]
pub struct FileArrived {
    /// Where it lies.
    pub object: StoredObject,
    /// SHA-256 of its content: the same file again is the same upload.
    pub content_sha256: [u8; 32],
}

/// What decoding found out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SoundDetails {
    /// The container, as in `wav`.
    pub container: String,
    /// The codec, as in `pcm_s16le`.
    pub codec: String,
    /// How many channels.
    pub channels: u16,
    /// Its own sample rate.
    pub sample_rate_hz: u32,
    /// How long it is.
    pub duration: Ms,
    /// What the person may want to know, as sentences, one a line; empty if all is well.
    pub remarks: String,
}

/// A recording that was decoded.
#[derive(Clone, Debug)]
pub struct Decoded {
    /// What it is.
    pub details: SoundDetails,
    /// The 16 kHz WAV.
    pub normalised: StoredObject,
    /// The waveform's data.
    pub peaks: StoredObject,
    /// Which channel is the louder, if each has a voice of its own.
    pub sides: Option<StoredObject>,
}

/// How far a transcript is.
#[derive(Clone, Debug)]
pub struct TranscriptChange {
    /// Its state from now on.
    pub state: TranscriptState,
    /// The language, once known.
    pub language: Option<String>,
    /// The model that makes it.
    pub model: Option<String>,
    /// The text so far; takes the place of what was there.
    pub object: Option<StoredObject>,
}

/// Whom the practitioner lets hear.
#[derive(Clone, Copy, Debug)]
pub struct Release {
    /// The researcher, and the id of their grant.
    pub researcher: (GrantId, UserId),
    /// The coach, and the id of their grant; none for now if none.
    pub coach: Option<(GrantId, UserId)>,
    /// Whether a second researcher may code it too, without seeing the first one's work.
    pub second_coder: bool,
    /// When the grants end.
    pub expires_at: Timestamp,
}

/// A recording, without sound or text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recording {
    /// Its identifier.
    pub id: RecordingId,
    /// Who made it.
    pub owner: UserId,
    /// The chosen name.
    pub pseudonym: Pseudonym,
    /// What kind of meeting.
    pub session_kind: SessionKind,
    /// The day it was held.
    pub held_on: Option<String>,
    /// The part of the programme.
    pub phase: Phase,
    /// How far it is.
    pub state: RecordingState,
    /// What decoding found out, once it did.
    pub details: Option<SoundDetails>,
    /// Whether there is a listening copy.
    pub listening: bool,
    /// The verdict's code, if the file could not be read.
    pub verdict: Option<String>,
    /// The transcript's language, once known.
    pub language: Option<String>,
    /// The transcript's model, once known.
    pub model: Option<String>,
    /// Everybody heard, the practitioner first.
    pub parties: Vec<Party>,
    /// Their answers as they hold at this moment, by person and purpose.
    pub consents: Vec<PartyConsent>,
    /// When the first yes that holds now runs out; none if there is none.
    pub consent_until: Option<Timestamp>,
    /// When its details were given.
    pub created_at: Timestamp,
}

impl Recording {
    /// Whether everybody heard said yes to this.
    pub fn cover(&self, purpose: Purpose) -> bool {
        let heard = self.parties.iter().map(|p| p.id);
        Consents::new(heard, self.consents.iter().copied()).cover(purpose)
    }
}

/// A recording in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordingSummary {
    /// Its identifier.
    pub id: RecordingId,
    /// The chosen name.
    pub pseudonym: Pseudonym,
    /// What kind of meeting.
    pub session_kind: SessionKind,
    /// The day it was held.
    pub held_on: Option<String>,
    /// How far it is.
    pub state: RecordingState,
    /// When its details were given.
    pub created_at: Timestamp,
}

/// Recordings and their objects.
#[async_trait]
pub trait Recordings {
    /// Begins a recording of the permit's person. A second one of the same id is a conflict (`recording.id`).
    ///
    /// It waits for everybody's answers, and then for its file; no transcript is waited for yet.
    async fn add_recording(&mut self, permit: &Permit<Start>, new: &NewRecording) -> Result<()>;

    /// The content hash of a recording's file, if it has come.
    async fn content_sha256(&mut self, permit: &Permit<Upload>) -> Result<Option<[u8; 32]>>;

    /// Notes that the file has come, if none had: true if this call did it.
    ///
    /// From then on its sound is `uploaded`.
    async fn add_file(&mut self, permit: &Permit<Upload>, file: &FileArrived) -> Result<bool>;

    /// A recording.
    async fn recording(&mut self, permit: &Permit<SeeRecording>) -> Result<Option<Recording>>;

    /// One line of a list.
    async fn summary(&mut self, permit: &Permit<SeeRecording>) -> Result<Option<RecordingSummary>>;

    /// Where one kind of object lies; none if there is none, or the permit neither reads nor adds that kind.
    async fn object(
        &mut self,
        permit: &dyn Opens,
        kind: ObjectKind,
    ) -> Result<Option<StoredObject>>;

    /// The state of the recording that is played.
    async fn play_state(
        &mut self,
        permit: &Permit<PlayRecording>,
    ) -> Result<Option<RecordingState>>;

    /// The state, language and model of the transcript that is read.
    async fn transcript_state(
        &mut self,
        permit: &Permit<ReadTranscript>,
    ) -> Result<Option<(TranscriptState, Option<String>, Option<String>)>>;

    /// Notes that it was decoded. Objects of the same kinds that were there before are replaced; a listening copy that
    /// was made of them is no more.
    async fn set_decoded(&mut self, permit: &Permit<Decode>, decoded: &Decoded) -> Result<()>;

    /// Notes that there is a listening copy, in the place of one that was there before.
    async fn set_listening(&mut self, permit: &Permit<Decode>, copy: &StoredObject) -> Result<()>;

    /// Notes that it could not be read, and the verdict's code. The original stays.
    async fn set_unreadable(&mut self, permit: &Permit<Decode>, verdict: &str) -> Result<()>;

    /// Has a file decoded once more that could not be read, and queues the job. False if it is none.
    async fn decode_again(&mut self, permit: &Permit<DecodeAgain>, job: JobId) -> Result<bool>;

    /// Whether a transcript is still waited for once the sound is there.
    async fn wants_transcript(&mut self, permit: &Permit<Decode>) -> Result<bool>;

    /// Notes how far the transcript is.
    async fn set_transcript(
        &mut self,
        permit: &Permit<Transcribe>,
        change: &TranscriptChange,
    ) -> Result<()>;

    /// Lets the recording go on to a researcher and perhaps a coach. Grants that were there before end.
    ///
    /// Whether it may is for `RecordingState::release` to say; the caller asks it first. A playlist that was there has
    /// to be approved and agreed anew.
    async fn release(&mut self, permit: &Permit<DecideSharing>, release: &Release) -> Result<()>;

    /// Keeps the recording: its grants end now, and its playlist is neither approved nor agreed any more.
    async fn withhold(&mut self, permit: &Permit<DecideSharing>) -> Result<()>;

    /// Says yes or no to a second coder of a recording that goes on already; a no ends the second coder's grant now. False
    /// if the recording does not go on.
    async fn decide_second(&mut self, permit: &Permit<DecideSharing>, yes: bool) -> Result<bool>;

    /// What somebody ever was, in order, to any recording of the one whose recording this is, ended or not (ETH-12).
    async fn relations_with(
        &mut self,
        permit: &Permit<DecideSharing>,
        user: UserId,
    ) -> Result<Vec<Relation>>;

    /// Who hears it by the practitioner's word, while it lasts: the relation and the name; researcher, second coder, coach.
    async fn chosen(&mut self, permit: &Permit<SeeListeners>) -> Result<Vec<(Relation, String)>>;

    /// Whether anything is kept that the keys open, in the vault or here: then the keys have to be there too.
    async fn needs_keys(&mut self) -> Result<bool>;

    /// Whether an object of that id is known: what the vault's sweep asks.
    async fn knows_object(&mut self, id: hearback_domain::ObjectId) -> Result<bool>;
}
