//! Who may do what: one table, one function, default no.
//!
//! A decision is *role ∧ relation ∧ consent ∧ state*. [`TABLE`] has a row for every combination that is allowed;
//! [`decide`] says yes if a row fits and no otherwise. Everything else in the service (routes, storage, the worker)
//! asks this function and nothing else.
//!
//! Rules that need no row because nothing grants them: a manager has no standing access (K-02); an administrator
//! and the data protection officer have none to content; a coach never reaches a whole recording.

use crate::{Consents, Hat, Purpose, RecordingState, Relation, Role};

macro_rules! actions {
    ($($(#[$doc:meta])* $variant:ident = $word:literal),+ $(,)?) => {
        /// Something that somebody may want to do.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Action { $($(#[$doc])* $variant),+ }

        impl Action {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word for the audit log.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }
    };
}

actions! {
    /// Give the details, the people heard and their consents, and the file.
    Upload = "recording.upload",
    /// See that the recording exists, its details and how far it is.
    SeeRecording = "recording.see",
    /// Hear the whole recording; see its waveform.
    PlayRecording = "recording.play",
    /// Read the machine's transcript.
    ReadTranscript = "transcript.read",
    /// Let the recording go on to a researcher and a coach, or keep it.
    DecideSharing = "recording.decide_sharing",
    /// See who listened.
    SeeListeners = "recording.see_listeners",
    /// See, make, change and remove own codes and scores; finish them.
    Code = "coding.write",
    /// Make, change, approve and share extracts.
    MakePlaylist = "playlist.make",
    /// See the playlist in the room: titles, strengths, questions.
    SeePlaylist = "playlist.see",
    /// Hear an extract while it is being prepared.
    PreviewClip = "clip.preview",
    /// Hear an extract that was shared.
    PlayClip = "clip.play",
    /// Keep an extract from being played.
    VetoClip = "clip.veto",
    /// Decode the original (the service itself).
    Decode = "job.decode",
    /// Turn speech into text (the service itself).
    Transcribe = "job.transcribe",
    /// Cut an extract (the service itself).
    RenderClip = "job.render_clip",
    /// Add people and give them roles.
    ManagePeople = "people.manage",
    /// See queued and stuck jobs, without content.
    SeeJobs = "jobs.see",
}

impl Action {
    /// Whether doing it shows or changes sound, text, scores, consent or people.
    ///
    /// Such an action is written to the audit log each time it is allowed; one that only shows how far things are
    /// is written when it is refused.
    pub const fn shows_content(self) -> bool {
        !matches!(self, Self::SeeRecording | Self::SeeJobs)
    }
}

/// What has to be true of the recording or the extract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// Nothing in particular.
    Always,
    /// It can be played.
    Playable,
    /// It can be played and the practitioner released it.
    Released,
    /// It was released, and so was this extract: approved, agreed, not vetoed.
    Shared,
}

/// One thing that is allowed.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// What.
    pub action: Action,
    /// In which capacity.
    pub hat: Hat,
    /// Tied to the recording in this way; `None` where there is no recording, or the service itself acts.
    pub relation: Option<Relation>,
    /// Covered by everybody heard, for all of these.
    pub consent: &'static [Purpose],
    /// In this state.
    pub when: When,
}

const fn rule(
    action: Action,
    role: Role,
    relation: Option<Relation>,
    consent: &'static [Purpose],
    when: When,
) -> Rule {
    Rule { action, hat: Hat::Person(role), relation, consent, when }
}

const fn worker(action: Action, consent: &'static [Purpose], when: When) -> Rule {
    Rule { action, hat: Hat::Worker, relation: None, consent, when }
}

const OWNS: Option<Relation> = Some(Relation::Owns);
const CODES: Option<Relation> = Some(Relation::Codes);
const COACHES: Option<Relation> = Some(Relation::Coaches);

/// Everything that is allowed.
#[rustfmt::skip]
#[cfg_attr(not(test), expect(clippy::enum_glob_use, reason = "a table is read by its words"))]
pub const TABLE: &[Rule] = {
    use Action::*; use Purpose::{CoachPlayback, CodeResearch, Record}; use Role::*; use When::*;
    &[
        // action              role          relation  consent of everybody heard                 when
        rule(Upload,           Practitioner, None,     &[],                                       Always),
        rule(Upload,           Practitioner, OWNS,     &[Record],                                 Always),

        rule(SeeRecording,     Practitioner, OWNS,     &[],                                       Always),
        rule(SeeRecording,     Researcher,   CODES,    &[Record, CodeResearch],                   Released),

        rule(PlayRecording,    Practitioner, OWNS,     &[Record],                                 Playable),
        rule(PlayRecording,    Researcher,   CODES,    &[Record, CodeResearch],                   Released),

        rule(ReadTranscript,   Practitioner, OWNS,     &[Record, Purpose::Transcribe],            Playable),
        rule(ReadTranscript,   Researcher,   CODES,    &[Record, CodeResearch, Purpose::Transcribe], Released),

        rule(DecideSharing,    Practitioner, OWNS,     &[],                                       Playable),
        rule(SeeListeners,     Practitioner, OWNS,     &[],                                       Always),

        rule(Code,             Researcher,   CODES,    &[Record, CodeResearch],                   Released),
        rule(MakePlaylist,     Researcher,   CODES,    &[Record, CodeResearch, CoachPlayback],    Released),
        rule(PreviewClip,      Researcher,   CODES,    &[Record, CodeResearch, CoachPlayback],    Released),

        rule(SeePlaylist,      Coach,        COACHES,  &[Record, CoachPlayback],                  Shared),
        rule(SeePlaylist,      Practitioner, OWNS,     &[Record, CoachPlayback],                  Shared),
        rule(PlayClip,         Coach,        COACHES,  &[Record, CoachPlayback],                  Shared),
        rule(PlayClip,         Practitioner, OWNS,     &[Record, CoachPlayback],                  Shared),
        rule(VetoClip,         Practitioner, OWNS,     &[],                                       Always),

        worker(Decode,                                 &[Record],                                 Always),
        worker(Transcribe,                             &[Record, Purpose::Transcribe],            Playable),
        worker(RenderClip,                             &[Record, CoachPlayback],                  Released),

        rule(ManagePeople,     SysAdmin,     None,     &[],                                       Always),
        rule(SeeJobs,          SysAdmin,     None,     &[],                                       Always),
    ]
};

/// What is true of a recording, as seen by one person. Read in one transaction.
#[derive(Clone, Debug)]
pub struct Facts {
    /// What ties the person to it, as of now.
    pub relations: Vec<Relation>,
    /// Who said yes to what.
    pub consents: Consents,
    /// How far it is.
    pub state: RecordingState,
    /// Whether the playlist is agreed and, where an extract is asked for, that extract is approved and not vetoed.
    pub shared: bool,
}

/// Why not. For the audit log; the person asking learns only that there is nothing there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is no such thing.
    #[error("absent")]
    Absent,
    /// No row for this hat.
    #[error("role")]
    Role,
    /// Nothing ties the person to it.
    #[error("relation")]
    Relation,
    /// Somebody who is heard did not say yes.
    #[error("consent")]
    Consent,
    /// It is not in a state for that.
    #[error("state")]
    State,
}

/// Decides. `facts` are of the recording in question, or `None` where the action has none.
pub fn decide(action: Action, hat: Hat, facts: Option<&Facts>) -> Result<(), Refusal> {
    let mut why = Refusal::Role;
    for rule in TABLE.iter().filter(|r| r.action == action && r.hat == hat) {
        match (fits(rule, facts), why) {
            (Ok(()), _) => return Ok(()),
            // Of several rows, the one that came nearest says why.
            (Err(nearer), _) => why = nearest(why, nearer),
        }
    }
    Err(why)
}

fn fits(rule: &Rule, facts: Option<&Facts>) -> Result<(), Refusal> {
    let about_a_recording = rule.relation.is_some() || rule.hat == Hat::Worker;
    let Some(facts) = facts else {
        return if about_a_recording { Err(Refusal::Absent) } else { Ok(()) };
    };
    if !about_a_recording {
        return Err(Refusal::Relation);
    }
    if rule.relation.is_some_and(|r| !facts.relations.contains(&r)) {
        return Err(Refusal::Relation);
    }
    if !rule.consent.iter().all(|purpose| facts.consents.cover(*purpose)) {
        return Err(Refusal::Consent);
    }
    let state = match rule.when {
        When::Always => true,
        When::Playable => facts.state.playable(),
        When::Released => facts.state.playable() && facts.state.released(),
        When::Shared => facts.state.playable() && facts.state.released() && facts.shared,
    };
    if state { Ok(()) } else { Err(Refusal::State) }
}

fn nearest(a: Refusal, b: Refusal) -> Refusal {
    let rank = |r| match r {
        Refusal::Role => 0,
        Refusal::Absent => 1,
        Refusal::Relation => 2,
        Refusal::Consent => 3,
        Refusal::State => 4,
    };
    if rank(b) >= rank(a) { b } else { a }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::{AudioState, Ms, PartyConsent, PersonId, Sharing, Timestamp, TranscriptState};

    /// Facts under which every row of the table holds for somebody with this relation.
    fn open(relation: Relation) -> Facts {
        let person = PersonId::from_uuid(Uuid::from_u128(7));
        let answers =
            Purpose::ALL.iter().map(|&purpose| PartyConsent { person, purpose, given: true });
        Facts {
            relations: vec![relation],
            consents: Consents::new([person], answers),
            state: RecordingState {
                audio: AudioState::Decoded,
                transcript: TranscriptState::Done,
                sharing: Sharing::Released(Timestamp::from_micros(1)),
                duration: Some(Ms::from_seconds(60)),
            },
            shared: true,
        }
    }

    /// The whole table once more, as a person would say it: who may do what when everything is in place.
    #[test]
    fn with_everything_in_place() {
        use Action as A;
        let may = |role, relation| -> Vec<Action> {
            let facts = open(relation);
            let all = Action::ALL.iter().copied();
            all.filter(|&a| decide(a, Hat::Person(role), Some(&facts)).is_ok()).collect()
        };
        assert_eq!(
            may(Role::Practitioner, Relation::Owns),
            [
                A::Upload,
                A::SeeRecording,
                A::PlayRecording,
                A::ReadTranscript,
                A::DecideSharing,
                A::SeeListeners,
                A::SeePlaylist,
                A::PlayClip,
                A::VetoClip
            ]
        );
        assert_eq!(
            may(Role::Researcher, Relation::Codes),
            [
                A::SeeRecording,
                A::PlayRecording,
                A::ReadTranscript,
                A::Code,
                A::MakePlaylist,
                A::PreviewClip
            ]
        );
        assert_eq!(may(Role::Coach, Relation::Coaches), [A::SeePlaylist, A::PlayClip]);
        for role in [
            Role::LineManager,
            Role::ProgrammeLead,
            Role::Coordinator,
            Role::CoachingSupervisor,
            Role::SysAdmin,
            Role::Dpo,
            Role::SafeguardingLead,
        ] {
            for relation in Relation::ALL {
                assert_eq!(may(role, *relation), [], "{role} has no standing access to content");
            }
        }
        for action in Action::ALL {
            assert!(decide(*action, Hat::Nobody, Some(&open(Relation::Owns))).is_err());
            assert!(decide(*action, Hat::Nobody, None).is_err());
        }
    }

    #[test]
    fn a_relation_opens_nothing_under_another_hat() {
        for role in Role::ALL {
            for relation in Relation::ALL {
                let own = matches!(
                    (role, relation),
                    (Role::Practitioner, Relation::Owns)
                        | (Role::Researcher, Relation::Codes)
                        | (Role::Coach, Relation::Coaches)
                );
                let any = Action::ALL
                    .iter()
                    .any(|&a| decide(a, Hat::Person(*role), Some(&open(*relation))).is_ok());
                assert_eq!(any, own, "{role} {relation}");
            }
        }
    }

    #[test]
    fn every_purpose_a_row_names_can_close_it() {
        for row in TABLE {
            for missing in row.consent {
                let mut facts = open(row.relation.unwrap_or(Relation::Owns));
                let person = PersonId::from_uuid(Uuid::from_u128(7));
                let answers = Purpose::ALL
                    .iter()
                    .filter(|p| *p != missing)
                    .map(|&purpose| PartyConsent { person, purpose, given: true });
                facts.consents = Consents::new([person], answers);
                assert_eq!(
                    decide(row.action, row.hat, Some(&facts)),
                    Err(Refusal::Consent),
                    "{row:?} without {missing}"
                );
            }
        }
    }

    #[test]
    fn nobody_else_hears_before_the_practitioner_released() {
        for sharing in [Sharing::Private, Sharing::Withheld(Timestamp::from_micros(1))] {
            for (role, relation) in
                [(Role::Researcher, Relation::Codes), (Role::Coach, Relation::Coaches)]
            {
                let mut facts = open(relation);
                facts.state.sharing = sharing;
                for action in Action::ALL {
                    assert!(
                        decide(*action, Hat::Person(role), Some(&facts)).is_err(),
                        "{role} {action:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn an_extract_is_heard_only_when_it_was_shared() {
        for (role, relation) in
            [(Role::Practitioner, Relation::Owns), (Role::Coach, Relation::Coaches)]
        {
            let facts = Facts { shared: false, ..open(relation) };
            assert_eq!(
                decide(Action::PlayClip, Hat::Person(role), Some(&facts)),
                Err(Refusal::State)
            );
        }
    }
}
