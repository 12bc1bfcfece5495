//! The settings of the web side.

use hearback_domain::{Role, Timestamp};
use serde::Deserialize;

use crate::network::Network;

/// Of whom a second step is asked: something they have, besides the passphrase they know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecondFactor {
    /// Of nobody who did not choose it. For trying things out.
    Off,
    /// Of those who decide over the house or over everybody's data, before they do.
    #[default]
    ForTrusted,
    /// Of everybody.
    ForEveryone,
}

impl SecondFactor {
    /// Whether it is asked of somebody who may be all of these.
    pub fn is_asked_of(self, roles: &[Role]) -> bool {
        match self {
            Self::Off => false,
            Self::ForTrusted => roles.iter().any(|role| role.is_trusted()),
            Self::ForEveryone => true,
        }
    }
}

/// Settings that an operator may write.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The address under which people open Hearback, without a path: `https://hearback.example.org`.
    ///
    /// A change is accepted only from pages of this address. With `https` the session cookie travels encrypted only.
    pub public_origin: String,
    /// The largest file that can be sent, in bytes.
    pub max_upload_bytes: u64,
    /// After how many seconds without a byte a sending browser is taken to be gone.
    pub upload_stall_seconds: u64,
    /// After how many minutes without a request somebody is signed out.
    pub idle_minutes: u32,
    /// After how many hours somebody signs in anew, whatever happens.
    pub absolute_hours: u32,
    /// For how many days a release lets researcher and coach listen.
    pub grant_days: u32,
    /// Of whom a second step is asked.
    pub second_factor: SecondFactor,
    /// The proxies in front of the service; only what they say about where a request comes from is believed.
    pub trusted_proxies: Vec<Network>,
    /// The name of the speech model that writes the transcripts, for the About page.
    pub speech_model: Option<String>,
    /// The language that is expected where nobody chose one (ISO 639-1); none lets the model find out.
    pub language: Option<String>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            public_origin: "http://localhost:8080".to_owned(),
            max_upload_bytes: 4 << 30,
            upload_stall_seconds: 120,
            idle_minutes: 30,
            absolute_hours: 12,
            grant_days: 180,
            second_factor: SecondFactor::default(),
            trusted_proxies: Vec::new(),
            speech_model: None,
            language: None,
        }
    }
}

impl Config {
    /// The origin as browsers write it: no slash at the end.
    pub(crate) fn origin(&self) -> &str {
        self.public_origin.trim_end_matches('/')
    }

    /// Whether people reach the service over TLS.
    pub(crate) fn secure(&self) -> bool {
        self.public_origin.starts_with("https://")
    }

    /// Sessions that were last used before this moment have ended.
    pub(crate) fn idle_since(&self, now: Timestamp) -> Timestamp {
        now.plus_seconds(-i64::from(self.idle_minutes) * 60)
    }

    /// Until when who somebody is counts as shown, if they show it now.
    pub(crate) fn elevation_end(now: Timestamp) -> Timestamp {
        now.plus_seconds(10 * 60)
    }

    /// When a session that begins now ends.
    pub(crate) fn session_end(&self, now: Timestamp) -> Timestamp {
        now.plus_seconds(i64::from(self.absolute_hours) * 3_600)
    }

    /// When a grant that is given now ends.
    pub(crate) fn grant_end(&self, now: Timestamp) -> Timestamp {
        now.plus_seconds(i64::from(self.grant_days) * 86_400)
    }
}
