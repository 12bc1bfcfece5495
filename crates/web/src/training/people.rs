//! Who agrees on the scores of a set, who learns with it, and from when.

use hearback_access::{ManageTraining, SeeTraining};
use hearback_domain::{
    Role, UserId,
    training::{LearnsAs, MOST_FOUNDERS, NotInSet},
};

use super::{Whole, show::view};
use crate::{
    Visit, WebError,
    error::{FieldError, Result},
    extract::{Fields, Path},
    page::Said,
};

/// `POST /training/{version}/people`: `person`, and `part` (founder or trainee).
pub(crate) async fn add(visit: Visit, Path(version): Path<String>, fields: Fields) -> Result {
    let (work, permit) = visit.permit::<ManageTraining>(()).await?;
    let (mut work, see) = visit.also::<SeeTraining>(work, ()).await?;
    let whole = Whole::of(&mut *work, &see, &version).await?;
    let part: LearnsAs = fields
        .get("part")
        .parse()
        .map_err(|_| WebError::bad("say whether they agree on the scores or learn from them"))?;
    let field = part.as_str();
    let people = work.people_with(Role::Researcher).await?;
    let named = fields.get("person").parse::<UserId>().ok();
    let Some(person) = named.filter(|id| people.iter().any(|p| p.id == *id)) else {
        let errors = vec![FieldError::new(field, "choose a researcher")];
        return view(&visit, work, &see, whole, errors).await;
    };
    let why = match (part, whole.set.opened_at) {
        (LearnsAs::Founder, Some(_)) => Some(NotInSet::Open),
        (LearnsAs::Founder, None) if whole.founders().count() >= MOST_FOUNDERS => {
            Some(NotInSet::Founders)
        }
        (LearnsAs::Trainee, None) => Some(NotInSet::NotOpen),
        _ if !work.closed_to(&permit, &version, person, part).await?.is_empty() => {
            Some(NotInSet::Apart)
        }
        _ => None,
    };
    if let Some(why) = why {
        let errors = vec![FieldError::new(field, why.to_string())];
        return view(&visit, work, &see, whole, errors).await;
    }
    if !work.add_learner(&permit, &version, person, part).await? {
        return Err(WebError::conflict("they were named before"));
    }
    // Whoever learns is let in when they begin.
    let whole = Whole::of(&mut *work, &see, &version).await?;
    let founders = whole.everybody(&visit, |learner| learner.part == LearnsAs::Founder);
    work.let_in(&permit, &version, &founders).await?;
    work.commit().await?;
    Ok(Said::Saved.at(&format!("/training/{version}")))
}

/// `POST /training/{version}/open`: people can learn with it from now on, and it stays as it is.
pub(crate) async fn open(visit: Visit, Path(version): Path<String>) -> Result {
    let (work, permit) = visit.permit::<ManageTraining>(()).await?;
    let (mut work, see) = visit.also::<SeeTraining>(work, ()).await?;
    let whole = Whole::of(&mut *work, &see, &version).await?;
    let keys = work.answer_keys(&see, &version).await?;
    if let Some(missing) = whole.is_missing(&keys) {
        return Err(WebError::conflict(missing));
    }
    if !work.open_training(&permit, &version).await? {
        return Err(WebError::conflict(NotInSet::Open.to_string()));
    }
    work.commit().await?;
    Ok(Said::SetOpened.at(&format!("/training/{version}")))
}
