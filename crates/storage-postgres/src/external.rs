//! Identities at providers, and what is under way there, in PostgreSQL.

use async_trait::async_trait;
use hearback_domain::{Timestamp, UserId};
use hearback_storage::{
    Attempt, Connected, ExternalIdentity, Externals, NewAttempt, NewLink, Person, Result,
    TokenHash,
    sql::{AttemptRow, ConnectedRow, PersonRow, backend, conflict, errand},
};
use uuid::Uuid;

use crate::Tx;

#[async_trait]
impl Externals for Tx {
    #[tracing::instrument(name = "db.add_attempt", skip_all, err)]
    async fn add_attempt(&mut self, attempt: &NewAttempt) -> Result<()> {
        sqlx::query("delete from external_attempts where expires_at <= $1")
            .bind(attempt.created_at.as_micros())
            .execute(&mut *self.0)
            .await
            .map_err(backend)?;
        let (purpose, secret) = errand(attempt.errand);
        sqlx::query(
            "insert into external_attempts
                 (browser, purpose, secret, next, created_at, expires_at)
             values ($1, $2, $3, $4, $5, $6)",
        )
        .bind(attempt.browser.0.to_vec())
        .bind(purpose)
        .bind(secret)
        .bind(&attempt.next)
        .bind(attempt.created_at.as_micros())
        .bind(attempt.expires_at.as_micros())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(())
    }

    #[tracing::instrument(name = "db.take_attempt", skip_all, err)]
    async fn take_attempt(
        &mut self,
        browser: &TokenHash,
        now: Timestamp,
    ) -> Result<Option<Attempt>> {
        sqlx::query_as(
            "delete from external_attempts where browser = $1 and expires_at > $2
             returning purpose, secret, next, created_at",
        )
        .bind(browser.0.to_vec())
        .bind(now.as_micros())
        .fetch_optional(&mut *self.0)
        .await
        .map_err(backend)?
        .map(|row: AttemptRow| row.try_into())
        .transpose()
    }

    #[tracing::instrument(name = "db.person_by_identity", skip_all, err)]
    async fn person_by_identity(&mut self, identity: &ExternalIdentity) -> Result<Option<Person>> {
        sqlx::query_as(
            "select p.id, p.login, p.name, p.created_at, p.disabled_at is not null as disabled, coalesce(
                 (select string_agg(r.role, ',') from person_roles r where r.person = p.id), ''
             ) as roles
             from people p join external_identities e on e.person = p.id
             where e.issuer = $1 and e.subject = $2 and p.disabled_at is null",
        )
        .bind(&identity.issuer)
        .bind(&identity.subject)
        .fetch_optional(&mut *self.0)
        .await
        .map_err(backend)?
        .map(|row: PersonRow| row.open(self.cipher()))
        .transpose()
    }

    #[tracing::instrument(name = "db.connect", skip_all, err)]
    async fn connect(
        &mut self,
        person: UserId,
        identity: &ExternalIdentity,
        now: Timestamp,
    ) -> Result<()> {
        sqlx::query(
            "insert into external_identities (issuer, subject, person, connected_at)
             values ($1, $2, $3, $4)",
        )
        .bind(&identity.issuer)
        .bind(&identity.subject)
        .bind(person.as_uuid())
        .bind(now.as_micros())
        .execute(&mut *self.0)
        .await
        .map_err(conflict("external_identity"))?;
        Ok(())
    }

    #[tracing::instrument(name = "db.identities", skip_all, err)]
    async fn identities(&mut self, person: UserId) -> Result<Vec<Connected>> {
        let rows: Vec<ConnectedRow> = sqlx::query_as(
            "select issuer, subject, connected_at from external_identities
             where person = $1 order by issuer",
        )
        .bind(person.as_uuid())
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    #[tracing::instrument(name = "db.disconnect", skip_all, err)]
    async fn disconnect(&mut self, person: UserId, issuer: &str) -> Result<bool> {
        sqlx::query(
            "delete from sessions where person = $1
             and token in (select token from external_sessions where issuer = $2)",
        )
        .bind(person.as_uuid())
        .bind(issuer)
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        let gone = sqlx::query("delete from external_identities where person = $1 and issuer = $2")
            .bind(person.as_uuid())
            .bind(issuer)
            .execute(&mut *self.0)
            .await
            .map_err(backend)?;
        Ok(gone.rows_affected() > 0)
    }

    #[tracing::instrument(name = "db.add_link", skip_all, err)]
    async fn add_link(&mut self, link: &NewLink) -> Result<()> {
        sqlx::query(
            "insert into external_links (token, person, issuer, created_at, expires_at)
             values ($1, $2, $3, $4, $5)
             on conflict (person) do update
             set token = excluded.token, issuer = excluded.issuer,
                 created_at = excluded.created_at, expires_at = excluded.expires_at",
        )
        .bind(link.token.0.to_vec())
        .bind(link.person.as_uuid())
        .bind(&link.issuer)
        .bind(link.created_at.as_micros())
        .bind(link.expires_at.as_micros())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(())
    }

    #[tracing::instrument(name = "db.take_link", skip_all, err)]
    async fn take_link(
        &mut self,
        token: &TokenHash,
        issuer: &str,
        now: Timestamp,
    ) -> Result<Option<UserId>> {
        let person: Option<Uuid> = sqlx::query_scalar(
            "delete from external_links where token = $1 and issuer = $2 and expires_at > $3
             returning person",
        )
        .bind(token.0.to_vec())
        .bind(issuer)
        .bind(now.as_micros())
        .fetch_optional(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(person.map(UserId::from_uuid))
    }

    #[tracing::instrument(name = "db.mark_external_session", skip_all, err)]
    async fn mark_external_session(
        &mut self,
        token: &TokenHash,
        identity: &ExternalIdentity,
        sid: Option<&str>,
    ) -> Result<()> {
        sqlx::query(
            "insert into external_sessions (token, issuer, subject, sid) values ($1, $2, $3, $4)",
        )
        .bind(token.0.to_vec())
        .bind(&identity.issuer)
        .bind(&identity.subject)
        .bind(sid)
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(())
    }

    #[tracing::instrument(name = "db.end_external_sessions", skip_all, err)]
    async fn end_external_sessions(
        &mut self,
        issuer: &str,
        subject: Option<&str>,
        sid: Option<&str>,
    ) -> Result<u64> {
        if subject.is_none() && sid.is_none() {
            return Ok(0);
        }
        let gone = sqlx::query(
            "delete from sessions where token in (
                 select token from external_sessions
                 where issuer = $1 and (subject = $2 or $2 is null)
                 and (sid = $3 or $3 is null or (sid is null and $2 is not null))
             )",
        )
        .bind(issuer)
        .bind(subject)
        .bind(sid)
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(gone.rows_affected())
    }

    #[tracing::instrument(name = "db.take_logout", skip_all, err)]
    async fn take_logout(
        &mut self,
        issuer: &str,
        jti: &str,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<bool> {
        sqlx::query("delete from external_logouts where expires_at <= $1")
            .bind(now.as_micros())
            .execute(&mut *self.0)
            .await
            .map_err(backend)?;
        let new = sqlx::query(
            "insert into external_logouts (issuer, jti, expires_at) values ($1, $2, $3)
             on conflict do nothing",
        )
        .bind(issuer)
        .bind(jti)
        .bind(expires_at.as_micros())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(new.rows_affected() == 1)
    }
}
