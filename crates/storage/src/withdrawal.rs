//! Taking a yes back, and what the person who did so can look up afterwards.

use async_trait::async_trait;
use hearback_access::{Cx, Permit, Withdraw};
use hearback_domain::{
    ErasureId, JobId, KeyClass, PartyKind, PersonId, Purpose, Timestamp, WithdrawalId,
    withdrawal::{Asked, Channel, Effects, ErasureCause, ErasureState},
};

use crate::Result;

/// Somebody who is heard, and what they said yes to that still holds. No names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Yeses {
    /// Who.
    pub person: PersonId,
    /// What they are.
    pub kind: PartyKind,
    /// What they said yes to, in the order of the purposes.
    pub given: Vec<Purpose>,
}

/// A withdrawal to be noted. Who notes it, when and about which recording follows from the permit.
#[derive(Clone, Debug)]
pub struct NewWithdrawal {
    /// Its identifier.
    pub id: WithdrawalId,
    /// The identifier of the destruction that follows.
    pub erasure: ErasureId,
    /// The identifier of the job that carries it out, should there be one.
    pub job: JobId,
    /// Whose yes it was.
    pub person: PersonId,
    /// What they take back; `record` is everything.
    pub purposes: Vec<Purpose>,
    /// In whose name.
    pub channel: Channel,
    /// How they asked, if they asked somebody.
    pub asked: Option<Asked>,
    /// SHA-256 of the receipt's code.
    pub receipt: [u8; 32],
}

/// The identifiers of a withdrawal, should answers that are written down be one.
#[derive(Clone, Debug)]
pub struct IfTakenBack {
    /// Its identifier.
    pub id: WithdrawalId,
    /// The identifier of the destruction that follows.
    pub erasure: ErasureId,
    /// The identifier of the job that carries it out, should there be one.
    pub job: JobId,
    /// SHA-256 of the receipt's code.
    pub receipt: [u8; 32],
}

/// What came of a withdrawal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Withdrawn {
    /// Whose yes it was.
    pub person: PersonId,
    /// What they took back.
    pub purposes: Vec<Purpose>,
    /// What follows.
    pub effects: Effects,
    /// How far it is: about to be destroyed, held, or there was nothing to destroy.
    pub state: ErasureState,
}

/// A recording that is no more, for the person who made it. Months, not days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakenBack {
    /// The month in which it was begun, as `2026-11`.
    pub began_in: String,
    /// The month in which it went.
    pub gone_in: String,
    /// Why.
    pub cause: ErasureCause,
}

/// What a receipt's code brings up. Nothing about anybody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// What was, or is about to be, destroyed.
    pub classes: Vec<KeyClass>,
    /// Whether the recording itself goes.
    pub whole: bool,
    /// Why.
    pub cause: ErasureCause,
    /// How far it is.
    pub state: ErasureState,
    /// When it was decided. From then on nobody got at it.
    pub requested_at: Timestamp,
    /// When it was done.
    pub done_at: Option<Timestamp>,
    /// The line of the ledger of erasures; none if there was nothing to destroy.
    pub ledger_seq: Option<u64>,
}

/// Withdrawals and their receipts.
#[async_trait]
pub trait Withdrawals {
    /// Who is heard and what they said yes to that still holds, the practitioner first, then as they were given.
    async fn yeses(&mut self, permit: &Permit<Withdraw>) -> Result<Vec<Yeses>>;

    /// Notes a withdrawal; `None` if nobody of that id is heard, and nothing has changed then.
    ///
    /// In this unit of work: the person's yeses end; what rested on them is closed to everybody; whoever has nothing
    /// left to hear loses their grant, and a recording that nobody else can hear any more is with its practitioner
    /// alone; a playlist that goes leaves the room; a text that goes is not wanted any more. The destruction is noted,
    /// and queued unless somebody holds the recording.
    ///
    /// Before the unit of work is committed, it is to be written into the ledger of erasures, which is not restored
    /// from old copies, and that is to be noted ([`crate::Erasing::carried_out`]).
    ///
    /// To name no purpose is an error.
    async fn withdraw(
        &mut self,
        permit: &Permit<Withdraw>,
        new: &NewWithdrawal,
    ) -> Result<Option<Withdrawn>>;

    /// The recordings of `cx`'s person that are no more, newest first by when they went, then by id: at most 20, and
    /// for nobody but a practitioner.
    async fn taken_back(&mut self, cx: Cx) -> Result<Vec<TakenBack>>;

    /// What belongs to a receipt's code. Whoever has the code may know.
    async fn receipt(&mut self, hash: &[u8; 32]) -> Result<Option<Receipt>>;
}
