//! The machine at work in a browser: stopped, gone on with, read again; and a file that it could not read.

use std::{fs, path::Path, process::Command};

use hearback_access::{Cx, ObjectKind, Transcribe, TranscribeAgain};
use hearback_domain::{
    Clock as _, JobId, RecordingId, Role, TranscriptState, transcript::Transcript,
};
use hearback_storage::{JobKind, NewJob, TranscriptChange, permit};

use super::{
    speak_of,
    visit::{segment, visit},
};
use crate::{
    access::{app, session},
    support::sqlite,
    world::{Stage, World},
};

/// Somebody has it read again, and 42 % of that is done.
async fn read_again(world: &World, id: RecordingId) {
    let cx = world.cx(world.owner, Role::Practitioner);
    let (mut work, p) = permit::<TranscribeAgain>(&*world.store, cx, id).await.unwrap();
    assert!(work.transcribe_again(&p, None, JobId::mint(&*world.ids)).await.unwrap());
    let until = world.clock.now().plus_seconds(600);
    let job = work.lease_job(world.clock.now(), until).await.unwrap().unwrap();
    assert_eq!(job.kind, JobKind::Transcribe(id));
    assert!(work.extend_lease(&job, until, 427).await.unwrap());
    work.commit().await.unwrap();
}

/// A worker has written its first words, and another one may go on.
async fn being_written(world: &World, id: RecordingId) {
    let said = segment(400, 3_600, None, "So far so good.", &[]);
    let so_far = Transcript {
        duration_ms: 10_000,
        done_ms: Some(4_000),
        segments: vec![said],
        ..Transcript::default()
    };
    let worker = Cx::worker(world.clock.now());
    let (mut work, p) = permit::<Transcribe>(&*world.store, worker, id).await.unwrap();
    let object = serde_json::to_vec(&so_far).unwrap();
    let change = TranscriptChange {
        state: TranscriptState::Running,
        language: None,
        model: None,
        object: Some(world.seal(&p, ObjectKind::Transcript, &object)),
    };
    work.set_transcript(&p, &change).await.unwrap();
    let (kind, run_at) = (JobKind::Transcribe(id), world.clock.now());
    work.add_job(&NewJob { id: JobId::mint(&*world.ids), kind, run_at }).await.unwrap();
    work.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_machine_at_work_in_a_browser() {
    let world = World::new(sqlite().await).await;
    let again = world.recording(Stage::Private).await.recording;
    speak_of(&world, again, &visit()).await;
    read_again(&world, again).await;
    let doubted = world.recording(Stage::Private).await.recording;
    speak_of(&world, doubted, &visit()).await;
    let running = world.recording(Stage::Private).await.recording;
    being_written(&world, running).await;
    let refused = world.recording(Stage::Refused).await.recording;
    let given = [
        ("WREN", session(&world, world.owner, Role::Practitioner).await),
        ("RUNNING", running.to_string()),
        ("AGAIN", again.to_string()),
        ("REFUSED", refused.to_string()),
        ("DOUBTED", doubted.to_string()),
    ];
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://localhost:{}", listener.local_addr().unwrap().port());
    let app = app(&world, &origin);
    let (end, ended) = tokio::sync::oneshot::channel::<()>();
    let mut serving = tokio::task::JoinSet::new();
    serving.spawn(async move {
        hearback_web::serve(listener, app, async { drop(ended.await) }).await.unwrap();
    });
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let out = here.join("../target/browser-machine");
    fs::remove_dir_all(&out).ok();
    let done = tokio::task::spawn_blocking(move || {
        Command::new("node")
            .arg(here.join("browser/machine.mjs"))
            .env("ORIGIN", &origin)
            .env("OUT", &out)
            .envs(given)
            .output()
            .expect("node is installed: run `cargo xtask test`")
    });
    let done = done.await.unwrap();
    drop(end);
    serving.join_next().await.unwrap().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}
