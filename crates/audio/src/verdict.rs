//! Why a file is turned away: a closed set, each with a code for the record and a sentence for the person.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::foreign;

/// Why a file cannot become a recording.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// No bytes, or a file without a single sample.
    Empty,
    /// The bytes are not a kind of sound file that is known here.
    NotAudio,
    /// A kind of sound that is known but cannot be read here.
    Unsupported {
        /// What it is, in a word or two: letters, digits and blanks.
        codec: String,
    },
    /// A film or a container without a sound track.
    NoAudio,
    /// The index that says where the sound lies was never written: the recorder was cut off before it could finish.
    TruncatedNoIndex,
    /// Beyond what is accepted.
    Limits {
        /// In what way.
        what: Limit,
    },
    /// Damaged, so that nothing useful can be made out.
    Corrupt,
    /// Locked by its maker.
    Encrypted,
}

/// What there was too much of, or too little.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// It lasts too long.
    Duration,
    /// Its sample rate is not one that sound is recorded at.
    Rate,
    /// It has too many channels.
    Channels,
    /// Taking it apart would take too much memory.
    Memory,
    /// It lasts far longer than its size allows for.
    Ratio,
}

impl Limit {
    const ALL: [(Self, &'static str); 5] = [
        (Self::Duration, "duration"),
        (Self::Rate, "rate"),
        (Self::Channels, "channels"),
        (Self::Memory, "memory"),
        (Self::Ratio, "ratio"),
    ];

    fn word(self) -> &'static str {
        match self {
            Self::Duration => "duration",
            Self::Rate => "rate",
            Self::Channels => "channels",
            Self::Memory => "memory",
            Self::Ratio => "ratio",
        }
    }
}

impl Verdict {
    /// A verdict about a codec, whose name comes from a file and is cut down to plain characters.
    pub fn unsupported(codec: &str) -> Self {
        Self::Unsupported { codec: crate::report::plain(codec) }
    }

    /// The short name for logs, storage and metrics. Never changes.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "reject_empty",
            Self::NotAudio => "reject_not_audio",
            Self::Unsupported { .. } => "reject_unsupported",
            Self::NoAudio => "reject_video_no_audio",
            Self::TruncatedNoIndex => "reject_truncated_no_index",
            Self::Limits { .. } => "reject_limits",
            Self::Corrupt => "reject_corrupt",
            Self::Encrypted => "reject_encrypted_drm",
        }
    }

    /// The verdict that [`Display`](fmt::Display) wrote, or that has this [`code`](Self::code).
    ///
    /// A code alone tells less than the whole: the codec is then "this kind of sound", the limit its duration.
    pub fn from_code(text: &str) -> Option<Self> {
        let (code, detail) = match text.split_once('(') {
            Some((code, rest)) => (code, Some(rest.strip_suffix(')')?)),
            None => (text, None),
        };
        Some(match (code, detail) {
            ("reject_empty", None) => Self::Empty,
            ("reject_not_audio", None) => Self::NotAudio,
            ("reject_unsupported", codec) => {
                Self::unsupported(codec.unwrap_or("this kind of sound"))
            }
            ("reject_video_no_audio", None) => Self::NoAudio,
            ("reject_truncated_no_index", None) => Self::TruncatedNoIndex,
            ("reject_limits", None) => Self::Limits { what: Limit::Duration },
            ("reject_limits", Some(word)) => {
                Self::Limits { what: Limit::ALL.into_iter().find(|(_, w)| *w == word)?.0 }
            }
            ("reject_corrupt", None) => Self::Corrupt,
            ("reject_encrypted_drm", None) => Self::Encrypted,
            _ => return None,
        })
    }

    /// For the person who sent the file: what happened, and what to do next.
    pub fn sentence(&self) -> String {
        let text = match self {
            Self::Empty => {
                "There is no sound in this file. Your original is safe: please check that it plays on the device that \
                 recorded it, and send that recording."
            }
            Self::NotAudio => {
                "This file is not a sound recording that we recognise, whatever its name says. Your original is safe: \
                 please choose the recording itself (WAV, MP3, M4A, AMR, FLAC, Ogg, Opus, WebM, AIFF or CAF)."
            }
            Self::Unsupported { codec } => {
                let advice = foreign::advice(codec).unwrap_or(
                    "save or export it as WAV, MP3 or M4A on the device that recorded it",
                );
                return format!(
                    "This recording is in a form we cannot read yet ({codec}). Your original is safe: please \
                     {advice}, and send that."
                );
            }
            Self::NoAudio => {
                "This file has no sound track. Your original is safe: please choose the file that holds the sound."
            }
            Self::TruncatedNoIndex => {
                "The recorder stopped before it could finish this file, and the part that says where the sound lies \
                 is missing. Your original is safe, so please keep it: open it on the device that recorded it, which \
                 can often repair it, and send what it saves then."
            }
            Self::Limits { what: Limit::Duration } => {
                "This recording is longer than this service accepts. Your original is safe: please cut it into \
                 shorter parts and send each of them."
            }
            Self::Limits { what: Limit::Rate } => {
                "The sample rate of this file is not one that sound is recorded at. Your original is safe: please \
                 save it again as WAV, MP3 or M4A, between 8 and 192 kHz, and send that."
            }
            Self::Limits { what: Limit::Channels } => {
                "This file has more than eight channels of sound. Your original is safe: please save it again in \
                 mono or stereo, and send that."
            }
            Self::Limits { what: Limit::Memory } => {
                "Opening this file would take more memory than is set aside for it. Your original is safe: please \
                 save it again as WAV, MP3 or M4A, and send that."
            }
            Self::Limits { what: Limit::Ratio } => {
                "This file says that it lasts far longer than a recording of its size can. Your original is safe: \
                 please save it again as WAV, MP3 or M4A on the device that recorded it, and send that."
            }
            Self::Corrupt => {
                "This file is damaged, and we could not make out its sound. Your original is safe: please check that \
                 it plays on the device that recorded it, copy it from there afresh, and send that copy."
            }
            Self::Encrypted => {
                "This recording is locked by the program that made it. Your original is safe: please export it \
                 without protection as WAV, MP3 or M4A, and send that."
            }
        };
        text.to_owned()
    }
}

/// The code, with what it is about in brackets: `reject_limits(duration)`. [`Verdict::from_code`] reads it.
impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unsupported { codec } => write!(f, "{}({codec})", self.code()),
            Self::Limits { what } => write!(f, "{}({})", self.code(), what.word()),
            _ => f.write_str(self.code()),
        }
    }
}

/// The text is no verdict.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("there is no verdict of that name")]
pub struct UnknownVerdict;

impl FromStr for Verdict {
    type Err = UnknownVerdict;

    fn from_str(text: &str) -> Result<Self, UnknownVerdict> {
        Self::from_code(text).ok_or(UnknownVerdict)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_verdict_comes_back_from_storage_and_says_what_to_do() {
        let mut all = vec![
            Verdict::Empty,
            Verdict::NotAudio,
            Verdict::unsupported("AMR (narrow)"),
            Verdict::NoAudio,
            Verdict::TruncatedNoIndex,
            Verdict::Corrupt,
            Verdict::Encrypted,
        ];
        all.extend(Limit::ALL.map(|(what, _)| Verdict::Limits { what }));
        for verdict in all {
            assert_eq!(verdict.to_string().parse(), Ok(verdict.clone()));
            assert_eq!(Verdict::from_code(verdict.code()).map(|v| v.code()), Some(verdict.code()));
            let sentence = verdict.sentence();
            assert!(sentence.contains("original is safe"), "{sentence}");
            assert!(sentence.contains("please"), "{sentence}");
        }
        assert_eq!(Verdict::from_code("reject_empty(x)"), None);
        assert_eq!(Verdict::from_code("reject_limits(weather)"), None);
        assert_eq!(Verdict::from_code(""), None);
    }
}
