//! The HTTP face: requests in, questions to the policy, pages and JSON out.
//!
//! One table, [`ROUTES`], says which address exists, what it asks of the policy, what it answers with and how much
//! it reads; [`router`] is built from it and from nothing else. A handler parses, asks for a permit, calls storage,
//! commits, and shows; before any content leaves, its audit entry is committed.
//!
//! **Invariants:** this crate names no database and no speech engine, and decides nothing that
//! [`hearback_domain::policy`] decides. It enqueues work and never decodes, cuts or transcribes; what is hidden is put
//! over samples on their way by a function that it is given ([`App::as_heard`]). What is refused and what does not
//! exist look the same from outside.

#![forbid(unsafe_code)]

use std::{
    io::{self, Read, Seek},
    sync::Arc,
};

use hearback_access::seal::FieldCipher;
use hearback_domain::{Clock, IdSource, RedactionSet};
use hearback_storage::Store;
use hearback_vault::{ObjectReader, Vault};
use tokio::sync::Notify;

mod account;
mod admin;
mod assets;
mod briefing;
mod clips;
mod coaching;
mod coding;
mod config;
mod confirm;
mod consent;
mod error;
mod extract;
mod frameworks;
mod guard;
mod headers;
mod home;
mod invite;
mod keep_away;
mod limits;
mod listen;
mod local;
mod matrix;
mod names;
mod network;
mod objects;
pub mod oidc;
mod page;
mod passkeys;
pub mod password;
mod playlist;
mod protocols;
mod range;
mod recordings;
mod redaction;
mod reliability;
mod room;
mod routes;
mod safeguarding;
mod search;
mod second_step;
mod session;
mod sign_in;
mod throttle;
mod training;
mod tries;
mod visit;
mod when;
mod withdrawing;
mod words;

pub use self::{
    config::{Config, SecondFactor},
    network::{Network, NotANetwork, origin_of},
    room::Rooms,
    routes::{Guard, Kind, ROUTES, Route, router, serve},
    search::Lately,
};
pub(crate) use self::{error::WebError, visit::Visit};

/// Samples as they are heard.
pub trait Heard: Read + Seek + Send {}

impl<T: Read + Seek + Send> Heard for T {}

/// What [`App::as_heard`] is.
pub type AsHeard = fn(ObjectReader, u64, &RedactionSet) -> io::Result<Box<dyn Heard>>;

/// What handlers work with.
#[derive(Clone)]
pub struct App {
    /// The database.
    pub store: Arc<dyn Store>,
    /// The encrypted objects.
    pub vault: Arc<Vault>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// New identifiers.
    pub ids: Arc<dyn IdSource>,
    /// The settings.
    pub config: Arc<Config>,
    /// Told whenever a job was queued, for a worker in the same process.
    pub wake: Arc<Notify>,
    /// Seals what must not lie open in the database, such as the secret of an authenticator app.
    pub cipher: Arc<dyn FieldCipher>,
    /// What to tell a person about a file that could not be read, from the verdict's code.
    pub verdict_sentence: fn(&str) -> String,
    /// What is missing of the walls around the decoder on this machine, if anything is, for the administrator.
    pub decoder_lacks: Option<Arc<str>>,
    /// Puts what is hidden of a recording over its bare samples, of so many bytes: the renderer that extracts are cut
    /// with.
    pub as_heard: AsHeard,
    /// The languages that the model for words knows: ISO 639-1 codes, or `*` for about a hundred.
    pub languages: Arc<[String]>,
    /// What was searched lately. Begins empty.
    pub lately: Arc<Lately>,
    /// Where several people hear the same at once. Begins without any.
    pub rooms: Arc<Rooms>,
    /// The organisation's identity provider, if people sign in there.
    pub single_sign_on: Option<Arc<oidc::SingleSignOn>>,
}
