//! Permits, and the one function that makes them.

use std::{error::Error, marker::PhantomData};

use async_trait::async_trait;
use hearback_domain::{
    ClipId, Hat, PlaylistId, RecordingId, Relation, Role, SeriesId, Timestamp, UserId,
    policy::{self, Facts, Refusal, Tie},
};

use crate::{
    action::{Action, Object, ObjectRef},
    audit::{AuditSeq, Decision, NewEntry},
};

/// Who asks, in which capacity, when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cx {
    /// The signed-in person; none for the worker and for strangers.
    pub user: Option<UserId>,
    /// Their hat.
    pub hat: Hat,
    /// Whether they have just shown who they are.
    pub elevated: bool,
    /// The present moment.
    pub now: Timestamp,
}

impl Cx {
    /// A person in one of their roles.
    pub const fn person(user: UserId, role: Role, now: Timestamp) -> Self {
        Self { user: Some(user), hat: Hat::Person(role), elevated: false, now }
    }

    /// The service itself, carrying out a job.
    pub const fn worker(now: Timestamp) -> Self {
        Self { user: None, hat: Hat::Worker, elevated: false, now }
    }

    /// Somebody who has not signed in.
    pub const fn nobody(now: Timestamp) -> Self {
        Self { user: None, hat: Hat::Nobody, elevated: false, now }
    }

    /// The same, of somebody who has just shown who they are, or not.
    #[must_use]
    pub const fn elevated(self, elevated: bool) -> Self {
        Self { elevated, ..self }
    }
}

/// The database could not answer.
#[derive(Debug, thiserror::Error)]
#[error("access could not be checked")]
pub struct GateError(#[source] pub Box<dyn Error + Send + Sync>);

/// What the gate knows about an object.
#[derive(Clone, Debug)]
pub struct Subject {
    /// The recording it belongs to, if it belongs to one.
    pub recording: Option<RecordingId>,
    /// The extract that it stands for, if it is one's place in a session.
    pub clip: Option<ClipId>,
    /// What is true of it, as the asking person sees it.
    pub facts: Facts,
}

/// What a database has to offer so that permits can be made. All of it within one transaction.
#[async_trait]
pub trait Gate: Send {
    /// Waits until nobody else is about to append to the audit log, and keeps it so until the unit of work ends.
    ///
    /// Called before [`Self::subject`]: what is read then cannot have been overtaken by a veto or a withdrawal by the
    /// time the answer stands in the log.
    async fn take_turn(&mut self) -> Result<(), GateError>;

    /// What is true of an object, for this person at this moment; `None` if there is no such object.
    ///
    /// Never called with [`ObjectRef::Installation`].
    async fn subject(
        &mut self,
        object: ObjectRef,
        user: Option<UserId>,
        now: Timestamp,
    ) -> Result<Option<Subject>, GateError>;

    /// The recordings that this relation ties the person to at this moment, newest first, ties by id.
    async fn related(
        &mut self,
        user: UserId,
        relation: Relation,
        now: Timestamp,
    ) -> Result<Vec<RecordingId>, GateError>;

    /// The agreed playlists of the recordings that this relation ties the person to at this moment, newest first, ties
    /// by id.
    async fn related_playlists(
        &mut self,
        user: UserId,
        relation: Relation,
        now: Timestamp,
    ) -> Result<Vec<PlaylistId>, GateError>;

    /// The series that this relation ties the person to at this moment, newest first, ties by id.
    async fn related_series(
        &mut self,
        user: UserId,
        relation: Relation,
        now: Timestamp,
    ) -> Result<Vec<SeriesId>, GateError>;

    /// Appends an entry to the audit log and returns its number.
    async fn append_audit(&mut self, entry: &NewEntry) -> Result<AuditSeq, GateError>;
}

/// Why there is no permit.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// No. The reason is for the audit log; to the person who asked, it looks as if there were nothing there.
    #[error("refused: {0}")]
    Refused(Refusal),
    /// Nobody could tell.
    #[error(transparent)]
    Gate(#[from] GateError),
}

/// The proof that somebody may do `A` to one object now.
#[derive(Debug)]
#[must_use]
pub struct Permit<A: Action> {
    cx: Cx,
    object: A::Object,
    recording: Option<RecordingId>,
    clip: Option<ClipId>,
    action: PhantomData<A>,
}

impl<A: Action> Permit<A> {
    /// What it is about.
    pub fn object(&self) -> A::Object {
        self.object
    }

    /// In whose name, in which capacity, at which moment.
    pub fn cx(&self) -> Cx {
        self.cx
    }

    /// Whether what it is about is this extract's place in a session.
    pub(crate) fn stands_for(&self, clip: ClipId) -> bool {
        self.clip == Some(clip)
    }

    /// The recording it is about, if it is about one.
    pub(crate) fn recording_if_any(&self) -> Option<RecordingId> {
        self.recording
    }
}

/// Asks whether `cx` may do `A` to `object`, and writes the answer to the audit log before giving it.
///
/// Refusals are always written; permissions are, unless the action shows no content
/// (see [`policy::Action::shows_content`]). The caller commits in either case, so that the entry lasts;
/// `hearback_storage::permit` does that.
pub async fn require<A: Action>(
    gate: &mut (dyn Gate + '_),
    cx: Cx,
    object: A::Object,
) -> Result<Permit<A>, AccessError> {
    let target = object.to_ref();
    if A::ACTION.shows_content() {
        gate.take_turn().await?;
    }
    let subject = match target {
        ObjectRef::Installation => None,
        object => gate.subject(object, cx.user, cx.now).await?,
    };
    let answer = match (target, &subject) {
        (ObjectRef::Installation, _) => policy::decide(A::ACTION, cx.hat, cx.elevated, None),
        (_, None) => Err(Refusal::Absent),
        (_, Some(subject)) => policy::decide(A::ACTION, cx.hat, cx.elevated, Some(&subject.facts)),
    };
    let (recording, clip) = subject.map_or((None, None), |s| (s.recording, s.clip));
    if answer.is_err() || A::ACTION.shows_content() {
        gate.append_audit(&NewEntry {
            at: cx.now,
            actor: cx.user,
            hat: cx.hat,
            action: A::ACTION.as_str(),
            object: target,
            recording,
            decision: match answer {
                Ok(()) => Decision::Allowed,
                Err(why) => Decision::Refused(why),
            },
        })
        .await?;
    }
    answer.map_err(AccessError::Refused)?;
    Ok(Permit { cx, object, recording, clip, action: PhantomData })
}

/// Something that there are lists of.
#[async_trait]
pub trait Listed: Object {
    /// Those that this relation ties the person to, in the order of the list.
    async fn related(
        gate: &mut (dyn Gate + '_),
        user: UserId,
        relation: Relation,
        now: Timestamp,
    ) -> Result<Vec<Self>, GateError>;
}

#[async_trait]
impl Listed for RecordingId {
    async fn related(
        gate: &mut (dyn Gate + '_),
        user: UserId,
        relation: Relation,
        now: Timestamp,
    ) -> Result<Vec<Self>, GateError> {
        gate.related(user, relation, now).await
    }
}

#[async_trait]
impl Listed for PlaylistId {
    async fn related(
        gate: &mut (dyn Gate + '_),
        user: UserId,
        relation: Relation,
        now: Timestamp,
    ) -> Result<Vec<Self>, GateError> {
        gate.related_playlists(user, relation, now).await
    }
}

#[async_trait]
impl Listed for SeriesId {
    async fn related(
        gate: &mut (dyn Gate + '_),
        user: UserId,
        relation: Relation,
        now: Timestamp,
    ) -> Result<Vec<Self>, GateError> {
        gate.related_series(user, relation, now).await
    }
}

/// Those of these objects to which `cx` may do `A`, in their order: the same decision as [`require`], object by object.
///
/// Nothing is written to the audit log. It is for figures that are made from many objects, after [`require`] was asked,
/// and wrote down, whether the person may see the figures.
pub async fn among<A: Action>(
    gate: &mut (dyn Gate + '_),
    cx: Cx,
    objects: &[A::Object],
) -> Result<Vec<Permit<A>>, AccessError> {
    let mut permits = Vec::new();
    for object in objects {
        let target = object.to_ref();
        let subject = match target {
            ObjectRef::Installation => None,
            // What has no facts is not there.
            _ => match gate.subject(target, cx.user, cx.now).await? {
                None => continue,
                there => there,
            },
        };
        let facts = subject.as_ref().map(|subject| &subject.facts);
        if policy::decide(A::ACTION, cx.hat, cx.elevated, facts).is_ok() {
            let (recording, clip) = subject.map_or((None, None), |s| (s.recording, s.clip));
            permits.push(Permit { cx, object: *object, recording, clip, action: PhantomData });
        }
    }
    Ok(permits)
}

/// The recordings, playlists or series to which `cx` may do `A`, newest first: the same decision as [`require`], object by
/// object.
///
/// Nothing is written to the audit log; a list shows no content.
pub async fn list<A>(gate: &mut (dyn Gate + '_), cx: Cx) -> Result<Vec<Permit<A>>, AccessError>
where
    A: Action<Object: Listed>,
{
    let Some(user) = cx.user else { return Ok(Vec::new()) };
    let mut permits: Vec<Permit<A>> = Vec::new();
    for rule in policy::TABLE.iter().filter(|r| r.action == A::ACTION && r.hat == cx.hat) {
        let Tie::By(relation) = rule.tie else { continue };
        for object in A::Object::related(gate, user, relation, cx.now).await? {
            let target = object.to_ref();
            if permits.iter().any(|p| p.object.to_ref() == target) {
                continue;
            }
            let Some(subject) = gate.subject(target, cx.user, cx.now).await? else { continue };
            let facts = Some(&subject.facts);
            if policy::decide(A::ACTION, cx.hat, cx.elevated, facts).is_ok() {
                let Subject { recording, clip, .. } = subject;
                permits.push(Permit { cx, object, recording, clip, action: PhantomData });
            }
        }
    }
    Ok(permits)
}
