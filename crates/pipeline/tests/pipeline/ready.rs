//! From upload to ready, and the ways on which a recording ends elsewhere.

use hearback_access::{ObjectKind, PlayRecording};
use hearback_audio::Verdict;
use hearback_domain::{AudioState, Purpose, Role, TranscriptState, sound};
use hearback_storage::{JobKind, JobState};

use crate::house::{House, PURPOSES, speak, wav};

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_becomes_ready_with_sound_waveform_and_words() {
    let house = House::new().await;
    let samples = speak(
        &house,
        "slt",
        "You can tell me if you want to, and it is fine if you would rather not.",
    );
    let (id, _) = house.upload(PURPOSES, &wav(&samples)).await;
    assert_eq!(house.worker().drain().await.unwrap(), 3, "decoded, copied and transcribed");

    let recording = house.recording(id).await;
    assert_eq!(recording.state.audio, AudioState::Decoded);
    assert_eq!(recording.state.transcript, TranscriptState::Done);
    assert_eq!(recording.state.duration, Some(sound::duration(samples.len() as u64)));
    let details = recording.details.unwrap();
    assert_eq!((&*details.container, &*details.codec), ("wav", "pcm_s16le"));
    assert_eq!((details.channels, details.sample_rate_hz), (1, 16_000));
    assert_eq!(recording.model.as_deref(), Some("tiny.en"));
    assert_eq!(recording.language.as_deref(), Some("en"));

    assert!(house.samples(id).await == Some(samples.clone()), "to the sample what was uploaded");

    let may = house.may::<PlayRecording>(Role::Practitioner, id).await;
    let peaks = house.bytes(may, ObjectKind::Peaks).await.unwrap();
    let number = |at: usize| u32::from_le_bytes(peaks[at..at + 4].try_into().unwrap());
    let pixels = samples.len().div_ceil(2 * 160);
    // Version 1, 8 bits, rate, samples per pixel, pixels; then a pair of bytes for each.
    assert_eq!([0, 4, 8, 12, 16].map(number), [1, 1, 16_000, 160, u32::try_from(pixels).unwrap()]);
    assert_eq!(peaks.len(), 20 + 2 * pixels);
    assert!(peaks[20..].iter().any(|peak| *peak > 10), "not a flat line");

    let transcript = house.transcript(id).await.unwrap();
    assert_eq!(transcript.model, "tiny.en");
    assert_eq!(transcript.duration_ms, sound::duration(samples.len() as u64).get());
    let words: Vec<_> = transcript.segments.iter().flat_map(|s| &s.words).collect();
    let text = words.iter().map(|w| w.text.to_lowercase()).collect::<Vec<_>>().join(" ");
    assert!(text.contains("rather not"), "{text}");
    assert!(words.windows(2).all(|w| w[0].start_ms <= w[1].start_ms), "in order of time");

    for job in house.jobs(id).await {
        assert_eq!((job.state, job.attempts, job.progress), (JobState::Done, 1, 1_000));
    }
    assert_eq!(
        house.files(id),
        6,
        "original, sound, copy, waveform, one partial text, and the text"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_called_a_recording_is_turned_away_and_kept() {
    let house = House::new().await;
    let letter = b"Dear Robin, thank you for showing me the pond on Saturday.".repeat(40);
    let (id, original) = house.upload(PURPOSES, &letter).await;
    assert_eq!(house.worker().drain().await.unwrap(), 1, "there is nothing to transcribe");

    let recording = house.recording(id).await;
    assert_eq!(recording.state.audio, AudioState::Unreadable);
    let verdict = recording.verdict.unwrap();
    assert_eq!(Verdict::from_code(&verdict), Some(Verdict::NotAudio));
    house.vault.check(&original).unwrap();
    assert_eq!(house.files(id), 1, "the original and nothing else");
    assert_eq!(house.open_jobs().await, [], "nothing is tried again");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_consent_to_text_there_is_sound_and_no_text() {
    let house = House::new().await;
    let samples = speak(&house, "rms", "I would like to see my brother.");
    let (id, _) = house.upload(&[Purpose::Record], &wav(&samples)).await;
    assert_eq!(house.worker().drain().await.unwrap(), 2, "decoded and copied");

    let state = house.state(id).await;
    assert_eq!((state.audio, state.transcript), (AudioState::Decoded, TranscriptState::NotWanted));
    assert!(state.ready());
    assert_eq!(house.files(id), 4, "original, sound, copy, waveform");
    assert_eq!(house.open_jobs().await, []);
}

/// The length that an MP4 file says it is heard for, and the rate of that clock.
fn heard(mp4: &[u8]) -> (u32, u32) {
    let at = mp4.windows(4).position(|name| name == b"mvhd").unwrap() + 4;
    let number =
        |from: usize| u32::from_be_bytes(mp4[at + from..at + from + 4].try_into().unwrap());
    (number(16), number(12))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_to_listen_to_comes_with_the_sound_and_goes_with_it() {
    let house = House::new().await;
    let samples = speak(&house, "slt", "We could go and see the pond together.");
    let soft: Vec<u8> = samples
        .chunks_exact(2)
        .flat_map(|le| (i16::from_le_bytes([le[0], le[1]]) / 100).to_le_bytes())
        .collect();
    let (id, _) = house.upload(&[Purpose::Record], &wav(&soft)).await;
    assert_eq!(house.worker().drain().await.unwrap(), 2);
    let recording = house.recording(id).await;
    assert!(recording.listening);
    let remarks = recording.details.unwrap().remarks;
    assert!(remarks.contains("soft"), "the person is told, kindly: {remarks}");

    let may = house.may::<PlayRecording>(Role::Practitioner, id).await;
    let copy = house.bytes(may, ObjectKind::Listening).await.unwrap();
    let frames = u32::try_from(soft.len() / 2).unwrap();
    assert_eq!(heard(&copy), (frames * 3, 48_000), "as long as the sound, to the sample");
    assert!(house.samples(id).await == Some(soft), "which stays as it was");

    // Decoded anew, it is copied anew.
    let mut work = house.store.begin().await.unwrap();
    work.add_job(&house.job(JobKind::Decode(id))).await.unwrap();
    work.commit().await.unwrap();
    assert_eq!(house.worker().drain().await.unwrap(), 2, "decoded and copied");
    let may = house.may::<PlayRecording>(Role::Practitioner, id).await;
    assert_eq!(house.bytes(may, ObjectKind::Listening).await.unwrap(), copy, "the same again");
}
