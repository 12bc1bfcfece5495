//! The vault's objects, as PostgreSQL knows them.

use hearback_access::{ObjectKind, Opens, StoredObject};
use hearback_domain::{ClipId, ObjectId, RecordingId};
use hearback_storage::{
    Result,
    sql::{ObjectRow, backend, may_add, number},
};

use crate::Tx;

impl Tx {
    /// Where the current object of one kind lies.
    pub(crate) async fn current_object(
        &mut self,
        recording: RecordingId,
        kind: ObjectKind,
    ) -> Result<Option<StoredObject>> {
        sqlx::query_as(
            "select id, recording, kind, clip, bytes, sha256 from objects
             where recording = $1 and kind = $2 and clip is not distinct from $3",
        )
        .bind(recording.as_uuid())
        .bind(kind.as_str())
        .bind(kind.clip().map(ClipId::as_uuid))
        .fetch_optional(&mut *self.0)
        .await
        .map_err(backend)?
        .map(|row: ObjectRow| row.try_into())
        .transpose()
    }

    /// Takes over an object, in the place of the one of its kind that was there.
    pub(crate) async fn put_object(
        &mut self,
        permit: &dyn Opens,
        object: &StoredObject,
    ) -> Result<()> {
        let recording = may_add(permit, object)?;
        sqlx::query(
            "delete from objects
             where recording = $1 and kind = $2 and clip is not distinct from $3",
        )
        .bind(recording.as_uuid())
        .bind(object.kind.as_str())
        .bind(object.kind.clip().map(ClipId::as_uuid))
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        sqlx::query(
            "insert into objects (id, recording, kind, clip, bytes, sha256)
             values ($1, $2, $3, $4, $5, $6)",
        )
        .bind(object.id.as_uuid())
        .bind(recording.as_uuid())
        .bind(object.kind.as_str())
        .bind(object.kind.clip().map(ClipId::as_uuid))
        .bind(number(object.bytes)?)
        .bind(object.sha256.to_vec())
        .execute(&mut *self.0)
        .await
        .map_err(backend)?;
        Ok(())
    }

    /// Forgets a listening copy.
    pub(crate) async fn forget_listening(&mut self, recording: RecordingId) -> Result<()> {
        sqlx::query("delete from objects where recording = $1 and kind = 'listening'")
            .bind(recording.as_uuid())
            .execute(&mut *self.0)
            .await
            .map_err(backend)?;
        Ok(())
    }

    /// Forgets which channel was the louder.
    pub(crate) async fn forget_sides(&mut self, recording: RecordingId) -> Result<()> {
        sqlx::query("delete from objects where recording = $1 and kind = 'sides'")
            .bind(recording.as_uuid())
            .execute(&mut *self.0)
            .await
            .map_err(backend)?;
        Ok(())
    }

    /// Forgets a transcript that is made again.
    pub(crate) async fn forget_draft(&mut self, recording: RecordingId) -> Result<()> {
        sqlx::query("delete from objects where recording = $1 and kind = 'draft'")
            .bind(recording.as_uuid())
            .execute(&mut *self.0)
            .await
            .map_err(backend)?;
        Ok(())
    }

    /// Forgets an extract's sound.
    pub(crate) async fn forget_clip_object(&mut self, clip: ClipId) -> Result<()> {
        sqlx::query("delete from objects where clip = $1")
            .bind(clip.as_uuid())
            .execute(&mut *self.0)
            .await
            .map_err(backend)?;
        Ok(())
    }

    /// Whether an object of that id is known.
    pub(crate) async fn has_object(&mut self, id: ObjectId) -> Result<bool> {
        sqlx::query_scalar("select exists (select 1 from objects where id = $1)")
            .bind(id.as_uuid())
            .fetch_one(&mut *self.0)
            .await
            .map_err(backend)
    }
}
