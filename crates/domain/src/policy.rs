//! Who may do what: one table, one function, default no.
//!
//! A decision is *role ∧ tie ∧ not blocked ∧ still kept ∧ consent ∧ state ∧ strength of the session*. [`TABLE`] has a row
//! for every combination that is allowed; [`decide`] says yes if a row fits and no otherwise. Everything else in the
//! service (routes, storage, the worker) asks this function and nothing else.
//!
//! Rules that need no row because nothing grants them: a manager has no standing access (K-02); an administrator
//! and the data protection officer have none to content; a coach never reaches a whole recording.

use crate::{Consents, Hat, KeyClass, Purpose, RecordingState, Relation};

mod table;
#[cfg(test)]
mod tests;
mod words;

pub use self::table::TABLE;

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
    /// Correct what a machine wrote; say who speaks; answer doubts.
    CorrectTranscript = "transcript.correct",
    /// Have a machine listen again, perhaps for another language.
    TranscribeAgain = "transcript.again",
    /// Stop a machine that is to turn speech into text, or does.
    StopTranscribing = "transcript.stop",
    /// Have a file looked at once more that could not be read.
    DecodeAgain = "recording.decode_again",
    /// Get back the file that could not be read, as it was sent.
    TakeFileBack = "recording.take_file_back",
    /// Let the recording go on to a researcher and a coach, or keep it.
    DecideSharing = "recording.decide_sharing",
    /// See who listened.
    SeeListeners = "recording.see_listeners",
    /// See, make, change and remove own codes and scores; finish them.
    Code = "coding.write",
    /// Give a recording a second coder, who sees nothing of the first one's work.
    AssignSecond = "coding.assign_second",
    /// See all codings of a recording, once everybody who codes it has finished.
    CompareCodings = "coding.compare",
    /// Agree what is heard, once everybody has finished, beside what each coder wrote.
    AgreeCodings = "coding.agree",
    /// Count the finished scores of a recording into figures of how far coders agree.
    UseRatings = "coding.use_ratings",
    /// See which protocols there are and how far they are.
    SeeProtocols = "protocols.see",
    /// Write protocols.
    ManageProtocols = "protocols.manage",
    /// See how far coders agree.
    SeeReliability = "reliability.see",
    /// See which sets of recordings people learn to code with, and how far they are.
    SeeTraining = "training.see",
    /// Make such sets, name who agrees on their scores and who learns, and open them.
    ManageTraining = "training.manage",
    /// Score a set of recordings whose agreed scores one has not seen, and have it compared.
    Learn = "training.learn",
    /// Take a recording into a set that people learn with, or out of it.
    TeachWith = "training.teach_with",
    /// Make, change, approve and share extracts.
    MakePlaylist = "playlist.make",
    /// Read the frameworks that recordings are coded for, in all their versions.
    SeeFrameworks = "frameworks.see",
    /// Write frameworks, publish versions, and say which one new codings take (COD-10).
    ManageFrameworks = "frameworks.manage",
    /// See what is hidden of a recording, and what was said about it.
    SeeRedaction = "redaction.see",
    /// Hide a passage from everybody who hears extracts.
    Hide = "redaction.hide",
    /// Ask for a hidden passage to be heard again, or say yes to it after somebody else asked.
    ShowAgain = "redaction.show_again",
    /// Say that one listened, and that nothing is left to hide.
    ApproveRedaction = "redaction.approve",
    /// See the playlist in the room: titles, strengths, questions.
    SeePlaylist = "playlist.see",
    /// Hear an extract while it is being prepared.
    PreviewClip = "clip.preview",
    /// Hear an extract that was shared.
    PlayClip = "clip.play",
    /// Read the words of an extract, where whoever prepared it shows them.
    ReadClip = "clip.read",
    /// Keep an extract from being played.
    VetoClip = "clip.veto",
    /// See a briefing: who is there, the coder's moments, what the two wrote (CM-04).
    SeeBriefing = "briefing.see",
    /// Be in a briefing's room, and start and stop what is on.
    MeetInBriefing = "briefing.meet",
    /// Write in a briefing: notes, and what to propose for the playlist.
    WriteBriefing = "briefing.write",
    /// Put a passage on in a briefing, to be heard by whoever is there.
    PutOnInBriefing = "briefing.put_on",
    /// Hear what is on in a briefing.
    HearBriefing = "briefing.hear",
    /// Mark a moment of one's own recording, to hear it with one's coach.
    Nominate = "moment.nominate",
    /// See the moments that a practitioner would like to hear.
    SeeNominated = "moment.see",
    /// See one's own series of coaching sessions, and who coaches (CM-02).
    SeeCoaching = "coaching.see",
    /// Begin a series, and choose a coach (CM-14).
    StartSeries = "series.start",
    /// Say of oneself what those who look for a coach are told (ORG-12).
    KeepProfile = "coach_profile.write",
    /// Say that a coach's accreditation was looked at (CM-09).
    CheckProfile = "coach_profile.check",
    /// See a series: its focus, its agreement, its sessions.
    SeeSeries = "series.see",
    /// Write the agreement of a series, and sign it (FRM-01).
    Agree = "series.agree",
    /// Give sessions a time and a place, move and postpone them.
    ArrangeSessions = "series.arrange",
    /// Decide what is the practitioner's alone: who coaches, who is invited, what others are told, when it ends.
    DecideSeries = "series.decide",
    /// Choose what is heard in a session, in which order, with which question.
    ChooseClips = "session.choose",
    /// Hear an extract before the session.
    PrepareClip = "session.prepare_clip",
    /// See a session: what is heard in it, under which questions.
    SeeSession = "session.see",
    /// Learn whether something has changed in what is heard in a session; not what.
    WatchSession = "session.watch",
    /// Be in the room of a session, and start and stop what is on.
    MeetInSession = "session.meet",
    /// Begin a session, put extracts on, end it.
    LeadSession = "session.lead",
    /// Hear what is on in a session.
    HearInSession = "session.hear",
    /// Keep one's own sheets and logs, read those that were shared (FRM-02, FRM-03, FRM-04).
    KeepSheets = "sheets.keep",
    /// See who may be told to receive coaching, and when sessions are; no content.
    SeeAttendance = "coaching.attendance",
    /// See how many receive coaching, where they are enough.
    SeeCoachingFigures = "coaching.figures",
    /// Call coaches together for supervision, and keep time (SUP-01).
    Supervise = "supervision.lead",
    /// Take part in supervision.
    AttendSupervision = "supervision.attend",
    /// Bring a moment of one's own recording to supervision (SUP-03).
    BringMoment = "supervision.bring",
    /// Hear a moment that somebody brought, while they are under the dome.
    HearBrought = "supervision.hear",
    /// Read what a supervisor noted after a meeting, and let one read (SUP-05).
    ReadDebriefs = "supervision.debriefs",
    /// Write down what somebody who is heard said yes and no to (REC-04).
    RecordConsent = "consent.record",
    /// See who said yes to what, under which words.
    SeeConsent = "consent.see",
    /// Take a yes back: one's own, or for somebody who asked (ETH-04).
    Withdraw = "consent.withdraw",
    /// Write another version of the statements people are asked to agree to.
    ManageForms = "forms.manage",
    /// Note who a chosen name stands for. Whoever writes it cannot read it back.
    LinkIdentity = "identity.link",
    /// Learn who a chosen name stands for.
    RevealIdentity = "identity.reveal",
    /// Make the key under which real names are kept.
    ManageIdentityKey = "identity.key",
    /// See what is held, under which consent, until when; no content.
    SeeHoldings = "holdings.see",
    /// Set for how long things are kept.
    ManageRetention = "retention.manage",
    /// Keep one recording longer, for a reason.
    ExtendKeeping = "retention.extend",
    /// Stop the destruction of a recording, or let it go on.
    Hold = "hold.change",
    /// Keep a person away from a recording, or stop doing so.
    Block = "block.change",
    /// Read the audit log.
    ReadAudit = "audit.read",
    /// Say that somebody may be at risk (ETH-01).
    RaiseConcern = "concern.raise",
    /// See which concerns there are.
    SeeConcerns = "concern.list",
    /// See one concern.
    SeeConcern = "concern.see",
    /// Add to a concern who was told what.
    WriteConcern = "concern.write",
    /// Ask to hear the passage a concern is about.
    RequestGlass = "glass.request",
    /// See who asked to hear a passage.
    SeeGlass = "glass.list",
    /// Allow or refuse that.
    DecideGlass = "glass.decide",
    /// Hear the passage a concern is about.
    HearPassage = "glass.hear",
    /// Decode the original (the service itself).
    Decode = "job.decode",
    /// Turn speech into text (the service itself).
    Transcribe = "job.transcribe",
    /// Cut an extract (the service itself).
    RenderClip = "job.render_clip",
    /// Destroy what is no longer to be kept (the service itself).
    Erase = "job.erase",
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
        !matches!(
            self,
            Self::SeeRecording
                | Self::SeeFrameworks
                | Self::SeeProtocols
                | Self::SeeTraining
                | Self::SeeJobs
                | Self::SeeConcerns
                | Self::SeeGlass
                | Self::MeetInBriefing
                | Self::SeeCoaching
                | Self::WatchSession
                | Self::MeetInSession
        )
    }

    /// What it rests on: once one of these is destroyed, or its time is over, nobody does it any more.
    pub const fn rests_on(self) -> &'static [KeyClass] {
        use KeyClass::{Coding, Extracts, Sound, Text};
        match self {
            Self::PlayRecording
            | Self::DecideSharing
            | Self::Decode
            | Self::DecodeAgain
            | Self::TakeFileBack
            | Self::HearPassage
            | Self::Upload
            | Self::RecordConsent
            | Self::LinkIdentity
            | Self::RevealIdentity
            | Self::RaiseConcern
            | Self::RequestGlass
            | Self::Nominate
            | Self::SeeNominated
            | Self::BringMoment
            | Self::HearBrought
            | Self::SeeRedaction
            | Self::Hide
            | Self::ShowAgain
            | Self::ApproveRedaction => &[Sound],
            Self::ReadTranscript | Self::CorrectTranscript => &[Text],
            Self::Transcribe | Self::TranscribeAgain => &[Sound, Text],
            Self::ReadClip => &[Text, Extracts],
            Self::Code | Self::AssignSecond | Self::TeachWith => &[Sound, Coding],
            Self::CompareCodings | Self::AgreeCodings | Self::UseRatings => &[Coding],
            Self::SeeBriefing | Self::WriteBriefing => &[Coding, Extracts],
            Self::MeetInBriefing | Self::PutOnInBriefing | Self::HearBriefing => {
                &[Sound, Coding, Extracts]
            }
            Self::MakePlaylist | Self::RenderClip => &[Sound, Extracts],
            Self::SeePlaylist
            | Self::PreviewClip
            | Self::PlayClip
            | Self::PrepareClip
            | Self::HearInSession => &[Extracts],
            _ => &[],
        }
    }
}

/// What ties somebody to what they want to do something to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tie {
    /// Nothing: it is done to the installation as a whole, and to no recording.
    Installation,
    /// This relation to the recording.
    By(Relation),
    /// Nothing: the hat suffices for every recording. Shows no content, or the row says what else it takes.
    AnyRecording,
}

/// What has to be true of the recording or the extract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// Nothing in particular.
    Always,
    /// Its file came, and could not be read.
    Refused,
    /// It can be played.
    Playable,
    /// It can be played and the practitioner released it.
    Released,
    /// It was released, and so was this extract: approved, agreed, not vetoed.
    Shared,
    /// The series has not ended.
    Ongoing,
    /// Both have signed its agreement, and it has not ended.
    Agreed,
    /// The session is live.
    Live,
    /// The series has not ended, and the extract was shared, and is among what is to be heard in the session.
    Chosen,
    /// As [`When::Chosen`], and the session is live.
    Playing,
    /// It can be played, somebody listened that nothing is left to hide, and whoever brought it is under the dome.
    UnderDome,
}

/// One thing that is allowed.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// What.
    pub action: Action,
    /// In which capacity.
    pub hat: Hat,
    /// Tied to the recording in this way.
    pub tie: Tie,
    /// Covered by everybody heard, for all of these.
    pub consent: &'static [Purpose],
    /// In this state.
    pub when: When,
    /// Only just after having shown anew who one is.
    pub elevated: bool,
}

impl Rule {
    const fn elevated(self) -> Self {
        Self { elevated: true, ..self }
    }
}

/// What is true of a recording, as seen by one person. Read in one transaction.
#[derive(Clone, Debug)]
pub struct Facts {
    /// What ties the person to it, as of now.
    pub relations: Vec<Relation>,
    /// Who said yes to what.
    pub consents: Consents,
    /// How far it is.
    pub state: RecordingState,
    /// Whether the playlist is agreed and, where an extract is asked for, that extract is approved and not vetoed; of a
    /// moment in supervision, whether somebody listened that nothing is left to hide.
    pub shared: bool,
    /// What is destroyed, or may no longer be kept.
    pub gone: Vec<KeyClass>,
    /// Somebody decided that this person is to have nothing to do with this recording.
    pub blocked: bool,
    /// How far the series is that the object belongs to, if it belongs to one.
    pub series: SeriesStage,
}

/// How far a series of coaching sessions is, from the farthest to the nearest to sound.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SeriesStage {
    /// The object belongs to no series.
    #[default]
    None,
    /// It has ended.
    Ended,
    /// It goes on.
    Ongoing,
    /// It goes on, and both have signed the agreement.
    Agreed,
    /// The session in question is live; in supervision, whoever brought the moment in question is under the dome.
    Live,
}

/// Why not, from the farthest to the nearest. For the audit log; the person asking learns only that there is nothing
/// there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum Refusal {
    /// No row for this hat.
    #[error("role")]
    Role,
    /// There is no such thing.
    #[error("absent")]
    Absent,
    /// Nothing ties the person to it.
    #[error("relation")]
    Relation,
    /// The person is kept away from it.
    #[error("blocked")]
    Blocked,
    /// It is destroyed, or its time is over.
    #[error("gone")]
    Gone,
    /// Somebody who is heard did not say yes, or took it back, or the yes ran out.
    #[error("consent")]
    Consent,
    /// It is not in a state for that.
    #[error("state")]
    State,
    /// All is in place, but the person has to show anew who they are. The only refusal that is told to them.
    #[error("strength")]
    Strength,
}

/// Decides. `facts` are of the recording in question, or `None` where the action has none; `elevated` says whether the
/// person has just shown who they are.
pub fn decide(
    action: Action,
    hat: Hat,
    elevated: bool,
    facts: Option<&Facts>,
) -> Result<(), Refusal> {
    let mut why = Refusal::Role;
    for rule in TABLE.iter().filter(|r| r.action == action && r.hat == hat) {
        match fits(rule, elevated, facts) {
            Ok(()) => return Ok(()),
            // Of several rows, the one that came nearest says why.
            Err(nearer) => why = why.max(nearer),
        }
    }
    Err(why)
}

fn fits(rule: &Rule, elevated: bool, facts: Option<&Facts>) -> Result<(), Refusal> {
    match (rule.tie, facts) {
        (Tie::Installation, None) => {}
        (Tie::Installation, Some(_)) => return Err(Refusal::Relation),
        (Tie::By(_) | Tie::AnyRecording, None) => return Err(Refusal::Absent),
        (Tie::By(_) | Tie::AnyRecording, Some(facts)) => holds(rule, facts)?,
    }
    if rule.elevated && !elevated { Err(Refusal::Strength) } else { Ok(()) }
}

fn holds(rule: &Rule, facts: &Facts) -> Result<(), Refusal> {
    if let Tie::By(relation) = rule.tie
        && !facts.relations.contains(&relation)
    {
        return Err(Refusal::Relation);
    }
    if facts.blocked {
        return Err(Refusal::Blocked);
    }
    if rule.action.rests_on().iter().any(|class| facts.gone.contains(class)) {
        return Err(Refusal::Gone);
    }
    if !rule.consent.iter().all(|purpose| facts.consents.cover(*purpose)) {
        return Err(Refusal::Consent);
    }
    let state = match rule.when {
        When::Always => true,
        When::Refused => facts.state.refused(),
        When::Playable => facts.state.playable(),
        When::Released => facts.state.playable() && facts.state.released(),
        When::Shared => is_shared(facts),
        When::Ongoing => facts.series >= SeriesStage::Ongoing,
        When::Agreed => facts.series >= SeriesStage::Agreed,
        When::Live => facts.series == SeriesStage::Live,
        When::Chosen => facts.series >= SeriesStage::Ongoing && is_shared(facts),
        When::Playing => facts.series == SeriesStage::Live && is_shared(facts),
        When::UnderDome => {
            facts.series == SeriesStage::Live && facts.state.playable() && facts.shared
        }
    };
    if state { Ok(()) } else { Err(Refusal::State) }
}

const fn is_shared(facts: &Facts) -> bool {
    facts.state.playable() && facts.state.released() && facts.shared
}
