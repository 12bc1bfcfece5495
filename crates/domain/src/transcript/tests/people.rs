//! Doubts, names, letters: one case for each rule.

use super::*;
use crate::{Hidden, HideReason, HideWith, REACH, RedactionSet, RedactionVersion};

fn text(start_ms: u64, end_ms: u64, text: &str) -> Change {
    Change::Text { start_ms, end_ms, was: String::new(), text: text.to_owned() }
}

fn heard(start_ms: u64, end_ms: u64) -> Change {
    Change::Heard { start_ms, end_ms, was: String::new() }
}

fn pseudonym(from: &str, to: &str) -> Change {
    Change::Pseudonym { from: from.to_owned(), to: to.to_owned() }
}

fn doubted(start: u64, words: &str, doubt: Doubt) -> Segment {
    Segment { doubts: vec![doubt], ..said(start, words) }
}

#[test]
fn a_correction_over_several_segments_takes_the_place_of_the_words_there() {
    let machine = transcript(vec![said(0, "how as the"), said(2_000, "week bean for you")]);
    let corrections = changed(&machine, [text(500, 2_900, "has the week been")]);
    let reading = read(&machine, &corrections);
    assert_eq!(text_of(&reading), "how has the week been | for you");
    let by: Vec<By> = reading.words().map(|word| word.by).collect();
    assert_eq!(by[..2], [By::Machine, By::Person]);
    let words: Vec<_> = reading.words().filter(|word| word.by == By::Person).collect();
    assert!(words.iter().all(|word| 500 <= word.start_ms && word.end_ms <= 2_900));
    assert_eq!(words.last().unwrap().end_ms, 2_900);
}

#[test]
fn the_later_of_two_that_overlap_wins_and_empty_text_takes_words_out() {
    let machine = transcript(vec![said(0, "a b c d e f")]);
    let twice = changed(&machine, [text(0, 1_900, "one two"), text(1_000, 2_400, "three")]);
    assert_eq!(text_of(&read(&machine, &twice)), "one three f");
    let gone = changed(&machine, [text(500, 900, "")]);
    assert_eq!(text_of(&read(&machine, &gone)), "a c d e f");
    assert_eq!(
        gone.list()[0].change,
        Change::Text { start_ms: 500, end_ms: 900, was: "b".to_owned(), text: String::new() }
    );
}

#[test]
fn whoever_changes_what_somebody_else_has_changed_is_told() {
    let machine = transcript(vec![said(0, "well then")]);
    let mut corrections = changed(&machine, [text(0, 400, "Well,")]);
    let stale = Change::Text { start_ms: 0, end_ms: 400, was: "oh".into(), text: "Wells".into() };
    let at = Timestamp::from_micros(1);
    let result = corrections.add(&machine, at, person(), stale);
    assert_eq!(result, Err(CorrectionError::Changed));
    for (change, why) in [
        (text(5, 5, "x"), CorrectionError::NoStretch),
        (text(0, LENGTH + 1_001, "x"), CorrectionError::NoStretch),
        (text(0, 5, &"x".repeat(LONGEST_TEXT + 1)), CorrectionError::TooLong),
        (text(0, 5, "a\u{7}b"), CorrectionError::Character),
        (pseudonym("Robin", " "), CorrectionError::NoName),
        (pseudonym("...", "Kim"), CorrectionError::NoName),
        (Change::Merge { from: speaker('A'), into: speaker('A') }, CorrectionError::SameSpeaker),
        (Change::Undo { index: 1 }, CorrectionError::NoSuch),
    ] {
        assert_eq!(corrections.add(&machine, at, person(), change.clone()), Err(why), "{change:?}");
    }
    assert_eq!(corrections.revision(), 1);
}

#[test]
fn a_doubt_is_answered_by_who_listened_or_wrote() {
    let machine = transcript(vec![
        said(0, "how are you"),
        doubted(10_000, "thank you thank you", Doubt::Repetition),
    ]);
    let whole = span(0, 20_000);
    let open = |corrections: &Corrections, machine: &Transcript| {
        read(machine, corrections).doubts_in(whole)
    };
    assert_eq!(open(&Corrections::default(), &machine), [Doubt::Repetition]);
    assert_eq!(
        read(&machine, &Corrections::default()).quote(span(0, 1_400)).unwrap(),
        "how are you"
    );
    assert!(read(&machine, &Corrections::default()).quote(span(0, 10_100)).is_err());

    assert_eq!(open(&changed(&machine, [heard(10_000, 11_900)]), &machine), []);
    let half = changed(&machine, [heard(10_000, 10_900)]);
    assert_eq!(open(&half, &machine), [Doubt::Repetition]);
    assert_eq!(read(&machine, &half).doubts_in(span(10_000, 10_900)), []);
    // The rest is put right by hand.
    let mut corrections = half;
    corrections
        .add(&machine, Timestamp::from_micros(1), person(), text(11_000, 11_900, "for that"))
        .unwrap();
    assert_eq!(open(&corrections, &machine), []);
}

#[test]
fn a_tick_stands_for_what_was_read_then() {
    let machine = transcript(vec![doubted(10_000, "he is at home", Doubt::LowProbability)]);
    let ticked = changed(&machine, [heard(10_000, 11_900)]);
    let whole = span(0, 20_000);
    // The same words, divided another way and written another way.
    let mut again = machine.clone();
    again.segments[0].words = vec![word(10_020, 10_700, "He is"), word(10_800, 11_700, "at home.")];
    assert_eq!(read(&again, &ticked).doubts_in(whole), []);
    again.segments[0].words[1].text = "alone.".to_owned();
    assert_eq!(read(&again, &ticked).doubts_in(whole), [Doubt::LowProbability]);
    // A tick on what a person had put right does not vouch for the machine's words, should those come back.
    let mut mended = changed(&machine, [text(10_000, 10_400, "she"), heard(10_000, 11_900)]);
    assert_eq!(read(&machine, &mended).doubts_in(whole), []);
    mended.add(&machine, Timestamp::from_micros(1), person(), Change::Undo { index: 0 }).unwrap();
    assert_eq!(read(&machine, &mended).doubts_in(whole), [Doubt::LowProbability]);
}

#[test]
fn nobody_answers_for_words_that_they_did_not_read() {
    let silent = Segment { start_ms: 5_000, end_ms: 7_000, ..doubted(5_000, "", Doubt::NoText) };
    let silent = Segment { words: Vec::new(), ..silent };
    let machine = transcript(vec![doubted(0, "he is at home", Doubt::LowProbability), silent]);
    let mut corrections = Corrections::default();
    let mut tick = |start_ms, end_ms, was: &str| {
        let change = Change::Heard { start_ms, end_ms, was: was.to_owned() };
        corrections.add(&machine, Timestamp::from_micros(1), person(), change)
    };
    for other in ["", "he is", "she is at home"] {
        assert_eq!(tick(0, 1_900, other), Err(CorrectionError::Changed), "{other}");
    }
    assert_eq!(tick(0, 1_900, "He is at home."), Ok(()));
    assert_eq!(tick(5_000, 7_000, "a word"), Err(CorrectionError::Changed));
    assert_eq!(tick(5_000, 7_000, ""), Ok(()), "nothing is read there");
}

#[test]
fn speech_without_text_is_shown_until_somebody_listened_or_wrote_it_down() {
    let silent = Segment {
        start_ms: 5_000,
        end_ms: 7_000,
        doubts: vec![Doubt::NoText],
        ..Segment::default()
    };
    let machine = transcript(vec![said(0, "one"), silent, said(9_000, "two")]);
    let reading = Reading::original(&machine);
    assert_eq!(reading.segments.len(), 3);
    assert_eq!(reading.segments[1].doubts, [Doubt::NoText]);
    assert_eq!(reading.doubts_in(span(6_000, 9_100)), [Doubt::NoText]);
    assert_eq!(read(&machine, &changed(&machine, [heard(5_000, 7_000)])).segments.len(), 2);
    let stretch = reading.segments[1].span();
    let written = changed(&machine, reading.edited(stretch, "she laughs"));
    assert_eq!(text_of(&read(&machine, &written)), "one | she laughs | two");
    assert_eq!(read(&machine, &written).doubts_in(span(0, 20_000)), []);
}

#[test]
fn only_what_was_typed_changes() {
    let machine = transcript(vec![said(0, "so how as the week bean")]);
    let reading = Reading::original(&machine);
    let changes = reading.edited(reading.segments[0].span(), "so how has the week really been");
    let spans: Vec<_> = changes.iter().map(|change| change.span().unwrap()).collect();
    assert_eq!(spans, [span(1_000, 1_400), span(2_500, 2_900)]);
    assert_eq!(reading.edited(reading.segments[0].span(), "so how as  the week bean "), []);
}

#[test]
fn a_name_is_another_one_everywhere_and_nowhere_else() {
    for (name, written, read_as) in [
        ("robin", "Robin, ROBIN's robins Robinson", "Kim, Kim's robins Robinson"),
        ("Robin", "\"Robin\" Robin-led Robin’ll Robin-Robin!", "\"Kim\" Kim-led Kim’ll Kim-Kim!"),
        ("Hara", "O'Hara O’Hara Hara", "O'Hara O’Hara Kim"),
        ("O'Hara", "o’hara's house", "Kim's house"),
        ("Robin Ash", "then Robin Ash's sister Robin and Ash", "then Kim's sister Robin and Ash"),
        ("Robin Ash", "(Robin, Ash) Robin. Ashley", "(Kim) Robin. Ashley"),
        ("Zoë", "ZOË came", "Kim came"),
        ("İpek", "İpek İpekova", "Kim İpekova"),
        ("Zoe", "Zoë’s ZOË, Zoe\u{308}! Zoëy", "Kim’s Kim, Kim! Zoëy"),
        ("Zoë Ångström", "then Zoe Angstrom's", "then Kim's"),
        ("hara", "Zoe\u{308}hara Rowa\u{308}n", "Zoe\u{308}hara Rowa\u{308}n"),
        ("Rowa", "Rowa\u{308}n", "Rowa\u{308}n"),
    ] {
        let machine = transcript(vec![said(0, written)]);
        let corrections = changed(&machine, [pseudonym(name, "Kim")]);
        assert_eq!(text_of(&read(&machine, &corrections)), read_as, "{name}");
    }
}

#[test]
fn a_name_is_found_by_the_letters_that_a_search_finds_it_by() {
    let machine = transcript(vec![said(0, "Zoë met STRASSE Søren Œuvre Żaneta E\u{301}lise")]);
    let (none, reading) = (Corrections::default(), Reading::original(&machine));
    let haystack = find::Haystack::of(reading.words().map(|word| &*word.text));
    let names = ["zoe", "Straße", "soren", "oeuvre", "ŻANETA", "Elise", "Élise"];
    for (name, nth) in names.into_iter().zip([0, 2, 3, 4, 5, 6, 6]) {
        let found = haystack.find(&find::Query::parse(name).unwrap());
        assert_eq!(found, [find::Found { first: nth, last: nth }], "{name}");
        let at = 500 * nth as u64;
        assert_eq!(times_of(&machine, &none, name), [span(at, at + 400)], "{name}");
    }
}

#[test]
fn a_name_that_was_given_to_a_voice_is_another_one_too() {
    let mut machine = transcript(vec![said(0, "how are you"), said(5_000, "fine Rowan")]);
    for (segment, letter) in machine.segments.iter_mut().zip(['A', 'B']) {
        segment.words.iter_mut().for_each(|word| word.speaker = Some(speaker(letter)));
    }
    let called =
        |letter, name: &str| Change::Rename { speaker: speaker(letter), name: name.into() };
    let mut all = changed(
        &machine,
        [called('A', "Worker"), called('B', "Rowan’s nan, Zoë Ash"), pseudonym("Rowan", "Robin")],
    );
    let mut add = |change| {
        all.add(&machine, Timestamp::from_micros(1), person(), change).unwrap();
        all.clone()
    };
    // Whether the name was there before, or comes later.
    add(pseudonym("zoe ash", "Kim"));
    let all = add(called('A', "Rowan"));
    let reading = read(&machine, &all);
    let names: Vec<_> = reading.speakers.iter().map(|one| one.name.as_deref()).collect();
    assert_eq!(names, [Some("Robin"), Some("Robin’s nan, Kim")]);
    let heads: Vec<_> = reading.segments.iter().map(|one| one.name.as_deref()).collect();
    assert_eq!(heads, names);
    let json = serde_json::to_string(&reading).unwrap();
    assert!(!["Rowan", "Zo", "Ash"].iter().any(|name| json.contains(name)), "{json}");

    assert_eq!(all.rename("ROWAN,  Zoë Ash's and Rowanberry"), "Robin, Kim's and Rowanberry");
    assert_eq!(all.only_names().list().len(), 2);
    assert_eq!(all.only_names().rename("Rowan"), "Robin");
    let back = add(Change::Undo { index: 2 });
    assert_eq!((back.only_names().list().len(), &*back.rename("Rowan  is")), (1, "Rowan  is"));
    assert_eq!(Corrections::default().rename(" as  it is "), " as  it is ");
}

#[test]
fn a_name_over_the_end_of_a_segment_and_in_what_a_person_wrote() {
    let machine =
        transcript(vec![said(0, "this is Robin"), said(5_000, "Ash"), said(9_000, "yes")]);
    let both = changed(&machine, [pseudonym("Robin Ash", "Kim"), text(9_000, 9_400, "robin ash")]);
    let reading = read(&machine, &both);
    assert_eq!(text_of(&reading), "this is Kim | Kim");
    assert_eq!(times_of(&machine, &both, "Robin Ash"), [span(1_000, 5_400), span(9_000, 9_400)]);
    // What is changed of a name that is read, is changed of both of its words.
    let stretch = reading.segments[0].span();
    let changes = reading.edited(stretch, "this is Lee");
    assert_eq!(changes[0].span(), Some(span(1_000, 5_400)));
}

#[test]
fn a_name_that_was_taken_out_of_the_text_is_still_in_the_sound() {
    let machine = transcript(vec![said(0, "then Robin came")]);
    let corrections = changed(&machine, [text(500, 900, "he")]);
    assert_eq!(times_of(&machine, &corrections, "Robin"), [span(500, 900)]);
}

#[test]
fn people_say_who_speaks() {
    let mut machine = transcript(vec![said(0, "how are you"), said(5_000, "fine you see")]);
    for (segment, letter) in machine.segments.iter_mut().zip(['A', 'B']) {
        segment.words.iter_mut().for_each(|word| word.speaker = Some(speaker(letter)));
    }
    let reading = Reading::original(&machine);
    let grown = reading.next_speaker().unwrap();
    assert_eq!(grown, speaker('G'), "a letter that no machine gives");
    let changes = [
        Change::Rename { speaker: speaker('A'), name: "Worker".into() },
        Change::Speaker { start_ms: 5_500, end_ms: 6_400, speaker: grown },
        Change::Rename { speaker: grown, name: "Gran".into() },
    ];
    let mut corrections = changed(&machine, changes);
    let reading = read(&machine, &corrections);
    assert_eq!(text_of(&reading), "how are you | fine | you see");
    let names: Vec<_> = reading.segments.iter().map(|s| s.name.as_deref()).collect();
    assert_eq!(names, [Some("Worker"), None, Some("Gran")]);
    let merge = Change::Merge { from: grown, into: speaker('B') };
    corrections.add(&machine, Timestamp::from_micros(1), person(), merge).unwrap();
    let reading = read(&machine, &corrections);
    assert_eq!(text_of(&reading), "how are you | fine you see");
    assert_eq!(reading.segments[1].name.as_deref(), Some("Gran"), "the name that there was");
    // What a person writes is said by whoever speaks there.
    corrections
        .add(&machine, Timestamp::from_micros(1), person(), text(5_000, 5_400, "Fine,"))
        .unwrap();
    assert_eq!(read(&machine, &corrections).segments.len(), 2);
}

#[test]
fn a_voice_keeps_its_letter_when_the_machine_listens_again() {
    let voices = |letters: [char; 3]| {
        let mut machine = transcript(vec![
            said(0, "how are you"),
            said(5_000, "fine"),
            said(9_000, "oh good so"),
        ]);
        for (segment, letter) in machine.segments.iter_mut().zip(letters) {
            segment.speaker = Some(speaker(letter));
            segment.words.iter_mut().for_each(|word| word.speaker = Some(speaker(letter)));
        }
        machine
    };
    let letters = |machine: &Transcript| {
        machine.segments.iter().map(|s| s.speaker.unwrap().letter()).collect::<String>()
    };
    for (before, now, kept) in [
        (['A', 'B', 'A'], ['B', 'A', 'B'], "ABA"),
        (['A', 'B', 'A'], ['A', 'B', 'C'], "ABC"),
        (['B', 'C', 'A'], ['A', 'A', 'B'], "BBA"),
        (['A', 'A', 'A'], ['B', 'A', 'B'], "ABA"),
    ] {
        let mut machine = voices(now);
        machine.keep_letters(&voices(before));
        assert_eq!(letters(&machine), kept, "{before:?} {now:?}");
    }
}

#[test]
fn what_cannot_be_heard_cannot_be_read() {
    let hidden = span(10_000, 11_000);
    let set = RedactionSet {
        version: RedactionVersion::new(1),
        with: HideWith::Tone,
        hidden: vec![Hidden { span: hidden, why: HideReason::Name }],
    };
    let reach = REACH.get();
    let words = vec![
        word(8_000, 10_000 - reach, "Then"),
        word(9_900, 10_100, "Robin"),
        word(10_100, 10_100, "Ash"),
        word(10_900, 11_200, "Hollis"),
        word(11_000 + reach, 12_000, "came."),
    ];
    let bare = |text: &str, start_ms, end_ms| Segment {
        start_ms,
        end_ms,
        text: text.to_owned(),
        ..Segment::default()
    };
    let machine = transcript(vec![
        segment(words),
        bare("Robin again", 12_500, 12_600),
        bare("Elsewhere", 20_000, 21_000),
    ]);
    let shown = Reading::original(&machine).hiding(&set);
    assert_eq!(text_of(&shown), "Then [hidden] came. | Robin again | Elsewhere");
    let blank = &shown.segments[0].words[1];
    assert_eq!((blank.start_ms, blank.end_ms), (9_900, 11_200));

    // A person's words are hidden with all of the stretch that they share: the name may be anywhere in it.
    let long =
        changed(&machine, [text(8_000, 20_000, "and then it was Robin Ash Hollis who came")]);
    assert_eq!(text_of(&read(&machine, &long).hiding(&set)), "[hidden] | Elsewhere");
    let json = serde_json::to_string(&read(&machine, &long).hiding(&set)).unwrap();
    assert!(!["Robin", "Ash", "Hollis"].iter().any(|name| json.contains(name)), "{json}");
}
