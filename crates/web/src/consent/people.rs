//! Who is heard on a recording: what each of them said so far, and what comes next.

use askama::Template;
use hearback_access::SeeConsent;
use hearback_domain::{
    AudioState, Day, Party, PartyKind, PersonId, Purpose, RecordingId, Role, Timestamp,
};
use hearback_storage::ConsentAnswer;

use super::{reference, words};
use crate::{
    Visit, WebError,
    error::Result,
    extract::Path,
    page::{Page, day, html},
};

#[derive(Template)]
#[template(path = "consent_people.html")]
struct PeoplePage {
    page: Page,
    recording: RecordingId,
    pseudonym: String,
    reference: String,
    people: Vec<PersonLine>,
    /// The first person who has not said yes to being recorded.
    next: Option<Next>,
    waits_for_file: bool,
    /// Whether the one who looks can ask people, and hear the recording: the practitioner.
    owner: bool,
}

struct Next {
    id: PersonId,
    label: String,
    own: bool,
}

/// Somebody who is heard.
struct PersonLine {
    id: PersonId,
    label: String,
    kind: PartyKind,
    who: &'static str,
    own: bool,
    state: String,
    tag: &'static str,
    yes: Vec<&'static str>,
    no: Vec<&'static str>,
    answered: bool,
    covered: bool,
}

/// `GET /recordings/{id}/people`.
pub(crate) async fn show(visit: Visit, Path(id): Path<RecordingId>) -> Result {
    let (mut work, permit) = visit.permit::<SeeConsent>(id).await?;
    let heard = work.heard(&permit).await?.ok_or(WebError::NotFound)?;
    let answers = work.consent_answers(&permit).await?;
    work.commit().await?;
    let now = permit.cx().now;
    let people: Vec<_> = heard.parties.iter().map(|party| line(party, &answers, now)).collect();
    let next = people.iter().find(|p| !p.covered).map(|p| Next {
        id: p.id,
        label: p.label.clone(),
        own: p.own,
    });
    html(&PeoplePage {
        page: visit.page("Who is heard"),
        recording: id,
        pseudonym: heard.pseudonym.to_string(),
        reference: reference(id),
        people,
        next,
        waits_for_file: heard.audio == AudioState::AwaitingFile,
        owner: visit.signed_in()?.role == Role::Practitioner,
    })
}

fn line(party: &Party, answers: &[ConsentAnswer], now: Timestamp) -> PersonLine {
    let own: Vec<_> = answers.iter().filter(|a| a.person == party.id).collect();
    let that = |holds: bool| {
        let those = own.iter().filter(move |a| a.holds(now) == holds);
        those.map(|a| words::purpose(a.purpose)).collect::<Vec<_>>()
    };
    let record = own.iter().find(|a| a.purpose == Purpose::Record);
    let (tag, state) = match record {
        None => ("Not asked yet", String::new()),
        Some(a) if a.holds(now) => {
            let until = a.expires_at.map(|at| format!("It holds until {}.", day(last_day(at))));
            ("Yes", until.unwrap_or_default())
        }
        Some(ConsentAnswer { withdrawn_at: Some(at), .. }) => {
            ("Taken back", format!("They took it back on {}. Nothing else changes.", day(*at)))
        }
        Some(ConsentAnswer { given: true, expires_at: Some(at), .. }) => {
            ("Ran out", format!("The yes ran out on {}. You can ask again.", day(*at)))
        }
        Some(_) => ("No", "No to being recorded. That is fine; nothing else changes.".to_owned()),
    };
    PersonLine {
        id: party.id,
        label: party.label.to_string(),
        kind: party.kind,
        who: words::kind(party.kind),
        own: party.kind == PartyKind::Practitioner,
        state,
        tag,
        yes: that(true),
        no: that(false),
        answered: record.is_some(),
        covered: record.is_some_and(|a| a.holds(now)),
    }
}

/// The last day on which what ends at this moment still holds.
pub(crate) fn last_day(ends: Timestamp) -> Timestamp {
    Day::of(ends.plus_seconds(-1)).starts()
}

#[cfg(test)]
mod tests {
    use hearback_domain::Label;
    use uuid::Uuid;

    use super::*;

    const NOW: Timestamp = Timestamp::from_micros(1_795_262_400_000_000);

    #[test]
    fn a_persons_line_says_how_it_stands() {
        let id = PersonId::from_uuid(Uuid::from_u128(5));
        let label = Label::new("Mum").unwrap();
        let mum = Party { id, kind: PartyKind::Parent, label };
        let yes = ConsentAnswer {
            person: id,
            purpose: Purpose::Record,
            given: true,
            expires_at: Some("2027-11-20".parse::<Day>().unwrap().starts()),
            withdrawn_at: None,
        };
        let stands = |answer: ConsentAnswer| {
            let line = line(&mum, &[answer], NOW);
            assert_eq!(line.covered, answer.holds(NOW));
            (line.tag, line.state)
        };
        assert_eq!(line(&mum, &[], NOW).tag, "Not asked yet");
        assert_eq!(stands(yes), ("Yes", "It holds until 19 November 2027.".to_owned()));
        let ran_out = ConsentAnswer { expires_at: Some(NOW), ..yes };
        assert_eq!(stands(ran_out).0, "Ran out");
        assert_eq!(stands(ConsentAnswer { withdrawn_at: Some(NOW), ..yes }).0, "Taken back");
        assert_eq!(stands(ConsentAnswer { given: false, ..yes }).0, "No");
        let other = ConsentAnswer { person: PersonId::from_uuid(Uuid::from_u128(6)), ..yes };
        assert_eq!(stands_of_somebody_else(&mum, other), "Not asked yet");
    }

    fn stands_of_somebody_else(mum: &Party, other: ConsentAnswer) -> &'static str {
        line(mum, &[other], NOW).tag
    }
}
