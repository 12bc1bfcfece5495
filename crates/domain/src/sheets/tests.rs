//! Sheets come back as they were written.

use std::collections::HashSet;

use proptest::prelude::*;

use super::{prompts::CARDS, *};

fn kinds() -> impl Strategy<Value = (SheetKind, Writer)> {
    let writers = vec![Writer::Practitioner, Writer::Coach];
    (prop::sample::select(SheetKind::ALL), prop::sample::select(writers))
}

/// What people type, with lines, letters of every kind, and white space at the ends.
fn answer() -> impl Strategy<Value = String> {
    "[\\PC\n\r\t]{0,200}".prop_map(|text| text.replace('\r', "\r\n"))
}

proptest! {
    #[test]
    fn what_is_written_comes_back(
        (kind, writer) in kinds(),
        answers in prop::collection::vec(answer(), 8),
    ) {
        let fields = kind.fields(writer);
        let at = |key: &str| fields.iter().position(|f| f.key == key).unwrap();
        let sheet = Sheet::typed(fields, |key| &answers[at(key)]).unwrap();
        for (field, typed) in fields.iter().zip(&answers) {
            let kept = typed.replace("\r\n", "\n");
            prop_assert_eq!(sheet.answer(field.key), kept.trim());
        }
        prop_assert_eq!(&Sheet::from_json(&sheet.to_json()).unwrap(), &sheet);
        // What a page shows and sends back unchanged is the same sheet.
        let again = Sheet::typed(fields, |key| sheet.answer(key)).unwrap();
        prop_assert_eq!(again, sheet);
    }

    #[test]
    fn whatever_lies_there_is_read_or_refused(text in "\\PC{0,120}") {
        let _ = Sheet::from_json(&text);
    }
}

#[test]
fn answers_to_what_is_asked_no_more_stay() {
    let fields = SheetKind::Session.fields(Writer::Practitioner);
    let before = Sheet::from_json(
        r#"{"version":1,"answers":{"asked_once":"Long ago","focus":"What was there"}}"#,
    );
    let now = Sheet::typed(fields, |key| if key == "focus" { "" } else { "New" }).unwrap();
    let kept = now.with_answers_of(&before.unwrap(), fields);
    assert_eq!((kept.answer("asked_once"), kept.answer("focus")), ("Long ago", ""));
    assert_eq!(kept.answer(fields[1].key), "New");
}

#[test]
fn nothing_written_is_an_empty_sheet() {
    let fields = SheetKind::Session.fields(Writer::Practitioner);
    let sheet = Sheet::typed(fields, |_| " \r\n ").unwrap();
    assert!(sheet.is_empty());
    assert_eq!(sheet, Sheet::default());
    assert_eq!(Sheet::from_json(&sheet.to_json()).unwrap(), sheet);
}

#[test]
fn what_is_too_long_names_its_field() {
    let fields = SheetKind::TakeAway.fields(Writer::Practitioner);
    let long = "a".repeat(4_001);
    let typed = |key: &str| if key == "success" { long.as_str() } else { "" };
    assert_eq!(Sheet::typed(fields, typed).unwrap_err().0, "success");
}

#[test]
fn a_later_version_is_not_guessed_at() {
    let error = Sheet::from_json(r#"{"version":2,"answers":{}}"#).unwrap_err();
    assert!(matches!(error, SheetError::Version(2)));
}

#[test]
fn an_answer_to_what_is_asked_no_more_stays() {
    let sheet = Sheet::from_json(r#"{"version":1,"answers":{"long_ago":"a walk"}}"#).unwrap();
    assert_eq!(sheet.answer("long_ago"), "a walk");
    assert!(sheet.to_json().contains("a walk"));
}

#[test]
fn keys_are_told_apart_within_a_sheet() {
    for kind in SheetKind::ALL {
        for writer in [Writer::Practitioner, Writer::Coach] {
            let fields = kind.fields(writer);
            let keys: HashSet<_> = fields.iter().map(|f| f.key).collect();
            assert_eq!(keys.len(), fields.len(), "{kind}");
        }
        assert_eq!(SheetKind::from_slug(kind.slug()), Some(*kind));
    }
    assert_eq!(SheetKind::from_slug("take_away"), None, "one address for each");
}

#[test]
fn a_coach_keeps_a_log_of_their_own_and_nothing_else() {
    let kept: Vec<_> = SheetKind::ALL.iter().filter(|k| k.is_kept_by(Writer::Coach)).collect();
    assert_eq!(kept, [&SheetKind::Thinking]);
    assert!(SheetKind::ALL.iter().all(|k| k.is_kept_by(Writer::Practitioner)));
}

#[test]
fn grow_has_a_fifth_card() {
    let titles: Vec<_> = CARDS.iter().map(|card| card.title).collect();
    assert_eq!(titles, ["Goal", "Reality", "Options", "Will", "Review"]);
    assert!(CARDS.iter().flat_map(|c| c.questions).all(|q| q.contains('?')));
}
