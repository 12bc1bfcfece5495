//! What somebody says who is asked today, for tests of any crate.

use hearback_domain::{
    ConsentId, Day, ErasureId, IdSource, JobId, Label, Note, Party, PartyKind, Purpose, Timestamp,
    WithdrawalId,
    forms::{AgeBand, Authority, ConsentRecord, CopyGiven, How, built_in},
};

use crate::{IfTakenBack, NewConsentRecord};

/// What somebody says who is asked today with the first version of their form: yes to everything but what is named.
///
/// A child or young person answers together with "Mum".
pub fn said(
    ids: &dyn IdSource,
    now: Timestamp,
    party: &Party,
    without: &[Purpose],
) -> NewConsentRecord {
    let form = built_in(party.kind);
    let young = matches!(party.kind, PartyKind::Child | PartyKind::YoungPerson);
    let no = |purpose: Option<Purpose>| purpose.is_some_and(|p| without.contains(&p));
    let record = ConsentRecord {
        person: party.id,
        kind: party.kind,
        version: form.version,
        how: How::Screen,
        authority: if young { Authority::ParentalResponsibility } else { Authority::Own },
        age: young.then_some(AgeBand::From11To15),
        signatory: young.then(|| Label::new("Mum").unwrap()),
        explained_by: Label::new("Worker").unwrap(),
        informed_on: Day::of(now),
        decided_on: Day::of(now),
        decided_sooner: true,
        assent: young.then_some(true),
        maturity_note: Note::empty(),
        legal_status: None,
        overriding: None,
        interpreter: None,
        copy_given: CopyGiven::Printed,
        ticks: form.statements.iter().map(|s| (s.key.clone(), !no(s.purpose))).collect(),
    };
    NewConsentRecord {
        id: ConsentId::mint(ids),
        checked: record.check(&form, now).unwrap(),
        job: JobId::mint(ids),
        read_at: Some(now),
        if_taken_back: if_taken_back(ids),
    }
}

/// What a withdrawal would be called, with a receipt that is nobody else's.
fn if_taken_back(ids: &dyn IdSource) -> IfTakenBack {
    let id = WithdrawalId::mint(ids);
    let mut receipt = [0; 32];
    receipt[..16].copy_from_slice(id.as_uuid().as_bytes());
    IfTakenBack { id, erasure: ErasureId::mint(ids), job: JobId::mint(ids), receipt }
}
