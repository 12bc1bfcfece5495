//! The long-running processes.

use std::path::PathBuf;

use clap::Args;
use hearback_domain::Role;
use hearback_web::{Network, SecondFactor};

use super::{DataArgs, ModelsDir};

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
    /// How much memory speech may take, in MiB: a model that does not fit is not loaded, and one that does works at as
    /// many windows at once as fit. Half of what the machine has if not given
    #[arg(long, env = "HEARBACK_SPEECH_MEMORY", value_name = "MIB", value_parser = clap::value_parser!(u64).range(64..=16_777_216))]
    pub(crate) speech_memory: Option<u64>,
    /// The language to expect (ISO 639-1), where nobody has chosen one for a recording; found out by the model if not
    /// given
    #[arg(long, env = "HEARBACK_LANGUAGE", value_name = "CODE")]
    pub(crate) language: Option<String>,
    /// The model that tells voices apart, or `none`
    #[arg(long, env = "HEARBACK_VOICES", default_value = "resemblyzer", value_name = "MODEL")]
    pub(crate) voices: String,
    /// The model that finds where somebody speaks, or `none` to go by loudness
    #[arg(long, env = "HEARBACK_ACTIVITY", default_value = "silero", value_name = "MODEL")]
    pub(crate) activity: String,
    /// How far speech stands back behind everything else on the machine: 0 not at all, 19 as far as can be
    #[arg(long, env = "HEARBACK_NICE", default_value_t = 10, value_parser = clap::value_parser!(u8).range(0..=19))]
    pub(crate) nice: u8,
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
    /// Where to keep checkpoints of the audit log; may be given several times. Beside the master key's file if not
    /// given
    #[arg(
        long = "checkpoints",
        env = "HEARBACK_CHECKPOINTS",
        value_name = "DIR",
        value_delimiter = ':'
    )]
    pub(crate) checkpoints: Vec<PathBuf>,
    /// Leave decoding and transcribing to `hearback worker` processes
    #[arg(long, env = "HEARBACK_NO_WORKER")]
    pub(crate) no_worker: bool,
    /// Of whom a second step is asked at sign-in: off, trusted (who decides over the house or over everybody's data),
    /// everyone
    #[arg(long, env = "HEARBACK_SECOND_FACTOR", default_value = "trusted", value_parser = second_factor, value_name = "WHOM")]
    pub(crate) second_factor: SecondFactor,
    /// A proxy in front of the service, as an address or a network; what it says about where requests come from is
    /// believed. May be given several times
    #[arg(
        long = "trusted-proxy",
        env = "HEARBACK_TRUSTED_PROXIES",
        value_name = "CIDR",
        value_delimiter = ','
    )]
    pub(crate) trusted_proxies: Vec<Network>,
    #[command(flatten)]
    pub(crate) single_sign_on: SingleSignOnArgs,
}

/// Signing in at the organisation's own identity provider (`OpenID` Connect).
#[derive(Debug, Args, Clone)]
#[expect(clippy::struct_field_names, reason = "the names are the options' own")]
pub(crate) struct SingleSignOnArgs {
    /// The provider's issuer, exactly as it writes itself, as in `https://id.example.org/realms/council`
    #[arg(long, env = "HEARBACK_OIDC_ISSUER", value_name = "URL", requires_all = ["oidc_client_id", "oidc_client_secret_file"])]
    pub(crate) oidc_issuer: Option<String>,
    /// What the provider calls this installation
    #[arg(long, env = "HEARBACK_OIDC_CLIENT_ID", value_name = "ID", requires = "oidc_issuer")]
    pub(crate) oidc_client_id: Option<String>,
    /// The file with the secret that the provider gave this installation
    #[arg(
        long,
        env = "HEARBACK_OIDC_CLIENT_SECRET_FILE",
        value_name = "FILE",
        requires = "oidc_issuer"
    )]
    pub(crate) oidc_client_secret_file: Option<PathBuf>,
    /// What people call this way of signing in, as in `Council sign-in`
    #[arg(long, env = "HEARBACK_OIDC_NAME", value_name = "NAME", requires = "oidc_issuer")]
    pub(crate) oidc_name: Option<String>,
    /// The claim with somebody's groups, if roles come from the provider
    #[arg(long, env = "HEARBACK_OIDC_ROLE_CLAIM", value_name = "CLAIM", requires = "oidc_map")]
    pub(crate) oidc_role_claim: Option<String>,
    /// Which group gives which role; may be given several times, in the environment with `;` between them
    #[arg(long, env = "HEARBACK_OIDC_MAP", value_name = "GROUP=ROLE", value_delimiter = ';', value_parser = group, requires = "oidc_role_claim")]
    pub(crate) oidc_map: Vec<(String, Role)>,
    /// The file with the certificates (PEM) of the authorities that vouch for the provider, instead of the public ones
    #[arg(long, env = "HEARBACK_OIDC_CA_FILE", value_name = "FILE", requires = "oidc_issuer")]
    pub(crate) oidc_ca_file: Option<PathBuf>,
}

fn group(text: &str) -> Result<(String, Role), String> {
    // A group's name may hold an equals sign, a role's does not.
    match text.rsplit_once('=') {
        Some((group, role)) if !group.is_empty() => {
            Ok((group.to_owned(), super::people::role(role)?))
        }
        _ => Err("write it as GROUP=ROLE".to_owned()),
    }
}

fn second_factor(text: &str) -> Result<SecondFactor, String> {
    match text {
        "off" => Ok(SecondFactor::Off),
        "trusted" => Ok(SecondFactor::ForTrusted),
        "everyone" => Ok(SecondFactor::ForEveryone),
        _ => Err("it is asked of: off (nobody), trusted, everyone".to_owned()),
    }
}
