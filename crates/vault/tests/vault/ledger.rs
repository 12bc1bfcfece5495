//! The ledger of erasures: what it says, and what is refused when it does not say it any longer.

use std::{fs, io::Write as _, path::PathBuf};

use hearback_domain::{
    KeyClass::{self, Coding, Extracts, Sound, Text},
    PersonId, Purpose, RecordingId, Timestamp, UserId,
};
use hearback_vault::{
    Cause, Erased, FileKeys, KeyBroker as _, KeyError, LedgerHead, LedgerSeq, VaultError,
};
use uuid::Uuid;

use crate::{
    permits,
    place::{Place, bare, open, record},
};

fn at(second: i64) -> Timestamp {
    Timestamp::from_micros(1_790_000_000_000_000).plus_seconds(second)
}

fn ledger(place: &Place) -> PathBuf {
    place.config.keyring.join("erasures.log")
}

/// A vault with five acts in its ledger.
fn five() -> Place {
    five_for(Cause::Withdrawal)
}

fn five_for(cause: Cause) -> Place {
    let place = Place::new();
    for (second, last) in (0..).zip(0..4) {
        let object = place.sound(b"gone");
        let classes = &KeyClass::ALL[..=last];
        place.vault.destroy(object.recording, classes, cause, at(second)).unwrap();
    }
    let person = UserId::from_uuid(Uuid::from_u128(9));
    place.vault.destroy_person(person, Cause::Request, at(4)).unwrap();
    place
}

#[test]
fn each_act_is_said_once() {
    let place = Place::new();
    let r = place.recording();
    let destroy = |classes: &[KeyClass], cause, second| {
        place.vault.destroy(r, classes, cause, at(second)).unwrap()
    };
    assert_eq!(destroy(&[], Cause::Request, 0), LedgerSeq(0));
    assert_eq!(destroy(&[Text], Cause::Withdrawal, 1), LedgerSeq(1));
    assert_eq!(destroy(&[Text], Cause::Retention, 2), LedgerSeq(1));
    // In whatever order, and only what is new.
    assert_eq!(destroy(&[Extracts, Text, Sound, Sound], Cause::Retention, 3), LedgerSeq(2));
    assert_eq!(destroy(&[Sound, Text], Cause::Request, 4), LedgerSeq(2));
    assert_eq!(destroy(KeyClass::ALL, Cause::Request, 5), LedgerSeq(3));

    let said = |lines: Vec<hearback_vault::LedgerLine>| -> Vec<_> {
        lines.into_iter().map(|l| (l.seq.0, l.at, l.erased, l.cause)).collect()
    };
    let lines = said(place.vault.ledger_after(LedgerSeq(0)).unwrap());
    let erased = |classes: &[KeyClass]| Erased::recording(r, classes);
    assert_eq!(
        lines,
        [
            (1, at(1), erased(&[Text]), Cause::Withdrawal),
            (2, at(3), erased(&[Sound, Extracts]), Cause::Retention),
            (3, at(5), erased(&[Coding]), Cause::Request),
        ]
    );
    assert_eq!(said(place.vault.ledger_after(LedgerSeq(2)).unwrap()), lines[2..]);
    assert!(place.vault.ledger_after(LedgerSeq(3)).unwrap().is_empty());
    let text = fs::read_to_string(ledger(&place)).unwrap();
    assert!(text.starts_with(&format!("v1 1 {} {r} text withdrawal ", at(1).as_micros())));
}

/// What somebody took back has a line of its own, with what it destroys or without; it destroys nothing.
#[test]
fn what_is_only_closed_is_said_too() {
    let place = Place::new();
    let object = place.sound(b"there");
    let r = object.recording;
    let person = PersonId::from_uuid(Uuid::from_u128(5));
    let close =
        |purposes: &[Purpose], second| place.vault.close(r, person, purposes, at(second)).unwrap();
    assert_eq!(close(&[], 0), LedgerSeq(0));
    assert_eq!(close(&[Purpose::Quote, Purpose::Transcribe], 1), LedgerSeq(1));
    let destroyed = place.vault.destroy(r, &[Text], Cause::Withdrawal, at(2)).unwrap();
    assert_eq!(destroyed, LedgerSeq(2));
    // Given again meanwhile, and taken back again.
    assert_eq!(close(&[Purpose::Quote], 3), LedgerSeq(3));
    let lines = place.vault.ledger_after(LedgerSeq(0)).unwrap();
    let erased: Vec<_> = lines.iter().map(|line| line.erased.clone()).collect();
    assert_eq!(
        erased,
        [
            Erased::Closed(r, person, vec![Purpose::Transcribe, Purpose::Quote]),
            Erased::recording(r, &[Text]),
            Erased::closed(r, person, &[Purpose::Quote]),
        ]
    );
    let text = fs::read_to_string(ledger(&place)).unwrap();
    let first =
        format!("v1 1 {} {r} closed:{person}:transcribe,quote withdrawal ", at(1).as_micros());
    assert!(text.starts_with(&first), "{text}");
    assert!(record(&place.config, r, Sound).exists(), "nothing is destroyed by it");
    let (_, vault) = open(&place.config);
    assert_eq!(vault.ledger_after(LedgerSeq(0)).unwrap(), lines, "as the next start reads it");
}

/// Every byte of it, changed in two ways; every line, taken out, doubled or exchanged with the next.
#[test]
fn a_changed_ledger_is_refused() {
    let place = five();
    let path = ledger(&place);
    let good = fs::read(&path).unwrap();
    let lines: Vec<_> = good.split_inclusive(|&b| b == b'\n').collect();
    assert_eq!(lines.len(), 5);
    let mut changed: Vec<Vec<u8>> = Vec::new();
    for at in 0..good.len() {
        for flip in [1, 0x20] {
            let mut bad = good.clone();
            bad[at] ^= flip;
            changed.push(bad);
        }
    }
    for line in 0..5 {
        let without = [&lines[..line], &lines[line + 1..]].concat();
        let doubled = [&lines[..=line], &lines[line..]].concat();
        changed.extend([without.concat(), doubled.concat()]);
    }
    for line in 0..4 {
        let mut exchanged = lines.clone();
        exchanged.swap(line, line + 1);
        changed.push(exchanged.concat());
    }
    changed.push(Vec::new());
    for bad in &changed {
        fs::write(&path, bad).unwrap();
        let refused = FileKeys::open(&place.config).unwrap_err();
        let right = matches!(refused, KeyError::LedgerDamaged { .. } | KeyError::LedgerShort(_));
        assert!(right && refused.is_configuration(), "{refused}");
    }
    fs::remove_file(&path).unwrap();
    assert!(matches!(FileKeys::open(&place.config), Err(KeyError::LedgerShort(_))));
    fs::write(&path, good).unwrap();
    open(&place.config);
}

/// A power cut while the line is written: nothing was destroyed for it.
#[test]
fn a_line_that_was_cut_off_is_taken_away() {
    let place = five();
    let path = ledger(&place);
    let good = fs::read(&path).unwrap();
    let r = place.recording();
    place.vault.destroy(r, &[Text], Cause::Request, at(9)).unwrap();
    let longer = fs::read(&path).unwrap();
    for cut in [good.len() + 1, usize::midpoint(good.len(), longer.len()), longer.len() - 1] {
        // As if it had not come to the destruction.
        let tombstone = record(&place.config, r, Text).with_extension("text.destroyed");
        let _ = fs::remove_file(tombstone);
        fs::write(&path, &longer[..cut]).unwrap();
        let (keys, vault) = open(&place.config);
        assert_eq!(fs::read(&path).unwrap(), good);
        assert_eq!(vault.ledger_head().unwrap().seq, LedgerSeq(5));
        keys.create(r, Text).unwrap();
        // And a running service meets it too.
        fs::File::options().append(true).open(&path).unwrap().write_all(b"v1 6 17").unwrap();
        let seq = vault.destroy(r, &[Text], Cause::Request, at(9)).unwrap();
        assert_eq!((seq, fs::read(&path).unwrap()), (LedgerSeq(6), longer.clone()));
    }
}

/// The line is there, and the process was killed before it did what the line says.
#[test]
fn a_start_completes_what_was_cut_off() {
    let done = Place::new();
    let object = done.sound(b"gone");
    let r = object.recording;
    let clean = tempfile::tempdir().unwrap();
    crate::erasure::copy(&done.config.keyring, &clean.path().join("keyring"));
    crate::erasure::copy(&done.config.data, &clean.path().join("data"));
    done.vault.destroy(r, &[Sound], Cause::Withdrawal, at(0)).unwrap();

    // The state before the act, and the line.
    fs::copy(ledger(&done), clean.path().join("keyring/erasures.log")).unwrap();
    let mut config = crate::place::config(clean.path());
    config.root = done.config.root.clone();
    let file = config.data.join("objects").join(r.to_string());
    assert!(record(&config, r, Sound).exists() && file.exists());
    let (keys, _) = open(&config);
    assert!(!record(&config, r, Sound).exists() && !file.exists());
    assert!(matches!(keys.identity(r, Sound), Err(KeyError::Destroyed(_))));
}

#[test]
fn ledgers_that_went_different_ways_are_not_joined() {
    let (ours, theirs) = (five(), five_for(Cause::Retention));
    let before = fs::read(ledger(&ours)).unwrap();
    let refused = ours.vault.adopt_ledger(&ledger(&theirs));
    assert!(matches!(refused, Err(VaultError::Keys(KeyError::LedgersDiffer(_)))));
    let missing = ours.vault.adopt_ledger(&ours.config.data.join("nothing"));
    assert!(matches!(missing, Err(VaultError::Keys(KeyError::NoLedger(_)))));
    let mut bad = before.clone();
    bad[5] ^= 1;
    fs::write(ledger(&theirs), bad).unwrap();
    let refused = ours.vault.adopt_ledger(&ledger(&theirs));
    assert!(matches!(refused, Err(VaultError::Keys(KeyError::LedgerDamaged { line: 1, .. }))));
    // An older copy of our own has nothing new.
    let first = before.iter().position(|&b| b == b'\n').unwrap() + 1;
    fs::write(ledger(&theirs), &before[..first]).unwrap();
    assert!(ours.vault.adopt_ledger(&ledger(&theirs)).unwrap().is_empty());
    assert_eq!(fs::read(ledger(&ours)).unwrap(), before);
}

#[test]
fn a_new_installation_has_an_empty_ledger() {
    let (_dir, config) = bare();
    let (_, vault) = open(&config);
    assert_eq!(vault.ledger_head().unwrap(), LedgerHead::default());
    let r = RecordingId::from_uuid(Uuid::from_u128(1));
    vault.new_recording(&permits::upload(r)).unwrap();
    assert!(!config.keyring.join("erasures.log").exists());
}
