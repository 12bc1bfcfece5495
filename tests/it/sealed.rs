//! What people are called and what they wrote does not lie in a database, nor in what is copied from it.

use std::{fs, process::Command, time::Instant};

use hearback_access::{Cx, SeeRecording, Start};
use hearback_domain::{
    Clock as _, KeyClass, Label, Login, ManualClock, Party, PartyKind, PersonId, Phase, Pseudonym,
    RecordingId, Role, SeededIds, SessionKind, Timestamp, UserId,
};
use hearback_storage::{NewPerson, NewRecording, Store, conformance, permit};
use hearback_vault::Cause;
use serde_json::json;

use crate::support::{Temporary, postgres, postgres_at, postgres_database, schema_in, sqlite};

/// What the conformance checks write that a person would have said, written or be called.
const CANARIES: &[&str] = &[
    "You waited, and Mum went on.",
    "What did you hear",
    "Other words",
    "She says she is",
    "Rang the allocated worker",
    "Told Mum on Tuesday",
    "To know who is meant",
    "The family court asked for it",
    "The second coder is ill",
    "It was quiet",
    "Leave a longer silence",
    "I wait longer",
    "PRIYA",
    "ROWAN",
    "ANWEN",
    "Robin",
    "Hazel",
    "Sorrel",
    "Unwilling",
];

fn contains(bytes: &[u8], what: &[u8]) -> bool {
    bytes.windows(what.len()).any(|window| window == what)
}

/// Everything below a directory, and its copy by the database's own means. How many files were looked through.
async fn nothing_in_the_clear(check: &str, store: &Temporary) -> usize {
    let dir = tempfile::tempdir().unwrap();
    let copy = dir.path().join("copy");
    drop(store.snapshot(&copy).await.unwrap());
    let mut files = vec![copy.clone()];
    if store.file().exists() {
        for entry in fs::read_dir(store.file().parent().unwrap()).unwrap() {
            let path = entry.unwrap().path();
            files.extend(path.is_file().then_some(path));
        }
    } else {
        // PostgreSQL's own copy is compressed: it is looked at as SQL.
        let plain = dir.path().join("plain.sql");
        let out = fs::File::create(&plain).unwrap();
        let mut program = Command::new("pg_restore");
        assert!(program.arg("-f-").arg(&copy).stdout(out).status().unwrap().success());
        files = vec![plain];
    }
    for file in &files {
        let bytes = fs::read(file).unwrap();
        for canary in CANARIES {
            let hex = hex::encode(canary);
            let found = contains(&bytes, canary.as_bytes()) || contains(&bytes, hex.as_bytes());
            assert!(!found, "{check}: {canary} lies in {}", file.display());
        }
    }
    files.len()
}

macro_rules! each {
    ($open:expr; $($check:ident),+ $(,)?) => {{
        let mut sinks = 0;
        $({
            let store = $open.await;
            conformance::$check(&store).await;
            sinks += nothing_in_the_clear(stringify!($check), &store).await;
        })+
        sinks
    }};
}

macro_rules! writing_checks {
    ($open:expr) => {
        each!($open;
            people_come_back_as_they_went_in,
            people_are_listed_in_order,
            an_invitation_opens_once,
            a_recording_comes_back_as_it_went_in,
            lists_hold_what_may_be_seen_newest_first,
            codes_are_made_changed_and_removed,
            coders_do_not_see_each_other,
            extracts_are_changed_and_removed,
            extracts_keep_their_order,
            moments_are_marked_by_whoever_made_the_recording,
            pieces_keep_their_order,
            the_room_has_only_what_was_cut_approved_and_agreed,
            answers_come_back_as_they_were_written_down,
            newer_answers_take_the_place_of_all_earlier_ones,
            a_hold_stops_destruction_and_nothing_else,
            what_is_held_is_listed,
            a_whole_recording_goes,
            concerns_are_raised_seen_and_added_to,
            a_passage_takes_two_people_and_lasts_an_hour,
            what_no_longer_fits_ends,
            names_are_kept_sealed,
            a_sheet_is_saved_by_one_tab_after_the_other,
            goals_are_their_owners,
            a_dome_is_followed_and_its_note_is_the_volunteers,
            who_listened_is_shown_to_the_owner,
        )
    };
}

#[tokio::test]
async fn nothing_said_freely_lies_in_a_sqlite_file_its_log_or_a_copy() {
    // The scan sees what is there: sign-in names are kept as they are, to look people up by.
    let store = sqlite().await;
    conformance::people_are_listed_in_order(&store).await;
    let bytes = fs::read(store.file()).unwrap();
    let log = fs::read(store.file().with_extension("db-wal")).unwrap_or_default();
    assert!(contains(&[bytes, log].concat(), b"m-3"));

    let sinks = writing_checks!(sqlite());
    assert!(sinks >= 20, "{sinks}");
    crate::evidence::add("sealed", &[("sinks_sqlite", json!(sinks))]);
}

#[tokio::test]
async fn nothing_said_freely_lies_in_a_dump_of_postgres() {
    // A database of its own: a copy takes the longer the more there is beside.
    let database = postgres_database().await;
    let sinks = writing_checks!(async { postgres_at(&schema_in(&database).await).await });
    assert!(sinks >= 20, "{sinks}");
    crate::evidence::add("sealed", &[("sinks_postgres", json!(sinks))]);
}

/// A practitioner with this many recordings.
async fn with_recordings(store: &dyn Store, many: u128) -> (Cx, Vec<RecordingId>) {
    let (ids, clock) =
        (SeededIds::default(), ManualClock::at(Timestamp::from_micros(1_790_000_000_000_000)));
    let owner = UserId::mint(&ids);
    let mut work = store.begin().await.unwrap();
    let person = NewPerson {
        id: owner,
        login: Login::new("priya").unwrap(),
        name: "Priya".to_owned(),
        password_hash: "$argon2id$".to_owned(),
        roles: vec![Role::Practitioner],
        created_at: clock.now(),
    };
    work.add_person(&person).await.unwrap();
    work.commit().await.unwrap();
    let cx = Cx::person(owner, Role::Practitioner, clock.now());
    let mut made = Vec::new();
    for n in 0..many {
        let (mut work, start) = permit::<Start>(store, cx, ()).await.unwrap();
        let new = NewRecording {
            id: RecordingId::mint(&ids),
            pseudonym: Pseudonym::new(&format!("Robin {n}")).unwrap(),
            session_kind: SessionKind::Visit,
            held_on: None,
            language: None,
            phase: Phase::PreTraining,
            parties: vec![Party {
                id: PersonId::mint(&ids),
                kind: PartyKind::Practitioner,
                label: Label::new("Worker").unwrap(),
            }],
        };
        work.add_recording(&start, &new).await.unwrap();
        work.commit().await.unwrap();
        made.push(new.id);
    }
    (cx, made)
}

/// A destroyed key closes a name in the row that is there and in every copy of it; the rest of the list stays.
async fn a_destroyed_key_closes_its_texts(store: &Temporary) {
    let (cx, ids) = with_recordings(store, 2).await;
    store.vault.destroy(ids[0], &[KeyClass::Sound], Cause::Request, cx.now).unwrap();
    let names = [ids[0], ids[1]].map(async |id| {
        let (mut work, see) = permit::<SeeRecording>(store, cx, id).await.unwrap();
        let recording = work.recording(&see).await.unwrap().unwrap();
        assert_eq!(work.summary(&see).await.unwrap().unwrap().pseudonym, recording.pseudonym);
        (recording.pseudonym.to_string(), recording.parties[0].label.to_string())
    });
    let [erased, kept] = names;
    assert_eq!(erased.await, ("(name erased)".to_owned(), "(name erased)".to_owned()));
    assert_eq!(kept.await, ("Robin 1".to_owned(), "Worker".to_owned()));
    let texts = store.begin().await.unwrap().try_texts().await.unwrap();
    assert_eq!((texts.opened, texts.erased), (3, 2));
}

#[tokio::test]
async fn a_destroyed_key_closes_its_texts_on_sqlite() {
    a_destroyed_key_closes_its_texts(&sqlite().await).await;
}

#[tokio::test]
async fn a_destroyed_key_closes_its_texts_on_postgres() {
    a_destroyed_key_closes_its_texts(&postgres().await).await;
}

/// Names are opened one by one when a list is shown.
#[tokio::test]
async fn a_list_of_a_hundred_sealed_names_is_quick() {
    let store = sqlite().await;
    let (cx, ids) = with_recordings(&store, 100).await;
    let begun = Instant::now();
    for id in &ids {
        let (mut work, see) = permit::<SeeRecording>(&store, cx, *id).await.unwrap();
        assert!(work.summary(&see).await.unwrap().is_some());
    }
    let with_permits = begun.elapsed();
    // Opening alone: two hundred names and a person's.
    let begun = Instant::now();
    let texts = store.begin().await.unwrap().try_texts().await.unwrap();
    let opening = begun.elapsed();
    assert_eq!(texts.opened, 201);
    let ms = |d: std::time::Duration| (d.as_secs_f64() * 10_000.0).round() / 10.0;
    crate::evidence::add(
        "sealed",
        &[("list_100_ms", json!(ms(with_permits))), ("open_201_texts_ms", json!(ms(opening)))],
    );
    // Generous: unoptimised, on a machine that does other things too.
    assert!(opening.as_millis() < 2_000, "{opening:?}");
}
