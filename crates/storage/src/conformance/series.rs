//! Series of coaching sessions: who coaches, what is agreed, when people meet, and how it ends.

use hearback_access::{
    Agree, DecideSeries, DecideSharing, LeadSession, ManagePeople, PlayRecording, ReadAudit,
    SeeAttendance, SeeCoaching, SeeCoachingFigures, SeeSeries, list,
};
use hearback_domain::{
    CoachingSessionId, Note, Purpose, Relation, Role, SeriesId, UserId,
    coaching::{AgreementBody, Ending, MostSeries, NotCoach, NotPlanned, SessionState},
    conflict::Part,
    policy::Refusal,
};

use super::{
    coaching::{DAY, focus, profile, told},
    erasing::{erase, full, taking_back, withdraw},
    fixture::{House, note},
};
use crate::{CoachingFigures, Ended, EndedConflict, NewPerson, Store, WhatEnded};

impl House<'_> {
    async fn pool(&self, user: UserId, role: Role) -> Vec<(UserId, bool, u64, bool)> {
        let (mut work, see) = self.ask::<SeeCoaching>(self.cx(user, role), ()).await;
        let pool = work.coach_pool(&see).await.unwrap();
        work.commit().await.unwrap();
        pool.into_iter()
            .map(|one| (one.person, one.taking_on, one.present, one.checked_until.is_some()))
            .collect()
    }

    async fn own_series(&self, user: UserId, role: Role) -> Vec<SeriesId> {
        let mut work = self.begin().await;
        let found = list::<SeeSeries>(work.gate(), self.cx(user, role)).await.unwrap();
        found.into_iter().map(|permit| permit.object()).collect()
    }

    async fn sees(&self, user: UserId, role: Role, series: SeriesId) -> Option<Refusal> {
        self.refusal::<SeeSeries>(self.cx(user, role), series).await
    }

    async fn figures(&self, lead: UserId) -> CoachingFigures {
        let (mut work, see) =
            self.ask::<SeeCoachingFigures>(self.cx(lead, Role::ProgrammeLead), ()).await;
        work.coaching_figures(&see).await.unwrap()
    }

    async fn set_manager(
        &self,
        admin: UserId,
        practitioner: UserId,
        manager: UserId,
    ) -> Vec<EndedConflict> {
        let admin = self.cx(admin, Role::SysAdmin).elevated(true);
        let (mut work, manage) = self.ask::<ManagePeople>(admin, ()).await;
        work.set_manager(&manage, practitioner, manager, true).await.unwrap();
        let ended = work.end_conflicts(self.now()).await.unwrap();
        work.commit().await.unwrap();
        ended
    }
}

/// Coaches say of themselves what they like; who looks at certificates says until when they count, and another one is
/// looked at anew.
pub async fn coaches_say_of_themselves_what_they_like(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let other = h.person("ann", Role::Coach).await;
    assert_eq!(h.pool(cast.owner, Role::Practitioner).await, [], "who said nothing is not in it");
    h.in_pool(cast.coach).await;
    let mut kept = profile("I ask.");
    kept.taking_on = false;
    h.keep_profile(other, &kept).await;
    let both = [(other, false, 0, false), (cast.coach, true, 0, true)];
    let desk = h.coordinator().await;
    for (user, role) in [(cast.owner, Role::Practitioner), (desk, Role::Coordinator)] {
        assert_eq!(h.pool(user, role).await, both, "by name");
    }

    kept = profile("I listen, and I wait.");
    kept.most = MostSeries::new(20).unwrap();
    h.keep_profile(cast.coach, &kept).await;
    assert!(h.pool(cast.owner, Role::Practitioner).await[1].3, "the certificate is the same");
    let cx = h.cx(cast.coach, Role::Coach);
    let (mut work, keep) = h.ask::<hearback_access::KeepProfile>(cx, ()).await;
    let own = work.own_profile(&keep).await.unwrap().unwrap();
    assert_eq!((&own.profile, own.most), (&kept.profile, kept.most));
    work.commit().await.unwrap();
    kept.profile.accreditation = note("another one");
    h.keep_profile(cast.coach, &kept).await;
    assert!(!h.pool(cast.owner, Role::Practitioner).await[1].3);
    let (mut work, check) =
        h.ask::<hearback_access::CheckProfile>(h.cx(desk, Role::Coordinator), ()).await;
    let until = Some(h.later(DAY));
    let checked = work.check_profile(&check, cast.owner, h.now(), until).await.unwrap();
    assert!(!checked, "who has no profile");
    let checked = work.check_profile(&check, cast.coach, h.later(-1), until).await.unwrap();
    assert!(!checked, "it was changed after it was seen");
    drop(work);
    assert!(!h.pool(cast.owner, Role::Practitioner).await[1].3);
    let own = h.new_person("pat", "Pat", &[Role::Coach, Role::Coordinator]);
    let mut work = h.begin().await;
    work.add_person(&own).await.unwrap();
    work.commit().await.unwrap();
    h.keep_profile(own.id, &profile("I do both.")).await;
    let (mut work, check) =
        h.ask::<hearback_access::CheckProfile>(h.cx(own.id, Role::Coordinator), ()).await;
    let checked = work.check_profile(&check, own.id, h.now(), until).await.unwrap();
    assert!(!checked, "nobody looks at their own");
    assert!(work.check_profile(&check, cast.coach, h.now(), until).await.unwrap());
    work.commit().await.unwrap();
    assert!(h.pool(cast.owner, Role::Practitioner).await.iter().any(|one| one.3));
}

/// A practitioner chooses their coach; whoever cannot be chosen is refused for a reason (CM-13). Whoever coaches does
/// not code, and the other way round (ETH-12).
pub async fn a_practitioner_chooses_who_coaches(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let admin = h.person("ada", Role::SysAdmin).await;
    let both = NewPerson {
        roles: vec![Role::Researcher, Role::Coach, Role::Practitioner],
        ..h.new_person("bo", "Bo", &[Role::Coach])
    };
    let mut work = h.begin().await;
    work.add_person(&both).await.unwrap();
    work.commit().await.unwrap();
    let both = both.id;
    let begun = async |coach| h.try_series(cast.owner, coach).await.map(|_| ());

    assert_eq!(begun(cast.coach).await, Err(NotCoach::Unknown), "no profile");
    assert_eq!(begun(cast.stranger).await, Err(NotCoach::Unknown), "no coach");
    h.keep_profile(cast.coach, &profile("I listen.")).await;
    assert_eq!(begun(cast.coach).await, Err(NotCoach::NotChecked));
    h.check_profile(cast.coach).await;
    let mut away = profile("I listen.");
    away.taking_on = false;
    h.keep_profile(cast.coach, &away).await;
    assert_eq!(begun(cast.coach).await, Err(NotCoach::NotTakingOn));
    h.in_pool(cast.coach).await;
    let first = h.try_series(cast.owner, cast.coach).await.unwrap();
    h.try_series(cast.stranger, cast.coach).await.unwrap();
    assert_eq!(begun(cast.coach).await, Err(NotCoach::NoRoom), "two at once");
    assert_eq!(h.pool(cast.owner, Role::Practitioner).await, [(cast.coach, true, 2, true)]);

    let (series, sessions) = h.see_series(first, cast.coach, Role::Coach).await;
    assert_eq!((series.practitioner, series.practitioner_name.as_str()), (cast.owner, "PRIYA"));
    assert_eq!(series.coach, Some((cast.coach, "CLEO".to_owned())));
    assert_eq!((&series.focus, series.attendance), (&focus("Robin"), false));
    assert_eq!((series.started_at, series.agreed_at, series.ended), (h.now(), None, None));
    assert_eq!((series.recordings, sessions), (vec![], vec![]));
    assert_eq!(h.sees(cast.stranger, Role::Practitioner, first).await, Some(Refusal::Relation));
    assert_eq!(h.own_series(cast.owner, Role::Practitioner).await, [first]);
    assert_eq!(h.own_series(cast.coach, Role::Coach).await.len(), 2);

    // Whoever coded does not coach.
    h.in_pool(both).await;
    let id = h.playable(cast.owner, "Robin", &[]).await;
    h.release(cast.owner, id, both, None).await;
    h.withhold(cast.owner, id).await;
    let apart = |begun| matches!(begun, Err(NotCoach::Apart(c)) if c.stands == Part::Codes);
    assert!(apart(begun(both).await), "also when that is over");
    assert!(apart(h.try_coach(first, cast.owner, Some(both)).await));
    // Whoever coaches in a series does not code: the question that is asked when a recording is shared.
    let (mut work, decide) = h.ask::<DecideSharing>(h.cx(cast.owner, Role::Practitioner), id).await;
    assert_eq!(work.relations_with(&decide, cast.coach).await.unwrap(), [Relation::Coaches]);
    drop(work);
    assert_eq!(h.try_series(both, both).await, Err(NotCoach::Yourself));
    h.set_manager(admin, cast.stranger, both).await;
    let managed = h.try_series(cast.stranger, both).await;
    assert!(matches!(managed, Err(NotCoach::Apart(c)) if c.stands == Part::Manages));
}

/// Whoever becomes the line manager of somebody coaches them no more (K-17); all else of the series stays.
pub async fn a_line_manager_coaches_no_more(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let admin = h.person("ada", Role::SysAdmin).await;
    let (series, session) = h.agreed_series(cast).await;
    let others = h.try_series(cast.stranger, cast.coach).await.unwrap();
    h.clock.advance_seconds(60);
    let ended = h.set_manager(admin, cast.owner, cast.coach).await;
    let was = WhatEnded::Series { series, told: false };
    let wanted = EndedConflict {
        was,
        practitioner: cast.owner,
        person: cast.coach,
        wanted: Part::Coaches,
        stands: Part::Manages,
        at: h.now(),
    };
    assert_eq!(ended, [wanted]);
    let dpo = h.person("dana", Role::Dpo).await;
    let (mut work, audit) = h.ask::<ReadAudit>(h.cx(dpo, Role::Dpo).elevated(true), ()).await;
    assert_eq!(work.ended_conflicts(&audit).await.unwrap(), [wanted]);
    drop(work);
    assert_eq!(h.sees(cast.coach, Role::Coach, series).await, Some(Refusal::Relation));
    assert_eq!(h.sees(cast.coach, Role::Coach, others).await, None);
    let (found, sessions) = h.see_series(series, cast.owner, Role::Practitioner).await;
    assert_eq!((found.coach, found.agreed_at), (None, None));
    assert_eq!(sessions.iter().map(|s| s.id).collect::<Vec<_>>(), [session]);
    let decide = h.decider(series, cast.owner).await;
    let history = h.begin().await.coach_history(&decide).await.unwrap();
    assert_eq!((history[0].person, history[0].manages), (cast.coach, true));
}

/// Both sign the newest version, and what somebody changes is signed anew.
pub async fn what_two_agree_on_is_signed_by_both(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    h.in_pool(cast.coach).await;
    let series = h.try_series(cast.owner, cast.coach).await.unwrap();
    let owner = h.cx(cast.owner, Role::Practitioner);
    let coach = h.cx(cast.coach, Role::Coach);
    let agreed = async || h.see_series(series, cast.owner, Role::Practitioner).await.0.agreed_at;
    let newest = async || {
        let (mut work, see) = h.ask::<SeeSeries>(coach, series).await;
        work.agreement(&see).await.unwrap()
    };
    assert_eq!(newest().await, None);
    let body = AgreementBody { when: note("Tuesdays"), ..AgreementBody::default() };

    let (mut work, by_coach) = h.ask::<Agree>(coach, series).await;
    assert!(!work.sign_agreement(&by_coach, 1).await.unwrap(), "nothing is written");
    assert_eq!(work.write_agreement(&by_coach, 0, &body).await.unwrap(), Some(1));
    assert!(work.sign_agreement(&by_coach, 1).await.unwrap());
    work.commit().await.unwrap();
    assert_eq!(agreed().await, None, "one of two");
    let (mut work, by_owner) = h.ask::<Agree>(owner, series).await;
    assert_eq!(
        work.write_agreement(&by_owner, 0, &body).await.unwrap(),
        None,
        "somebody was first"
    );
    assert!(work.sign_agreement(&by_owner, 1).await.unwrap());
    work.commit().await.unwrap();
    assert_eq!(agreed().await, Some(h.now()));
    let found = newest().await.unwrap();
    assert_eq!((found.version, found.body, found.written_by), (1, body.clone(), cast.coach));
    assert_eq!(found.practitioner_signed_at, Some(h.now()));
    assert_eq!(found.coach_signed, Some((cast.coach, h.now())));

    // Until both have signed, no session begins.
    let session = h.planned_session(series, cast.owner, 7).await;
    let lead = async || h.refusal::<LeadSession>(coach, session).await;
    assert_eq!(lead().await, None);
    let later = AgreementBody { when: note("Thursdays"), ..body };
    let (mut work, by_owner) = h.ask::<Agree>(owner, series).await;
    assert_eq!(work.write_agreement(&by_owner, 1, &later).await.unwrap(), Some(2));
    assert!(!work.sign_agreement(&by_owner, 1).await.unwrap(), "an old one");
    assert!(work.sign_agreement(&by_owner, 2).await.unwrap());
    work.commit().await.unwrap();
    assert_eq!((agreed().await, lead().await), (None, Some(Refusal::State)));
    h.agree_series(series, cast.owner, cast.coach).await;
    assert_eq!(lead().await, None);

    // While a session is on, nothing is rewritten under it.
    h.begin_coaching(session, cast.coach).await;
    let (mut work, by_owner) = h.ask::<Agree>(owner, series).await;
    assert_eq!(work.write_agreement(&by_owner, 3, &later).await.unwrap(), None);
}

/// Sessions get times, are moved, put off and missed; five are held, and a sixth is refused.
pub async fn a_sixth_session_gets_no_time(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let (series, first) = h.agreed_series(cast).await;
    let arrange = h.arranger(series, cast.owner).await;
    let place = note("elsewhere");
    let states = async || {
        let (_, sessions) = h.see_series(series, cast.coach, Role::Coach).await;
        sessions.into_iter().map(|session| session.state).collect::<Vec<_>>()
    };
    let moved = async |id, days| {
        let mut work = h.begin().await;
        let at = h.later(days * DAY);
        let done = work.move_session(&arrange, id, at, &place).await.unwrap();
        work.commit().await.unwrap();
        done
    };
    let mut work = h.begin().await;
    assert!(!work.miss_session(&arrange, first).await.unwrap(), "it is still to come");
    assert!(work.postpone_session(&arrange, first).await.unwrap());
    assert!(!work.postpone_session(&arrange, first).await.unwrap(), "once");
    work.commit().await.unwrap();
    assert_eq!(states().await, [SessionState::Postponed]);
    assert_eq!(moved(first, 9).await, Ok(()));
    let (_, sessions) = h.see_series(series, cast.coach, Role::Coach).await;
    assert_eq!((sessions[0].planned_at, &sessions[0].place), (h.later(9 * DAY), &place));
    assert_eq!((sessions[0].state, sessions[0].began_at), (SessionState::Planned, None));
    h.clock.advance_seconds(10 * DAY);
    let later = h.arranger(series, cast.owner).await;
    let mut work = h.begin().await;
    assert!(work.miss_session(&later, first).await.unwrap());
    work.commit().await.unwrap();
    assert_eq!(moved(first, 12).await, Err(NotPlanned::Settled));
    let unknown = CoachingSessionId::mint(&h.ids);
    assert_eq!(moved(unknown, 12).await, Err(NotPlanned::Settled));

    let put_off = h.planned_session(series, cast.owner, 1).await;
    let mut work = h.begin().await;
    assert!(work.postpone_session(&later, put_off).await.unwrap());
    work.commit().await.unwrap();
    let try_one = async || {
        let id = CoachingSessionId::mint(&h.ids);
        let mut work = h.begin().await;
        let done = work.plan_session(&later, id, h.later(DAY), &place).await.unwrap();
        work.commit().await.unwrap();
        done
    };
    for nth in 0..5 {
        let id = h.planned_session(series, cast.owner, 2 + nth).await;
        if nth == 4 {
            assert_eq!(try_one().await, Err(NotPlanned::AllPlanned));
            assert_eq!(moved(put_off, 30).await, Err(NotPlanned::AllPlanned));
            assert_eq!(moved(id, 7).await, Ok(()), "another time for one of the five");
        }
        h.hold_session(id, cast.coach).await;
    }
    assert_eq!(try_one().await, Err(NotPlanned::Full));
    assert_eq!(moved(put_off, 30).await, Err(NotPlanned::Full));
    let held = states().await.into_iter().filter(|state| *state == SessionState::Held).count();
    assert_eq!((held, states().await.len()), (5, 7));
}

/// A recording of one's own, and no other one, is walked along.
pub async fn a_series_walks_along_ones_own_recordings(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let (series, _) = h.agreed_series(cast).await;
    let own = h.playable(cast.owner, "Robin", &[]).await;
    let theirs = h.playable(cast.stranger, "Bo", &[]).await;
    let decide = h.decider(series, cast.owner).await;
    let mut work = h.begin().await;
    assert!(work.add_to_series(&decide, own).await.unwrap());
    assert!(work.add_to_series(&decide, own).await.unwrap(), "twice is once");
    assert!(!work.add_to_series(&decide, theirs).await.unwrap());
    let other = focus("Sky");
    assert!(work.set_focus(&decide, &other).await.unwrap());
    work.commit().await.unwrap();
    let (found, _) = h.see_series(series, cast.coach, Role::Coach).await;
    assert_eq!((found.recordings, found.focus), (vec![own], other));
    let mut work = h.begin().await;
    work.drop_from_series(&decide, own).await.unwrap();
    work.commit().await.unwrap();
    assert_eq!(h.see_series(series, cast.coach, Role::Coach).await.0.recordings, []);
    assert_eq!(
        h.refusal::<DecideSeries>(h.cx(cast.coach, Role::Coach), series).await,
        Some(Refusal::Role),
        "only its practitioner decides"
    );
}

/// Another coach takes over: the one before is out at once, also of a session that is on; nothing else is lost.
pub async fn another_coach_takes_over_at_once(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let (series, session) = h.agreed_series(cast).await;
    let next = h.person("nia", Role::Coach).await;
    assert_eq!(h.try_coach(series, cast.owner, Some(next)).await, Err(NotCoach::Unknown));
    h.in_pool(next).await;
    h.begin_coaching(session, cast.coach).await;
    h.clock.advance_seconds(60);
    assert_eq!(h.try_coach(series, cast.owner, Some(cast.coach)).await, Ok(()), "the same one");
    assert!(h.see_series(series, cast.owner, Role::Practitioner).await.0.agreed_at.is_some());
    assert_eq!(h.try_coach(series, cast.owner, Some(next)).await, Ok(()));
    assert_eq!(h.sees(cast.coach, Role::Coach, series).await, Some(Refusal::Relation));
    let lead = h.refusal::<LeadSession>(h.cx(cast.coach, Role::Coach), session).await;
    assert_eq!(lead, Some(Refusal::Relation));
    assert_eq!(h.sees(next, Role::Coach, series).await, None);
    let (found, sessions) = h.see_series(series, next, Role::Coach).await;
    assert_eq!((found.coach.map(|(id, _)| id), found.agreed_at), (Some(next), None));
    assert_eq!((sessions[0].state, sessions[0].ended_at), (SessionState::Held, Some(h.now())));

    // What was agreed is where the two begin, and both sign it.
    let owner = h.cx(cast.owner, Role::Practitioner);
    let (mut work, see) = h.ask::<SeeSeries>(owner, series).await;
    let agreement = work.agreement(&see).await.unwrap().unwrap();
    assert_eq!((agreement.version, agreement.body.place), (2, note("the small room")));
    assert_eq!((agreement.practitioner_signed_at, agreement.coach_signed), (None, None));
    drop(work);
    for (cx, agreed) in [(owner, false), (h.cx(next, Role::Coach), true)] {
        let (mut work, agree) = h.ask::<Agree>(cx, series).await;
        assert!(work.sign_agreement(&agree, 2).await.unwrap());
        work.commit().await.unwrap();
        let found = h.see_series(series, next, Role::Coach).await.0;
        assert_eq!(found.agreed_at.is_some(), agreed);
    }

    h.clock.advance_seconds(60);
    assert_eq!(h.try_coach(series, cast.owner, None).await, Ok(()), "nobody, for now");
    let decide = h.decider(series, cast.owner).await;
    let mut work = h.begin().await;
    let history = work.coach_history(&decide).await.unwrap();
    let history: Vec<_> = history.into_iter().map(|c| (c.person, c.left_at.is_some())).collect();
    assert_eq!(history, [(cast.coach, true), (next, true)]);
    drop(work);
    assert_eq!(h.try_coach(series, cast.owner, Some(cast.coach)).await, Ok(()), "back again");
}

/// Its practitioner ends a series, and says what is told.
pub async fn a_series_ends_in_its_practitioners_hands(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let (series, held) = h.agreed_series(cast).await;
    let other = h.try_series(cast.owner, cast.coach).await.unwrap();
    h.hold_session(held, cast.coach).await;
    h.planned_session(series, cast.owner, 20).await;
    let decide = h.decider(series, cast.owner).await;
    let arrange = h.arranger(series, cast.owner).await;
    let mut work = h.begin().await;
    assert!(work.end_series(&decide, Ending::Note, Some(&told())).await.unwrap());
    assert!(!work.end_series(&decide, Ending::Nothing, None).await.unwrap(), "once");
    work.commit().await.unwrap();
    let (found, sessions) = h.see_series(series, cast.coach, Role::Coach).await;
    let ended = Ended { at: h.now(), how: Ending::Note, note: Some(told()) };
    assert_eq!(found.ended, Some(ended));
    assert_eq!(sessions.iter().map(|s| s.id).collect::<Vec<_>>(), [held], "what was to come");
    for (cx, role) in [(cast.owner, Role::Practitioner), (cast.coach, Role::Coach)] {
        assert_eq!(h.refusal::<Agree>(h.cx(cx, role), series).await, Some(Refusal::State));
    }
    let mut work = h.begin().await;
    let id = CoachingSessionId::mint(&h.ids);
    let planned = work.plan_session(&arrange, id, h.now(), &Note::empty()).await.unwrap();
    assert_eq!(planned, Err(NotPlanned::Ended));
    assert_eq!(work.change_coach(&decide, None).await.unwrap(), Err(NotCoach::Ended));
    assert!(!work.set_attendance(&decide, true).await.unwrap());
    assert!(!work.set_focus(&decide, &focus("Sky")).await.unwrap());
    drop(work);
    assert_eq!(h.own_series(cast.owner, Role::Practitioner).await.len(), 2, "it can be looked at");
    assert_eq!(h.see_series(other, cast.owner, Role::Practitioner).await.0.ended, None);
    // There is room again.
    assert!(h.try_series(cast.stranger, cast.coach).await.is_ok());
}

/// Others are told that somebody receives coaching if that person said so; figures are told where they are about enough
/// people (K-07).
pub async fn others_are_told_what_practitioners_allow(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let lead = h.person("lou", Role::ProgrammeLead).await;
    let desk = h.coordinator().await;
    let (series, session) = h.agreed_series(cast).await;
    let attending = async || {
        let (mut work, see) = h.ask::<SeeAttendance>(h.cx(desk, Role::Coordinator), ()).await;
        work.attending(&see).await.unwrap()
    };
    assert_eq!(attending().await, [], "unless they say so");
    let decide = h.decider(series, cast.owner).await;
    let allow = async |yes| {
        let mut work = h.begin().await;
        assert!(work.set_attendance(&decide, yes).await.unwrap());
        work.commit().await.unwrap();
    };
    allow(true).await;
    h.hold_session(session, cast.coach).await;
    h.planned_session(series, cast.owner, 14).await;
    let missed = h.planned_session(series, cast.owner, 21).await;
    let arrange = h.arranger(series, cast.owner).await;
    let mut work = h.begin().await;
    assert!(work.postpone_session(&arrange, missed).await.unwrap());
    work.commit().await.unwrap();
    let seen = attending().await;
    assert_eq!((seen.len(), seen[0].person, seen[0].name.as_str()), (1, cast.owner, "PRIYA"));
    let dates =
        [(h.later(7 * DAY), SessionState::Held), (h.later(14 * DAY), SessionState::Planned)];
    assert_eq!(seen[0].dates, dates, "not what was put off");
    allow(false).await;
    assert_eq!(attending().await, []);

    assert_eq!(h.figures(lead).await, CoachingFigures { people: None, held: None });
    let mut coach = profile("I listen.");
    coach.most = MostSeries::new(20).unwrap();
    h.keep_profile(cast.coach, &coach).await;
    for n in 1..5 {
        assert_eq!(h.figures(lead).await.people, None, "{n} people");
        let person = h.person(&format!("p{n}"), Role::Practitioner).await;
        let theirs = h.try_series(person, cast.coach).await.unwrap();
        h.agree_series(theirs, person, cast.coach).await;
        let first = h.planned_session(theirs, person, 1).await;
        h.hold_session(first, cast.coach).await;
    }
    assert_eq!(h.figures(lead).await, CoachingFigures { people: Some(5), held: Some(5) });
}

/// Research taken back leaves the series standing, and so does a whole recording that goes; a series that ends leaves
/// the research standing (K-10).
pub async fn research_and_a_series_end_apart(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let (series, session) = h.agreed_series(cast).await;
    let (one, mum) = full(&h, cast, "Robin").await;
    let (two, dad) = full(&h, cast, "Robin").await;
    let decide = h.decider(series, cast.owner).await;
    let mut work = h.begin().await;
    for id in [one, two] {
        assert!(work.add_to_series(&decide, id).await.unwrap());
    }
    work.commit().await.unwrap();
    let owner = h.cx(cast.owner, Role::Practitioner);
    withdraw(&h, owner, one, &taking_back(&h, mum, &[Purpose::CodeResearch])).await.unwrap();
    erase(&h, one, 1).await.unwrap();
    let (found, sessions) = h.see_series(series, cast.coach, Role::Coach).await;
    assert_eq!((found.recordings.len(), sessions[0].id), (2, session));
    assert!(found.agreed_at.is_some());
    withdraw(&h, owner, one, &taking_back(&h, mum, &[Purpose::Record])).await.unwrap();
    erase(&h, one, 2).await.unwrap();
    let (found, sessions) = h.see_series(series, cast.coach, Role::Coach).await;
    assert_eq!((found.recordings, sessions[0].id), (vec![two], session), "the other goes on");
    assert!(h.begin().await.contradictions().await.unwrap().is_empty());

    // The other way round.
    let mut work = h.begin().await;
    assert!(work.end_series(&decide, Ending::Nothing, None).await.unwrap());
    work.commit().await.unwrap();
    let researcher = h.cx(cast.researcher, Role::Researcher);
    assert_eq!(h.refusal::<PlayRecording>(researcher, two).await, None, "research goes on");
    let taken = taking_back(&h, dad, &[Purpose::CoachPlayback]);
    withdraw(&h, owner, two, &taken).await.unwrap();
    erase(&h, two, 3).await;
    assert_eq!(h.refusal::<PlayRecording>(researcher, two).await, None, "and goes on");
    let opened = h.begin().await.try_texts().await.unwrap();
    assert!(opened.opened > 0, "what is sealed about series opens");
}
