//! The practitioner decides: the recording goes on, or stays (K-04, K-20).

use hearback_access::{DecideSharing, SeeRecording};
use hearback_domain::{
    GrantId, JobId, RecordingId, Relation, Role, UserId,
    conflict::{Part, conflict},
};
use hearback_storage::{JobKind, NewJob, Release};

use super::show::{Choice, choices, view};
use crate::{
    Visit, WebError,
    error::{FieldError, Result},
    extract::{Fields, Path},
    page::Said,
};

/// `POST /recordings/{id}/release`: `researcher`, `coach` or nothing, and `second_coder` if a second researcher may code it,
/// `teaching` if people who learn to code may practise on it.
pub(crate) async fn release(visit: Visit, Path(id): Path<RecordingId>, fields: Fields) -> Result {
    let (work, permit) = visit.permit::<DecideSharing>(id).await?;
    let (mut work, see) = visit.also::<SeeRecording>(work, id).await?;
    let recording = work.recording(&see).await?.ok_or(WebError::NotFound)?;
    let app = visit.app();
    let now = permit.cx().now;
    recording.state.release(now)?;
    let researchers = choices(&mut *work, &visit, &recording, Role::Researcher).await?;
    let coaches = choices(&mut *work, &visit, &recording, Role::Coach).await?;
    let (researcher, coach) = match chosen(&fields, &researchers, &coaches) {
        Ok(chosen) => chosen,
        Err(error) => return view(&visit, work, &see, vec![error]).await,
    };
    let mut errors = Vec::new();
    let choices = [(Relation::Codes, Some(researcher)), (Relation::Coaches, coach)];
    for (wanted, choice) in choices.into_iter().filter_map(|(r, c)| Some((r, c?))) {
        let user: UserId = choice.id.parse().map_err(WebError::internal)?;
        let mut has: Vec<_> =
            work.relations_with(&permit, user).await?.into_iter().filter_map(Part::of).collect();
        has.extend((user == recording.owner).then_some(Part::Holds));
        has.extend(work.manages(&permit, user).await?.then_some(Part::Manages));
        let kept = work.is_kept_away(&permit, user).await?;
        errors.extend(kept_apart(wanted, &has, kept, &choice.name));
    }
    if !errors.is_empty() {
        return view(&visit, work, &see, errors).await;
    }
    let grant = |choice: &Choice| -> Result<_> {
        Ok((GrantId::mint(&*app.ids), choice.id.parse().map_err(WebError::internal)?))
    };
    let release = Release {
        researcher: grant(researcher)?,
        coach: coach.map(grant).transpose()?,
        second_coder: fields.get("second_coder") == "yes",
        expires_at: app.config.grant_end(now),
    };
    work.release(&permit, &release).await?;
    if fields.get("teaching") == "yes" {
        work.decide_teaching(&permit, true).await?;
    }
    // What was not cut when the recording was kept is cut now; whoever prepares the playlist would wait for it.
    for clip in work.uncut_clips(&permit).await? {
        let kind = JobKind::RenderClip(id, clip);
        work.add_job(&NewJob { id: JobId::mint(&*app.ids), kind, run_at: now }).await?;
    }
    work.commit().await?;
    app.wake.notify_one();
    Ok(Said::Released.at(&format!("/recordings/{id}")))
}

/// Whom the form names. The same person cannot be both: whoever scores does not coach (ETH-12).
fn chosen<'a>(
    fields: &Fields,
    researchers: &'a [Choice],
    coaches: &'a [Choice],
) -> Result<(&'a Choice, Option<&'a Choice>), FieldError> {
    let pick = |choices: &'a [Choice], id: &str| choices.iter().find(|c| c.id == id);
    let (researcher, coach) = (fields.get("researcher"), fields.get("coach"));
    let Some(first) = pick(researchers, researcher) else {
        return Err(FieldError::new("researcher", "Choose a researcher, or keep it to yourself"));
    };
    let second = match coach {
        "" => None,
        id if id == researcher => {
            return Err(FieldError::new(
                "coach",
                "The researcher and the coach are two different people; choose another coach, or \
                 nobody yet",
            ));
        }
        id => Some(
            pick(coaches, id)
                .ok_or_else(|| FieldError::new("coach", "Choose a coach, or nobody yet"))?,
        ),
    };
    Ok((first, second))
}

/// Why somebody who already is, or was, all of this to the practitioner, or whom somebody keeps away from the
/// recording, is not also to be `wanted` (ETH-12, K-16, K-17).
fn kept_apart(wanted: Relation, has: &[Part], kept: bool, name: &str) -> Option<FieldError> {
    let field = if wanted == Relation::Coaches { "coach" } else { "researcher" };
    if kept {
        let text = format!("{name} is kept away from this recording; choose somebody else");
        return Some(FieldError::new(field, text));
    }
    let found = conflict(Part::of(wanted)?, has)?;
    Some(FieldError::new(field, found.to_the_practitioner(name)))
}

/// `POST /recordings/{id}/second-coder`: `answer` is yes or no. For a recording that goes on already.
pub(crate) async fn second_coder(
    visit: Visit,
    Path(id): Path<RecordingId>,
    fields: Fields,
) -> Result {
    let (mut work, permit) = visit.permit::<DecideSharing>(id).await?;
    let yes = match fields.get("answer") {
        "yes" => true,
        "no" => false,
        _ => return Err(WebError::bad("say yes or no to a second researcher")),
    };
    if !work.decide_second(&permit, yes).await? {
        return Err(WebError::conflict("this recording is not shared with a researcher"));
    }
    work.commit().await?;
    let said = if yes { Said::SecondWelcome } else { Said::SecondNot };
    Ok(said.at(&format!("/recordings/{id}")))
}

/// `POST /recordings/{id}/withhold`.
pub(crate) async fn withhold(visit: Visit, Path(id): Path<RecordingId>) -> Result {
    let (mut work, permit) = visit.permit::<DecideSharing>(id).await?;
    work.withhold(&permit).await?;
    work.commit().await?;
    Ok(Said::Withheld.at(&format!("/recordings/{id}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_researcher_and_perhaps_another_person_as_coach() {
        let people = |ids: &[&str]| -> Vec<Choice> {
            ids.iter().map(|id| Choice { id: (*id).to_owned(), name: String::new() }).collect()
        };
        let (researchers, coaches) = (people(&["ana", "bo"]), people(&["bo", "cy"]));
        let ask = |researcher: &str, coach: &str| {
            let fields = Fields(vec![
                ("researcher".to_owned(), researcher.to_owned()),
                ("coach".to_owned(), coach.to_owned()),
            ]);
            chosen(&fields, &researchers, &coaches)
                .map(|(r, c)| (r.id.clone(), c.map(|c| c.id.clone())))
                .map_err(|e| e.field)
        };
        assert_eq!(ask("ana", "bo"), Ok(("ana".to_owned(), Some("bo".to_owned()))));
        assert_eq!(ask("ana", ""), Ok(("ana".to_owned(), None)));
        assert_eq!(ask("bo", "bo"), Err("coach".to_owned()), "not both");
        assert_eq!(ask("cy", ""), Err("researcher".to_owned()), "not a researcher");
        assert_eq!(ask("", "bo"), Err("researcher".to_owned()));
        assert_eq!(ask("ana", "ana"), Err("coach".to_owned()));
    }

    #[test]
    fn whoever_does_not_fit_is_named_beside_their_field() {
        let ask = |wanted, has: &[Part], kept| kept_apart(wanted, has, kept, "Cleo");
        let (codes, coaches) = (Relation::Codes, Relation::Coaches);
        for (wanted, has, kept, field) in [
            (codes, &[Part::Coaches][..], false, Some("researcher")),
            (coaches, &[Part::Codes], false, Some("coach")),
            (coaches, &[Part::Manages], false, Some("coach")),
            (codes, &[], true, Some("researcher")),
            (coaches, &[], true, Some("coach")),
            (codes, &[], false, None),
            (codes, &[Part::Codes], false, None),
            (coaches, &[Part::Coaches], false, None),
        ] {
            let found = ask(wanted, has, kept);
            assert_eq!(found.as_ref().map(|e| e.field.as_str()), field, "{wanted} {has:?} {kept}");
            assert!(found.is_none_or(|e| e.text.contains("Cleo")));
        }
    }
}
