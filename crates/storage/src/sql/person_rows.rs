//! Rows about people.

use hearback_domain::{Login, Role, UserId};
use uuid::Uuid;

use super::{inconsistent, time, unsigned};
use crate::{Person, Session, SignInFailures, StoreError};

/// A row of `people`, with their roles.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct PersonRow {
    pub id: Uuid,
    pub login: String,
    pub name: String,
    pub created_at: i64,
    /// With commas between them, in any order.
    pub roles: String,
}

impl TryFrom<PersonRow> for Person {
    type Error = StoreError;

    fn try_from(row: PersonRow) -> Result<Self, StoreError> {
        let words = row.roles.split(',').filter(|word| !word.is_empty());
        let mut roles: Vec<Role> = words
            .map(|word| word.parse().map_err(inconsistent("person_roles", "role")))
            .collect::<Result<_, _>>()?;
        roles.sort();
        Ok(Self {
            id: UserId::from_uuid(row.id),
            login: Login::new(&row.login).map_err(inconsistent("people", "login"))?,
            name: row.name,
            roles,
            created_at: time(row.created_at),
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

impl TryFrom<LoginRow> for (Person, String) {
    type Error = StoreError;

    fn try_from(row: LoginRow) -> Result<Self, StoreError> {
        Ok((row.person.try_into()?, row.password_hash))
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
}

impl TryFrom<SessionRow> for Session {
    type Error = StoreError;

    fn try_from(row: SessionRow) -> Result<Self, StoreError> {
        Ok(Self {
            person: row.person.try_into()?,
            role: row.role.parse().map_err(inconsistent("sessions", "role"))?,
            last_seen_at: time(row.last_seen_at),
            expires_at: time(row.expires_at),
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
