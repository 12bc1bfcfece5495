//! Codes and scores.

use hearback_domain::{CodeId, Rating, Score, coding::Standing};

use super::fixture::{House, item, note, span};
use crate::{CodingState, EvidenceCode, FinishedCoding, NewCode, NewCoding, Store, WholeScore};

fn new_code(h: &House<'_>, from_s: u64, to_s: u64, text: &str) -> NewCode {
    NewCode {
        id: CodeId::mint(&h.ids),
        framework_version: "v1".to_owned(),
        item: item("empathy", Some("curiosity")),
        span: span(from_s, to_s),
        note: note(text),
        nonverbal: note("laughs"),
        exemplar: true,
    }
}

fn as_read(h: &House<'_>, new: &NewCode) -> EvidenceCode {
    EvidenceCode {
        id: new.id,
        framework_version: new.framework_version.clone(),
        skill: new.item.skill().to_owned(),
        sub: new.item.sub().map(ToOwned::to_owned),
        span: new.span,
        note: new.note.clone(),
        nonverbal: new.nonverbal.clone(),
        exemplar: new.exemplar,
        created_at: h.now(),
    }
}

/// Two people may code the same recording; neither sees or touches what the other did.
pub async fn coders_do_not_see_each_other(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let id = h.released(cast, "Robin").await;
    let first = h.coder(cast.researcher, id).await;
    // Chosen one after the other: while the second works, the first's work is still there.
    let theirs = new_code(&h, 5, 9, "theirs");
    let mut work = h.begin().await;
    work.add_code(&first, &theirs).await.unwrap();
    work.set_score(&first, "v1", &item("clarity", None), Some(Rating::NotCodable)).await.unwrap();
    h.finish(&mut *work, &first).await;
    work.commit().await.unwrap();
    h.release(cast.owner, id, cast.second, None).await;
    let second = h.coder(cast.second, id).await;

    let mut work = h.begin().await;
    assert_eq!(work.codes(&second).await.unwrap(), []);
    assert_eq!(work.scores(&second).await.unwrap(), []);
    assert_eq!(work.coding(&second).await.unwrap(), None);
    let forged = NewCode { note: note("forged"), ..theirs.clone() };
    assert!(!work.change_code(&second, &forged).await.unwrap());
    assert!(!work.remove_code(&second, theirs.id).await.unwrap());
    work.add_code(&second, &forged).await.unwrap();
    assert_eq!(work.codes(&second).await.unwrap(), [], "an id that somebody else has is theirs");
    let mine = new_code(&h, 1, 2, "mine");
    work.add_code(&second, &mine).await.unwrap();
    let rated = Rating::Scored(Score::new(2).unwrap());
    work.set_score(&second, "v1", &item("clarity", None), Some(rated)).await.unwrap();
    work.set_score(&second, "v1", &item("clarity", None), None).await.unwrap();
    work.commit().await.unwrap();

    let mut work = h.begin().await;
    assert_eq!(work.codes(&first).await.unwrap(), [as_read(&h, &theirs)]);
    assert_eq!(work.codes(&second).await.unwrap(), [as_read(&h, &mine)]);
    assert_eq!(work.scores(&first).await.unwrap().len(), 1);
}

/// Codes are listed by start, end, id; changed in all they say; removed; and belong to one recording.
pub async fn codes_are_made_changed_and_removed(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let id = h.released(cast, "Robin").await;
    let elsewhere = h.released(cast, "Sky").await;
    let (code, code_elsewhere) =
        (h.coder(cast.researcher, id).await, h.coder(cast.researcher, elsewhere).await);

    let mut all: Vec<_> = [(90, 95), (3, 12), (3, 4), (20, 21), (3, 4), (3, 4)]
        .map(|(from, to)| new_code(&h, from, to, "two\nlines"))
        .into();
    let mut work = h.begin().await;
    for new in &all {
        work.add_code(&code, new).await.unwrap();
    }
    work.commit().await.unwrap();
    all.sort_by_key(|c| (c.span.start(), c.span.end(), c.id));
    let expected: Vec<_> = all.iter().map(|c| as_read(&h, c)).collect();
    assert_eq!(h.begin().await.codes(&code).await.unwrap(), expected);

    let changed = NewCode {
        id: all[0].id,
        framework_version: "v1.1".to_owned(),
        item: item("collaboration", None),
        span: span(100, 101),
        note: note(""),
        nonverbal: note(""),
        exemplar: false,
    };
    let mut work = h.begin().await;
    assert!(!work.change_code(&code_elsewhere, &changed).await.unwrap());
    assert!(!work.remove_code(&code_elsewhere, all[1].id).await.unwrap());
    assert!(work.change_code(&code, &changed).await.unwrap());
    assert!(work.remove_code(&code, all[1].id).await.unwrap());
    assert!(!work.remove_code(&code, all[1].id).await.unwrap());
    let unknown = new_code(&h, 1, 2, "unknown");
    assert!(!work.change_code(&code, &unknown).await.unwrap());
    work.commit().await.unwrap();

    let mut expected: Vec<_> = expected[2..].to_vec();
    expected.push(as_read(&h, &changed));
    assert_eq!(h.begin().await.codes(&code).await.unwrap(), expected);
}

/// A code sent twice, because the answer was lost, is there once and as it first came.
pub async fn the_same_code_twice_is_one_code(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let id = h.released(cast, "Robin").await;
    let code = h.coder(cast.researcher, id).await;
    let new = new_code(&h, 5, 9, "once");
    let mut work = h.begin().await;
    work.add_code(&code, &new).await.unwrap();
    work.add_code(&code, &NewCode { note: note("twice"), ..new.clone() }).await.unwrap();
    work.commit().await.unwrap();
    assert_eq!(h.begin().await.codes(&code).await.unwrap(), [as_read(&h, &new)]);
}

/// A score, "not codable" and no answer are three different things.
pub async fn scores_are_set_and_taken_back(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let id = h.released(cast, "Robin").await;
    let code = h.coder(cast.researcher, id).await;
    let rated = |n| Some(Rating::Scored(Score::new(n).unwrap()));
    let (purpose, clarity, curiosity) =
        (item("purposefulness", None), item("clarity", None), item("empathy", Some("curiosity")));
    let mut work = h.begin().await;
    for (item, version, rating) in [
        (&purpose, "v1", rated(5)),
        (&clarity, "v1", Some(Rating::NotCodable)),
        (&curiosity, "v1", rated(1)),
        (&purpose, "v1.1", rated(3)),
        (&clarity, "v1", None),
        (&clarity, "v1", None),
        (&clarity, "v1", Some(Rating::NotCodable)),
        (&curiosity, "v1", None),
    ] {
        work.set_score(&code, version, item, rating).await.unwrap();
    }
    work.commit().await.unwrap();

    let whole = |version: &str, item: &str, rating| WholeScore {
        framework_version: version.to_owned(),
        item: item.to_owned(),
        rating,
    };
    let mut work = h.begin().await;
    assert_eq!(
        work.scores(&code).await.unwrap(),
        [
            whole("v1", "clarity", Rating::NotCodable),
            whole("v1.1", "purposefulness", rated(3).unwrap())
        ]
    );
    work.set_score(&code, "v1", &curiosity, rated(4)).await.unwrap();
    let items: Vec<_> = work.scores(&code).await.unwrap().into_iter().map(|s| s.item).collect();
    assert_eq!(items, ["clarity", "empathy.curiosity", "purposefulness"], "by item");
}

/// Finishing twice keeps the first moment.
pub async fn coding_is_finished_once(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let id = h.released(cast, "Robin").await;
    let elsewhere = h.released(cast, "Sky").await;
    let finished = h.now();
    for _ in 0..2 {
        let code = h.coder(cast.researcher, id).await;
        let mut work = h.begin().await;
        // What was noted the first time stays.
        let first = h.now() == finished;
        let standing = if first { Standing::Practice } else { Standing::Counts };
        work.begin_coding(&code, &h.new_coding("v1")).await.unwrap();
        work.finish_coding(&code, first, !first, standing).await.unwrap();
        let expected = FinishedCoding {
            at: finished,
            not_blind: true,
            phase_visible: false,
            standing: Standing::Practice,
        };
        assert_eq!(work.coding(&code).await.unwrap().unwrap().finished, Some(expected));
        work.commit().await.unwrap();
        h.clock.advance_seconds(60);
    }
    let other = h.coder(cast.researcher, elsewhere).await;
    let mut work = h.begin().await;
    work.finish_coding(&other, false, false, Standing::Counts).await.unwrap();
    assert_eq!(work.coding(&other).await.unwrap(), None, "what was not begun is not finished");
}

/// What a coding is made with is fixed when it begins.
pub async fn a_coding_begins_once(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let id = h.released(cast, "Robin").await;
    let code = h.coder(cast.researcher, id).await;
    assert_eq!(h.begin().await.coding(&code).await.unwrap(), None);

    let new = NewCoding { part: Some(span(60, 360)), ..h.new_coding("v1") };
    let expected = CodingState {
        id: new.id,
        framework_version: "v1".to_owned(),
        part: Some(span(60, 360)),
        protocol: None,
        begun_at: Some(h.now()),
        finished: None,
    };
    let mut work = h.begin().await;
    assert_eq!(work.begin_coding(&code, &new).await.unwrap(), expected);
    work.commit().await.unwrap();
    h.clock.advance_seconds(60);
    let code = h.coder(cast.researcher, id).await;
    let mut work = h.begin().await;
    let again = h.new_coding("v2");
    assert_eq!(work.begin_coding(&code, &again).await.unwrap(), expected, "as it first began");
    assert_eq!(work.coding(&code).await.unwrap(), Some(expected));
}

/// Whoever agreed a playlist that a coach was waiting for has briefed that practitioner's coach, for good.
pub async fn a_coding_by_whoever_briefed_the_coach_is_marked(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let id = h.released(cast, "Robin").await;
    let later = h.playable(cast.owner, "Sky", &[]).await;
    h.release(cast.owner, later, cast.researcher, None).await;
    let somebody_elses = h.playable(cast.stranger, "Decoy", &[]).await;
    h.release(cast.stranger, somebody_elses, cast.researcher, None).await;

    let make = h.maker(cast.researcher, later).await;
    let (_, clips) = h.playlist(&make, &[(1, 5)]).await;
    h.render(clips[0].id).await;
    h.approve(&make, clips[0].id).await;
    assert!(h.agree(&make).await);
    let code = h.coder(cast.researcher, later).await;
    assert!(!h.begin().await.briefed(&code).await.unwrap(), "no coach was there to be briefed");

    let make = h.maker(cast.researcher, id).await;
    let (_, clips) = h.playlist(&make, &[(1, 5)]).await;
    assert!(!h.agree(&make).await, "nothing to agree yet");
    assert!(!h.begin().await.briefed(&code).await.unwrap());
    h.render(clips[0].id).await;
    h.approve(&make, clips[0].id).await;
    assert!(h.agree(&make).await);
    h.withhold(cast.owner, id).await;

    let other = h.coder(cast.researcher, somebody_elses).await;
    let mut work = h.begin().await;
    assert!(work.briefed(&code).await.unwrap(), "on any of their recordings, and for good");
    assert!(!work.briefed(&other).await.unwrap(), "another practitioner's coach");
}
