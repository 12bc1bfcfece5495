//! Thousands of logs in memory: clean ones, and ones to which one thing was done.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use hearback_access::audit::{
    AuditSeq, CLOCK_TOLERANCE_SECONDS, Checkpoint, Entry, Head, Root, Tampering, Verified, Verifier,
};
use hearback_domain::Timestamp;
use serde_json::json;
use uuid::Uuid;

use super::{Key, Log, class, random};
use crate::chance::Chance;

fn verify(
    entries: &[Entry],
    head: &Head,
    checkpoints: &[Checkpoint],
) -> Result<Verified, Tampering> {
    let mut verifier = Verifier::new(checkpoints.to_vec(), CLOCK_TOLERANCE_SECONDS);
    for entry in entries {
        verifier.entry(entry);
    }
    verifier.finish(head)
}

/// A log that somebody did one thing to, and what is known of it elsewhere.
struct Case {
    entries: Vec<Entry>,
    head: Head,
    known: Vec<Checkpoint>,
    expected: &'static str,
    /// The first entry at which it shows, where that is certain.
    at: Option<u64>,
}

/// Checkpoints of some sizes, the last of them of the whole log or nearly.
fn sealed(chance: &mut Chance, log: &Log) -> Vec<Checkpoint> {
    let length = log.entries.len();
    let mut sizes: Vec<usize> = (0..chance.below(4)).map(|_| chance.below(length + 1)).collect();
    sizes.push(length - chance.below(3));
    sizes.iter().map(|size| log.heads[*size].checkpoint()).collect()
}

const COLUMNS: usize = 9;

fn change(chance: &mut Chance, entry: &mut Entry, column: usize) {
    let other = || Some(Uuid::from_u128(77));
    match column {
        0 => entry.at = entry.at.plus_seconds(1),
        1 => entry.actor = if entry.actor.is_some() { None } else { other() },
        2 => {
            let other = if entry.hat == "coach" { "dpo" } else { "coach" };
            other.clone_into(&mut entry.hat);
        }
        3 => entry.action.push('s'),
        4 => entry.object_kind.insert(0, ' '),
        5 => entry.object = other(),
        6 => entry.recording = other(),
        7 => {
            let now = if entry.decision == "allowed" { "refused:role" } else { "allowed" };
            now.clone_into(&mut entry.decision);
        }
        _ => entry.link.0[chance.below(32)] ^= 1,
    }
}

/// Numbers the entries anew, as somebody would who hides a gap.
fn renumber(entries: &mut [Entry]) {
    for (n, entry) in entries.iter_mut().enumerate() {
        entry.seq = AuditSeq(n as u64 + 1);
    }
}

/// Writes all links anew from here, as somebody can who may write the database.
fn rechain(log: &Log, from: usize, change: impl Fn(&mut hearback_access::audit::NewEntry)) -> Log {
    let mut other = Log {
        entries: log.entries[..from].to_vec(),
        heads: log.heads[..=from].to_vec(),
        at: log.at,
    };
    // The content of entries cannot be turned back into `NewEntry`; what is told is another story from here on.
    let mut chance = Chance::new(from as u64 + 99);
    for (n, entry) in log.entries[from..].iter().enumerate() {
        let mut new = random(&mut chance, entry.at);
        if n == 0 {
            change(&mut new);
        }
        other.push(&new);
    }
    other
}

/// Every way in which somebody tampers, by name.
const WAYS: [&str; 22] = [
    "edit a column",
    "edit a number",
    "edit an entry and its link",
    "swap two entries",
    "swap what two entries say",
    "remove from the middle",
    "remove from the middle and number anew",
    "remove from the beginning",
    "cut the tail",
    "cut the tail and set the head back",
    "wipe",
    "wipe, and the head too",
    "an entry twice",
    "an entry twice and number anew",
    "put in an entry",
    "fork: two servers",
    "write the rest anew",
    "write everything anew",
    "set the clock back",
    "restore an old copy",
    "restore an old copy and go on",
    "change the head",
];

#[expect(clippy::too_many_lines, reason = "one way after the other")]
fn tamper(chance: &mut Chance, way: &str) -> Case {
    let length = 40 + chance.below(160);
    let log = Log::random(chance, length);
    let known = sealed(chance, &log);
    // Far enough from the end that something follows, and before the last checkpoint.
    let at = 1 + chance.below(length - 20);
    let mut case = Case {
        entries: log.entries.clone(),
        head: log.head().clone(),
        known,
        expected: "",
        at: Some(at as u64 + 1),
    };
    // A checkpoint that ends with just the forged entry would say “fork”, and rightly.
    if matches!(way, "edit an entry and its link" | "put in an entry") {
        case.known.retain(|known| known.size != at as u64 + 1);
    }
    match way {
        "edit a column" => {
            let column = chance.below(COLUMNS);
            change(chance, &mut case.entries[at], column);
            case.expected = "changed";
        }
        "edit a number" => {
            case.entries[at].seq = AuditSeq((length + 1 + chance.below(1_000)) as u64);
            case.entries.sort_by_key(|entry| entry.seq);
            case.expected = "reordered";
        }
        "edit an entry and its link" => {
            let (column, link) = (chance.below(COLUMNS - 1), log.heads[at].clone());
            let other = random(chance, case.entries[at].at);
            case.entries[at] = link.append(&other).0;
            change(chance, &mut case.entries[at + 1], column);
            (case.expected, case.at) = ("changed", Some(at as u64 + 2));
        }
        "swap two entries" | "swap what two entries say" => {
            let other = at + 1 + chance.below(length - at - 1);
            case.entries.swap(at, other);
            if way == "swap what two entries say" {
                renumber(&mut case.entries);
            }
            case.expected = "reordered";
        }
        "remove from the middle" => {
            drop(case.entries.drain(at..at + 1 + chance.below(5)));
            case.expected = "missing";
        }
        "remove from the middle and number anew" => {
            drop(case.entries.drain(at..at + 1 + chance.below(5)));
            renumber(&mut case.entries);
            case.expected = "missing";
        }
        "remove from the beginning" => {
            drop(case.entries.drain(..at));
            (case.expected, case.at) = ("missing", Some(1));
        }
        "cut the tail" => {
            case.entries.truncate(length - 3 - chance.below(length - 5));
            (case.expected, case.at) = ("cut", None);
        }
        "cut the tail and set the head back" | "restore an old copy" => {
            let left = length - 3 - chance.below(length - 5);
            case.entries.truncate(left);
            case.head = log.heads[left].clone();
            // Where it was sealed meanwhile does not matter.
            (case.expected, case.at) = ("cut", None);
        }
        "wipe" => {
            case.entries.clear();
            (case.expected, case.at) = ("wiped", None);
        }
        "wipe, and the head too" => {
            case.entries.clear();
            case.head = Head::default();
            (case.expected, case.at) = ("wiped", None);
        }
        "an entry twice" => {
            case.entries.insert(at, case.entries[at].clone());
            case.expected = "added";
        }
        "an entry twice and number anew" => {
            case.entries.insert(at, case.entries[at].clone());
            renumber(&mut case.entries);
            (case.expected, case.at) = ("added", Some(at as u64 + 2));
        }
        "put in an entry" => {
            let other = random(chance, case.entries[at].at);
            case.entries.insert(at, log.heads[at].clone().append(&other).0);
            renumber(&mut case.entries);
            (case.expected, case.at) = ("added", Some(at as u64 + 2));
        }
        "fork: two servers" => {
            let mut other = Log {
                entries: log.entries[..at].to_vec(),
                heads: log.heads[..=at].to_vec(),
                at: log.entries[at].at,
            };
            let more = length - at + chance.below(30);
            other.grow(chance, more);
            (case.entries, case.head) = (other.entries.clone(), other.head().clone());
            (case.expected, case.at) = ("fork", None);
        }
        "write the rest anew" | "write everything anew" => {
            let from = if way == "write everything anew" { 0 } else { at };
            let other = rechain(&log, from, |new| new.actor = None);
            (case.entries, case.head) = (other.entries.clone(), other.head().clone());
            (case.expected, case.at) = ("fork", None);
        }
        "set the clock back" => {
            let mut other = Log::random(chance, at);
            let latest = other.entries.iter().map(|e| e.at).max().unwrap();
            other.at = latest.plus_seconds(-CLOCK_TOLERANCE_SECONDS - 60);
            let back = random(chance, other.at);
            other.push(&back);
            other.grow(chance, length - at);
            case.known = sealed(chance, &other);
            (case.entries, case.head) = (other.entries.clone(), other.head().clone());
            case.expected = "clock";
        }
        "restore an old copy and go on" => {
            let mut other = Log {
                entries: log.entries[..at].to_vec(),
                heads: log.heads[..=at].to_vec(),
                at: log.at,
            };
            let more = length - at + 1 + chance.below(20);
            other.grow(chance, more);
            (case.entries, case.head) = (other.entries.clone(), other.head().clone());
            (case.expected, case.at) = ("fork", None);
        }
        "change the head" => {
            case.head = if chance.below(2) == 0 {
                let mut link = log.head().link;
                link.0[3] ^= 1;
                Head::new(log.head().seq, link, &log.head().frontier()).unwrap()
            } else {
                let mut frontier = log.head().frontier();
                frontier[9] ^= 1;
                Head::new(log.head().seq, log.head().link, &frontier).unwrap()
            };
            (case.expected, case.at) = ("head", Some(length as u64));
        }
        other => panic!("{other}"),
    }
    case
}

fn place(what: &Tampering) -> Option<u64> {
    match what {
        Tampering::Missing(seq)
        | Tampering::Reordered(seq)
        | Tampering::Added(seq)
        | Tampering::Changed(seq)
        | Tampering::Head(seq)
        | Tampering::Clock(seq) => Some(seq.0),
        _ => None,
    }
}

#[test]
fn whatever_is_done_to_a_log_is_found_and_named() {
    let mut chance = Chance::from_environment();
    let (mut cases, mut classes, mut wrong) = (0_u64, BTreeMap::new(), Vec::new());
    for round in 0..160 {
        for way in WAYS {
            let case = tamper(&mut chance, way);
            let found = verify(&case.entries, &case.head, &case.known);
            cases += 1;
            match &found {
                Err(what) if class(what) == case.expected => {
                    *classes.entry(case.expected).or_insert(0_u64) += 1;
                    if case.at.is_some() && place(what) != case.at {
                        wrong.push(format!("{way} (round {round}) at {:?}: {what}", case.at));
                    }
                    let said = what.to_string();
                    assert!(!said.contains('\n') && said.len() < 160, "{said}");
                }
                other => wrong.push(format!("{way} (round {round}) at {:?}: {other:?}", case.at)),
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {cases}:\n{}",
        wrong.len(),
        wrong[..wrong.len().min(15)].join("\n")
    );
    assert_eq!(classes.len(), 9, "{classes:?}");
    crate::evidence::add(
        "audit",
        &[("tampered_logs", json!(cases)), ("ways", json!(WAYS.len())), ("missed", json!(0))],
    );
}

#[test]
fn a_log_as_it_was_written_is_not_suspected() {
    let mut chance = Chance::from_environment();
    let mut clean = 0_u64;
    for _ in 0..1_200 {
        let length = chance.below(180);
        let mut log = Log::random(&mut chance, length);
        let mut known: Vec<_> = (0..chance.below(6))
            .map(|_| log.heads[chance.below(length + 1)].checkpoint())
            .collect();
        let newest = known.iter().map(|c| c.size).max().unwrap_or(0);
        let later = chance.below(20);
        log.grow(&mut chance, later);
        // In any order, and the same one twice.
        known.extend(known.first().copied());
        let found = verify(&log.entries, log.head(), &known).unwrap();
        assert_eq!((found.checkpoints, &found.head), (known.len(), log.head()));
        assert_eq!(found.unsealed, log.entries.len() as u64 - newest);

        // Going on from a head that was checked before sees the same.
        let from = chance.below(log.entries.len() + 1);
        let mut rest = Verifier::from(log.heads[from].clone(), known, CLOCK_TOLERANCE_SECONDS);
        log.entries[from..].iter().for_each(|entry| rest.entry(entry));
        assert_eq!(rest.finish(log.head()).unwrap().head, *log.head());
        clean += 1;
    }
    crate::evidence::add("audit", &[("clean_logs", json!(clean)), ("false_alarms", json!(0))]);
}

/// Two servers that each sealed a log of their own of the same size: neither log fits both.
#[test]
fn checkpoints_of_two_logs_do_not_go_together() {
    let mut chance = Chance::from_environment();
    let (one, two) = (Log::random(&mut chance, 30), Log::random(&mut chance, 30));
    let known = [one.head().checkpoint(), two.head().checkpoint()];
    for log in [&one, &two] {
        let found = verify(&log.entries, log.head(), &known);
        assert!(matches!(found, Err(Tampering::Fork { .. })), "{found:?}");
    }
}

/// Whoever does not have the key cannot make a checkpoint that says what they want.
#[test]
fn a_checkpoint_cannot_be_made_without_the_key() {
    let mut chance = Chance::from_environment();
    let (ours, theirs) = (Key::new(1), Key::new(2));
    let mut forged = 0_u64;
    for _ in 0..200 {
        let log = Log::random(&mut chance, 5);
        let real = log.head().checkpoint();
        let note = real.signed(&ours).unwrap();
        assert_eq!(Checkpoint::verified(&note, &ours.known()), Ok(real));
        let other = Checkpoint { size: 4, root: Root([9; 32]) };
        let swapped = {
            let (text, _) = note.rsplit_once("\n\n").unwrap();
            let theirs = other.signed(&theirs).unwrap();
            format!("{text}\n\n{}", theirs.rsplit_once("\n\n").unwrap().1)
        };
        for note in [
            other.signed(&theirs).unwrap(),
            swapped,
            note.replacen("\n5\n", "\n4\n", 1),
            note.replacen("\n5\n", "\n05\n", 1),
        ] {
            assert!(Checkpoint::read_all(&note, &ours.known()).is_err(), "{note}");
            forged += 1;
        }
    }
    crate::evidence::add("audit", &[("forged_checkpoints", json!(forged))]);
}

/// Half a million entries in a second, so that a year's log is checked while somebody waits.
#[test]
fn checking_is_fast() {
    let deep = std::env::var_os("HEARBACK_TEST_DEEP").is_some();
    let mut chance = Chance::from_environment();
    let log = Log::random(&mut chance, if deep { 500_000 } else { 100_000 });
    let known: Vec<_> = log.heads.iter().step_by(1_000).skip(1).map(Head::checkpoint).collect();
    let best = (0..3)
        .map(|_| {
            let begun = Instant::now();
            assert!(verify(&log.entries, log.head(), &known).is_ok());
            begun.elapsed()
        })
        .min()
        .unwrap_or(Duration::MAX);
    let entries = u32::try_from(log.entries.len()).unwrap();
    let rate = f64::from(entries) / best.as_secs_f64();
    crate::evidence::add("audit", &[("entries_per_second", json!(rate.round()))]);
}

/// A moment is what it says: one far in the future makes everything after it look old, and is found as that.
#[test]
fn a_clock_that_jumped_ahead_shows_when_it_is_set_right() {
    let mut chance = Chance::from_environment();
    let mut log = Log::random(&mut chance, 10);
    let right = log.at;
    let ahead = random(&mut chance, Timestamp::from_micros(right.as_micros() + 3_600_000_000));
    log.push(&ahead);
    log.at = right;
    log.grow(&mut chance, 1);
    let found = verify(&log.entries, log.head(), &[]);
    assert_eq!(found, Err(Tampering::Clock(AuditSeq(12))));
    let mut patient = Verifier::new(Vec::new(), 4_000);
    log.entries.iter().for_each(|entry| patient.entry(entry));
    assert!(patient.finish(log.head()).is_ok(), "an operator may say that it was so");
}
