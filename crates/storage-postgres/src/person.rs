//! People, sessions and sign-in attempts in PostgreSQL.

use async_trait::async_trait;
use hearback_domain::{Login, Role, Timestamp, UserId};
use hearback_storage::{
    NewPerson, NewSession, People, Person, Result, Session, SignInFailures, TokenHash,
    sql::{
        LoginRow, PersonRow, SessionRow, SignInFailuresRow, backend, conflict, seal_person_name,
    },
};

use crate::Tx;

#[async_trait]
impl People for Tx {
    #[tracing::instrument(name = "db.add_person", skip_all, err)]
    async fn add_person(&mut self, person: &NewPerson) -> Result<()> {
        let name = seal_person_name(self.cipher(), person.id, &person.name)?;
        sqlx::query(
            "insert into people (id, login, name, password_hash, created_at)
             values ($1, $2, $3, $4, $5)",
        )
        .bind(person.id.as_uuid())
        .bind(person.login.as_str())
        .bind(name)
        .bind(&person.password_hash)
        .bind(person.created_at.as_micros())
        .execute(&mut *self.0)
        .await
        .map_err(conflict("person.login"))?;
        for role in &person.roles {
            sqlx::query(
                "insert into person_roles (person, role) values ($1, $2) on conflict do nothing",
            )
            .bind(person.id.as_uuid())
            .bind(role.as_str())
            .execute(&mut *self.0)
            .await
            .map_err(backend)?;
        }
        Ok(())
    }

    #[tracing::instrument(name = "db.person_by_login", skip_all, err)]
    async fn person_by_login(&mut self, login: &Login) -> Result<Option<(Person, String)>> {
        sqlx::query_as(
            "select p.id, p.login, p.name, p.created_at, p.disabled_at is not null as disabled,
                 p.password_hash, coalesce(
                 (select string_agg(r.role, ',') from person_roles r where r.person = p.id), ''
             ) as roles
             from people p where p.login = $1",
        )
        .bind(login.as_str())
        .fetch_optional(&mut *self.0)
        .await
        .map_err(backend)?
        .map(|row: LoginRow| row.open(self.cipher()))
        .transpose()
    }

    #[tracing::instrument(name = "db.set_password", skip_all, err)]
    async fn set_password(&mut self, login: &Login, password_hash: &str) -> Result<bool> {
        let known = sqlx::query("update people set password_hash = $2 where login = $1")
            .bind(login.as_str())
            .bind(password_hash)
            .execute(&mut *self.0)
            .await
            .map_err(backend)?
            .rows_affected();
        sqlx::query(
            "delete from sessions where person in (select id from people where login = $1)",
        )
        .bind(login.as_str())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        sqlx::query(
            "delete from ceremonies where person in (select id from people where login = $1)",
        )
        .bind(login.as_str())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(known == 1)
    }

    #[tracing::instrument(name = "db.person", skip_all, err)]
    async fn person(&mut self, id: UserId) -> Result<Option<Person>> {
        sqlx::query_as(
            "select p.id, p.login, p.name, p.created_at, p.disabled_at is not null as disabled, coalesce(
                 (select string_agg(r.role, ',') from person_roles r where r.person = p.id), ''
             ) as roles
             from people p where p.id = $1",
        )
        .bind(id.as_uuid())
        .fetch_optional(&mut *self.0)
        .await
        .map_err(backend)?
        .map(|row: PersonRow| row.open(self.cipher()))
        .transpose()
    }

    #[tracing::instrument(name = "db.people", skip_all, err)]
    async fn people(&mut self) -> Result<Vec<Person>> {
        sqlx::query_as(
            "select p.id, p.login, p.name, p.created_at, p.disabled_at is not null as disabled, coalesce(
                 (select string_agg(r.role, ',') from person_roles r where r.person = p.id), ''
             ) as roles
             from people p order by p.login",
        )
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?
        .into_iter()
        .map(|row: PersonRow| row.open(self.cipher()))
        .collect()
    }

    #[tracing::instrument(name = "db.people_with", skip_all, err)]
    async fn people_with(&mut self, role: Role) -> Result<Vec<Person>> {
        let rows: Vec<PersonRow> = sqlx::query_as(
            "select p.id, p.login, p.name, p.created_at, p.disabled_at is not null as disabled, coalesce(
                 (select string_agg(r.role, ',') from person_roles r where r.person = p.id), ''
             ) as roles
             from people p
             where p.disabled_at is null
                 and exists (select 1 from person_roles h where h.person = p.id and h.role = $1)",
        )
        .bind(role.as_str())
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        let mut people: Vec<Person> =
            rows.into_iter().map(|row| row.open(self.cipher())).collect::<Result<_>>()?;
        // The database cannot sort what it cannot read.
        people.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
        Ok(people)
    }

    #[tracing::instrument(name = "db.add_session", skip_all, err)]
    async fn add_session(&mut self, session: &NewSession) -> Result<()> {
        sqlx::query(
            "insert into sessions (token, person, role, created_at, last_seen_at, expires_at, id,
                 elevated_until, shown, device)
             values ($1, $2, $3, $4, $4, $5, $6, $7, $8, $9)",
        )
        .bind(session.token.0.to_vec())
        .bind(session.user.as_uuid())
        .bind(session.role.as_str())
        .bind(session.created_at.as_micros())
        .bind(session.expires_at.as_micros())
        .bind(session.id.as_uuid())
        .bind(session.elevated_until.map(Timestamp::as_micros))
        .bind(session.shown.as_str())
        .bind(&session.device)
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(())
    }

    #[tracing::instrument(name = "db.session", skip_all, err)]
    async fn session(
        &mut self,
        token: &TokenHash,
        now: Timestamp,
        idle_since: Timestamp,
    ) -> Result<Option<Session>> {
        sqlx::query_as(
            "select p.id, p.login, p.name, p.created_at, p.disabled_at is not null as disabled, coalesce(
                 (select string_agg(r.role, ',') from person_roles r where r.person = p.id), ''
             ) as roles, s.role, s.last_seen_at, s.expires_at, s.id as session, s.elevated_until,
                 s.shown, (exists (
                     select 1 from totp t where t.person = p.id and t.confirmed_at is not null
                 ) or exists (select 1 from passkeys k where k.person = p.id)) as second_step
             from sessions s join people p on p.id = s.person
             where s.token = $1 and s.expires_at > $2 and s.last_seen_at >= $3
                 and p.disabled_at is null",
        )
        .bind(token.0.to_vec())
        .bind(now.as_micros())
        .bind(idle_since.as_micros())
        .fetch_optional(&mut *self.0)
        .await
        .map_err(backend)?
        .map(|row: SessionRow| row.open(self.cipher()))
        .transpose()
    }

    #[tracing::instrument(name = "db.touch_session", skip_all, err)]
    async fn touch_session(&mut self, token: &TokenHash, now: Timestamp) -> Result<()> {
        sqlx::query("update sessions set last_seen_at = $2 where token = $1 and last_seen_at < $2")
            .bind(token.0.to_vec())
            .bind(now.as_micros())
            .execute(&mut *self.0)
            .await
            .map_err(backend)?;
        Ok(())
    }

    #[tracing::instrument(name = "db.set_session_role", skip_all, err)]
    async fn set_session_role(&mut self, token: &TokenHash, role: Role) -> Result<()> {
        sqlx::query("update sessions set role = $2 where token = $1")
            .bind(token.0.to_vec())
            .bind(role.as_str())
            .execute(&mut *self.0)
            .await
            .map_err(backend)?;
        Ok(())
    }

    #[tracing::instrument(name = "db.remove_session", skip_all, err)]
    async fn remove_session(&mut self, token: &TokenHash) -> Result<()> {
        sqlx::query("delete from sessions where token = $1")
            .bind(token.0.to_vec())
            .execute(&mut *self.0)
            .await
            .map_err(backend)?;
        Ok(())
    }

    #[tracing::instrument(name = "db.sign_in_failures", skip_all, err)]
    async fn sign_in_failures(&mut self, name: &str) -> Result<SignInFailures> {
        let row: Option<SignInFailuresRow> =
            sqlx::query_as("select failures, last_at from sign_in_failures where login = $1")
                .bind(name)
                .fetch_optional(&mut *self.0)
                .await
                .map_err(backend)?;
        row.map_or_else(|| Ok(SignInFailures::default()), TryInto::try_into)
    }

    #[tracing::instrument(name = "db.count_sign_in_try", skip_all, err)]
    async fn count_sign_in_try(
        &mut self,
        name: &str,
        before: SignInFailures,
        now: Timestamp,
    ) -> Result<bool> {
        let counted = sqlx::query(
            "insert into sign_in_failures (login, failures, last_at) values ($1, 1, $2)
             on conflict (login) do update
             set failures = sign_in_failures.failures + 1, last_at = excluded.last_at
             where sign_in_failures.failures = $3",
        )
        .bind(name)
        .bind(now.as_micros())
        .bind(i64::from(before.count))
        .execute(&mut *self.0)
        .await
        .map_err(backend)?
        .rows_affected();
        Ok(counted == 1)
    }

    #[tracing::instrument(name = "db.clear_sign_in_failures", skip_all, err)]
    async fn clear_sign_in_failures(&mut self, name: &str) -> Result<()> {
        sqlx::query("delete from sign_in_failures where login = $1")
            .bind(name)
            .execute(&mut *self.0)
            .await
            .map_err(backend)?;
        Ok(())
    }
}
