//! What is heard in a coaching session, and in which order (CM-05): the practitioner and the coach choose together, and
//! what the practitioner would rather not hear is out of it at once.
//!
//! Nothing is cut here. What can be chosen are extracts that were cut, listened to and shared for the recordings of the
//! series; what is hidden of them stays hidden.

use hearback_access::{Permit, ReadClip, SeeSeries, SeeSession, among};
use hearback_domain::{ClipId, CoachingSessionId, Role, choosing::MomentKind};
use hearback_storage::{CoachingSession, Extract, Series, Work};

use crate::{
    Visit, WebError, error::Result, frameworks::Names, listen::together, words::quote::in_the_room,
};

pub(crate) mod change;
pub(crate) mod hear;
pub(crate) mod listed;
pub(crate) mod page;

/// What an extract is called as long as nobody has said what is heard in it.
pub(super) const UNNAMED: &str = "A moment to listen to";

/// Whose session it is, and how it stands.
struct About {
    series: Series,
    meeting: CoachingSession,
    /// Which of the five it is, if it is one.
    number: Option<u8>,
}

/// Asks about a session for the series that it is of. A session is of one series, and says which: the entry about the one
/// stands for the other in the log, and there is no second.
async fn about(visit: &Visit, work: &mut dyn Work, permit: &Permit<SeeSession>) -> Result<About> {
    let id: CoachingSessionId = permit.object();
    let series = work.session_series(permit).await?.ok_or(WebError::NotFound)?;
    let see = among::<SeeSeries>(work.gate(), visit.cx(), &[series]).await?;
    let see = see.first().ok_or(WebError::NotFound)?;
    let series = work.series(see).await?.ok_or(WebError::NotFound)?;
    let all = work.coaching_sessions(see).await?;
    let states: Vec<_> = all.iter().map(|one| (one.planned_at, one.state)).collect();
    let numbers = hearback_domain::coaching::numbers(&states);
    let found = all.into_iter().zip(numbers).find(|(one, _)| one.id == id);
    let (meeting, number) = found.ok_or(WebError::NotFound)?;
    Ok(About { series, meeting, number })
}

/// Whether it is the visitor's own series.
pub(super) fn is_theirs(visit: &Visit) -> Result<bool> {
    Ok(visit.signed_in()?.role == Role::Practitioner)
}

/// What is heard in an extract: "Empathy – Curiosity".
pub(super) fn skill_of(names: &Names, extract: &Extract) -> String {
    if !extract.named {
        return UNNAMED.to_owned();
    }
    let sub = extract.sub.as_deref();
    let (skill, sub) = names.get(&extract.framework_version, &extract.skill, sub);
    together(&skill, sub.as_deref())
}

/// Why the practitioner marked a moment in it, as the visitor reads it; `who` is none if it was the visitor.
pub(super) fn marked_by(who: Option<&str>, kinds: &[MomentKind]) -> Vec<String> {
    let who = who.unwrap_or("You");
    kinds
        .iter()
        .map(|kind| format!("{who} marked this: {}.", kind.title().to_lowercase()))
        .collect()
}

/// The coder's reason, as the visitor reads it.
pub(super) fn heard_as(theirs: bool, skill: &str) -> String {
    let who = if theirs { "Your" } else { "The" };
    format!("{who} coder heard this as an example of {skill}.")
}

/// The versions of the framework that extracts are about, each once, and those whose words are to be shown.
pub(super) fn known_of<'a>(
    extracts: impl IntoIterator<Item = &'a Extract>,
) -> (Vec<String>, Vec<ClipId>) {
    let (mut versions, mut quoted) = (Vec::new(), Vec::new());
    for one in extracts {
        if !versions.contains(&one.framework_version) {
            versions.push(one.framework_version.clone());
        }
        if one.quoted {
            quoted.push(one.clip);
        }
    }
    (versions, quoted)
}

/// The words of extracts, for those who may read them: none where nobody shows them, or something in them is in doubt.
pub(super) async fn words_of(
    visit: &Visit,
    mut work: Box<dyn Work>,
    quoted: Vec<ClipId>,
) -> Result<Vec<(ClipId, String)>> {
    // Asked first, so that no refusal is written down about what nobody asked for.
    let readable = among::<ReadClip>(work.gate(), visit.cx(), &quoted).await?;
    let readable: Vec<_> = readable.iter().map(Permit::object).collect();
    if readable.is_empty() {
        work.commit().await?;
        return Ok(Vec::new());
    }
    let words = in_the_room(visit, work, &readable).await?;
    Ok(readable.into_iter().zip(words).filter_map(|(id, words)| Some((id, words?))).collect())
}
