//! Why a job is tried again, or was given up: a closed set.

/// For the administrator: one sentence each, and never anything of a recording.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Reason {
    /// The decoding child did not finish.
    #[error(
        "The decoder was stopped before it had finished with the file. The log of the service has the cause."
    )]
    Decoder,
    /// The fence around the decoder cannot be put up on this machine; files wait until it can.
    #[error(
        "This machine cannot fence in the decoder, so files wait. Please run the service on a kernel with Landlock and \
         seccomp, or allow resource limits alone in its settings (HEARBACK_SANDBOX_RLIMIT_ONLY)."
    )]
    NoFence,
    /// The recogniser did not finish.
    #[error("The recogniser could not finish. The log of the service has the cause.")]
    Recogniser,
    /// The recogniser's model is not there, or is not what it ought to be. The text is the model store's own sentence.
    #[error("{0}")]
    Model(String),
    /// The recogniser's model takes more memory than it may.
    #[error(
        "The model `{model}` takes about {takes} MiB of memory, and speech may take {may} MiB here. Please choose a \
         smaller model, or raise HEARBACK_SPEECH_MEMORY if the machine has more."
    )]
    Memory {
        /// Its name.
        model: String,
        /// How much it takes with one window at once (MiB).
        takes: u64,
        /// How much it may (MiB).
        may: u64,
    },
    /// The model does not know the language that was chosen. The text is the recogniser's own sentence.
    #[error("{0}")]
    Language(String),
    /// The vault could not be read or written.
    #[error(
        "An encrypted object could not be read or written. Please check the disk and the keys; the log of the service \
         has the cause."
    )]
    Vault,
    /// An object of the vault is not what was written.
    #[error("A stored object is damaged or missing. Restoring it from a backup mends that.")]
    Damaged,
    /// The database did not answer.
    #[error("The database did not answer. The log of the service has the cause.")]
    Database,
    /// The worker's own code failed.
    #[error(
        "Something went wrong in the worker itself. Please report it; the log of the service has the cause."
    )]
    Panic,
    /// The process ended each time it worked on this.
    #[error(
        "The service ended each time it worked on this. Please look in its log, and at the memory of the machine, \
         before trying again."
    )]
    WorkerDied,
    /// The database knows of no object that the job could work on.
    #[error(
        "What this job works on is not there. Restoring a backup brings it back, if there is one."
    )]
    InputMissing,
    /// A passage to be hidden begins after the end of its recording.
    #[error(
        "A passage that is to be hidden begins after the recording ends, so no extract is cut. Hiding it anew, where it \
         is heard, mends that."
    )]
    HiddenPastTheEnd,
    /// A finished extract could not be shown to hide what is to be hidden.
    #[error(
        "The extract could not be shown to hide everything that is to be hidden, so it was thrown away. Nobody can play \
         it. The log of the service has the cause."
    )]
    NotProven,
    /// An extract reaches past the end of its recording.
    #[error("The extract ends after the recording does. Changing its end mends it.")]
    PastTheEnd,
}
