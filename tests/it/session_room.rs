//! The room of a coaching session in three real browsers at once: the coach's, the practitioner's, and a manager's who
//! was invited. In step; nothing for the guest but what is on; and closed to them within a second of whatever ends it.

use hearback_access::{
    Agree, ArrangeSessions, ChooseClips, Cx, DecideSeries, MakePlaylist, ObjectKind, RenderClip,
    StartSeries,
};
use hearback_domain::{
    ClipId, Clock as _, CoachingSessionId, Framework, Label, Ms, Note, PieceId, Pseudonym,
    RecordingId, Role, SeriesId, Span, UserId,
    coaching::{AgreementBody, Focus},
    sound,
};
use hearback_storage::{NewClip, NewPiece, NewSeries, permit};
use serde_json::{Value, json};

use crate::{
    access::session,
    desk_page::{recording, visit},
    support::sqlite,
    world::World,
};

mod doors;
mod hands;
mod outside;
mod pictures;

/// What may lie between browsers that hear the same (ms).
const MOST_SKEW_MS: f64 = 150.0;
/// Within this time the room is closed to whoever may no longer be in it (ms).
const MOST_CLOSING_MS: f64 = 1_000.0;

/// Sessions of the owner with the coach, which wait to begin.
struct Waiting {
    sessions: Vec<CoachingSessionId>,
    pieces: Vec<PieceId>,
}

fn note(text: &str) -> Note {
    Note::new(text).unwrap()
}

/// A tone that grows deeper from second to second, so that a place in it is heard.
fn tone(seconds: u64) -> Vec<u8> {
    let mut phase = 0.0_f64;
    let mut samples = Vec::new();
    for n in 0..seconds * u64::from(sound::RATE_HZ) {
        let second = u32::try_from(n / u64::from(sound::RATE_HZ)).unwrap();
        phase += (440.0 - 10.0 * f64::from(second)) / f64::from(sound::RATE_HZ);
        let loud = if phase.fract() < 0.5 { 4_000_i16 } else { -4_000 };
        samples.extend(loud.to_le_bytes());
    }
    [&sound::wav_header(samples.len() as u64 / 2)[..], &samples].concat()
}

impl World {
    /// Extracts of a recording, so many seconds each, cut and shared.
    pub(crate) async fn extracts(&self, recording: RecordingId, lengths: &[u64]) -> Vec<ClipId> {
        self.extracts_of(recording, lengths, tone).await
    }

    /// The same, which sound like this.
    async fn extracts_of(
        &self,
        recording: RecordingId,
        lengths: &[u64],
        sound: fn(u64) -> Vec<u8>,
    ) -> Vec<ClipId> {
        let v1 = Framework::v1();
        let cx = self.cx(self.researcher, Role::Researcher);
        let mut clips = Vec::new();
        let mut from = 5;
        for &length in lengths {
            let (mut work, make) =
                permit::<MakePlaylist>(&*self.store, cx, recording).await.unwrap();
            let span = Span::new(Ms::from_seconds(from), Ms::from_seconds(from + length)).unwrap();
            from += length + 1;
            let clip = NewClip {
                id: ClipId::mint(&*self.ids),
                framework_version: v1.version.clone(),
                item: v1.code("empathy", Some("curiosity")).unwrap(),
                span,
                note: Note::new("You waited.").unwrap(),
                question: Note::new("What did you notice?").unwrap(),
            };
            work.add_clip(&make, &clip).await.unwrap();
            work.commit().await.unwrap();
            let worker = Cx::worker(self.clock.now());
            let (mut work, render) =
                permit::<RenderClip>(&*self.store, worker, clip.id).await.unwrap();
            let object = self.seal(&render, ObjectKind::Clip(clip.id), &sound(length));
            let hidden = work.hidden_of(&render).await.unwrap().unwrap();
            assert!(work.set_rendered(&render, span, hidden.version, &object).await.unwrap());
            work.commit().await.unwrap();
            let (mut work, make) =
                permit::<MakePlaylist>(&*self.store, cx, recording).await.unwrap();
            assert!(work.approve_clip(&make, clip.id, object.id).await.unwrap());
            assert!(work.agree_playlist(&make).await.unwrap());
            work.commit().await.unwrap();
            clips.push(clip.id);
        }
        clips
    }

    /// A series of the owner with this coach, whose agreement both have signed.
    pub(crate) async fn agreed_with(&self, coach: UserId) -> SeriesId {
        let (own, as_coach) =
            (self.cx(self.owner, Role::Practitioner), self.cx(coach, Role::Coach));
        let series = SeriesId::mint(&*self.ids);
        let (mut work, start) = permit::<StartSeries>(&*self.store, own, ()).await.unwrap();
        let name = Pseudonym::new("Robin").unwrap();
        let focus = Focus { name, skill: None, issue: note("") };
        let new = NewSeries { id: series, coach, focus, attendance: false, considered: None };
        work.begin_series(&start, &new).await.unwrap().unwrap();
        work.commit().await.unwrap();
        let (mut work, agree) = permit::<Agree>(&*self.store, own, series).await.unwrap();
        let body = AgreementBody { place: note("the quiet room"), ..AgreementBody::default() };
        let version = work.write_agreement(&agree, 0, &body).await.unwrap().unwrap();
        assert!(work.sign_agreement(&agree, version).await.unwrap());
        work.commit().await.unwrap();
        let (mut work, agree) = permit::<Agree>(&*self.store, as_coach, series).await.unwrap();
        assert!(work.sign_agreement(&agree, version).await.unwrap());
        work.commit().await.unwrap();
        series
    }

    /// One more session of a series gets a time, in so many weeks.
    pub(crate) async fn planned(
        &self,
        series: SeriesId,
        coach: UserId,
        weeks: i64,
    ) -> CoachingSessionId {
        let cx = self.cx(coach, Role::Coach);
        let (mut work, arrange) =
            permit::<ArrangeSessions>(&*self.store, cx, series).await.unwrap();
        let id = CoachingSessionId::mint(&*self.ids);
        let at = self.clock.now().plus_seconds(3_600 + weeks * 604_800);
        work.plan_session(&arrange, id, at, &note("the quiet room")).await.unwrap().unwrap();
        work.commit().await.unwrap();
        id
    }

    /// The owner chooses an extract for a session.
    pub(crate) async fn choose_for(
        &self,
        session: CoachingSessionId,
        clip: ClipId,
        (title, question): (&str, &str),
    ) -> PieceId {
        let own = self.cx(self.owner, Role::Practitioner);
        let (mut work, choose) = permit::<ChooseClips>(&*self.store, own, session).await.unwrap();
        let id = PieceId::mint(&*self.ids);
        let title = Label::new(title).unwrap();
        let piece = NewPiece { id, clip, title, question: note(question) };
        work.add_piece(&choose, &piece).await.unwrap().unwrap();
        work.commit().await.unwrap();
        id
    }

    /// Sessions of the owner with the coach, which wait to begin; what is heard is chosen for the first.
    async fn sessions_to_come(&self, weeks: i64, lengths: &[u64]) -> Waiting {
        const CHOSEN: [(&str, &str); 3] = [
            ("A long pause", "What were you hoping for while you waited?"),
            ("Saturday, and who decides", "What did Robin hear you say about Saturday?"),
            ("Saying the hard thing plainly", ""),
        ];
        let series = self.agreed_with(self.coach).await;
        let recording = recording(self, 3).await;
        let clips = self.extracts(recording, lengths).await;
        let own = self.cx(self.owner, Role::Practitioner);
        let (mut work, decide) = permit::<DecideSeries>(&*self.store, own, series).await.unwrap();
        assert!(work.add_to_series(&decide, recording).await.unwrap());
        work.commit().await.unwrap();
        let mut sessions = Vec::new();
        for week in 0..weeks {
            sessions.push(self.planned(series, self.coach, week).await);
        }
        let mut pieces = Vec::new();
        for (clip, chosen) in clips.into_iter().zip(CHOSEN) {
            pieces.push(self.choose_for(sessions[0], clip, chosen).await);
        }
        Waiting { sessions, pieces }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn three_hear_the_same_and_a_guest_is_out_with_its_end() {
    let world = World::new(sqlite().await).await;
    world.let_somebody_coach().await;
    let waiting = world.sessions_to_come(2, &[25, 20, 12]).await;
    let given = [
        ("SESSION", waiting.sessions[0].to_string()),
        ("NEXT", waiting.sessions[1].to_string()),
        ("FIRST", waiting.pieces[0].to_string()),
        ("SECOND", waiting.pieces[1].to_string()),
        ("WREN", session(&world, world.owner, Role::Practitioner).await),
        ("HERON", session(&world, world.coach, Role::Coach).await),
        ("MAGPIE", session(&world, world.stranger, Role::LineManager).await),
        ("GUEST", world.stranger.to_string()),
    ];
    let figures = visit(world, "session-room.mjs", "browser-session-room", &given).await;
    let number = |name: &str| figures[name].as_f64().unwrap();
    assert!(number("skew_p95_ms") <= MOST_SKEW_MS, "{figures}");
    for closed in ["end", "taken_back", "practitioner"] {
        let took = number(&format!("closing_ms_{closed}"));
        assert!(took <= MOST_CLOSING_MS, "{closed}: {figures}");
    }
    let Value::Object(figures) = figures else { panic!("{figures}") };
    let figures: Vec<_> = figures.iter().map(|(k, v)| (k.as_str(), v.clone())).collect();
    crate::evidence::add("session_room", &figures);
    crate::evidence::add("session_room", &[("browsers", json!(3))]);
}
