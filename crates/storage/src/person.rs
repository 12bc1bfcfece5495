//! People with an account, their sessions, and sign-in attempts.

use std::fmt;

use async_trait::async_trait;
use hearback_domain::{Login, Role, SessionId, Timestamp, UserId};

use crate::{Result, Shown};

/// A person to be added.
#[derive(Clone, Debug)]
pub struct NewPerson {
    /// Their identifier.
    pub id: UserId,
    /// Their sign-in name.
    pub login: Login,
    /// What they are called on screen.
    pub name: String,
    /// The Argon2id hash of their passphrase, in PHC form.
    pub password_hash: String,
    /// What they may be. At least one.
    pub roles: Vec<Role>,
    /// Now.
    pub created_at: Timestamp,
}

/// A person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Their identifier.
    pub id: UserId,
    /// Their sign-in name.
    pub login: Login,
    /// What they are called on screen.
    pub name: String,
    /// What they may be, in the order of [`Role::ALL`].
    pub roles: Vec<Role>,
    /// Since when.
    pub created_at: Timestamp,
    /// Whether they are let in no more.
    pub disabled: bool,
}

/// SHA-256 of a session's token. The token itself is known to the browser alone.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TokenHash(pub [u8; 32]);

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash(…)")
    }
}

/// A session to be begun.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// Its name in its owner's list; it opens nothing.
    pub id: SessionId,
    /// The hash of its token.
    pub token: TokenHash,
    /// Whose.
    pub user: UserId,
    /// In which role.
    pub role: Role,
    /// Now.
    pub created_at: Timestamp,
    /// When it ends, whatever happens.
    pub expires_at: Timestamp,
    /// Until when who it is counts as shown just now.
    pub elevated_until: Option<Timestamp>,
    /// How that was shown.
    pub shown: Shown,
    /// The browser and the system, in two coarse words.
    pub device: String,
}

/// A session that has not expired.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Whose.
    pub person: Person,
    /// In which role.
    pub role: Role,
    /// When it was last used.
    pub last_seen_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// Its name in its owner's list.
    pub id: SessionId,
    /// Until when who it is counts as shown just now.
    pub elevated_until: Option<Timestamp>,
    /// How that was shown.
    pub shown: Shown,
    /// Whether the person has a second step that they can use.
    pub second_step: bool,
}

/// How often signing in with a name has not worked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SignInFailures {
    /// In a row.
    pub count: u32,
    /// The last time.
    pub last_at: Option<Timestamp>,
}

/// People, sessions, attempts.
#[async_trait]
pub trait People {
    /// Adds a person. A second one of the same login is a conflict (`person.login`).
    async fn add_person(&mut self, person: &NewPerson) -> Result<()>;

    /// The person of that sign-in name, with their password hash.
    async fn person_by_login(&mut self, login: &Login) -> Result<Option<(Person, String)>>;

    /// Gives a person another passphrase, and ends all their sessions; false if nobody has that
    /// sign-in name.
    async fn set_password(&mut self, login: &Login, password_hash: &str) -> Result<bool>;

    /// A person.
    async fn person(&mut self, id: UserId) -> Result<Option<Person>>;

    /// Everybody, by sign-in name.
    async fn people(&mut self) -> Result<Vec<Person>>;

    /// Everybody who has this role and is let in, by name, ties by id.
    async fn people_with(&mut self, role: Role) -> Result<Vec<Person>>;

    /// Begins a session.
    async fn add_session(&mut self, session: &NewSession) -> Result<()>;

    /// The session of that token, unless it expired before `now`, was last used before `idle_since`, or its owner is
    /// let in no more.
    async fn session(
        &mut self,
        token: &TokenHash,
        now: Timestamp,
        idle_since: Timestamp,
    ) -> Result<Option<Session>>;

    /// Notes that a session was used.
    async fn touch_session(&mut self, token: &TokenHash, now: Timestamp) -> Result<()>;

    /// Puts on another hat.
    async fn set_session_role(&mut self, token: &TokenHash, role: Role) -> Result<()>;

    /// Ends a session. Ending one that is not there does nothing.
    async fn remove_session(&mut self, token: &TokenHash) -> Result<()>;

    /// How signing in under this name (whether or not anybody has it) has gone lately.
    async fn sign_in_failures(&mut self, name: &str) -> Result<SignInFailures>;

    /// Counts a try, if nobody else counted one since `before` was read; false if somebody did. A try counts as a
    /// failure until it has worked, so that tries at the same moment all count.
    async fn count_sign_in_try(
        &mut self,
        name: &str,
        before: SignInFailures,
        now: Timestamp,
    ) -> Result<bool>;

    /// Forgets them: it worked.
    async fn clear_sign_in_failures(&mut self, name: &str) -> Result<()>;
}
