//! Coaches, and series in which something is agreed, for the checks that are about coaching.

use hearback_access::{
    Agree, ArrangeSessions, CheckProfile, DecideSeries, KeepProfile, LeadSession, Permit,
    SeeSeries, StartSeries,
};
use hearback_domain::{
    CoachingSessionId, JoinCode, Note, Pseudonym, Role, SeriesId, UserId,
    coaching::{AgreementBody, Focus, Independence, MostSeries, NotCoach, Profile},
};

use super::fixture::{Cast, House, note};
use crate::{CoachingSession, KeptProfile, MeetingEnd, NewSeries, Series};

pub(super) const DAY: i64 = 86_400;

pub(super) fn profile(about: &str) -> KeptProfile {
    KeptProfile {
        profile: Profile {
            about: note(about),
            independence: Independence::Outside,
            reports_to: note("the board of a charity"),
            accreditation: note("Association for Coaching, 2025"),
            languages: note("English"),
        },
        taking_on: true,
        most: MostSeries::default(),
    }
}

pub(super) fn focus(name: &str) -> Focus {
    Focus {
        name: Pseudonym::new(name).unwrap(),
        skill: Some("empathy".to_owned()),
        issue: note("Saturdays"),
    }
}

impl House<'_> {
    /// Somebody who looks at certificates: the same each time.
    pub(super) async fn coordinator(&self) -> UserId {
        let found = self.begin().await.people_with(Role::Coordinator).await.unwrap();
        match found.first() {
            Some(person) => person.id,
            None => self.person("cody", Role::Coordinator).await,
        }
    }

    pub(super) async fn keep_profile(&self, coach: UserId, kept: &KeptProfile) {
        let (mut work, keep) = self.ask::<KeepProfile>(self.cx(coach, Role::Coach), ()).await;
        work.keep_profile(&keep, kept).await.unwrap();
        work.commit().await.unwrap();
    }

    pub(super) async fn check_profile(&self, coach: UserId) {
        let desk = self.cx(self.coordinator().await, Role::Coordinator);
        let (mut work, check) = self.ask::<CheckProfile>(desk, ()).await;
        let until = Some(self.later(3_650 * DAY));
        assert!(work.check_profile(&check, coach, self.now(), until).await.unwrap());
        work.commit().await.unwrap();
    }

    /// Puts somebody into the pool, with a certificate that was looked at and room for two series.
    pub(super) async fn in_pool(&self, coach: UserId) {
        self.keep_profile(coach, &profile("I listen.")).await;
        self.check_profile(coach).await;
    }

    pub(super) async fn try_series(
        &self,
        practitioner: UserId,
        coach: UserId,
    ) -> Result<SeriesId, NotCoach> {
        let id = SeriesId::mint(&self.ids);
        let cx = self.cx(practitioner, Role::Practitioner);
        let (mut work, start) = self.ask::<StartSeries>(cx, ()).await;
        let (focus, considered) = (focus("Robin"), None);
        let new = NewSeries { id, coach, focus, attendance: false, considered };
        let begun = work.begin_series(&start, &new).await.unwrap();
        work.commit().await.unwrap();
        begun.map(|()| id)
    }

    /// Writes an agreement, or a new version of it, and signs it for both.
    pub(super) async fn agree_series(&self, series: SeriesId, practitioner: UserId, coach: UserId) {
        let cx = self.cx(practitioner, Role::Practitioner);
        let (mut work, see) = self.ask::<SeeSeries>(cx, series).await;
        let read = work.agreement(&see).await.unwrap().map_or(0, |agreement| agreement.version);
        work.commit().await.unwrap();
        let (mut work, agree) = self.ask::<Agree>(cx, series).await;
        let body = AgreementBody { place: note("the small room"), ..AgreementBody::default() };
        let version = work.write_agreement(&agree, read, &body).await.unwrap().unwrap();
        work.commit().await.unwrap();
        for (user, role) in [(practitioner, Role::Practitioner), (coach, Role::Coach)] {
            let (mut work, agree) = self.ask::<Agree>(self.cx(user, role), series).await;
            assert!(work.sign_agreement(&agree, version).await.unwrap());
            work.commit().await.unwrap();
        }
    }

    pub(super) async fn arranger(
        &self,
        series: SeriesId,
        practitioner: UserId,
    ) -> Permit<ArrangeSessions> {
        let cx = self.cx(practitioner, Role::Practitioner);
        let (work, arrange) = self.ask::<ArrangeSessions>(cx, series).await;
        work.commit().await.unwrap();
        arrange
    }

    /// Gives one more session of a series a time and a place: so many days from now.
    pub(super) async fn planned_session(
        &self,
        series: SeriesId,
        practitioner: UserId,
        days: i64,
    ) -> CoachingSessionId {
        let arrange = self.arranger(series, practitioner).await;
        let id = CoachingSessionId::mint(&self.ids);
        let (at, place) = (self.later(days * DAY), note("the small room"));
        let mut work = self.begin().await;
        work.plan_session(&arrange, id, at, &place).await.unwrap().unwrap();
        work.commit().await.unwrap();
        id
    }

    /// A series of the owner and the coach with an agreement that both signed, and one planned session.
    pub(super) async fn agreed_series(&self, cast: Cast) -> (SeriesId, CoachingSessionId) {
        self.in_pool(cast.coach).await;
        let series = self.try_series(cast.owner, cast.coach).await.unwrap();
        self.agree_series(series, cast.owner, cast.coach).await;
        (series, self.planned_session(series, cast.owner, 7).await)
    }

    /// The coach begins a session.
    pub(super) async fn begin_coaching(&self, session: CoachingSessionId, coach: UserId) {
        let code = JoinCode::from_random(session.as_uuid().as_u64_pair().0);
        let (mut work, lead) = self.ask::<LeadSession>(self.cx(coach, Role::Coach), session).await;
        work.begin_meeting(&lead, &code).await.unwrap().unwrap();
        work.commit().await.unwrap();
    }

    /// The coach begins a session, and it is held.
    pub(super) async fn hold_session(&self, session: CoachingSessionId, coach: UserId) {
        self.begin_coaching(session, coach).await;
        let (mut work, lead) = self.ask::<LeadSession>(self.cx(coach, Role::Coach), session).await;
        assert!(work.end_meeting(&lead, MeetingEnd::Held).await.unwrap());
        work.commit().await.unwrap();
    }

    /// A series and its sessions as one of the two sees them.
    pub(super) async fn see_series(
        &self,
        series: SeriesId,
        user: UserId,
        role: Role,
    ) -> (Series, Vec<CoachingSession>) {
        let (mut work, see) = self.ask::<SeeSeries>(self.cx(user, role), series).await;
        let found = work.series(&see).await.unwrap().unwrap();
        let sessions = work.coaching_sessions(&see).await.unwrap();
        work.commit().await.unwrap();
        (found, sessions)
    }

    pub(super) async fn decider(
        &self,
        series: SeriesId,
        practitioner: UserId,
    ) -> Permit<DecideSeries> {
        let cx = self.cx(practitioner, Role::Practitioner);
        let (work, decide) = self.ask::<DecideSeries>(cx, series).await;
        work.commit().await.unwrap();
        decide
    }

    pub(super) async fn try_coach(
        &self,
        series: SeriesId,
        practitioner: UserId,
        coach: Option<UserId>,
    ) -> Result<(), NotCoach> {
        let cx = self.cx(practitioner, Role::Practitioner);
        let (mut work, decide) = self.ask::<DecideSeries>(cx, series).await;
        let changed = work.change_coach(&decide, coach).await.unwrap();
        work.commit().await.unwrap();
        changed
    }
}

/// An ending note.
pub(super) fn told() -> Note {
    note("We met five times.")
}
