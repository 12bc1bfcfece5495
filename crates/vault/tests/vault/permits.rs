//! Permits as the service gets them: by asking. Only the facts come from here instead of from a database.

use std::{
    pin::pin,
    task::{Context, Poll, Waker},
};

use async_trait::async_trait;
use hearback_access::{
    Action, Cx, Decode, Gate, GateError, ObjectRef, Permit, PlayClip, PlayRecording, RenderClip,
    Subject, Transcribe, Upload,
    audit::{AuditSeq, NewEntry},
    require,
};
use hearback_domain::{
    AudioState, ClipId, Consents, Ms, PartyConsent, PersonId, PlaylistId, Purpose, RecordingId,
    RecordingState, Relation, Role, SeriesId, Sharing, Timestamp, TranscriptState, UserId,
    policy::{Facts, SeriesStage},
};
use uuid::Uuid;

const NOW: Timestamp = Timestamp::from_micros(1);

/// One recording for which everybody said yes to everything, and which everybody is tied to.
struct Open(RecordingId);

#[async_trait]
impl Gate for Open {
    async fn take_turn(&mut self) -> Result<(), GateError> {
        Ok(())
    }

    async fn subject(
        &mut self,
        _: ObjectRef,
        _: Option<UserId>,
        _: Timestamp,
    ) -> Result<Option<Subject>, GateError> {
        let person = PersonId::from_uuid(Uuid::from_u128(7));
        let answers =
            Purpose::ALL.iter().map(|&purpose| PartyConsent { person, purpose, given: true });
        let facts = Facts {
            relations: Relation::ALL.to_vec(),
            consents: Consents::new([person], answers),
            state: RecordingState {
                audio: AudioState::Decoded,
                transcript: TranscriptState::Done,
                sharing: Sharing::Released(NOW),
                duration: Some(Ms::from_seconds(60)),
            },
            shared: true,
            gone: Vec::new(),
            blocked: false,
            series: SeriesStage::None,
        };
        Ok(Some(Subject { recording: Some(self.0), clip: None, facts }))
    }

    async fn related(
        &mut self,
        _: UserId,
        _: Relation,
        _: Timestamp,
    ) -> Result<Vec<RecordingId>, GateError> {
        Ok(vec![self.0])
    }

    async fn related_series(
        &mut self,
        _: UserId,
        _: Relation,
        _: Timestamp,
    ) -> Result<Vec<SeriesId>, GateError> {
        Ok(Vec::new())
    }

    async fn related_playlists(
        &mut self,
        _: UserId,
        _: Relation,
        _: Timestamp,
    ) -> Result<Vec<PlaylistId>, GateError> {
        Ok(Vec::new())
    }

    async fn append_audit(&mut self, _: &NewEntry) -> Result<AuditSeq, GateError> {
        Ok(AuditSeq(1))
    }
}

fn permit<A: Action>(cx: Cx, recording: RecordingId, object: A::Object) -> Permit<A> {
    let mut gate = Open(recording);
    let asked = pin!(require::<A>(&mut gate, cx, object));
    match asked.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(permit) => permit.unwrap(),
        Poll::Pending => unreachable!("this gate has nothing to wait for"),
    }
}

fn person(role: Role) -> Cx {
    Cx::person(UserId::from_uuid(Uuid::from_u128(1)), role, NOW)
}

pub(crate) fn upload(r: RecordingId) -> Permit<Upload> {
    permit(person(Role::Practitioner), r, r)
}

pub(crate) fn decode(r: RecordingId) -> Permit<Decode> {
    permit(Cx::worker(NOW), r, r)
}

pub(crate) fn transcribe(r: RecordingId) -> Permit<Transcribe> {
    permit(Cx::worker(NOW), r, r)
}

pub(crate) fn play(r: RecordingId) -> Permit<PlayRecording> {
    permit(person(Role::Researcher), r, r)
}

pub(crate) fn render(r: RecordingId, clip: ClipId) -> Permit<RenderClip> {
    permit(Cx::worker(NOW), r, clip)
}

pub(crate) fn play_clip(r: RecordingId, clip: ClipId) -> Permit<PlayClip> {
    permit(person(Role::Coach), r, clip)
}
