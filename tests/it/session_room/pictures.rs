//! Every page of coaching in the states that people meet, in a real browser at three widths: none is wider than its
//! window, axe finds nothing, nothing is asked of another address. The pictures are for people to look at.

use hearback_access::{DecideSeries, Nominate, Supervise};
use hearback_domain::{
    Clock as _, Ms, NominationId, RecordingId, Role, Span, SupervisionId, UserId,
    choosing::MomentKind,
};
use hearback_storage::{NewMoment, permit};
use serde_json::Value;

use super::note;
use crate::{
    access::session,
    desk_page::{recording, visit},
    support::sqlite,
    world::World,
};

/// The owner marks a moment of a recording.
async fn mark(world: &World, id: RecordingId, kind: MomentKind, from: u64) {
    let own = world.cx(world.owner, Role::Practitioner);
    let (mut work, nominate) = permit::<Nominate>(&*world.store, own, id).await.unwrap();
    let moment = NewMoment {
        id: NominationId::mint(&*world.ids),
        kind,
        span: Span::new(Ms::from_seconds(from), Ms::from_seconds(from + 12)).unwrap(),
        note: note("Robin was quiet, and I waited."),
    };
    work.nominate(&nominate, &moment).await.unwrap();
    work.commit().await.unwrap();
}

/// From now on everybody has the roles that somebody has at work.
async fn one_hat_each(world: &World) {
    let roles: [(UserId, &[Role]); 5] = [
        (world.owner, &[Role::Practitioner]),
        (world.coach, &[Role::Coach]),
        (World::visitor(), &[Role::Coach]),
        (world.researcher, &[Role::Researcher]),
        (
            world.stranger,
            &[Role::LineManager, Role::Coordinator, Role::CoachingSupervisor, Role::ProgrammeLead],
        ),
    ];
    let mut work = world.store.begin().await.unwrap();
    for (user, roles) in roles {
        work.set_roles(user, roles).await.unwrap();
    }
    work.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_of_coaching_at_three_widths() {
    let world = World::new(sqlite().await).await;
    world.let_somebody_coach().await;
    let series = world.agreed_with(world.coach).await;
    let of = recording(&world, 3).await;
    let clips = world.extracts(of, &[25, 20, 12]).await;
    let own = world.cx(world.owner, Role::Practitioner);
    let (mut work, decide) = permit::<DecideSeries>(&*world.store, own, series).await.unwrap();
    assert!(work.add_to_series(&decide, of).await.unwrap());
    work.commit().await.unwrap();
    mark(&world, of, MomentKind::Proud, 20).await;
    mark(&world, of, MomentKind::Wonder, 40).await;
    let first = world.planned(series, world.coach, 0).await;
    let next = world.planned(series, world.coach, 2).await;
    let mut pieces = Vec::new();
    for (clip, chosen) in clips.iter().zip([
        ("A long pause", "What were you hoping for while you waited?"),
        ("Saturday, and who decides what happens then", "What did Robin hear you say?"),
    ]) {
        pieces.push(world.choose_for(first, *clip, chosen).await);
    }
    let meeting = SupervisionId::mint(&*world.ids);
    let leads = world.cx(world.stranger, Role::CoachingSupervisor);
    let (mut work, supervise) = permit::<Supervise>(&*world.store, leads, ()).await.unwrap();
    let at = world.clock.now().plus_seconds(86_400);
    work.call_meeting(&supervise, meeting, at, &[world.coach, World::visitor()]).await.unwrap();
    work.commit().await.unwrap();
    one_hat_each(&world).await;
    let given = [
        ("SERIES", series.to_string()),
        ("SESSION", first.to_string()),
        ("NEXT", next.to_string()),
        ("FIRST", pieces[0].to_string()),
        ("RECORDING", of.to_string()),
        ("MEETING", meeting.to_string()),
        ("GUEST", world.stranger.to_string()),
        ("COACH", world.coach.to_string()),
        ("WREN", session(&world, world.owner, Role::Practitioner).await),
        ("HERON", session(&world, world.coach, Role::Coach).await),
        ("MAGPIE", session(&world, world.stranger, Role::LineManager).await),
        ("CRANE", session(&world, world.stranger, Role::Coordinator).await),
        ("KITE", session(&world, world.stranger, Role::CoachingSupervisor).await),
        ("OWL", session(&world, world.stranger, Role::ProgrammeLead).await),
    ];
    let figures = visit(world, "coaching-pictures.mjs", "browser-coaching-pages", &given).await;
    let Value::Object(figures) = figures else { panic!("{figures}") };
    for (name, figure) in figures {
        crate::evidence::add("session_room", &[(&format!("coaching_{name}"), figure)]);
    }
}
