//! Rows about how people show who they are.

use hearback_domain::{InvitationId, Login, PasskeyId, Role, SessionId, UserId};
use uuid::Uuid;

use super::{inconsistent, time, unsigned};
use crate::{Ceremony, Device, Invitation, OwnSession, Passkey, SignInFailures, StoreError, Totp};

/// Roles as they lie in one column, with commas between them.
pub(super) fn roles_of(table: &'static str, words: &str) -> Result<Vec<Role>, StoreError> {
    let words = words.split(',').filter(|word| !word.is_empty());
    let mut roles: Vec<Role> = words
        .map(|word| word.parse().map_err(inconsistent(table, "role")))
        .collect::<Result<_, _>>()?;
    roles.sort();
    Ok(roles)
}

/// Roles for one column.
pub fn words_of(roles: &[Role]) -> String {
    roles.iter().map(|role| role.as_str()).collect::<Vec<_>>().join(",")
}

/// A row of `sessions`, for its owner.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct OwnSessionRow {
    pub id: Uuid,
    pub role: String,
    pub created_at: i64,
    pub last_seen_at: i64,
    pub shown: String,
    pub device: String,
}

impl TryFrom<OwnSessionRow> for OwnSession {
    type Error = StoreError;

    fn try_from(row: OwnSessionRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: SessionId::from_uuid(row.id),
            role: row.role.parse().map_err(inconsistent("sessions", "role"))?,
            created_at: time(row.created_at),
            last_seen_at: time(row.last_seen_at),
            shown: row.shown.parse().map_err(inconsistent("sessions", "shown"))?,
            device: row.device,
        })
    }
}

/// A row of `totp`.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct TotpRow {
    pub secret: Vec<u8>,
    pub confirmed: bool,
}

impl From<TotpRow> for Totp {
    fn from(row: TotpRow) -> Self {
        Self { secret: row.secret, confirmed: row.confirmed }
    }
}

/// A row of `passkeys`.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct PasskeyRow {
    pub id: Uuid,
    pub person: Uuid,
    pub data: String,
    pub name: String,
    pub created_at: i64,
    pub last_used_at: Option<i64>,
}

impl From<PasskeyRow> for Passkey {
    fn from(row: PasskeyRow) -> Self {
        Self {
            id: PasskeyId::from_uuid(row.id),
            user: UserId::from_uuid(row.person),
            data: row.data,
            name: row.name,
            created_at: time(row.created_at),
            last_used_at: row.last_used_at.map(time),
        }
    }
}

/// A row of `ceremonies`.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct CeremonyRow {
    pub person: Option<Uuid>,
    pub state: String,
}

impl From<CeremonyRow> for Ceremony {
    fn from(row: CeremonyRow) -> Self {
        Self { user: row.person.map(UserId::from_uuid), state: row.state }
    }
}

/// A row of `invitations`.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct InvitationRow {
    pub id: Uuid,
    pub login: String,
    pub name: String,
    pub roles: String,
    pub expires_at: i64,
}

impl TryFrom<InvitationRow> for Invitation {
    type Error = StoreError;

    fn try_from(row: InvitationRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: InvitationId::from_uuid(row.id),
            login: Login::new(&row.login).map_err(inconsistent("invitations", "login"))?,
            name: row.name,
            roles: roles_of("invitations", &row.roles)?,
            expires_at: time(row.expires_at),
        })
    }
}

/// A row of `devices`.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct DeviceRow {
    pub person: Uuid,
    pub failures: i64,
    pub last_at: Option<i64>,
}

impl TryFrom<DeviceRow> for Device {
    type Error = StoreError;

    fn try_from(row: DeviceRow) -> Result<Self, StoreError> {
        Ok(Self {
            user: UserId::from_uuid(row.person),
            failures: SignInFailures {
                count: unsigned("devices", "failures", row.failures)?,
                last_at: row.last_at.map(time),
            },
        })
    }
}
