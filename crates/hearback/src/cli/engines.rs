//! The commands that need no service: probe, decode, peaks, clip, transcribe, models.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use hearback_domain::{
    Ms, Span,
    transcript::{Form, Speaker},
};
use hearback_speech::Precision;

#[derive(Debug, Args)]
pub(crate) struct ProbeArgs {
    /// The recording
    pub(crate) file: PathBuf,
    /// Listen to all of it, and say what the recorder did badly
    #[arg(long)]
    pub(crate) listen: bool,
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
    /// Where the extract begins, in milliseconds; several, each with its --end, become one file
    #[arg(long, value_name = "MS", required = true)]
    pub(crate) start: Vec<u64>,
    /// Where it ends, in milliseconds
    #[arg(long, value_name = "MS", required = true)]
    pub(crate) end: Vec<u64>,
    /// Where to write: `.wav` or `.flac`
    #[arg(short, long, value_name = "OUT.wav|OUT.flac")]
    pub(crate) output: PathBuf,
    /// What tells several extracts apart
    #[arg(long, default_value = "none")]
    pub(crate) separator: Separator,
    /// How long a silence between two is, in milliseconds
    #[arg(long, value_name = "MS", default_value_t = 1_000, value_parser = clap::value_parser!(u64).range(..=60_000))]
    pub(crate) separator_ms: u64,
    /// How much louder, in decibels; below zero for softer
    #[arg(long, value_name = "DB", default_value_t = 0.0, allow_negative_numbers = true)]
    pub(crate) gain_db: f64,
    /// Keep the recording's own sample rate and channels
    #[arg(long, conflicts_with = "gain_db")]
    pub(crate) native: bool,
    /// Print where each extract lies in the file, as JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// A passage of the recording to hide; may be given several times
    #[arg(long, value_name = "MS-MS", value_parser = span)]
    pub(crate) redact: Vec<Span>,
    /// What takes the place of a hidden passage
    #[arg(long, default_value = "tone")]
    pub(crate) redact_with: RedactWith,
    /// Alter the voices, for teaching. They are not anonymous by it: somebody who knows the speakers may recognise them
    #[arg(long, conflicts_with = "native")]
    pub(crate) alter_voices: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Separator {
    /// Nothing
    None,
    /// Silence
    Silence,
    /// A soft tone
    Tone,
    /// Before each its number, counted in tones: a long low one for ten, a short high one for one
    Count,
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
    /// The model that finds where somebody speaks, or `none` to go by loudness; whichever is here if not given
    #[arg(long, value_name = "MODEL")]
    pub(crate) activity: Option<String>,
    /// The form of the text. On standard output all but JSON appears as it is written
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

impl Format {
    /// The form for people and players; none for JSON, which is written when all of it is known.
    pub(crate) const fn captions(self) -> Option<Form> {
        match self {
            Self::Json => None,
            Self::Vtt => Some(Form::Vtt),
            Self::Srt => Some(Form::Srt),
            Self::Txt => Some(Form::Txt),
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct SpeakersArgs {
    /// The recording
    pub(crate) file: PathBuf,
    /// The form of the answer
    #[arg(long, default_value = "json")]
    pub(crate) format: TurnsFormat,
    /// How many people speak, if that is known; found out if not given
    #[arg(long, value_parser = clap::value_parser!(u8).range(1..=i64::from(Speaker::MACHINE)))]
    pub(crate) people: Option<u8>,
    /// The model that tells voices apart
    #[arg(long, default_value = "resemblyzer", value_name = "MODEL")]
    pub(crate) voices: String,
    /// The model that finds where somebody speaks, or `none` to go by loudness
    #[arg(long, default_value = "silero", value_name = "MODEL")]
    pub(crate) activity: String,
    /// Where to write; standard output if not given
    #[arg(short, long)]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) models: ModelsDir,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum TurnsFormat {
    Json,
    /// NIST's Rich Transcription Time Marked form, as other tools read and write it
    Rttm,
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
    /// Make a speech model that is here smaller: the same one in fewer bits. Used instead of it where it loses nothing
    Quantise {
        /// Its name, as `models list` shows it
        name: String,
        /// In how many bits: `q8_0`, `q5_1` or `q5_0`
        #[arg(value_parser = precision, default_value = "q8_0")]
        bits: Precision,
    },
    /// Check every model against its hash
    Verify,
}

fn precision(name: &str) -> Result<Precision, String> {
    Precision::named(name).ok_or_else(|| "choose `q8_0`, `q5_1` or `q5_0`".to_owned())
}
