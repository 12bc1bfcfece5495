//! At the door: what is begun and finished once, invitations, browsers that are known, and how often one may ask.
//!
//! Whatever may happen only once is compared and set in one statement: of many tries at the same moment, one wins.

use async_trait::async_trait;
use hearback_domain::{InvitationId, Login, Role, Timestamp, UserId};

use crate::{Result, SignInFailures, TokenHash};

/// What was begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CeremonyKind {
    /// The passphrase was right; the second step is still to come.
    SecondStep,
    /// Somebody who is signed in is asked to show anew who they are.
    Confirm,
    /// The same with a passkey.
    ConfirmPasskey,
    /// A passkey is being made.
    NewPasskey,
    /// Somebody is signing in with a passkey.
    PasskeySignIn,
}

impl CeremonyKind {
    /// The word for storage.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SecondStep => "second_step",
            Self::Confirm => "confirm",
            Self::ConfirmPasskey => "confirm_passkey",
            Self::NewPasskey => "new_passkey",
            Self::PasskeySignIn => "passkey_sign_in",
        }
    }
}

/// Something that is begun now and finished once, soon.
#[derive(Clone, Debug)]
pub struct NewCeremony {
    /// The hash of the token that the browser brings back.
    pub token: TokenHash,
    /// What it is.
    pub kind: CeremonyKind,
    /// Whose, if that is known yet.
    pub user: Option<UserId>,
    /// What has to be remembered.
    pub state: String,
    /// Until when it can be finished.
    pub expires_at: Timestamp,
}

/// Something that was begun and is not over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ceremony {
    /// Whose, if that was known.
    pub user: Option<UserId>,
    /// What had to be remembered.
    pub state: String,
}

/// An invitation to be made.
#[derive(Clone, Debug)]
pub struct NewInvitation {
    /// Its identifier.
    pub id: InvitationId,
    /// The hash of the token in its link.
    pub token: TokenHash,
    /// The sign-in name of whoever comes.
    pub login: Login,
    /// What they are called on screen.
    pub name: String,
    /// What they may be.
    pub roles: Vec<Role>,
    /// Who invites.
    pub invited_by: UserId,
    /// Now.
    pub created_at: Timestamp,
    /// Until when.
    pub expires_at: Timestamp,
}

/// An invitation that nobody has used yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// Its identifier.
    pub id: InvitationId,
    /// The sign-in name of whoever comes.
    pub login: Login,
    /// What they are called on screen.
    pub name: String,
    /// What they may be, in the order of [`Role::ALL`].
    pub roles: Vec<Role>,
    /// Until when.
    pub expires_at: Timestamp,
}

/// A browser in which somebody signed in before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Device {
    /// Who.
    pub user: UserId,
    /// What did not work in this browser since.
    pub failures: SignInFailures,
}

impl Device {
    /// For how many seconds a browser is known: 180 days, as long as it keeps its cookie.
    const SECONDS: i64 = 180 * 86_400;

    /// Browsers that became known at this moment or before are strangers `now`.
    pub const fn since(now: Timestamp) -> Timestamp {
        now.plus_seconds(-Self::SECONDS)
    }
}

/// Ceremonies, invitations, known browsers, limits.
#[async_trait]
pub trait Doors {
    /// Begins something, and forgets what was begun and is over.
    async fn add_ceremony(&mut self, ceremony: &NewCeremony, now: Timestamp) -> Result<()>;

    /// What was begun, without finishing it.
    async fn ceremony(
        &mut self,
        token: &TokenHash,
        kind: CeremonyKind,
        now: Timestamp,
    ) -> Result<Option<Ceremony>>;

    /// Finishes what was begun: of many at once, one gets it.
    async fn take_ceremony(
        &mut self,
        token: &TokenHash,
        kind: CeremonyKind,
        now: Timestamp,
    ) -> Result<Option<Ceremony>>;

    /// Keeps an invitation.
    async fn add_invitation(&mut self, invitation: &NewInvitation) -> Result<()>;

    /// The invitation of that token, if it can still be used.
    async fn invitation(&mut self, token: &TokenHash, now: Timestamp)
    -> Result<Option<Invitation>>;

    /// Uses an invitation: of many at once, one gets it.
    async fn take_invitation(
        &mut self,
        token: &TokenHash,
        now: Timestamp,
    ) -> Result<Option<Invitation>>;

    /// The invitations that can still be used, by sign-in name, ties by id.
    async fn open_invitations(&mut self, now: Timestamp) -> Result<Vec<Invitation>>;

    /// Takes an invitation back; false if it was used, or there is none.
    async fn withdraw_invitation(&mut self, id: InvitationId) -> Result<bool>;

    /// Knows a browser again from now on.
    async fn add_device(&mut self, token: &TokenHash, user: UserId, now: Timestamp) -> Result<()>;

    /// The browser of that token, if it is known and that is not too long ago ([`Device::since`]).
    async fn device(&mut self, token: &TokenHash, now: Timestamp) -> Result<Option<Device>>;

    /// Counts a try in a known browser, if nobody else counted one since `before` was read.
    async fn count_device_try(
        &mut self,
        token: &TokenHash,
        before: SignInFailures,
        now: Timestamp,
    ) -> Result<bool>;

    /// Forgets them: it worked.
    async fn clear_device_tries(&mut self, token: &TokenHash) -> Result<()>;

    /// Knows none of a person's browsers any more.
    async fn forget_devices(&mut self, user: UserId) -> Result<()>;

    /// Takes one ask from the allowance of `key`; false if it is used up.
    ///
    /// The allowance grows back by one ask each `interval` (microseconds) up to what fits into `burst` (microseconds).
    async fn take_from_limit(
        &mut self,
        key: &str,
        now: Timestamp,
        interval: i64,
        burst: i64,
    ) -> Result<bool>;

    /// Forgets allowances that are whole again, and browsers that were known long ago.
    async fn forget_limits(&mut self, now: Timestamp) -> Result<()>;
}
