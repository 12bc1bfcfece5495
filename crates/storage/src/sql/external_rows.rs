//! Rows about identity providers.

use super::{hash, inconsistent, time};
use crate::{Attempt, Connected, Errand, ExternalIdentity, StoreError, TokenHash};

/// A row of `external_attempts`.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct AttemptRow {
    pub purpose: String,
    pub secret: Option<Vec<u8>>,
    pub next: String,
    pub created_at: i64,
}

/// A purpose that is none of ours.
#[derive(Debug, thiserror::Error)]
#[error("no such purpose")]
struct UnknownPurpose;

impl TryFrom<AttemptRow> for Attempt {
    type Error = StoreError;

    fn try_from(row: AttemptRow) -> Result<Self, StoreError> {
        let secret = row.secret.map(|s| hash("external_attempts", "secret", &s).map(TokenHash));
        let errand = match (row.purpose.as_str(), secret.transpose()?) {
            ("sign_in", None) => Errand::SignIn,
            ("link", Some(secret)) => Errand::Link(secret),
            ("invitation", Some(secret)) => Errand::Invitation(secret),
            ("connect", Some(secret)) => Errand::Connect(secret),
            ("confirm", Some(secret)) => Errand::Confirm(secret),
            _ => return Err(inconsistent("external_attempts", "purpose")(UnknownPurpose)),
        };
        Ok(Self { errand, next: row.next, created_at: time(row.created_at) })
    }
}

/// An errand as it is kept: its word, and the hash that belongs to it.
pub fn errand(errand: Errand) -> (&'static str, Option<Vec<u8>>) {
    let (word, secret) = match errand {
        Errand::SignIn => ("sign_in", None),
        Errand::Link(secret) => ("link", Some(secret)),
        Errand::Invitation(secret) => ("invitation", Some(secret)),
        Errand::Connect(secret) => ("connect", Some(secret)),
        Errand::Confirm(secret) => ("confirm", Some(secret)),
    };
    (word, secret.map(|s| s.0.to_vec()))
}

/// A row of `external_identities`.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns")]
pub struct ConnectedRow {
    pub issuer: String,
    pub subject: String,
    pub connected_at: i64,
}

impl From<ConnectedRow> for Connected {
    fn from(row: ConnectedRow) -> Self {
        Self {
            identity: ExternalIdentity { issuer: row.issuer, subject: row.subject },
            since: time(row.connected_at),
        }
    }
}
