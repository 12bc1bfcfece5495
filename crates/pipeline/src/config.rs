//! What an operator may set about the work in the background.

use std::time::Duration;

use hearback_audio::Limits;

/// How jobs are carried out.
#[derive(Clone, Debug)]
pub struct Config {
    /// How many jobs at once. Transcribing uses several processors for one job, so one is right for most machines.
    pub workers: usize,
    /// How long a job is held without a sign of life before another worker may take it.
    pub lease: Duration,
    /// The same for a job that destroys: after a crash, the next process goes on so soon.
    pub erase_lease: Duration,
    /// How often it is looked whether something is to be destroyed.
    pub erase_poll: Duration,
    /// How often progress is noted, at the most.
    pub report: Duration,
    /// How long an idle worker waits before it looks again, give or take a half; it is woken for new work.
    pub poll: Duration,
    /// How many times a job is tried before it is given up.
    pub max_attempts: u32,
    /// How many times a job is leased before it is held to be what ends the process.
    ///
    /// Well above [`Self::max_attempts`]: a service that is stopped hard, or a machine that loses its power, is not the
    /// job's doing, and nothing that was accepted may be lost to it. A job that really does end the process waits for
    /// its lease to run out each time, so that others go on meanwhile.
    pub max_leases: u32,
    /// How long to wait for a model that is not there before looking again.
    pub model_wait: Duration,
    /// How long something shorter waits before a long transcription lets it go first: an idle worker is quicker.
    pub give_way: Duration,
    /// How often the vault is cleared of objects that nothing names, and what has come to the end of its time is looked
    /// for.
    pub sweep: Duration,
    /// How much an uploaded file may ask of the decoder.
    pub limits: Limits,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            workers: 1,
            lease: Duration::from_mins(1),
            erase_lease: Duration::from_secs(10),
            erase_poll: Duration::from_secs(1),
            report: Duration::from_secs(1),
            poll: Duration::from_secs(5),
            max_attempts: 8,
            max_leases: 100,
            model_wait: Duration::from_mins(1),
            give_way: Duration::from_secs(2),
            sweep: Duration::from_hours(1),
            limits: Limits::default(),
        }
    }
}
