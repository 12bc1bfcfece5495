//! Typed identifiers. One type per entity, so that ids cannot be swapped.
//!
//! Ids are random (UUID version 4): a time-ordered id would tell when a child was recorded.

use std::{
    fmt,
    str::FromStr,
    sync::atomic::{AtomicU64, Ordering},
};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The text is not an identifier.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("not a valid identifier")]
pub struct ParseIdError(#[from] uuid::Error);

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Takes over an identifier read from storage.
            pub const fn from_uuid(uuid: Uuid) -> Self { Self(uuid) }
            /// The bare identifier, for storage and for the wire.
            pub const fn as_uuid(self) -> Uuid { self.0 }
            /// Mints a new identifier.
            pub fn mint(ids: &dyn IdSource) -> Self { Self(ids.next()) }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { self.0.fmt(f) }
        }

        impl FromStr for $name {
            type Err = ParseIdError;
            fn from_str(s: &str) -> Result<Self, Self::Err> { Ok(Self(s.parse()?)) }
        }
    )+};
}

ids! {
    /// Identifies a person with an account.
    UserId;
    /// Identifies a recording.
    RecordingId;
    /// Identifies a person who is heard on a recording. They have no account.
    PersonId;
    /// Identifies a standing permission of one person for one recording.
    GrantId;
    /// Identifies a timestamped evidence code.
    CodeId;
    /// Identifies one coder's work on one recording.
    CodingId;
    /// Identifies a protocol: who codes what, and how.
    ProtocolId;
    /// Identifies a playlist.
    PlaylistId;
    /// Identifies an extract of a recording in a playlist.
    ClipId;
    /// Identifies an encrypted object in the vault.
    ObjectId;
    /// Identifies a queued job.
    JobId;
    /// Identifies a session, for its owner's list; it opens nothing.
    SessionId;
    /// Identifies a passkey, for its owner's list.
    PasskeyId;
    /// Identifies an invitation.
    InvitationId;
    /// Identifies a concern that somebody raised.
    ConcernId;
    /// Identifies what was written down about one person's consent.
    ConsentId;
    /// Identifies what somebody added to a concern.
    ConcernNoteId;
    /// Identifies one request to hear the passage that a concern is about.
    GlassId;
    /// Identifies a key under which real names are kept.
    IdentityKeyId;
    /// Identifies a withdrawal of consent.
    WithdrawalId;
    /// Identifies the destruction of a recording, or of part of it.
    ErasureId;
    /// Identifies a passage that is hidden from those who hear extracts.
    HiddenId;
    /// Identifies what somebody wrote in a briefing.
    BriefingNoteId;
    /// Identifies a framework that recordings are coded for, in all its versions.
    FrameworkId;
    /// Identifies what was agreed on for one item of one recording.
    AgreedId;
    /// Identifies one attempt to score a set of recordings as it was agreed.
    AttemptId;
    /// Identifies a series of coaching sessions.
    SeriesId;
    /// Identifies one coaching session of a series.
    CoachingSessionId;
    /// Identifies an extract in what is to be heard in one session.
    PieceId;
    /// Identifies a moment that people marked while they listened together.
    MarkId;
    /// Identifies a moment that a practitioner would like to hear with their coach.
    NominationId;
    /// Identifies something that a practitioner wants to try.
    GoalId;
    /// Identifies a meeting in which coaches are supervised together.
    SupervisionId;
    /// Identifies a moment of an own recording, as somebody brought it to such a meeting.
    BroughtId;
    /// Identifies hours that a coach noted.
    HoursId;
}

/// Where new identifiers come from.
pub trait IdSource: Send + Sync {
    /// The next identifier.
    fn next(&self) -> Uuid;
}

/// Identifiers that are the same in every run. For tests.
#[derive(Default)]
pub struct SeededIds(AtomicU64);

impl IdSource for SeededIds {
    fn next(&self) -> Uuid {
        // Multiplying by an odd constant scatters the ids, so that no test passes because ids happen to be in order.
        let n = self.0.fetch_add(1, Ordering::Relaxed).wrapping_add(1);
        let scattered = n.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        uuid::Builder::from_random_bytes(
            (u128::from(scattered) << 64 | u128::from(n)).to_be_bytes(),
        )
        .into_uuid()
    }
}
