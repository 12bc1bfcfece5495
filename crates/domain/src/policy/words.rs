//! The policy in words, for pages and for whoever checks it.

use super::{Action, Rule, Tie, When};
use crate::{Hat, Relation};

impl Action {
    /// What is done, as the end of "May …".
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::Upload => "add a recording",
            Self::SeeRecording => "see that a recording exists and how far it is",
            Self::PlayRecording => "hear a whole recording",
            Self::ReadTranscript => "read a transcript",
            Self::CorrectTranscript => "correct a transcript",
            Self::TranscribeAgain => "have a transcript made again",
            Self::StopTranscribing => "stop a transcript from being made",
            Self::DecodeAgain => "have a file looked at once more that could not be read",
            Self::TakeFileBack => "get back a file that could not be read, as it was sent",
            Self::DecideSharing => "let a recording go on, or keep it",
            Self::SeeListeners => "see who listened",
            Self::Code => "code a recording",
            Self::AssignSecond => {
                "give a recording a second coder, who sees nothing of the first one’s work"
            }
            Self::CompareCodings => "see all codings of a recording, once every coder has finished",
            Self::AgreeCodings => "agree what is heard, once every coder has finished",
            Self::UseRatings => "count finished codings into figures of how far coders agree",
            Self::SeeProtocols => "see which protocols there are and how far they are",
            Self::ManageProtocols => "write protocols",
            Self::SeeReliability => "see how far coders agree",
            Self::SeeTraining => "see which recordings people learn to code with",
            Self::ManageTraining => "say who learns to code, and with which recordings",
            Self::Learn => "learn to code, and have their codings compared",
            Self::TeachWith => "have people learn to code with a recording",
            Self::MakePlaylist => "prepare extracts",
            Self::SeeFrameworks => "read what recordings are coded for",
            Self::ManageFrameworks => "write what recordings are coded for, choose the version",
            Self::SeeRedaction => "see what is hidden of a recording",
            Self::Hide => "hide a passage from those who hear extracts",
            Self::ShowAgain => "let a hidden passage be heard again, two people together",
            Self::ApproveRedaction => "say that nothing is left to hide",
            Self::SeePlaylist => "see the extracts of a coaching room",
            Self::PreviewClip => "hear an extract while it is prepared",
            Self::PlayClip => "play an extract that was shared",
            Self::ReadClip => "read the words of an extract, where they are shown",
            Self::VetoClip => "keep an extract from being played",
            Self::SeeBriefing => "see what coder and coach prepare together",
            Self::MeetInBriefing => "be in the room where coder and coach prepare",
            Self::WriteBriefing => "write in that room, and propose extracts",
            Self::PutOnInBriefing => "put a short passage on in that room, while both are there",
            Self::HearBriefing => "hear what is put on in that room, while both are there",
            Self::Nominate => "mark a moment to hear with their coach",
            Self::SeeNominated => "see which moments a social worker would like to hear",
            Self::SeeCoaching => "see their own series of sessions, and who coaches",
            Self::StartSeries => "begin a series of coaching sessions",
            Self::KeepProfile => "say what those who look for a coach are told",
            Self::CheckProfile => "say that a coach’s accreditation was looked at",
            Self::SeeSeries => "see a series of sessions",
            Self::Agree => "write the agreement of a series, and sign it",
            Self::ArrangeSessions => "arrange sessions",
            Self::DecideSeries => {
                "decide who coaches, who is invited, what is told and when it ends"
            }
            Self::ChooseClips => "choose what is heard in a session",
            Self::PrepareClip => "hear an extract before its session",
            Self::SeeSession => "see what is to be heard in a session",
            Self::WatchSession => "learn whether what is heard in a session has changed",
            Self::MeetInSession => "be in the room of a session",
            Self::LeadSession => "begin a session, put extracts on, and end it",
            Self::HearInSession => "hear what is on in a session, while they are there",
            Self::KeepSheets => "keep sheets and logs of their own, and read what was shared",
            Self::SeeAttendance => "see when sessions are, and who said that it may be told",
            Self::SeeCoachingFigures => "see how many receive coaching, where they are enough",
            Self::Supervise => "call coaches together for supervision",
            Self::AttendSupervision => "take part in supervision",
            Self::BringMoment => "bring a moment of their recording to supervision",
            Self::HearBrought => "hear a moment that somebody brought to supervision",
            Self::ReadDebriefs => "read what a supervisor noted after a meeting and let them read",
            Self::RecordConsent => "write down what somebody agreed to",
            Self::SeeConsent => "see what was agreed to",
            Self::Withdraw => "take an agreement back, also for somebody who asked",
            Self::ManageForms => "change the words people are asked to agree to",
            Self::LinkIdentity => "note who a chosen name stands for",
            Self::RevealIdentity => "learn who a chosen name stands for, with the key for that",
            Self::ManageIdentityKey => "make the key for real names",
            Self::SeeHoldings => "see what is held, under which consent and until when",
            Self::ManageRetention => "set for how long things are kept",
            Self::ExtendKeeping => "keep one recording longer",
            Self::Hold => "stop the destruction of a recording, or let it go on",
            Self::Block => "keep a person away from a recording",
            Self::ReadAudit => "read the audit log",
            Self::RaiseConcern => "say that somebody may be at risk",
            Self::SeeConcerns => "see which concerns there are",
            Self::SeeConcern => "read a concern",
            Self::WriteConcern => "add to a concern who was told what",
            Self::RequestGlass => "ask to hear the passage a concern is about",
            Self::SeeGlass => "see who asked to hear a passage",
            Self::DecideGlass => "allow that, or refuse it",
            Self::HearPassage => "hear the passage a concern is about",
            Self::Decode => "decode a recording",
            Self::Transcribe => "turn speech into text",
            Self::RenderClip => "cut an extract",
            Self::Erase => "destroy what is no longer to be kept",
            Self::ManagePeople => "add people and give them roles",
            Self::SeeJobs => "see the work that is queued, without content",
        }
    }
}

impl Rule {
    /// Who, as the subject of a sentence.
    pub const fn who(&self) -> &'static str {
        match self.hat {
            Hat::Nobody => "Anybody",
            Hat::Worker => "The service itself",
            Hat::Person(role) => role.title(),
        }
    }

    /// What ties them to it.
    pub const fn tie_in_words(&self) -> &'static str {
        match self.tie {
            Tie::Installation => "not about one recording",
            Tie::AnyRecording => "any recording",
            Tie::By(Relation::Owns) => "a recording they made",
            Tie::By(Relation::Codes) => "a recording they were chosen to code",
            Tie::By(Relation::CodesSecond) => {
                "a recording they were chosen to code too, as the second"
            }
            Tie::By(Relation::Learns) => "a recording they learn to code on",
            Tie::By(Relation::Coaches) => "a recording they were chosen to coach on",
            Tie::By(Relation::Raised) => "a concern they raised",
            Tie::By(Relation::IsCoached) => "a series in which they are coached",
            Tie::By(Relation::CoachesSeries) => "a series of which they are the coach",
            Tie::By(Relation::CoachedBefore) => "a series of which they were the coach",
            Tie::By(Relation::Seated) => "supervision that they are invited to, or lead",
            Tie::By(Relation::Guest) => "a session to which whoever is coached invited them",
            Tie::By(Relation::Glass) => {
                "a concern whose passage a second person let them hear, for an hour"
            }
        }
    }

    /// In which state it has to be.
    pub const fn when_in_words(&self) -> &'static str {
        match self.when {
            When::Always => "at any time",
            When::Refused => "while its file cannot be read",
            When::Playable => "once it can be played",
            When::Released => "once the social worker let it go on",
            When::Shared => "once the extract is approved and shared",
            When::Ongoing => "until the series ends",
            When::Agreed => "once both have signed the agreement, until the series ends",
            When::Live => "while the session is live",
            When::Chosen => "once the extract is shared and chosen for the session",
            When::Playing => {
                "while the session is live, an extract that is shared and chosen for it"
            }
            When::UnderDome => {
                "while whoever brought it is under the dome, once somebody listened that nothing is left to hide"
            }
        }
    }
}
