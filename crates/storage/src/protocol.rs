//! Protocols, and who codes what under them.

use async_trait::async_trait;
use hearback_access::{AssignSecond, Code, ManageProtocols, Permit, SeeProtocols, SeeRecording};
use hearback_domain::{
    CodingId, GrantId, ProtocolId, RecordingId, Timestamp, UserId,
    coding::{Candidate, Place, Twice},
    protocol::Plan,
};

use crate::{NewCoding, Result};

/// A protocol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Protocol {
    /// Its identifier.
    pub id: ProtocolId,
    /// What it says. It is never changed: what was coded under it stays comparable.
    pub plan: Plan,
    /// When it was written.
    pub made_at: Timestamp,
    /// Since when no recording is taken into it any more.
    pub closed_at: Option<Timestamp>,
}

/// Who becomes the second coder of a recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewSecond {
    /// The identifier of their grant, which ends when the first coder's does.
    pub grant: GrantId,
    /// The identifier of their coding.
    pub coding: CodingId,
    /// Who.
    pub coder: UserId,
}

/// Protocols and assignments.
#[async_trait]
pub trait Protocols {
    /// Every protocol, newest first, ties by id.
    async fn protocols(&mut self, permit: &Permit<SeeProtocols>) -> Result<Vec<Protocol>>;

    /// One of them.
    async fn protocol(
        &mut self,
        permit: &Permit<SeeProtocols>,
        id: ProtocolId,
    ) -> Result<Option<Protocol>>;

    /// Writes a protocol.
    async fn add_protocol(
        &mut self,
        permit: &Permit<ManageProtocols>,
        id: ProtocolId,
        plan: &Plan,
    ) -> Result<()>;

    /// Takes no more recordings into a protocol; false if it was closed before, or there is none.
    async fn close_protocol(
        &mut self,
        permit: &Permit<ManageProtocols>,
        id: ProtocolId,
    ) -> Result<bool>;

    /// Every coding under a protocol, by recording and coder. Who may be told of which is for `domain::coding` to say.
    async fn places(
        &mut self,
        permit: &Permit<SeeProtocols>,
        id: ProtocolId,
    ) -> Result<Vec<Place<RecordingId>>>;

    /// The protocol that the coder's coding belongs to, if it does.
    async fn own_protocol(&mut self, permit: &Permit<Code>) -> Result<Option<Protocol>>;

    /// How many recordings the coder took into this protocol.
    async fn taken_in(&mut self, permit: &Permit<Code>, id: ProtocolId) -> Result<u64>;

    /// Assigns the recording to its coder under a protocol; false if it was assigned before, or has begun.
    async fn take_in(
        &mut self,
        permit: &Permit<Code>,
        coding: &NewCoding,
        protocol: ProtocolId,
        twice: Option<Twice>,
    ) -> Result<bool>;

    /// Whether, and why, the coder's recording is to be coded by a second person too.
    async fn own_twice(&mut self, permit: &Permit<Code>) -> Result<Option<Twice>>;

    /// Whether the practitioner lets a second researcher code it.
    async fn second_coder_allowed(&mut self, permit: &Permit<SeeRecording>) -> Result<bool>;

    /// What is true of somebody who is to be the second coder.
    async fn candidate(
        &mut self,
        permit: &Permit<AssignSecond>,
        coder: UserId,
    ) -> Result<Candidate>;

    /// Makes somebody the second coder: their grant, and a coding of the same version, part and protocol as the
    /// permit's person's. Whether they may is for `Candidate::check` to say; the caller asks it first. False if there
    /// is nothing to code after.
    async fn add_second(
        &mut self,
        permit: &Permit<AssignSecond>,
        second: &NewSecond,
    ) -> Result<bool>;
}
