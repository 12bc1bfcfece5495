//! The command line: a contract, written in one place.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use hearback_domain::{Ms, Role, Span};

/// The hidden command under which this binary is its own decoding child.
pub(crate) const DECODE_CHILD: &str = "decode-child";

/// Turns recordings of social work practice into coaching, on your own machine.
#[derive(Debug, Parser)]
#[command(name = "hearback", version, about, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Tell what a recording is: container, codec, channels, rate, length
    Probe(ProbeArgs),
    /// Decode a recording to a 16-bit mono WAV file
    Decode(DecodeArgs),
    /// Make the data of a waveform picture (audiowaveform's .dat or .json)
    Peaks(PeaksArgs),
    /// Cut an extract to the millisecond, with passages hidden if wanted
    Clip(ClipArgs),
    /// Turn speech into text with word times, on this machine
    Transcribe(TranscribeArgs),
    /// List, fetch and verify speech models
    Models {
        #[command(subcommand)]
        command: ModelsCommand,
        #[command(flatten)]
        models: ModelsDir,
    },
    /// Make a data directory and its master key
    Init(DataArgs),
    /// Bring the database up to date
    Migrate(DatabaseArgs),
    /// Run the service: pages, and (unless told not to) the worker
    Serve(ServeArgs),
    /// Run only the worker that decodes, transcribes and cuts
    Worker(WorkerArgs),
    /// Add people
    User {
        #[command(subcommand)]
        command: UserCommand,
    },
    /// Check the audit log
    Audit {
        #[command(subcommand)]
        command: AuditCommand,
    },
}

#[derive(Debug, Args)]
pub(crate) struct ProbeArgs {
    /// The recording
    pub(crate) file: PathBuf,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct DecodeArgs {
    /// The recording
    pub(crate) file: PathBuf,
    /// Where to write the WAV file
    #[arg(short, long, value_name = "OUT.wav")]
    pub(crate) output: PathBuf,
    /// Samples per second
    #[arg(long, default_value_t = 16_000, value_parser = clap::value_parser!(u32).range(8_000..=192_000))]
    pub(crate) rate: u32,
}

#[derive(Debug, Args)]
pub(crate) struct PeaksArgs {
    /// The recording
    pub(crate) file: PathBuf,
    /// Where to write: `.dat` or `.json`
    #[arg(short, long, value_name = "OUT.dat|OUT.json")]
    pub(crate) output: PathBuf,
    /// Samples of the recording for each point of the picture
    #[arg(long, default_value_t = 256, value_parser = clap::value_parser!(u32).range(2..=1_000_000))]
    pub(crate) samples_per_pixel: u32,
    /// Bits for each value
    #[arg(long, default_value = "16")]
    pub(crate) bits: Bits,
    /// A picture for each channel instead of one of the mix
    #[arg(long)]
    pub(crate) split_channels: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Bits {
    #[value(name = "8")]
    Eight,
    #[value(name = "16")]
    Sixteen,
}

#[derive(Debug, Args)]
pub(crate) struct ClipArgs {
    /// The recording
    pub(crate) file: PathBuf,
    /// Where the extract begins, in milliseconds
    #[arg(long, value_name = "MS")]
    pub(crate) start: u64,
    /// Where it ends, in milliseconds
    #[arg(long, value_name = "MS")]
    pub(crate) end: u64,
    /// Where to write: `.wav` or `.flac`
    #[arg(short, long, value_name = "OUT.wav|OUT.flac")]
    pub(crate) output: PathBuf,
    /// A passage of the recording to hide; may be given several times
    #[arg(long, value_name = "MS-MS", value_parser = span)]
    pub(crate) redact: Vec<Span>,
    /// What takes the place of a hidden passage
    #[arg(long, default_value = "tone")]
    pub(crate) redact_with: RedactWith,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum RedactWith {
    Tone,
    Silence,
}

fn span(text: &str) -> Result<Span, String> {
    let parse = |ms: &str| ms.trim().parse().map(Ms::new);
    let (start, end) = text.split_once('-').ok_or("write it as START-END, in milliseconds")?;
    let (Ok(start), Ok(end)) = (parse(start), parse(end)) else {
        return Err("write it as START-END, in milliseconds".to_owned());
    };
    Span::new(start, end).map_err(|e| e.to_string())
}

#[derive(Debug, Args)]
pub(crate) struct TranscribeArgs {
    /// The recording
    pub(crate) file: PathBuf,
    /// The speech model
    #[arg(long, default_value = "tiny.en")]
    pub(crate) model: String,
    /// The language spoken, as in `en`; `auto` lets a multilingual model decide
    #[arg(long, default_value = "en")]
    pub(crate) language: String,
    /// The form of the text
    #[arg(long, default_value = "json")]
    pub(crate) format: Format,
    /// Processor threads; as many as there are cores if not given
    #[arg(long)]
    pub(crate) threads: Option<usize>,
    /// Where to write; standard output if not given
    #[arg(short, long)]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) models: ModelsDir,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Format {
    Json,
    Vtt,
    Srt,
    Txt,
}

#[derive(Debug, Args, Clone)]
pub(crate) struct ModelsDir {
    /// Where speech models lie
    #[arg(long = "models", env = "HEARBACK_MODELS", value_name = "DIR", global = true)]
    dir: Option<PathBuf>,
}

impl ModelsDir {
    /// The directory that was given, or `hearback/models` in the user's data directory.
    pub(crate) fn path(&self) -> PathBuf {
        let home = || std::env::var_os("HOME").map_or_else(PathBuf::new, PathBuf::from);
        let data = || {
            std::env::var_os("XDG_DATA_HOME")
                .map_or_else(|| home().join(".local/share"), PathBuf::from)
        };
        self.dir.clone().unwrap_or_else(|| data().join("hearback/models"))
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum ModelsCommand {
    /// What there is, and what could be fetched
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Fetch a model. The only command that uses the internet
    Fetch {
        /// Its name, as `models list` shows it
        name: String,
    },
    /// Take in a model file that was carried here by hand
    Add {
        /// The ggml file
        file: PathBuf,
        /// What to call it, if it is none of the known ones
        #[arg(long)]
        name: Option<String>,
    },
    /// Check every model against its hash
    Verify,
}

/// Where the database is.
#[derive(Debug, Args, Clone)]
pub(crate) struct DatabaseArgs {
    /// The data directory
    #[arg(long, env = "HEARBACK_DATA", value_name = "DIR")]
    pub(crate) data: PathBuf,
    /// The database: `sqlite:FILE` or `postgres://…`. A file in the data directory if not given
    #[arg(long, env = "HEARBACK_DATABASE", value_name = "URL", hide_env_values = true)]
    pub(crate) database: Option<String>,
}

/// Where the database, the vault and its master key are.
#[derive(Debug, Args, Clone)]
pub(crate) struct DataArgs {
    #[command(flatten)]
    pub(crate) database: DatabaseArgs,
    /// The master key's file. It opens everything: keep it apart from the data
    #[arg(long, env = "HEARBACK_KEY_FILE", value_name = "FILE")]
    pub(crate) key_file: PathBuf,
    /// Allow the master key to lie with the data it opens (for trying things out)
    #[arg(long, env = "HEARBACK_ACCEPT_COLOCATED_KEY")]
    pub(crate) accept_colocated_key: bool,
}

#[derive(Debug, Args, Clone)]
pub(crate) struct WorkerArgs {
    #[command(flatten)]
    pub(crate) data: DataArgs,
    #[command(flatten)]
    pub(crate) models: ModelsDir,
    /// The speech model
    #[arg(long, env = "HEARBACK_MODEL", default_value = "tiny.en")]
    pub(crate) model: String,
    /// Processor threads for speech; one core is left for the pages if not given
    #[arg(long, env = "HEARBACK_THREADS")]
    pub(crate) threads: Option<usize>,
    /// For how long a worker may be silent before another takes its job over, in seconds
    #[arg(long, env = "HEARBACK_LEASE_SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=3_600))]
    pub(crate) lease_seconds: u32,
    /// Decode even where the kernel offers no Landlock or seccomp, within resource limits only
    #[arg(long, env = "HEARBACK_SANDBOX_RLIMIT_ONLY")]
    pub(crate) sandbox_rlimit_only: bool,
}

#[derive(Debug, Args, Clone)]
pub(crate) struct ServeArgs {
    #[command(flatten)]
    pub(crate) worker: WorkerArgs,
    /// Where to listen
    #[arg(
        long,
        env = "HEARBACK_LISTEN",
        default_value = "127.0.0.1:8080",
        value_name = "ADDR:PORT"
    )]
    pub(crate) listen: std::net::SocketAddr,
    /// The address people type, as in `https://hearback.example.org`; `http://localhost:PORT` if not given
    #[arg(long, env = "HEARBACK_ORIGIN", value_name = "ORIGIN")]
    pub(crate) origin: Option<String>,
    /// Leave decoding and transcribing to `hearback worker` processes
    #[arg(long, env = "HEARBACK_NO_WORKER")]
    pub(crate) no_worker: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum UserCommand {
    /// Add a person
    Add(UserAddArgs),
    /// Give a person another passphrase and sign them out everywhere
    Passphrase(UserPassphraseArgs),
}

#[derive(Debug, Args)]
pub(crate) struct UserPassphraseArgs {
    #[command(flatten)]
    pub(crate) database: DatabaseArgs,
    /// The sign-in name
    #[arg(long)]
    pub(crate) login: String,
    /// Read the passphrase from standard input, as its first line
    #[arg(long, required = true)]
    pub(crate) password_stdin: bool,
}

#[derive(Debug, Args)]
pub(crate) struct UserAddArgs {
    #[command(flatten)]
    pub(crate) database: DatabaseArgs,
    /// The sign-in name
    #[arg(long)]
    pub(crate) login: String,
    /// What they are called on screen
    #[arg(long)]
    pub(crate) name: String,
    /// What they may be; may be given several times
    #[arg(long = "role", required = true, value_parser = role)]
    pub(crate) roles: Vec<Role>,
    /// Read the passphrase from standard input, as its first line
    #[arg(long, required = true)]
    pub(crate) password_stdin: bool,
}

fn role(text: &str) -> Result<Role, String> {
    text.parse().map_err(|_| {
        let all: Vec<_> = Role::ALL.iter().map(|r| r.as_str()).collect();
        format!("the roles are {}", all.join(", "))
    })
}

#[derive(Debug, Subcommand)]
pub(crate) enum AuditCommand {
    /// Check that no entry was changed, removed or reordered
    Verify {
        #[command(flatten)]
        database: DatabaseArgs,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}
