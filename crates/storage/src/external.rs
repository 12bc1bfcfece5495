//! Who somebody is at the organisation's identity provider, and sign-ins that are under way there.

use async_trait::async_trait;
use hearback_domain::{Timestamp, UserId};

use crate::{Person, Result, TokenHash};

/// Who somebody is at an identity provider: the pair that `OpenID` Connect promises never to give to anybody else
/// (Core 1.0, 5.7). An e-mail address makes no such promise and is kept nowhere.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ExternalIdentity {
    /// The provider, exactly as it writes itself.
    pub issuer: String,
    /// The person there.
    pub subject: String,
}

/// An identity of somebody's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connected {
    /// Which.
    pub identity: ExternalIdentity,
    /// Since when.
    pub since: Timestamp,
}

/// What a browser set out for the provider for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Errand {
    /// To sign in.
    SignIn,
    /// To tie an account that exists, with an administrator's one-time link.
    Link(TokenHash),
    /// To take up an invitation.
    Invitation(TokenHash),
    /// To tie the account of this session.
    Connect(TokenHash),
    /// To show once more who has this session.
    Confirm(TokenHash),
}

/// A browser that sets out.
#[derive(Clone, Debug)]
pub struct NewAttempt {
    /// The hash of the cookie that this browser alone has.
    pub browser: TokenHash,
    /// What for.
    pub errand: Errand,
    /// Where it goes afterwards: a path of ours.
    pub next: String,
    /// Now.
    pub created_at: Timestamp,
    /// When it is too late to come back.
    pub expires_at: Timestamp,
}

/// A browser that came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// What for.
    pub errand: Errand,
    /// Where it goes now.
    pub next: String,
    /// When it set out.
    pub created_at: Timestamp,
}

/// An administrator's one-time link.
#[derive(Clone, Debug)]
pub struct NewLink {
    /// The hash of what the link holds.
    pub token: TokenHash,
    /// Whose account it is for.
    pub person: UserId,
    /// At which provider it may be used.
    pub issuer: String,
    /// Now.
    pub created_at: Timestamp,
    /// Until when.
    pub expires_at: Timestamp,
}

/// Identities, attempts, links, and the sessions that a provider may end.
#[async_trait]
pub trait Externals {
    /// Notes that a browser set out, and forgets those whose time was over.
    async fn add_attempt(&mut self, attempt: &NewAttempt) -> Result<()>;

    /// The attempt of that browser, which is gone from then on; none if its time is over.
    async fn take_attempt(
        &mut self,
        browser: &TokenHash,
        now: Timestamp,
    ) -> Result<Option<Attempt>>;

    /// The person who is known as this. Somebody who was disabled is not known.
    async fn person_by_identity(&mut self, identity: &ExternalIdentity) -> Result<Option<Person>>;

    /// Ties a person to an identity. It is a conflict (`external_identity`) if that is anybody's already, or if the
    /// person has another of the same issuer.
    async fn connect(
        &mut self,
        person: UserId,
        identity: &ExternalIdentity,
        now: Timestamp,
    ) -> Result<()>;

    /// A person's identities, by issuer.
    async fn identities(&mut self, person: UserId) -> Result<Vec<Connected>>;

    /// Unties a person from an issuer and ends the sessions that were begun through it; false if they were not tied.
    async fn disconnect(&mut self, person: UserId, issuer: &str) -> Result<bool>;

    /// Makes a one-time link. An earlier one for the same person is of no use any more.
    async fn add_link(&mut self, link: &NewLink) -> Result<()>;

    /// Whose link that is at this issuer; it is gone from then on. None if its time is over.
    async fn take_link(
        &mut self,
        token: &TokenHash,
        issuer: &str,
        now: Timestamp,
    ) -> Result<Option<UserId>>;

    /// Notes that a session was begun through the provider, and what it calls its own.
    async fn mark_external_session(
        &mut self,
        token: &TokenHash,
        identity: &ExternalIdentity,
        sid: Option<&str>,
    ) -> Result<()>;

    /// Ends the sessions that were begun through this issuer by this subject, or in this session of the provider's;
    /// how many there were. If both are given, both have to fit, except that a session of this subject of which the
    /// provider's name is not known ends too. Without either it ends none.
    async fn end_external_sessions(
        &mut self,
        issuer: &str,
        subject: Option<&str>,
        sid: Option<&str>,
    ) -> Result<u64>;

    /// Notes that a logout token was taken, and forgets those whose time was over; false if it was taken before.
    async fn take_logout(
        &mut self,
        issuer: &str,
        jti: &str,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<bool>;
}
