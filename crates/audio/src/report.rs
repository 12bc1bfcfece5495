//! What is known about a recording: before, while and after it is decoded.

use hearback_domain::Ms;
use serde::{Deserialize, Serialize};

use crate::{RATE, SideTrack};

/// What a file is, by its content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Probe {
    /// The kind of file: `wav`, `aiff`, `caf`, `flac`, `ogg`, `matroska`, `mp4`, `mpeg`, `adts`, `amr`.
    pub container: String,
    /// How the sound is coded: `pcm_s16le`, `mp3`, `aac`, `opus`, `amr_nb` …
    pub codec: String,
    /// Channels, as decoded.
    pub channels: u16,
    /// Sample rate in hertz, as decoded.
    pub sample_rate_hz: u32,
    /// How long it lasts: what was decoded, where it was; else what the file's own tables add up to.
    pub duration: Ms,
}

/// The form in which decoded sound is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shape {
    /// Sample rate in hertz; `None` keeps the file's own.
    pub rate_hz: Option<u32>,
    /// Whether channels are mixed into one: by their mean, so that nothing is lost where they are opposed.
    pub mono: bool,
}

impl Shape {
    /// The working form: 16 kHz mono.
    pub const WORKING: Self = Self { rate_hz: Some(RATE), mono: true };
    /// The working rate, with the file's channels: where each voice has its own, they tell who speaks.
    pub const CHANNELS: Self = Self { rate_hz: Some(RATE), mono: false };
    /// As the file has it.
    pub const NATIVE: Self = Self { rate_hz: None, mono: false };
}

/// What the two channels of a recording are to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    /// Twice the same.
    Same,
    /// Twice the same, one of them turned over.
    Opposed,
    /// There is nothing on the left.
    LeftDead,
    /// There is nothing on the right.
    RightDead,
    /// Each has a sound of its own, as with a microphone for each speaker: who is louder where tells who speaks.
    Apart,
    /// Two microphones in one room.
    Room,
}

/// What was heard of two channels, over the twentieths of a second that are not silent on both.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stereo {
    /// What it comes to.
    pub relation: Relation,
    /// How much they go up and down together, in the mean, the louder the heavier: 1 the same, −1 turned over, about 0
    /// two sounds.
    pub agreement: f32,
    /// The mean of that number's square.
    pub coherence: f32,
    /// For which share of the time the left, and the right, has more than four times the other's power.
    pub louder: [f32; 2],
}

/// How far a decoding has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Decoded so far.
    pub done: Ms,
    /// Of this much, if the file says. A guess: it may be wrong in both directions.
    pub of: Option<Ms>,
}

/// What a decoding came to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DecodeReport {
    /// What the file is; its duration is the decoded one.
    pub probe: Probe,
    /// How long the decoded sound lasts, rounded down.
    pub duration: Ms,
    /// Sample frames in the form that was asked for.
    pub frames: u64,
    /// The sample rate of the form that was asked for, in hertz.
    pub rate_hz: u32,
    /// The channels of the form that was asked for.
    pub channels: u16,
    /// Packets that could not be decoded. Silence of the same length stands in for them, so that the clock holds.
    pub skipped_packets: u64,
    /// Whether the file broke off before its end, and what was there was saved.
    pub salvaged: bool,
    /// The loudest sample, 1.0 being full scale.
    pub peak: f32,
    /// What its two channels are to each other, if it has two and they are not silent.
    #[serde(default)]
    pub stereo: Option<Stereo>,
    /// Which of its two channels is the louder, every 20 ms, where each has a voice of its own
    /// ([`Relation::Apart`]). Only from [`Runner`](crate::sandbox::Runner), and kept by whoever wants it.
    #[serde(skip)]
    pub sides: Option<SideTrack>,
    /// What the person who sent it may want to know.
    pub warnings: Vec<Warning>,
}

/// Something about a recording that can be used, but that a person may want to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Warning {
    /// The file broke off; what was there was saved.
    Salvaged,
    /// Parts could not be decoded and are silent.
    Damaged,
    /// There were holes in the file's own time; they are silent.
    Gaps,
    /// The loudest passages are cut off at full scale.
    Clipped,
    /// There is hardly a voice in it: less than 4 parts of 100.
    MostlySilent,
    /// So soft that people lean in with the volume up.
    TooQuiet,
    /// The voices hardly stand out from what is beside them.
    Noisy,
    /// One of several channels has nothing in it.
    DeadChannel,
    /// Recorded at less than 16 kHz, as telephones do: recognition suffers.
    LowRate,
}

impl Warning {
    /// What to tell the person who sent the recording.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Salvaged => {
                "The file broke off before its end. Everything up to there was saved."
            }
            Self::Damaged => {
                "A few moments of the file could not be read and are silent. The times of everything else are right."
            }
            Self::Gaps => {
                "The recorder left holes in the file. They are silent, so that times stay right."
            }
            Self::Clipped => {
                "Some loud moments are distorted, because they were louder than the recorder could take."
            }
            Self::MostlySilent => {
                "There are hardly any voices in this recording. It is worth a listen before going on."
            }
            Self::TooQuiet => {
                "The voices are soft, so we play them to you louder. A recorder that lies nearer brings more out."
            }
            Self::Noisy => {
                "The voices are there, with a lot of sound around them. A recorder away from fans, roads and \
                 table tops hears people better."
            }
            Self::DeadChannel => {
                "One side of this recording is silent. The other one has everything; it may be a microphone that was \
                 not plugged in."
            }
            Self::LowRate => {
                "This was recorded in telephone quality, so the transcript will have more mistakes."
            }
        }
    }
}

/// Text from a file, cut down to what may be shown and stored anywhere: at most 32 letters, digits, `_`, `-`, `.` and
/// blanks.
pub(crate) fn plain(text: &str) -> String {
    let clean = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | ' ');
    text.chars().filter(|c| clean(*c)).take(32).collect()
}
