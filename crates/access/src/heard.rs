//! What may be heard before its time: in a series of coaching sessions, before it is chosen for one of them, and in
//! supervision, before whoever brought it is under the dome.

use hearback_domain::{
    BroughtId, RecordingId, SeriesId,
    policy::{self, SeriesStage},
};

use crate::{
    action::ObjectRef,
    permit::{Cx, Gate, GateError},
};

/// Those of these recordings, in their order, of which `cx` could hear a shared extract in the series: the policy's answer
/// to [`policy::Action::PrepareClip`], asked of the recording because nothing of it is in a session yet.
///
/// Nothing is written to the audit log; who lists what could be heard has a permit for that. Whether the series has ended
/// is not looked at: what was heard in it can still be read, and its sound is asked about by the extract.
pub async fn heard_in(
    gate: &mut (dyn Gate + '_),
    cx: Cx,
    series: SeriesId,
    recordings: &[RecordingId],
) -> Result<Vec<RecordingId>, GateError> {
    let of_series = gate.subject(ObjectRef::Series(series), cx.user, cx.now).await?;
    let Some(of_series) = of_series else { return Ok(Vec::new()) };
    let mut heard = Vec::new();
    for id in recordings {
        let subject = gate.subject(ObjectRef::Recording(*id), cx.user, cx.now).await?;
        let Some(mut facts) = subject.map(|subject| subject.facts) else { continue };
        // Who hears it in a session is tied to the series, not to the recording.
        facts.relations.clone_from(&of_series.facts.relations);
        facts.series = SeriesStage::Ongoing;
        facts.shared = true;
        let action = policy::Action::PrepareClip;
        if policy::decide(action, cx.hat, cx.elevated, Some(&facts)).is_ok() {
            heard.push(*id);
        }
    }
    Ok(heard)
}

/// Those of these moments, in their order, that `cx` could hear once whoever brought them is under the dome: the policy's
/// answer to [`policy::Action::HearBrought`].
///
/// Nothing is written to the audit log; who lists what was brought has a permit for that.
pub async fn heard_under_the_dome(
    gate: &mut (dyn Gate + '_),
    cx: Cx,
    brought: &[BroughtId],
) -> Result<Vec<BroughtId>, GateError> {
    let mut heard = Vec::new();
    for id in brought {
        let subject = gate.subject(ObjectRef::Brought(*id), cx.user, cx.now).await?;
        let Some(mut facts) = subject.map(|subject| subject.facts) else { continue };
        facts.series = SeriesStage::Live;
        let action = policy::Action::HearBrought;
        if policy::decide(action, cx.hat, cx.elevated, Some(&facts)).is_ok() {
            heard.push(*id);
        }
    }
    Ok(heard)
}
