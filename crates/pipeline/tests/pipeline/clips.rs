//! Extracts: cut once released, to the millisecond, and never against the practitioner's will.

use std::sync::Arc;

use hearback_access::{DecideSharing, Hide, ObjectKind, PreviewClip};
use hearback_audio::{
    Bytes,
    clip::{self, Gain},
    loudness::LoudnessMeter,
};
use hearback_domain::{
    ClipId, Clock as _, Framework, GrantId, Hidden, HiddenId, HideReason, Ms, Note, PlaylistId,
    Purpose, RecordingId, Role, Span,
};
use hearback_storage::{ChangedClip, JobKind, JobState, NewClip, Release};
use tokio::runtime::Handle;

use crate::house::{House, speak, wav};

/// Consents without text, which extracts do not need.
const HEARD: &[Purpose] = &[Purpose::Record, Purpose::CodeResearch, Purpose::CoachPlayback];

fn span(start: u64, end: u64) -> Span {
    Span::new(Ms::new(start), Ms::new(end)).unwrap()
}

/// A released recording with an extract that waits to be cut.
async fn with_clip(house: &House, at: Span) -> (RecordingId, ClipId, Vec<u8>) {
    let samples = speak(house, "slt", "It took courage to say that. What would help you now?");
    let (id, _) = house.upload(HEARD, &wav(&samples)).await;
    house.worker().drain().await.unwrap();
    let (mut work, permit) = house.may::<DecideSharing>(Role::Practitioner, id).await;
    let release = Release {
        researcher: (GrantId::mint(&*house.ids), house.researcher),
        coach: None,
        second_coder: false,
        expires_at: house.clock.now().plus_seconds(86_400),
    };
    work.release(&permit, &release).await.unwrap();
    work.commit().await.unwrap();

    let framework = Framework::v1();
    let (mut work, permit) = house.making(id).await;
    work.ensure_playlist(&permit, PlaylistId::mint(&*house.ids)).await.unwrap();
    let clip = ClipId::mint(&*house.ids);
    let skill = framework.skills().next().unwrap().key.clone();
    work.add_clip(
        &permit,
        &NewClip {
            id: clip,
            framework_version: framework.version.clone(),
            item: framework.code(&skill, None).unwrap(),
            span: at,
            note: Note::new("Warm and unhurried.").unwrap(),
            question: Note::new("What did you notice here?").unwrap(),
        },
    )
    .await
    .unwrap();
    work.add_job(&house.job(JobKind::RenderClip(id, clip))).await.unwrap();
    work.commit().await.unwrap();
    (id, clip, samples)
}

/// By how much the listening copy is louder than these samples.
fn gain(samples: &[u8]) -> Gain {
    let floats: Vec<f32> = as_frames(samples).iter().map(|s| f32::from(*s) / 32_768.0).collect();
    let mut meter = LoudnessMeter::new().unwrap();
    meter.push(&floats).unwrap();
    Gain::from_db((meter.finish().gain_db() * 10.0).round() / 10.0)
}

fn as_frames(bytes: &[u8]) -> Vec<i16> {
    bytes.as_chunks().0.iter().map(|le| i16::from_le_bytes(*le)).collect()
}

fn expected(samples: &[u8], at: Span) -> Vec<u8> {
    let mut out = Vec::new();
    let cut = clip::Cut { gain: gain(samples), ..clip::Cut::plain(at) };
    clip::cut(&mut Bytes(wav(samples)), &cut, &mut out).unwrap();
    out
}

async fn rendered(house: &House, id: RecordingId) -> bool {
    let (mut work, permit) = house.making(id).await;
    work.playlist(&permit).await.unwrap().unwrap().clips[0].rendered()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_extract_is_that_stretch_and_nothing_else() {
    let house = House::new().await;
    let at = span(700, 1_900);
    let (id, clip, samples) = with_clip(&house, at).await;
    assert_eq!(house.worker().drain().await.unwrap(), 1);
    assert!(rendered(&house, id).await);
    let may = house.may::<PreviewClip>(Role::Researcher, clip).await;
    let bytes = house.bytes(may, ObjectKind::Clip(clip)).await.unwrap();
    assert_eq!(bytes.len(), 44 + 1_200 * 32);
    assert!(bytes == expected(&samples, at));
    // Away from its faded edges it is the recording, as much louder as the listening copy, and nowhere cut off.
    let (from, to) = (700 * 32 + 3_200, 1_900 * 32 - 3_200);
    let factor = gain(&samples).factor();
    let heard = as_frames(&bytes[44 + 3_200..bytes.len() - 3_200]);
    let recorded = as_frames(&samples[from..to]);
    let near = |(a, b): (&i16, &i16)| (f64::from(*a) - f64::from(*b) * factor).abs() <= 1.0;
    let same = heard.iter().zip(&recorded).filter(|pair| near(*pair)).count();
    assert!(same * 10 > heard.len() * 9, "{same} of {}", heard.len());
    assert!(heard.iter().all(|s| s.unsigned_abs() <= 29_205), "one decibel below full scale");

    // The same job once more finds it there.
    let mut work = house.store.begin().await.unwrap();
    work.add_job(&house.job(JobKind::RenderClip(id, clip))).await.unwrap();
    work.commit().await.unwrap();
    let files = house.files(id);
    assert_eq!(house.worker().drain().await.unwrap(), 1);
    assert_eq!(house.files(id), files, "nothing is cut twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_withheld_is_not_cut() {
    let house = House::new().await;
    let (id, _, _) = with_clip(&house, span(700, 1_900)).await;
    let files = house.files(id);
    let (mut work, permit) = house.may::<DecideSharing>(Role::Practitioner, id).await;
    work.withhold(&permit).await.unwrap();
    work.commit().await.unwrap();
    assert_eq!(house.worker().drain().await.unwrap(), 1);
    assert_eq!(house.files(id), files, "nothing was made");
    assert_eq!(house.open_jobs().await, [], "and nothing is owed");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_withheld_while_it_is_cut_is_not_kept() {
    let house = House::new().await;
    let (id, clip, _) = with_clip(&house, span(700, 1_900)).await;
    let (store, here) = (Arc::clone(&house.store), Handle::current());
    let cx = house.cx(Role::Practitioner);
    house.ids.at_next(move || {
        here.block_on(async {
            let (mut work, permit) =
                hearback_storage::permit::<DecideSharing>(&*store, cx, id).await.unwrap();
            work.withhold(&permit).await.unwrap();
            work.commit().await.unwrap();
        });
    });
    assert_eq!(house.worker().drain().await.unwrap(), 1);
    assert_eq!(house.open_jobs().await, []);

    // Released again, the extract is still to be cut.
    let (mut work, permit) = house.may::<DecideSharing>(Role::Practitioner, id).await;
    let release = Release {
        researcher: (GrantId::mint(&*house.ids), house.researcher),
        coach: None,
        second_coder: false,
        expires_at: house.clock.now().plus_seconds(86_400),
    };
    work.release(&permit, &release).await.unwrap();
    work.commit().await.unwrap();
    assert!(!rendered(&house, id).await);
    let may = house.may::<PreviewClip>(Role::Researcher, clip).await;
    assert_eq!(house.bytes(may, ObjectKind::Clip(clip)).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_extract_that_is_moved_while_it_is_cut_ends_in_its_new_place() {
    let house = House::new().await;
    let (id, clip, samples) = with_clip(&house, span(700, 1_900)).await;
    let moved = span(300, 900);
    let (store, here, cx) =
        (Arc::clone(&house.store), Handle::current(), house.cx(Role::Researcher));
    house.ids.at_next(move || {
        here.block_on(async {
            let (mut work, permit) = hearback_storage::permit(&*store, cx, id).await.unwrap();
            let change = ChangedClip {
                id: clip,
                span: moved,
                note: Note::new("Warm.").unwrap(),
                question: Note::new("What did you notice?").unwrap(),
            };
            assert!(work.change_clip(&permit, &change).await.unwrap());
            work.commit().await.unwrap();
        });
    });
    assert_eq!(house.worker().drain().await.unwrap(), 2, "once for each place");
    assert!(rendered(&house, id).await);
    let may = house.may::<PreviewClip>(Role::Researcher, clip).await;
    assert!(house.bytes(may, ObjectKind::Clip(clip)).await == Some(expected(&samples, moved)));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_extract_past_the_end_is_given_up_at_once() {
    let house = House::new().await;
    let (_, clip, _) = with_clip(&house, span(1_000, 60_000)).await;
    assert_eq!(house.worker().drain().await.unwrap(), 1);
    let job = house.open_jobs().await.remove(0);
    assert_eq!((job.state, job.attempts), (JobState::Dead, 1));
    assert_eq!(job.kind.clip(), Some(clip));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_hidden_while_it_is_cut_is_hidden_in_the_extract() {
    let house = House::new().await;
    let at = span(700, 1_900);
    let (id, clip, samples) = with_clip(&house, at).await;
    let (store, here, cx) =
        (Arc::clone(&house.store), Handle::current(), house.cx(Role::Practitioner));
    // After the extract was cut and proven, and before it is kept.
    house.ids.at_next(move || {
        here.block_on(async {
            let (mut work, permit) =
                hearback_storage::permit::<Hide>(&*store, cx, id).await.unwrap();
            let hidden = Hidden { span: span(1_200, 1_400), why: HideReason::Name };
            let passage = HiddenId::from_uuid(uuid::Uuid::from_u128(1));
            work.hide(&permit, passage, &hidden).await.unwrap();
            work.commit().await.unwrap();
        });
    });
    assert_eq!(house.worker().drain().await.unwrap(), 2, "once for each version");
    assert!(rendered(&house, id).await);
    let may = house.may::<PreviewClip>(Role::Researcher, clip).await;
    let bytes = house.bytes(may, ObjectKind::Clip(clip)).await.unwrap();
    let plain = expected(&samples, at);
    assert_eq!(bytes.len(), plain.len(), "it is as long as before");
    // The passage lies half a second into the extract; a guard is hidden with it, and all else is as it was.
    let part = |from: usize, to: usize| 44 + from * 32..44 + to * 32;
    assert!(bytes[part(350, 850)] != plain[part(350, 850)]);
    assert!(bytes[part(0, 200)] == plain[part(0, 200)]);
    assert!(bytes[part(1_000, 1_200)] == plain[part(1_000, 1_200)]);
    // Where something was said: silence is like any other silence.
    let loud = |ms: &&[u8]| {
        ms.chunks_exact(2).any(|le| i16::from_le_bytes([le[0], le[1]]).unsigned_abs() > 500)
    };
    let said: Vec<_> = plain[part(510, 690)].chunks_exact(32).filter(loud).collect();
    assert!(said.len() > 50, "something is said there");
    for ms in said {
        assert!(!bytes.windows(32).any(|heard| heard == ms), "something of it is left");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_damaged_recording_no_extract_is_kept() {
    let house = House::new().await;
    let (id, _, _) = with_clip(&house, span(700, 1_900)).await;
    let files = house.files(id);
    house.damage_files(id);
    assert_eq!(house.worker().drain().await.unwrap(), 1);
    let job = house.open_jobs().await.remove(0);
    assert_eq!((job.state, job.attempts), (JobState::Queued, 1));
    let sentence = job.reason.unwrap();
    assert!(sentence.starts_with("A stored object is damaged"), "{sentence}");
    assert!(!rendered(&house, id).await);
    assert_eq!(house.files(id), files, "nothing of it is kept");
}
