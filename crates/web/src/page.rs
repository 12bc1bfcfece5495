//! What every page shares: its frame, the notice after a change, dates as people read them.

use askama::Template;
use axum::response::{Html, IntoResponse as _, Redirect, Response};
use hearback_domain::{Role, Timestamp};
use time::{OffsetDateTime, macros::format_description};

use crate::{
    WebError,
    error::{FieldError, Result},
    oidc,
    visit::Visit,
};

/// The frame of a page; `base.html` says what each field is.
pub(crate) struct Page {
    pub(crate) title: String,
    pub(crate) person: Option<PersonView>,
    pub(crate) nav: Vec<Link>,
    pub(crate) notice: Option<String>,
    pub(crate) errors: Vec<FieldError>,
    /// What people call signing in at the organisation's provider, if that is set up.
    pub(crate) sso: Option<String>,
}

/// Who is signed in, and as what.
pub(crate) struct PersonView {
    pub(crate) name: String,
    pub(crate) hats: Vec<HatView>,
    pub(crate) hat: HatView,
}

/// A role on the page.
pub(crate) struct HatView {
    pub(crate) key: &'static str,
    pub(crate) label: &'static str,
}

impl From<Role> for HatView {
    fn from(role: Role) -> Self {
        Self { key: role.as_str(), label: role.title() }
    }
}

/// A link of the navigation.
pub(crate) struct Link {
    pub(crate) href: &'static str,
    pub(crate) label: &'static str,
    pub(crate) current: bool,
}

impl Page {
    /// The text about one input, if there is one.
    pub(crate) fn error(&self, field: &str) -> Option<&str> {
        self.errors.iter().find(|e| e.field == field).map(|e| e.text.as_str())
    }
}

/// The navigation of a role.
pub(crate) fn nav(role: Role, path: &str) -> Vec<Link> {
    let links: &[(&str, &str)] = match role {
        Role::Practitioner => &[
            ("/", "Your recordings"),
            ("/recordings/new", "Add a recording"),
            ("/coaching", "Coaching"),
            ("/search", "Find words"),
            ("/help", "Help"),
        ],
        Role::Researcher => &[
            ("/", "Recordings to listen to"),
            ("/search", "Find words"),
            ("/frameworks", "Frameworks"),
            ("/protocols", "Protocols"),
            ("/training", "Learning"),
            ("/reliability", "Agreement"),
            ("/help", "Help"),
        ],
        Role::Coach => &[
            ("/", "Playlists"),
            ("/coaching", "Coaching"),
            ("/supervision", "Supervision"),
            ("/help", "Help"),
        ],
        Role::SysAdmin => &[
            ("/", "Home"),
            ("/admin/people", "People"),
            ("/admin/jobs", "Jobs"),
            ("/help", "Help"),
        ],
        Role::Dpo => &[
            ("/", "Home"),
            ("/admin/holdings", "What is held"),
            ("/admin/retention", "How long"),
            ("/admin/forms", "Forms"),
            ("/admin/audit", "Audit log"),
            ("/help", "Help"),
        ],
        Role::CoachingSupervisor => {
            &[("/", "Home"), ("/supervision/lead", "Supervision"), ("/help", "Help")]
        }
        Role::Coordinator => &[
            ("/", "Home"),
            ("/coaching", "Coaching"),
            ("/attendance", "Attendance"),
            ("/help", "Help"),
        ],
        Role::ProgrammeLead => {
            &[("/", "Home"), ("/coaching/figures", "Coaching"), ("/help", "Help")]
        }
        Role::SafeguardingLead => &[("/", "Home"), ("/concerns", "Concerns"), ("/help", "Help")],
        Role::LineManager => &[("/", "Home"), ("/help", "Help")],
    };
    links.iter().map(|&(href, label)| Link { href, label, current: href == path }).collect()
}

/// A page as an answer.
pub(crate) fn html(template: &impl Template) -> Result<Response> {
    Ok(Html(template.render().map_err(WebError::internal)?).into_response())
}

/// What just happened. The word travels in the address, so it is from a closed set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    FileArrived,
    Begun,
    Answered,
    Published,
    Released,
    Withheld,
    SecondWelcome,
    SecondNot,
    Saved,
    Removed,
    KeptWhereHeard,
    Moved,
    Approved,
    Agreed,
    Vetoed,
    Finished,
    PersonAdded,
    Requeued,
    SignedOut,
    SecondStepFirst,
    SecondStepAsked,
    PassphraseChanged,
    FactorAdded,
    FactorRemoved,
    SessionsEnded,
    Welcome,
    RolesChanged,
    PersonDisabled,
    PersonEnabled,
    InvitationWithdrawn,
    ConcernRaised,
    GlassAsked,
    GlassDecided,
    NameNoted,
    KeptAway,
    LetBack,
    Hidden,
    ShowAsked,
    StaysHidden,
    ShownAgain,
    NothingToHide,
    Corrected,
    ReadAgain,
    Stopped,
    NothingToStop,
    GoesOn,
    LooksAgain,
    FrameworkBegun,
    FrameworkPublished,
    FrameworkTaken,
    DraftDropped,
    NoDraft,
    ProtocolWritten,
    ProtocolClosed,
    TakenIn,
    SecondAssigned,
    TeachingWelcome,
    TeachingNot,
    SetOpened,
    AttemptBegun,
    HandedIn,
    SeriesBegun,
    AgreementWritten,
    AgreementSigned,
    SessionPlanned,
    SessionMoved,
    SessionPutOff,
    SessionMissed,
    CoachChanged,
    GuestFirst,
    SeriesEnded,
    SharedWithOther,
    KeptToMyself,
}

impl Said {
    const ALL: [Self; 73] = [
        Self::FileArrived,
        Self::Begun,
        Self::Answered,
        Self::Published,
        Self::Released,
        Self::Withheld,
        Self::SecondWelcome,
        Self::SecondNot,
        Self::Saved,
        Self::Removed,
        Self::KeptWhereHeard,
        Self::Moved,
        Self::Approved,
        Self::Agreed,
        Self::Vetoed,
        Self::Finished,
        Self::PersonAdded,
        Self::Requeued,
        Self::SignedOut,
        Self::SecondStepFirst,
        Self::SecondStepAsked,
        Self::PassphraseChanged,
        Self::FactorAdded,
        Self::FactorRemoved,
        Self::SessionsEnded,
        Self::Welcome,
        Self::RolesChanged,
        Self::PersonDisabled,
        Self::PersonEnabled,
        Self::InvitationWithdrawn,
        Self::ConcernRaised,
        Self::GlassAsked,
        Self::GlassDecided,
        Self::NameNoted,
        Self::KeptAway,
        Self::LetBack,
        Self::Hidden,
        Self::ShowAsked,
        Self::StaysHidden,
        Self::ShownAgain,
        Self::NothingToHide,
        Self::Corrected,
        Self::ReadAgain,
        Self::Stopped,
        Self::NothingToStop,
        Self::GoesOn,
        Self::LooksAgain,
        Self::FrameworkBegun,
        Self::FrameworkPublished,
        Self::FrameworkTaken,
        Self::DraftDropped,
        Self::NoDraft,
        Self::ProtocolWritten,
        Self::ProtocolClosed,
        Self::TakenIn,
        Self::SecondAssigned,
        Self::TeachingWelcome,
        Self::TeachingNot,
        Self::SetOpened,
        Self::AttemptBegun,
        Self::HandedIn,
        Self::SeriesBegun,
        Self::AgreementWritten,
        Self::AgreementSigned,
        Self::SessionPlanned,
        Self::SessionMoved,
        Self::SessionPutOff,
        Self::SessionMissed,
        Self::CoachChanged,
        Self::GuestFirst,
        Self::SeriesEnded,
        Self::SharedWithOther,
        Self::KeptToMyself,
    ];

    const fn word(self) -> &'static str {
        match self {
            Self::FileArrived => "arrived",
            Self::Begun => "begun",
            Self::Answered => "answered",
            Self::Published => "published",
            Self::Released => "released",
            Self::Withheld => "withheld",
            Self::SecondWelcome => "second-welcome",
            Self::SecondNot => "second-not",
            Self::Saved => "saved",
            Self::Removed => "removed",
            Self::KeptWhereHeard => "kept-where-heard",
            Self::Moved => "moved",
            Self::Approved => "approved",
            Self::Agreed => "agreed",
            Self::Vetoed => "vetoed",
            Self::Finished => "finished",
            Self::PersonAdded => "added",
            Self::Requeued => "requeued",
            Self::SignedOut => "signed-out",
            Self::SecondStepFirst => "second-step-first",
            Self::SecondStepAsked => "second-step-asked",
            Self::PassphraseChanged => "passphrase-changed",
            Self::FactorAdded => "factor-added",
            Self::FactorRemoved => "factor-removed",
            Self::SessionsEnded => "sessions-ended",
            Self::Welcome => "welcome",
            Self::RolesChanged => "roles-changed",
            Self::PersonDisabled => "disabled",
            Self::PersonEnabled => "enabled",
            Self::InvitationWithdrawn => "invitation-withdrawn",
            Self::ConcernRaised => "concern",
            Self::GlassAsked => "asked",
            Self::GlassDecided => "decided",
            Self::NameNoted => "name",
            Self::KeptAway => "kept-away",
            Self::LetBack => "let-back",
            Self::Hidden => "hidden",
            Self::ShowAsked => "show-asked",
            Self::StaysHidden => "stays-hidden",
            Self::ShownAgain => "shown-again",
            Self::NothingToHide => "nothing-to-hide",
            Self::Corrected => "corrected",
            Self::ReadAgain => "read-again",
            Self::Stopped => "stopped",
            Self::NothingToStop => "nothing-to-stop",
            Self::GoesOn => "goes-on",
            Self::LooksAgain => "looks-again",
            Self::FrameworkBegun => "framework-begun",
            Self::FrameworkPublished => "framework-published",
            Self::FrameworkTaken => "framework-taken",
            Self::DraftDropped => "draft-dropped",
            Self::NoDraft => "no-draft",
            Self::ProtocolWritten => "protocol-written",
            Self::ProtocolClosed => "protocol-closed",
            Self::TakenIn => "taken-in",
            Self::SecondAssigned => "second-assigned",
            Self::TeachingWelcome => "teaching-welcome",
            Self::TeachingNot => "teaching-not",
            Self::SetOpened => "set-opened",
            Self::AttemptBegun => "attempt-begun",
            Self::HandedIn => "handed-in",
            Self::SeriesBegun => "series-begun",
            Self::AgreementWritten => "agreement-written",
            Self::AgreementSigned => "agreement-signed",
            Self::SessionPlanned => "session-planned",
            Self::SessionMoved => "session-moved",
            Self::SessionPutOff => "put-off",
            Self::SessionMissed => "not-held",
            Self::CoachChanged => "coach-changed",
            Self::GuestFirst => "guest-first",
            Self::SeriesEnded => "series-ended",
            Self::SharedWithOther => "shared",
            Self::KeptToMyself => "kept-to-myself",
        }
    }

    #[expect(clippy::too_many_lines, reason = "a sentence for each")]
    const fn sentence(self) -> &'static str {
        match self {
            Self::FileArrived => "Your recording is safely here.",
            Self::Begun => "Noted. Now everyone who is heard says yes or no.",
            Self::Answered => "The answers are written down.",
            Self::Published => "Published. From now on people are asked with these words.",
            Self::Released => "You shared your recording. You can stop sharing it at any time.",
            Self::Withheld => "Only you can hear this recording now.",
            Self::SecondWelcome => "Thank you. A second researcher may listen to it too.",
            Self::SecondNot => {
                "Nobody but the one researcher listens to it for coding from now on."
            }
            Self::Saved => "Saved.",
            Self::Removed => "Taken out.",
            Self::KeptWhereHeard => {
                "Taken out. It was heard in a coaching session, so it stays there, with its sound and what was marked, for those who heard it; nobody can add it to another one."
            }
            Self::Moved => "Moved.",
            Self::Approved => "Noted: you listened, and there is nothing in it to hide.",
            Self::Agreed => "The playlist is in the room now.",
            Self::Vetoed => "That extract is out of the list, for everyone.",
            Self::Finished => "Your coding of this recording is finished. Thank you.",
            Self::PersonAdded => "Added. Give them their passphrase in person.",
            Self::Requeued => "The job is back in the queue.",
            Self::SignedOut => "You are signed out.",
            Self::SecondStepFirst => {
                "Welcome. Here everybody signs in with a second step: choose yours on this page, then go on."
            }
            Self::SecondStepAsked => {
                "What you were about to do asks for a second step when you sign in. Choose yours on this page, then go on."
            }
            Self::PassphraseChanged => {
                "Your new passphrase is in place, and you are signed out everywhere else."
            }
            Self::FactorAdded => {
                "Your second step is in place, and you are signed out everywhere else."
            }
            Self::FactorRemoved => "Removed, and you are signed out everywhere else.",
            Self::SessionsEnded => "Done. Nobody is signed in there any more.",
            Self::Welcome => "Your passphrase is in place. Sign in with it now.",
            Self::RolesChanged => "Saved. It counts from the next thing they do.",
            Self::PersonDisabled => {
                "They are signed out, and cannot sign in until you let them in again."
            }
            Self::PersonEnabled => "They can sign in again.",
            Self::InvitationWithdrawn => {
                "The invitation is taken back; its link opens nothing any more."
            }
            Self::ConcernRaised => "Thank you. The safeguarding lead can see it now.",
            Self::GlassAsked => "You asked. The data protection officer decides.",
            Self::GlassDecided => "Your answer stands.",
            Self::NameNoted => "The name is locked away.",
            Self::KeptAway => "They hear and see nothing of this recording any more.",
            Self::LetBack => "They are off the list. Nothing is shared with them by that.",
            Self::Hidden => "Hidden. Extracts in which it lies are cut anew, and listened to anew.",
            Self::ShowAsked => {
                "Noted. Somebody else who works with this recording says yes or no to it."
            }
            Self::StaysHidden => "It stays hidden.",
            Self::ShownAgain => {
                "It is heard again. Extracts in which it lies are cut anew, and listened to anew."
            }
            Self::NothingToHide => "Noted: you listened, and nothing is left to hide.",
            Self::Corrected => "Saved. It can be taken back on this page.",
            Self::ReadAgain => {
                "The machine listens to it again. These words stay until the new ones are there."
            }
            Self::Stopped => "Stopped. What was written until now stays.",
            Self::NothingToStop => "The machine is not at work on it, so there is nothing to stop.",
            Self::GoesOn => "The machine goes on from where it was.",
            Self::LooksAgain => "We look at your file once more. This page says what comes of it.",
            Self::FrameworkBegun => "Begun. Nobody codes with it until you publish it.",
            Self::FrameworkPublished => {
                "Published. It stays as it is now; a change is a new version."
            }
            Self::FrameworkTaken => {
                "From now on new codings take this version. What was begun keeps its own."
            }
            Self::DraftDropped => "The draft is gone.",
            Self::NoDraft => "There is no draft of this framework. Begin one to change something.",
            Self::ProtocolWritten => "Written. It stays as it is now.",
            Self::ProtocolClosed => "Closed. What is in it goes on.",
            Self::TakenIn => "It is in this protocol now. Nobody has begun it yet.",
            Self::SecondAssigned => {
                "They can listen to it and code it, and see nothing of your work."
            }
            Self::TeachingWelcome => "Thank you. People who learn to code may practise on it.",
            Self::TeachingNot => "Nobody practises on it from now on.",
            Self::SetOpened => "Open. People can learn with it, and it stays as it is.",
            Self::AttemptBegun => "Begun. Take your time.",
            Self::HandedIn => "Handed in. Here is how near you came.",
            Self::SeriesBegun => {
                "Begun. Now the two of you can write down how you would like to work together."
            }
            Self::AgreementWritten => "Written down. It holds once you have both signed it.",
            Self::AgreementSigned => "Signed. Thank you.",
            Self::SessionPlanned => "That time is noted for you both.",
            Self::SessionMoved => "The new time is noted for you both.",
            Self::SessionPutOff => {
                "Put off. Nothing else changes; choose another time whenever it suits you."
            }
            Self::SessionMissed => "Noted. It uses up nothing, and nothing follows from it.",
            Self::CoachChanged => {
                "Changed. Whoever coached until now sees nothing of this series any more."
            }
            Self::GuestFirst => {
                "Invite them to this session. You end the series whenever you are ready."
            }
            Self::SeriesEnded => "The series has ended. You can still read all of it here.",
            Self::SharedWithOther => "Shared. You can take it back at any time.",
            Self::KeptToMyself => "Only you can read it now.",
        }
    }

    /// What the address says, in words for the page.
    pub(crate) fn from_query(query: Option<&str>) -> Option<String> {
        let word = query?.split('&').find_map(|pair| pair.strip_prefix("said="))?;
        Self::ALL.iter().find(|s| s.word() == word).map(|s| s.sentence().to_owned())
    }

    /// Sends the browser to a page that says it.
    pub(crate) fn at(self, path: &str) -> Response {
        Redirect::to(&format!("{path}?said={}", self.word())).into_response()
    }

    /// The same, at a place of that page.
    pub(crate) fn near(self, path: &str, place: &str) -> Response {
        Redirect::to(&format!("{path}?said={}#{place}", self.word())).into_response()
    }
}

/// A page's data for its script: JSON that cannot end the element it stands in.
pub(crate) fn page_data(data: &impl serde::Serialize) -> Result<String> {
    let json = serde_json::to_string(data).map_err(WebError::internal)?;
    Ok(json.replace('<', "\\u003c"))
}

/// `21 November 2026`.
pub(crate) fn day(at: Timestamp) -> String {
    let format = format_description!("[day padding:none] [month repr:long] [year]");
    moment(at).and_then(|t| t.format(format).ok()).unwrap_or_default()
}

/// `21 November 2026, 14:05 UTC`: the zone is named, because the server's need not be the reader's.
pub(crate) fn day_and_time(at: Timestamp) -> String {
    let format =
        format_description!("[day padding:none] [month repr:long] [year], [hour]:[minute] UTC");
    moment(at).and_then(|t| t.format(format).ok()).unwrap_or_default()
}

fn moment(at: Timestamp) -> Option<OffsetDateTime> {
    OffsetDateTime::from_unix_timestamp(at.as_micros().div_euclid(1_000_000)).ok()
}

/// A day that was written as `2026-11-21`, as people read it; as it was written if it is no day.
pub(crate) fn written_day(text: &str) -> String {
    let format = format_description!("[day padding:none] [month repr:long] [year]");
    parse_day(text).and_then(|d| d.format(format).ok()).unwrap_or_else(|| text.to_owned())
}

/// A month that was written as `2026-11`, as people read it; as it was written if it is no month.
pub(crate) fn written_month(text: &str) -> String {
    let format = format_description!("[month repr:long] [year]");
    let day = parse_day(&format!("{text}-01"));
    day.and_then(|d| d.format(format).ok()).unwrap_or_else(|| text.to_owned())
}

/// Reads `2026-11-21`.
pub(crate) fn parse_day(text: &str) -> Option<time::Date> {
    let mut parts = text.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || (year.len(), month.len(), day.len()) != (4, 2, 2) {
        return None;
    }
    let month = time::Month::try_from(month.parse::<u8>().ok()?).ok()?;
    time::Date::from_calendar_date(year.parse().ok()?, month, day.parse().ok()?).ok()
}

impl Visit {
    /// The frame of a page of that title.
    pub(crate) fn page(&self, title: impl Into<String>) -> Page {
        let person = self.who().map(|who| PersonView {
            name: who.person.name.clone(),
            hats: who.person.roles.iter().copied().map(HatView::from).collect(),
            hat: who.role.into(),
        });
        Page {
            title: title.into(),
            nav: self.who().map(|who| nav(who.role, self.path())).unwrap_or_default(),
            person,
            notice: Said::from_query(self.query()),
            errors: Vec::new(),
            sso: oidc::Offer::of(self.app()).map(|offer| offer.name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days() {
        assert_eq!(written_day("2026-02-03"), "3 February 2026");
        for text in ["2026-02-30", "2026-2-3", "03/02/2026", "", "2026-02-03-1"] {
            assert_eq!(parse_day(text), None, "{text}");
        }
        let at = Timestamp::from_micros(1_763_733_900_000_000);
        assert_eq!(day_and_time(at), "21 November 2025, 14:05 UTC");
        assert_eq!(day(at), "21 November 2025");
    }

    #[test]
    fn every_notice_finds_its_way_back() {
        for said in Said::ALL {
            let query = format!("x=1&said={}", said.word());
            assert_eq!(Said::from_query(Some(&query)).as_deref(), Some(said.sentence()));
        }
        assert_eq!(Said::from_query(Some("said=<b>")), None, "nobody else's words");
    }

    #[test]
    fn data_cannot_end_its_element() {
        assert_eq!(page_data(&"</script>").unwrap(), "\"\\u003c/script>\"");
    }
}
