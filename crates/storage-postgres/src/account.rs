//! Sessions as their owner sees them, roles and second steps, in PostgreSQL.

use async_trait::async_trait;
use hearback_domain::{PasskeyId, Role, SessionId, Timestamp, UserId};
use hearback_storage::{
    Accounts, NewPasskey, OwnSession, Passkey, Result, SecondSteps, Shown, TokenHash,
    sql::{OwnSessionRow, PasskeyRow, TotpRow, backend, conflict, number},
};

use crate::Tx;

#[async_trait]
impl Accounts for Tx {
    #[tracing::instrument(name = "db.sessions_of", skip_all, err)]
    async fn sessions_of(
        &mut self,
        user: UserId,
        now: Timestamp,
        idle_since: Timestamp,
    ) -> Result<Vec<OwnSession>> {
        sqlx::query_as(
            "select id, role, created_at, last_seen_at, shown, device from sessions
             where person = $1 and expires_at > $2 and last_seen_at >= $3
             order by created_at desc, id",
        )
        .bind(user.as_uuid())
        .bind(now.as_micros())
        .bind(idle_since.as_micros())
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?
        .into_iter()
        .map(|row: OwnSessionRow| row.try_into())
        .collect()
    }

    #[tracing::instrument(name = "db.end_session", skip_all, err)]
    async fn end_session(&mut self, user: UserId, id: SessionId) -> Result<bool> {
        let counted = sqlx::query("delete from sessions where person = $1 and id = $2")
            .bind(user.as_uuid())
            .bind(id.as_uuid())
            .execute(&mut *self.0)
            .await
            .map_err(backend)?
            .rows_affected();
        Ok(counted == 1)
    }

    #[tracing::instrument(name = "db.end_sessions", skip_all, err)]
    async fn end_sessions(&mut self, user: UserId, keep: Option<&TokenHash>) -> Result<u64> {
        let keep = keep.map_or_else(Vec::new, |token| token.0.to_vec());
        sqlx::query("delete from ceremonies where person = $1")
            .bind(user.as_uuid())
            .execute(&mut *self.0)
            .await
            .map_err(backend)?;
        let counted = sqlx::query("delete from sessions where person = $1 and token <> $2")
            .bind(user.as_uuid())
            .bind(keep)
            .execute(&mut *self.0)
            .await
            .map_err(backend)?
            .rows_affected();
        Ok(counted)
    }

    #[tracing::instrument(name = "db.keep_newest_sessions", skip_all, err)]
    async fn keep_newest_sessions(
        &mut self,
        user: UserId,
        token: &TokenHash,
        most: u32,
    ) -> Result<()> {
        // Two sign-ins at the same moment go one after the other here.
        sqlx::query("update people set name = name where id = $1")
            .bind(user.as_uuid())
            .execute(&mut *self.0)
            .await
            .map_err(backend)?;
        sqlx::query(
            "delete from sessions where person = $1 and token <> $2 and token not in (
                 select token from sessions where person = $1 and token <> $2
                 order by created_at desc, last_seen_at desc, token
                 limit $3
             )",
        )
        .bind(user.as_uuid())
        .bind(token.0.to_vec())
        .bind(i64::from(most.saturating_sub(1)))
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(())
    }

    #[tracing::instrument(name = "db.elevate_session", skip_all, err)]
    async fn elevate_session(
        &mut self,
        token: &TokenHash,
        until: Timestamp,
        shown: Shown,
    ) -> Result<()> {
        sqlx::query("update sessions set elevated_until = $2, shown = $3 where token = $1")
            .bind(token.0.to_vec())
            .bind(until.as_micros())
            .bind(shown.as_str())
            .execute(&mut *self.0)
            .await
            .map_err(backend)?;
        Ok(())
    }

    #[tracing::instrument(name = "db.set_disabled", skip_all, err)]
    async fn set_disabled(&mut self, user: UserId, since: Option<Timestamp>) -> Result<bool> {
        let counted = sqlx::query("update people set disabled_at = $2 where id = $1")
            .bind(user.as_uuid())
            .bind(since.map(Timestamp::as_micros))
            .execute(&mut *self.0)
            .await
            .map_err(backend)?
            .rows_affected();
        if since.is_some() {
            sqlx::query("delete from sessions where person = $1")
                .bind(user.as_uuid())
                .execute(&mut *self.0)
                .await
                .map_err(backend)?;
            sqlx::query("delete from ceremonies where person = $1")
                .bind(user.as_uuid())
                .execute(&mut *self.0)
                .await
                .map_err(backend)?;
            sqlx::query("delete from devices where person = $1")
                .bind(user.as_uuid())
                .execute(&mut *self.0)
                .await
                .map_err(backend)?;
        }
        Ok(counted == 1)
    }

    #[tracing::instrument(name = "db.set_roles", skip_all, err)]
    async fn set_roles(&mut self, user: UserId, roles: &[Role]) -> Result<()> {
        for role in Role::ALL.iter().filter(|role| !roles.contains(role)) {
            sqlx::query("delete from sessions where person = $1 and role = $2")
                .bind(user.as_uuid())
                .bind(role.as_str())
                .execute(&mut *self.0)
                .await
                .map_err(backend)?;
            sqlx::query("delete from person_roles where person = $1 and role = $2")
                .bind(user.as_uuid())
                .bind(role.as_str())
                .execute(&mut *self.0)
                .await
                .map_err(backend)?;
        }
        for role in roles {
            sqlx::query(
                "insert into person_roles (person, role) values ($1, $2) on conflict do nothing",
            )
            .bind(user.as_uuid())
            .bind(role.as_str())
            .execute(&mut *self.0)
            .await
            .map_err(backend)?;
        }
        Ok(())
    }

    #[tracing::instrument(name = "db.passphrase_of", skip_all, err)]
    async fn passphrase_of(&mut self, user: UserId) -> Result<Option<String>> {
        sqlx::query_scalar("select password_hash from people where id = $1")
            .bind(user.as_uuid())
            .fetch_optional(&mut *self.0)
            .await
            .map_err(backend)
    }

    #[tracing::instrument(name = "db.change_passphrase", skip_all, err)]
    async fn change_passphrase(&mut self, user: UserId, hash: &str) -> Result<()> {
        sqlx::query("update people set password_hash = $2 where id = $1")
            .bind(user.as_uuid())
            .bind(hash)
            .execute(&mut *self.0)
            .await
            .map_err(backend)?;
        sqlx::query("delete from ceremonies where person = $1")
            .bind(user.as_uuid())
            .execute(&mut *self.0)
            .await
            .map_err(backend)?;
        Ok(())
    }

    #[tracing::instrument(name = "db.second_steps", skip_all, err)]
    async fn second_steps(&mut self, user: UserId) -> Result<SecondSteps> {
        let totp: Option<TotpRow> = sqlx::query_as(
            "select secret, confirmed_at is not null as confirmed from totp where person = $1",
        )
        .bind(user.as_uuid())
        .fetch_optional(&mut *self.0)
        .await
        .map_err(backend)?;
        let left: i64 = sqlx::query_scalar(
            "select count(*) from recovery_codes where person = $1 and used_at is null",
        )
        .bind(user.as_uuid())
        .fetch_one(&mut *self.0)
        .await
        .map_err(backend)?;
        let passkeys: Vec<PasskeyRow> = sqlx::query_as(
            "select id, person, data, name, created_at, last_used_at from passkeys
             where person = $1
             order by created_at, id",
        )
        .bind(user.as_uuid())
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(SecondSteps {
            totp: totp.map(Into::into),
            recovery_codes: u32::try_from(left).unwrap_or(u32::MAX),
            passkeys: passkeys.into_iter().map(Into::into).collect(),
        })
    }

    #[tracing::instrument(name = "db.begin_totp", skip_all, err)]
    async fn begin_totp(&mut self, user: UserId, secret: &[u8], now: Timestamp) -> Result<bool> {
        let counted = sqlx::query(
            "insert into totp (person, secret, created_at, last_step) values ($1, $2, $3, 0)
             on conflict (person) do update
             set secret = excluded.secret, created_at = excluded.created_at
             where totp.confirmed_at is null",
        )
        .bind(user.as_uuid())
        .bind(secret)
        .bind(now.as_micros())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?
        .rows_affected();
        Ok(counted == 1)
    }

    #[tracing::instrument(name = "db.confirm_totp", skip_all, err)]
    async fn confirm_totp(&mut self, user: UserId, step: u64, now: Timestamp) -> Result<bool> {
        let counted = sqlx::query(
            "update totp set confirmed_at = $3, last_step = $2
             where person = $1 and confirmed_at is null",
        )
        .bind(user.as_uuid())
        .bind(number(step)?)
        .bind(now.as_micros())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?
        .rows_affected();
        Ok(counted == 1)
    }

    #[tracing::instrument(name = "db.use_totp", skip_all, err)]
    async fn use_totp(&mut self, user: UserId, step: u64) -> Result<bool> {
        let counted = sqlx::query(
            "update totp set last_step = $2
             where person = $1 and confirmed_at is not null and last_step < $2",
        )
        .bind(user.as_uuid())
        .bind(number(step)?)
        .execute(&mut *self.0)
        .await
        .map_err(backend)?
        .rows_affected();
        Ok(counted == 1)
    }

    #[tracing::instrument(name = "db.remove_totp", skip_all, err)]
    async fn remove_totp(&mut self, user: UserId) -> Result<bool> {
        let counted = sqlx::query("delete from totp where person = $1")
            .bind(user.as_uuid())
            .execute(&mut *self.0)
            .await
            .map_err(backend)?
            .rows_affected();
        Ok(counted == 1)
    }

    #[tracing::instrument(name = "db.set_recovery_codes", skip_all, err)]
    async fn set_recovery_codes(&mut self, user: UserId, hashes: &[TokenHash]) -> Result<()> {
        sqlx::query("delete from recovery_codes where person = $1")
            .bind(user.as_uuid())
            .execute(&mut *self.0)
            .await
            .map_err(backend)?;
        for hash in hashes {
            sqlx::query("insert into recovery_codes (hash, person) values ($1, $2)")
                .bind(hash.0.to_vec())
                .bind(user.as_uuid())
                .execute(&mut *self.0)
                .await
                .map_err(backend)?;
        }
        Ok(())
    }

    #[tracing::instrument(name = "db.use_recovery_code", skip_all, err)]
    async fn use_recovery_code(
        &mut self,
        user: UserId,
        hash: &TokenHash,
        now: Timestamp,
    ) -> Result<bool> {
        let counted = sqlx::query(
            "update recovery_codes set used_at = $3
             where hash = $1 and person = $2 and used_at is null",
        )
        .bind(hash.0.to_vec())
        .bind(user.as_uuid())
        .bind(now.as_micros())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?
        .rows_affected();
        Ok(counted == 1)
    }

    #[tracing::instrument(name = "db.add_passkey", skip_all, err)]
    async fn add_passkey(&mut self, passkey: &NewPasskey) -> Result<()> {
        sqlx::query(
            "insert into passkeys (id, person, credential, data, counter, name, created_at)
             values ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(passkey.id.as_uuid())
        .bind(passkey.user.as_uuid())
        .bind(&passkey.credential)
        .bind(&passkey.data)
        .bind(i64::from(passkey.counter))
        .bind(&passkey.name)
        .bind(passkey.created_at.as_micros())
        .execute(&mut *self.0)
        .await
        .map_err(conflict("passkey.credential"))?;
        Ok(())
    }

    #[tracing::instrument(name = "db.passkey_by_credential", skip_all, err)]
    async fn passkey_by_credential(&mut self, credential: &[u8]) -> Result<Option<Passkey>> {
        let row: Option<PasskeyRow> = sqlx::query_as(
            "select id, person, data, name, created_at, last_used_at from passkeys
             where credential = $1",
        )
        .bind(credential)
        .fetch_optional(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(row.map(Into::into))
    }

    #[tracing::instrument(name = "db.use_passkey", skip_all, err)]
    async fn use_passkey(
        &mut self,
        id: PasskeyId,
        data: &str,
        counter: u32,
        now: Timestamp,
    ) -> Result<bool> {
        let counted = sqlx::query(
            "update passkeys set data = $2, counter = $3, last_used_at = $4
             where id = $1 and (counter < $3 or (counter = 0 and $3 = 0))",
        )
        .bind(id.as_uuid())
        .bind(data)
        .bind(i64::from(counter))
        .bind(now.as_micros())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?
        .rows_affected();
        Ok(counted == 1)
    }

    #[tracing::instrument(name = "db.remove_passkey", skip_all, err)]
    async fn remove_passkey(&mut self, user: UserId, id: PasskeyId) -> Result<bool> {
        let counted = sqlx::query("delete from passkeys where person = $1 and id = $2")
            .bind(user.as_uuid())
            .bind(id.as_uuid())
            .execute(&mut *self.0)
            .await
            .map_err(backend)?
            .rows_affected();
        Ok(counted == 1)
    }
}
