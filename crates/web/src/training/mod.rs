//! Becoming a reliable coder (REL-01 … REL-04): sets of recordings with agreed scores, and attempts to score them too.
//!
//! Whoever learns sees nothing of what others scored or agreed on before they have reached it: no field, no count.

use hearback_access::{Code, Permit, SeeRecording, SeeTraining, among};
use hearback_domain::{
    CodingId, Framework, GrantId, RecordingId, UserId,
    training::{LearnsAs, SET_SIZES},
};
use hearback_storage::{
    CodingState, Learner, LetIn, TrainingRecording, TrainingSet, VersionState, Work,
};

use crate::{Visit, WebError, error::Result};

pub(crate) mod agreed;
pub(crate) mod attempts;
pub(crate) mod list;
pub(crate) mod people;
pub(crate) mod recordings;
pub(crate) mod show;

/// A set with what belongs to it.
struct Whole {
    set: TrainingSet,
    framework: Framework,
    recordings: Vec<TrainingRecording>,
    learners: Vec<Learner>,
}

impl Whole {
    /// The set of this version; not found if there is none.
    async fn of(work: &mut dyn Work, see: &Permit<SeeTraining>, version: &str) -> Result<Self> {
        let sets = work.training_sets(see).await?;
        let set = sets.into_iter().find(|set| set.framework_version == version);
        let set = set.ok_or(WebError::NotFound)?;
        let framework = work.framework(version).await?.ok_or(WebError::NotFound)?;
        let recordings = work.training_recordings(see, version).await?;
        let learners = work.learners(see, version).await?;
        Ok(Self { set, framework, recordings, learners })
    }

    /// What somebody is to the set.
    fn place_of(&self, person: UserId) -> Option<&Learner> {
        self.learners.iter().find(|learner| learner.person == person)
    }

    fn founders(&self) -> impl Iterator<Item = &Learner> {
        self.learners.iter().filter(|learner| learner.part == LearnsAs::Founder)
    }

    /// Everybody of this part, and every recording, with ids to let them in.
    fn everybody(&self, visit: &Visit, who: impl Fn(&Learner) -> bool) -> Vec<LetIn> {
        let ids = &*visit.app().ids;
        let pairs = self.learners.iter().filter(|learner| who(learner)).flat_map(|learner| {
            self.recordings.iter().map(|recording| (learner.person, recording.recording))
        });
        pairs
            .map(|(person, recording)| LetIn {
                recording,
                person,
                grant: GrantId::mint(ids),
                coding: CodingId::mint(ids),
            })
            .collect()
    }
}

/// The most recordings that a page looks at.
fn most() -> usize {
    usize::from(*SET_SIZES.end())
}

/// What a recording is called, if whoever looks may see it.
async fn pseudonym(work: &mut dyn Work, visit: &Visit, id: RecordingId) -> Result<Option<String>> {
    let seen = among::<SeeRecording>(work.gate(), visit.cx(), &[id]).await?;
    let Some(see) = seen.first() else { return Ok(None) };
    Ok(work.summary(see).await?.map(|summary| summary.pseudonym.to_string()))
}

/// One's own coding of a recording, with its permit, if one may code it.
async fn own_coding(
    work: &mut dyn Work,
    visit: &Visit,
    id: RecordingId,
) -> Result<Option<(Permit<Code>, Option<CodingState>)>> {
    let Some(permit) = among::<Code>(work.gate(), visit.cx(), &[id]).await?.pop() else {
        return Ok(None);
    };
    let coding = work.coding(&permit).await?;
    Ok(Some((permit, coding)))
}

/// How far one's own coding is, as people say it.
fn in_words(coding: Option<&CodingState>) -> &'static str {
    match coding {
        Some(coding) if coding.finished.is_some() => "Finished",
        Some(coding) if coding.begun_at.is_some() => "Begun",
        _ => "Not begun",
    }
}

/// The names of versions that were published, with their titles, the newest of each framework first.
async fn published(
    work: &mut dyn Work,
    see: &Permit<hearback_access::SeeFrameworks>,
) -> Result<Vec<(String, String)>> {
    let all = work.frameworks(see).await?.into_iter();
    let published = all.filter(|v| matches!(v.state, VersionState::Published { .. }));
    Ok(published.map(|v| (v.body.version, v.body.title)).collect())
}
