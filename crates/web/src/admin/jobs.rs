//! Work that is not done yet.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use hearback_access::SeeJobs;
use hearback_domain::JobId;
use hearback_storage::{JobKind, JobState, JobStatus};

use crate::{
    App, Visit, WebError,
    error::Result,
    extract::Path,
    page::{Page, Said, day_and_time, html},
};

#[derive(Template)]
#[template(path = "jobs.html")]
struct JobsPage {
    page: Page,
    jobs: Vec<Line>,
    /// What is missing of the walls around the decoder.
    decoder_lacks: Option<Arc<str>>,
}

struct Line {
    id: JobId,
    what: &'static str,
    recording: String,
    state: &'static str,
    given_up: bool,
    attempts: u32,
    reason: String,
    when: String,
}

/// `GET /admin/jobs`.
pub(crate) async fn show(visit: Visit) -> Result {
    let (mut work, permit) = visit.permit::<SeeJobs>(()).await?;
    let jobs = work.open_jobs(&permit).await?;
    let jobs = jobs.into_iter().map(line).collect();
    let decoder_lacks = visit.app().decoder_lacks.clone();
    html(&JobsPage { page: visit.page("Jobs"), jobs, decoder_lacks })
}

fn line(job: JobStatus) -> Line {
    Line {
        id: job.id,
        what: match job.kind {
            JobKind::Decode(_) => "Get the sound ready",
            JobKind::Listening(_) => "Make the copy that people listen to",
            JobKind::Transcribe(_) => "Turn speech into words",
            JobKind::RenderClip(..) => "Cut an extract",
            JobKind::Erase(_) => "Destroy what was taken back, or is over",
        },
        recording: job.kind.recording().to_string(),
        state: match job.state {
            JobState::Queued if job.attempts > 0 => "Waits for another try",
            JobState::Queued => "Waits",
            JobState::Running => "Runs",
            JobState::Done => "Done",
            JobState::Dead => "Given up",
        },
        given_up: job.state == JobState::Dead,
        attempts: job.attempts,
        reason: job.reason.unwrap_or_default(),
        when: day_and_time(job.run_at),
    }
}

/// `POST /admin/jobs/{job}/requeue`.
pub(crate) async fn requeue(visit: Visit, State(app): State<App>, Path(id): Path<JobId>) -> Result {
    let (mut work, permit) = visit.permit::<SeeJobs>(()).await?;
    let done = work.requeue_job(&permit, id, app.clock.now()).await?;
    work.commit().await?;
    if !done {
        return Err(WebError::NotFound);
    }
    app.wake.notify_one();
    Ok(Said::Requeued.at("/admin/jobs"))
}
