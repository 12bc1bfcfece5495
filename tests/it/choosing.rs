//! Choosing what is heard in a coaching session: moments that a practitioner marks, what is proposed for which reason, and
//! a veto that counts at once; and in real browsers, from a mark at the playhead to the thread.

mod along;
mod looking;

use axum::http::Method;
use hearback_access::{
    Agree, ArrangeSessions, ChooseClips, DecideSeries, LeadSession, MakePlaylist, MeetInSession,
    ObjectKind, RenderClip, StartSeries,
};
use hearback_domain::{
    ClipId, Clock as _, CoachingSessionId, Framework, GoalId, GoalText, JoinCode, Label, MarkId,
    Ms, Note, ObjectId, PieceId, PlaylistId, Pseudonym, RecordingId, Role, SeriesId, Span,
    coaching::{AgreementBody, Focus},
    sound,
};
use hearback_storage::{MeetingEnd, NewClip, NewGoal, NewPiece, NewSeries, permit};
use serde_json::Value;

use crate::{
    access::session,
    blind::House,
    desk_page::{recording, visit},
    support::{Temporary, postgres, sqlite},
    world::{Stage, World},
};

const FORM: &str = "application/x-www-form-urlencoded";
/// Within this time an open page shows no longer what was taken out (ms).
const MOST_UNTIL_GONE_MS: f64 = 2_000.0;

fn note(text: &str) -> Note {
    Note::new(text).unwrap()
}

fn seconds(from: u64, to: u64) -> Span {
    Span::new(Ms::from_seconds(from), Ms::from_seconds(to)).unwrap()
}

impl World {
    /// A series of the owner with the coach that walks along a recording, agreed by both.
    async fn series_along(&self, recording: RecordingId, skill: &str) -> SeriesId {
        self.let_somebody_coach().await;
        let own = self.cx(self.owner, Role::Practitioner);
        let series = SeriesId::mint(&*self.ids);
        let (mut work, p) = permit::<StartSeries>(&*self.store, own, ()).await.unwrap();
        let focus = Focus {
            name: Pseudonym::new("Robin").unwrap(),
            skill: Some(skill.to_owned()),
            issue: Note::empty(),
        };
        let new =
            NewSeries { id: series, coach: self.coach, focus, attendance: false, considered: None };
        work.begin_series(&p, &new).await.unwrap().unwrap();
        work.commit().await.unwrap();
        self.walk_along(series, recording).await;
        let (mut work, p) = permit::<Agree>(&*self.store, own, series).await.unwrap();
        let body = AgreementBody { place: note("the quiet room"), ..AgreementBody::default() };
        let version = work.write_agreement(&p, 0, &body).await.unwrap().unwrap();
        assert!(work.sign_agreement(&p, version).await.unwrap());
        work.commit().await.unwrap();
        let coach = self.cx(self.coach, Role::Coach);
        let (mut work, p) = permit::<Agree>(&*self.store, coach, series).await.unwrap();
        assert!(work.sign_agreement(&p, version).await.unwrap());
        work.commit().await.unwrap();
        series
    }

    /// One more recording for the series to walk along.
    async fn walk_along(&self, series: SeriesId, recording: RecordingId) {
        let own = self.cx(self.owner, Role::Practitioner);
        let (mut work, p) = permit::<DecideSeries>(&*self.store, own, series).await.unwrap();
        assert!(work.add_to_series(&p, recording).await.unwrap());
        work.commit().await.unwrap();
    }

    /// One more session of it, so many days from now.
    async fn session_in(&self, series: SeriesId, days: i64) -> CoachingSessionId {
        let own = self.cx(self.owner, Role::Practitioner);
        let id = CoachingSessionId::mint(&*self.ids);
        let (mut work, p) = permit::<ArrangeSessions>(&*self.store, own, series).await.unwrap();
        let at = self.clock.now().plus_seconds(days * 86_400);
        work.plan_session(&p, id, at, &note("the quiet room")).await.unwrap().unwrap();
        work.commit().await.unwrap();
        id
    }

    /// An extract of a recording, cut from `pcm` and approved.
    async fn extract(
        &self,
        recording: RecordingId,
        pcm: &[u8],
        (skill, sub): (&str, Option<&str>),
        span: Span,
        strength: &str,
    ) -> ClipId {
        let v1 = Framework::v1();
        let cx = self.cx(self.researcher, Role::Researcher);
        let (mut work, make) = permit::<MakePlaylist>(&*self.store, cx, recording).await.unwrap();
        work.ensure_playlist(&make, PlaylistId::mint(&*self.ids)).await.unwrap();
        let clip = NewClip {
            id: ClipId::mint(&*self.ids),
            framework_version: v1.version.clone(),
            item: v1.code(skill, sub).unwrap(),
            span,
            note: note(strength),
            question: note("What stood out?"),
        };
        work.add_clip(&make, &clip).await.unwrap();
        work.commit().await.unwrap();
        let worker = hearback_access::Cx::worker(self.clock.now());
        let (mut work, p) = permit::<RenderClip>(&*self.store, worker, clip.id).await.unwrap();
        let part = sound::bytes_of(span, pcm.len() as u64);
        let part = usize::try_from(part.start).unwrap()..usize::try_from(part.end).unwrap();
        let header = sound::wav_header(sound::frames(part.len() as u64));
        let wav = [&header[..], &pcm[part]].concat();
        let object = self.seal(&p, ObjectKind::Clip(clip.id), &wav);
        let hidden = work.hidden_of(&p).await.unwrap().unwrap();
        assert!(work.set_rendered(&p, span, hidden.version, &object).await.unwrap());
        work.commit().await.unwrap();
        self.approve(recording, clip.id, object.id).await;
        clip.id
    }

    async fn approve(&self, recording: RecordingId, clip: ClipId, cut: ObjectId) {
        let cx = self.cx(self.researcher, Role::Researcher);
        let (mut work, make) = permit::<MakePlaylist>(&*self.store, cx, recording).await.unwrap();
        assert!(work.approve_clip(&make, clip, cut).await.unwrap());
        work.commit().await.unwrap();
    }

    async fn agree(&self, recording: RecordingId) {
        let cx = self.cx(self.researcher, Role::Researcher);
        let (mut work, make) = permit::<MakePlaylist>(&*self.store, cx, recording).await.unwrap();
        assert!(work.agree_playlist(&make).await.unwrap());
        work.commit().await.unwrap();
    }

    async fn choose(&self, session: CoachingSessionId, clip: ClipId, title: &str) -> PieceId {
        let coach = self.cx(self.coach, Role::Coach);
        let (mut work, p) = permit::<ChooseClips>(&*self.store, coach, session).await.unwrap();
        let id = PieceId::mint(&*self.ids);
        let title = Label::new(title).unwrap();
        let new = NewPiece { id, clip, title, question: note("What stood out?") };
        work.add_piece(&p, &new).await.unwrap().unwrap();
        work.commit().await.unwrap();
        id
    }

    /// A session was held: an extract was heard in it, a moment of it was marked, and something came of it.
    async fn held(&self, series: SeriesId, session: CoachingSessionId, piece: PieceId, at: Ms) {
        let (own, coach) =
            (self.cx(self.owner, Role::Practitioner), self.cx(self.coach, Role::Coach));
        let code = JoinCode::from_random(session.as_uuid().as_u64_pair().0);
        let (mut work, p) = permit::<LeadSession>(&*self.store, coach, session).await.unwrap();
        work.begin_meeting(&p, &code).await.unwrap().unwrap();
        work.commit().await.unwrap();
        let (mut work, p) = permit::<MeetInSession>(&*self.store, own, session).await.unwrap();
        assert!(work.mark_moment(&p, MarkId::mint(&*self.ids), piece, at).await.unwrap());
        work.note_heard(&p, piece).await.unwrap();
        work.commit().await.unwrap();
        let (mut work, p) = permit::<LeadSession>(&*self.store, coach, session).await.unwrap();
        assert!(work.end_meeting(&p, MeetingEnd::Held).await.unwrap());
        work.commit().await.unwrap();
        let (mut work, p) = permit::<DecideSeries>(&*self.store, own, series).await.unwrap();
        let goal = NewGoal {
            id: GoalId::mint(&*self.ids),
            text: GoalText::new("Wait a little longer before I ask").unwrap(),
            session: Some(session),
            piece: Some(piece),
        };
        assert!(work.add_goal(&p, &goal).await.unwrap());
        work.commit().await.unwrap();
    }
}

/// Sound in which something is heard: three minutes at 16 kHz.
fn three_minutes() -> Vec<u8> {
    let one = |n: u32| if (n / 40).is_multiple_of(2) { 5_000_i16 } else { -5_000 };
    (0..180 * 16_000).flat_map(|n| one(n).to_le_bytes()).collect()
}

async fn a_veto_counts_at_once(store: Temporary) {
    let house = House::new(store).await;
    let world = &house.world;
    let objects = world.recording(Stage::Shared).await;
    let series = world.series_along(objects.recording, "clarity").await;
    let session_id = world.session_in(series, 7).await;
    let piece = world.choose(session_id, objects.clip, "A long pause").await;
    let owner = session(world, world.owner, Role::Practitioner).await;
    let coach = session(world, world.coach, Role::Coach).await;
    let other = session(world, world.stranger, Role::Coach).await;
    let guest = session(world, world.stranger, Role::LineManager).await;
    let page = format!("/sessions/{session_id}");
    let (list, sound) = (format!("{page}/clips"), format!("{page}/clips/{piece}/sound"));
    let veto = format!("{page}/clips/{piece}/veto");
    let get = async |cookie: &str, path: &str| {
        let (status, _, body) = house.ask(cookie, Method::GET, path, ("", "")).await;
        (status, body)
    };
    let text = async |cookie: &str, path: &str| {
        let (status, body) = get(cookie, path).await;
        assert_eq!(status, 200, "{path}");
        String::from_utf8(body).unwrap()
    };
    let post = async |cookie: &str, path: &str, form: &str| {
        house.ask(cookie, Method::POST, path, (FORM, form)).await.0
    };
    for cookie in [&owner, &coach] {
        assert!(text(cookie, &page).await.contains("A long pause"));
        assert!(text(cookie, &list).await.contains(&piece.to_string()));
        assert_eq!(get(cookie, &sound).await.1.len(), 44 + 32_000, "the extract, to the byte");
    }
    for stranger in [&other, &guest] {
        for path in [&page, &list, &sound] {
            assert_eq!(get(stranger, path).await.0, 404, "{path}");
        }
        assert_eq!(post(stranger, &veto, "vetoed=yes").await, 404);
    }
    assert_eq!(post(&coach, &veto, "vetoed=yes").await, 409, "the practitioner alone says it");

    assert_eq!(post(&owner, &veto, "vetoed=yes").await, 303);
    for cookie in [&owner, &coach] {
        assert_eq!(get(cookie, &sound).await.0, 404, "nobody hears it");
        let listed: Value = serde_json::from_str(&text(cookie, &list).await).unwrap();
        assert_eq!(listed["list"]["pieces"], serde_json::json!([]));
    }
    let told = text(&coach, &page).await;
    assert!(!told.contains("A long pause") && !told.contains(&piece.to_string()), "gone for them");
    assert!(!told.contains(&objects.clip.to_string()), "nor is it proposed");
    assert!(text(&owner, &page).await.contains("I would like to hear it after all"));
    let add = format!("clip={}", objects.clip);
    assert_eq!(post(&coach, &list, &add).await, 422, "it stays out");
    assert_eq!(post(&coach, &format!("{page}/clips/{piece}/remove"), "").await, 303);
    assert_eq!(post(&coach, &format!("{page}/clips/{piece}"), "title=X&question=").await, 409);
    assert_eq!(post(&coach, &list, &add).await, 422, "it was not removed either");

    assert_eq!(post(&owner, &veto, "vetoed=no").await, 303);
    assert!(text(&coach, &page).await.contains("A long pause"));
    assert_eq!(get(&coach, &sound).await.0, 200);
}

#[tokio::test]
async fn a_veto_counts_at_once_in_sqlite() {
    a_veto_counts_at_once(sqlite().await).await;
}

#[tokio::test]
async fn a_veto_counts_at_once_in_postgres() {
    a_veto_counts_at_once(postgres().await).await;
}

#[tokio::test]
async fn a_page_that_is_open_leaves_no_line_for_each_look() {
    let house = House::new(sqlite().await).await;
    let world = &house.world;
    let objects = world.recording(Stage::Shared).await;
    let series = world.series_along(objects.recording, "clarity").await;
    let id = world.session_in(series, 7).await;
    let coach = session(world, world.coach, Role::Coach).await;
    let entries = async || {
        let mut work = world.store.begin().await.unwrap();
        work.audit_head().await.unwrap().seq
    };
    let list = format!("/sessions/{id}/clips");
    assert_eq!(house.ask(&coach, Method::GET, &list, ("", "")).await.0, 200);
    let before = entries().await;
    for _ in 0..5 {
        assert_eq!(house.ask(&coach, Method::GET, &list, ("", "")).await.0, 200);
    }
    assert_eq!(entries().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn from_a_mark_at_the_playhead_to_the_thread() {
    let world = World::new(sqlite().await).await;
    let id = recording(&world, 3).await;
    crate::together_page::mark(
        &world,
        world.researcher,
        id,
        &[("empathy", Some("curiosity"), 20, 40), ("collaboration", None, 70, 82)],
    )
    .await;
    let pcm = three_minutes();
    let curious = (
        ("empathy", Some("curiosity")),
        seconds(20, 40),
        "You waited, and Robin went on to say more.",
    );
    let together = (
        ("collaboration", None),
        seconds(70, 82),
        "You asked what Robin would like to happen, and left room for it.",
    );
    let plain = (("clarity", None), seconds(100, 106), "Plain words for something hard.");
    let mut clips = Vec::new();
    for (skill, span, strength) in [curious, together, plain] {
        clips.push(world.extract(id, &pcm, skill, span, strength).await);
    }
    world.agree(id).await;
    let series = world.series_along(id, "collaboration").await;
    let first = world.session_in(series, 0).await;
    let heard = world.choose(first, clips[2], "Saying it plainly").await;
    world.held(series, first, heard, Ms::from_seconds(3)).await;
    let next = world.session_in(series, 14).await;
    let given = [
        ("ID", id.to_string()),
        ("SERIES", series.to_string()),
        ("SESSION", next.to_string()),
        ("CURIOUS", clips[0].to_string()),
        ("TOGETHER", clips[1].to_string()),
        ("WREN", session(&world, world.owner, Role::Practitioner).await),
        ("HERON", session(&world, world.coach, Role::Coach).await),
    ];
    let figures = visit(world, "choosing.mjs", "browser-choosing", &given).await;
    let took = figures["gone_after_ms"].as_f64().unwrap();
    assert!(took <= MOST_UNTIL_GONE_MS, "{figures}");
    let Value::Object(figures) = figures else { panic!("{figures}") };
    let figures: Vec<_> = figures.iter().map(|(k, v)| (k.as_str(), v.clone())).collect();
    crate::evidence::add("choosing", &figures);
}
