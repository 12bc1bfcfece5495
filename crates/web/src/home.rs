//! The first page, for each hat; help; about.

use askama::Template;
use hearback_access::{SeeRecording, list};
use hearback_domain::{PlaylistId, RecordingId, Role, SessionKind};
use hearback_storage::{PlaylistSummary, RecordingSummary, Work};

use crate::{
    Visit,
    error::Result,
    page::{Page, day, html, written_day},
    recordings::status,
};

#[derive(Template)]
#[template(path = "home.html")]
struct HomePage {
    page: Page,
    name: String,
    hat: Role,
    recordings: Vec<RecordingLine>,
    playlists: Vec<PlaylistLine>,
}

struct RecordingLine {
    id: RecordingId,
    pseudonym: String,
    kind: &'static str,
    day: String,
    state: &'static str,
}

struct PlaylistLine {
    id: PlaylistId,
    pseudonym: String,
    day: String,
}

/// `GET /`.
pub(crate) async fn show(visit: Visit) -> Result {
    let who = visit.signed_in()?;
    let mut work = visit.app().store.begin().await?;
    let mut recordings = Vec::new();
    let mut playlists = Vec::new();
    if matches!(who.role, Role::Practitioner | Role::Researcher) {
        recordings = summaries(&mut *work, &visit).await?;
    }
    if matches!(who.role, Role::Practitioner | Role::Coach) {
        playlists = work.room_playlists(visit.cx()).await?;
    }
    html(&HomePage {
        page: visit.page("Home"),
        name: who.person.name.clone(),
        hat: who.role,
        recordings: recordings.iter().map(recording_line).collect(),
        playlists: playlists.iter().map(playlist_line).collect(),
    })
}

async fn summaries(work: &mut dyn Work, visit: &Visit) -> Result<Vec<RecordingSummary>> {
    let mut found = Vec::new();
    for permit in list::<SeeRecording>(work.gate(), visit.cx()).await? {
        found.extend(work.summary(&permit).await?);
    }
    Ok(found)
}

fn recording_line(recording: &RecordingSummary) -> RecordingLine {
    RecordingLine {
        id: recording.id,
        pseudonym: recording.pseudonym.to_string(),
        kind: SessionKind::title(recording.session_kind),
        day: match &recording.held_on {
            Some(held_on) => written_day(held_on),
            None => format!("added {}", day(recording.created_at)),
        },
        state: status::in_brief(recording.state),
    }
}

fn playlist_line(playlist: &PlaylistSummary) -> PlaylistLine {
    PlaylistLine {
        id: playlist.id,
        pseudonym: playlist.pseudonym.to_string(),
        day: day(playlist.agreed_at),
    }
}

#[derive(Template)]
#[template(path = "help.html")]
struct HelpPage {
    page: Page,
}

/// `GET /help`.
pub(crate) async fn help(visit: Visit) -> Result {
    html(&HelpPage { page: visit.page("Help") })
}

#[derive(Template)]
#[template(path = "about.html")]
struct AboutPage {
    page: Page,
    version: &'static str,
    model: Option<String>,
    framework_title: String,
    framework_version: String,
    framework_source: String,
}

/// `GET /about`.
pub(crate) async fn about(visit: Visit) -> Result {
    let framework = &visit.app().framework;
    html(&AboutPage {
        page: visit.page("About"),
        version: env!("CARGO_PKG_VERSION"),
        model: visit.app().config.speech_model.clone(),
        framework_title: framework.title.clone(),
        framework_version: framework.version.clone(),
        framework_source: framework.source.clone(),
    })
}
