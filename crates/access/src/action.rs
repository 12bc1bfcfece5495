//! Every action as a type, with the kind of object that it is done to.

use hearback_domain::{
    BroughtId, ClipId, CoachingSessionId, ConcernId, PieceId, PlaylistId, RecordingId, SeriesId,
    UserId, policy,
};

/// What an action is done to, for the gate and the audit log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObjectRef {
    /// The installation as a whole.
    Installation,
    /// A recording.
    Recording(RecordingId),
    /// A playlist.
    Playlist(PlaylistId),
    /// An extract.
    Clip(ClipId),
    /// A concern that somebody raised.
    Concern(ConcernId),
    /// A series of coaching sessions.
    Series(SeriesId),
    /// A coaching session.
    Session(CoachingSessionId),
    /// An extract in what is heard in a session.
    Piece(PieceId),
    /// A moment that somebody brought to supervision.
    Brought(BroughtId),
    /// A person with an account. For the audit log: no action is done to one.
    Person(UserId),
}

impl ObjectRef {
    /// The word for its kind, in the audit log.
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Installation => "installation",
            Self::Recording(_) => "recording",
            Self::Playlist(_) => "playlist",
            Self::Clip(_) => "clip",
            Self::Concern(_) => "concern",
            Self::Series(_) => "series",
            Self::Session(_) => "session",
            Self::Piece(_) => "piece",
            Self::Brought(_) => "brought",
            Self::Person(_) => "person",
        }
    }

    /// Its identifier, for the audit log.
    pub fn id(self) -> Option<uuid::Uuid> {
        match self {
            Self::Installation => None,
            Self::Recording(id) => Some(id.as_uuid()),
            Self::Playlist(id) => Some(id.as_uuid()),
            Self::Clip(id) => Some(id.as_uuid()),
            Self::Concern(id) => Some(id.as_uuid()),
            Self::Series(id) => Some(id.as_uuid()),
            Self::Session(id) => Some(id.as_uuid()),
            Self::Piece(id) => Some(id.as_uuid()),
            Self::Brought(id) => Some(id.as_uuid()),
            Self::Person(id) => Some(id.as_uuid()),
        }
    }
}

/// Something a permit can be about.
pub trait Object: Copy + Send + Sync + 'static {
    /// For the gate and the audit log.
    fn to_ref(self) -> ObjectRef;
}

impl Object for () {
    fn to_ref(self) -> ObjectRef {
        ObjectRef::Installation
    }
}
impl Object for RecordingId {
    fn to_ref(self) -> ObjectRef {
        ObjectRef::Recording(self)
    }
}
impl Object for PlaylistId {
    fn to_ref(self) -> ObjectRef {
        ObjectRef::Playlist(self)
    }
}
impl Object for ClipId {
    fn to_ref(self) -> ObjectRef {
        ObjectRef::Clip(self)
    }
}

impl Object for ConcernId {
    fn to_ref(self) -> ObjectRef {
        ObjectRef::Concern(self)
    }
}

impl Object for SeriesId {
    fn to_ref(self) -> ObjectRef {
        ObjectRef::Series(self)
    }
}

impl Object for CoachingSessionId {
    fn to_ref(self) -> ObjectRef {
        ObjectRef::Session(self)
    }
}

impl Object for PieceId {
    fn to_ref(self) -> ObjectRef {
        ObjectRef::Piece(self)
    }
}

impl Object for BroughtId {
    fn to_ref(self) -> ObjectRef {
        ObjectRef::Brought(self)
    }
}

/// An action of the policy, as a type.
pub trait Action: Send + Sync + 'static {
    /// Which one.
    const ACTION: policy::Action;
    /// What it is done to.
    type Object: Object;
}

macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident($object:ty) = $action:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub enum $name {}
        impl Action for $name {
            const ACTION: policy::Action = policy::Action::$action;
            type Object = $object;
        }
    )+};
}

actions! {
    /// Begin a recording: give details, people and consents.
    Start(()) = Upload;
    /// Give a recording its file.
    Upload(RecordingId) = Upload;
    /// See a recording's details.
    SeeRecording(RecordingId) = SeeRecording;
    /// Hear a whole recording.
    PlayRecording(RecordingId) = PlayRecording;
    /// Read a transcript.
    ReadTranscript(RecordingId) = ReadTranscript;
    /// Correct a transcript.
    CorrectTranscript(RecordingId) = CorrectTranscript;
    /// Have a transcript made again.
    TranscribeAgain(RecordingId) = TranscribeAgain;
    /// Stop a transcript from being made.
    StopTranscribing(RecordingId) = StopTranscribing;
    /// Have a refused file looked at once more.
    DecodeAgain(RecordingId) = DecodeAgain;
    /// Get a refused file back.
    TakeFileBack(RecordingId) = TakeFileBack;
    /// Release or withhold.
    DecideSharing(RecordingId) = DecideSharing;
    /// See who listened.
    SeeListeners(RecordingId) = SeeListeners;
    /// Code and score.
    Code(RecordingId) = Code;
    /// Give a recording a second coder.
    AssignSecond(RecordingId) = AssignSecond;
    /// See all codings of a recording.
    CompareCodings(RecordingId) = CompareCodings;
    /// Agree what is heard, beside what each coder wrote.
    AgreeCodings(RecordingId) = AgreeCodings;
    /// Count a recording's scores into figures.
    UseRatings(RecordingId) = UseRatings;
    /// See protocols.
    SeeProtocols(()) = SeeProtocols;
    /// Write protocols.
    ManageProtocols(()) = ManageProtocols;
    /// See how far coders agree.
    SeeReliability(()) = SeeReliability;
    /// See the sets that people learn with.
    SeeTraining(()) = SeeTraining;
    /// Make such sets, and name people.
    ManageTraining(()) = ManageTraining;
    /// Learn to code.
    Learn(()) = Learn;
    /// Have people learn with a recording.
    TeachWith(RecordingId) = TeachWith;
    /// Make the playlist of a recording.
    MakePlaylist(RecordingId) = MakePlaylist;
    /// Read frameworks.
    SeeFrameworks(()) = SeeFrameworks;
    /// Write frameworks.
    ManageFrameworks(()) = ManageFrameworks;
    /// See what is hidden of a recording.
    SeeRedaction(RecordingId) = SeeRedaction;
    /// Hide a passage of a recording.
    Hide(RecordingId) = Hide;
    /// Let a hidden passage be heard again.
    ShowAgain(RecordingId) = ShowAgain;
    /// Say that nothing is left to hide.
    ApproveRedaction(RecordingId) = ApproveRedaction;
    /// See a playlist in the room.
    SeePlaylist(PlaylistId) = SeePlaylist;
    /// Hear an extract while it is prepared.
    PreviewClip(ClipId) = PreviewClip;
    /// Hear a shared extract.
    PlayClip(ClipId) = PlayClip;
    /// Read the words of a shared extract.
    ReadClip(ClipId) = ReadClip;
    /// Keep an extract from being played.
    VetoClip(ClipId) = VetoClip;
    /// See a recording's briefing.
    SeeBriefing(RecordingId) = SeeBriefing;
    /// Be in a briefing's room.
    MeetInBriefing(RecordingId) = MeetInBriefing;
    /// Write in a briefing.
    WriteBriefing(RecordingId) = WriteBriefing;
    /// Put a passage on in a briefing.
    PutOnInBriefing(RecordingId) = PutOnInBriefing;
    /// Hear what is on in a briefing.
    HearBriefing(RecordingId) = HearBriefing;
    /// Mark a moment of one's own recording.
    Nominate(RecordingId) = Nominate;
    /// See the moments that a practitioner marked.
    SeeNominated(RecordingId) = SeeNominated;
    /// See one's series, and who coaches.
    SeeCoaching(()) = SeeCoaching;
    /// Begin a series.
    StartSeries(()) = StartSeries;
    /// Keep one's profile as a coach.
    KeepProfile(()) = KeepProfile;
    /// Say that a coach's accreditation was looked at.
    CheckProfile(()) = CheckProfile;
    /// See a series.
    SeeSeries(SeriesId) = SeeSeries;
    /// Write and sign its agreement.
    Agree(SeriesId) = Agree;
    /// Arrange its sessions.
    ArrangeSessions(SeriesId) = ArrangeSessions;
    /// Decide what is its practitioner's alone.
    DecideSeries(SeriesId) = DecideSeries;
    /// Choose what is heard in a session.
    ChooseClips(CoachingSessionId) = ChooseClips;
    /// Hear an extract before its session.
    PrepareClip(PieceId) = PrepareClip;
    /// See a session.
    SeeSession(CoachingSessionId) = SeeSession;
    /// Learn whether what is heard in a session has changed.
    WatchSession(CoachingSessionId) = WatchSession;
    /// Be in a session's room.
    MeetInSession(CoachingSessionId) = MeetInSession;
    /// Begin, lead and end a session.
    LeadSession(CoachingSessionId) = LeadSession;
    /// Hear an extract in a session.
    HearInSession(PieceId) = HearInSession;
    /// Keep sheets and logs of a session.
    KeepSheets(CoachingSessionId) = KeepSheets;
    /// See when sessions are.
    SeeAttendance(()) = SeeAttendance;
    /// See how many receive coaching.
    SeeCoachingFigures(()) = SeeCoachingFigures;
    /// Lead supervision.
    Supervise(()) = Supervise;
    /// Take part in supervision.
    AttendSupervision(()) = AttendSupervision;
    /// Bring a moment of an own recording to supervision.
    BringMoment(RecordingId) = BringMoment;
    /// Hear a moment in supervision.
    HearBrought(BroughtId) = HearBrought;
    /// Read what supervisors noted after meetings.
    ReadDebriefs(()) = ReadDebriefs;
    /// Write down consent.
    RecordConsent(RecordingId) = RecordConsent;
    /// See consent.
    SeeConsent(RecordingId) = SeeConsent;
    /// Take consent back.
    Withdraw(RecordingId) = Withdraw;
    /// Write forms.
    ManageForms(()) = ManageForms;
    /// Note who a chosen name stands for.
    LinkIdentity(RecordingId) = LinkIdentity;
    /// Learn who a chosen name stands for.
    RevealIdentity(RecordingId) = RevealIdentity;
    /// Make the key for real names.
    ManageIdentityKey(()) = ManageIdentityKey;
    /// See what is held.
    SeeHoldings(()) = SeeHoldings;
    /// Set for how long things are kept.
    ManageRetention(()) = ManageRetention;
    /// Keep one recording longer.
    ExtendKeeping(RecordingId) = ExtendKeeping;
    /// Stop destruction, or let it go on.
    Hold(RecordingId) = Hold;
    /// Keep a person away.
    Block(RecordingId) = Block;
    /// Read the audit log.
    ReadAudit(()) = ReadAudit;
    /// Raise a concern about a recording.
    RaiseConcern(RecordingId) = RaiseConcern;
    /// Raise a concern about an extract.
    RaiseConcernOnClip(ClipId) = RaiseConcern;
    /// See which concerns there are.
    SeeConcerns(()) = SeeConcerns;
    /// See a concern.
    SeeConcern(ConcernId) = SeeConcern;
    /// Add to a concern.
    WriteConcern(ConcernId) = WriteConcern;
    /// Ask to hear a concern's passage.
    RequestGlass(ConcernId) = RequestGlass;
    /// See who asked.
    SeeGlass(()) = SeeGlass;
    /// Allow it or refuse it.
    DecideGlass(ConcernId) = DecideGlass;
    /// Hear a concern's passage.
    HearPassage(ConcernId) = HearPassage;
    /// Destroy (worker).
    Erase(RecordingId) = Erase;
    /// Decode (worker).
    Decode(RecordingId) = Decode;
    /// Transcribe (worker).
    Transcribe(RecordingId) = Transcribe;
    /// Cut an extract (worker).
    RenderClip(ClipId) = RenderClip;
    /// Manage people.
    ManagePeople(()) = ManagePeople;
    /// See jobs.
    SeeJobs(()) = SeeJobs;
}
