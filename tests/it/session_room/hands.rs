//! What a coach does with their hands, and what comes out of the loudspeakers for it.

use hearback_access::DecideSeries;
use hearback_domain::{Role, sound};
use hearback_storage::permit;
use serde_json::json;

use crate::{
    access::session,
    desk_page::{recording, visit},
    support::sqlite,
    world::World,
};

/// What is heard in the second browser test (Hz).
const TONE_HZ: f64 = 220.0;

/// A tone with two overtones, as a voice has, on for the first half of each second.
fn beats(seconds: u64) -> Vec<u8> {
    let rate = f64::from(sound::RATE_HZ);
    let mut samples = Vec::new();
    for n in 0..u32::try_from(seconds).unwrap() * sound::RATE_HZ {
        let on = n % sound::RATE_HZ < sound::RATE_HZ / 2;
        let at = std::f64::consts::TAU * TONE_HZ * f64::from(n) / rate;
        let wave = 0.6 * at.sin() + 0.3 * (2.0 * at).sin() + 0.1 * (3.0 * at).sin();
        #[expect(clippy::cast_possible_truncation, reason = "at most 12,000")]
        let sample = if on { (wave * 12_000.0) as i16 } else { 0 };
        samples.extend(sample.to_le_bytes());
    }
    [&sound::wav_header(samples.len() as u64 / 2)[..], &samples].concat()
}

/// A coach without a mouse: a whole session, from its beginning to its end.
#[tokio::test(flavor = "multi_thread")]
async fn a_coach_without_a_mouse() {
    let world = World::new(sqlite().await).await;
    world.let_somebody_coach().await;
    let waiting = world.sessions_to_come(1, &[25, 20]).await;
    let given = [
        ("SESSION", waiting.sessions[0].to_string()),
        ("FIRST", waiting.pieces[0].to_string()),
        ("HERON", session(&world, world.coach, Role::Coach).await),
    ];
    let figures = visit(world, "session-keys.mjs", "browser-session-keys", &given).await;
    crate::evidence::add("session_room", &[("focus_stops", figures["focus_stops"].clone())]);
}

/// A little slower is slower, and no deeper: as it comes out of the loudspeakers.
#[tokio::test(flavor = "multi_thread")]
async fn a_little_slower_keeps_the_pitch() {
    let world = World::new(sqlite().await).await;
    world.let_somebody_coach().await;
    let series = world.agreed_with(world.coach).await;
    let of = recording(&world, 3).await;
    let clips = world.extracts_of(of, &[12], beats).await;
    let own = world.cx(world.owner, Role::Practitioner);
    let (mut work, decide) = permit::<DecideSeries>(&*world.store, own, series).await.unwrap();
    assert!(work.add_to_series(&decide, of).await.unwrap());
    work.commit().await.unwrap();
    let id = world.planned(series, world.coach, 0).await;
    let piece = world.choose_for(id, clips[0], ("A tone", "")).await;
    let given = [
        ("SESSION", id.to_string()),
        ("PIECE", piece.to_string()),
        ("HERON", session(&world, world.coach, Role::Coach).await),
    ];
    let figures = visit(world, "session-pitch.mjs", "browser-session-pitch", &given).await;
    let number = |name: &str| figures[name].as_f64().unwrap();
    for pitch in [number("pitch_hz"), number("slower_pitch_hz")] {
        assert!((pitch / TONE_HZ - 1.0).abs() < 0.02, "{figures}");
    }
    assert!((number("beat_s") - 1.0).abs() < 0.03, "{figures}");
    assert!((number("slower_beat_s") - 4.0 / 3.0).abs() < 0.04, "{figures}");
    let off = 100.0 * (number("slower_pitch_hz") / TONE_HZ - 1.0).abs();
    crate::evidence::add("session_room", &[("slower_pitch_off_percent", json!(off))]);
}
