//! At the door: ceremonies, invitations, known browsers, limits, in SQLite.

use async_trait::async_trait;
use hearback_domain::{InvitationId, Timestamp, UserId};
use hearback_storage::{
    Ceremony, CeremonyKind, Device, Doors, Invitation, NewCeremony, NewInvitation, Result,
    SignInFailures, TokenHash,
    sql::{CeremonyRow, DeviceRow, InvitationRow, backend, words_of},
};

use crate::Tx;

#[async_trait]
impl Doors for Tx {
    #[tracing::instrument(name = "db.add_ceremony", skip_all, err)]
    async fn add_ceremony(&mut self, ceremony: &NewCeremony, now: Timestamp) -> Result<()> {
        sqlx::query("delete from ceremonies where expires_at <= $1")
            .bind(now.as_micros())
            .execute(&mut *self.0)
            .await
            .map_err(backend)?;
        sqlx::query(
            "insert into ceremonies (token, kind, person, state, expires_at) values ($1, $2, $3, $4, $5)",
        )
        .bind(ceremony.token.0.to_vec())
        .bind(ceremony.kind.as_str())
        .bind(ceremony.user.map(UserId::as_uuid))
        .bind(&ceremony.state)
        .bind(ceremony.expires_at.as_micros())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(())
    }

    #[tracing::instrument(name = "db.ceremony", skip_all, err)]
    async fn ceremony(
        &mut self,
        token: &TokenHash,
        kind: CeremonyKind,
        now: Timestamp,
    ) -> Result<Option<Ceremony>> {
        let row: Option<CeremonyRow> = sqlx::query_as(
            "select person, state from ceremonies where token = $1 and kind = $2 and expires_at > $3",
        )
        .bind(token.0.to_vec())
        .bind(kind.as_str())
        .bind(now.as_micros())
        .fetch_optional(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(row.map(Into::into))
    }

    #[tracing::instrument(name = "db.take_ceremony", skip_all, err)]
    async fn take_ceremony(
        &mut self,
        token: &TokenHash,
        kind: CeremonyKind,
        now: Timestamp,
    ) -> Result<Option<Ceremony>> {
        let row: Option<CeremonyRow> = sqlx::query_as(
            "delete from ceremonies where token = $1 and kind = $2 and expires_at > $3
             returning person, state",
        )
        .bind(token.0.to_vec())
        .bind(kind.as_str())
        .bind(now.as_micros())
        .fetch_optional(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(row.map(Into::into))
    }

    #[tracing::instrument(name = "db.add_invitation", skip_all, err)]
    async fn add_invitation(&mut self, invitation: &NewInvitation) -> Result<()> {
        sqlx::query(
            "insert into invitations
                 (id, token, login, name, roles, invited_by, created_at, expires_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(invitation.id.as_uuid())
        .bind(invitation.token.0.to_vec())
        .bind(invitation.login.as_str())
        .bind(&invitation.name)
        .bind(words_of(&invitation.roles))
        .bind(invitation.invited_by.as_uuid())
        .bind(invitation.created_at.as_micros())
        .bind(invitation.expires_at.as_micros())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(())
    }

    #[tracing::instrument(name = "db.invitation", skip_all, err)]
    async fn invitation(
        &mut self,
        token: &TokenHash,
        now: Timestamp,
    ) -> Result<Option<Invitation>> {
        sqlx::query_as(
            "select id, login, name, roles, expires_at from invitations
             where token = $1 and used_at is null and expires_at > $2",
        )
        .bind(token.0.to_vec())
        .bind(now.as_micros())
        .fetch_optional(&mut *self.0)
        .await
        .map_err(backend)?
        .map(|row: InvitationRow| row.try_into())
        .transpose()
    }

    #[tracing::instrument(name = "db.take_invitation", skip_all, err)]
    async fn take_invitation(
        &mut self,
        token: &TokenHash,
        now: Timestamp,
    ) -> Result<Option<Invitation>> {
        sqlx::query_as(
            "update invitations set used_at = $2
             where token = $1 and used_at is null and expires_at > $2
             returning id, login, name, roles, expires_at",
        )
        .bind(token.0.to_vec())
        .bind(now.as_micros())
        .fetch_optional(&mut *self.0)
        .await
        .map_err(backend)?
        .map(|row: InvitationRow| row.try_into())
        .transpose()
    }

    #[tracing::instrument(name = "db.open_invitations", skip_all, err)]
    async fn open_invitations(&mut self, now: Timestamp) -> Result<Vec<Invitation>> {
        sqlx::query_as(
            "select id, login, name, roles, expires_at from invitations
             where used_at is null and expires_at > $1
             order by login, id",
        )
        .bind(now.as_micros())
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?
        .into_iter()
        .map(|row: InvitationRow| row.try_into())
        .collect()
    }

    #[tracing::instrument(name = "db.withdraw_invitation", skip_all, err)]
    async fn withdraw_invitation(&mut self, id: InvitationId) -> Result<bool> {
        let counted = sqlx::query("delete from invitations where id = $1 and used_at is null")
            .bind(id.as_uuid())
            .execute(&mut *self.0)
            .await
            .map_err(backend)?
            .rows_affected();
        Ok(counted == 1)
    }

    #[tracing::instrument(name = "db.add_device", skip_all, err)]
    async fn add_device(&mut self, token: &TokenHash, user: UserId, now: Timestamp) -> Result<()> {
        sqlx::query(
            "insert into devices (token, person, created_at, failures) values ($1, $2, $3, 0)",
        )
        .bind(token.0.to_vec())
        .bind(user.as_uuid())
        .bind(now.as_micros())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(())
    }

    #[tracing::instrument(name = "db.device", skip_all, err)]
    async fn device(&mut self, token: &TokenHash, now: Timestamp) -> Result<Option<Device>> {
        sqlx::query_as(
            "select person, failures, last_at from devices where token = $1 and created_at > $2",
        )
        .bind(token.0.to_vec())
        .bind(Device::since(now).as_micros())
        .fetch_optional(&mut *self.0)
        .await
        .map_err(backend)?
        .map(|row: DeviceRow| row.try_into())
        .transpose()
    }

    #[tracing::instrument(name = "db.count_device_try", skip_all, err)]
    async fn count_device_try(
        &mut self,
        token: &TokenHash,
        before: SignInFailures,
        now: Timestamp,
    ) -> Result<bool> {
        let counted = sqlx::query(
            "update devices set failures = failures + 1, last_at = $2
             where token = $1 and failures = $3",
        )
        .bind(token.0.to_vec())
        .bind(now.as_micros())
        .bind(i64::from(before.count))
        .execute(&mut *self.0)
        .await
        .map_err(backend)?
        .rows_affected();
        Ok(counted == 1)
    }

    #[tracing::instrument(name = "db.clear_device_tries", skip_all, err)]
    async fn clear_device_tries(&mut self, token: &TokenHash) -> Result<()> {
        sqlx::query("update devices set failures = 0, last_at = null where token = $1")
            .bind(token.0.to_vec())
            .execute(&mut *self.0)
            .await
            .map_err(backend)?;
        Ok(())
    }

    #[tracing::instrument(name = "db.forget_devices", skip_all, err)]
    async fn forget_devices(&mut self, user: UserId) -> Result<()> {
        sqlx::query("delete from devices where person = $1")
            .bind(user.as_uuid())
            .execute(&mut *self.0)
            .await
            .map_err(backend)?;
        Ok(())
    }

    #[tracing::instrument(name = "db.take_from_limit", skip_all, err)]
    async fn take_from_limit(
        &mut self,
        key: &str,
        now: Timestamp,
        interval: i64,
        burst: i64,
    ) -> Result<bool> {
        let counted = sqlx::query(
            "insert into limits (key, due) values ($1, $2 + $3)
             on conflict (key) do update
             set due = (case when limits.due > $2 then limits.due else $2 end) + $3
             where limits.due <= $2 + $4",
        )
        .bind(key)
        .bind(now.as_micros())
        .bind(interval)
        .bind(burst)
        .execute(&mut *self.0)
        .await
        .map_err(backend)?
        .rows_affected();
        Ok(counted == 1)
    }

    #[tracing::instrument(name = "db.forget_limits", skip_all, err)]
    async fn forget_limits(&mut self, now: Timestamp) -> Result<()> {
        sqlx::query("delete from limits where due <= $1")
            .bind(now.as_micros())
            .execute(&mut *self.0)
            .await
            .map_err(backend)?;
        sqlx::query("delete from devices where created_at <= $1")
            .bind(Device::since(now).as_micros())
            .execute(&mut *self.0)
            .await
            .map_err(backend)?;
        Ok(())
    }
}
