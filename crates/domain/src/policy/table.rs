//! Everything that is allowed, one row each. Read this page to know who may do what.

use super::{Action, Rule, Tie, When};
use crate::{Hat, Purpose, Relation, Role};

const fn rule(
    action: Action,
    role: Role,
    tie: Tie,
    consent: &'static [Purpose],
    when: When,
) -> Rule {
    Rule { action, hat: Hat::Person(role), tie, consent, when, elevated: false }
}

const fn worker(action: Action, consent: &'static [Purpose], when: When) -> Rule {
    Rule { action, hat: Hat::Worker, tie: ANY, consent, when, elevated: false }
}

const HERE: Tie = Tie::Installation;
const ANY: Tie = Tie::AnyRecording;
const OWNS: Tie = Tie::By(Relation::Owns);
const CODES: Tie = Tie::By(Relation::Codes);
const SECOND: Tie = Tie::By(Relation::CodesSecond);
const LEARNS: Tie = Tie::By(Relation::Learns);
const COACHES: Tie = Tie::By(Relation::Coaches);
const RAISED: Tie = Tie::By(Relation::Raised);
const GLASS: Tie = Tie::By(Relation::Glass);
const COACHED: Tie = Tie::By(Relation::IsCoached);
const SERIES: Tie = Tie::By(Relation::CoachesSeries);
const BEFORE: Tie = Tie::By(Relation::CoachedBefore);
const GUEST: Tie = Tie::By(Relation::Guest);
const SEATED: Tie = Tie::By(Relation::Seated);

/// Everything that is allowed.
#[rustfmt::skip]
#[cfg_attr(not(test), expect(clippy::enum_glob_use, reason = "a table is read by its words"))]
pub const TABLE: &[Rule] = {
    use Action::*; use Purpose::{CoachPlayback, CodeResearch, ManagerPresentPlayback, Record, TeachingPlayback}; use Role::*; use When::*;
    &[
        // action              role          tie       consent of everybody heard                 when
        rule(Upload,           Practitioner, HERE,     &[],                                       Always),
        rule(Upload,           Practitioner, OWNS,     &[Record],                                 Always),

        rule(SeeRecording,     Practitioner, OWNS,     &[],                                       Always),
        rule(SeeRecording,     Researcher,   CODES,    &[Record, CodeResearch],                   Released),
        rule(SeeRecording,     Researcher,   SECOND,   &[Record, CodeResearch],                   Released),
        rule(SeeRecording,     Researcher,   LEARNS,   &[Record, CodeResearch, TeachingPlayback], Released),

        rule(PlayRecording,    Practitioner, OWNS,     &[Record],                                 Playable),
        rule(PlayRecording,    Researcher,   CODES,    &[Record, CodeResearch],                   Released),
        rule(PlayRecording,    Researcher,   SECOND,   &[Record, CodeResearch],                   Released),
        rule(PlayRecording,    Researcher,   LEARNS,   &[Record, CodeResearch, TeachingPlayback], Released),

        rule(ReadTranscript,   Practitioner, OWNS,     &[Record, Purpose::Transcribe],            Playable),
        rule(ReadTranscript,   Researcher,   CODES,    &[Record, CodeResearch, Purpose::Transcribe], Released),
        rule(ReadTranscript,   Researcher,   SECOND,   &[Record, CodeResearch, Purpose::Transcribe], Released),
        rule(ReadTranscript,   Researcher,   LEARNS,   &[Record, CodeResearch, Purpose::Transcribe, TeachingPlayback], Released),

        rule(CorrectTranscript, Practitioner, OWNS,    &[Record, Purpose::Transcribe],            Playable),
        rule(CorrectTranscript, Researcher,  CODES,    &[Record, CodeResearch, Purpose::Transcribe], Released),
        rule(TranscribeAgain,  Practitioner, OWNS,     &[Record, Purpose::Transcribe],            Playable),

        rule(StopTranscribing, Practitioner, OWNS,     &[],                                       Always),

        rule(DecodeAgain,      Practitioner, OWNS,     &[Record],                                 Refused),
        rule(TakeFileBack,     Practitioner, OWNS,     &[Record],                                 Refused),

        rule(DecideSharing,    Practitioner, OWNS,     &[],                                       Playable),
        rule(SeeListeners,     Practitioner, OWNS,     &[],                                       Always),

        rule(Code,             Researcher,   CODES,    &[Record, CodeResearch],                   Released),
        rule(Code,             Researcher,   SECOND,   &[Record, CodeResearch],                   Released),
        rule(Code,             Researcher,   LEARNS,   &[Record, CodeResearch, TeachingPlayback], Released),
        rule(AssignSecond,     Researcher,   CODES,    &[Record, CodeResearch],                   Released),
        rule(CompareCodings,   Researcher,   CODES,    &[Record, CodeResearch],                   Released),
        rule(CompareCodings,   Researcher,   SECOND,   &[Record, CodeResearch],                   Released),
        rule(AgreeCodings,     Researcher,   CODES,    &[Record, CodeResearch],                   Released),
        rule(AgreeCodings,     Researcher,   SECOND,   &[Record, CodeResearch],                   Released),
        rule(AgreeCodings,     Researcher,   LEARNS,   &[Record, CodeResearch, TeachingPlayback], Released),
        rule(UseRatings,       Researcher,   ANY,      &[Record, CodeResearch],                   Released),
        rule(SeeProtocols,     Researcher,   HERE,     &[],                                       Always),
        rule(ManageProtocols,  Researcher,   HERE,     &[],                                       Always),
        rule(SeeReliability,   Researcher,   HERE,     &[],                                       Always),
        rule(SeeTraining,      Researcher,   HERE,     &[],                                       Always),
        rule(ManageTraining,   Researcher,   HERE,     &[],                                       Always),
        rule(Learn,            Researcher,   HERE,     &[],                                       Always),
        rule(TeachWith,        Researcher,   CODES,    &[Record, CodeResearch, TeachingPlayback], Released),
        rule(MakePlaylist,     Researcher,   CODES,    &[Record, CodeResearch, CoachPlayback],    Released),
        rule(SeeFrameworks,    Researcher,   HERE,     &[],                                       Always),
        rule(ManageFrameworks, Researcher,   HERE,     &[],                                       Always),
        rule(PreviewClip,      Researcher,   CODES,    &[Record, CodeResearch, CoachPlayback],    Released),

        // The coach hears what the coder puts on, and hears it there alone.
        rule(SeeBriefing,      Researcher,   CODES,    &[Record, CodeResearch, CoachPlayback],    Released),
        rule(SeeBriefing,      Coach,        COACHES,  &[Record, CodeResearch, CoachPlayback],    Released),
        rule(MeetInBriefing,   Researcher,   CODES,    &[Record, CodeResearch, CoachPlayback],    Released),
        rule(MeetInBriefing,   Coach,        COACHES,  &[Record, CodeResearch, CoachPlayback],    Released),
        rule(WriteBriefing,    Researcher,   CODES,    &[Record, CodeResearch, CoachPlayback],    Released),
        rule(WriteBriefing,    Coach,        COACHES,  &[Record, CodeResearch, CoachPlayback],    Released),
        rule(PutOnInBriefing,  Researcher,   CODES,    &[Record, CodeResearch, CoachPlayback],    Released),
        rule(HearBriefing,     Researcher,   CODES,    &[Record, CodeResearch, CoachPlayback],    Released),
        rule(HearBriefing,     Coach,        COACHES,  &[Record, CodeResearch, CoachPlayback],    Released),

        rule(SeeRedaction,     Practitioner, OWNS,     &[Record],                                 Playable),
        rule(SeeRedaction,     Researcher,   CODES,    &[Record, CodeResearch],                   Released),
        rule(Hide,             Practitioner, OWNS,     &[Record],                                 Playable),
        rule(Hide,             Researcher,   CODES,    &[Record, CodeResearch],                   Released),
        rule(ShowAgain,        Practitioner, OWNS,     &[Record],                                 Playable),
        rule(ShowAgain,        Researcher,   CODES,    &[Record, CodeResearch],                   Released),
        rule(ApproveRedaction, Practitioner, OWNS,     &[Record],                                 Playable),
        rule(ApproveRedaction, Researcher,   CODES,    &[Record, CodeResearch],                   Released),

        rule(SeePlaylist,      Coach,        COACHES,  &[Record, CoachPlayback],                  Shared),
        rule(SeePlaylist,      Practitioner, OWNS,     &[Record, CoachPlayback],                  Shared),
        rule(PlayClip,         Coach,        COACHES,  &[Record, CoachPlayback],                  Shared),
        rule(PlayClip,         Coach,        SERIES,   &[Record, CoachPlayback],                  Chosen),
        rule(PlayClip,         Practitioner, OWNS,     &[Record, CoachPlayback],                  Shared),
        rule(ReadClip,         Coach,        COACHES,  &[Record, CoachPlayback, Purpose::Transcribe], Shared),
        rule(ReadClip,         Practitioner, OWNS,     &[Record, CoachPlayback, Purpose::Transcribe], Shared),
        rule(VetoClip,         Practitioner, OWNS,     &[],                                       Always),

        rule(Nominate,         Practitioner, OWNS,     &[Record],                                 Playable),
        rule(SeeNominated,     Practitioner, OWNS,     &[Record],                                 Playable),
        rule(SeeNominated,     Researcher,   CODES,    &[Record, CodeResearch, CoachPlayback],    Released),

        // A series is its practitioner's (CM-14). Its coach hears extracts only; a manager is a guest, while it is live.
        rule(SeeCoaching,      Practitioner, HERE,     &[],                                       Always),
        rule(SeeCoaching,      Coach,        HERE,     &[],                                       Always),
        rule(SeeCoaching,      Coordinator,  HERE,     &[],                                       Always),
        rule(StartSeries,      Practitioner, HERE,     &[],                                       Always),
        rule(KeepProfile,      Coach,        HERE,     &[],                                       Always),
        rule(CheckProfile,     Coordinator,  HERE,     &[],                                       Always),
        rule(SeeSeries,        Practitioner, COACHED,  &[],                                       Always),
        rule(SeeSeries,        Coach,        SERIES,   &[],                                       Always),
        rule(Agree,            Practitioner, COACHED,  &[],                                       Ongoing),
        rule(Agree,            Coach,        SERIES,   &[],                                       Ongoing),
        rule(ArrangeSessions,  Practitioner, COACHED,  &[],                                       Ongoing),
        rule(ArrangeSessions,  Coach,        SERIES,   &[],                                       Ongoing),
        rule(DecideSeries,     Practitioner, COACHED,  &[],                                       Always),
        rule(ChooseClips,      Practitioner, COACHED,  &[],                                       Ongoing),
        rule(ChooseClips,      Coach,        SERIES,   &[],                                       Ongoing),
        // What they heard in a session the practitioner hears again, also when the series has ended.
        rule(PrepareClip,      Practitioner, COACHED,  &[Record, CoachPlayback],                  Shared),
        rule(PrepareClip,      Coach,        SERIES,   &[Record, CoachPlayback],                  Chosen),
        rule(SeeSession,       Practitioner, COACHED,  &[],                                       Always),
        rule(SeeSession,       Coach,        SERIES,   &[],                                       Always),
        rule(SeeSession,       LineManager,  GUEST,    &[],                                       Live),
        rule(WatchSession,     Practitioner, COACHED,  &[],                                       Always),
        rule(WatchSession,     Coach,        SERIES,   &[],                                       Always),
        rule(MeetInSession,    Practitioner, COACHED,  &[],                                       Live),
        rule(MeetInSession,    Coach,        SERIES,   &[],                                       Live),
        rule(MeetInSession,    LineManager,  GUEST,    &[],                                       Live),
        rule(LeadSession,      Coach,        SERIES,   &[],                                       Agreed),
        rule(HearInSession,    Practitioner, COACHED,  &[Record, CoachPlayback],                  Playing),
        rule(HearInSession,    Coach,        SERIES,   &[Record, CoachPlayback],                  Playing),
        rule(HearInSession,    LineManager,  GUEST,    &[Record, CoachPlayback, ManagerPresentPlayback], Playing),
        rule(KeepSheets,       Practitioner, COACHED,  &[],                                       Always),
        rule(KeepSheets,       Coach,        SERIES,   &[],                                       Always),
        rule(KeepSheets,       Coach,        BEFORE,   &[],                                       Always),
        rule(SeeAttendance,    Coordinator,  HERE,     &[],                                       Always),
        rule(SeeCoachingFigures, ProgrammeLead, HERE,  &[],                                       Always),
        rule(Supervise,        CoachingSupervisor, HERE, &[],                                     Always),
        rule(AttendSupervision, Coach,       HERE,     &[],                                       Always),
        rule(BringMoment,      Practitioner, OWNS,     &[Record, TeachingPlayback],               Playable),
        rule(HearBrought,      Coach,        SEATED,   &[Record, TeachingPlayback],               UnderDome),
        rule(HearBrought,      CoachingSupervisor, SEATED, &[Record, TeachingPlayback],           UnderDome),
        rule(ReadDebriefs,     Researcher,   HERE,     &[],                                       Always),

        rule(RecordConsent,    Practitioner, OWNS,     &[],                                       Always),
        rule(SeeConsent,       Practitioner, OWNS,     &[],                                       Always),
        rule(SeeConsent,       Dpo,          ANY,      &[],                                       Always),
        rule(Withdraw,         Practitioner, OWNS,     &[],                                       Always),
        rule(Withdraw,         Dpo,          ANY,      &[],                                       Always).elevated(),
        rule(ManageForms,      Dpo,          HERE,     &[],                                       Always).elevated(),

        rule(LinkIdentity,     Practitioner, OWNS,     &[],                                       Always),
        rule(RevealIdentity,   Dpo,          ANY,      &[],                                       Always).elevated(),
        rule(ManageIdentityKey, Dpo,         HERE,     &[],                                       Always).elevated(),

        rule(SeeHoldings,      Dpo,          HERE,     &[],                                       Always),
        rule(ManageRetention,  Dpo,          HERE,     &[],                                       Always).elevated(),
        rule(ExtendKeeping,    Dpo,          ANY,      &[Record],                                 Always).elevated(),
        rule(Hold,             Dpo,          ANY,      &[],                                       Always).elevated(),
        rule(Hold,             SafeguardingLead, ANY,  &[],                                       Always).elevated(),
        rule(Block,            Practitioner, OWNS,     &[],                                       Always),
        rule(Block,            Dpo,          ANY,      &[],                                       Always),
        rule(ReadAudit,        Dpo,          HERE,     &[],                                       Always).elevated(),

        rule(RaiseConcern,     Practitioner, OWNS,     &[],                                       Playable),
        rule(RaiseConcern,     Researcher,   CODES,    &[Record, CodeResearch],                   Released),
        rule(RaiseConcern,     Researcher,   SECOND,   &[Record, CodeResearch],                   Released),
        rule(RaiseConcern,     Researcher,   LEARNS,   &[Record, CodeResearch, TeachingPlayback], Released),
        rule(RaiseConcern,     Coach,        COACHES,  &[Record, CoachPlayback],                  Shared),
        rule(SeeConcerns,      SafeguardingLead, HERE, &[],                                       Always),
        rule(SeeConcern,       SafeguardingLead, ANY,  &[],                                       Always),
        rule(SeeConcern,       Practitioner, RAISED,   &[],                                       Always),
        rule(SeeConcern,       Researcher,   RAISED,   &[],                                       Always),
        rule(SeeConcern,       Coach,        RAISED,   &[],                                       Always),
        rule(WriteConcern,     SafeguardingLead, ANY,  &[],                                       Always),
        rule(WriteConcern,     Practitioner, RAISED,   &[],                                       Always),
        rule(WriteConcern,     Researcher,   RAISED,   &[],                                       Always),
        rule(WriteConcern,     Coach,        RAISED,   &[],                                       Always),
        rule(RequestGlass,     SafeguardingLead, ANY,  &[],                                       Playable).elevated(),
        rule(SeeGlass,         Dpo,          HERE,     &[],                                       Always),
        rule(DecideGlass,      Dpo,          ANY,      &[],                                       Always).elevated(),
        rule(HearPassage,      SafeguardingLead, GLASS, &[],                                      Playable).elevated(),

        worker(Decode,                                 &[Record],                                 Always),
        worker(Transcribe,                             &[Record, Purpose::Transcribe],            Playable),
        worker(RenderClip,                             &[Record, CoachPlayback],                  Released),

        worker(Erase,                                  &[],                                       Always),

        rule(ManagePeople,     SysAdmin,     HERE,     &[],                                       Always).elevated(),
        rule(SeeJobs,          SysAdmin,     HERE,     &[],                                       Always),
    ]
};
