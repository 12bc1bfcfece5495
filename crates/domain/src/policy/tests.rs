//! The table, said once more as a person would say it.

use uuid::Uuid;

use super::*;
use crate::{AudioState, Ms, PartyConsent, PersonId, Role, Sharing, Timestamp, TranscriptState};

/// Facts under which every row of the table holds for somebody with this relation.
fn open(relation: Relation) -> Facts {
    let person = PersonId::from_uuid(Uuid::from_u128(7));
    let answers = Purpose::ALL.iter().map(|&purpose| PartyConsent { person, purpose, given: true });
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
        gone: Vec::new(),
        blocked: false,
        series: SeriesStage::Live,
    }
}

/// Facts under which this row holds.
fn open_to(row: &Rule) -> Facts {
    let mut facts = open(relation_of(row));
    if row.when == When::Refused {
        facts.state.audio = AudioState::Unreadable;
    }
    facts
}

fn relation_of(row: &Rule) -> Relation {
    if let Tie::By(relation) = row.tie { relation } else { Relation::Owns }
}

/// The whole table once more, as a person would say it: who may do what when everything is in place.
#[test]
#[expect(clippy::too_many_lines, reason = "a line for each thing that somebody may do")]
fn with_everything_in_place() {
    use Action as A;
    let may = |role, relation| -> Vec<Action> {
        let facts = open(relation);
        let all = Action::ALL.iter().copied();
        all.filter(|&a| decide(a, Hat::Person(role), true, Some(&facts)).is_ok()).collect()
    };
    assert_eq!(
        may(Role::Practitioner, Relation::Owns),
        [
            A::Upload,
            A::SeeRecording,
            A::PlayRecording,
            A::ReadTranscript,
            A::CorrectTranscript,
            A::TranscribeAgain,
            A::StopTranscribing,
            A::DecideSharing,
            A::SeeListeners,
            A::SeeRedaction,
            A::Hide,
            A::ShowAgain,
            A::ApproveRedaction,
            A::SeePlaylist,
            A::PlayClip,
            A::ReadClip,
            A::VetoClip,
            A::Nominate,
            A::SeeNominated,
            A::BringMoment,
            A::RecordConsent,
            A::SeeConsent,
            A::Withdraw,
            A::LinkIdentity,
            A::Block,
            A::RaiseConcern
        ]
    );
    assert_eq!(
        may(Role::Researcher, Relation::Codes),
        [
            A::SeeRecording,
            A::PlayRecording,
            A::ReadTranscript,
            A::CorrectTranscript,
            A::Code,
            A::AssignSecond,
            A::CompareCodings,
            A::AgreeCodings,
            A::UseRatings,
            A::TeachWith,
            A::MakePlaylist,
            A::SeeRedaction,
            A::Hide,
            A::ShowAgain,
            A::ApproveRedaction,
            A::PreviewClip,
            A::SeeBriefing,
            A::MeetInBriefing,
            A::WriteBriefing,
            A::PutOnInBriefing,
            A::HearBriefing,
            A::SeeNominated,
            A::RaiseConcern
        ]
    );
    assert_eq!(
        may(Role::Researcher, Relation::CodesSecond),
        [
            A::SeeRecording,
            A::PlayRecording,
            A::ReadTranscript,
            A::Code,
            A::CompareCodings,
            A::AgreeCodings,
            A::UseRatings,
            A::RaiseConcern
        ],
        "the second coder prepares nothing, and sees nothing of what the first prepares"
    );
    assert_eq!(
        may(Role::Researcher, Relation::Learns),
        [
            A::SeeRecording,
            A::PlayRecording,
            A::ReadTranscript,
            A::Code,
            A::AgreeCodings,
            A::UseRatings,
            A::RaiseConcern
        ],
        "who learns never sees what others did, before it is agreed"
    );
    assert_eq!(
        may(Role::Coach, Relation::Coaches),
        [
            A::SeePlaylist,
            A::PlayClip,
            A::ReadClip,
            A::SeeBriefing,
            A::MeetInBriefing,
            A::WriteBriefing,
            A::HearBriefing,
            A::RaiseConcern
        ],
        "a coach puts nothing on: they hear what the coder does"
    );
    assert_eq!(
        may(Role::Practitioner, Relation::IsCoached),
        [
            A::SeeSeries,
            A::Agree,
            A::ArrangeSessions,
            A::DecideSeries,
            A::ChooseClips,
            A::PrepareClip,
            A::SeeSession,
            A::WatchSession,
            A::MeetInSession,
            A::HearInSession,
            A::KeepSheets
        ]
    );
    assert_eq!(
        may(Role::Coach, Relation::CoachesSeries),
        [
            A::PlayClip,
            A::SeeSeries,
            A::Agree,
            A::ArrangeSessions,
            A::ChooseClips,
            A::PrepareClip,
            A::SeeSession,
            A::WatchSession,
            A::MeetInSession,
            A::LeadSession,
            A::HearInSession,
            A::KeepSheets
        ],
        "what is the practitioner's alone is not the coach's"
    );
    assert_eq!(
        may(Role::Coach, Relation::CoachedBefore),
        [A::KeepSheets],
        "whoever coached before has what they wrote for themselves"
    );
    for role in [Role::Coach, Role::CoachingSupervisor] {
        assert_eq!(may(role, Relation::Seated), [A::HearBrought]);
    }
    assert_eq!(
        may(Role::LineManager, Relation::Guest),
        [A::SeeSession, A::MeetInSession, A::HearInSession],
        "presence is the access (K-02)"
    );
    for role in [
        Role::LineManager,
        Role::ProgrammeLead,
        Role::Coordinator,
        Role::CoachingSupervisor,
        Role::SysAdmin,
    ] {
        let invited = |relation: &&Relation| match role {
            Role::LineManager => **relation == Relation::Guest,
            Role::CoachingSupervisor => **relation == Relation::Seated,
            _ => false,
        };
        for relation in Relation::ALL.iter().filter(|relation| !invited(relation)) {
            assert_eq!(may(role, *relation), [], "{role} has no access to any recording");
        }
    }
    for relation in Relation::ALL {
        assert_eq!(
            may(Role::Dpo, *relation),
            [
                A::SeeConsent,
                A::Withdraw,
                A::RevealIdentity,
                A::ExtendKeeping,
                A::Hold,
                A::Block,
                A::DecideGlass
            ],
            "no sound, no text, no score"
        );
    }
    assert_eq!(
        may(Role::SafeguardingLead, Relation::Glass),
        [A::Hold, A::SeeConcern, A::WriteConcern, A::RequestGlass, A::HearPassage]
    );
    assert_eq!(
        may(Role::SafeguardingLead, Relation::Owns),
        [A::Hold, A::SeeConcern, A::WriteConcern, A::RequestGlass],
        "a passage is heard only when a second person allowed it"
    );
    for action in Action::ALL {
        assert!(decide(*action, Hat::Nobody, true, Some(&open(Relation::Owns))).is_err());
        assert!(decide(*action, Hat::Nobody, true, None).is_err());
    }
}

#[test]
fn what_is_done_to_the_installation() {
    use Action as A;
    let may = |role| -> Vec<Action> {
        let all = Action::ALL.iter().copied();
        all.filter(|&a| decide(a, Hat::Person(role), true, None).is_ok()).collect()
    };
    assert_eq!(may(Role::Practitioner), [A::Upload, A::SeeCoaching, A::StartSeries]);
    assert_eq!(may(Role::Coach), [A::SeeCoaching, A::KeepProfile, A::AttendSupervision]);
    assert_eq!(may(Role::Coordinator), [A::SeeCoaching, A::CheckProfile, A::SeeAttendance]);
    assert_eq!(may(Role::ProgrammeLead), [A::SeeCoachingFigures]);
    assert_eq!(may(Role::CoachingSupervisor), [A::Supervise]);
    assert_eq!(may(Role::LineManager), []);
    assert_eq!(may(Role::SysAdmin), [A::ManagePeople, A::SeeJobs]);
    assert_eq!(
        may(Role::Dpo),
        [
            A::ManageForms,
            A::ManageIdentityKey,
            A::SeeHoldings,
            A::ManageRetention,
            A::ReadAudit,
            A::SeeGlass
        ]
    );
    assert_eq!(may(Role::SafeguardingLead), [A::SeeConcerns]);
    assert_eq!(
        may(Role::Researcher),
        [
            A::SeeProtocols,
            A::ManageProtocols,
            A::SeeReliability,
            A::SeeTraining,
            A::ManageTraining,
            A::Learn,
            A::SeeFrameworks,
            A::ManageFrameworks,
            A::ReadDebriefs
        ]
    );
}

#[test]
fn whoever_is_kept_away_does_nothing() {
    for role in Role::ALL {
        for relation in Relation::ALL {
            let facts = Facts { blocked: true, ..open(*relation) };
            for action in Action::ALL {
                assert!(
                    decide(*action, Hat::Person(*role), true, Some(&facts)).is_err(),
                    "{role} {relation} {action:?}"
                );
            }
        }
    }
}

#[test]
fn what_is_gone_is_gone_for_everybody() {
    for row in TABLE.iter().filter(|row| row.tie != Tie::Installation) {
        for class in KeyClass::ALL {
            let facts = Facts { gone: vec![*class], ..open_to(row) };
            let expected = !row.action.rests_on().contains(class);
            assert_eq!(
                decide(row.action, row.hat, true, Some(&facts)).is_ok(),
                expected,
                "{row:?} without {class}"
            );
        }
    }
}

#[test]
fn some_things_take_having_just_shown_who_one_is() {
    for row in TABLE {
        let facts = open_to(row);
        let facts = (row.tie != Tie::Installation).then_some(&facts);
        let without = decide(row.action, row.hat, false, facts);
        assert_eq!(without, if row.elevated { Err(Refusal::Strength) } else { Ok(()) }, "{row:?}");
    }
}

#[test]
fn a_relation_opens_nothing_under_another_hat() {
    for role in Role::ALL {
        for relation in Relation::ALL {
            let own = matches!(
                (role, relation),
                (Role::Practitioner, Relation::Owns | Relation::Raised | Relation::IsCoached)
                    | (
                        Role::Researcher,
                        Relation::Codes
                            | Relation::CodesSecond
                            | Relation::Learns
                            | Relation::Raised
                    )
                    | (
                        Role::Coach,
                        Relation::Coaches
                            | Relation::Raised
                            | Relation::CoachesSeries
                            | Relation::CoachedBefore
                            | Relation::Seated
                    )
                    | (Role::CoachingSupervisor, Relation::Seated)
                    | (Role::LineManager, Relation::Guest)
                    | (Role::SafeguardingLead, Relation::Glass)
            );
            let with = |facts: &Facts| -> Vec<Action> {
                let all = Action::ALL.iter().copied();
                all.filter(|&a| decide(a, Hat::Person(*role), true, Some(facts)).is_ok()).collect()
            };
            let any =
                with(&open(*relation)) != with(&Facts { relations: vec![], ..open(*relation) });
            assert_eq!(any, own, "{role} {relation}");
        }
    }
}

#[test]
fn every_purpose_a_row_names_can_close_it() {
    for row in TABLE {
        for missing in row.consent {
            let mut facts = open_to(row);
            let person = PersonId::from_uuid(Uuid::from_u128(7));
            let answers = Purpose::ALL
                .iter()
                .filter(|p| *p != missing)
                .map(|&purpose| PartyConsent { person, purpose, given: true });
            facts.consents = Consents::new([person], answers);
            assert_eq!(
                decide(row.action, row.hat, true, Some(&facts)),
                Err(Refusal::Consent),
                "{row:?} without {missing}"
            );
        }
    }
}

#[test]
fn nobody_else_hears_before_the_practitioner_released() {
    for sharing in [Sharing::Private, Sharing::Withheld(Timestamp::from_micros(1))] {
        for (role, relation) in [
            (Role::Researcher, Relation::Codes),
            (Role::Researcher, Relation::CodesSecond),
            (Role::Researcher, Relation::Learns),
            (Role::Coach, Relation::Coaches),
        ] {
            let mut facts = open(relation);
            facts.state.sharing = sharing;
            for action in Action::ALL {
                assert!(
                    decide(*action, Hat::Person(role), true, Some(&facts)).is_err(),
                    "{role} {action:?}"
                );
            }
        }
    }
}

#[test]
fn an_extract_is_heard_only_when_it_was_shared() {
    for (role, relation) in [(Role::Practitioner, Relation::Owns), (Role::Coach, Relation::Coaches)]
    {
        let facts = Facts { shared: false, ..open(relation) };
        assert_eq!(
            decide(Action::PlayClip, Hat::Person(role), true, Some(&facts)),
            Err(Refusal::State)
        );
    }
}

/// A manager has the live session they were invited to, and nothing before it or after it (K-02).
#[test]
fn a_guest_hears_while_the_session_is_live() {
    use SeriesStage::{Agreed, Ended, Live, Ongoing};
    for series in [SeriesStage::None, Ended, Ongoing, Agreed, Live] {
        let facts = Facts { series, ..open(Relation::Guest) };
        for action in Action::ALL {
            let may = decide(*action, Hat::Person(Role::LineManager), true, Some(&facts)).is_ok();
            let live = matches!(
                action,
                Action::SeeSession | Action::MeetInSession | Action::HearInSession
            );
            assert_eq!(may, live && series == Live, "{series:?} {action:?}");
        }
    }
}

/// Nothing is heard together before both have signed, and nothing is changed in what has ended (FRM-01).
#[test]
fn a_series_opens_step_by_step() {
    use SeriesStage::{Agreed, Ended, Live, Ongoing};
    let may = |role, relation, series, action| {
        let facts = Facts { series, ..open(relation) };
        decide(action, Hat::Person(role), true, Some(&facts)).is_ok()
    };
    let coach = |series, action| may(Role::Coach, Relation::CoachesSeries, series, action);
    let own = |series, action| may(Role::Practitioner, Relation::IsCoached, series, action);
    for (series, leads) in [(Ended, false), (Ongoing, false), (Agreed, true), (Live, true)] {
        assert_eq!(coach(series, Action::LeadSession), leads, "{series:?}");
        assert_eq!(coach(series, Action::HearInSession), series == Live, "{series:?}");
        assert_eq!(own(series, Action::HearInSession), series == Live, "{series:?}");
        assert_eq!(coach(series, Action::PrepareClip), series != Ended, "{series:?}");
        assert_eq!(coach(series, Action::PlayClip), series != Ended, "{series:?}");
        assert!(own(series, Action::PrepareClip), "what they heard they hear again: {series:?}");
        assert!(own(series, Action::SeeSeries) && own(series, Action::KeepSheets), "{series:?}");
    }
    assert!(!own(Ended, Action::Agree) && own(Ongoing, Action::Agree));
}
