//! A transcript with what people changed of it: out of the vault, and with more changes into it.

use std::{
    io::{Read as _, Write as _},
    sync::Arc,
};

use hearback_access::{
    Action, CorrectTranscript, ObjectKind, Opens, Permit, SeeRecording, StoredObject, among,
};
use hearback_domain::{
    ObjectId, RecordingId, RedactionSet, Timestamp, UserId,
    transcript::{Change, CorrectionError, Corrections, Reading, Transcript, read},
};
use hearback_storage::{NewCorrections, Recording, StoreError, WordsAt, Work};
use hearback_vault::{Vault, VaultError};
use tokio::task::spawn_blocking;
use zeroize::Zeroizing;

use super::again::Again;
use crate::{App, Visit, WebError, error::Result};

/// How often a change is tried once more because somebody else's came in between.
const TRIES: usize = 5;

/// For how much room is made beforehand (bytes): hours of words have less.
const MOST_ROOM: usize = 64 << 20;

/// What the machine wrote, and what people changed of it.
pub(crate) struct Kept {
    pub(crate) transcript: Transcript,
    pub(crate) corrections: Corrections,
    /// Worked out once, by whoever reads the two: for hours of speech it takes a while.
    reading: Reading,
}

impl Kept {
    pub(crate) fn new(transcript: Transcript, corrections: Corrections) -> Self {
        let reading = read(&transcript, &corrections);
        Self { transcript, corrections, reading }
    }

    /// What people read.
    pub(crate) const fn reading(&self) -> &Reading {
        &self.reading
    }

    /// What people read, and nothing else.
    pub(crate) fn into_reading(self) -> Reading {
        self.reading
    }

    /// Takes over what somebody changes.
    fn add(
        &mut self,
        at: Timestamp,
        by: UserId,
        changes: Vec<Change>,
    ) -> Result<(), CorrectionError> {
        if changes.is_empty() {
            return Ok(());
        }
        for change in changes {
            self.corrections.add(&self.transcript, at, by, change)?;
        }
        self.reading = read(&self.transcript, &self.corrections);
        Ok(())
    }
}

/// Where the two lie.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Places {
    pub(crate) transcript: Option<StoredObject>,
    pub(crate) corrections: Option<StoredObject>,
}

impl From<WordsAt> for Places {
    fn from(now: WordsAt) -> Self {
        Self { transcript: Some(now.transcript), corrections: now.corrections }
    }
}

impl Places {
    /// As the database knows them.
    pub(crate) async fn of(work: &mut dyn Work, permit: &dyn Opens) -> Result<Self> {
        Ok(work.words_at(permit).await?.map(Self::from).unwrap_or_default())
    }

    /// What lies there; nothing if the machine has not written anything yet.
    pub(crate) async fn read<A: Action>(
        self,
        app: &App,
        permit: &Arc<Permit<A>>,
    ) -> Result<Option<Kept>> {
        let (vault, permit) = (Arc::clone(&app.vault), Arc::clone(permit));
        let read = move || self.read_here(&vault, &*permit);
        spawn_blocking(read).await.map_err(WebError::internal)?
    }

    /// The same, for a thread that may wait.
    pub(crate) fn read_here(self, vault: &Vault, permit: &dyn Opens) -> Result<Option<Kept>> {
        let Some(transcript) = self.transcript else { return Ok(None) };
        let transcript = bytes(vault, permit, &transcript)?;
        let transcript = serde_json::from_slice(&transcript).map_err(WebError::internal)?;
        let corrections = match self.corrections {
            Some(object) => Corrections::from_json(&bytes(vault, permit, &object)?)
                .map_err(WebError::internal)?,
            None => Corrections::default(),
        };
        Ok(Some(Kept::new(transcript, corrections)))
    }
}

/// What an object holds, in room that it does not outgrow, and that is zeroed afterwards.
fn bytes(vault: &Vault, permit: &dyn Opens, object: &StoredObject) -> Result<Zeroizing<Vec<u8>>> {
    let room = usize::try_from(object.bytes).unwrap_or_default().min(MOST_ROOM);
    let mut bytes = Zeroizing::new(Vec::with_capacity(room));
    let mut reader = vault.open(permit, object).map_err(WebError::internal)?;
    reader.read_to_end(&mut bytes).map_err(WebError::internal)?;
    Ok(bytes)
}

/// Why something was not changed.
#[derive(Debug)]
pub(super) enum Unchanged {
    /// It cannot be as it was sent.
    Wrong(CorrectionError),
    /// Something else stands there by now: this.
    Moved,
    /// Anything else.
    Failed(WebError),
}

impl From<WebError> for Unchanged {
    fn from(error: WebError) -> Self {
        Self::Failed(error)
    }
}

impl From<StoreError> for Unchanged {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

impl From<Unchanged> for WebError {
    fn from(unchanged: Unchanged) -> Self {
        match unchanged {
            Unchanged::Wrong(why) => Self::invalid("text", why.to_string()),
            Unchanged::Moved => Self::conflict(
                "these words were changed after this page was made. What you typed is still \
                 here; look at what stands there now and decide",
            ),
            Unchanged::Failed(error) => error,
        }
    }
}

/// Adds changes to a recording's corrections: those that `make` says, of what is there at this moment. `make` is not
/// looked at before the question was asked whether anything may be changed here.
///
/// Others may write at the same time: then it is made once more, of what is there then. Nothing of theirs is lost.
pub(super) async fn change<M>(
    visit: &Visit,
    id: RecordingId,
    make: Result<M>,
) -> Result<(Kept, About), Unchanged>
where
    M: Fn(&Kept) -> Result<Vec<Change>, Unchanged> + Send + Sync + 'static,
{
    let app = visit.app();
    let mut make = Some(make);
    let mut asked = None;
    for _ in 0..TRIES {
        let (mut work, permit) = visit.permit::<CorrectTranscript>(id).await?;
        let places = Places::of(&mut *work, &permit).await?;
        let (work, about) = About::of(visit, work, &permit, id).await?;
        work.commit().await?;
        if let Some(make) = make.take() {
            asked = Some(Arc::new(make?));
        }
        let Some(make) = asked.clone() else { break };
        let permit = Arc::new(permit);
        let (vault, opens) = (Arc::clone(&app.vault), Arc::clone(&permit));
        let (at, by) = (app.clock.now(), visit.user()?);
        let making = move || -> Result<(Kept, u64), Unchanged> {
            let mut kept = places.read_here(&vault, &*opens)?.ok_or(WebError::NotFound)?;
            let before = kept.corrections.revision();
            let changes = make(&kept)?;
            kept.add(at, by, changes).map_err(Unchanged::Wrong)?;
            Ok((kept, before))
        };
        let (kept, before) = spawn_blocking(making).await.map_err(WebError::internal)??;
        let revision = kept.corrections.revision();
        if revision == before {
            return Ok((kept, about));
        }
        let object = into_the_vault(app, permit, &kept.corrections).await?;
        // Asked again: no unit of work was open while it was written.
        let (mut work, permit) = visit.permit::<CorrectTranscript>(id).await?;
        let new = NewCorrections { before, now: revision, object };
        let done = work.correct(&permit, &new).await?;
        work.commit().await?;
        if done {
            return Ok((kept, about));
        }
    }
    Err(Unchanged::Failed(WebError::conflict(
        "others are writing at the same moment; please try again",
    )))
}

/// What is told beside the words.
pub(super) struct About {
    pub(super) recording: Recording,
    pub(super) set: RedactionSet,
    /// What becomes of a machine that reads the recording again.
    pub(super) again: Option<Again>,
    /// Whether whoever reads may correct the words too. A second coder may not (blindness): what they would change, the
    /// first one would see.
    pub(super) may_correct: bool,
}

impl About {
    /// In a unit of work that has changed nothing yet, of somebody whose permit opens the words.
    pub(super) async fn of(
        visit: &Visit,
        work: Box<dyn Work>,
        permit: &dyn Opens,
        id: RecordingId,
    ) -> Result<(Box<dyn Work>, Self)> {
        let (mut work, see) = visit.also::<SeeRecording>(work, id).await?;
        let recording = work.recording(&see).await?.ok_or(WebError::NotFound)?;
        let again = Again::of(recording.state.transcript, &work.jobs_of(&see).await?);
        let set = work.hidden_of(permit).await?.ok_or(WebError::NotFound)?;
        let may_correct =
            !among::<CorrectTranscript>(work.gate(), see.cx(), &[id]).await?.is_empty();
        Ok((work, Self { recording, set, again, may_correct }))
    }
}

async fn into_the_vault(
    app: &App,
    permit: Arc<Permit<CorrectTranscript>>,
    corrections: &Corrections,
) -> Result<StoredObject> {
    let json = corrections.to_json().map_err(WebError::internal)?;
    let (vault, id) = (Arc::clone(&app.vault), ObjectId::mint(&*app.ids));
    let write = move || -> Result<StoredObject, VaultError> {
        let mut object = vault.add(&*permit, ObjectKind::Corrections, id)?;
        object.write_all(&json)?;
        object.finish()
    };
    spawn_blocking(write).await.map_err(WebError::internal)?.map_err(WebError::internal)
}
