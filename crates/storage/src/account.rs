//! Accounts after the first passphrase: sessions as their owner sees them, roles, second steps.
//!
//! Whatever may happen only once is compared and set in one statement: of many tries at the same moment, one wins.

use async_trait::async_trait;
use hearback_domain::{PasskeyId, Role, SessionId, Timestamp, UserId};

use crate::{Result, TokenHash};

/// The text names no way of showing who one is.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("there is no way of showing who one is of that name")]
pub struct UnknownShown;

/// How somebody showed who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Shown {
    /// By a passphrase alone.
    Passphrase,
    /// By a passphrase and a second step.
    TwoSteps,
    /// By a passkey, which asks for a finger, a face or a PIN itself.
    Passkey,
    /// At the organisation's own sign-in.
    SingleSignOn,
    /// There, in two steps.
    SingleSignOnTwoSteps,
}

impl Shown {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::Passphrase,
        Self::TwoSteps,
        Self::Passkey,
        Self::SingleSignOn,
        Self::SingleSignOnTwoSteps,
    ];

    /// The word for storage.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Passphrase => "passphrase",
            Self::TwoSteps => "two_steps",
            Self::Passkey => "passkey",
            Self::SingleSignOn => "single_sign_on",
            Self::SingleSignOnTwoSteps => "single_sign_on_two_steps",
        }
    }

    /// Whether it took two different things.
    pub const fn in_two_steps(self) -> bool {
        matches!(self, Self::TwoSteps | Self::Passkey | Self::SingleSignOnTwoSteps)
    }
}

impl std::str::FromStr for Shown {
    type Err = UnknownShown;
    fn from_str(s: &str) -> std::result::Result<Self, UnknownShown> {
        Self::ALL.iter().copied().find(|shown| shown.as_str() == s).ok_or(UnknownShown)
    }
}

/// A session in its owner's list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnSession {
    /// Its name; it opens nothing.
    pub id: SessionId,
    /// In which role.
    pub role: Role,
    /// Since when.
    pub created_at: Timestamp,
    /// When it was last used.
    pub last_seen_at: Timestamp,
    /// How who it is was shown.
    pub shown: Shown,
    /// The browser and the system, in two coarse words.
    pub device: String,
}

/// An authenticator app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Totp {
    /// Its secret, sealed.
    pub secret: Vec<u8>,
    /// Whether a code of it was typed already.
    pub confirmed: bool,
}

/// A passkey to be kept.
#[derive(Clone, Debug)]
pub struct NewPasskey {
    /// Its identifier.
    pub id: PasskeyId,
    /// Whose.
    pub user: UserId,
    /// The authenticator's name for it.
    pub credential: Vec<u8>,
    /// Its public part, as JSON.
    pub data: String,
    /// How often it was used, as it counts itself.
    pub counter: u32,
    /// What its owner calls it.
    pub name: String,
    /// Now.
    pub created_at: Timestamp,
}

/// A passkey.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passkey {
    /// Its identifier.
    pub id: PasskeyId,
    /// Whose.
    pub user: UserId,
    /// Its public part, as JSON.
    pub data: String,
    /// What its owner calls it.
    pub name: String,
    /// Since when.
    pub created_at: Timestamp,
    /// When it was last used.
    pub last_used_at: Option<Timestamp>,
}

/// A person's second steps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SecondSteps {
    /// The authenticator app.
    pub totp: Option<Totp>,
    /// How many recovery codes are left.
    pub recovery_codes: u32,
    /// Passkeys, oldest first, ties by id.
    pub passkeys: Vec<Passkey>,
}

impl SecondSteps {
    /// Whether there is one that can be used.
    pub fn any(&self) -> bool {
        self.app() || !self.passkeys.is_empty()
    }

    /// Whether there is an authenticator app that was tried out.
    pub fn app(&self) -> bool {
        self.totp.as_ref().is_some_and(|totp| totp.confirmed)
    }
}

/// Sessions as their owner sees them, roles, second steps.
#[async_trait]
pub trait Accounts {
    /// A person's sessions that have not ended, newest first, ties by id.
    async fn sessions_of(
        &mut self,
        user: UserId,
        now: Timestamp,
        idle_since: Timestamp,
    ) -> Result<Vec<OwnSession>>;

    /// Ends one of a person's sessions; false if they have none of that name.
    async fn end_session(&mut self, user: UserId, id: SessionId) -> Result<bool>;

    /// Ends a person's sessions, except the one of the token `keep`, and what they began and did not finish; how many
    /// sessions there were.
    async fn end_sessions(&mut self, user: UserId, keep: Option<&TokenHash>) -> Result<u64>;

    /// Ends a person's oldest sessions until `most` are left; the one of `token` stays.
    async fn keep_newest_sessions(
        &mut self,
        user: UserId,
        token: &TokenHash,
        most: u32,
    ) -> Result<()>;

    /// Notes that somebody has just shown who they are.
    async fn elevate_session(
        &mut self,
        token: &TokenHash,
        until: Timestamp,
        shown: Shown,
    ) -> Result<()>;

    /// Lets a person in no more, ends their sessions and knows none of their browsers; or lets them in again (`None`).
    /// False if there is no such person.
    async fn set_disabled(&mut self, user: UserId, since: Option<Timestamp>) -> Result<bool>;

    /// Gives a person these roles and no others; sessions in a role that was taken away end.
    async fn set_roles(&mut self, user: UserId, roles: &[Role]) -> Result<()>;

    /// The hash of a person's passphrase.
    async fn passphrase_of(&mut self, user: UserId) -> Result<Option<String>>;

    /// Gives a person another passphrase, and forgets what they began under the old one. Which sessions end is the
    /// caller's to say.
    async fn change_passphrase(&mut self, user: UserId, hash: &str) -> Result<()>;

    /// A person's second steps.
    async fn second_steps(&mut self, user: UserId) -> Result<SecondSteps>;

    /// Keeps the sealed secret of an authenticator app that is being set up, in place of one that was never tried out;
    /// false if the person has one that was.
    async fn begin_totp(&mut self, user: UserId, secret: &[u8], now: Timestamp) -> Result<bool>;

    /// A first code was typed, of this step: from now on the app counts. False if it counted already, or if there is
    /// none.
    async fn confirm_totp(&mut self, user: UserId, step: u64, now: Timestamp) -> Result<bool>;

    /// Takes the code of a step. False if that step's, or a later one's, was taken before: of many at once, one wins.
    async fn use_totp(&mut self, user: UserId, step: u64) -> Result<bool>;

    /// Forgets a person's authenticator app; false if they have none.
    async fn remove_totp(&mut self, user: UserId) -> Result<bool>;

    /// Gives a person these recovery codes in place of all earlier ones.
    async fn set_recovery_codes(&mut self, user: UserId, hashes: &[TokenHash]) -> Result<()>;

    /// Takes a recovery code. False if there is no such code or it was taken before: of many at once, one wins.
    async fn use_recovery_code(
        &mut self,
        user: UserId,
        hash: &TokenHash,
        now: Timestamp,
    ) -> Result<bool>;

    /// Keeps a passkey. One that is known already is a conflict (`passkey.credential`).
    async fn add_passkey(&mut self, passkey: &NewPasskey) -> Result<()>;

    /// The passkey of that name of an authenticator's.
    async fn passkey_by_credential(&mut self, credential: &[u8]) -> Result<Option<Passkey>>;

    /// Notes that a passkey was used. False if its counter does not go up and is not always zero: then there are two
    /// of it, or this use is an old one.
    async fn use_passkey(
        &mut self,
        id: PasskeyId,
        data: &str,
        counter: u32,
        now: Timestamp,
    ) -> Result<bool>;

    /// Forgets one of a person's passkeys; false if they have none of that name.
    async fn remove_passkey(&mut self, user: UserId, id: PasskeyId) -> Result<bool>;
}
