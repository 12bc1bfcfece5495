//! What may come of a file: a closed set of answers, and what is expected of one case.

use std::{fmt, ops::BitOr, ops::RangeInclusive};

use hearback_audio::{AudioError, Limit, Verdict};

/// A set of answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Answers(u16);

const NAMES: [&str; 13] = [
    "sound",
    "empty",
    "not audio",
    "unsupported",
    "no sound track",
    "no index",
    "too long",
    "odd rate",
    "too many channels",
    "too much memory",
    "damaged",
    "locked",
    "too long for its size",
];

impl Answers {
    pub(crate) const SOUND: Self = Self(1);
    pub(crate) const EMPTY: Self = Self(1 << 1);
    pub(crate) const NOT_AUDIO: Self = Self(1 << 2);
    pub(crate) const UNSUPPORTED: Self = Self(1 << 3);
    pub(crate) const NO_AUDIO: Self = Self(1 << 4);
    pub(crate) const NO_INDEX: Self = Self(1 << 5);
    pub(crate) const DURATION: Self = Self(1 << 6);
    pub(crate) const RATE: Self = Self(1 << 7);
    pub(crate) const CHANNELS: Self = Self(1 << 8);
    pub(crate) const MEMORY: Self = Self(1 << 9);
    pub(crate) const CORRUPT: Self = Self(1 << 10);
    pub(crate) const ENCRYPTED: Self = Self(1 << 11);
    pub(crate) const RATIO: Self = Self(1 << 12);

    /// A file that stops before its sound begins: which of these it is called depends on how much of its kind can be
    /// recognised.
    pub(crate) const STUB: Self = Self(
        Self::EMPTY.0
            | Self::NOT_AUDIO.0
            | Self::UNSUPPORTED.0
            | Self::NO_INDEX.0
            | Self::CORRUPT.0,
    );
    /// Damage to the structure itself: what is left may be heard, or be one of the things that a damaged structure
    /// looks like. Never a verdict about what the file was not: locked, too long.
    pub(crate) const BROKEN: Self = Self(
        Self::STUB.0
            | Self::SOUND.0
            | Self::NO_AUDIO.0
            | Self::RATE.0
            | Self::CHANNELS.0
            | Self::MEMORY.0,
    );
    /// Whatever there is; for blind mutations only.
    pub(crate) const ANY: Self = Self((1 << 13) - 1);

    /// What came of a file; nothing if it is no answer at all.
    pub(crate) fn of<T>(result: &Result<T, AudioError>) -> Option<Self> {
        Some(match result {
            Ok(_) => Self::SOUND,
            Err(AudioError::Refused(verdict)) => match verdict {
                Verdict::Empty => Self::EMPTY,
                Verdict::NotAudio => Self::NOT_AUDIO,
                Verdict::Unsupported { .. } => Self::UNSUPPORTED,
                Verdict::NoAudio => Self::NO_AUDIO,
                Verdict::TruncatedNoIndex => Self::NO_INDEX,
                Verdict::Limits { what: Limit::Duration } => Self::DURATION,
                Verdict::Limits { what: Limit::Rate } => Self::RATE,
                Verdict::Limits { what: Limit::Channels } => Self::CHANNELS,
                Verdict::Limits { what: Limit::Memory } => Self::MEMORY,
                Verdict::Limits { what: Limit::Ratio } => Self::RATIO,
                Verdict::Corrupt => Self::CORRUPT,
                Verdict::Encrypted => Self::ENCRYPTED,
            },
            Err(_) => return None,
        })
    }

    pub(crate) fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

impl BitOr for Answers {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl fmt::Display for Answers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = NAMES.iter().enumerate().filter(|(n, _)| self.0 >> n & 1 == 1);
        let names: Vec<&str> = names.map(|(_, name)| *name).collect();
        f.write_str(&names.join(" | "))
    }
}

/// What is expected of one file.
#[derive(Clone, Debug)]
pub(crate) struct Expected {
    pub(crate) answers: Answers,
    /// If it is sound: between how many milliseconds.
    pub(crate) ms: RangeInclusive<u64>,
}

impl Expected {
    /// One of these; if it is sound, of any length up to what is accepted.
    pub(crate) fn one_of(answers: Answers) -> Self {
        Self { answers, ms: 1..=u64::MAX }
    }

    /// Sound, so long.
    pub(crate) fn sound(ms: RangeInclusive<u64>) -> Self {
        Self { answers: Answers::SOUND, ms }
    }

    /// The same, with these answers too.
    pub(crate) fn or(mut self, answers: Answers) -> Self {
        self.answers = self.answers | answers;
        self
    }
}
