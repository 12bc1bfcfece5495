//! The audit log, for the data protection officer: who was let at what, when, and who was not.

use std::collections::HashMap;

use askama::Template;
use hearback_access::{
    ReadAudit,
    audit::{AuditSeq, Entry, Sealed, event},
};
use hearback_domain::{
    Hat, RecordingId, Reference, Role, Timestamp, UserId,
    policy::{Action, Refusal},
};
use hearback_storage::{AuditFilter, Person};

use crate::{
    Visit,
    error::{FieldError, Result},
    extract::{Fields, Query},
    local::encode,
    page::{Page, day_and_time, html, parse_day},
};

/// How many entries a page shows.
const SHOWN: u32 = 100;
/// So many seconds after an entry was written it is sealed, unless something is in the way: half an hour. It takes ten
/// minutes when all is well.
const SEALED_WITHIN: i64 = 1_800;

#[derive(Template)]
#[template(path = "audit.html")]
struct AuditPage {
    page: Page,
    sealed: String,
    /// Since when an entry waits to be sealed, if that is too long.
    unsealed_since: Option<String>,
    form: Form,
    people: Vec<Choice>,
    actions: Vec<Choice>,
    lines: Vec<Line>,
    /// The address of the page with what was before, if there is more.
    earlier: Option<String>,
    /// The address of the file with what is shown, and all that was before.
    file: String,
}

/// What was asked for, as it was typed.
#[derive(Default)]
struct Form {
    recording: String,
    from: String,
    until: String,
}

struct Choice {
    key: String,
    label: String,
    chosen: bool,
}

struct Line {
    seq: u64,
    at: String,
    who: String,
    hat: &'static str,
    what: String,
    recording: String,
    answer: &'static str,
}

/// `GET /admin/audit`: `recording`, `person`, `action`, `from`, `until`, `before`.
pub(crate) async fn show(visit: Visit, Query(fields): Query) -> Result {
    let (mut work, permit) = visit.permit::<ReadAudit>(()).await?;
    let (filter, errors) = read(&fields);
    let entries = work.audit_page(&permit, &filter, SHOWN).await?;
    let sealed = work.audit_sealed().await?;
    let oldest = work.audit_entries(sealed.map_or(AuditSeq(0), |sealed| sealed.seq), 1).await?;
    let people = work.people().await?;
    work.commit().await?;
    let now = permit.cx().now;
    let mut page = visit.page("Audit log");
    page.errors = errors;
    let address = |path: &str, before: Option<u64>| address(path, &fields, before);
    let full = entries.len() == SHOWN as usize;
    let last = entries.last().filter(|_| full).map(|entry| entry.seq.0);
    let names: HashMap<_, _> = people.iter().map(|p| (p.id.as_uuid(), p.name.clone())).collect();
    html(&AuditPage {
        page,
        sealed: sealed_in_words(sealed),
        unsealed_since: oldest
            .first()
            .filter(|entry| entry.at.plus_seconds(SEALED_WITHIN) <= now)
            .map(|entry| day_and_time(entry.at)),
        form: Form {
            recording: fields.get("recording").to_owned(),
            from: fields.get("from").to_owned(),
            until: fields.get("until").to_owned(),
        },
        people: people.iter().map(|p| person_choice(p, fields.get("person"))).collect(),
        actions: actions(fields.get("action")),
        lines: entries.iter().map(|entry| line(entry, &names)).collect(),
        earlier: last.map(|last| address("/admin/audit", Some(last))),
        file: address("/admin/audit/entries.csv", None),
    })
}

/// What was asked for. What cannot be read narrows nothing, and is said.
pub(super) fn read(fields: &Fields) -> (AuditFilter, Vec<FieldError>) {
    let mut errors = Vec::new();
    let mut wrong = |field: &str, text: &str| errors.push(FieldError::new(field, text));
    let mut filter = AuditFilter::default();
    match (fields.get("recording").trim(), Reference::parse(fields.get("recording"))) {
        ("", _) => {}
        (_, Some(reference)) => filter.recordings = Some(reference.span()),
        (typed, None) => match typed.parse().map(RecordingId::from_uuid) {
            Ok(id) => filter.recordings = Some((id, id)),
            Err(_) => wrong("recording", "Write a reference such as HB-K3M9-7TQ2"),
        },
    }
    match fields.get("person") {
        "" => {}
        typed => match typed.parse().map(UserId::from_uuid) {
            Ok(id) => filter.actor = Some(id),
            Err(_) => wrong("person", "Choose somebody from the list"),
        },
    }
    filter.action = Some(fields.get("action").to_owned()).filter(|word| !word.is_empty());
    let mut midnight = |field: &str| match (fields.get(field), parse_day(fields.get(field))) {
        ("", _) => None,
        (_, Some(day)) => {
            let seconds = day.midnight().assume_utc().unix_timestamp();
            Some(Timestamp::from_micros(0).plus_seconds(seconds))
        }
        _ => {
            wrong(field, "Write the day as in 2026-11-22");
            None
        }
    };
    filter.from = midnight("from");
    // The day that is named is part of it.
    filter.until = midnight("until").map(|midnight| midnight.plus_seconds(86_400));
    filter.before = fields.get("before").parse().ok().map(AuditSeq);
    (filter, errors)
}

fn address(path: &str, fields: &Fields, before: Option<u64>) -> String {
    let asked =
        ["recording", "person", "action", "from", "until"].map(|name| (name, fields.get(name)));
    let mut pairs: Vec<_> = asked
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| format!("{name}={}", encode(value)))
        .collect();
    pairs.extend(before.map(|before| format!("before={before}")));
    if pairs.is_empty() { path.to_owned() } else { format!("{path}?{}", pairs.join("&")) }
}

fn sealed_in_words(sealed: Option<Sealed>) -> String {
    match sealed {
        Some(Sealed { seq, at }) => format!(
            "Last sealed {}, up to entry {}. What is sealed cannot be changed unseen.",
            day_and_time(at),
            seq.0
        ),
        None => "Not sealed yet. It is sealed every ten minutes while Hearback runs.".to_owned(),
    }
}

fn person_choice(person: &Person, chosen: &str) -> Choice {
    let key = person.id.to_string();
    Choice { chosen: key == chosen, label: person.name.clone(), key }
}

fn actions(chosen: &str) -> Vec<Choice> {
    let words = Action::ALL.iter().map(|action| action.as_str()).chain(EVENTS.iter().map(|e| e.0));
    let mut all: Vec<_> = words
        .map(|word| Choice { key: word.to_owned(), label: in_words(word), chosen: word == chosen })
        .collect();
    all.sort_by(|a, b| a.label.cmp(&b.label));
    all
}

fn line(entry: &Entry, names: &HashMap<uuid::Uuid, String>) -> Line {
    let hat = entry.hat.parse::<Hat>();
    Line {
        seq: entry.seq.0,
        at: day_and_time(entry.at),
        who: match (entry.actor, &hat) {
            (Some(id), _) => names.get(&id).cloned().unwrap_or_else(|| id.to_string()),
            (None, Ok(Hat::Worker)) => "Hearback itself".to_owned(),
            (None, Ok(Hat::Person(_))) => "Whoever runs the machine".to_owned(),
            (None, _) => "Somebody who was not signed in".to_owned(),
        },
        hat: match hat {
            Ok(Hat::Person(role)) if entry.actor.is_some() => Role::title(role),
            _ => "",
        },
        what: in_words(&entry.action),
        recording: entry
            .recording
            .map(|id| Reference::of(RecordingId::from_uuid(id)).to_string())
            .unwrap_or_default(),
        answer: answer(&entry.decision),
    }
}

fn answer(word: &str) -> &'static str {
    let reason = |why: Refusal| match why {
        Refusal::Role => "No: not in this role",
        Refusal::Absent => "No: there was no such thing",
        Refusal::Relation => "No: nothing ties them to it",
        Refusal::Blocked => "No: they are kept away from it",
        Refusal::Gone => "No: it is destroyed, or its time is over",
        Refusal::Consent => "No: not everybody heard agrees to it",
        Refusal::State => "No: it is not that far",
        Refusal::Strength => "Not yet: they were asked to show who they are",
    };
    match word {
        "allowed" => "Yes",
        "refused:role" => reason(Refusal::Role),
        "refused:absent" => reason(Refusal::Absent),
        "refused:relation" => reason(Refusal::Relation),
        "refused:blocked" => reason(Refusal::Blocked),
        "refused:gone" => reason(Refusal::Gone),
        "refused:consent" => reason(Refusal::Consent),
        "refused:state" => reason(Refusal::State),
        "refused:strength" => reason(Refusal::Strength),
        _ => "No",
    }
}

/// What is written to the log without a question to the policy.
const EVENTS: [(&str, &str); 23] = [
    (event::SIGN_IN, "sign in"),
    (event::SIGN_IN_REFUSED, "try to sign in"),
    (event::SIGN_OUT, "sign out"),
    (event::CONNECT_IDENTITY, "connect an account with single sign-on"),
    (event::DISCONNECT_IDENTITY, "disconnect an account from single sign-on"),
    (event::CONFIRM_AT_PROVIDER, "show who they are, by single sign-on"),
    (event::OFFER_IDENTITY, "make a link that connects an account with single sign-on"),
    (event::PROVIDER_LOGOUT, "end sessions, from the identity provider"),
    (event::CHANGE_HAT, "change what they are here as"),
    (event::CONFIRM, "show who they are"),
    (event::END_SESSIONS, "end their own sessions"),
    (event::CHANGE_PASSPHRASE, "change their passphrase"),
    (event::ADD_SECOND_STEP, "set up a second step"),
    (event::REMOVE_SECOND_STEP, "remove a second step"),
    (event::NEW_RECOVERY_CODES, "have new recovery codes made"),
    (event::ADD_PERSON, "add a person on the command line"),
    (event::SET_PASSPHRASE, "set a passphrase on the command line"),
    (event::INVITE, "invite a person"),
    (event::WITHDRAW_INVITATION, "take an invitation back"),
    (event::ACCEPT_INVITATION, "come by an invitation"),
    (event::DISABLE_PERSON, "let a person in no more"),
    (event::ENABLE_PERSON, "let a person in again"),
    (event::END_THEIR_SESSIONS, "end a person’s sessions"),
];

/// The word of the log as people read it.
fn in_words(word: &str) -> String {
    let action = Action::ALL.iter().find(|action| action.as_str() == word);
    let event = EVENTS.iter().find(|(known, _)| *known == word);
    let text = match (action, event) {
        (Some(action), _) => action.in_words().to_owned(),
        (None, Some((_, words))) => (*words).to_owned(),
        (None, None) => role_in_words(word).unwrap_or_else(|| word.to_owned()),
    };
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().to_string() + chars.as_str()).unwrap_or_default()
}

fn role_in_words(word: &str) -> Option<String> {
    let Some((event, role)) = word.split_once(':') else {
        return (word == event::RESET_SECOND_STEPS)
            .then(|| "remove a person’s second steps, which were lost".to_owned());
    };
    let role: Role = role.parse().ok()?;
    match event {
        "people.give_role" => Some(format!("give somebody the role: {}", role.title())),
        "people.take_role" => Some(format!("take a role from somebody: {}", role.title())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(pairs: &[(&str, &str)]) -> Fields {
        Fields(pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect())
    }

    #[test]
    fn what_was_asked_for_is_read() {
        let id = RecordingId::from_uuid(uuid::Uuid::from_u128(77 << 90));
        let reference = Reference::of(id).to_string();
        let (filter, errors) = read(&fields(&[
            ("recording", &reference.to_lowercase()),
            ("from", "1970-01-02"),
            ("until", "1970-01-02"),
            ("before", "7"),
        ]));
        assert!(errors.is_empty());
        let (first, last) = filter.recordings.unwrap();
        assert!(first <= id && id <= last);
        let day = Timestamp::from_micros(0).plus_seconds(86_400);
        assert_eq!(filter.from, Some(day));
        assert_eq!(filter.until, Some(day.plus_seconds(86_400)));
        assert_eq!(filter.before, Some(AuditSeq(7)));

        let nonsense = [("recording", "??"), ("person", "x"), ("from", "soon"), ("until", "later")];
        let (filter, errors) = read(&fields(&nonsense));
        assert_eq!(filter, AuditFilter::default());
        assert_eq!(errors.len(), 4);
        assert_eq!(read(&fields(&[])).0, AuditFilter::default());
    }

    #[test]
    fn every_word_of_the_log_has_words() {
        for choice in actions("") {
            assert_ne!(choice.label.to_lowercase(), choice.key);
            assert!(!choice.label.contains('_'), "{}", choice.label);
        }
        assert_eq!(
            in_words("people.give_role:dpo"),
            "Give somebody the role: Data protection officer"
        );
    }

    #[test]
    fn the_next_page_asks_for_the_same() {
        let asked = fields(&[("action", "clip.play"), ("recording", "HB 1&2"), ("before", "9")]);
        let address = address("/admin/audit", &asked, Some(5));
        assert_eq!(address, "/admin/audit?recording=HB%201%262&action=clip.play&before=5");
    }
}
