//! Briefings: a coder and a coach prepare a session together.

use hearback_access::{Cx, PutOnInBriefing, SeeBriefing, VetoClip, WriteBriefing};
use hearback_domain::{
    BriefingNoteId, CodeId, Ms, Note, RecordingId, Role, UserId, policy::Refusal,
};

use super::fixture::{Cast, House, item, note, span};
use crate::{NewCode, NewProposal, PutOn, Store};

impl House<'_> {
    /// The coder marks a moment.
    async fn mark(&self, coder: UserId, id: RecordingId, from: u64, to: u64) -> CodeId {
        let code = self.coder(coder, id).await;
        let new = NewCode {
            id: CodeId::mint(&self.ids),
            framework_version: "v1".to_owned(),
            item: item("clarity", None),
            span: span(from, to),
            note: note("says it plainly"),
            nonverbal: Note::default(),
            exemplar: false,
        };
        let mut work = self.begin().await;
        work.begin_coding(&code, &self.new_coding("v1")).await.unwrap();
        work.add_code(&code, &new).await.unwrap();
        work.commit().await.unwrap();
        new.id
    }

    async fn proposed(&self, cast: Cast, id: RecordingId) -> Vec<(CodeId, String)> {
        let cx = self.cx(cast.coach, Role::Coach);
        let (mut work, see) = self.ask::<SeeBriefing>(cx, id).await;
        let all = work.proposals(&see).await.unwrap();
        work.commit().await.unwrap();
        all.into_iter()
            .map(|one| (one.proposed.code, one.proposed.strength.as_str().to_owned()))
            .collect()
    }
}

/// The coder and the coach read the coder's moments and each other's notes, and nobody else does.
pub async fn a_briefing_shows_the_coders_moments(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let (id, elsewhere) = (h.released(cast, "Robin").await, h.released(cast, "Sky").await);
    let late = h.mark(cast.researcher, id, 60, 70).await;
    let early = h.mark(cast.researcher, id, 10, 20).await;
    let (as_coder, as_coach) =
        (h.cx(cast.researcher, Role::Researcher), h.cx(cast.coach, Role::Coach));
    let (mut work, see) = h.ask::<SeeBriefing>(as_coach, id).await;
    let briefing = work.briefing(&see).await.unwrap().unwrap();
    assert_eq!(briefing.pseudonym.as_str(), "Robin");
    assert_eq!(briefing.duration, Some(Ms::from_seconds(1_800)));
    assert_eq!((briefing.coder, briefing.coach), (Some(cast.researcher), Some(cast.coach)));
    assert_eq!(briefing.codes.iter().map(|code| code.id).collect::<Vec<_>>(), [early, late]);
    assert_eq!(briefing.codes[0].note.as_str(), "says it plainly");
    assert_eq!(work.briefing_notes(&see).await.unwrap(), []);
    work.commit().await.unwrap();

    for (cx, said) in [(as_coder, "Listen to the pause."), (as_coach, "I heard it too.")] {
        let cx = Cx { now: h.now(), ..cx };
        let (mut work, write) = h.ask::<WriteBriefing>(cx, id).await;
        let body = note(said);
        work.add_briefing_note(&write, BriefingNoteId::mint(&h.ids), &body).await.unwrap();
        work.commit().await.unwrap();
        h.clock.advance_seconds(1);
    }
    let mut work = h.begin().await;
    let notes = work.briefing_notes(&see).await.unwrap();
    let told: Vec<_> = notes.iter().map(|n| (n.author, n.body.as_str())).collect();
    assert_eq!(told, [(cast.researcher, "Listen to the pause."), (cast.coach, "I heard it too.")]);
    drop(work);
    let (mut work, there) = h.ask::<SeeBriefing>(as_coder, elsewhere).await;
    assert_eq!(work.briefing_notes(&there).await.unwrap(), []);
    work.commit().await.unwrap();
    for (user, role) in [
        (cast.owner, Role::Practitioner),
        (cast.second, Role::Researcher),
        (cast.stranger, Role::Coach),
    ] {
        let why = h.refusal::<SeeBriefing>(h.cx(user, role), id).await;
        assert!(matches!(why, Some(Refusal::Role | Refusal::Relation)), "{role}: {why:?}");
    }
    h.withhold(cast.owner, id).await;
    let why = h.refusal::<SeeBriefing>(h.cx(cast.coach, Role::Coach), id).await;
    assert_eq!(why, Some(Refusal::Relation));
}

/// Moments are proposed once each, in an order that the two give them, and no longer than they are there.
pub async fn what_is_proposed_keeps_its_order(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let (id, elsewhere) = (h.released(cast, "Robin").await, h.released(cast, "Sky").await);
    let first = h.mark(cast.researcher, id, 10, 20).await;
    let second = h.mark(cast.researcher, id, 60, 70).await;
    let other = h.mark(cast.researcher, elsewhere, 60, 70).await;
    let (mut work, write) = h.ask::<WriteBriefing>(h.cx(cast.coach, Role::Coach), id).await;
    let why = |code, strength: &str| NewProposal {
        code,
        strength: note(strength),
        question: note("What did you notice?"),
    };
    assert!(work.propose(&write, &why(second, "Waits.")).await.unwrap());
    assert!(work.propose(&write, &why(first, "Plain.")).await.unwrap());
    assert!(!work.propose(&write, &why(other, "Elsewhere.")).await.unwrap());
    assert!(!work.propose(&write, &why(CodeId::mint(&h.ids), "Nothing.")).await.unwrap());
    // Said once more, it stays where it is.
    assert!(work.propose(&write, &why(second, "Waits, and asks.")).await.unwrap());
    work.commit().await.unwrap();
    let named = |list: &[(CodeId, &str)]| -> Vec<(CodeId, String)> {
        list.iter().map(|(code, text)| (*code, (*text).to_owned())).collect()
    };
    let both = named(&[(second, "Waits, and asks."), (first, "Plain.")]);
    assert_eq!(h.proposed(cast, id).await, both);

    let mut work = h.begin().await;
    work.move_proposal(&write, second, true).await.unwrap();
    work.move_proposal(&write, first, true).await.unwrap();
    work.move_proposal(&write, other, true).await.unwrap();
    work.commit().await.unwrap();
    let turned = named(&[(first, "Plain."), (second, "Waits, and asks.")]);
    assert_eq!(h.proposed(cast, id).await, turned);

    let code = h.coder(cast.researcher, id).await;
    let mut work = h.begin().await;
    assert!(work.remove_code(&code, first).await.unwrap());
    work.commit().await.unwrap();
    assert_eq!(h.proposed(cast, id).await, named(&[(second, "Waits, and asks.")]));
    let mut work = h.begin().await;
    work.drop_proposal(&write, second).await.unwrap();
    work.commit().await.unwrap();
    assert_eq!(h.proposed(cast, id).await, []);
}

/// What was put on is known the next time, with what the practitioner would rather not have played; and whoever put it on
/// has briefed the coach.
pub async fn what_was_put_on_is_remembered(store: &dyn Store) {
    let h = House::new(store);
    let cast = h.cast().await;
    let id = h.released(cast, "Robin").await;
    let make = h.maker(cast.researcher, id).await;
    let (_, clips) = h.playlist(&make, &[(100, 110), (200, 210)]).await;
    let owner = h.cx(cast.owner, Role::Practitioner);
    let (mut work, veto) = h.ask::<VetoClip>(owner, clips[1].id).await;
    work.veto_clip(&veto).await.unwrap();
    work.commit().await.unwrap();
    let code = h.coder(cast.researcher, id).await;
    let as_coder = h.cx(cast.researcher, Role::Researcher);
    let (mut work, put_on) = h.ask::<PutOnInBriefing>(as_coder, id).await;
    assert!(!work.briefed(&code).await.unwrap());
    for piece in [span(60, 70), span(10, 20), span(60, 70)] {
        work.note_put_on(&put_on, piece).await.unwrap();
    }
    work.commit().await.unwrap();
    let mut work = h.begin().await;
    assert_eq!(
        work.before_put_on(&put_on).await.unwrap(),
        PutOn {
            duration: Ms::from_seconds(1_800),
            before: vec![span(10, 20), span(60, 70)],
            vetoed: vec![span(200, 210)],
        }
    );
    assert!(work.briefed(&code).await.unwrap());
    drop(work);
    let why = h.refusal::<PutOnInBriefing>(h.cx(cast.coach, Role::Coach), id).await;
    assert_eq!(why, Some(Refusal::Role), "the coach hears what the coder puts on");
}
