//! How far a recording is, in words for the person who waits.

use axum::{extract::State, response::IntoResponse as _};
use hearback_access::SeeRecording;
use hearback_domain::{
    AudioState, Ms, Purpose, RecordingId, RecordingState, Sharing, TranscriptState,
};
use hearback_storage::{JobKind, JobState, JobStatus, Recording};
use serde::Serialize;

use crate::{
    App, Visit, WebError,
    error::Result,
    extract::{Json, Path},
};

/// The answer of `GET /recordings/{id}/status`.
#[expect(clippy::struct_excessive_bools, reason = "what the page asks, one by one")]
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Status {
    pub(crate) stage: &'static str,
    pub(crate) progress_permille: Option<u16>,
    pub(crate) audio_ready: bool,
    pub(crate) listening_copy: bool,
    pub(crate) transcript: &'static str,
    /// Whether a machine is at it, or will be, so that somebody can stop it.
    pub(crate) can_stop: bool,
    /// Whether somebody stopped it, so that it can go on.
    pub(crate) can_go_on: bool,
    /// Whether the page of words can be opened.
    pub(crate) words_readable: bool,
    pub(crate) sentence: String,
    pub(crate) duration_ms: Option<Ms>,
    pub(crate) released: bool,
}

/// `GET /recordings/{id}/status`.
pub(crate) async fn show(
    visit: Visit,
    State(app): State<App>,
    Path(id): Path<RecordingId>,
) -> Result {
    let (mut work, permit) = visit.permit::<SeeRecording>(id).await?;
    let recording = work.recording(&permit).await?.ok_or(WebError::NotFound)?;
    let jobs = work.jobs_of(&permit).await?;
    Ok(Json(of(&recording, &jobs, app.verdict_sentence)).into_response())
}

/// How far a recording is, from its own state and that of its jobs.
pub(crate) fn of(
    recording: &Recording,
    jobs: &[JobStatus],
    verdict_sentence: fn(&str) -> String,
) -> Status {
    let now = recording.state;
    let kept = recording.cover(Purpose::Record);
    // What nobody may read any more is as if it were not there.
    let transcript = if recording.cover(Purpose::Transcribe) {
        now.transcript
    } else {
        TranscriptState::NotWanted
    };
    let decoding = jobs.iter().find(|j| matches!(j.kind, JobKind::Decode(_)));
    let transcribing = jobs.iter().find(|j| matches!(j.kind, JobKind::Transcribe(_)));
    let (stage, sentence, job) = match now.audio {
        AudioState::AwaitingFile if !kept => ("awaiting_file", ANSWERS.to_owned(), None),
        AudioState::Decoded if !kept => ("ready", RESTS.to_owned(), None),
        AudioState::AwaitingFile => {
            ("awaiting_file", "It waits for its file, which you can send here.".to_owned(), None)
        }
        AudioState::Uploaded => sound(decoding),
        AudioState::Unreadable => {
            let said = recording.verdict.as_deref().map(verdict_sentence);
            ("refused", said.unwrap_or_else(|| UNREADABLE.to_owned()), None)
        }
        AudioState::Decoded => words(transcript, transcribing),
    };
    // One that is made again is stopped where its words are read.
    let under_way = matches!(transcript, TranscriptState::Waiting | TranscriptState::Running);
    let given_up = transcribing.is_some_and(|job| job.state == JobState::Dead);
    Status {
        stage,
        progress_permille: job.filter(|j| j.state == JobState::Running).map(|j| j.progress),
        audio_ready: now.playable() && kept,
        listening_copy: recording.listening && kept,
        transcript: transcript.as_str(),
        can_stop: now.playable() && kept && under_way && !given_up,
        can_go_on: now.playable() && kept && transcript == TranscriptState::Stopped,
        words_readable: now.playable() && kept && transcript != TranscriptState::NotWanted,
        sentence,
        duration_ms: now.duration,
        released: now.released(),
    }
}

/// How far a recording is, for a list.
pub(crate) const fn in_brief(state: RecordingState) -> &'static str {
    match (state.audio, state.transcript, state.sharing) {
        (AudioState::AwaitingFile, ..) => "Waiting for its file",
        (AudioState::Uploaded, ..) => "Getting the sound ready",
        (AudioState::Unreadable, ..) => "We could not read the file",
        (AudioState::Decoded, _, Sharing::Released(_)) => "You shared it",
        (AudioState::Decoded, _, Sharing::Withheld(_)) => "You keep it to yourself",
        (AudioState::Decoded, TranscriptState::Waiting | TranscriptState::Running, _) => {
            "Ready to hear; the words will follow"
        }
        (AudioState::Decoded, ..) => "Ready to hear",
    }
}

const ANSWERS: &str = "The recording can come here once everyone who is heard said yes.";

const RESTS: &str = "It rests: not everyone’s yes holds just now, so nobody can hear it.";

const UNREADABLE: &str =
    "We could not read this file. Your original is safe – would you like to try another format?";

type Stage<'a> = (&'static str, String, Option<&'a JobStatus>);

fn sound(job: Option<&JobStatus>) -> Stage<'_> {
    let (stage, sentence) = match job.map(|j| (j.state, j.attempts)) {
        Some((JobState::Dead, _)) => (
            "stuck",
            "Your recording is safely here, but getting the sound ready did not work. An \
             administrator can see this and will look at it; there is nothing you have to do.",
        ),
        Some((JobState::Queued, 1..)) => (
            "retrying",
            "Your recording is safely here. Getting the sound ready was interrupted, and we try \
             again by ourselves.",
        ),
        Some((JobState::Running, _)) => {
            ("decoding", "Your recording is safely here. We are getting the sound ready.")
        }
        _ => ("decoding", "Your recording is safely here. Its turn comes in a moment."),
    };
    (stage, sentence.to_owned(), job)
}

fn words(transcript: TranscriptState, job: Option<&JobStatus>) -> Stage<'_> {
    let (stage, sentence) = match (transcript, job.map(|j| (j.state, j.attempts))) {
        (TranscriptState::NotWanted, _) => (
            "ready",
            "It is ready to hear. It was not turned into words, because not everyone wanted that.",
        ),
        (TranscriptState::Done, _) => ("ready", "It is ready to hear, and the words are there."),
        (TranscriptState::Stopped, _) => (
            "ready",
            "It is ready to hear. You stopped turning it into words; what was written until then \
             is there.",
        ),
        (TranscriptState::Failed, _) | (_, Some((JobState::Dead, _))) => (
            "ready",
            "It is ready to hear. Turning it into words did not work this time; listening works \
             all the same.",
        ),
        (_, Some((JobState::Queued, 1..))) => (
            "retrying",
            "You can listen now. Turning it into words was interrupted, and we try again by \
             ourselves.",
        ),
        (TranscriptState::Running, _) => {
            ("transcribing", "You can listen now. The words appear as they are written.")
        }
        (TranscriptState::Waiting, _) => {
            ("transcribing", "You can listen now. The words will follow.")
        }
    };
    (stage, sentence.to_owned(), job)
}

#[cfg(test)]
mod tests {
    use hearback_domain::{
        JobId, Label, Party, PartyConsent, PartyKind, PersonId, Phase, Pseudonym, SessionKind,
        Timestamp, UserId,
    };
    use uuid::Uuid;

    use super::*;

    const ID: RecordingId = RecordingId::from_uuid(Uuid::from_u128(1));
    const WORKER: PersonId = PersonId::from_uuid(Uuid::from_u128(4));

    fn recording(audio: AudioState, transcript: TranscriptState) -> Recording {
        Recording {
            id: ID,
            owner: UserId::from_uuid(Uuid::from_u128(2)),
            pseudonym: Pseudonym::new("Robin").unwrap(),
            session_kind: SessionKind::Visit,
            held_on: None,
            phase: Phase::PreTraining,
            state: RecordingState { audio, transcript, sharing: Sharing::Private, duration: None },
            details: None,
            listening: false,
            verdict: (audio == AudioState::Unreadable).then(|| "not_audio".to_owned()),
            language: None,
            model: None,
            consents: [Purpose::Record, Purpose::Transcribe]
                .map(|purpose| PartyConsent { person: WORKER, purpose, given: true })
                .into(),
            parties: vec![Party {
                id: WORKER,
                kind: PartyKind::Practitioner,
                label: Label::new("Worker").unwrap(),
            }],
            consent_until: None,
            created_at: Timestamp::from_micros(0),
        }
    }

    fn job(kind: JobKind, state: JobState, attempts: u32) -> JobStatus {
        JobStatus {
            id: JobId::from_uuid(Uuid::from_u128(3)),
            kind,
            state,
            attempts,
            progress: 420,
            reason: None,
            run_at: Timestamp::from_micros(0),
        }
    }

    #[test]
    fn the_stage_follows_the_state_and_the_job() {
        use AudioState as A;
        use JobState as J;
        use TranscriptState as T;
        let decode = JobKind::Decode(ID);
        let transcribe = JobKind::Transcribe(ID);
        let none: &[JobStatus] = &[];
        for (audio, words, jobs, stage, progress) in [
            (A::AwaitingFile, T::Waiting, none, "awaiting_file", None),
            (A::Uploaded, T::Waiting, none, "decoding", None),
            (A::Uploaded, T::Waiting, &[job(decode, J::Queued, 0)], "decoding", None),
            (A::Uploaded, T::Waiting, &[job(decode, J::Running, 1)], "decoding", Some(420)),
            (A::Uploaded, T::Waiting, &[job(decode, J::Queued, 2)], "retrying", None),
            (A::Uploaded, T::Waiting, &[job(decode, J::Dead, 5)], "stuck", None),
            (A::Unreadable, T::Waiting, &[job(decode, J::Done, 1)], "refused", None),
            (A::Decoded, T::NotWanted, none, "ready", None),
            (A::Decoded, T::Waiting, &[job(transcribe, J::Queued, 0)], "transcribing", None),
            (A::Decoded, T::Running, &[job(transcribe, J::Running, 1)], "transcribing", Some(420)),
            (A::Decoded, T::Running, &[job(transcribe, J::Queued, 1)], "retrying", None),
            (A::Decoded, T::Running, &[job(transcribe, J::Dead, 5)], "ready", None),
            (A::Decoded, T::Failed, none, "ready", None),
            (A::Decoded, T::Stopped, &[job(transcribe, J::Done, 1)], "ready", None),
            (A::Decoded, T::Done, &[job(transcribe, J::Done, 1)], "ready", None),
        ] {
            let status = of(&recording(audio, words), jobs, |code| format!("verdict {code}"));
            assert_eq!(
                (status.stage, status.progress_permille),
                (stage, progress),
                "{audio} {words}"
            );
            assert_eq!(status.audio_ready, audio == A::Decoded);
            let goes = jobs.iter().all(|job| job.state != J::Dead) && audio == A::Decoded;
            let under_way = matches!(words, T::Waiting | T::Running);
            assert_eq!(status.can_stop, goes && under_way, "{audio} {words}");
            assert_eq!(status.can_go_on, words == T::Stopped);
            assert_eq!(status.words_readable, audio == A::Decoded && words != T::NotWanted);
        }
        let mut rests = recording(A::Decoded, T::Done);
        rests.consents[0].given = false;
        let rests = of(&rests, &[], str::to_owned);
        assert_eq!((rests.audio_ready, rests.sentence.as_str()), (false, RESTS));
        assert!(!rests.words_readable);
        let mut unread = recording(A::Decoded, T::Done);
        unread.consents[1].given = false;
        let unread = of(&unread, &[], str::to_owned);
        assert_eq!((unread.audio_ready, unread.transcript), (true, "not_wanted"));
        assert!(!unread.words_readable);
        let refused = of(&recording(A::Unreadable, T::Waiting), &[], |code| format!("({code})"));
        assert_eq!(refused.sentence, "(not_audio)");
    }
}
