//! Frameworks in PostgreSQL.

use async_trait::async_trait;
use hearback_access::{ManageFrameworks, Permit, SeeFrameworks};
use hearback_domain::{BUILT_IN_FRAMEWORK, Framework, FrameworkId, Mapping};
use hearback_storage::{
    FrameworkVersion, Frameworks, NewFramework, Result,
    sql::{FrameworkRow, backend, conflict, person_of},
};
use sqlx::PgPool;

use crate::Tx;

/// Puts the framework that comes with the service there, and has new codings take it, unless that was done.
pub(crate) async fn install_framework(pool: &PgPool) -> Result<()> {
    let first = Framework::v1();
    let mut tx = pool.begin().await.map_err(backend)?;
    sqlx::query(
        "insert into frameworks (id, short, added_at) values ($1, '', 0)
         on conflict do nothing",
    )
    .bind(BUILT_IN_FRAMEWORK.as_uuid())
    .execute(&mut *tx)
    .await
    .map_err(backend)?;
    sqlx::query(
        "insert into framework_versions
             (version, framework, number, body, revision, notes, mapping, published_at)
         values ($1, $2, 1, $3, 0, '', '[]', 0)
         on conflict do nothing",
    )
    .bind(&first.version)
    .bind(BUILT_IN_FRAMEWORK.as_uuid())
    .bind(first.to_json())
    .execute(&mut *tx)
    .await
    .map_err(backend)?;
    sqlx::query(
        "insert into current_framework (one, version, chosen_at) values (1, $1, 0)
         on conflict do nothing",
    )
    .bind(&first.version)
    .execute(&mut *tx)
    .await
    .map_err(backend)?;
    tx.commit().await.map_err(backend)
}

#[async_trait]
impl Frameworks for Tx {
    #[tracing::instrument(name = "db.frameworks", skip_all, err)]
    async fn frameworks(
        &mut self,
        _permit: &Permit<SeeFrameworks>,
    ) -> Result<Vec<FrameworkVersion>> {
        let rows: Vec<FrameworkRow> = sqlx::query_as(
            "select v.version, v.framework, v.number, v.body, v.revision, v.notes, v.mapping,
                 v.published_at, v.published_by, p.name, c.version is not null as current
             from framework_versions v
             join frameworks f on f.id = v.framework
             left join people p on p.id = v.published_by
             left join current_framework c on c.version = v.version
             order by f.added_at, f.id, v.number desc",
        )
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        rows.into_iter().map(|row| row.open(self.cipher())).collect()
    }

    #[tracing::instrument(name = "db.framework", skip_all, err)]
    async fn framework(&mut self, version: &str) -> Result<Option<Framework>> {
        let body: Option<String> = sqlx::query_scalar(
            "select body from framework_versions
             where version = $1 and published_at is not null",
        )
        .bind(version)
        .fetch_optional(&mut *self.0)
        .await
        .map_err(backend)?;
        body.map(|body| FrameworkRow::body(version.to_owned(), &body)).transpose()
    }

    #[tracing::instrument(name = "db.current_framework", skip_all, err)]
    async fn current_framework(&mut self) -> Result<Framework> {
        let (version, body): (String, String) = sqlx::query_as(
            "select v.version, v.body
             from current_framework c join framework_versions v on v.version = c.version",
        )
        .fetch_one(&mut *self.0)
        .await
        .map_err(backend)?;
        FrameworkRow::body(version, &body)
    }

    #[tracing::instrument(name = "db.add_framework", skip_all, err)]
    async fn add_framework(
        &mut self,
        permit: &Permit<ManageFrameworks>,
        new: &NewFramework,
    ) -> Result<()> {
        sqlx::query(
            "insert into frameworks (id, short, added_at, added_by) values ($1, $2, $3, $4)",
        )
        .bind(new.id.as_uuid())
        .bind(&new.short)
        .bind(permit.cx().now.as_micros())
        .bind(person_of(permit.cx())?.as_uuid())
        .execute(&mut *self.0)
        .await
        .map_err(conflict("framework.short"))?;
        self.insert_draft(new.id, &new.short, 1, &new.body.to_json()).await
    }

    #[tracing::instrument(name = "db.begin_draft", skip_all, err)]
    async fn begin_draft(
        &mut self,
        permit: &Permit<ManageFrameworks>,
        framework: FrameworkId,
    ) -> Result<bool> {
        if self.draft(permit, framework).await?.is_some() {
            return Ok(false);
        }
        let newest: Option<(String, i64, String)> = sqlx::query_as(
            "select f.short, v.number, v.body
             from framework_versions v join frameworks f on f.id = v.framework
             where f.id = $1
             order by v.number desc limit 1",
        )
        .bind(framework.as_uuid())
        .fetch_optional(&mut *self.0)
        .await
        .map_err(backend)?;
        let Some((short, number, body)) = newest else { return Ok(false) };
        self.insert_draft(framework, &short, number + 1, &body).await?;
        Ok(true)
    }

    #[tracing::instrument(name = "db.draft", skip_all, err)]
    async fn draft(
        &mut self,
        _permit: &Permit<ManageFrameworks>,
        framework: FrameworkId,
    ) -> Result<Option<FrameworkVersion>> {
        let row: Option<FrameworkRow> = sqlx::query_as(
            "select version, framework, number, body, revision, notes, mapping,
                 published_at, published_by, null as name, false as current
             from framework_versions
             where framework = $1 and published_at is null",
        )
        .bind(framework.as_uuid())
        .fetch_optional(&mut *self.0)
        .await
        .map_err(backend)?;
        row.map(|row| row.open(self.cipher())).transpose()
    }

    #[tracing::instrument(name = "db.save_draft", skip_all, err)]
    async fn save_draft(
        &mut self,
        _permit: &Permit<ManageFrameworks>,
        framework: FrameworkId,
        revision: u32,
        body: &Framework,
    ) -> Result<bool> {
        let done = sqlx::query(
            "update framework_versions set body = $3, revision = revision + 1
             where framework = $1 and revision = $2 and published_at is null",
        )
        .bind(framework.as_uuid())
        .bind(i64::from(revision))
        .bind(body.to_json())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(done.rows_affected() == 1)
    }

    #[tracing::instrument(name = "db.drop_draft", skip_all, err)]
    async fn drop_draft(
        &mut self,
        _permit: &Permit<ManageFrameworks>,
        framework: FrameworkId,
        revision: u32,
    ) -> Result<bool> {
        let done = sqlx::query(
            "delete from framework_versions
             where framework = $1 and revision = $2 and published_at is null",
        )
        .bind(framework.as_uuid())
        .bind(i64::from(revision))
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        sqlx::query(
            "delete from frameworks where id = $1
             and not exists (select 1 from framework_versions v where v.framework = frameworks.id)",
        )
        .bind(framework.as_uuid())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(done.rows_affected() == 1)
    }

    #[tracing::instrument(name = "db.publish_framework", skip_all, err)]
    async fn publish_framework(
        &mut self,
        permit: &Permit<ManageFrameworks>,
        framework: FrameworkId,
        revision: u32,
        notes: &str,
        mapping: &Mapping,
    ) -> Result<bool> {
        let done = sqlx::query(
            "update framework_versions
             set notes = $3, mapping = $4, published_at = $5, published_by = $6
             where framework = $1 and revision = $2 and published_at is null",
        )
        .bind(framework.as_uuid())
        .bind(i64::from(revision))
        .bind(notes)
        .bind(mapping.to_json())
        .bind(permit.cx().now.as_micros())
        .bind(person_of(permit.cx())?.as_uuid())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(done.rows_affected() == 1)
    }

    #[tracing::instrument(name = "db.make_current", skip_all, err)]
    async fn make_current(
        &mut self,
        permit: &Permit<ManageFrameworks>,
        framework: FrameworkId,
        number: u32,
    ) -> Result<bool> {
        let version: Option<String> = sqlx::query_scalar(
            "select version from framework_versions
             where framework = $1 and number = $2 and published_at is not null",
        )
        .bind(framework.as_uuid())
        .bind(i64::from(number))
        .fetch_optional(&mut *self.0)
        .await
        .map_err(backend)?;
        let Some(version) = version else { return Ok(false) };
        sqlx::query("update current_framework set version = $1, chosen_at = $2, chosen_by = $3")
            .bind(version)
            .bind(permit.cx().now.as_micros())
            .bind(person_of(permit.cx())?.as_uuid())
            .execute(&mut *self.0)
            .await
            .map_err(backend)?;
        Ok(true)
    }
}

impl Tx {
    /// Adds a draft. The versions of the framework that came with the service have bare numbers for names.
    async fn insert_draft(
        &mut self,
        framework: FrameworkId,
        short: &str,
        number: i64,
        body: &str,
    ) -> Result<()> {
        let version =
            if short.is_empty() { number.to_string() } else { format!("{short}-{number}") };
        sqlx::query(
            "insert into framework_versions
                 (version, framework, number, body, revision, notes, mapping)
             values ($1, $2, $3, $4, 0, '', '[]')",
        )
        .bind(version)
        .bind(framework.as_uuid())
        .bind(number)
        .bind(body)
        .execute(&mut *self.0)
        .await
        .map_err(conflict("framework.draft"))?;
        Ok(())
    }
}
