//! Transcripts beside their text: what people changed of one, one that is made again, and words that are shown.
//!
//! The machine's text and people's changes are two objects. Whatever writes one leaves the other as it is, so that a
//! machine that listens again takes nothing from anybody.

use async_trait::async_trait;
use hearback_access::{
    CorrectTranscript, MakePlaylist, Opens, Permit, ReadClip, ReadTranscript, StopTranscribing,
    StoredObject, Transcribe, TranscribeAgain,
};
use hearback_domain::{ClipId, JobId, RedactionVersion, Span};

use crate::Result;

/// In the place of a language: the machine finds out which one is spoken, whatever the service expects elsewhere.
pub const ANY_LANGUAGE: &str = "auto";

/// What a worker that makes a transcript has to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WantedTranscript {
    /// The language that somebody chose (ISO 639-1), or [`ANY_LANGUAGE`]; none leaves it to the service.
    pub language: Option<String>,
    /// There is a whole transcript already, which stands until the new one is whole.
    pub again: bool,
}

/// What people changed of a transcript, with one change or more that is new.
#[derive(Clone, Copy, Debug)]
pub struct NewCorrections {
    /// How many changes there were before.
    pub before: u64,
    /// How many there are now.
    pub now: u64,
    /// All of them.
    pub object: StoredObject,
}

/// All that the words which somebody reads are made of, as they are at this moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WordsAt {
    /// The machine's text.
    pub transcript: StoredObject,
    /// What people changed of it.
    pub corrections: Option<StoredObject>,
    /// The set of what is hidden.
    pub hidden: RedactionVersion,
}

/// Transcripts beside their text.
#[async_trait]
pub trait Transcripts {
    /// What kind of transcript is waited for.
    async fn wanted_transcript(
        &mut self,
        permit: &Permit<Transcribe>,
    ) -> Result<Option<WantedTranscript>>;

    /// What the words are made of that this permit opens; none if there are none yet.
    async fn words_at(&mut self, permit: &dyn Opens) -> Result<Option<WordsAt>>;

    /// The same for each of one person's permits, in their order. One question for all of them: a search has a thousand.
    async fn words_at_each(
        &mut self,
        permits: &[Permit<ReadTranscript>],
    ) -> Result<Vec<Option<WordsAt>>>;

    /// Keeps a transcript that is made again, as far as it is, in the place of what was kept of it before. It is
    /// forgotten once a transcript is done.
    async fn keep_draft(&mut self, permit: &Permit<Transcribe>, draft: &StoredObject)
    -> Result<()>;

    /// Takes over more changes. False, and nothing is changed, if there are not as many as there were before: somebody
    /// else was quicker.
    async fn correct(
        &mut self,
        permit: &Permit<CorrectTranscript>,
        new: &NewCorrections,
    ) -> Result<bool>;

    /// Has the transcript made again, in a language of somebody's choice or [`ANY_LANGUAGE`], and queues the job. False
    /// if there is none yet, or it is being made. A whole text stands until the new one is whole; one that somebody
    /// stopped is gone on with, if it is in that language.
    async fn transcribe_again(
        &mut self,
        permit: &Permit<TranscribeAgain>,
        language: Option<&str>,
        job: JobId,
    ) -> Result<bool>;

    /// Ends the making of a transcript, whether it waits or somebody is at it: whoever is loses the lease, and no
    /// failure is noted. What was written so far stays. False if there is nothing to stop.
    async fn stop_transcribing(&mut self, permit: &Permit<StopTranscribing>) -> Result<bool>;

    /// Goes on with a transcript that was stopped, in the language that was wanted, and queues the job. False if none
    /// was stopped.
    async fn transcribe_on(&mut self, permit: &Permit<TranscribeAgain>, job: JobId)
    -> Result<bool>;

    /// Notes whether an extract's words are shown with it; they are not any more once it has another span. False if
    /// there is no such extract. Whether they may be is for `Reading::quote` to say; the caller asks it first, and
    /// again whenever they are shown.
    async fn quote_clip(
        &mut self,
        permit: &Permit<MakePlaylist>,
        id: ClipId,
        quoted: bool,
    ) -> Result<bool>;

    /// The stretch whose words are shown with an extract; none if they are not.
    async fn quoted(&mut self, permit: &Permit<ReadClip>) -> Result<Option<Span>>;
}
