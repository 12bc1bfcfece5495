//! Recordings into a set, and out of it; and the practitioner's word on that.

use hearback_access::{DecideSharing, ManageTraining, SeeTraining, TeachWith};
use hearback_domain::{
    RecordingId,
    training::{LearnsAs, Level, NotInSet},
};

use super::Whole;
use crate::{
    Visit, WebError,
    error::Result,
    extract::{Fields, Path},
    page::Said,
};

/// `POST /recordings/{id}/training`: `version`; `do` is add, with `level`, or drop.
pub(crate) async fn change(visit: Visit, Path(id): Path<RecordingId>, fields: Fields) -> Result {
    let (work, permit) = visit.permit::<TeachWith>(id).await?;
    let (work, see) = visit.also::<SeeTraining>(work, ()).await?;
    let (mut work, manage) = visit.also::<ManageTraining>(work, ()).await?;
    let version = fields.get("version");
    let address = format!("/training/{version}");
    let sets = work.training_sets(&see).await?;
    let Some(set) = sets.iter().find(|set| set.framework_version == version) else {
        return Err(WebError::conflict("this version of the framework has no set yet"));
    };
    let refuse = |why: NotInSet| Err(WebError::conflict(why.to_string()));
    if set.opened_at.is_some() {
        return refuse(NotInSet::Open);
    }
    if fields.get("do") == "drop" {
        work.drop_training_recording(&permit, version).await?;
        work.commit().await?;
        return Ok(Said::Removed.at(&address));
    }
    let level: Level = fields
        .get("level")
        .parse()
        .map_err(|_| WebError::bad("say how much of the skills is heard on it"))?;
    let there = work.training_recordings(&see, version).await?;
    if there.iter().any(|recording| recording.recording == id) {
        return Ok(Said::Saved.at(&address));
    }
    if there.len() >= usize::from(set.plan.size) {
        return refuse(NotInSet::Full);
    }
    if !work.shut_out(&permit, version).await?.is_empty() {
        return refuse(NotInSet::ShutsOut);
    }
    if !work.add_training_recording(&permit, version, level).await? {
        return refuse(NotInSet::NotAllowed);
    }
    let whole = Whole::of(&mut *work, &see, version).await?;
    let founders = whole.everybody(&visit, |learner| learner.part == LearnsAs::Founder);
    work.let_in(&manage, version, &founders).await?;
    work.commit().await?;
    Ok(Said::Saved.at(&address))
}

/// `POST /recordings/{id}/teaching`: `answer` is yes or no: whether people who learn to code may practise on it.
pub(crate) async fn decide(visit: Visit, Path(id): Path<RecordingId>, fields: Fields) -> Result {
    let (mut work, permit) = visit.permit::<DecideSharing>(id).await?;
    let yes = match fields.get("answer") {
        "yes" => true,
        "no" => false,
        _ => return Err(WebError::bad("say yes or no to people practising on it")),
    };
    if !work.decide_teaching(&permit, yes).await? {
        return Err(WebError::conflict("this recording is not shared with a researcher"));
    }
    work.commit().await?;
    let said = if yes { Said::TeachingWelcome } else { Said::TeachingNot };
    Ok(said.at(&format!("/recordings/{id}")))
}
