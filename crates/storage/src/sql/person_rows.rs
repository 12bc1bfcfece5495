//! Rows about people.

use hearback_access::seal::FieldCipher;
use hearback_domain::{Login, SessionId, UserId};
use uuid::Uuid;

use super::{account_rows::roles_of, inconsistent, open_person_name, time, unsigned};
use crate::{Person, Session, SignInFailures, StoreError};

/// A row of `people`, with their roles.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct PersonRow {
    pub id: Uuid,
    pub login: String,
    pub name: Vec<u8>,
    pub created_at: i64,
    pub disabled: bool,
    /// With commas between them, in any order.
    pub roles: String,
}

impl PersonRow {
    /// The person.
    pub fn open(self, cipher: &dyn FieldCipher) -> Result<Person, StoreError> {
        Ok(Person {
            id: UserId::from_uuid(self.id),
            login: Login::new(&self.login).map_err(inconsistent("people", "login"))?,
            name: open_person_name(cipher, self.id, &self.name)?,
            roles: roles_of("person_roles", &self.roles)?,
            created_at: time(self.created_at),
            disabled: self.disabled,
        })
    }
}

/// A row of `people`, with what signing in needs.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct LoginRow {
    #[sqlx(flatten)]
    pub person: PersonRow,
    pub password_hash: String,
}

impl LoginRow {
    /// The person and their password hash.
    pub fn open(self, cipher: &dyn FieldCipher) -> Result<(Person, String), StoreError> {
        Ok((self.person.open(cipher)?, self.password_hash))
    }
}

/// A row of `sessions`, with its person.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct SessionRow {
    #[sqlx(flatten)]
    pub person: PersonRow,
    pub role: String,
    pub last_seen_at: i64,
    pub expires_at: i64,
    pub session: Uuid,
    pub elevated_until: Option<i64>,
    pub shown: String,
    pub second_step: bool,
}

impl SessionRow {
    /// The session.
    pub fn open(self, cipher: &dyn FieldCipher) -> Result<Session, StoreError> {
        let row = self;
        Ok(Session {
            person: row.person.open(cipher)?,
            role: row.role.parse().map_err(inconsistent("sessions", "role"))?,
            last_seen_at: time(row.last_seen_at),
            expires_at: time(row.expires_at),
            id: SessionId::from_uuid(row.session),
            elevated_until: row.elevated_until.map(time),
            shown: row.shown.parse().map_err(inconsistent("sessions", "shown"))?,
            second_step: row.second_step,
        })
    }
}

/// A row of `sign_in_failures`.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct SignInFailuresRow {
    pub failures: i64,
    pub last_at: i64,
}

impl TryFrom<SignInFailuresRow> for SignInFailures {
    type Error = StoreError;

    fn try_from(row: SignInFailuresRow) -> Result<Self, StoreError> {
        let count = unsigned("sign_in_failures", "failures", row.failures)?;
        Ok(Self { count, last_at: Some(time(row.last_at)) })
    }
}
