//! Real names and their keys, in SQLite.

use crate::Tx;
use async_trait::async_trait;
use hearback_access::{LinkIdentity, ManageIdentityKey, Permit, RevealIdentity, seal::FieldKey};
use hearback_domain::{IdentityKeyId, KeyClass, PersonId, RecordingId};
use hearback_storage::{
    HeardPerson, IdentityKey, NamesOf, NewIdentityKey, RealNames, Result, SealedName,
    sql::{
        HeardPersonRow, IdentityKeyRow, SealedNameRow, backend, misuse, person_of, pseudonym,
        seal_text,
    },
};

#[async_trait]
impl RealNames for Tx {
    #[tracing::instrument(name = "db.identity_key", skip_all, err)]
    async fn identity_key(
        &mut self,
        _permit: &Permit<ManageIdentityKey>,
    ) -> Result<Option<IdentityKey>> {
        self.present_key().await
    }

    #[tracing::instrument(name = "db.add_identity_key", skip_all, err)]
    async fn add_identity_key(
        &mut self,
        permit: &Permit<ManageIdentityKey>,
        new: &NewIdentityKey,
        instead_of: Option<IdentityKeyId>,
    ) -> Result<bool> {
        if self.present_key().await?.map(|key| key.id) != instead_of {
            return Ok(false);
        }
        let id = new.id.as_uuid();
        let seal = |column, text: &str| {
            seal_text(self.cipher(), FieldKey::Installation, "identity_keys", column, id, text)
        };
        let (public, locked) = (seal("public", &new.public)?, seal("locked", &new.locked)?);
        sqlx::query("update identity_keys set retired_at = $1 where retired_at is null")
            .bind(permit.cx().now.as_micros())
            .execute(&mut *self.0)
            .await
            .map_err(backend)?;
        sqlx::query(
            "insert into identity_keys (id, public, locked, made_by, made_at)
             values ($1, $2, $3, $4, $5)",
        )
        .bind(id)
        .bind(public)
        .bind(locked)
        .bind(person_of(permit.cx())?.as_uuid())
        .bind(permit.cx().now.as_micros())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(true)
    }

    #[tracing::instrument(name = "db.names_under", skip_all, err)]
    async fn names_under(
        &mut self,
        _permit: &Permit<ManageIdentityKey>,
        key: IdentityKeyId,
    ) -> Result<Vec<SealedName>> {
        let rows: Vec<SealedNameRow> = sqlx::query_as(
            "select recording, person, key, body from identity_links where key = $1
             order by recording, person",
        )
        .bind(key.as_uuid())
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        let mut names =
            rows.into_iter().map(|row| row.open(self.cipher())).collect::<Result<Vec<_>>>()?;
        names.retain(|name| name.sealed.is_some());
        Ok(names)
    }

    #[tracing::instrument(name = "db.reseal_name", skip_all, err)]
    async fn reseal_name(
        &mut self,
        _permit: &Permit<ManageIdentityKey>,
        name: &SealedName,
    ) -> Result<()> {
        let sealed = name.sealed.as_deref();
        let sealed = sealed.ok_or_else(|| misuse("a name that is erased was sealed anew"))?;
        let body = self.seal_name(name.recording, name.person, sealed)?;
        sqlx::query(
            "update identity_links set body = $3, key = $4 where recording = $1 and person = $2",
        )
        .bind(name.recording.as_uuid())
        .bind(name.person.as_uuid())
        .bind(body)
        .bind(name.key.as_uuid())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(())
    }

    #[tracing::instrument(name = "db.identity_recipient", skip_all, err)]
    async fn identity_recipient(
        &mut self,
        _permit: &Permit<LinkIdentity>,
    ) -> Result<Option<(IdentityKeyId, String)>> {
        Ok(self.present_key().await?.map(|key| (key.id, key.public)))
    }

    #[tracing::instrument(name = "db.heard_people", skip_all, err)]
    async fn heard_people(&mut self, permit: &Permit<LinkIdentity>) -> Result<Vec<HeardPerson>> {
        self.heard_on(permit.object()).await
    }

    #[tracing::instrument(name = "db.link_name", skip_all, err)]
    async fn link_name(
        &mut self,
        permit: &Permit<LinkIdentity>,
        person: PersonId,
        key: IdentityKeyId,
        sealed: &str,
    ) -> Result<bool> {
        let body = self.seal_name(permit.object(), person, sealed)?;
        let done = sqlx::query(
            "insert into identity_links (recording, person, body, linked_by, linked_at, key)
             select recording, person, $3, $4, $5, $6
             from parties where recording = $1 and person = $2
             on conflict (recording, person) do update
             set body = excluded.body, linked_by = excluded.linked_by,
                 linked_at = excluded.linked_at, key = excluded.key",
        )
        .bind(permit.object().as_uuid())
        .bind(person.as_uuid())
        .bind(body)
        .bind(person_of(permit.cx())?.as_uuid())
        .bind(permit.cx().now.as_micros())
        .bind(key.as_uuid())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(done.rows_affected() == 1)
    }

    #[tracing::instrument(name = "db.names_of", skip_all, err)]
    async fn names_of(&mut self, permit: &Permit<RevealIdentity>) -> Result<Option<NamesOf>> {
        let recording = permit.object();
        let chosen: Option<Vec<u8>> =
            sqlx::query_scalar("select pseudonym from recordings where id = $1")
                .bind(recording.as_uuid())
                .fetch_optional(&mut *self.0)
                .await
                .map_err(backend)?;
        let Some(chosen) = chosen else { return Ok(None) };
        let names: Vec<SealedNameRow> = sqlx::query_as(
            "select recording, person, key, body from identity_links where recording = $1
             order by person",
        )
        .bind(recording.as_uuid())
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        let keys: Vec<IdentityKeyRow> = sqlx::query_as(
            "select id, public, locked, made_at from identity_keys
             where id in (select key from identity_links where recording = $1)
             order by made_at desc, id",
        )
        .bind(recording.as_uuid())
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        let heard = self.heard_on(recording).await?;
        let cipher = self.cipher();
        Ok(Some(NamesOf {
            pseudonym: pseudonym(cipher, recording, &chosen)?,
            heard,
            names: names.into_iter().map(|row| row.open(cipher)).collect::<Result<_>>()?,
            keys: keys.into_iter().map(|row| row.open(cipher)).collect::<Result<_>>()?,
        }))
    }
}

impl Tx {
    async fn present_key(&mut self) -> Result<Option<IdentityKey>> {
        let row: Option<IdentityKeyRow> = sqlx::query_as(
            "select id, public, locked, made_at from identity_keys where retired_at is null",
        )
        .fetch_optional(&mut *self.0)
        .await
        .map_err(backend)?;
        row.map(|row| row.open(self.cipher())).transpose()
    }

    async fn heard_on(&mut self, recording: RecordingId) -> Result<Vec<HeardPerson>> {
        let rows: Vec<HeardPersonRow> = sqlx::query_as(
            "select p.recording, p.person, p.kind, p.label, l.linked_at
             from parties p
             left join identity_links l on l.recording = p.recording and l.person = p.person
             where p.recording = $1
             order by p.position",
        )
        .bind(recording.as_uuid())
        .fetch_all(&mut *self.0)
        .await
        .map_err(backend)?;
        rows.into_iter().map(|row| row.open(self.cipher())).collect()
    }

    /// A name that is sealed for the data protection officer's key, sealed once more under the recording's.
    fn seal_name(&self, recording: RecordingId, person: PersonId, sealed: &str) -> Result<Vec<u8>> {
        let key = FieldKey::Recording(recording, KeyClass::Sound);
        seal_text(self.cipher(), key, "identity_links", "body", person.as_uuid(), sealed)
    }
}
