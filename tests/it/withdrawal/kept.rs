//! The end of a recording's time is no surprise to the practitioner whose practice it is.

use hearback_access::ExtendKeeping;
use hearback_domain::{Clock as _, Day, KeyClass, Reason, Role, retention::extend};
use hearback_storage::{NewExtension, Paused, SweepNotes, permit};
use uuid::Uuid;

use super::House;
use crate::{access::session, direct::Direct, world::Stage};

/// A day, in seconds.
const DAY: i64 = 86_400;

#[tokio::test]
async fn the_end_is_said_a_month_before() {
    for direct in Direct::both().await {
        let mut house = House::new(direct).await;
        let of = house.world.recording(Stage::Private).await;
        let began = house.world.clock.now();
        let page = format!("/recordings/{}", of.recording);
        house.world.clock.advance_seconds(330 * DAY);
        house.owner = session(&house.world, house.world.owner, Role::Practitioner).await;
        assert!(!house.page(&page, &house.owner).await.contains("id=\"endings\""));
        assert!(!house.page("/", &house.owner).await.contains("Kept until"));

        house.world.clock.advance_seconds(10 * DAY);
        house.owner = session(&house.world, house.world.owner, Role::Practitioner).await;
        let told = house.page(&page, &house.owner).await;
        let end = Day::of(began.plus_seconds(365 * DAY));
        let year = end.to_string()[..4].to_owned();
        assert!(told.contains("This recording is kept until ") && told.contains(&year), "{told}");
        assert!(told.contains("the data protection officer can make that possible"));
        assert!(!told.contains("The written words are"), "they are kept longer");
        assert!(house.page("/", &house.owner).await.contains(". Kept until "));

        // It is kept longer: nothing to say any more.
        let world = &house.world;
        let officer = world.cx(world.stranger, Role::Dpo).elevated(true);
        let (mut work, p) =
            permit::<ExtendKeeping>(&*world.store, officer, of.recording).await.unwrap();
        let kept = work.kept(&p).await.unwrap();
        let kept = kept.into_iter().find(|kept| kept.class == KeyClass::Sound).unwrap();
        let until = extend(kept.until, 0, end.plus_days(90), world.clock.now()).unwrap();
        let reason = Reason::new("The second coder is ill.").unwrap();
        let new = NewExtension { id: Uuid::from_u128(5), kept, until, reason };
        assert!(work.extend_keeping(&p, &new).await.unwrap());
        work.commit().await.unwrap();
        assert!(!house.page(&page, &house.owner).await.contains("id=\"endings\""));
        assert!(!house.page("/", &house.owner).await.contains("Kept until"));
    }
}

/// Destruction by time that waits is let go on by one person, who has just shown who they are; the log has it as what
/// it is, and the page of what is held says so.
#[tokio::test]
async fn letting_it_go_on_is_seen() {
    const LET_GO: &str = "/admin/retention/release";
    const HELD: &str = "/admin/holdings";
    for direct in Direct::both().await {
        let house = House::new(direct).await;
        let world = &house.world;
        let notes = SweepNotes { paused: Some(Paused::TooMany(31)), ..SweepNotes::default() };
        let mut work = world.store.begin().await.unwrap();
        work.set_sweep_notes(&notes).await.unwrap();
        let before = work.audit_head().await.unwrap().seq;
        work.commit().await.unwrap();
        let page = house.page(HELD, &house.officer).await;
        assert!(page.contains("id=\"pause\"") && page.contains("Of 31 recordings"), "{page}");

        for _ in 0..2 {
            let to = house.send(LET_GO, &house.officer, String::new()).await.unwrap();
            assert!(to.starts_with("/admin/retention"), "{to}");
        }
        let mut work = world.store.begin().await.unwrap();
        let entries = work.audit_entries(before, 100).await.unwrap();
        let let_go: Vec<_> = entries.iter().filter(|e| e.action == "retention.release").collect();
        assert_eq!(let_go.len(), 1, "the second time nothing waited");
        assert_eq!(let_go[0].actor, Some(world.stranger.as_uuid()));
        drop(work);
        let page = house.page(HELD, &house.officer).await;
        assert!(page.contains("id=\"released\"") && !page.contains("id=\"pause\""), "{page}");
    }
}
