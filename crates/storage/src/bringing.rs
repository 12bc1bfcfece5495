//! Moments of their own recordings that coaches bring to supervision (SUP-03).

use async_trait::async_trait;
use hearback_access::{
    AttendSupervision, BringMoment, HearBrought, Nominate, Permit, SeeRecording, Supervise,
};
use hearback_domain::{
    BroughtId, Ms, NominationId, Span, SupervisionId, Timestamp, UserId, supervision::NotBrought,
};

use crate::Result;

/// A meeting to which somebody may bring a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MeetingAhead {
    /// Which.
    pub id: SupervisionId,
    /// When it begins.
    pub planned_at: Timestamp,
    /// Who leads it.
    pub supervisor: UserId,
    /// What they have brought to it, of whichever recording.
    pub brought: Option<NominationId>,
}

/// What counts for bringing a moment of a recording, but for people's consent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WhereToBring {
    /// Somebody listened to the recording as it is heard now, and found nothing left to hide.
    pub listened: bool,
    /// The meetings to which the permit's person is invited, and which are not over; earliest first, ties by id.
    pub meetings: Vec<MeetingAhead>,
}

/// A moment that somebody brought, as the others in the meeting are told of it: neither the recording nor why it was
/// marked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Brought {
    /// Its identifier.
    pub id: BroughtId,
    /// Who brought it.
    pub by: UserId,
    /// How long it is.
    pub length: Ms,
}

/// Bringing moments to supervision.
#[async_trait]
pub trait Bringing {
    /// Where the permit's person may bring moments of a recording.
    async fn where_to_bring(&mut self, permit: &Permit<SeeRecording>) -> Result<WhereToBring>;

    /// Brings a moment of the permit's recording to a meeting, in the place of what the permit's person brought there
    /// before, whose address is closed by that; or why not. False if the recording has no such moment.
    async fn bring(
        &mut self,
        permit: &Permit<BringMoment>,
        id: BroughtId,
        meeting: SupervisionId,
        moment: NominationId,
    ) -> Result<Result<bool, NotBrought>>;

    /// Takes it back, also while it could not be heard; false if it was not brought there.
    async fn take_back_brought(
        &mut self,
        permit: &Permit<Nominate>,
        meeting: SupervisionId,
        moment: NominationId,
    ) -> Result<bool>;

    /// What was brought to a meeting that the permit's person leads, in the order of bringing, ties by id: what they
    /// may hear while whoever brought it is under the dome.
    async fn brought_to_led(
        &mut self,
        permit: &Permit<Supervise>,
        meeting: SupervisionId,
    ) -> Result<Vec<Brought>>;

    /// The same for a meeting to which they are invited.
    async fn brought_to_attended(
        &mut self,
        permit: &Permit<AttendSupervision>,
        meeting: SupervisionId,
    ) -> Result<Vec<Brought>>;

    /// The stretch of its recording that the permit's moment is, as its practitioner has it now.
    async fn brought_span(&mut self, permit: &Permit<HearBrought>) -> Result<Option<Span>>;
}
