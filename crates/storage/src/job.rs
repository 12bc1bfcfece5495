//! The job queue at rest.
//!
//! A job is leased with a deadline and a fencing token. Whoever holds it extends the lease while working and writes
//! its effects in units of work that begin with [`Jobs::hold_job`]; a worker that lost its lease finds out there and
//! writes nothing. So every effect happens once, however many workers died on the way.

use async_trait::async_trait;
use hearback_access::{Permit, SeeJobs, SeeRecording};
use hearback_domain::{ClipId, JobId, Ms, RecordingId, Timestamp};

use crate::Result;

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobKind {
    /// Decode the original.
    Decode(RecordingId),
    /// Make the listening copy of what was decoded.
    Listening(RecordingId),
    /// Turn speech into text.
    Transcribe(RecordingId),
    /// Cut an extract of a recording.
    RenderClip(RecordingId, ClipId),
    /// Destroy what is decided to be destroyed.
    Erase(RecordingId),
}

/// The stored words make no job.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("there is no such kind of job")]
pub struct UnknownJob;

impl JobKind {
    /// The word for storage.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Decode(_) => "decode",
            Self::Listening(_) => "listening",
            Self::Transcribe(_) => "transcribe",
            Self::RenderClip(..) => "render_clip",
            Self::Erase(_) => "erase",
        }
    }

    /// The recording it is about.
    pub const fn recording(self) -> RecordingId {
        match self {
            Self::Decode(id)
            | Self::Listening(id)
            | Self::Transcribe(id)
            | Self::RenderClip(id, _)
            | Self::Erase(id) => id,
        }
    }

    /// The extract it is about, if it is about one.
    pub const fn clip(self) -> Option<ClipId> {
        match self {
            Self::RenderClip(_, clip) => Some(clip),
            _ => None,
        }
    }

    /// From the stored words.
    pub fn parse(
        word: &str,
        recording: RecordingId,
        clip: Option<ClipId>,
    ) -> Result<Self, UnknownJob> {
        match (word, clip) {
            ("decode", None) => Ok(Self::Decode(recording)),
            ("listening", None) => Ok(Self::Listening(recording)),
            ("transcribe", None) => Ok(Self::Transcribe(recording)),
            ("erase", None) => Ok(Self::Erase(recording)),
            ("render_clip", Some(clip)) => Ok(Self::RenderClip(recording, clip)),
            _ => Err(UnknownJob),
        }
    }
}

/// How far a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobState {
    /// Waits for a worker, or for another try.
    Queued,
    /// A worker has it.
    Running,
    /// Done.
    Done,
    /// Given up; a person decides what next.
    Dead,
}

impl JobState {
    /// The word for storage.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Done => "done",
            Self::Dead => "dead",
        }
    }

    /// From the stored word.
    pub fn parse(word: &str) -> Result<Self, UnknownJob> {
        match word {
            "queued" => Ok(Self::Queued),
            "running" => Ok(Self::Running),
            "done" => Ok(Self::Done),
            "dead" => Ok(Self::Dead),
            _ => Err(UnknownJob),
        }
    }
}

/// A job to be queued.
#[derive(Clone, Copy, Debug)]
pub struct NewJob {
    /// Its identifier.
    pub id: JobId,
    /// What is to be done.
    pub kind: JobKind,
    /// Not to be begun before.
    pub run_at: Timestamp,
}

/// A job that a worker holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeasedJob {
    /// Its identifier.
    pub id: JobId,
    /// What is to be done.
    pub kind: JobKind,
    /// The fencing token of this lease.
    pub token: i64,
    /// How many times it was leased, this one included. Counted at the lease, so that a job that kills its worker
    /// counts too.
    pub attempt: u32,
}

/// How a job ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FinishedJob {
    /// It is done.
    Done,
    /// It is to be tried again.
    Retry {
        /// Not before.
        at: Timestamp,
        /// Why, for the administrator: a closed set of words, never content.
        reason: String,
    },
    /// Whoever had it lets others go first, and has kept what is done. The lease was no try.
    GiveWay {
        /// Not before.
        at: Timestamp,
    },
    /// It is given up.
    Dead {
        /// Why, for the administrator.
        reason: String,
    },
}

/// A job as people see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobStatus {
    /// Its identifier.
    pub id: JobId,
    /// What is to be done.
    pub kind: JobKind,
    /// How far it is.
    pub state: JobState,
    /// How many times it was leased.
    pub attempts: u32,
    /// How much of it is done, in thousandths.
    pub progress: u16,
    /// Why it is tried again, or was given up.
    pub reason: Option<String>,
    /// When it may (next) be begun.
    pub run_at: Timestamp,
}

/// For how long a transcription may be passed over by shorter work: twelve hours, in seconds. From then on it comes
/// first and gives way to nobody, so that a long recording has its words by the next day however many short ones come.
pub const LONGEST_PASSED_OVER: i64 = 12 * 3_600;

/// The queue.
#[async_trait]
pub trait Jobs {
    /// Queues a job, unless one of the same kind for the same recording and extract is queued or running.
    async fn add_job(&mut self, job: &NewJob) -> Result<()>;

    /// Leases a job that is due: whatever is no transcription first, then those of shorter recordings, except that
    /// one which was queued [`LONGEST_PASSED_OVER`] ago comes first as well; of several, the one that has been due
    /// longest, ties by id. One whose lease ran out counts as due since then.
    ///
    /// Of any number of workers that ask at once, each job goes to one. The token is the last one plus one. Jobs that
    /// destroy are not among them.
    async fn lease_job(&mut self, now: Timestamp, until: Timestamp) -> Result<Option<LeasedJob>>;

    /// The same for jobs that destroy: they wait for no other work.
    async fn lease_erasure(
        &mut self,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<LeasedJob>>;

    /// Extends a lease and notes the progress in thousandths; false if the lease was lost.
    async fn extend_lease(
        &mut self,
        job: &LeasedJob,
        until: Timestamp,
        progress: u16,
    ) -> Result<bool>;

    /// Makes sure that this unit of work commits only while the worker holds the job; false if the lease was lost.
    ///
    /// Locks the job until the unit ends, so that nobody else can lease it meanwhile.
    async fn hold_job(&mut self, job: &LeasedJob) -> Result<bool>;

    /// Ends a lease; false if it was lost.
    async fn finish_job(&mut self, job: &LeasedJob, how: &FinishedJob) -> Result<bool>;

    /// Whether something waits since `since` that takes less time than what is `left` of a transcription: any work but
    /// transcribing, or transcribing a recording that is shorter than that. Jobs that destroy do not count. Never, once
    /// the job was queued [`LONGEST_PASSED_OVER`] before.
    async fn shorter_waits(&mut self, job: &LeasedJob, left: Ms, since: Timestamp) -> Result<bool>;

    /// A given-up job goes back into the queue with its attempts forgotten; false if it is not a given-up one.
    async fn requeue_job(
        &mut self,
        permit: &Permit<SeeJobs>,
        id: JobId,
        now: Timestamp,
    ) -> Result<bool>;

    /// A recording's jobs for decoding and transcribing: newest of each kind, decoding first.
    async fn jobs_of(&mut self, permit: &Permit<SeeRecording>) -> Result<Vec<JobStatus>>;

    /// Everything that is not done, given-up ones first, then by `run_at`, ties by id.
    async fn open_jobs(&mut self, permit: &Permit<SeeJobs>) -> Result<Vec<JobStatus>>;

    /// When the next job is or becomes due, if any is open. One that a worker holds becomes due when its lease runs
    /// out: if that worker is gone, somebody has to wake for it. Jobs that destroy do not count.
    async fn next_due(&mut self) -> Result<Option<Timestamp>>;
}
